#include "rig_run.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "../support/command.hpp"

namespace assay::test {

using nlohmann::json;

double RigRun::measured(const std::string& key) const {
  for (const json& m : trial()["measurements"])
    if (m["key"] == key) return m["value"];
  FAIL("no measurement " << key << "\n" << told);
  return 0;
}

std::vector<std::string> RigRun::findings() const {
  std::vector<std::string> list;
  for (const json& f : trial()["findings"])
    if (f["severity"] != "none" && f["severity"] != "note")
      list.push_back(f["code"].get<std::string>() + " at " + f["where"].get<std::string>());
  return list;
}

bool RigRun::notes(const std::string& code) const {
  const json& findings = trial()["findings"];
  return std::any_of(findings.begin(), findings.end(), [&](const json& f) { return f["code"] == code; });
}

RigRun run_on(const std::string& target, const std::string& test, const std::string& parameters,
              const std::vector<std::string>& options, const std::string& head) {
  const Scratch scratch;
  write_file(scratch / "rig.toml", "[plan]\nid = \"rig\"\ntitle.en = \"Rig\"\nprove = \"none\"\n" + head +
                                       "\n[[stage]]\nid = "
                                       "\"a\"\n[[stage.test]]\nuse = \"" +
                                       test + "\"\nrequired = true\nleast-coverage = 0\nparameters = { " + parameters +
                                       " }\n");
  std::vector<std::string> command{program(), "run",   scratch / "rig.toml", "--target",
                                   target,    "--out", scratch / "run"};
  command.insert(command.end(), options.begin(), options.end());
  const Outcome outcome = run(command);
  RigRun result{outcome.exit_code, json::parse(read_file(scratch / "run/record.json"), nullptr, false),
                outcome.output + outcome.errors};
  INFO(result.told);
  REQUIRE(result.record.is_object());
  REQUIRE(!result.record["trials"].empty());
  return result;
}

std::string at_block(const char* code, const std::string& path, uint64_t byte) {
  return std::string(code) + " at block " + std::to_string(byte / 512) + " (byte " + std::to_string(byte) + ") of " +
         path;
}

}  // namespace assay::test
