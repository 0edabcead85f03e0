#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "../support/command.hpp"
#include "../support/sample_run.hpp"
#include "journal/reader.hpp"
#include "reports/compare.hpp"
#include "two_samples.hpp"

using namespace assay;
using reports::FigureChange;
using reports::FindingChange;

TEST_CASE("two samples are compared exactly") {
  struct Case {
    std::vector<double> a, b;
    double p, shift;
  };
  // By counting all ways to choose: 2 of C(8,4) = 70; 2 of C(10,5) = 252; all of them; with ties 36 of 70.
  for (const Case& c : {Case{{1, 2, 3, 4}, {5, 6, 7, 8}, 2.0 / 70, 4},
                        Case{{1, 2, 3, 4, 5}, {11, 12, 13, 14, 15}, 2.0 / 252, 10}, Case{{1, 2}, {1, 2}, 1, 0},
                        Case{{7, 7, 7, 7}, {7, 7, 7, 7}, 1, 0}, Case{{1, 3, 5, 7}, {2, 4, 6, 8}, 48.0 / 70, 1}}) {
    const auto found = reports::compare_samples(c.a, c.b);
    CHECK(found.p == Approx(c.p));
    CHECK(found.shift == Approx(c.shift));
    CHECK(found.least <= found.shift);
    CHECK(found.greatest >= found.shift);
  }
  CHECK_FALSE(reports::compare_samples({1, 2, 3}, {9, 10, 11}).enough);  // 2 of 20 is the best that three can do
  CHECK(reports::compare_samples({1, 2, 3, 4}, {9, 10, 11, 12}).enough);
}

TEST_CASE("samples are called too few when no single change could come out") {
  CHECK(reports::least_p(4, 4) == Approx(2.0 / 70));
  CHECK(reports::least_p(3, 3) == Approx(0.1));
  CHECK(reports::least_p(6, 6) == Approx(2.0 / 924));
}

TEST_CASE("the approximation for many samples agrees with the exact test") {
  std::mt19937 random(1);
  std::normal_distribution<double> noise;
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) a.push_back(noise(random)), b.push_back(noise(random) + 0.6);
  const double exact = reports::compare_samples(a, b).p;
  a.push_back(0.01), b.push_back(0.61);  // one more on each side: beyond the bound of the exact way
  CHECK(reports::compare_samples(a, b).p == Approx(exact).margin(0.02));
}

TEST_CASE("many comparisons of nothing raise no alarm") {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(100, 5);
  std::vector<double> p;
  int plain = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<double> a, b;
    for (int k = 0; k < 10; ++k) a.push_back(noise(random)), b.push_back(noise(random));
    p.push_back(reports::compare_samples(a, b).p);
    plain += p.back() < 0.05 ? 1 : 0;
  }
  CHECK(plain > 3);  // without the correction there are some
  for (const double corrected : reports::adjusted(p)) CHECK(corrected > 0.05);
}

TEST_CASE("luck is what is left when a fault does not come back") {
  // Clean trials that leave 5 % or less (Fisher): 1 of 1 needs 19, 2 of 5 needs 16, 3 of 10 needs 16, 5 of 5 needs 2.
  struct Row {
    int k, n, m;
  };
  for (const Row& row : {Row{1, 1, 19}, {1, 10, 190}, {2, 5, 16}, {3, 10, 16}, {5, 5, 2}, {10, 20, 6}}) {
    CHECK(reports::luck(row.k, row.n, row.m) <= 0.05 + 1e-12);
    CHECK(reports::luck(row.k, row.n, row.m - 1) > 0.05);
  }
}

namespace {

reports::Compared read(const std::string& folder) {
  reports::Compared run{journal::read(folder), {}, journal::RunFiles(folder)};
  run.conclusion = journal::conclude(run.record);
  return run;
}

const FindingChange& finding(const reports::ComparisonView& view, const std::string& title) {
  for (const auto& f : view.findings)
    if (f.title.find(title) != std::string::npos) return f;
  FAIL("no finding about " + title);
  throw 0;
}

}  // namespace

TEST_CASE("a repair is compared: gone, still there, new, and not tested again are four different things") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  test::write_repaired_run(work / "after");
  const auto before = read(work / "before"), after = read(work / "after");

  const auto view = reports::compare({before}, {after}, "en");
  CHECK(finding(view, "march").kind == FindingChange::Kind::gone);
  CHECK(finding(view, "surface").kind == FindingChange::Kind::not_tested_again);
  CHECK(view.verdict.mark == "unclear");
  REQUIRE(view.inventory.size() == 1);
  CHECK(view.inventory[0].value.find("S-9") != std::string::npos);

  const auto same = reports::compare({before}, {before}, "en");
  CHECK(finding(same, "march").kind == FindingChange::Kind::still_there);
  CHECK(same.verdict.mark == "fail");
  CHECK(same.inventory.empty());

  const auto worse = reports::compare({after}, {before}, "en");
  CHECK(finding(worse, "march").kind == FindingChange::Kind::fresh);
  CHECK(worse.verdict.mark == "fail");
}

namespace {

/// What is said of the memory fault of the sample, when the run after it is changed so.
FindingChange memory_fault(const reports::Compared& before, reports::Compared after,
                           const std::function<void(journal::Trial&)>& change) {
  for (auto& trial : after.record.trials)
    if (trial.start.test == "memory.march" && trial.start.purpose == core::Purpose::test) change(trial);
  after.conclusion = journal::conclude(after.record);
  for (const auto& f : reports::compare({before}, {after}, "en").findings)
    if (f.text.find("slot A2") != std::string::npos) return f;
  FAIL("the fault of before is not told");
  throw 0;
}

}  // namespace

TEST_CASE("a fault counts as looked for again only by the same test, with the same parameters, at the same place") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  test::write_repaired_run(work / "after");
  auto before = read(work / "before");
  const auto after = read(work / "after");
  for (auto& trial : before.record.trials)
    trial.start.parameters = {{"pattern", std::string("hard")}, {"duration", 60.0}};
  before.conclusion = journal::conclude(before.record);
  const core::Values same{{"pattern", std::string("hard")}, {"duration", 10.0}};
  using Kind = FindingChange::Kind;
  const struct {
    const char* what;
    void (*change)(journal::Trial&, const core::Values& same);
    Kind kind;
    const char* words;
  } table[] = {
      {"the same, shorter", [](journal::Trial& t, const core::Values& p) { t.start.parameters = p; }, Kind::gone,
       "not seen in 1 trial"},
      {"the very same, with its seed",
       [](journal::Trial& t, const core::Values& p) { t.start.parameters = p, t.start.parameters["duration"] = 60.0; },
       Kind::gone, "% of the time"},
      {"the same with another seed",
       [](journal::Trial& t, const core::Values& p) {
         t.start.parameters = p, t.start.parameters["duration"] = 60.0, t.start.seed = 5;
       },
       Kind::gone, "not seen in 1 trial"},
      {"with an easier pattern",
       [](journal::Trial& t, const core::Values& p) {
         t.start.parameters = p, t.start.parameters["pattern"] = std::string("easy");
       },
       Kind::not_tested_again, "other parameters"},
      {"with a parameter that it did not have",
       [](journal::Trial& t, const core::Values& p) { t.start.parameters = p, t.start.parameters["new"] = int64_t{1}; },
       Kind::not_tested_again, "other parameters"},
      {"at other places",
       [](journal::Trial& t, const core::Values& p) { t.start.parameters = p, t.covered_files.clear(); },
       Kind::not_tested_again, "was not tested again (0 of 1 places)"},
      {"by a trial that came to no end",
       [](journal::Trial& t, const core::Values& p) {
         t.start.parameters = p, t.end->status = core::Status::timeout, t.end->result = core::Result::none;
       },
       Kind::not_tested_again, "was not made again"},
      {"by a trial that failed for another reason",
       [](journal::Trial& t, const core::Values& p) {
         t.start.parameters = p, t.end->result = core::Result::fail;
         t.findings.push_back({core::Result::fail, "ecc-errors", "Another.", ""});
       },
       Kind::gone, "not seen in 1 trial"},
      {"in a rehearsal",
       [](journal::Trial& t, const core::Values& p) { t.start.parameters = p, t.start.injection = "flip"; },
       Kind::not_tested_again, "was not made again"},
  };
  for (const auto& row : table) {
    INFO(row.what);
    const auto found = memory_fault(before, after, [&](journal::Trial& trial) { row.change(trial, same); });
    CHECK(found.kind == row.kind);
    CHECK_THAT(found.seen, Catch::Contains(row.words));
  }
}

TEST_CASE("a part of a device says nothing of a fault whose place in it is not known") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  test::write_repaired_run(work / "after");
  auto before = read(work / "before");
  const auto after = read(work / "after");
  for (auto& trial : before.record.trials) trial.failed_places.clear();
  const auto cover = [](double percent) {
    return [percent](journal::Trial& t) { t.measurements.back().value = percent; };
  };
  CHECK(memory_fault(before, after, cover(91.4)).kind == FindingChange::Kind::not_tested_again);
  CHECK_THAT(memory_fault(before, after, cover(91.4)).seen, Catch::Contains("91.4 %"));
  CHECK(memory_fault(before, after, cover(100)).kind == FindingChange::Kind::gone);
}

TEST_CASE("repeats within a trial, or with the trial's seed, give a chance of luck only to trials of their recipe") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  test::write_repaired_run(work / "after");
  auto before = read(work / "before");
  const auto after = read(work / "after");
  CHECK_THAT(memory_fault(before, after, [](journal::Trial&) {}).seen, Catch::Contains("% of the time"));
  auto& trials = before.record.trials;
  std::erase_if(trials, [](const auto& t) { return t.start.purpose == core::Purpose::confirm; });
  for (auto& t : trials)
    if (t.start.test == "memory.march" && t.start.purpose == core::Purpose::test) t.repeats = {{"wrong-data", 5, 5}};
  before.conclusion = journal::conclude(before.record);
  const auto repeated = memory_fault(before, after, [](journal::Trial&) {});
  CHECK(repeated.kind == FindingChange::Kind::gone);
  CHECK_THAT(repeated.seen, !Catch::Contains("% of the time"));
}

TEST_CASE("a fault that is seen again elsewhere says so") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  const auto before = read(work / "before");
  auto after = before;
  for (auto& trial : after.record.trials)
    for (auto& failed : trial.failed_places) failed.place.first = 0x1000, failed.place.end = 0x2000;
  const auto moved = finding(reports::compare({before}, {after}, "en"), "march");
  CHECK(moved.kind == FindingChange::Kind::still_there);
  CHECK_THAT(moved.seen, Catch::Contains("at another place"));
  CHECK_THAT(finding(reports::compare({before}, {before}, "en"), "march").seen, !Catch::Contains("another place"));
}

TEST_CASE("nothing follows from a side that was altered, that nobody known signed, or that is a rehearsal") {
  const test::Scratch work;
  test::write_repaired_run(work / "run");
  const auto good = read(work / "run");
  REQUIRE(reports::compare({good}, {good}, "en").verdict.mark == "pass");
  const std::pair<void (*)(reports::Compared&), const char*> table[] = {
      {[](reports::Compared& c) { c.seal = reports::Seal::altered; }, "altered since it was signed"},
      {[](reports::Compared& c) { c.seal = reports::Seal::unsigned_; }, "nobody signed it"},
      {[](reports::Compared& c) { c.seal = reports::Seal::unknown_key; }, "unknown here"},
      {[](reports::Compared& c) { c.record.start.rehearsal = true; }, "a rehearsal"}};
  for (const auto& [change, words] : table) {
    INFO(words);
    auto bad = good;
    change(bad);
    for (const auto& view : {reports::compare({bad}, {good}, "en"), reports::compare({good}, {bad}, "en")}) {
      CHECK(view.verdict.mark == "unclear");
      CHECK_THAT(view.headline, Catch::Contains("Nothing about the machine follows"));
      REQUIRE(view.conditions.size() == 1);
      CHECK_THAT(view.conditions[0].value, Catch::Contains(words));
    }
  }
}

TEST_CASE("sides that have no test in common say nothing of each other") {
  const test::Scratch work;
  test::write_repaired_run(work / "run");
  const auto good = read(work / "run");
  auto other = good;
  for (auto& trial : other.record.trials) trial.start.test = "other.test";
  const auto view = reports::compare({good}, {other}, "en");
  CHECK(view.verdict.mark == "unclear");
  CHECK_THAT(view.headline, Catch::Contains("No test was made on both sides"));
  CHECK(reports::compare({good}, {good}, "en").verdict.mark == "pass");
}

TEST_CASE("a side that passed in part is not called passed") {
  const test::Scratch work;
  test::write_repaired_run(work / "run");
  auto narrowed = read(work / "run");
  narrowed.record.start.narrowed = {"--only cpu.*"};
  CHECK_THAT(reports::compare({narrowed}, {narrowed}, "en").sides.at(0).value, Catch::Contains("Passed in part"));
}

TEST_CASE("measurements are higher, the same, or nobody can tell") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  test::write_repaired_run(work / "after");
  auto before = read(work / "before"), after = read(work / "after");
  const auto kind_of = [&](const reports::ComparisonView& view, const std::string& target, const std::string& name) {
    for (const auto& f : view.figures)
      if (f.target == target && f.name == name) return f.kind;
    return FigureChange::Kind::unclear;
  };
  CHECK(kind_of(reports::compare({before}, {after}, "en"), "core:0", "Speed") == FigureChange::Kind::higher);
  CHECK(kind_of(reports::compare({after}, {before}, "en"), "core:0", "Speed") == FigureChange::Kind::lower);
  CHECK(kind_of(reports::compare({after}, {after}, "en"), "core:0", "Speed") == FigureChange::Kind::same);
  CHECK(kind_of(reports::compare({before}, {after}, "en"), "memory", "Memory covered") == FigureChange::Kind::unclear);
  CHECK_FALSE(reports::compare({before}, {after}, "en").caution.empty());
  CHECK(reports::compare({before, before, before, before}, {after, after, after, after}, "en").caution.empty());
}

TEST_CASE("what only the kernel says is gone only when its log was watched and the run was whole") {
  const test::Scratch work;
  test::write_repaired_run(work / "run");
  auto before = read(work / "run"), after = before;
  before.record.trials[2].findings.push_back(
      {core::Result::fail, "kernel:mce", "A machine check.", "", core::Origin::kernel});
  before.record.trials[2].end->result = core::Result::fail;
  before.conclusion = journal::conclude(before.record);
  after.conclusion.complete = true;
  CHECK(reports::compare({before}, {after}, "en").findings[0].kind == FindingChange::Kind::gone);
  auto blind = after;
  blind.record.errors.push_back({"assay.no-kernel-log", "needs root"});
  CHECK(reports::compare({before}, {blind}, "en").findings[0].kind == FindingChange::Kind::not_tested_again);
  auto cut = after;
  cut.conclusion.complete = false;
  CHECK(reports::compare({before}, {cut}, "en").findings[0].kind == FindingChange::Kind::not_tested_again);
  // Seen in another test's time it is the same fault.
  auto moved = before;
  std::swap(moved.record.trials[2].findings, moved.record.trials[3].findings);
  moved.record.trials[2].end->result = core::Result::pass;
  moved.record.trials[3].end->result = core::Result::fail;
  moved.conclusion = journal::conclude(moved.record);
  const auto same = reports::compare({before}, {moved}, "en");
  REQUIRE(same.findings.size() == 1);
  CHECK(same.findings[0].kind == FindingChange::Kind::still_there);
}

TEST_CASE("disks that changed their names are told apart by their serial numbers") {
  const test::Scratch work;
  test::write_repair_run(work / "run");
  auto before = read(work / "run"), after = before;
  for (auto* side : {&before, &after}) {
    for (auto& trial : side->record.trials)
      if (trial.start.target.id == "disk:sda") {
        trial.start.target.attributes["serial"] = "D-7";
        if (side == &after) trial.start.target.id = "disk:sdb";
      }
    side->conclusion = journal::conclude(side->record);
  }
  const auto view = reports::compare({before}, {after}, "en");
  CHECK(finding(view, "surface").kind == FindingChange::Kind::still_there);
  for (const auto& f : view.findings) CHECK(f.kind == FindingChange::Kind::still_there);
}

TEST_CASE("a worse measurement is the verdict when nothing else is") {
  const test::Scratch work;
  test::write_repaired_run(work / "run");
  auto before = read(work / "run"), after = before;
  for (auto* side : {&before, &after})
    for (auto& trial : side->record.trials)
      for (auto& m : trial.measurements)
        if (m.key == "rate") {
          m.limits = {{core::Comparator::at_least, 1, core::Result::fail}};
          if (side == &after) m.value *= 0.7;
        }
  const auto view = reports::compare({before}, {after}, "en");
  CHECK(view.verdict.mark == "marginal");
  CHECK(reports::compare({after}, {before}, "en").verdict.mark == "pass");
}

TEST_CASE("what else differs between the sides is said before the numbers") {
  const test::Scratch work;
  test::write_repair_run(work / "before");
  auto before = read(work / "before"), after = before;
  after.record.start.version = "9.9";
  after.record.start.rehearsal = true;
  const auto view = reports::compare({before}, {after}, "en");
  REQUIRE(view.conditions.size() == 2);
  CHECK(view.conditions[0].value == "was 0.1.0, is 9.9");
  CHECK(reports::comparison_text(view).find("What else differs") < reports::comparison_text(view).find("Measurements"));
}

TEST_CASE("a comparison's formats hold nothing that acts") {
  const test::Scratch work;
  test::write_hostile_run(work / "evil");
  const auto evil = read(work / "evil");
  const auto view = reports::compare({evil}, {evil}, "nl");
  const std::string page = reports::comparison_html(view);
  CHECK(page.find("<script>document") == std::string::npos);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("\xE2\x80\xAE") == std::string::npos);
  CHECK(reports::comparison_text(view).find('\x1b') == std::string::npos);
  CHECK_FALSE(reports::comparison_json(view).empty());
}
