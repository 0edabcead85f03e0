#include "journal/writer.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/text.hpp"
#include "json.hpp"

namespace assay::journal {

/// Puts an artifact into its envelope.
struct Lines {
  static std::string in_envelope(uint64_t sequence, const char* kind, const Json& content) {
    const Json envelope{{kind, content}, {"sequenceNumber", sequence}, {"timestamp", core::timestamp(core::wall_ns())}};
    return line(envelope) + "\n";
  }
  static void put(Writer& writer, const char* kind, const Json& content) {
    writer.write_line(in_envelope(writer.sequence_, kind, content));
    ++writer.sequence_;
  }
  /// Two at once: where the one without the other would mean something else, no kill comes between them.
  static void put(Writer& writer, const char* kind, const Json& first, const Json& second) {
    writer.write_line(in_envelope(writer.sequence_, kind, first) + in_envelope(writer.sequence_ + 1, kind, second));
    writer.sequence_ += 2;
  }
  static void run(Writer& writer, const char* kind, const Json& content) {
    put(writer, "testRunArtifact", {{kind, content}});
  }
  static void step(Writer& writer, const std::string& trial, const char* kind, const Json& content) {
    put(writer, "testStepArtifact", {{"testStepId", trial}, {kind, content}});
  }
};

namespace {

const char* ocp_name(core::Comparator comparator) {
  switch (comparator) {
    case core::Comparator::at_most:
      return "LESS_THAN_OR_EQUAL";
    case core::Comparator::at_least:
      return "GREATER_THAN_OR_EQUAL";
    case core::Comparator::equal:
      return "EQUAL";
    case core::Comparator::below:
      return "LESS_THAN";
    case core::Comparator::above:
      return "GREATER_THAN";
  }
  return "EQUAL";
}

const char* ocp_status(core::Status status) {
  if (status == core::Status::complete) return "COMPLETE";
  return status == core::Status::skipped ? "SKIP" : "ERROR";
}

/// One host writes a journal: a second one would make two trials of one name.
void claim(const core::UniqueFd& file, const std::string& path) {
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw core::BadInput(path + ": this run is still going on; its host has the journal open");
}

/// The target as hardware of the run, once for each target that the plan binds.
Json dut_info(const RunStart& start) {
  const Json machine = start.machine.empty() ? Json::object() : Json::parse(start.machine);
  const auto text = [&](const char* group, const char* key) {
    return machine.contains(group) ? machine[group].value(key, "") : std::string();
  };
  Json hardware = Json::array();
  const auto add = [&](const std::string& id, const std::string& name, const Json& from) {
    hardware.push_back({{"hardwareInfoId", id}, {"name", name}});
    if (const std::string serial = from.value("serial", ""); !serial.empty()) hardware.back()["serialNumber"] = serial;
  };
  add("machine", "machine", machine.value("system", Json::object()));
  for (const Json& disk : machine.value("disks", Json::array()))
    add("disk:" + disk.value("name", ""), disk.value("model", "disk"), disk);
  const Json processor = machine.value("processor", Json::object());
  for (const Json& core : processor.value("usable", Json::array()))
    add("core:" + std::to_string(core.value("os_index", 0)), "core", Json::object());
  add("memory", "memory", Json::object());
  return {{"dutInfoId", "machine"},
          {"name", core::trimmed(text("system", "vendor") + " " + text("system", "product"))},
          {"softwareInfos", Json::array({{{"softwareInfoId", "kernel"},
                                          {"name", "Linux"},
                                          {"version", text("software", "kernel")},
                                          {"softwareType", "SYSTEM"}}})},
          {"hardwareInfos", hardware}};
}

}  // namespace

Writer::Writer(core::UniqueFd file, uint64_t size, uint64_t sequence)
    : file_(std::move(file)), size_(size), sequence_(sequence) {}

Writer Writer::create(const std::string& path) {
  core::UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644));
  if (!file) throw core::Trouble(path + " cannot be created: " + std::strerror(errno));
  claim(file, path);
  Writer writer(std::move(file), 0, 0);
  Lines::put(writer, "schemaVersion", {{"major", 2}, {"minor", 0}});
  return writer;
}

Writer Writer::resume(const std::string& path) {
  core::UniqueFd file(open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!file) throw core::BadInput(path + " cannot be opened: " + std::strerror(errno));
  claim(file, path);
  const auto text = core::read_file(path, SIZE_MAX);
  if (!text) throw core::Trouble(path + " cannot be read");
  const size_t last = text->rfind('\n');
  uint64_t whole = last == std::string::npos ? 0 : last + 1;
  // The begin of a trial that had not come to say what it is: a power loss can part what was written at once.
  if (whole > 0) {
    const size_t before = last == 0 ? std::string::npos : text->rfind('\n', last - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    if (text->find("\"testStepStart\"", begin) != std::string::npos) whole = begin;
  }
  if (ftruncate(file.get(), static_cast<off_t>(whole)) != 0) throw core::Trouble(path + " cannot be mended");
  uint64_t lines = 0;
  for (size_t i = 0; i < whole; ++i) lines += (*text)[i] == '\n' ? 1 : 0;
  return {std::move(file), whole, lines};
}

void Writer::write_line(const std::string& text) {
  size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t written = write(file_.get(), text.data() + sent, text.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && (errno == ENOSPC || errno == EDQUOT) && make_room_ && make_room_()) continue;
    if (written <= 0) {
      const std::string why = core::write_failure(errno);
      std::error_code unknown;
      const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file_.get()), unknown);
      const bool mended = ftruncate(file_.get(), static_cast<off_t>(size_)) == 0;
      throw core::Trouble("the journal " + path.string() + " cannot be written: " + why +
                          (mended ? "; what was finished is kept" : ""));
    }
    sent += static_cast<size_t>(written);
  }
  size_ += text.size();
}

void Writer::sync() {
  if (fdatasync(file_.get()) != 0)
    throw core::Trouble(std::string("the journal cannot be synced: ") + std::strerror(errno));
}

void Writer::run_start(const RunStart& start) {
  Lines::run(*this, "testRunStart",
             {{"name", "assay " + start.plan_id},
              {"version", start.version},
              {"commandLine", start.command_line},
              {"parameters", {{"plan", start.plan_id}, {"seed", start.seed}}},
              {"dutInfo", dut_info(start)},
              {"metadata", {{"assay", to_json(start)}}}});
  sync();
}

void Writer::run_log(const LogLine& entry) {
  Lines::run(*this, "log", {{"severity", entry.level}, {"message", "[" + entry.source + "] " + entry.text}});
}

void Writer::run_error(const ErrorLine& error) {
  Lines::run(*this, "error", {{"symptom", error.symptom}, {"message", error.text}});
  sync();
}

void Writer::run_end(core::Result result, bool complete) {
  const bool bad = result == core::Result::fail || result == core::Result::marginal;
  const bool good = result == core::Result::pass && complete;
  Lines::run(*this, "testRunEnd",
             {{"status", complete ? "COMPLETE" : "ERROR"},
              {"result", bad    ? "FAIL"
                         : good ? "PASS"
                                : "NOT_APPLICABLE"}});
  sync();
}

void Writer::trial_start(const TrialStart& start) {
  const Json name{{"name", start.test + " on " + start.target.id}};
  const Json trial{{"name", "assay.trial"}, {"content", to_json(start)}};
  Lines::put(*this, "testStepArtifact", {{"testStepId", start.id}, {"testStepStart", name}},
             {{"testStepId", start.id}, {"extension", trial}});
  sync();  // a trial that resets the machine must leave its name
}

void Writer::measurement(const std::string& trial, const core::Measurement& m, const std::string& hardware) {
  Json validators = Json::array();
  for (const core::Limit& limit : m.limits)
    validators.push_back(
        {{"type", ocp_name(limit.comparator)}, {"value", limit.value}, {"name", core::name(limit.otherwise)}});
  Lines::step(*this, trial, "measurement",
              {{"name", m.key},
               {"value", m.value},
               {"unit", m.unit},
               {"validators", validators},
               {"hardwareInfoId", hardware},
               {"metadata", {{"result", core::name(m.result)}}}});
}

void Writer::finding(const std::string& trial, const core::Finding& f, const std::string& hardware, bool of_machine) {
  const bool bad = f.severity == core::Result::fail || f.severity == core::Result::marginal;
  Lines::step(*this, trial, "diagnosis",
              {{"verdict", of_machine ? f.code : "injected: " + f.code},
               {"type", of_machine && bad ? "FAIL" : "UNKNOWN"},
               {"message", f.text},
               {"hardwareInfoId", hardware}});
  Lines::step(*this, trial, "extension",
              {{"name", "assay.finding"},
               {"content",
                {{"severity", core::name(f.severity)},
                 {"code", f.code},
                 {"text", f.text},
                 {"where", f.where},
                 {"origin", core::name(f.origin)},
                 {"part", f.part}}}});
}

void Writer::repeats(const std::string& trial, const Repeats& r) {
  Lines::step(*this, trial, "extension",
              {{"name", "assay.repeats"},
               {"content", {{"code", r.code}, {"repeats", r.repeats}, {"seen_again", r.seen_again}}}});
}

void Writer::failed_place(const std::string& trial, const FailedPlace& failed) {
  Lines::step(*this, trial, "extension", {{"name", "assay.failed-place"}, {"content", to_json(failed)}});
}

void Writer::covered(const std::string& trial, const std::map<std::string, std::string>& files,
                     const std::vector<std::string>& pieces) {
  Lines::step(*this, trial, "extension",
              {{"name", "assay.covered"}, {"content", {{"files", files}, {"pieces", pieces}}}});
}

void Writer::log(const std::string& trial, const LogLine& entry) {
  Lines::step(*this, trial, "log", {{"severity", entry.level}, {"message", "[" + entry.source + "] " + entry.text}});
}

void Writer::error(const std::string& trial, const ErrorLine& error) {
  Lines::step(*this, trial, "error", {{"symptom", error.symptom}, {"message", error.text}});
}

void Writer::file(const std::string& trial, const File& file) {
  Lines::step(*this, trial, "file",
              {{"displayName", file.name}, {"uri", file.uri}, {"contentType", file.media_type}, {"isSnapshot", true}});
}

void Writer::series(const std::string& trial, int number, const SeriesSummary& s) {
  const std::string id = trial + "." + std::to_string(number);
  Lines::step(*this, trial, "measurementSeriesStart",
              {{"name", s.name},
               {"unit", s.unit},
               {"measurementSeriesId", id},
               {"metadata",
                {{"file", s.file},
                 {"count", s.count},
                 {"dropped", s.dropped},
                 {"least", s.least},
                 {"mean", s.mean},
                 {"greatest", s.greatest}}}});
  Lines::step(*this, trial, "measurementSeriesEnd", {{"measurementSeriesId", id}, {"totalCount", s.count}});
}

void Writer::trial_end(const std::string& trial, const TrialEnd& end) {
  Lines::step(*this, trial, "extension", {{"name", "assay.end"}, {"content", to_json(end)}});
  Lines::step(*this, trial, "testStepEnd", {{"status", ocp_status(end.status)}});
  sync();
}

}  // namespace assay::journal
