#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "../support/command.hpp"
#include "../support/sample_run.hpp"
#include "envelope.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "journal/run_files.hpp"
#include "language.hpp"
#include "reports/view.hpp"

using namespace assay;
using Catch::Contains;
using test::Scratch;
using test::write_file;

TEST_CASE("one sample among a million is in the picture") {
  reports::Envelope calm(1'000'000, 900), spiked(1'000'000, 900);
  for (int i = 0; i < 1'000'000; ++i) {
    calm.add(i, 50);
    spiked.add(i, i == 654'321 ? 99 : 50);
  }
  CHECK(spiked.greatest() == 99);
  const reports::Envelope::Frame frame{0, 1, 100, 0, 1};
  CHECK_THAT(calm.path(frame, 5), !Contains(" 1.0"));
  CHECK_THAT(spiked.path(frame, 5), Contains("588.0 1.0"));  // 100 - 99, in the column of its moment
  CHECK(spiked.path(frame, 5).size() < 30'000);
}

TEST_CASE("where nothing was measured the curve has a gap") {
  reports::Envelope curve(100, 100);
  for (int i = 0; i < 100; ++i)
    if (i < 40 || i > 60) curve.add(i, 1);
  const std::string path = curve.path({}, 5);
  CHECK(std::count(path.begin(), path.end(), 'M') == 2);
}

TEST_CASE("files beside a journal are read inside of its folder only, and never waited for") {
  const Scratch work;
  write_file(work / "run/artifacts/a.json", "{}");
  write_file(work / "secret", "secret");
  std::filesystem::create_symlink("../../secret", work / "run/artifacts/link");
  std::filesystem::create_symlink("..", work / "run/out");
  REQUIRE(mkfifo((work / "run/artifacts/pipe").c_str(), 0600) == 0);
  const journal::RunFiles files(work / "run");
  CHECK(files.text("artifacts/a.json", 100) == "{}");
  CHECK_FALSE(files.text("artifacts/a.json", 1));
  for (const char* name :
       {"../secret", "artifacts/link", "out/secret", "artifacts/pipe", "/etc/passwd", "artifacts", ""})
    CHECK_FALSE(files.text(name, 100));
  CHECK_FALSE(journal::RunFiles("").text("artifacts/a.json", 100));
  CHECK(journal::RunFiles(work / "run/journal.jsonl").text("artifacts/a.json", 100) == "{}");
}

TEST_CASE("samples that were cut off in the middle, or are no numbers, are left out") {
  const Scratch work;
  const double values[] = {1, 10, 2, NAN, 3, 30, INFINITY, 1, 4};
  std::filesystem::create_directories(work / "run");
  std::ofstream(work / "run/s.f64", std::ios::binary).write(reinterpret_cast<const char*>(values), sizeof values);
  std::vector<double> seen;
  CHECK(journal::RunFiles(work / "run").samples("s.f64", [&](double, double value) { seen.push_back(value); }));
  CHECK(seen == std::vector<double>{10, 30});
}

TEST_CASE("a disk's map tells slow places from unreadable ones, and says where they are") {
  const Scratch work;
  test::write_repair_run(work / "run");
  const auto record = journal::read(work / "run");
  const auto view = reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "run"), {});
  REQUIRE(view.maps.size() == 2);
  const reports::BlockMap& disk = view.maps[1].title.find("surface") != std::string::npos ? view.maps[1] : view.maps[0];
  REQUIRE(disk.places.size() == 2);
  CHECK_THAT(disk.places[0], Contains("113.7 GiB") && Contains("slow"));
  CHECK_THAT(disk.places[1], Contains("284.3 GiB") && Contains("cannot be read"));
  for (const auto& kind : disk.kinds) CHECK(kind.cross == (kind.mark == "unreadable"));
  // Bits 10 and 1 were wrong, and no other.
  for (const auto& bit : view.bits.bits) CHECK(bit.wrong == (bit.number == 10 ? "0" : bit.number == 1 ? "1" : ""));
  REQUIRE(view.histograms.size() == 1);
  CHECK_THAT(view.histograms[0].summary, Contains("1000 reads") && Contains("the longest 30 ms"));
}

TEST_CASE("a map shows the worst that any trial of a disk saw") {
  const Scratch work;
  test::write_repair_run(work / "run");
  auto record = journal::read(work / "run");
  journal::Trial again;
  for (const auto& trial : record.trials)
    if (!trial.files.empty() && trial.files[0].name == "surface-map.json") again = trial;
  again.files[0].uri = "artifacts/clean/surface-map.json";
  write_file(
      work / "run/artifacts/clean/surface-map.json",
      R"({"bytes":500107862016,"bucket_ends_ms":[3,10,50,150,500,2000],"counts":[4096,0,0,0,0,0,0,0],"cells":")" +
          std::string(4096, '0') + "\"}");
  record.trials.push_back(again);
  const auto view = reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "run"), {});
  for (const auto& map : view.maps)
    if (map.title.find("surface") != std::string::npos) {
      REQUIRE(map.places.size() == 2);         // still slow, still unreadable
      CHECK(map.kinds.back().count == "0 %");  // and by now all of it was read
    }
}

TEST_CASE("the time axis reaches as far as the samples, when the run was cut off before its last trial ended") {
  const Scratch work;
  test::write_repair_run(work / "run");
  auto record = journal::read(work / "run");
  record.ended_at.clear();
  record.trials.resize(12);
  record.trials.back().end.reset();
  record.seconds = 90;
  const auto view = reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "run"), {});
  CHECK(view.course.hours.back().label == "10 min");  // the signals were kept for 600 s
  REQUIRE_FALSE(view.course.flags.empty());
  CHECK_THAT(view.course.flags.back().text, Contains("cut off"));
}

TEST_CASE("page one does not say less than the technician's pages") {
  const Scratch work;
  test::write_repair_run(work / "run");
  const auto record = journal::read(work / "run");
  const auto view_of = [](const journal::Record& r) {
    return reports::make_view(r, journal::conclude(r), journal::RunFiles(""), {});
  };
  const auto part = [](const reports::View& view, const std::string& name) {
    for (const auto& p : view.parts)
      if (p.name == name) return p.state.mark;
    return std::string("none");
  };
  // A sure fault is in the headline, not the one that comes and goes; no promise stands beside a fault.
  CHECK_THAT(view_of(record).headline, Contains("A fault was found: Memory."));
  CHECK(view_of(record).trust.empty());

  journal::Record kernel = record;
  kernel.errors.push_back({"assay.kernel.fail", "Linux wrote: mce"});
  CHECK(part(view_of(kernel), "System") == "fail");
  CHECK_THAT(reports::junit(kernel, journal::conclude(kernel)), Contains("mce"));

  journal::Record lost = record;  // the line with the reason is gone
  for (auto& trial : lost.trials) trial.findings.clear(), trial.measurements.clear();
  const auto without = view_of(lost);
  CHECK(without.verdict.mark == "fail");
  REQUIRE_FALSE(without.findings.empty());
  CHECK_THAT(without.findings[0].text, Contains("cannot be read"));

  journal::Record crashed = record;
  for (auto& trial : crashed.trials)
    if (trial.start.test == "memory.march" && core::speaks_of_machine(trial.start.purpose))
      trial.end->status = core::Status::crashed, trial.end->result = core::Result::none, trial.findings.clear();
  bool told = false;
  for (const auto& gap : view_of(crashed).plain_gaps) told = told || gap.what == "Memory, march test";
  CHECK(told);
}

TEST_CASE("numbers from elsewhere that no clock can count do no harm") {
  const Scratch work;
  test::write_repair_run(work / "run");
  std::string text = test::read_file(work / "run/journal.jsonl");
  for (size_t at = 0; (at = text.find("\"seconds\":10", at)) != std::string::npos; ++at)
    text.replace(at, 12, "\"seconds\":1e308");
  for (size_t at = 0; (at = text.find("\"at_seconds\":10.0", at)) != std::string::npos; ++at)
    text.replace(at, 17, "\"at_seconds\":1e300");
  write_file(work / "odd/journal.jsonl", text);
  const auto record = journal::read(work / "odd");
  CHECK(record.seconds <= 2e9);
  CHECK_FALSE(reports::html(reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "odd"), {}))
                  .empty());
}

TEST_CASE("a journal is followed as it grows, is cut, and is begun anew") {
  const Scratch work;
  test::write_repair_run(work / "run");
  const std::string whole = test::read_file(work / "run/journal.jsonl");
  const std::string path = work / "live/journal.jsonl";
  std::filesystem::create_directories(work / "live");
  journal::Follower follower(work / "live");
  CHECK_FALSE(follower.look());
  CHECK(follower.record() == nullptr);
  const size_t half = whole.find("testStepEnd") + 4;  // in the middle of a line
  write_file(path, whole.substr(0, half));
  CHECK(follower.look());
  REQUIRE(follower.record() != nullptr);
  const size_t before = follower.record()->trials.size();
  // Whoever resumes cuts the torn line off and writes on.
  std::filesystem::resize_file(path, whole.rfind('\n', half) + 1);
  std::ofstream(path, std::ios::binary | std::ios::app) << whole.substr(whole.rfind('\n', half) + 1);
  CHECK(follower.look());
  CHECK(follower.record()->trials.size() > before);
  CHECK(follower.record()->damaged_lines == 0);
  CHECK(follower.record()->finished());
  CHECK_FALSE(follower.look());
}

TEST_CASE("maps that are damaged or hostile are left out of the report") {
  for (const char* map :
       {"", "{", "[]", "7", R"({"bytes":1})",
        R"({"bytes":-1,"bucket_ends_ms":[1,2,3,4,5,6],"counts":[1,2,3,4,5,6,7,8],"cells":"0"})",
        R"({"bytes":9,"bucket_ends_ms":[1,2,3,4,5,6],"counts":[1,2,3,4,5,6,7,8],"cells":"0<script>"})",
        R"({"bytes":9,"bucket_ends_ms":["a"],"counts":[1],"cells":""})"}) {
    const Scratch work;
    test::write_repair_run(work / "run");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(work / "run"))
      if (entry.path().filename() == "surface-map.json" || entry.path().filename() == "memory-errors.json")
        write_file(entry.path().string(), map);
    const auto record = journal::read(work / "run");
    INFO(map);
    CHECK(reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "run"), {}).maps.empty());
  }
}

TEST_CASE("numbers, dates and plurals are as the language writes them") {
  struct Row {
    const char *tag, *date, *number, *time, *one, *many;
  };
  for (const Row& row : {Row{"en", "9 March 2026", "0.5", "1 h 5 min", "1 trial", "2 trials"},
                         Row{"nl", "9 maart 2026", "0,5", "1 uur 5 min", "1 testronde", "2 testrondes"},
                         Row{"fi", "9. maaliskuuta 2026", "0,5", "1 h 5 min", "1 testikerta", "2 testikertaa"},
                         Row{"zh-Hans", "2026年3月9日", "0.5", "1 小时 5 分钟", "共测试 1 次", "共测试 2 次"}}) {
    const reports::Language l(row.tag);
    CHECK(l.date("2026-03-09T23:59:00.000Z") == row.date);
    CHECK(l.number(0.5) == row.number);
    CHECK(l.duration(3900) == row.time);
    CHECK(l.say_n("{count} trial", "{count} trials", 1) == row.one);
    CHECK(l.say_n("{count} trial", "{count} trials", 2) == row.many);
  }
  CHECK(reports::Language("xx").tag() == "en");
  CHECK(reports::Language("en").date("yesterday") == "yesterday");
}

TEST_CASE("a record of a newer Assay says so, and shows what is known of it") {
  const Scratch work;
  test::write_repair_run(work / "run");
  auto record = journal::read(work / "run");
  record.start.format = 2;
  record.start.version = "3.0";
  const auto view = reports::make_view(record, journal::conclude(record), journal::RunFiles(""), {});
  CHECK_THAT(view.newer, Contains("newer version of Assay (3.0)"));
  CHECK_THAT(reports::html(view), Contains("newer version") && Contains("3 words in 2 pages"));
  CHECK_THAT(reports::text(view), Contains("newer version"));
}

TEST_CASE("a journal that was cut off anywhere still gives a report") {
  const Scratch work;
  test::write_repair_run(work / "run");
  const std::string whole = test::read_file(work / "run/journal.jsonl");
  for (size_t size = whole.find('\n', whole.find('\n') + 1) + 1; size < whole.size(); size += 997) {
    write_file(work / "cut/journal.jsonl", whole.substr(0, size));
    const auto record = journal::read(work / "cut");
    const std::string page =
        reports::html(reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "cut"), {}));
    CHECK_THAT(page, Contains("The run has not ended") && Contains("</html>"));
  }
}

TEST_CASE("a spreadsheet takes no text of a plugin's for a formula") {
  const Scratch work;
  test::write_repair_run(work / "run");
  auto record = journal::read(work / "run");
  record.trials[2].start.target.id = "=HYPERLINK(\"x\"),1";
  record.trials[2].measurements[0].unit = "a\r\nb";
  const std::string csv = reports::csv(record);
  CHECK_THAT(csv, Contains("\"'=HYPERLINK(\"\"x\"\"),1\""));
  CHECK_THAT(csv, !Contains("a\r\nb"));
  const std::string page = reports::prometheus(record, journal::conclude(record));
  CHECK_THAT(page, Contains("assay_result{plan=\"standard\",rehearsal=\"no\",result=\"fail\"} 1"));
  CHECK_THAT(page, Contains("target=\"=HYPERLINK(\\\"x\\\"),1\""));
}
