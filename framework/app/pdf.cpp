#include "pdf.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "program.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t most_pdf = 256 << 20;

/// A folder that goes away with what is in it.
class Scratch {
 public:
  Scratch() {
    std::string path = (fs::temp_directory_path() / "assay-pdf-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw core::Trouble(path + " cannot be made");
    path_ = path;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

}  // namespace

std::string to_pdf(const std::string& html) {
  const Scratch scratch;
  std::ofstream page(scratch / "report.html", std::ios::binary);
  page << html;
  page.close();
  if (!page) throw core::Trouble((scratch / "report.html") + " cannot be written; the temporary folder may be full");
  for (const char* program : {"chromium", "chromium-browser", "google-chrome"}) {
    std::vector<std::string> command{program,
                                     "--headless",
                                     "--disable-gpu",
                                     "--no-first-run",
                                     "--disable-background-networking",
                                     "--disable-component-update",
                                     "--disable-sync",
                                     "--no-pdf-header-footer",
                                     "--user-data-dir=" + (scratch / "profile"),
                                     "--print-to-pdf=" + (scratch / "report.pdf"),
                                     "file://" + (scratch / "report.html")};
    // Chromium refuses its sandbox to root; the page is our own, and its policy lets nothing else act.
    if (geteuid() == 0) command.insert(command.begin() + 1, "--no-sandbox");
    if (!output_of(command, 60, 1 << 20)) continue;
    const auto pdf = core::read_file(scratch / "report.pdf", most_pdf);
    if (!pdf) break;
    return *pdf;
  }
  throw core::Trouble(
      "no PDF: it needs Chromium (package chromium), which is not installed or failed; --format html "
      "and printing from a browser gives the same pages");
}

}  // namespace assay::app
