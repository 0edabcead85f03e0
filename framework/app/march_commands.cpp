// assay march list, assay march coverage.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "march/coverage.hpp"
#include "output.hpp"

namespace assay::app {
namespace {

using nlohmann::ordered_json;

std::string covered_classes(const std::vector<march::ClassCoverage>& coverage) {
  std::string text;
  for (const auto& c : coverage)
    if (c.complete()) text += (text.empty() ? "" : " ") + c.name;
  return text;
}

}  // namespace

int list_march_tests(const Common& options) {
  ordered_json list = ordered_json::array();
  for (const march::Algorithm& algorithm : march::known_algorithms()) {
    const auto coverage = march::coverage_of(algorithm);
    if (options.json) {
      ordered_json classes = ordered_json::array();
      for (const auto& c : coverage)
        if (c.complete()) classes.push_back(c.name);
      list.push_back({{"name", algorithm.name},
                      {"operations", algorithm.length()},
                      {"text", algorithm.text()},
                      {"covers", classes}});
    } else {
      say("%-10s %3zun  %s\n                 finds all of: %s\n", algorithm.name.c_str(), algorithm.length(),
          algorithm.text().c_str(), covered_classes(coverage).c_str());
    }
  }
  if (options.json) say_json(list);
  return 0;
}

int march_coverage(const Common& options, const std::string& test, bool cached) {
  march::Algorithm algorithm;
  try {
    algorithm = march::algorithm_of(test);
  } catch (const march::BadAlgorithm& bad) {
    throw core::BadInput("march test " + core::safe_text(test, 200) + ": " + bad.what() + "; see `assay march list`");
  }
  if (cached) algorithm = march::behind_a_cache(algorithm);
  const auto coverage = march::coverage_of(algorithm);
  if (options.json) {
    ordered_json classes = ordered_json::object();
    for (const auto& c : coverage) classes[c.name] = {c.found, c.instances};
    say_json(classes);
    return 0;
  }
  say("%s%s: %zun\n", cached ? "What reaches the memory: " : "", algorithm.text().c_str(), algorithm.length());
  for (const auto& c : coverage) say("  %-10s %3d of %3d  %s\n", c.name.c_str(), c.found, c.instances, c.title.c_str());
  return 0;
}

}  // namespace assay::app
