// What a run leaves behind, as a technician uses it: closed after a fault, verified, compared, refused.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/command.hpp"

using namespace assay::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

Outcome short_run(const std::string& folder) {
  return run({program(), "run", "quick", "--only", "system.inventory", "--out", folder});
}

}  // namespace

TEST_CASE("a run leaves a folder and a page that verify, and what is altered is named") {
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  CHECK(run({program(), "report", "verify", work / "run"}).exit_code == 0);
  CHECK(run({program(), "report", "verify", work / "run/report.html"}).exit_code == 0);
  CHECK(run({program(), "report", work / "run", "--lang", "fi", "--out", work / "fi.html"}).exit_code == 0);
  CHECK(run({program(), "report", "verify", work / "fi.html"}).exit_code == 0);

  const auto elsewhere = run({program(), "report", "verify", work / "run"}, {"ASSAY_STATION=" + (work / "other")});
  CHECK(elsewhere.exit_code == 3);
  CHECK_THAT(elsewhere.output, Contains("Unknown key"));

  // Another user draws it: a signature says who saw the run.
  const auto drawn_by_another =
      run({program(), "report", work / "run", "--out", work / "other.html"}, {"ASSAY_STATION=" + (work / "other")});
  CHECK(drawn_by_another.exit_code == 0);
  CHECK_THAT(drawn_by_another.errors, Contains("signed by another user or station"));
  CHECK_THAT(read_file(work / "other.html"), Contains("This report is not signed.") &&
                                                 Contains("The signed report is report.html") &&
                                                 !Contains("Tested and signed at station"));
  CHECK(run({program(), "report", "verify", work / "other.html"}).exit_code == 3);

  write_file(work / "run/record.json", read_file(work / "run/record.json") + " ");
  const auto altered = run({program(), "report", "verify", work / "run"});
  CHECK(altered.exit_code == 1);
  CHECK_THAT(altered.output, Contains("record.json: changed"));
  // Drawn from an altered record, a page is not signed.
  const auto drawn = run({program(), "report", work / "run", "--out", work / "again.html"});
  CHECK_THAT(drawn.errors, Contains("not signed"));
  CHECK(run({program(), "report", "verify", work / "again.html"}).exit_code == 3);
}

TEST_CASE("a run that was cut off between its end and its report is closed by resume") {
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  for (const char* name : {"record.json", "report.html", "manifest.json", "manifest.sig"})
    fs::remove(work / ("run/" + std::string(name)));
  const auto closed = run({program(), "resume", work / "run"});
  INFO(closed.output << closed.errors);
  CHECK(closed.exit_code == 0);
  CHECK(run({program(), "report", "verify", work / "run"}).exit_code == 0);
  CHECK(run({program(), "resume", work / "run"}).exit_code == 2);  // now it has ended altogether
}

TEST_CASE("a report that cannot be written costs no verdict") {
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  fs::remove(work / "run/record.json");
  fs::create_directories(work / "run/record.json/in-the-way");
  fs::remove(work / "run/report.html");
  const auto closed = run({program(), "resume", work / "run"});
  CHECK(closed.exit_code == 3);
  CHECK_THAT(closed.output, Contains("Passed"));
  CHECK_THAT(closed.errors, Contains("record.json"));
}

TEST_CASE("a run that others may write to is not resumed") {
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  fs::remove(work / "run/record.json");
  chmod((work / "run").c_str(), 0777);
  const auto refused = run({program(), "resume", work / "run"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.errors, Contains("others may write to it"));
}

TEST_CASE("a station that is set up wrongly is told before anything runs") {
  const Scratch work;
  write_file(work / "station/station.toml", "[shop]\nlogo = \"missing.png\"\n");
  const auto outcome = run({program(), "run", "quick", "--out", work / "run"}, {"ASSAY_STATION=" + (work / "station")});
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.errors, Contains("station.toml:2:") && Contains("missing.png"));
  CHECK_FALSE(fs::exists(work / "run"));
}

TEST_CASE("runs are compared, and a run counts once") {
  const Scratch work;
  REQUIRE(short_run(work / "a").exit_code == 0);
  REQUIRE(short_run(work / "b").exit_code == 0);
  const auto compared = run({program(), "compare", work / "a", work / "b"});
  CHECK(compared.exit_code == 0);
  CHECK_THAT(compared.output, Contains("No fault was found on either side."));
  CHECK(run({program(), "compare", work / "a"}).exit_code == 2);
  CHECK(run({program(), "compare", work / "a", work / "b", "--before", work / "a"}).exit_code == 2);
}

TEST_CASE("what is no journal is refused, and never waited for") {
  const Scratch work;
  fs::create_directories(work / "pipe");
  REQUIRE(mkfifo((work / "pipe/journal.jsonl").c_str(), 0600) == 0);
  CHECK(run({program(), "report", work / "pipe"}).exit_code == 2);
  CHECK(run({program(), "report", work / "nothing"}).exit_code == 2);
  REQUIRE(short_run(work / "run").exit_code == 0);
  // An inventory that is nested without end.
  std::string journal = read_file(work / "run/journal.jsonl");
  const size_t at = journal.find("\"machine\":{");
  journal.replace(at, 11, "\"deep\":" + std::string(300'000, '[') + std::string(300'000, ']') + ",\"machine\":{");
  write_file(work / "deep/journal.jsonl", journal);
  CHECK(run({program(), "report", work / "deep"}).exit_code == 2);
}
