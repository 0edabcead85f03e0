#include <catch2/catch.hpp>

#include "core/text.hpp"

#include "journal/conclusion.hpp"
#include "reports/view.hpp"

using namespace assay;
using Catch::Contains;

namespace {

/// A record in which every text that a device, a plugin or a person could fill is hostile.
journal::Record hostile() {
  const std::string evil = "<script>alert(1)</script>\"'{{{style}}}&\x1b[31m\xC2\x9B\x9B\xE2\x80\xAE\x7F\xFF";
  journal::Record r;
  r.started_at = "2026-01-01T00:00:00.000Z";
  r.ended_at = "2026-01-01T00:01:00.000Z";
  r.start.run_id = "r";
  r.start.plan_id = "p";
  r.start.plan_title = {{"en", evil}};
  r.start.machine =
      R"({"system": {"vendor": "<img src=x onerror=alert(2)>", "serial": "<b>"}, "disks": [{"name": "<i>", "model": "<u>"}]})";
  r.start.tests.push_back(
      {"m.a", evil, "memory", "memory", "load", {{"en", evil}}, {{"en", evil}}, {{"en", evil}}, {}, {}});
  r.start.not_tested.push_back({evil, evil, evil, evil, true});
  r.start.plugins.push_back({evil, evil, evil, evil, evil, {{evil, evil}}});
  r.start.refused.push_back({evil, evil});
  journal::Trial t;
  t.start.id = "t1";
  t.start.test = "m.a";
  t.start.target = {evil, evil, evil, {}, false};
  t.start.privileges = {evil, "devices " + evil};
  t.findings.push_back({core::Result::fail, evil, evil, evil});
  t.log.push_back({evil, "INFO", evil});
  t.end = journal::TrialEnd{core::Status::complete, core::Result::fail, evil, "", 1, 1, 1};
  r.trials.push_back(t);
  return r;
}

reports::View view_of(const journal::Record& record, const journal::Conclusion& conclusion,
                      const char* language = "en") {
  reports::Extras extras;
  extras.language = language;
  return reports::make_view(record, conclusion, journal::RunFiles(""), extras);
}

}  // namespace

TEST_CASE("nothing that a record holds becomes markup") {
  const auto record = hostile();
  const auto conclusion = journal::conclude(record);
  const std::string page = reports::html(view_of(record, conclusion));
  CHECK_THAT(page, !Contains("<script>alert"));
  CHECK(page.find("<script") == page.rfind("<script"));  // the page's own
  CHECK_THAT(page, !Contains("<img"));
  CHECK_THAT(page, !Contains("<i>") && !Contains("<u>"));
  CHECK_THAT(page, Contains("&lt;script&gt;"));
  CHECK_THAT(page, Contains("{{{style}}}"));  // shown, not filled in
  CHECK_THAT(page, Contains("default-src 'none'"));
  CHECK_THAT(page, !Contains("http://") && !Contains("https://"));
  CHECK_THAT(reports::junit(record, conclusion), !Contains("<script"));
}

TEST_CASE("nothing that a record holds drives a terminal or turns a line around, in any form") {
  const auto record = hostile();
  const auto conclusion = journal::conclude(record);
  const auto view = view_of(record, conclusion);
  for (const std::string& form : {reports::html(view), reports::text(view), reports::junit(record, conclusion),
                                  reports::csv(record), reports::prometheus(record, conclusion)})
    CHECK(core::visible_text(form) == form);
}

TEST_CASE("page one has the verdict, the fault, what to do, and what was not tested") {
  journal::Record r = hostile();
  r.start.tests[0].title = {{"en", "Memory test"}, {"nl", "Geheugentest"}};
  r.start.tests[0].advice = {{"en", "Swap it"}, {"nl", "Vervang het"}};
  r.trials[0].findings[0] = {core::Result::fail, "wrong-data", "A word was wrong.", "0x1000"};
  r.start.not_tested = {{"usb.links", "", "absent", "this machine has no USB", false}};
  const auto conclusion = journal::conclude(r);
  for (const std::string& text : {reports::html(view_of(r, conclusion)), reports::text(view_of(r, conclusion))}) {
    CHECK_THAT(text, Contains("A fault was found: Memory"));
    CHECK_THAT(text, Contains("A word was wrong."));
    CHECK_THAT(text, Contains("Swap it"));
    CHECK_THAT(text, Contains("this machine has no USB"));
  }
  CHECK_THAT(reports::text(view_of(r, conclusion, "nl")), Contains("Geheugentest") && Contains("Vervang het"));
}

TEST_CASE("a run that was narrowed, or did not reach its end, never says that everything was tested") {
  journal::Record r = hostile();
  r.start.not_tested.clear();
  r.start.tests[0].injections.push_back({"flip", {{"en", "Flip"}}});
  r.trials[0].end = journal::TrialEnd{core::Status::complete, core::Result::pass, "", "", 1, 1, 1};
  r.trials[0].findings.clear();
  r.trials[0].start.target.id = "memory";
  r.start.planned = {{"m.a", "memory", "", false}};
  const auto page = [](const journal::Record& record) {
    return reports::text(view_of(record, journal::conclude(record)));
  };
  CHECK_THAT(page(r), Contains("Everything in the plan was tested."));

  journal::Record narrowed = r;
  narrowed.start.narrowed = {"--only m.*", "--target memory"};
  CHECK_THAT(page(narrowed), !Contains("Everything in the plan was tested."));
  CHECK_THAT(page(narrowed), Contains("Only a part of the plan was asked for: --only m.* --target memory."));

  journal::Record cut_off = r;
  cut_off.ended_at.clear();
  cut_off.start.planned.push_back({"m.a", "disk:sda", "S1", false});
  CHECK_THAT(page(cut_off), !Contains("Everything in the plan was tested."));
  CHECK_THAT(page(cut_off), Contains("disk:sda: not-reached: the run was cut off before this was tested"));
}

TEST_CASE("a rehearsal is called one, on top") {
  journal::Record r = hostile();
  r.start.rehearsal = true;
  r.trials[0].start.injection = "flip-bit";
  CHECK_THAT(reports::html(view_of(r, journal::conclude(r))), Contains("Rehearsal: a fault was simulated on purpose"));
}

TEST_CASE("trouble with a test stands apart from the machine's faults") {
  journal::Record r = hostile();
  r.trials[0].findings.clear();
  r.trials[0].end->status = core::Status::crashed;
  r.trials[0].end->result = core::Result::none;
  r.trials[0].end->reason = "The plugin crashed with SIGSEGV.";
  const auto conclusion = journal::conclude(r);
  CHECK(conclusion.faults.empty());
  CHECK_THAT(reports::html(view_of(r, conclusion)), Contains("Trouble with tests") && Contains("SIGSEGV"));
  CHECK_THAT(reports::junit(r, conclusion), Contains("<error") && !Contains("<failure"));
}

TEST_CASE("the command that tries again names a file by its path, as a shell takes it") {
  journal::Record r = hostile();
  r.start.again = "assay run quick";
  r.trials[0].start.target = {"file:/tmp/a b", "disk", "a b", {{"path", "/tmp/a b"}}, false};
  const auto view = view_of(r, journal::conclude(r));
  REQUIRE(view.findings.size() == 1);
  CHECK_THAT(view.findings[0].replay, Contains("--target '/tmp/a b' --seed"));
  r.trials[0].start.target = {"disk:sda", "disk", "sda", {{"path", "/dev/sda"}}, false};
  CHECK_THAT(view_of(r, journal::conclude(r)).findings[0].replay, Contains("--target disk:sda "));
}

TEST_CASE("what was allowed to be written stands on the page") {
  journal::Record r = hostile();
  const auto allowed = [&] {
    for (const auto& fact : view_of(r, journal::conclude(r)).facts)
      if (fact.name == "Allowed to write") return fact.value;
    return std::string();
  };
  CHECK(allowed().empty());
  r.start.consent = {true, true, "made", {"S1"}};
  CHECK_THAT(allowed(), Contains("free space") && Contains("backup: made") && Contains("content of S1 was given up"));
}

TEST_CASE("what a test could do beyond an ordinary process stands beside its trials, and once in the text") {
  journal::Record r = hostile();
  r.trials[0].start.privileges = {"root", "capability CAP_SYS_RAWIO", "devices usb", "physical-addresses",
                                  "network link"};
  r.trials.push_back(r.trials[0]);
  const auto view = view_of(r, journal::conclude(r));
  CHECK(view.trials[1].privileges ==
        "ran as root, held CAP_SYS_RAWIO, could open devices: usb, read the physical addresses of its own memory, used "
        "the machine's network");
  REQUIRE(view.privileged.size() == 1);
  CHECK_THAT(reports::text(view), Contains("m.a: ran as root, held CAP_SYS_RAWIO"));
  for (journal::Trial& trial : r.trials) trial.start.privileges.clear();
  const auto plain = view_of(r, journal::conclude(r));
  CHECK(plain.privileged.empty());
  CHECK(plain.trials[0].privileges.empty());
}

TEST_CASE("a file that was tested in a disk's place is not counted as a disk of the machine") {
  journal::Record r = hostile();
  r.start.machine = R"({"processor": {"online": 1}, "disks": [{"name": "sda"}, {"name": "sdb"}]})";
  const auto coverage = [&](const std::string& target) {
    r.trials[0].start.target = {target, "disk", "", {}, false};
    std::string text;
    for (const auto& fact : view_of(r, journal::conclude(r)).coverage) text += fact.name + " " + fact.value + "; ";
    return text;
  };
  CHECK_THAT(coverage("disk:sda"), Contains("Disks tested 1 of 2") && !Contains("place"));
  CHECK_THAT(coverage("file:/tmp/a"), Contains("Disks tested 0 of 2") && Contains("place 1"));
}
