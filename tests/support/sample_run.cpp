#include "sample_run.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "journal/reader.hpp"
#include "journal/writer.hpp"

namespace assay::test {
namespace {

using core::LocalText;
using core::Purpose;
using core::Result;
using core::Status;

void write_file(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Samples as the engine writes them: seconds, value.
class Samples {
 public:
  explicit Samples(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    file_.open(path, std::ios::binary);
  }
  void add(double at, double value) {
    const double pair[2] = {at, value};
    file_.write(reinterpret_cast<const char*>(pair), sizeof pair);
  }

 private:
  std::ofstream file_;
};

journal::TestInfo test(const std::string& id, const std::string& subsystem, const std::string& binds,
                       const LocalText& title, const std::vector<journal::TestInfo::Measurement>& measurements) {
  return {
      id,
      id.substr(0, id.find('.')),
      subsystem,
      binds,
      "load",
      title,
      {{"en", "What it does."}},
      {{"en", "Replace the part."}, {"nl", "Vervang het onderdeel."}, {"fi", "Vaihda osa."}, {"zh-Hans", "更换部件。"}},
      measurements,
      {{"flip",
        {{"en", "A bit is flipped"},
         {"nl", "Een bit is omgedraaid"},
         {"fi", "Bitti on kääntynyt"},
         {"zh-Hans", "有一位翻转"}}}}};
}

/// A journal that is filled trial by trial; the clock is the trials' own.
class Run {
 public:
  Run(std::string folder, const journal::RunStart& start) : folder_(std::move(folder)), writer_(make(folder_)) {
    writer_.run_start(start);
  }

  struct Trial {
    std::string test;
    core::Target target;
    double at = 0, seconds = 1;
    Result result = Result::pass;
    Status status = Status::complete;
    std::string stage = "main";
    std::string reason{}, category{};
    Purpose purpose = Purpose::test;
    std::string injection{}, confirms{};
    std::vector<core::Measurement> measurements{};
    std::vector<core::Finding> findings{};
    std::vector<journal::LogLine> log{};
    std::vector<journal::File> files{};
    std::vector<journal::SeriesSummary> series{};
  };

  std::string add(const Trial& t) {
    char id[16];
    std::snprintf(id, sizeof id, "t%05d", ++trials_);
    journal::TrialStart start;
    start.id = id;
    start.test = t.test;
    start.target = t.target;
    start.seed = 4711;
    start.purpose = t.purpose;
    start.injection = t.injection;
    start.stage = t.stage;
    start.confirms = t.confirms;
    start.at_seconds = t.at;
    writer_.trial_start(start);
    for (const auto& m : t.measurements) writer_.measurement(id, m, t.target.id);
    for (const auto& f : t.findings) writer_.finding(id, f, t.target.id, core::speaks_of_machine(t.purpose));
    for (const auto& line : t.log) writer_.log(id, line);
    for (const auto& file : t.files)
      writer_.file(id, {file.name, "artifacts/" + std::string(id) + "/" + file.name, file.media_type});
    int number = 0;
    for (auto series : t.series) {
      if (!series.file.empty()) series.file = "artifacts/" + std::string(id) + "/" + series.file;
      writer_.series(id, number++, series);
    }
    writer_.trial_end(id, {t.status, t.result, t.reason, t.category, t.seconds, t.seconds, 1 << 20});
    return id;
  }

  std::string artifact(const std::string& trial, const std::string& name) const {
    return folder_ + "/artifacts/" + trial + "/" + name;
  }
  journal::Writer& writer() { return writer_; }
  void end(Result result) { writer_.run_end(result, true); }

 private:
  static journal::Writer make(const std::string& folder) {
    std::filesystem::create_directories(folder + "/artifacts");
    return journal::Writer::create(journal::journal_path(folder));
  }
  std::string folder_;
  journal::Writer writer_;
  int trials_ = 0;
};

constexpr const char* laptop = R"({
  "system": {"vendor": "Maker", "product": "Laptop 14", "serial": "LT-0042"},
  "board": {"vendor": "Maker", "product": "B14", "serial": "B-1"}, "bios": {"vendor": "Firm", "product": "1.7"},
  "processor": {"model": "Example CPU 8-core", "microcode": "0xf0", "logical_online": 4,
    "usable": [{"os_index": 0, "core": 0, "package": 0}, {"os_index": 1, "core": 0, "package": 0},
               {"os_index": 2, "core": 1, "package": 0}, {"os_index": 3, "core": 1, "package": 0}]},
  "memory": {"visible_bytes": 8589934592, "dimms": [
    {"slot": "A1", "bytes": 4294967296, "kind": "DDR4", "part": "P-1", "serial": "S-1"},
    {"slot": "A2", "bytes": 4294967296, "kind": "DDR4", "part": "P-2", "serial": "%DIMM%"}]},
  "disks": [{"name": "sda", "model": "Disk 500", "serial": "D-7", "bytes": 500107862016}],
  "network": [{"name": "eth0", "driver": "e1000"}], "usb": [], "batteries": [], "devices": [],
  "software": {"os": "Debian 12", "kernel": "6.1.0"}, "notes": [], "not_read": []})";

const core::Target memory_target{"memory", "memory", "8 GiB memory", {{"visible_bytes", "8589934592"}}, false};
const core::Target disk_target{"disk:sda", "disk", "Disk 500", {{"path", "/dev/sda"}}, false};
core::Target core_target(int number) {
  return {"core:" + std::to_string(number), "core", "core " + std::to_string(number), {}, false};
}

journal::RunStart laptop_start(const std::string& id, const std::string& dimm) {
  journal::RunStart start;
  start.run_id = id;
  start.version = "0.1.0";
  start.command_line = "assay run standard";
  start.plan_id = "standard";
  start.plan_title = {{"en", "Standard test"}, {"nl", "Standaardtest"}, {"fi", "Perustesti"}, {"zh-Hans", "标准检测"}};
  start.planned_seconds = 3000;
  start.seed = 4711;
  start.zone = core::Zone{"CET", 60};
  start.machine = laptop;
  start.machine.replace(start.machine.find("%DIMM%"), 6, dimm);
  start.again = "assay run standard";
  start.tests = {
      test("memory.march", "memory", "memory",
           {{"en", "Memory, march test"},
            {"nl", "Geheugen, March-test"},
            {"fi", "Muisti, March-testi"},
            {"zh-Hans", "内存 March 算法测试"}},
           {{"wrong-words",
             "1",
             {{"en", "Wrong words"},
              {"nl", "Geheugenwoorden met foute gegevens"},
              {"fi", "Muistisanat, joissa oli väärää tietoa"},
              {"zh-Hans", "数据出错的内存字"}},
             false},
            {"covered",
             "%",
             {{"en", "Memory covered"},
              {"nl", "Getest deel van het geheugen"},
              {"fi", "Muistista testattu"},
              {"zh-Hans", "已测试的内存比例"}},
             true}}),
      test("cpu.fma", "processor", "core",
           {{"en", "Core arithmetic"}, {"nl", "Rekenen per core"}, {"fi", "Ytimen laskenta"}, {"zh-Hans", "核心运算"}},
           {{"rate", "GFLOP/s", {{"en", "Speed"}, {"nl", "Snelheid"}, {"fi", "Nopeus"}, {"zh-Hans", "速度"}}, false}}),
      test(
          "storage.surface", "storage", "disk",
          {{"en", "Disk surface"},
           {"nl", "Oppervlaktetest van de schijf"},
           {"fi", "Levyn pintatesti"},
           {"zh-Hans", "硬盘表面扫描"}},
          {{"longest",
            "ms",
            {{"en", "Longest read"}, {"nl", "Langste leesopdracht"}, {"fi", "Pisin luku"}, {"zh-Hans", "最长读取时间"}},
            false},
           {"covered",
            "%",
            {{"en", "Disk covered"},
             {"nl", "Getest deel van de schijf"},
             {"fi", "Levystä testattu"},
             {"zh-Hans", "已测试的硬盘比例"}},
            true}}),
      test("storage.latency", "storage", "disk",
           {{"en", "Disk reading times"},
            {"nl", "Leestijden van de schijf"},
            {"fi", "Levyn lukuajat"},
            {"zh-Hans", "硬盘读取时间"}},
           {{"p99",
             "ms",
             {{"en", "99 of 100 reads took at most"},
              {"nl", "99 van de 100 leesopdrachten duurden hoogstens"},
              {"fi", "99 lukua 100:sta kesti enintään"},
              {"zh-Hans", "99% 的读取用时不超过"}},
             false}}),
      test("peripherals.battery", "power", "battery",
           {{"en", "Battery capacity"}, {"nl", "Accucapaciteit"}, {"fi", "Akun kapasiteetti"}, {"zh-Hans", "电池容量"}},
           {})};
  start.plugins = {{"memory", "1.0.0", "Assay", "memory.so", std::string(64, 'a')}};
  start.refused = {{"odd.so", "no manifest"}};
  start.not_tested = {{"peripherals.battery", "", "absent", "this machine has no battery", false}};
  start.signals = {{"coretemp Package", "temperature", "°C", "artifacts/watch/signal-00.f64", 100},
                   {"Processor clock", "clock", "MHz", "artifacts/watch/signal-01.f64", 0},
                   {"Processor load", "load", "%", "artifacts/watch/signal-02.f64", 0}};
  return start;
}

void write_signals(const std::string& folder, double seconds, double step) {
  Samples heat(folder + "/artifacts/watch/signal-00.f64"), clock(folder + "/artifacts/watch/signal-01.f64"),
      load(folder + "/artifacts/watch/signal-02.f64");
  for (double at = step; at <= seconds; at += step) {
    const bool gap = at > 0.4 * seconds && at < 0.45 * seconds;
    const double warm = 45 + 48 * (1 - std::exp(-at / (0.3 * seconds)));
    if (!gap) heat.add(at, std::floor(warm * 4) / 4);
    if (!gap) clock.add(at, warm > 88 ? 2400 : 3600);
    load.add(at, at < 0.1 * seconds ? 25 : 100);
  }
}

core::Measurement measured(const std::string& key, double value, const std::string& unit,
                           std::vector<core::Limit> limits = {}) {
  core::Measurement m{key, value, unit, std::move(limits), Result::pass};
  m.result = core::judge(value, m.limits);
  return m;
}

void add_proofs(Run& run) {
  run.add({.test = "memory.march",
           .target = memory_target,
           .at = 0,
           .seconds = 2,
           .stage = "proof",
           .purpose = Purpose::control});
  run.add({.test = "memory.march",
           .target = memory_target,
           .at = 2,
           .seconds = 2,
           .result = Result::fail,
           .stage = "proof",
           .purpose = Purpose::injection,
           .injection = "flip",
           .findings = {{Result::fail, "wrong-data", "One word was wrong.", "0x10"}}});
}

/// What every run of the laptop does besides its fault.
void add_cores(Run& run, double speed) {
  for (int round = 0; round < 4; ++round)
    for (int core = 0; core < 4; ++core)
      run.add({.test = "cpu.fma",
               .target = core_target(core),
               .at = 10.0 + 20 * round,
               .seconds = 18,
               .stage = "cores",
               .measurements = {measured("rate", speed + 0.2 * core + 0.1 * round, "GFLOP/s")}});
}

void add_latency(Run& run, const std::string& folder) {
  const std::string id = run.add({.test = "storage.latency",
                                  .target = disk_target,
                                  .at = 100,
                                  .seconds = 60,
                                  .stage = "disks",
                                  .measurements = {measured("p99", 0.4, "ms")},
                                  .series = {{"read time", "ms", "series-0.f64", 1000, 0, 0.05, 0.2, 30}}});
  Samples reads(folder + "/artifacts/" + id + "/series-0.f64");
  for (int i = 0; i < 1000; ++i) reads.add(0.06 * i, i == 700 ? 30 : 0.05 + 0.0003 * (i % 900));
}

/// An inventory that no Assay wrote, in its journal.
void replace_machine(const std::string& folder, const std::string& machine) {
  const std::string path = journal::journal_path(folder);
  std::ifstream in(path);
  std::string out;
  for (std::string line; std::getline(in, line); out += line + "\n") {
    auto json = nlohmann::json::parse(line);
    if (json.contains("/testRunArtifact/testRunStart"_json_pointer)) {
      json["testRunArtifact"]["testRunStart"]["metadata"]["assay"]["machine"] = nlohmann::json::parse(machine);
      line = json.dump();
    }
  }
  std::ofstream(path, std::ios::binary) << out;
}

}  // namespace

void write_repair_run(const std::string& folder) {
  Run run(folder, laptop_start("5a1e000000000001", "S-2"));
  write_signals(folder, 600, 1);
  write_file(folder + "/artifacts/topology.svg",
             "<svg xmlns='http://www.w3.org/2000/svg' width='100' height='40'><rect width='100' height='40' "
             "fill='#ddd'/></svg>");
  add_proofs(run);
  add_cores(run, 50);
  add_latency(run, folder);
  const std::string failed = run.add(
      {.test = "memory.march",
       .target = memory_target,
       .at = 170,
       .seconds = 60,
       .result = Result::fail,
       .stage = "memory",
       .measurements = {measured("wrong-words", 3, "1", {{core::Comparator::equal, 0, Result::fail}}),
                        measured("covered", 91.4, "%")},
       .findings = {{Result::fail, "wrong-data", "3 words in 2 pages held wrong data. All of it lies in slot A2.",
                     "physical address 0x140001000"}},
       .log = {{"plugin", "INFO", "first error in element 2"}, {"kernel", "WARNING", "EDAC MC0: 1 CE"}},
       .files = {{"memory-errors.json", "", "application/json"}}});
  write_file(
      run.artifact(failed, "memory-errors.json"),
      R"({"lost_ones":"0x0000000000000400","lost_zeros":"0x0000000000000002","pages":{"0x140001000":2,"0x140002000":1}})");
  for (int i = 0; i < 5; ++i)
    run.add({.test = "memory.march",
             .target = memory_target,
             .at = 230.0 + 10 * i,
             .seconds = 10,
             .result = Result::fail,
             .stage = "memory",
             .purpose = Purpose::confirm,
             .confirms = failed,
             .findings = {{Result::fail, "wrong-data", "3 words were wrong.", ""}}});
  const std::string odd =
      run.add({.test = "cpu.fma",
               .target = core_target(3),
               .at = 290,
               .seconds = 20,
               .result = Result::fail,
               .stage = "together",
               .measurements = {measured("rate", 48, "GFLOP/s")},
               .findings = {{Result::fail, "wrong-result", "1 of 800,000 blocks was wrong.", "core 3"}}});
  for (int i = 0; i < 5; ++i)
    run.add(
        {.test = "cpu.fma",
         .target = core_target(3),
         .at = 310.0 + 10 * i,
         .seconds = 10,
         .result = i == 2 ? Result::fail : Result::pass,
         .stage = "together",
         .purpose = Purpose::confirm,
         .confirms = odd,
         .findings = i == 2 ? std::vector<core::Finding>{{Result::fail, "wrong-result", "1 block was wrong.", "core 3"}}
                            : std::vector<core::Finding>{}});
  const std::string map =
      run.add({.test = "storage.surface",
               .target = disk_target,
               .at = 370,
               .seconds = 200,
               .result = Result::marginal,
               .stage = "disks",
               .measurements = {measured("longest", 620, "ms", {{core::Comparator::at_most, 500, Result::marginal}}),
                                measured("covered", 62.5, "%")},
               .files = {{"surface-map.json", "", "application/json"}}});
  std::string cells(4096, '0');
  for (int i = 0; i < 4096; ++i)
    if (i % 8 > 4) cells[static_cast<size_t>(i)] = '-';
  cells.replace(1000, 40, std::string(40, '4'));
  cells.replace(1040, 3, "565");
  cells.replace(2500, 4, "7777");
  write_file(
      run.artifact(map, "surface-map.json"),
      R"({"bytes":500107862016,"bucket_ends_ms":[3,10,50,150,500,2000],"counts":[2500,9,0,0,40,2,1,4],"cells":")" +
          cells + "\"}");
  run.add({.test = "storage.latency",
           .target = disk_target,
           .at = 575,
           .seconds = 10,
           .result = Result::none,
           .status = Status::timeout,
           .stage = "disks",
           .reason = "It did not end within 10 s."});
  run.add({.test = "storage.latency",
           .target = disk_target,
           .at = 590,
           .seconds = 0,
           .result = Result::none,
           .status = Status::skipped,
           .stage = "disks",
           .reason = "/dev/sda: Permission denied",
           .category = "no-permission"});
  run.end(Result::fail);
}

void write_repaired_run(const std::string& folder) {
  Run run(folder, laptop_start("5a1e000000000002", "S-9"));
  write_signals(folder, 300, 1);
  add_proofs(run);
  add_cores(run, 55);
  add_latency(run, folder);
  run.add({.test = "memory.march",
           .target = memory_target,
           .at = 170,
           .seconds = 60,
           .stage = "memory",
           .measurements = {measured("wrong-words", 0, "1", {{core::Comparator::equal, 0, Result::fail}}),
                            measured("covered", 91.4, "%")}});
  run.end(Result::pass);
}

void write_hostile_run(const std::string& folder) {
  const std::string script =
      "<script>document.title='ran'</script>\"'{{{style}}}[[Run]]&</td></table><img src=x "
      "onerror=\"document.title='ran'\">";
  const std::string bidi =
      "\xE2\x80\xAE"
      "desrever\xE2\x80\x8B\xE2\x81\xA6"
      "\x1b[2J\x07";
  const std::string broken = "bad \xff\xfe\xc3 utf8";
  const std::string evil = script + bidi;
  const std::string endless(10'000, 'x');
  journal::RunStart start = laptop_start("5a1e0000<b>", "<i>");
  start.command_line = evil;
  start.plan_id = evil;
  start.version = evil;
  start.again = evil;
  start.narrowed = {evil};
  start.plan_title = {{"en", evil}, {"nl", endless}};
  const std::string machine =
      R"({"system": {"vendor": "<img src=x onerror=document.title='ran'>", "product": "\u202eABC", "serial": "</dd><script>document.title='ran'</script>"},
    "processor": {"model": 7, "usable": [{"os_index": "x"}, 5, null]}, "memory": {"dimms": "none", "visible_bytes": "much"},
    "disks": [{"name": "<script>document.title='ran'</script>", "model": ")" +
      endless + R"("}], "usb": [{"port": "1-1", "title": "<svg onload=document.title='ran'>"}],
    "devices": [{"kind": "<b>", "name": "{{evil}}"}], "notes": ["<script>1</script>", 3], "not_read": [{"what": "<i>", "reason": "<u>"}]})";
  for (auto& t : start.tests) t.title = {{"en", evil}}, t.advice = {{"en", evil}}, t.subsystem = evil;
  start.tests[0].measurements[0].title = {{"en", evil}};
  start.plugins = {{evil, broken, evil, evil, endless}};
  start.refused = {{evil, endless}};
  start.not_tested = {{"memory.march", evil, evil, evil, true}, {evil, endless, "absent", broken, false}};
  start.signals[0].name = evil;
  start.signals[0].unit = evil;
  start.signals[1].file = "../../../../etc/passwd";
  start.signals[2].file = "/dev/zero";
  Run run(folder, start);
  write_signals(folder, 60, 1);
  add_proofs(run);
  const std::string attack =
      run.add({.test = "memory.march",
               .target = {evil, evil, evil, {{"path", evil}}, false},
               .at = 5,
               .seconds = 10,
               .result = Result::fail,
               .stage = evil,
               .reason = evil,
               .measurements = {measured("wrong-words", 3, evil, {{core::Comparator::at_most, 1, Result::fail}})},
               .findings = {{Result::fail, evil, evil, evil},
                            {Result::marginal, broken, broken, endless},
                            {Result::none, "note", evil, ""}},
               .log = {{evil, "INFO", evil}, {"kernel", "WARNING", endless}},
               .files = {{"surface-map.json", "", evil}, {"memory-errors.json", "", evil}, {evil, "", evil}},
               .series = {{evil, evil, "../../journal.jsonl", 1, 0, 1, 1, 1}}});
  write_file(run.artifact(attack, "surface-map.json"),
             R"({"bytes":"<script>","bucket_ends_ms":[1],"counts":{},"cells":"<script>"})");
  write_file(run.artifact(attack, "memory-errors.json"), R"({"pages":{"<script>":1,"0xzz":-5},"lost_ones":"<b>"})");
  std::vector<core::Finding> flood;
  for (int i = 0; i < 100'000; ++i)
    flood.push_back({Result::fail, "wrong-" + std::to_string(i % 3), "wrong " + evil, ""});
  run.add({.test = "cpu.fma",
           .target = core_target(0),
           .at = 20,
           .seconds = 10,
           .result = Result::fail,
           .findings = flood});
  run.writer().run_error({"assay.interrupted", evil});
  run.writer().run_log({"host", "INFO", evil});
  run.end(Result::fail);
  replace_machine(folder, machine);
}

void write_long_run(const std::string& folder) {
  constexpr double seconds = 12 * 3600;
  journal::RunStart start = laptop_start("5a1e000000000012", "S-2");
  for (int i = 3; i < 12; ++i)
    start.signals.push_back({"sensor " + std::to_string(i), "temperature", "°C",
                             "artifacts/watch/signal-" + std::to_string(i) + ".f64", 90});
  Run run(folder, start);
  write_signals(folder, seconds, 1);
  for (int i = 3; i < 12; ++i) {
    Samples sensor(folder + "/artifacts/watch/signal-" + std::to_string(i) + ".f64");
    for (int at = 1; at <= seconds; ++at)
      sensor.add(at, 50 + i + 10 * std::sin(at / 500.0) + (at == 20'000 + i ? 35 : 0));
  }
  add_proofs(run);
  for (int i = 0; i < 5000; ++i) {
    const double at = 10 + i * (seconds - 20) / 5000;
    const std::string id = run.add(
        {.test = i % 50 == 7 ? "storage.latency" : "cpu.fma",
         .target = i % 50 == 7 ? disk_target : core_target(i % 4),
         .at = at,
         .seconds = 8,
         .result = i == 4321 ? Result::fail : Result::pass,
         .stage = "soak " + std::to_string(i / 1000),
         .measurements = {measured("rate", 50 + i % 7, "GFLOP/s")},
         .findings = i == 4321 ? std::vector<core::Finding>{{Result::fail, "wrong-result", "1 block was wrong.", ""}}
                               : std::vector<core::Finding>{},
         .series = i % 50 == 7
                       ? std::vector<journal::SeriesSummary>{{"read time", "ms", "series-0.f64", 4816, 0, 0.1, 0.2, 3}}
                       : std::vector<journal::SeriesSummary>{}});
    if (i % 50 != 7) continue;
    Samples reads(folder + "/artifacts/" + id + "/series-0.f64");
    for (int k = 0; k < 4816; ++k) reads.add(0.001 * k, 0.1 + 0.001 * (k % 300));
  }
  run.end(Result::fail);
}

}  // namespace assay::test
