#include <catch2/catch.hpp>
#include <fstream>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "journal/writer.hpp"

using namespace assay;
using namespace assay::journal;
using core::ExitCode;
using core::Purpose;
using core::Result;
using core::Status;

namespace {

TestInfo info(const std::string& id, bool with_injection = true) {
  TestInfo test{id,
                "p",
                "memory",
                "memory",
                "load",
                {{"en", id}},
                {{"en", "d"}},
                {{"en", "a"}},
                {{"count", "1", {{"en", "Count"}}, false}, {"covered", "%", {{"en", "Covered"}}, true}},
                {}};
  if (with_injection) test.injections.push_back({"flip", {{"en", "Flip"}}});
  return test;
}

RunStart start() {
  RunStart s;
  s.run_id = "r1";
  s.version = "0";
  s.plan_id = "p";
  s.plan_title = {{"en", "P"}};
  s.seed = 0xFFFFFFFFFFFFFFF0;
  s.machine = "{}";
  s.tests = {info("m.a")};
  return s;
}

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

TEST_CASE("a journal that is written is read again, all of it") {
  const test::Scratch scratch;
  {
    Writer writer = Writer::create(scratch / "journal.jsonl");
    writer.run_start(start());
    TrialStart t;
    t.id = "t00001";
    t.test = "m.a";
    t.target = {"memory", "memory", "16 GiB", {{"k", "v"}}, true};
    t.seed = 0xFFFFFFFFFFFFFFFF;
    t.stage = "s";
    t.round = 3;
    t.parameters = {{"a", int64_t{1}}, {"b", 0.5}, {"c", true}, {"d", std::string("x")}};
    writer.trial_start(t);
    writer.measurement(t.id, {"count", 3, "1", {{core::Comparator::at_most, 0, Result::fail}}, Result::fail}, "memory");
    writer.finding(t.id, {Result::fail, "code", "text \xFF bad", "where"}, "memory", true);
    writer.log(t.id, {"stderr", "INFO", "a line] with a bracket"});
    writer.error(t.id, {"plugin", "why"});
    writer.file(t.id, {"f", "artifacts/t00001/f", "text/plain"});
    writer.series(t.id, 0, {"temp", "C", "s.f64", 5, 1, 1, 2, 3});
    writer.trial_end(t.id, {Status::complete, Result::fail, "", "", 1.5, 1.25, 4096});
    writer.run_end(Result::fail, true);
  }
  const Record record = read(scratch.path());
  CHECK(record.finished());
  CHECK(record.damaged_lines == 0);
  CHECK(record.start.seed == 0xFFFFFFFFFFFFFFF0);
  REQUIRE(record.trials.size() == 1);
  const Trial& t = record.trials[0];
  CHECK(t.start.seed == 0xFFFFFFFFFFFFFFFF);
  CHECK(t.start.round == 3);
  CHECK(t.start.target.stand_in);
  CHECK(std::get<double>(t.start.parameters.at("b")) == 0.5);
  REQUIRE(t.measurements.size() == 1);
  CHECK(t.measurements[0].limits[0].comparator == core::Comparator::at_most);
  REQUIRE(t.findings.size() == 1);
  REQUIRE(t.log.size() == 1);
  CHECK(t.log[0].source == "stderr");
  CHECK(t.log[0].text == "a line] with a bracket");
  CHECK(t.series[0].greatest == 3);
  REQUIRE(t.end);
  CHECK(t.end->most_memory == 4096);
}

TEST_CASE("a torn last line costs that line only, and resuming takes it away") {
  const test::Scratch scratch;
  const std::string path = scratch / "journal.jsonl";
  {
    Writer writer = Writer::create(path);
    writer.run_start(start());
    TrialStart t;
    t.id = "t00001";
    writer.trial_start(t);
    writer.trial_end(t.id, {});
  }
  std::ofstream(path, std::ios::app) << "{\"testStepArtifact\":{\"testStepId\":\"t0";
  CHECK(read(scratch.path()).damaged_lines == 1);
  CHECK_FALSE(read(scratch.path()).finished());
  Writer writer = Writer::resume(path);
  writer.run_error({"assay.interrupted", "cut"});
  writer.run_end(Result::pass, true);
  const Record record = read(scratch.path());
  CHECK(record.damaged_lines == 0);
  CHECK(record.interruptions == 1);
  CHECK(record.finished());
  CHECK(record.trials.size() == 1);
}

TEST_CASE("a second host cannot go on with a run that is still going on") {
  const test::Scratch scratch;
  Writer writer = Writer::create(scratch / "journal.jsonl");
  CHECK_THROWS_WITH(Writer::resume(scratch / "journal.jsonl"), Catch::Contains("still going on"));
}

TEST_CASE("a damaged journal never makes a milder verdict, nor a harder one") {
  const test::Scratch scratch;
  const std::string path = scratch / "journal.jsonl";
  {
    Writer writer = Writer::create(path);
    writer.run_start(start());
    TrialStart t;
    t.test = "m.a";
    for (const auto& [id, purpose] :
         {std::pair{"t1", Purpose::test}, std::pair{"t2", Purpose::injection}, std::pair{"t3", Purpose::test}}) {
      t.id = id, t.purpose = purpose;
      writer.trial_start(t);
      if (purpose == Purpose::injection) writer.finding(t.id, {Result::fail, "planted", "p", ""}, "memory", false);
      const Result result = purpose == Purpose::injection ? Result::fail : Result::pass;
      writer.trial_end(t.id, {Status::complete, result, "", "", 1, 1, 1});
    }
    writer.run_end(Result::pass, true);
  }
  const std::string whole = *core::read_file(path);
  CHECK(conclude(read(path)).exit_code == ExitCode::pass);
  // Each line in turn damaged, or gone.
  size_t from = whole.find('\n', whole.find('\n') + 1) + 1;  // not the run's start
  for (size_t to; (to = whole.find('\n', from)) != std::string::npos; from = to + 1) {
    const std::string line = whole.substr(from, to - from);
    INFO(line);
    std::string flipped = whole;
    flipped[from] = '!';
    const bool last = to + 1 == whole.size();
    for (const std::string& text : {flipped, whole.substr(0, from) + whole.substr(to + 1)}) {
      if (last && text.size() < whole.size()) continue;  // a run without an end is unfinished, and says so
      test::write_file(path, text);
      const Conclusion c = conclude(read(path));
      CHECK(c.exit_code == ExitCode::incomplete);
      CHECK(c.faults.empty());
      CHECK_FALSE(c.complete);
    }
  }
}

TEST_CASE("a file that is no journal is refused") {
  const test::Scratch scratch;
  test::write_file(scratch / "journal.jsonl", "hello\n{}\n");
  CHECK_THROWS_AS(read(scratch.path()), core::BadInput);
  CHECK_THROWS_AS(read(scratch / "absent"), core::BadInput);
  CHECK_THROWS_AS(Writer::create(scratch / "journal.jsonl"), core::Trouble);
}

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

TEST_CASE("where a failure lies and what was covered are read again") {
  const test::Scratch scratch;
  Writer writer = Writer::create(scratch / "journal.jsonl");
  writer.run_start(start());
  TrialStart t;
  t.id = "t1";
  t.test = "m.a";
  t.if_present = true;
  writer.trial_start(t);
  writer.finding(t.id, {Result::fail, "limit:x", "text", "", core::Origin::limit}, "memory", true);
  writer.failed_place(t.id, {"wrong", {"physical", 0xFFFFFFFFFFFFF000, 0xFFFFFFFFFFFFFFFF, ""}});
  writer.failed_place(t.id, {"slow", {"", 0, 0, "port 1-2"}});
  writer.covered(t.id, {{"physical", "artifacts/covered/t1-physical"}}, {"port 1-2"});
  writer.trial_end(t.id, {});
  const Trial read_again = read(scratch.path()).trials.at(0);
  CHECK(read_again.start.if_present);
  CHECK(read_again.findings.at(0).origin == core::Origin::limit);
  REQUIRE(read_again.failed_places.size() == 2);
  CHECK(read_again.failed_places[0].place.first == 0xFFFFFFFFFFFFF000);
  CHECK(read_again.failed_places[1].place.piece == "port 1-2");
  CHECK(read_again.covered_files.at("physical") == "artifacts/covered/t1-physical");
  CHECK(read_again.covered_pieces == std::vector<std::string>{"port 1-2"});
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
