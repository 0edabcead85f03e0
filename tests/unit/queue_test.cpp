#include <catch2/catch.hpp>

#include "stage_queue.hpp"

using namespace assay;
using engine::Pending;
using engine::StageQueue;

namespace {

plan::PlannedTrial trial(const catalog::Test& test, const std::string& target, std::vector<std::string> exclusive,
                         std::vector<std::string> shared = {}) {
  plan::PlannedTrial result;
  result.test = &test;
  result.target.id = target;
  result.exclusive = std::move(exclusive);
  result.shared = std::move(shared);
  result.seconds = 1;
  return result;
}

}  // namespace

TEST_CASE("a sequential stage runs one trial at a time, in order") {
  catalog::Test a, b;
  a.id = "a";
  b.id = "b";
  plan::PlannedStage stage{"s", {}, false, false, false, 0, {trial(a, "x", {"x"}), trial(b, "y", {"y"})}};
  StageQueue queue(stage, 1, {});
  queue.next_round();
  Pending next;
  REQUIRE(queue.take({}, next));
  CHECK(next.trial->test->id == "a");
  const plan::PlannedTrial* running = next.trial;
  CHECK_FALSE(queue.take({running}, next));
  CHECK(queue.take({}, next));
  CHECK(queue.empty());
}

TEST_CASE("two tests do not fight for one disk unless the stage says soak") {
  catalog::Test a, b;
  a.id = "a";
  b.id = "b";
  for (const bool soak : {false, true}) {
    plan::PlannedStage stage{"s", {}, true, soak, false, 0, {trial(a, "disk", {"disk"}), trial(b, "disk", {"disk"})}};
    StageQueue queue(stage, 1, {});
    queue.next_round();
    Pending first, second;
    REQUIRE(queue.take({}, first));
    CHECK(queue.take({first.trial}, second) == soak);
  }
}

TEST_CASE("what one test uses, another cannot have for itself") {
  catalog::Test a, b;
  const auto user = trial(a, "x", {"x"}, {"memory"}), owner = trial(b, "y", {"memory"}),
             other = trial(b, "z", {"z"}, {"memory"});
  CHECK_FALSE(engine::can_share(user, owner));
  CHECK_FALSE(engine::can_share(owner, user));
  CHECK(engine::can_share(user, other));
}

TEST_CASE("every round has its own seeds, the same run seed the same ones") {
  catalog::Test a;
  a.id = "a";
  plan::PlannedStage stage{"s", {}, false, false, true, 100, {trial(a, "x", {"x"})}};
  const auto seeds = [&](uint64_t run_seed) {
    StageQueue queue(stage, run_seed, {});
    std::vector<uint64_t> found;
    for (int i = 0; i < 3; ++i) {
      queue.next_round();
      Pending next;
      REQUIRE(queue.take({}, next));
      found.push_back(next.seed);
    }
    return found;
  };
  const auto first = seeds(1);
  CHECK(first == seeds(1));
  CHECK(first != seeds(2));
  CHECK(first[0] != first[1]);
}

TEST_CASE("a failing trial is repeated with its seed before anything else") {
  catalog::Test a, b;
  a.id = "a";
  b.id = "b";
  plan::PlannedStage stage{"s", {}, false, false, false, 0, {trial(a, "x", {"x"}), trial(b, "y", {"y"})}};
  StageQueue queue(stage, 1, {});
  queue.next_round();
  Pending failed, next;
  REQUIRE(queue.take({}, failed));
  queue.confirm(failed, "t00001", 2);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(queue.take({}, next));
    CHECK(next.purpose == core::Purpose::confirm);
    CHECK(next.seed == failed.seed);
    CHECK(next.confirms == "t00001");
  }
  REQUIRE(queue.take({}, next));
  CHECK(next.trial->test->id == "b");
}

TEST_CASE("a test that a stage has twice is two trials, also after an interruption") {
  catalog::Test a;
  a.id = "a";
  auto second = trial(a, "x", {"x"});
  second.entry = 1;
  plan::PlannedStage stage{"s", {}, false, false, false, 0, {trial(a, "x", {"x"}), second}};
  StageQueue both(stage, 1, {});
  both.next_round();
  Pending first, other;
  REQUIRE(both.take({}, first));
  REQUIRE(both.take({}, other));
  CHECK(first.seed != other.seed);
  StageQueue rest(stage, 1, {engine::place("s", 0, 0, core::Purpose::test, "a", "x", "")});
  rest.next_round();
  Pending next;
  REQUIRE(rest.take({}, next));
  CHECK(next.trial->entry == 1);
  CHECK(rest.empty());
}

TEST_CASE("a trial that is left out does not come back in later rounds") {
  catalog::Test a;
  a.id = "a";
  plan::PlannedStage stage{"s", {}, false, false, true, 9, {trial(a, "x", {"x"}), trial(a, "y", {"y"})}};
  StageQueue queue(stage, 1, {});
  queue.next_round();
  Pending next;
  REQUIRE(queue.take({}, next));
  queue.leave_out(next.trial);
  REQUIRE(queue.take({}, next));
  queue.next_round();
  REQUIRE(queue.take({}, next));
  CHECK(next.trial->target.id == "y");
  CHECK(queue.empty());
}

TEST_CASE("what was finished before an interruption is not run again") {
  catalog::Test a;
  a.id = "a";
  plan::PlannedStage stage{"s", {}, false, false, false, 0, {trial(a, "x", {"x"}), trial(a, "y", {"y"})}};
  StageQueue queue(stage, 1, {engine::place("s", 0, 0, core::Purpose::test, "a", "x", "")});
  queue.next_round();
  Pending next;
  REQUIRE(queue.take({}, next));
  CHECK(next.trial->target.id == "y");
  CHECK(queue.empty());
}
