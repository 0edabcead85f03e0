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

std::string first_line(const std::filesystem::path& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

/// Linux gives each module of a controller a label, which the board's maker or a driver has set to what stands on it.
void read_modules(const std::filesystem::path& controller, CorrectedErrors& result) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(controller, error)) {
    const std::string name = entry.path().filename().string();
    const bool module = name.rfind("dimm", 0) == 0 || name.rfind("rank", 0) == 0;
    if (!module || !std::filesystem::exists(entry.path() / "dimm_ce_count", error)) continue;
    const std::string label = first_line(entry.path() / "dimm_label");  // two may have the same
    result.modules.push_back({controller.filename().string() + " " + name + (label.empty() ? "" : " " + label),
                              number_in(entry.path() / "dimm_ce_count"), number_in(entry.path() / "dimm_ue_count")});
  }
}

std::string growth_of(const std::vector<ErrorCount>& before, const std::vector<ErrorCount>& after, bool& uncorrected) {
  std::string text;
  for (const auto& now : after)
    for (const auto& then : before) {
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

}  // namespace

CorrectedErrors read_corrected_errors(const std::string& root) {
  CorrectedErrors result;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/sys/devices/system/edac/mc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("mc", 0) != 0 || !std::filesystem::exists(entry.path() / "ce_count", error)) continue;
    result.controllers.push_back({name, number_in(entry.path() / "ce_count"), number_in(entry.path() / "ue_count")});
    read_modules(entry.path(), result);
  }
  for (auto* counts : {&result.controllers, &result.modules})
    std::sort(counts->begin(), counts->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return result;
}

std::string growth(const CorrectedErrors& before, const CorrectedErrors& after, bool& uncorrected) {
  uncorrected = false;
  const std::string controllers = growth_of(before.controllers, after.controllers, uncorrected);
  const std::string modules = growth_of(before.modules, after.modules, uncorrected);
  return controllers + (modules.empty() ? "" : ", by module " + modules);
}

}  // namespace memory
