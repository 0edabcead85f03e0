#include "modules.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace memory {
namespace {

struct Module {
  uint64_t first, last;
  std::string slot;
};

std::vector<Module> parse(const std::string& text) {
  std::vector<Module> modules;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Module module{};
    if (words >> std::hex >> module.first >> module.last && words.get() == ' ' && std::getline(words, module.slot))
      modules.push_back(module);
  }
  return modules;
}

}  // namespace

std::string slots_of(const std::vector<uint64_t>& physical, const std::string& modules) {
  const std::vector<Module> all = parse(modules);
  std::set<std::string> slots;
  for (const uint64_t address : physical) {
    const auto module =
        std::find_if(all.begin(), all.end(), [&](const Module& m) { return m.first <= address && address <= m.last; });
    if (module == all.end()) return {};
    slots.insert(module->slot);
  }
  std::string text;
  for (const std::string& slot : slots) text += (text.empty() ? "" : ", ") + slot;
  if (text.empty()) return {};
  return (slots.size() == 1 ? "on the module in slot " : "on the modules in slots ") + text;
}

}  // namespace memory
