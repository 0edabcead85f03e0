#include "table.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "commands.hpp"

namespace assay::bench {

std::string ratio(double a, double b) { return a > 0 && b > 0 ? fmt::format("{:.2f}", a / b) : "-"; }

void row(const std::string& what, const std::string& measured, const std::string& against, const std::string& of) {
  fmt::print("| {} | {} | {} | {} |\n", what, measured, against, of);
  std::fflush(stdout);
}

std::map<std::string, double> measured(const std::string& test, const std::string& parameters,
                                       const std::string& target) {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "assay-peers-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return {};
  std::ofstream(folder + "/plan.toml") << fmt::format(
      "[plan]\nid = \"one\"\ntitle.en = \"One test\"\nprove = \"none\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = "
      "\"{}\"\nparameters = {{ {} }}\n",
      test, parameters);
  run({ASSAY_PROGRAM, "run", folder + "/plan.toml", "--target", target, "--out", folder + "/run"});
  std::map<std::string, double> result;
  const auto record = nlohmann::json::parse(std::ifstream(folder + "/run/record.json"), nullptr, false);
  if (record.is_object() && !record["trials"].empty())
    for (const auto& m : record["trials"][0]["measurements"]) result[m["key"]] = m["value"];
  std::error_code none;
  fs::remove_all(folder, none);
  return result;
}

}  // namespace assay::bench
