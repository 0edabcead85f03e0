// One test on one disk with a planted fault: its trial in the record.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::test {

constexpr uint64_t mib = 1 << 20;

struct RigRun {
  int exit_code = -1;
  nlohmann::json record;
  std::string told;

  const nlohmann::json& trial() const { return record["trials"].at(0); }
  double measured(const std::string& key) const;
  /// "CODE at WHERE" of all findings that are more than notes.
  std::vector<std::string> findings() const;
  bool notes(const std::string& code) const;
};

/// `parameters` as in a plan; `options` of the command line beside --target, such as consent; `head`: what the plan
/// says beside that. Fails the test when no record comes of it.
RigRun run_on(const std::string& target, const std::string& test, const std::string& parameters,
              const std::vector<std::string>& options = {}, const std::string& head = "confirm = 0");

/// "CODE at block N (byte B) of PATH", blocks of 512 bytes.
std::string at_block(const char* code, const std::string& path, uint64_t byte);

}  // namespace assay::test
