#include "journal/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "chain_state.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/text.hpp"
#include "json.hpp"

namespace assay::journal {

/// Puts artifacts into their envelopes, each with the next number, and those into the file.
struct Lines {
  static std::string line_of(Writer& writer, const char* kind, const Json& content) {
    const Json envelope{
        {kind, content}, {"sequenceNumber", writer.sequence_++}, {"timestamp", core::timestamp(core::wall_ns())}};
    return line(envelope) + "\n";
  }
  static std::string run(Writer& writer, const char* kind, const Json& content) {
    return line_of(writer, "testRunArtifact", {{kind, content}});
  }
  static std::string step(Writer& writer, const std::string& trial, const char* kind, const Json& content) {
    return line_of(writer, "testStepArtifact", {{"testStepId", trial}, {kind, content}});
  }

  static void put(Writer& writer, const std::string& text) {
    writer.write_whole(text);
    writer.chain_->add(text);
  }

  /// What is promised: these lines, a link over all so far, and the artifact that the link ends, at once and on the
  /// disk. `trial` is empty for the run's own.
  static void promise(Writer& writer, const std::string& text, const std::string& trial, const char* end_kind = nullptr,
                      const Json& end = {}) {
    const uint64_t sequence = writer.sequence_;
    std::string ended;
    if (end_kind != nullptr) {
      // It stands behind the link, which covers it.
      ++writer.sequence_;
      ended = trial.empty() ? run(writer, end_kind, end) : step(writer, trial, end_kind, end);
    }
    ChainState& chain = *writer.chain_;
    chain.add(text);
    const std::string hash = chain.link(ended);
    const uint64_t after = std::exchange(writer.sequence_, sequence);
    const std::string link = link_line(writer, trial, chain.number(), hash, end_kind != nullptr);
    writer.sequence_ = std::max(after, writer.sequence_);
    writer.write_whole(text + link + ended);
    chain.add(link);
    chain.add(ended);
    writer.sync();
    if (writer.tie_.promised) writer.tie_.promised(chain.number(), hash);
  }

 private:
  static std::string link_line(Writer& writer, const std::string& trial, uint64_t number, const std::string& hash,
                               bool ends) {
    Json content{{"number", number}, {"hash", hash}};
    if (ends) content["ends"] = true;
    if (writer.tie_.sign) {
      content["key"] = writer.tie_.key;
      content["signature"] = writer.tie_.sign(link_text(number, hash));
    }
    if (!trial.empty()) return step(writer, trial, "extension", {{"name", link_name}, {"content", content}});
    return run(writer, "log",
               {{"severity", "DEBUG"}, {"message", "[" + std::string(link_name) + "] " + content.dump()}});
  }
};

namespace {

constexpr size_t most_single_syncs = 8;

std::string above(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
}

/// Of a journal without links: up to the last line that is whole, without the begin of a trial that had not come to say
/// what it is.
uint64_t end_of_whole_lines(const std::string& text) {
  const size_t last = text.rfind('\n');
  if (last == std::string::npos) return 0;
  const size_t before = last == 0 ? std::string::npos : text.rfind('\n', last - 1);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  return text.find("\"testStepStart\"", begin) < last ? begin : last + 1;
}

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

Writer::Writer(HeldJournal file, Tie tie)
    : file_(std::move(file)), tie_(std::move(tie)), chain_(std::make_unique<ChainState>()) {}
Writer::Writer(Writer&&) noexcept = default;
Writer::~Writer() = default;

Writer Writer::create(const core::DurableFolder& folder, Tie tie) {
  return {HeldJournal::create(folder), std::move(tie)};
}

Writer Writer::create(const std::string& path, Tie tie) { return create(core::DurableFolder(above(path)), tie); }

Writer Writer::resume(const std::string& path, Tie tie) {
  return resume(HeldJournal::open(core::DurableFolder(above(path))), tie);
}

Writer Writer::resume(HeldJournal file, Tie tie) {
  Writer writer(std::move(file), std::move(tie));
  const std::string text = writer.file_.text();
  const Chain chain = check_chain(text);
  const bool linked = !chain.hashes.empty();
  writer.size_ = linked ? chain.sure : end_of_whole_lines(text);
  if (ftruncate(writer.file_.fd(), static_cast<off_t>(writer.size_)) != 0)
    throw core::Trouble(writer.file_.name() + " cannot be mended: " + std::strerror(errno));
  const std::string_view kept = std::string_view(text).substr(0, writer.size_);
  writer.sequence_ = static_cast<uint64_t>(std::count(kept.begin(), kept.end(), '\n'));
  if (linked) writer.chain_->go_on(chain.hashes.size(), chain.hashes.back());
  // The last link's own line, and what it ended, are a part of what the next one covers.
  writer.chain_->add(kept.substr(chain.begin_of_last));
  return writer;
}

void Writer::write_whole(const std::string& text) {
  size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t written = write(file_.fd(), text.data() + sent, text.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && (errno == ENOSPC || errno == EDQUOT) && make_room_ && make_room_()) continue;
    if (written <= 0) {
      const std::string why = core::write_failure(errno);
      const bool mended = ftruncate(file_.fd(), static_cast<off_t>(size_)) == 0;
      throw core::Trouble("the journal " + file_.name() + " cannot be written: " + why +
                          (mended ? "; what was finished is kept" : ""));
    }
    sent += static_cast<size_t>(written);
  }
  size_ += text.size();
}

void Writer::sync() {
  if (fdatasync(file_.fd()) != 0)
    throw core::Trouble(std::string("the journal cannot be synced: ") + std::strerror(errno));
}

/// What an ended trial leaves is on the disk before its end is. A file that cannot be synced is found out when it is
/// hashed for the manifest.
void Writer::sync_named_files() {
  if (named_.size() > most_single_syncs) {
    syncfs(file_.folder());
  } else {
    for (const std::string& name : named_)
      if (const core::UniqueFd file(
              openat(file_.folder(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
          file)
        fsync(file.get());
  }
  named_.clear();
}

void Writer::run_start(const RunStart& start) {
  // All at once: a journal that was cut off before this is of no run yet.
  const std::string version = Lines::line_of(*this, "schemaVersion", {{"major", 2}, {"minor", 0}});
  Lines::promise(*this,
                 version + Lines::run(*this, "testRunStart",
                                      {{"name", "assay " + start.plan_id},
                                       {"version", start.version},
                                       {"commandLine", start.command_line},
                                       {"parameters", {{"plan", start.plan_id}, {"seed", start.seed}}},
                                       {"dutInfo", dut_info(start)},
                                       {"metadata", {{"assay", to_json(start)}}}}),
                 "");
}

void Writer::run_log(const LogLine& entry) {
  Lines::put(*this, Lines::run(*this, "log",
                               {{"severity", entry.level}, {"message", "[" + entry.source + "] " + entry.text}}));
}

void Writer::run_error(const ErrorLine& error) {
  Lines::promise(*this, Lines::run(*this, "error", {{"symptom", error.symptom}, {"message", error.text}}), "");
}

void Writer::run_end(core::Result result, bool complete) {
  const bool bad = result == core::Result::fail || result == core::Result::marginal;
  const bool good = result == core::Result::pass && complete;
  const Json end{{"status", complete ? "COMPLETE" : "ERROR"},
                 {"result", bad    ? "FAIL"
                            : good ? "PASS"
                                   : "NOT_APPLICABLE"}};
  Lines::promise(*this, "", "", "testRunEnd", end);
}

void Writer::trial_start(const TrialStart& start) {
  const Json name{{"name", start.test + " on " + start.target.id}};
  const Json trial{{"name", "assay.trial"}, {"content", to_json(start)}};
  const std::string opening = Lines::step(*this, start.id, "testStepStart", name);
  // A trial that resets the machine must leave its name.
  Lines::promise(*this, opening + Lines::step(*this, start.id, "extension", trial), start.id);
}

void Writer::measurement(const std::string& trial, const core::Measurement& m, const std::string& hardware) {
  Json validators = Json::array();
  for (const core::Limit& limit : m.limits)
    validators.push_back(
        {{"type", ocp_name(limit.comparator)}, {"value", limit.value}, {"name", core::name(limit.otherwise)}});
  Lines::put(*this, Lines::step(*this, trial, "measurement",
                                {{"name", m.key},
                                 {"value", m.value},
                                 {"unit", m.unit},
                                 {"validators", validators},
                                 {"hardwareInfoId", hardware},
                                 {"metadata", {{"result", core::name(m.result)}}}}));
}

void Writer::finding(const std::string& trial, const core::Finding& f, const std::string& hardware, bool of_machine) {
  const bool bad = f.severity == core::Result::fail || f.severity == core::Result::marginal;
  Lines::put(*this, Lines::step(*this, trial, "diagnosis",
                                {{"verdict", of_machine ? f.code : "injected: " + f.code},
                                 {"type", of_machine && bad ? "FAIL" : "UNKNOWN"},
                                 {"message", f.text},
                                 {"hardwareInfoId", hardware}}));
  Lines::put(*this, Lines::step(*this, trial, "extension",
                                {{"name", "assay.finding"},
                                 {"content",
                                  {{"severity", core::name(f.severity)},
                                   {"code", f.code},
                                   {"text", f.text},
                                   {"where", f.where},
                                   {"origin", core::name(f.origin)},
                                   {"part", f.part}}}}));
}

void Writer::repeats(const std::string& trial, const Repeats& r) {
  Lines::put(*this,
             Lines::step(*this, trial, "extension",
                         {{"name", "assay.repeats"},
                          {"content", {{"code", r.code}, {"repeats", r.repeats}, {"seen_again", r.seen_again}}}}));
}

void Writer::failed_place(const std::string& trial, const FailedPlace& failed) {
  Lines::put(*this,
             Lines::step(*this, trial, "extension", {{"name", "assay.failed-place"}, {"content", to_json(failed)}}));
}

void Writer::covered(const std::string& trial, const std::map<std::string, std::string>& files,
                     const std::vector<std::string>& pieces) {
  for (const auto& [space, file] : files) named_.push_back(file);
  Lines::put(*this, Lines::step(*this, trial, "extension",
                                {{"name", "assay.covered"}, {"content", {{"files", files}, {"pieces", pieces}}}}));
}

void Writer::log(const std::string& trial, const LogLine& entry) {
  Lines::put(*this, Lines::step(*this, trial, "log",
                                {{"severity", entry.level}, {"message", "[" + entry.source + "] " + entry.text}}));
}

void Writer::error(const std::string& trial, const ErrorLine& error) {
  Lines::put(*this, Lines::step(*this, trial, "error", {{"symptom", error.symptom}, {"message", error.text}}));
}

void Writer::file(const std::string& trial, const File& file) {
  named_.push_back(file.uri);
  Lines::put(
      *this,
      Lines::step(
          *this, trial, "file",
          {{"displayName", file.name}, {"uri", file.uri}, {"contentType", file.media_type}, {"isSnapshot", true}}));
}

void Writer::series(const std::string& trial, int number, const SeriesSummary& s) {
  const std::string id = trial + "." + std::to_string(number);
  if (!s.file.empty()) named_.push_back(s.file);
  Lines::put(*this, Lines::step(*this, trial, "measurementSeriesStart",
                                {{"name", s.name},
                                 {"unit", s.unit},
                                 {"measurementSeriesId", id},
                                 {"metadata",
                                  {{"file", s.file},
                                   {"count", s.count},
                                   {"dropped", s.dropped},
                                   {"least", s.least},
                                   {"mean", s.mean},
                                   {"greatest", s.greatest}}}}));
  Lines::put(*this,
             Lines::step(*this, trial, "measurementSeriesEnd", {{"measurementSeriesId", id}, {"totalCount", s.count}}));
}

void Writer::trial_end(const std::string& trial, const TrialEnd& end) {
  sync_named_files();
  const Json last{{"status", ocp_status(end.status)}};
  Lines::promise(*this, Lines::step(*this, trial, "extension", {{"name", "assay.end"}, {"content", to_json(end)}}),
                 trial, "testStepEnd", last);
}

}  // namespace assay::journal
