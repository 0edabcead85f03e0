// Everything about one run, as folded from its journal. Reports are a function of this alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/consent.hpp"
#include "core/finding.hpp"
#include "core/measurement.hpp"
#include "core/target.hpp"
#include "core/value.hpp"
#include "core/verdict.hpp"
#include "core/zone.hpp"

namespace assay::journal {

/// What the record must know of a test to be drawn without its plugin.
struct TestInfo {
  struct Measurement {
    std::string key, unit;
    core::LocalText title;
    bool coverage = false;
  };
  struct Injection {
    std::string id;
    core::LocalText title;
  };
  std::string id, plugin, subsystem, binds, effect;
  core::LocalText title, description, advice;
  std::vector<Measurement> measurements;
  std::vector<Injection> injections;
  double least_coverage = 0;          // share of the target below which a pass is no pass for it; 0: it states none
  std::vector<std::string> extent{};  // parameters that only set how long or how much is tested
};

/// A library beside the system's own that is loaded with a plugin.
struct LibraryInfo {
  std::string file, sha256;
};

struct PluginInfo {
  std::string id, version, vendor, file, sha256;
  std::vector<LibraryInfo> libraries{};
};

struct RefusedPlugin {
  std::string file, reason;
};

/// A test that did not run on a target, or at all, and why. Categories: absent, no-permission, no-consent, refused,
/// no-answer, no-space, no-tool, gone (it was there when the run began), no-partner (nothing is plugged in),
/// no-such-target, not-selected, not-supported, not-allowed (by this station), not-reached.
struct NotTested {
  std::string test, target, category, reason;
  bool required = false;
  bool operators = false;  // it could have been tested, had the operator run Assay otherwise, and was not forgone
};

/// An entry of the plan on a target that the run is to make: what is not reached can be told from it.
struct Planned {
  std::string test, target, serial;  // serial: the target's, where it has one
  bool required = false;
  std::string stage{};        // empty in records of an older Assay
  int entry = 0;              // of the stage's list of tests
  double least_coverage = 0;  // share of the target that must be tested; 0: none is stated
};

/// What the machine shows of itself during the run, and the file beside the journal that holds it: pairs of
/// little-endian doubles, seconds since the run's start and value.
struct SignalInfo {
  std::string name, kind, unit, file;  // kind: temperature, fan, clock, load, disk, errors
  double high = 0;                     // the device's own limit; 0: it gives none
};

/// The form of a record. A greater one comes from a newer Assay: what this one knows of it is shown.
constexpr int record_format = 1;

struct RunStart {
  int format = record_format;
  std::string run_id, version, command_line;
  std::string plan_id;
  core::LocalText plan_title;
  double planned_seconds = 0;
  uint64_t seed = 0;
  bool rehearsal = false;  // an injection was asked for: the run says nothing of the machine
  core::Consent consent;   // what was allowed to be written
  std::string machine;     // the inventory, as JSON
  std::string recipe;      // the plan's text and the options, as JSON: what `assay resume` starts from; opaque here
  std::vector<TestInfo> tests;
  std::vector<PluginInfo> plugins;
  std::vector<RefusedPlugin> refused;
  std::vector<NotTested> not_tested;
  std::vector<Planned> planned;
  std::string again;  // the command line that makes the same plan again, without its selection
  std::vector<SignalInfo> signals;
  std::vector<std::string> narrowed;  // how less than the plan was asked for: "--only memory.*", "--target core:0"
  std::optional<core::Zone> zone;     // the station's at the run's start; older records have none
};

struct TrialStart {
  std::string id;  // "t00001"
  std::string test;
  core::Target target;
  uint64_t seed = 0;
  core::Purpose purpose = core::Purpose::test;
  std::string injection;
  std::string stage;
  int entry = 0;         // of the stage's list of tests
  int round = 0;         // of a stage that repeats
  std::string confirms;  // the id of the trial that this one repeats
  bool required = false;
  bool if_present = false;  // required unless the hardware turns out to be absent, or cannot do this
  core::Values parameters;
  double at_seconds = 0;  // since the run's start, monotonic, over all its parts
  /// What it may beyond an ordinary process: "root", "capability CAP_SYS_RAWIO", "devices usb", "physical-addresses",
  /// "network link".
  std::vector<std::string> privileges{};
};

/// A failure that the test repeated itself, within its trial.
struct Repeats {
  std::string code;
  int repeats = 0, seen_again = 0;
};

/// A piece of the target, in numbers that mean the same in the next run: bytes of a space, or a piece with a name.
struct Place {
  std::string space;            // "offset": of the device, "physical": of the memory; empty: a piece
  uint64_t first = 0, end = 0;  // bytes, end excluded
  std::string piece;            // "port 1-2"
};

/// Where a finding of this code was seen.
struct FailedPlace {
  std::string code;
  Place place;
};

struct TrialEnd {
  core::Status status = core::Status::complete;
  core::Result result = core::Result::none;
  std::string reason;    // in plain words, when the status is not complete
  std::string category;  // of a skip
  double seconds = 0, cpu_seconds = 0;
  uint64_t most_memory = 0;  // bytes
};

struct LogLine {
  std::string source;  // plugin, stdout, stderr, kernel, host
  std::string level;   // DEBUG, INFO, WARNING, ERROR
  std::string text;
};

struct ErrorLine {
  std::string symptom, text;
};

struct File {
  std::string name, uri, media_type;
};

struct SeriesSummary {
  std::string name, unit, file;
  uint64_t count = 0, dropped = 0;
  double least = 0, mean = 0, greatest = 0;
};

struct Trial {
  TrialStart start;
  std::vector<core::Measurement> measurements;
  std::vector<core::Finding> findings;
  std::vector<LogLine> log;
  std::vector<ErrorLine> errors;
  std::vector<File> files;
  std::vector<SeriesSummary> series;
  std::vector<Repeats> repeats;
  std::vector<FailedPlace> failed_places;
  std::map<std::string, std::string> covered_files;  // by space: a file with core::Ranges of what was tested
  std::vector<std::string> covered_pieces;
  std::optional<TrialEnd> end;
};

/// It says something of the machine: it ran to its end, or the machine itself failed it.
inline bool spoke(const Trial& trial) {
  return trial.end && (trial.end->status == core::Status::complete || trial.end->result == core::Result::fail);
}

struct Record {
  RunStart start;
  std::string started_at, ended_at;  // wall clock; ended_at is empty while the run is unfinished
  double seconds = 0;                // how long it ran, in all its parts
  bool stopped_by_user = false;
  std::vector<Trial> trials;
  std::vector<LogLine> log;
  std::vector<ErrorLine> errors;
  int interruptions = 0;  // times that the host died in mid-run
  int damaged_lines = 0;  // lines of the journal that could not be read, or are missing
  int cut_lines = 0;      // at its end, as a kill or a power cut leaves them: promised to nobody, and no damage

  bool finished() const { return !ended_at.empty(); }
  const TestInfo* test(const std::string& id) const;
};

}  // namespace assay::journal
