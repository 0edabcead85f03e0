// What a run leaves behind, as a technician uses it: closed after a fault, verified, compared, refused.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
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
  forget_seals();
  const auto closed = run({program(), "resume", work / "run"});
  INFO(closed.output << closed.errors);
  CHECK(closed.exit_code == 0);
  CHECK(run({program(), "report", "verify", work / "run"}).exit_code == 0);
  CHECK(run({program(), "resume", work / "run"}).exit_code == 2);  // now it has ended altogether
}

TEST_CASE("a run that was sealed is not sealed again as something else") {
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  fs::remove(work / "run/manifest.sig");
  write_file(work / "run/artifacts/more.txt", "not of this run");
  const auto again = run({program(), "resume", work / "run"});
  CHECK(again.exit_code == 2);
  CHECK_THAT(again.errors, Contains("this station has sealed this run"));
  CHECK(run({program(), "report", "verify", work / "run"}).exit_code == 3);
}

TEST_CASE("a report that cannot be written costs no verdict") {
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  fs::remove(work / "run/record.json");
  fs::create_directories(work / "run/record.json/in-the-way");
  fs::remove(work / "run/report.html");
  forget_seals();
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

TEST_CASE("a run that was cut off and changed since is not resumed, and one that nobody vouches for is not signed") {
  // Cut off with one of its trials ended.
  const Scratch work;
  write_file(work / "plan.toml",
             "[plan]\nid = \"p\"\ntitle.en = \"P\"\nprove = \"none\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = "
             "\"system.inventory\"\n[[stage]]\nid = \"b\"\n[[stage.test]]\nuse = \"cpu.integer\"\ntargets = "
             "[\"core:0\"]\nparameters.duration = \"0.8s\"\n");
  const std::string own = "ASSAY_STATION=" + (work / "station");
  const pid_t host = start({program(), "run", work / "plan.toml", "--out", work / "cut"}, {own});
  for (int i = 0; i < 600 && read_file(work / "cut/journal.jsonl").find("cpu.integer on") == std::string::npos; ++i)
    usleep(10'000);
  kill(host, SIGKILL);
  wait_for(host);
  const std::string whole = read_file(work / "cut/journal.jsonl");
  const size_t end = whole.find("\"testStepEnd\"");
  REQUIRE(end != std::string::npos);
  const auto replaced = [&whole](const std::string& from, const std::string& to) {
    std::string text = whole;
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const std::string first_signed = whole.substr(0, whole.find('\n', whole.find("[assay.link]")) + 1);
  struct Case {
    const char* what;
    std::string journal, station, said;
    int exit_code;
  };
  const std::string other = "ASSAY_STATION=" + (work / "other");
  const Case cases[] = {
      {"as it is", whole, own, "", 0},
      {"a changed plan", replaced("\"seed\":", "\"Seed\":"), own, "was changed", 2},
      {"a changed result", replaced("\"result\":\"pass\"", "\"result\":\"fail\""), own,
       "was changed since trial t00001", 2},
      {"a changed end of a trial", replaced("\"status\":\"COMPLETE\"", "\"status\":\"ERROR\""), own, "was changed", 2},
      {"cut back to an earlier signed point", first_signed, own, "it was cut back", 2},
      {"without its chain", without_links(whole), own, "it was cut back", 2},
      {"an older one", without_links(whole), other, "an older version of Assay wrote it", 0},
      {"another station's", whole, other, "another user or station wrote it", 0},
      {"another station's, changed", replaced("\"result\":\"pass\"", "\"result\":\"fail\""), other, "was changed", 2},
      {"nothing but its name", "", own, "was cut off before it began", 2}};
  for (const Case& c : cases) {
    INFO(c.what);
    fs::remove_all(work / "run");
    fs::remove_all(work / "station-now");
    fs::copy(work / "cut", work / "run", fs::copy_options::recursive);
    write_file(work / "run/journal.jsonl", c.journal);
    // Each case finds the station as the cut left it.
    if (c.station == own) fs::copy(work / "station", work / "station-now", fs::copy_options::recursive);
    const std::string station = c.station == own ? "ASSAY_STATION=" + (work / "station-now") : c.station;
    const auto resumed = run({program(), "resume", work / "run"}, {station});
    INFO(resumed.output << resumed.errors);
    CHECK(resumed.exit_code == c.exit_code);
    CHECK_THAT(resumed.errors, Contains(c.said));
    const bool tied = c.exit_code == 0 && c.said.empty();
    CHECK(run({program(), "report", "verify", work / "run"}, {station}).exit_code == (tied ? 0 : 3));
    if (c.exit_code != 0) {
      CHECK(read_file(work / "run/journal.jsonl") == c.journal);  // nothing was written to it
      continue;
    }
    if (!tied) CHECK_THAT(read_file(work / "run/report.html"), Contains("was not written by this station"));
    CHECK(run({program(), "resume", work / "run"}, {station}).exit_code == 2);  // it has ended
    // An earlier copy of a run that has ended is not run again.
    if (!tied) continue;
    fs::remove_all(work / "run");
    fs::copy(work / "cut", work / "run", fs::copy_options::recursive);
    CHECK_THAT(run({program(), "resume", work / "run"}, {station}).errors, Contains("an earlier copy"));
  }
}

TEST_CASE("what another user put in a report's place stays as it is") {
  if (geteuid() != 0) {
    WARN("skipped: needs root, to be two users");
    return;
  }
  const Scratch work;
  REQUIRE(short_run(work / "run").exit_code == 0);
  write_file(work / "theirs.html", "kept");
  REQUIRE(chown((work / "theirs.html").c_str(), 12345, 12345) == 0);
  fs::create_symlink("theirs.html", work / "link.html");
  REQUIRE(lchown((work / "link.html").c_str(), 12345, 12345) == 0);
  for (const char* out : {"theirs.html", "link.html"}) {
    const auto refused = run({program(), "report", work / "run", "--out", work / out});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.errors, Contains(out) && Contains("belongs to another user"));
  }
  CHECK(read_file(work / "theirs.html") == "kept");
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
