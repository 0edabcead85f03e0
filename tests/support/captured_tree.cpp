#include "captured_tree.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "command.hpp"

namespace assay::test {
namespace {

std::string unescaped(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'x' && i + 2 < text.size()) {
      bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      bytes += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind;
    }
  }
  return bytes;
}

}  // namespace

void lay_out_tree(const std::string& description, const std::string& folder) {
  namespace fs = std::filesystem;
  std::ifstream lines(description);
  if (!lines) throw std::runtime_error(description + " cannot be read");
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const size_t link = line.find(" -> "), file = line.find(" = ");
    if (line.back() == '/') {
      fs::create_directories(folder + "/" + line);
    } else if (file != std::string::npos && (link == std::string::npos || file < link)) {
      write_file(folder + "/" + line.substr(0, file), unescaped(line.substr(file + 3)));
    } else if (link != std::string::npos) {
      const fs::path place = folder + "/" + line.substr(0, link);
      fs::create_directories(place.parent_path());
      fs::create_symlink(line.substr(link + 4), place);
    } else {
      throw std::runtime_error(description + ":" + std::to_string(number) + ": neither file, link nor folder");
    }
  }
}

}  // namespace assay::test
