#include "output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/durable_folder.hpp"
#include "core/errors.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;

/// A pipe, a terminal, /dev/null, or a link of one's own to whatever: nothing that could be put in its place whole.
bool is_written_in_place(const std::string& out) {
  struct stat status {};
  if (lstat(out.c_str(), &status) != 0) return false;
  if (S_ISLNK(status.st_mode) && status.st_uid != geteuid() && status.st_uid != 0)
    throw core::BadInput("--out " + out + ": is a link that belongs to another user; name the file itself");
  return !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

void write_out(const std::string& text, const std::string& out) {
  if (out.empty() || out == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  if (is_written_in_place(out)) {
    std::ofstream file(out, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw core::BadInput("--out " + out + ": cannot be written");
    return;
  }
  const fs::path path(out);
  try {
    core::DurableFolder(path.parent_path().string()).write(path.filename().string(), text);
  } catch (const std::exception& trouble) {
    throw core::BadInput("--out " + out + ": cannot be written: " + trouble.what());
  }
}

}  // namespace assay::app
