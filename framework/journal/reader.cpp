#include "journal/reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "chain_state.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"
#include "json.hpp"

namespace assay::journal {
namespace {

constexpr size_t most_line = size_t{64} << 20;  // no honest line comes near it

/// A journal, or nothing: only a regular file, without waiting for a pipe's other end.
core::UniqueFd open_journal(const std::string& path) {
  core::UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file && (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))) file.reset();
  return file;
}

/// A run's folder, or the journal itself; what cannot be looked at is told when it is opened.
std::string journal_of(const std::string& run) {
  std::error_code none;
  return std::filesystem::is_directory(run, none) ? journal_path(run) : run;
}

/// Gives whole lines to `take`, and keeps what is not whole yet. False when a line has no end.
class Lines {
 public:
  template <class Take>
  bool feed(const char* bytes, size_t count, Take take) {
    size_t begin = 0;
    for (size_t i = 0; i < count; ++i) {
      if (bytes[i] != '\n') continue;
      rest_.append(bytes + begin, i - begin);
      take(rest_);
      rest_.clear();
      begin = i + 1;
    }
    rest_.append(bytes + begin, count - begin);
    return rest_.size() <= most_line;
  }
  const std::string& rest() const { return rest_; }

 private:
  std::string rest_;
};

class Fold {
 public:
  /// One line. Throws Json::exception when it is not what the writer makes.
  void take(const Json& line) {
    // A number that is not the next: lines between are lost.
    const auto sequence = whole<uint64_t>(line.at("sequenceNumber"));
    if (sequence != std::exchange(next_, sequence + 1)) ++damaged_since_link_;
    opening_last_ = false;
    if (const auto run = line.find("testRunArtifact"); run != line.end()) take_run(*run, line.value("timestamp", ""));
    if (const auto step = line.find("testStepArtifact"); step != line.end()) take_step(*step);
  }
  void damaged() { ++damaged_since_link_, ++next_; }
  bool started() const { return started_; }

  /// What stands behind the last whole line. Of a run that goes on or was cut off it is a line that was being written;
  /// and so was a trial that had not come to say what it is.
  void take_rest(const std::string& text) {
    if (record_.finished()) return take_text(text);
    record_.cut_lines = text.empty() ? 0 : 1;
    if (!opening_last_ || !record_.trials.back().start.test.empty()) return;
    record_.trials.pop_back();
    ++record_.cut_lines;
  }

  void take_text(const std::string& text) {
    if (text.empty()) return;
    try {
      take(core::parse_ordered_json(text, "the journal", {most_line}));
    } catch (const std::exception&) {
      damaged();
    }
  }
  /// What has been read so far.
  const Record& record() {
    for (; summed_ < record_.trials.size() && record_.trials[summed_].end; ++summed_)
      add_seconds(record_.trials[summed_]);
    for (size_t i = summed_; i < record_.trials.size(); ++i) add_seconds(record_.trials[i]);
    // What follows the last link of a run that was cut off had not come to the disk whole.
    const bool cut = linked_ && !record_.finished();
    record_.damaged_lines = damaged_ + (cut ? 0 : damaged_since_link_);
    return record_;
  }

 private:
  void add_seconds(const Trial& trial) {
    if (trial.end) record_.seconds = std::max(record_.seconds, trial.start.at_seconds + trial.end->seconds);
  }

  void take_run(const Json& artifact, const std::string& at) {
    if (const auto start = artifact.find("testRunStart"); start != artifact.end()) {
      record_.start = run_start(start->at("metadata").at("assay"));
      record_.start.version = start->at("version");
      record_.start.command_line = start->at("commandLine");
      record_.started_at = at;
      started_ = true;
    }
    if (artifact.contains("testRunEnd")) record_.ended_at = at;
    if (const auto log = artifact.find("log"); log != artifact.end()) {
      const LogLine said = log_line(*log);
      said.source == link_name ? take_link() : record_.log.push_back(said);
    }
    if (const auto error = artifact.find("error"); error != artifact.end()) {
      record_.errors.push_back({error->at("symptom"), error->value("message", "")});
      if (record_.errors.back().symptom == "assay.interrupted") ++record_.interruptions, record_.ended_at.clear();
      if (record_.errors.back().symptom == "assay.stopped") record_.stopped_by_user = true;
    }
  }

  void take_link() {
    linked_ = true;
    damaged_ += std::exchange(damaged_since_link_, 0);
  }

  void take_step(const Json& artifact) {
    Trial& trial = trial_of(artifact.at("testStepId"));
    opening_last_ = artifact.contains("testStepStart");
    for (const auto& [kind, content] : artifact.items()) {
      if (kind == "measurement") take_measurement(trial, content);
      if (kind == "log") trial.log.push_back(log_line(content));
      if (kind == "error") trial.errors.push_back({content.at("symptom"), content.value("message", "")});
      if (kind == "file")
        trial.files.push_back({content.at("displayName"), content.at("uri"), content.value("contentType", "")});
      if (kind == "measurementSeriesStart") take_series(trial, content);
      if (kind == "extension") take_extension(trial, content.at("name"), content.at("content"));
    }
  }

  void take_extension(Trial& trial, const std::string& name, const Json& content) {
    if (name == link_name) take_link();
    if (name == "assay.trial") trial.start = trial_start(content);
    if (name == "assay.end") trial.end = trial_end(content);
    if (name == "assay.repeats")
      trial.repeats.push_back(
          {content.at("code"), whole<int>(content.at("repeats")), whole<int>(content.at("seen_again"))});
    if (name == "assay.failed-place") trial.failed_places.push_back(failed_place(content));
    if (name == "assay.covered") {
      trial.covered_files = content.at("files").get<std::map<std::string, std::string>>();
      trial.covered_pieces = content.at("pieces").get<std::vector<std::string>>();
    }
    if (name == "assay.finding") trial.findings.push_back(finding(content));
  }

  /// Older journals do not say who spoke: there the kernel's findings were told by their code.
  static core::Finding finding(const Json& content) {
    const std::string code = content.at("code");
    const auto origin = core::origin_from(content.value("origin", code.rfind("kernel:", 0) == 0 ? "kernel" : "test"));
    return {core::result_from(content.at("severity").get<std::string>()).value_or(core::Result::fail),
            code,
            content.at("text"),
            content.at("where"),
            origin.value_or(core::Origin::test),
            content.value("part", "")};
  }

  static void take_measurement(Trial& trial, const Json& m) {
    core::Measurement measurement{m.at("name"), m.at("value"), m.value("unit", ""), {}, core::Result::pass};
    static const std::map<std::string, core::Comparator> comparators{
        {"LESS_THAN_OR_EQUAL", core::Comparator::at_most},
        {"GREATER_THAN_OR_EQUAL", core::Comparator::at_least},
        {"EQUAL", core::Comparator::equal},
        {"LESS_THAN", core::Comparator::below},
        {"GREATER_THAN", core::Comparator::above}};
    for (const Json& v : m.value("validators", Json::array()))
      measurement.limits.push_back({comparators.at(v.at("type")), v.at("value"),
                                    core::result_from(v.at("name").get<std::string>()).value_or(core::Result::fail)});
    measurement.result =
        core::result_from(m.at("metadata").at("result").get<std::string>()).value_or(core::Result::none);
    trial.measurements.push_back(measurement);
  }

  static void take_series(Trial& trial, const Json& s) {
    const Json& m = s.at("metadata");
    trial.series.push_back({s.at("name"), s.value("unit", ""), m.at("file"), whole<uint64_t>(m.at("count")),
                            whole<uint64_t>(m.at("dropped")), m.at("least"), m.at("mean"), m.at("greatest")});
  }

  static LogLine log_line(const Json& log) {
    const std::string message = log.at("message");
    const auto end = message.find("] ");
    if (message.empty() || message[0] != '[' || end == std::string::npos) return {"host", log.at("severity"), message};
    return {message.substr(1, end - 1), log.at("severity"), message.substr(end + 2)};
  }

  Trial& trial_of(const std::string& id) {
    const auto [found, is_new] = places_.try_emplace(id, record_.trials.size());
    if (is_new) {
      record_.trials.emplace_back();
      record_.trials.back().start.id = id;
    }
    return record_.trials[found->second];
  }

  Record record_;
  size_t summed_ = 0;  // trials that can change no more, and have been counted
  std::map<std::string, size_t> places_;
  uint64_t next_ = 0;
  int damaged_ = 0, damaged_since_link_ = 0;
  bool started_ = false, linked_ = false;
  bool opening_last_ = false;  // the last line opened a trial
};

}  // namespace

std::string journal_path(const std::string& run_folder) { return run_folder + "/journal.jsonl"; }

std::string read_text(const std::string& run, const std::string& name) {
  const bool folder = std::filesystem::is_directory(run);
  const core::UniqueFd file = open_journal(folder ? journal_path(run) : run);
  if (!file)
    throw core::BadInput((folder ? journal_path(name) : name) +
                         ": no journal there; give the folder that `assay run` wrote");
  std::string text;
  std::vector<char> block(1 << 16);
  for (ssize_t got; (got = ::read(file.get(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<size_t>(got));
  return text;
}

Record read(const std::string& run) {
  return fold(read_text(run, run), std::filesystem::is_directory(run) ? journal_path(run) : run);
}

Record fold(const std::string& journal, const std::string& name) {
  Fold fold;
  Lines lines;
  if (!lines.feed(journal.data(), journal.size(), [&](const std::string& line) { fold.take_text(line); }))
    throw core::BadInput(name + ": a line without an end; this is no journal of Assay");
  fold.take_rest(lines.rest());
  if (!fold.started()) throw core::BadInput(name + ": the run's start cannot be read; this is no journal of Assay");
  return fold.record();
}

struct Follower::State {
  std::string path;
  off_t at = 0;  // after the last whole line
  ino_t file = 0;
  std::unique_ptr<Fold> fold = std::make_unique<Fold>();
};

Follower::Follower(const std::string& run) : state_(std::make_unique<State>()) { state_->path = journal_of(run); }
Follower::~Follower() = default;
Follower::Follower(Follower&&) noexcept = default;

bool Follower::look() {
  State& s = *state_;
  const core::UniqueFd file = open_journal(s.path);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return false;
  // Another journal of that name, or one that was cut: from the start again.
  if (status.st_ino != s.file || status.st_size < s.at) s.fold = std::make_unique<Fold>(), s.at = 0;
  s.file = status.st_ino;
  // Half a line is read again with its end: whoever resumes a run may write another one there.
  Lines lines;
  bool any = false;
  off_t read_to = s.at;
  std::vector<char> block(1 << 16);
  for (ssize_t got; (got = pread(file.get(), block.data(), block.size(), read_to)) > 0;) {
    read_to += got;
    const bool sound = lines.feed(block.data(), static_cast<size_t>(got), [&](const std::string& line) {
      s.fold->take_text(line);
      any = true;
    });
    if (!sound) return any;
  }
  s.at = read_to - static_cast<off_t>(lines.rest().size());
  return any;
}

const Record* Follower::record() const { return state_->fold->started() ? &state_->fold->record() : nullptr; }

const TestInfo* Record::test(const std::string& id) const {
  for (const TestInfo& info : start.tests)
    if (info.id == id) return &info;
  return nullptr;
}

}  // namespace assay::journal
