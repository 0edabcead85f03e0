// Everything that a finished trial left behind, and how it is judged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/manifest.hpp"
#include "core/finding.hpp"
#include "core/measurement.hpp"
#include "core/ranges.hpp"
#include "journal/record.hpp"

namespace assay::engine {

/// Who ended the process.
enum class EndedBy { itself, cancel, terminate, kill, nobody };

struct Evidence {
  // What it said, in frames.
  std::string phase;  // the last that it reached: "" (started), confined, loaded, running
  std::vector<std::pair<std::string, double>> measurements;
  std::vector<core::Finding> findings;
  std::vector<journal::LogLine> log;
  std::vector<std::string> errors;
  std::vector<journal::Repeats> repeats;
  std::vector<journal::FailedPlace> failed_places;
  std::map<std::string, core::Ranges> covered;  // by space
  std::set<std::string> covered_pieces;
  std::string skip_category, skip_reason;
  std::optional<int32_t> end_status;  // what run() returned
  std::string channel_fault;          // why the frames could not be read on
  bool channel_closed_early = false;  // while the process lived on
  bool half_frame = false;
  std::string flood;                   // what it left on the disk, where that was too much
  bool too_many_measurements = false;  // more than are kept: not all could be judged
  std::vector<std::pair<std::string, int>> residue;

  // How the process ended.
  bool exited = false;
  int exit_code = 0, signal = 0;
  EndedBy ended_by = EndedBy::itself;
  bool over_time = false;  // it had not said its end at its time limit, or when it was asked to end
  bool stopped_by_user = false;
  int leftovers = 0;  // processes that outlived it and had to be ended
  double seconds = 0, cpu_seconds = 0, time_limit = 0;
  uint64_t most_memory = 0;

  // What the shared memory says.
  int crash_signal = 0, crash_code = 0;
  uint64_t crash_address = 0, crash_stack = 0;
  std::string doing;  // the last breadcrumb
  uint64_t doing_address = 0;

  // What the kernel said meanwhile.
  std::vector<core::Finding> kernel;
};

struct Judgement {
  journal::TrialEnd end;
  std::vector<core::Measurement> measurements;
  std::vector<core::Finding> findings;
};

/// The verdict on a trial: from the frames, the wait status and the order of events, never from the exit code alone.
Judgement judge(const Evidence& evidence, const catalog::Test& test);

}  // namespace assay::engine
