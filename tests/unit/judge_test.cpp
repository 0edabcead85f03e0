#include <assay/plugin.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <csignal>

#include "engine/evidence.hpp"

using namespace assay;
using core::Result;
using core::Status;
using engine::Evidence;

namespace {

catalog::Test test_with_count() {
  catalog::Test test;
  test.id = "some.test";
  test.measurements.push_back({"count", "1", {{"en", "Count"}}, {{core::Comparator::at_most, 0, Result::fail}}, false});
  return test;
}

/// One that counts what it covered, where it came to that.
catalog::Test test_with_coverage() {
  catalog::Test test = test_with_count();
  test.measurements.push_back({"covered", "%", {{"en", "Covered"}}, {}, true});
  return test;
}

/// A trial that ran well and found nothing.
Evidence good() {
  Evidence e;
  e.phase = "running";
  e.exited = true;
  e.end_status = ASSAY_OK;
  e.measurements = {{"count", 0.0}};
  e.time_limit = 10;
  return e;
}

}  // namespace

TEST_CASE("the verdict follows from frames, wait status and order of events") {
  struct Row {
    const char* what;
    void (*change)(Evidence&);
    Status status;
    Result result;
  };
  const Row table[] = {
      {"all good", [](Evidence&) {}, Status::complete, Result::pass},
      {"limit broken", [](Evidence& e) { e.measurements[0].second = 1; }, Status::complete, Result::fail},
      {"finding",
       [](Evidence& e) {
         e.findings.push_back({Result::fail, "x", "y", ""});
       },
       Status::complete, Result::fail},
      {"marginal finding",
       [](Evidence& e) {
         e.findings.push_back({Result::marginal, "x", "y", ""});
       },
       Status::complete, Result::marginal},
      {"note",
       [](Evidence& e) {
         e.findings.push_back({Result::none, "x", "y", ""});
       },
       Status::complete, Result::pass},
      {"no verdict, exit 0", [](Evidence& e) { e.end_status.reset(); }, Status::error, Result::none},
      {"not a number", [](Evidence& e) { e.measurements[0].second = std::nan(""); }, Status::error, Result::none},
      {"infinite", [](Evidence& e) { e.measurements[0].second = HUGE_VAL; }, Status::error, Result::none},
      {"not declared", [](Evidence& e) { e.measurements.emplace_back("other", 1); }, Status::error, Result::none},
      {"missing", [](Evidence& e) { e.measurements.clear(); }, Status::error, Result::none},
      {"skipped",
       [](Evidence& e) {
         e.end_status = ASSAY_SKIPPED;
         e.skip_reason = "no cable";
       },
       Status::skipped, Result::none},
      {"skipped without a reason", [](Evidence& e) { e.end_status = ASSAY_SKIPPED; }, Status::error, Result::none},
      {"refused parameter", [](Evidence& e) { e.end_status = ASSAY_BAD_PARAMETER; }, Status::error, Result::none},
      {"crash",
       [](Evidence& e) {
         e.end_status.reset();
         e.exited = false;
         e.signal = SIGSEGV;
       },
       Status::crashed, Result::none},
      {"crash after a finding is no verdict",
       [](Evidence& e) {
         e.end_status.reset();
         e.signal = SIGSEGV;
         e.findings.push_back({Result::fail, "x", "y", ""});
       },
       Status::crashed, Result::none},
      {"too long",
       [](Evidence& e) {
         e.end_status.reset();
         e.over_time = true;
         e.signal = SIGKILL;
         e.ended_by = engine::EndedBy::kill;
       },
       Status::timeout, Result::none},
      {"cannot be killed",
       [](Evidence& e) {
         e.end_status.reset();
         e.ended_by = engine::EndedBy::nobody;
       },
       Status::timeout, Result::none},
      {"done, and then hanging in a read that never comes back",
       [](Evidence& e) {
         e.ended_by = engine::EndedBy::nobody;
         e.findings.push_back({Result::fail, "no-answer", "The drive stopped answering.", ""});
       },
       Status::complete, Result::fail},
      {"ended by its time limit, and says not what it covered",
       [](Evidence& e) {
         e.over_time = true;
         e.ended_by = engine::EndedBy::cancel;
       },
       Status::timeout, Result::none},
      {"ended by its time limit, having covered something",
       [](Evidence& e) {
         e.over_time = true;
         e.measurements.emplace_back("covered", 3.0);
       },
       Status::complete, Result::pass},
      {"ended by its time limit, having covered nothing",
       [](Evidence& e) {
         e.over_time = true;
         e.measurements.emplace_back("covered", 0.0);
       },
       Status::timeout, Result::none},
      {"ended by its time limit with a fault found",
       [](Evidence& e) {
         e.over_time = true;
         e.findings.push_back({Result::fail, "x", "y", ""});
       },
       Status::complete, Result::fail},
      {"stopped by the user",
       [](Evidence& e) {
         e.end_status.reset();
         e.stopped_by_user = true;
       },
       Status::aborted, Result::none},
      {"cut short by the user, nothing found", [](Evidence& e) { e.stopped_by_user = true; }, Status::aborted,
       Result::none},
      {"garbage", [](Evidence& e) { e.channel_fault = "a frame"; }, Status::error, Result::none},
      {"processes left", [](Evidence& e) { e.leftovers = 1; }, Status::error, Result::none},
      {"kernel fault in a good trial: no result of the test that happened to run",
       [](Evidence& e) {
         e.kernel.push_back({Result::fail, "kernel:mce", "y", "", core::Origin::kernel, "processor"});
       },
       Status::complete, Result::pass},
      {"kernel fault in a crashed trial",
       [](Evidence& e) {
         e.end_status.reset();
         e.signal = SIGSEGV;
         e.kernel.push_back({Result::fail, "kernel:mce", "y", "", core::Origin::kernel, "processor"});
       },
       Status::crashed, Result::none},
      {"a fault that was found before the test says that it was skipped",
       [](Evidence& e) {
         e.end_status = ASSAY_SKIPPED;
         e.skip_reason = "no cable";
         e.findings.push_back({Result::fail, "x", "y", ""});
       },
       Status::error, Result::none},
      {"a fault that was found before the test was cut off",
       [](Evidence& e) {
         e.end_status = ASSAY_CANCELLED;
         e.measurements.clear();
         e.findings.push_back({Result::fail, "x", "y", ""});
       },
       Status::complete, Result::fail},
      {"machine check",
       [](Evidence& e) {
         e.end_status.reset();
         e.signal = SIGBUS;
         e.crash_signal = SIGBUS;
         e.crash_code = BUS_MCEERR_AR;
       },
       Status::crashed, Result::fail},
      {"plain bus error",
       [](Evidence& e) {
         e.end_status.reset();
         e.signal = SIGBUS;
         e.crash_signal = SIGBUS;
         e.crash_code = BUS_ADRERR;
       },
       Status::crashed, Result::none},
      {"a claim of a machine check without the signal",
       [](Evidence& e) {
         e.crash_signal = SIGBUS;
         e.crash_code = BUS_MCEERR_AR;
       },
       Status::complete, Result::pass},
  };
  for (const Row& row : table) {
    INFO(row.what);
    Evidence evidence = good();
    row.change(evidence);
    const auto judged = engine::judge(
        evidence, evidence.measurements.size() > 1 && evidence.measurements[1].first == "covered" ? test_with_coverage()
                                                                                                  : test_with_count());
    CHECK(judged.end.status == row.status);
    CHECK(judged.end.result == row.result);
    if (row.status != Status::complete) CHECK_FALSE(judged.end.reason.empty());
  }
}

TEST_CASE("a crash is worded as trouble with the plugin, a machine check as the machine's") {
  Evidence crash = good();
  crash.end_status.reset();
  crash.signal = SIGSEGV;
  crash.doing = "block 7";
  const auto judged = engine::judge(crash, test_with_count());
  CHECK_THAT(judged.end.reason, Catch::Contains("SIGSEGV") && Catch::Contains("says nothing about the machine") &&
                                    Catch::Contains("block 7"));

  Evidence check = good();
  check.end_status.reset();
  check.signal = check.crash_signal = SIGBUS;
  check.crash_code = BUS_MCEERR_AO;
  check.crash_address = 0xABC000;
  const auto machine = engine::judge(check, test_with_count());
  REQUIRE(machine.findings.size() == 1);
  CHECK_THAT(machine.findings[0].text, Catch::Contains("0xabc000"));
}
