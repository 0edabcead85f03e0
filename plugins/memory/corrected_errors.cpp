#include "corrected_errors.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace memory {
namespace {

uint64_t number_in(const std::filesystem::path& path) {
  uint64_t value = 0;
  std::ifstream(path) >> value;
  return value;
}

}  // namespace

CorrectedErrors read_corrected_errors(const std::string& root) {
  CorrectedErrors result;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/sys/devices/system/edac/mc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("mc", 0) != 0 || !std::filesystem::exists(entry.path() / "ce_count", error)) continue;
    result.controllers.push_back({name, number_in(entry.path() / "ce_count"), number_in(entry.path() / "ue_count")});
  }
  std::sort(result.controllers.begin(), result.controllers.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return result;
}

std::string growth(const CorrectedErrors& before, const CorrectedErrors& after, bool& uncorrected) {
  std::string text;
  uncorrected = false;
  for (const auto& now : after.controllers)
    for (const auto& then : before.controllers) {
      // A counter that fell was reset meanwhile: what it holds has come since.
      const uint64_t corrected = now.corrected - (now.corrected >= then.corrected ? then.corrected : 0);
      const uint64_t lost = now.uncorrected - (now.uncorrected >= then.uncorrected ? then.uncorrected : 0);
      if (now.name != then.name || (corrected == 0 && lost == 0)) continue;
      text += (text.empty() ? "" : "; ") + now.name + ": " + std::to_string(corrected) + " corrected, " +
              std::to_string(lost) + " uncorrected";
      uncorrected = uncorrected || lost > 0;
    }
  return text;
}

}  // namespace memory
