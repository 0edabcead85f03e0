#include "output.hpp"

#include <cstdio>
#include <fstream>

#include "core/errors.hpp"

namespace assay::app {

void write_out(const std::string& text, const std::string& out) {
  if (out.empty() || out == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw core::BadInput("--out " + out + ": cannot be written");
}

}  // namespace assay::app
