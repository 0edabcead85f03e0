// Leaves what no folder of files should hold: names that no text can hold or that are the host's, folders, a pipe, more
// files than anybody looks at; and one that is as it should be, and one that another process still writes to.
#include <assay/ext/artifact.h>
#include <assay/ext/series.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "hostile.hpp"

namespace {

void leave(const std::string& name, const std::string& text) {
  const int file = open(name.c_str(), O_WRONLY | O_CREAT, 0600);
  if (file >= 0 && write(file, text.data(), text.size()) < 0) hostile_host->log(ASSAY_WARNING, "not written");
  close(file);
}

}  // namespace

HOSTILE_RUN {
  const auto* artifacts = static_cast<const assay_artifact*>(hostile_host->get_extension(ASSAY_EXT_ARTIFACT));
  const int good = artifacts->create("good.txt", "text/plain");
  if (write(good, "good", 4) != 4) return ASSAY_ERROR;
  const std::string long_name(255, 'n');
  for (const std::string& name : {std::string("\xff\xfe"), std::string("a\nb"), std::string("\x1b]52;c;AAAA\x07"),
                                  std::string("\xe2\x80\xaegnp.exe"), std::string(".hidden"), long_name,
                                  std::string("series-7.f64"), std::string("e\xcc\x81")})
    leave(name, "x");
  leave("GOOD.TXT", "another");
  mkdir("series-0.f64", 0755);
  mkdir("closed", 0);
  mkfifo("pipe", 0600);
  for (int i = 0; i < 400 && mkdir("deep", 0755) == 0 && chdir("deep") == 0; ++i)
    if (i == 399) leave("at the bottom", "x");
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
