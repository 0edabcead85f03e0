// From the trials of a run to its verdict.
#include <catch2/catch.hpp>
#include <ctime>

#include "journal/conclusion.hpp"
#include "small_record.hpp"

using namespace assay;
using namespace assay::journal;
using core::ExitCode;
using core::Purpose;
using core::Result;
using core::Status;
using test::info;
using test::start;

namespace {

/// Builds a record trial by trial, as the reader would.
struct Builder {
  Record record;
  int next = 1;
  Builder() {
    record.start = start();
    record.ended_at = "now";
  }
  Trial& add(Purpose purpose, Status status, Result result, const std::string& injection = "",
             const std::string& confirms = "") {
    Trial trial;
    trial.start.id = "t" + std::to_string(next++);
    trial.start.test = "m.a";
    trial.start.target.id = "memory";
    trial.start.purpose = purpose;
    trial.start.injection = injection;
    trial.start.confirms = confirms;
    trial.end = TrialEnd{
        status, result, status == Status::complete ? "" : "why", status == Status::skipped ? "absent" : "", 1, 1, 1};
    if (result == Result::fail && status == Status::complete)
      trial.findings.push_back({Result::fail, "wrong", "text", ""});
    record.trials.push_back(trial);
    return record.trials.back();
  }
  /// A trial that says how much of its target it covered, in percent.
  static void cover(Trial& trial, double percent) {
    trial.measurements.push_back({"covered", percent, "%", {}, Result::pass});
  }
  Conclusion conclude() const { return journal::conclude(record); }
};

}  // namespace

TEST_CASE("the verdict of a run") {
  struct Row {
    const char* what;
    void (*make)(Builder&);
    Result result;
    ExitCode exit;
  };
  const Row table[] = {
      {"the same code near the limit first, and beyond it later",
       [](Builder& b) {
         Trial& t = b.add(Purpose::test, Status::complete, Result::fail);
         t.findings = {{Result::marginal, "hot", "warm", "a"}, {Result::fail, "hot", "hot", "b"}};
       },
       Result::fail, ExitCode::fail},
      {"a limit that is broken beside a milder finding",
       [](Builder& b) {
         Trial& t = b.add(Purpose::test, Status::complete, Result::fail);
         t.findings = {{Result::marginal, "clock", "coarse", ""}};
         t.measurements = {{"count", 3, "1", {}, Result::fail}};
       },
       Result::fail, ExitCode::fail},
      {"a fail whose reason is lost",
       [](Builder& b) { b.add(Purpose::test, Status::complete, Result::fail).findings.clear(); }, Result::fail,
       ExitCode::fail},
      {"what the kernel says during a trial that is skipped",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::test, Status::skipped, Result::none).findings = {
             {Result::marginal, "kernel:ecc", "a corrected error", "", core::Origin::kernel}};
       },
       Result::marginal, ExitCode::marginal},
      {"what the kernel says during a repeat",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::confirm, Status::complete, Result::fail, "", "t1").findings = {
             {Result::fail, "kernel:mce", "a machine check", "", core::Origin::kernel}};
       },
       Result::fail, ExitCode::fail},
      {"repeats that show something else",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::fail);
         b.add(Purpose::confirm, Status::complete, Result::marginal, "", "t1").findings = {
             {Result::marginal, "throttled", "hot", ""}};
       },
       Result::fail, ExitCode::marginal},
      {"a required test that is skipped as an optional one was",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::test, Status::skipped, Result::none);
         b.add(Purpose::test, Status::skipped, Result::none).start.required = true;
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a planned target that was gone when the run went on",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.start.planned = {{"m.a", "memory", "", true}, {"m.a", "disk:sda", "S1", true}};
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a second stage with the same test that never ran",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass).start.stage = "first";
         b.record.start.planned = {{"m.a", "memory", "", false, "first", 0}, {"m.a", "memory", "", false, "second", 0}};
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a second entry of the same stage that never ran",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass).start.stage = "first";
         b.record.start.planned = {{"m.a", "memory", "", false, "first", 0}, {"m.a", "memory", "", false, "first", 1}};
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a required test that covered less than is asked for",
       [](Builder& b) {
         b.record.start.planned = {{"m.a", "memory", "", true, "", 0, 0.5}};
         b.cover(b.add(Purpose::test, Status::complete, Result::pass), 0.18);
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a required test that covered enough in its second trial",
       [](Builder& b) {
         b.record.start.planned = {{"m.a", "memory", "", true, "", 0, 0.5}};
         b.cover(b.add(Purpose::test, Status::complete, Result::pass), 20);
         b.cover(b.add(Purpose::test, Status::complete, Result::pass), 50);
       },
       Result::pass, ExitCode::pass},
      {"a test that nobody requires and covered little",
       [](Builder& b) {
         b.record.start.planned = {{"m.a", "memory", "", false, "", 0, 0.5}};
         b.cover(b.add(Purpose::test, Status::complete, Result::pass), 3);
       },
       Result::pass, ExitCode::pass},
      {"a gap that the operator could have mended",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.start.not_tested.push_back({"m.b", "disk:a", "no-tool", "smartctl is not installed", false, true});
       },
       Result::inconclusive, ExitCode::incomplete},
      {"hardware that must be tested if it is there, and is not there",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::test, Status::skipped, Result::none).start.if_present = true;
       },
       Result::pass, ExitCode::pass},
      {"hardware that must be tested if it is there, and does not let itself be opened",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         Trial& skipped = b.add(Purpose::test, Status::skipped, Result::none);
         skipped.start.if_present = true;
         skipped.end->category = "no-permission";
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a plugin's finding that is called as the kernel's are, in a trial that crashed",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::test, Status::crashed, Result::none).findings = {{Result::fail, "kernel:mce", "t", ""}};
       },
       Result::inconclusive, ExitCode::incomplete},
      {"an injection that the test skipped, though it could be made",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::control, Status::complete, Result::pass);
         b.add(Purpose::injection, Status::skipped, Result::none, "flip");
       },
       Result::inconclusive, ExitCode::incomplete},
      {"an injection that is skipped as its control was: the hardware is not there",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::control, Status::skipped, Result::none);
         b.add(Purpose::injection, Status::skipped, Result::none, "flip");
       },
       Result::pass, ExitCode::pass},
      {"one pass", [](Builder& b) { b.add(Purpose::test, Status::complete, Result::pass); }, Result::pass,
       ExitCode::pass},
      {"nothing ran", [](Builder&) {}, Result::none, ExitCode::incomplete},
      {"a fail", [](Builder& b) { b.add(Purpose::test, Status::complete, Result::fail); }, Result::fail,
       ExitCode::fail},
      {"a fail that is seen again",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::fail);
         b.add(Purpose::confirm, Status::complete, Result::fail, "", "t1");
       },
       Result::fail, ExitCode::fail},
      {"a fail that comes and goes",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::fail);
         b.add(Purpose::confirm, Status::complete, Result::pass, "", "t1");
       },
       Result::fail, ExitCode::marginal},
      {"a crash is no fail",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::test, Status::crashed, Result::none);
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a timeout is no fail", [](Builder& b) { b.add(Purpose::test, Status::timeout, Result::none); }, Result::none,
       ExitCode::incomplete},
      {"an injected failure says nothing of the machine",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::control, Status::complete, Result::pass);
         b.add(Purpose::injection, Status::complete, Result::fail, "flip");
       },
       Result::pass, ExitCode::pass},
      {"an injection that was not noticed spoils the pass",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::control, Status::complete, Result::pass);
         b.add(Purpose::injection, Status::complete, Result::pass, "flip");
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a control that failed spoils the pass",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::control, Status::complete, Result::fail);
         b.add(Purpose::injection, Status::complete, Result::fail, "flip");
       },
       Result::inconclusive, ExitCode::incomplete},
      {"absent hardware leaves the result alone",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.add(Purpose::test, Status::skipped, Result::none);
       },
       Result::pass, ExitCode::pass},
      {"required hardware that is absent does not",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.start.not_tested.push_back({"m.b", "", "absent", "none", true});
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a machine check in a crashed trial is a fail",
       [](Builder& b) {
         b.add(Purpose::test, Status::crashed, Result::fail).findings.push_back({Result::fail, "mce", "t", ""});
       },
       Result::fail, ExitCode::fail},
      {"stopped by the user",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.stopped_by_user = true;
       },
       Result::inconclusive, ExitCode::interrupted},
      {"marginal",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::marginal)
             .findings.push_back({Result::marginal, "near", "t", ""});
       },
       Result::marginal, ExitCode::marginal},
      {"cut off and never ended",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.ended_at.clear();
       },
       Result::inconclusive, ExitCode::incomplete},
      {"a kernel fault between trials",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.errors.push_back({"assay.kernel.fail", "mce"});
       },
       Result::fail, ExitCode::fail},
      {"the machine restarted in mid-run",
       [](Builder& b) {
         b.add(Purpose::test, Status::complete, Result::pass);
         b.record.errors.push_back({"assay.restarted", "x"});
       },
       Result::marginal, ExitCode::marginal},
  };
  for (const Row& row : table) {
    INFO(row.what);
    Builder builder;
    row.make(builder);
    const Conclusion c = builder.conclude();
    CHECK(c.result == row.result);
    CHECK(c.exit_code == row.exit);
  }
}

TEST_CASE("what the kernel says is a fault of the part that it speaks of, and of no test that ran meanwhile") {
  Builder b;
  b.add(Purpose::test, Status::complete, Result::pass)
      .findings.push_back({Result::fail, "kernel:disk-medium", "sdb", "", core::Origin::kernel, "storage"});
  b.add(Purpose::confirm, Status::complete, Result::pass, "", "t1");
  const Conclusion c = b.conclude();
  REQUIRE(c.faults.size() == 1);
  CHECK(c.faults[0].subsystem == "storage");
  CHECK(c.faults[0].test.empty());
  CHECK_FALSE(c.faults[0].intermittent());
  CHECK(c.exit_code == ExitCode::fail);
  for (const auto& part : c.subsystems) CHECK(part.result == Result::pass);
}

TEST_CASE("a planted fault that was missed with one set of parameters is not made up for by another") {
  for (const bool blind_first : {true, false}) {
    Builder b;
    b.add(Purpose::test, Status::complete, Result::pass);
    for (const bool first : {true, false}) {
      b.add(Purpose::control, Status::complete, Result::pass);
      b.add(Purpose::injection, Status::complete, first == blind_first ? Result::pass : Result::fail, "flip");
    }
    CHECK(b.conclude().proven() == 0);
    CHECK(b.conclude().exit_code == ExitCode::incomplete);
  }
}

TEST_CASE("the least coverage is asked of each set of parameters, and of each entry of the plan") {
  Builder b;
  const auto add = [&](int entry, double slow, double percent) {
    Trial& trial = b.add(Purpose::test, Status::complete, Result::pass);
    trial.start.stage = "s";
    trial.start.entry = entry;
    trial.start.parameters = {{"slow", slow}, {"duration", 1.0}};
    Builder::cover(trial, percent);
  };
  b.record.start.tests[0].extent = {"duration"};
  b.record.start.planned = {{"m.a", "memory", "", false, "s", 0, 0}, {"m.a", "memory", "", true, "s", 1, 0.9}};
  add(0, 30, 100);
  add(1, 0.3, 25);
  CHECK(b.conclude().exit_code == ExitCode::incomplete);
  REQUIRE(b.conclude().shortfalls.size() == 1);
  CHECK(b.conclude().shortfalls[0].covered == Approx(0.25));
  add(0, 0.3, 95);  // what another entry covered with the same parameters counts
  CHECK(b.conclude().exit_code == ExitCode::pass);
}

TEST_CASE("a target that went away in mid-run is no hardware that the machine does not have") {
  for (const char* category : {"gone", "no-answer"}) {
    Builder b;
    b.add(Purpose::test, Status::complete, Result::pass);
    Trial& gone = b.add(Purpose::test, Status::skipped, Result::none);
    gone.start.target.id = "disk:sda";
    gone.end->category = category;
    CHECK(b.conclude().exit_code == ExitCode::incomplete);
    CHECK(b.conclude().missing_parts().size() == 1);
  }
}

TEST_CASE("a machine that fails the control is called sick, and its test is not called blind") {
  Builder b;
  b.add(Purpose::control, Status::complete, Result::fail);
  b.add(Purpose::injection, Status::complete, Result::fail, "flip");
  b.add(Purpose::test, Status::complete, Result::fail);
  const Conclusion c = b.conclude();
  REQUIRE(c.proofs.size() == 1);
  CHECK(c.proofs[0].sick);
  CHECK_FALSE(c.proofs[0].proven());
  CHECK(c.tried() == 0);
  CHECK_THAT(c.proofs[0].reason, Catch::Contains("the machine itself failed"));
}

TEST_CASE("a part is tested in part when something of it that is there was not, and nobody tested that otherwise") {
  const struct {
    const char* what;
    NotTested gap;
    bool partly;
  } table[] = {
      {"not there", {"m.a", "", "absent", "none", false}, false},
      {"there, and no access", {"m.a", "disk:b", "no-permission", "EPERM", false}, true},
      {"one test less on what was tested all the same", {"m.a", "memory", "not-supported", "no", false}, false},
      {"nobody agreed to writing, and reading was tested", {"m.a", "memory", "no-consent", "no", false}, false},
      {"for the operator's reason", {"m.a", "memory", "no-tool", "no", false, true}, true},
      {"not reached", {"m.a", "memory", "not-reached", "no", false}, true},
  };
  for (const auto& row : table) {
    INFO(row.what);
    Builder b;
    b.add(Purpose::test, Status::complete, Result::pass);
    b.record.start.not_tested.push_back(row.gap);
    CHECK(b.conclude().missing_parts().size() == (row.partly ? 1 : 0));
  }
}

TEST_CASE("how often a fault showed is counted from its repeats") {
  Builder b;
  b.add(Purpose::test, Status::complete, Result::fail);
  for (int i = 0; i < 4; ++i) b.add(Purpose::confirm, Status::complete, Result::pass, "", "t1");
  b.add(Purpose::confirm, Status::complete, Result::fail, "", "t1");
  b.add(Purpose::confirm, Status::crashed, Result::none, "", "t1");
  const Conclusion c = b.conclude();
  REQUIRE(c.faults.size() == 1);
  CHECK(c.faults[0].repeats == 5);
  CHECK(c.faults[0].seen_again == 1);
  CHECK(c.faults[0].intermittent());
}

TEST_CASE("a test without injections is unproven, and said to be") {
  Builder b;
  b.record.start.tests = {info("m.a", false)};
  b.add(Purpose::test, Status::complete, Result::pass);
  CHECK(b.conclude().unproven_tests == std::vector<std::string>{"m.a"});
}

namespace {

/// As many trials, each of which failed in a way of its own, was looked at again, and skipped something once.
Record many_failures(int trials) {
  Builder b;
  for (int i = 0; i < trials; ++i) {
    const std::string code = "code" + std::to_string(i);
    const std::string id = b.add(Purpose::test, Status::complete, Result::fail).start.id;
    b.record.trials.back().findings[0].code = code;
    b.record.trials.back().repeats.push_back({code, 2, 1});
    b.add(Purpose::confirm, Status::complete, Result::fail, "", id).findings[0].code = code;
    b.add(Purpose::test, Status::skipped, Result::none).end->reason = code;
  }
  return b.record;
}

double cpu_seconds_of_conclusion(const Record& record) {
  double least = 1e9;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const std::clock_t begin = std::clock();
    const Conclusion conclusion = conclude(record);
    least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    CHECK(conclusion.faults.size() == record.trials.size() / 3);
    CHECK(conclusion.faults[0].repeats == 3);
    CHECK(conclusion.faults[0].seen_again == 2);
  }
  return least;
}

}  // namespace

TEST_CASE("four times as many failures take about four times as long to conclude from, and not sixteen") {
  const double few = cpu_seconds_of_conclusion(many_failures(2500)),
               many = cpu_seconds_of_conclusion(many_failures(10'000));
  INFO(few << " s and " << many << " s of CPU time");
  CHECK(many < 9 * few);
}
