#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "../support/command.hpp"
#include "catalog/catalog.hpp"
#include "core/errors.hpp"
#include "plan/resolve.hpp"

using namespace assay;

namespace {

const catalog::Catalog& plugins() {
  static const auto catalog = catalog::Catalog::load({test::build_folder() + "/lib/assay/plugins"});
  return catalog;
}

/// Two cores, memory, one disk; no USB.
std::vector<core::Target> small_machine() {
  return {{"machine", "machine", "", {}, false},
          {"core:0", "core", "", {{"os_index", "0"}}, false},
          {"core:1", "core", "", {{"os_index", "1"}}, false},
          {"memory", "memory", "", {}, false},
          {"disk:a", "disk", "", {{"path", "/dev/a"}}, false}};
}

std::string plan_with(const std::string& stages, const std::string& head = "") {
  return "[plan]\nid = \"p\"\ntitle.en = \"P\"\nprove = \"none\"\n" + head + stages;
}

plan::ResolvedPlan resolve(const std::string& stages, plan::Options options = {},
                           const std::vector<core::Target>& targets = small_machine()) {
  return plan::resolve(plan::parse_plan("p.toml", plan_with(stages)), plugins(), targets, options);
}

std::string why_refused(const std::string& text, const plan::Options& options = {}) {
  try {
    plan::resolve(plan::parse_plan("p.toml", text), plugins(), small_machine(), options);
    return "";
  } catch (const core::BadInput& error) {
    return error.what();
  }
}

double duration_of(const plan::PlannedTrial& trial) { return std::get<double>(trial.parameters.at("duration")); }

void check_durations(const plan::ResolvedPlan& resolved, double expected) {
  for (const auto& trial : resolved.stages[0].trials) CHECK(duration_of(trial) == Approx(expected));
}

}  // namespace

TEST_CASE("a plan that is wrong is refused with file, line, column and reason") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"[plan\nid", "p.toml:1:"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fly\"\n"),
       "p.toml:8:7: no plugin has a test cpu.fly"},
      {plan_with("[[stage]]\nid = \"a\"\ncolour = 3\n[[stage.test]]\nuse = \"cpu.fma\"\n"), "p.toml:7:"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\nparameters.speed = 3\n"),
       "p.toml:9:20: cpu.fma has no parameter speed"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\nparameters.duration = \"soon\"\n"),
       "is not a duration"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"memory.march\"\nparameters.share = 7\n"),
       "p.toml:9:20: memory.march: parameter share = 7: must lie between"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\nparameters.instructions = \"mmx\"\n"),
       "must be one of"},
      {plan_with("[[stage]]\nid = \"a\"\nrepeat = true\n[[stage.test]]\nuse = \"cpu.fma\"\n"), "needs a duration"},
      {plan_with("[[stage]]\nid = \"a\"\nsoak = true\n[[stage.test]]\nuse = \"cpu.fma\"\n"), "only a parallel stage"},
      {plan_with("[[stage]]\nid = \"a\"\nduration = \"-4s\"\n[[stage.test]]\nuse = \"cpu.fma\"\n"), "p.toml:7:12"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse "
                 "= \"cpu.fma\"\n"),
       "two stages"},
      {plan_with(""), "stage"},
      {plan_with("[[stage]]\nid = \"a\"\nmode = \"paralel\"\n[[stage.test]]\nuse = \"cpu.fma\"\n"),
       "must be one of: sequential, parallel"},
      {plan_with("[[stage]]\nid = \"a\"\nduraton = \"4s\"\n[[stage.test]]\nuse = \"cpu.fma\"\n"), "duration is meant?"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\nrequired = \"yes\"\n"),
       "must be one of: true, false, if-present"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"memory.march\"\nleast-coverage = 7\n"),
       "least-coverage"},
      {plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\nleast-coverage = 0.5\n"),
       "p.toml:9:18: cpu.fma does not count what it covers"},
      {plan_with("[[stage]]\nid = \"proof\"\n[[stage.test]]\nuse = \"cpu.fma\"\n"), "Assay's own"},
  };
  for (const auto& [text, reason] : table) {
    INFO(text);
    CHECK_THAT(why_refused(text), Catch::Contains(reason));
  }
}

TEST_CASE("a test runs once on each target of its kind") {
  const auto resolved = resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n");
  REQUIRE(resolved.stages.size() == 1);
  CHECK(resolved.stages[0].trials.size() == 2);
  CHECK(resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\ntargets = [\"core:1\"]\n")
            .stages[0]
            .trials.size() == 1);
}

TEST_CASE("what is absent is not tested, and required only where the plan says so") {
  const auto absent = resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"usb.links\"\n");
  REQUIRE(absent.not_tested.size() == 1);
  CHECK(absent.not_tested[0].category == "absent");
  CHECK_FALSE(absent.not_tested[0].required);
  CHECK(
      resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"usb.links\"\nrequired = true\n").not_tested[0].required);
  CHECK(resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n", {}, {}).not_tested[0].category ==
        "absent");
}

TEST_CASE("what the operator could have given is told apart from what the machine does not have") {
  std::vector<core::Target> closed = small_machine();
  closed.back().attributes["not_readable"] = "Operation not permitted";
  const std::string latency = "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.latency\"\n",
                    usb = "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"usb.links\"\n";
  plan::Options root, forgone;
  root.root = true;
  forgone.allow_gaps = true;
  const struct {
    const char* what;
    std::string stages;
    plan::Options options;
    std::vector<core::Target> targets;
    const char* category;
    bool required, operators;
  } table[] = {
      {"no root", latency, {}, closed, "no-permission", false, true},
      {"no root, and accepted", latency, forgone, closed, "no-permission", false, false},
      {"no root, and the plan does not want it",
       latency + "required = false\n",
       {},
       closed,
       "no-permission",
       false,
       false},
      {"root, and the system forbids it", latency, root, closed, "no-permission", false, false},
      {"the same, where the plan wants what is there", latency + "required = \"if-present\"\n", root, closed,
       "no-permission", true, false},
      {"a target misspelt", latency + "targets = [\"disk:aa\"]\n", root, small_machine(), "no-such-target", false,
       true},
      {"a target of a kind that is not there", usb + "targets = [\"usb:1\"]\n", root, small_machine(), "absent", false,
       false},
      {"not there, where the plan wants what is there", usb + "required = \"if-present\"\n", root, small_machine(),
       "absent", false, false},
      {"not there, where the plan wants it in any case", usb + "required = true\n", root, small_machine(), "absent",
       true, false},
  };
  for (const auto& row : table) {
    INFO(row.what);
    const auto resolved = resolve(row.stages, row.options, row.targets);
    REQUIRE(resolved.not_tested.size() == 1);
    CHECK(resolved.not_tested[0].category == row.category);
    CHECK(resolved.not_tested[0].required == row.required);
    CHECK(resolved.not_tested[0].operators == row.operators);
  }
}

TEST_CASE("a program that a test runs and that is not installed is a gap, and no absence") {
  const test::Scratch scratch;
  const std::string path = std::getenv("PATH"),
                    smart = "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.smart\"\n";
  setenv("PATH", scratch.path().c_str(), 1);
  const auto without = resolve(smart);
  test::write_file(scratch / "smartctl", "#!/bin/sh\n");
  chmod((scratch / "smartctl").c_str(), 0755);
  const auto with = resolve(smart);
  setenv("PATH", path.c_str(), 1);
  REQUIRE(without.not_tested.size() == 1);
  CHECK(without.not_tested[0].category == "no-tool");
  CHECK(without.not_tested[0].operators);
  CHECK_THAT(without.not_tested[0].reason, Catch::Contains("smartctl is not installed"));
  CHECK(with.not_tested.empty());
}

TEST_CASE("the least coverage is the plan's, else the manifest's") {
  const auto least = [](const std::string& more) {
    return resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"memory.march\"\n" + more)
        .stages[0]
        .trials[0]
        .least_coverage;
  };
  CHECK(least("") == Approx(0.5));
  CHECK(least("least-coverage = 0.02\n") == Approx(0.02));
  CHECK(least("least-coverage = 0\n") == 0);
  CHECK(resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n").stages[0].trials[0].least_coverage == 0);
}

TEST_CASE("--duration says which tests may not reach what is asked of them") {
  plan::Options half;
  half.seconds = 20;
  const std::string stages =
      "[[stage]]\nid = \"a\"\nduration = \"40s\"\n[[stage.test]]\nuse = \"memory.march\"\nrequired = true\n";
  REQUIRE(resolve(stages, half).hints.size() == 1);
  CHECK_THAT(resolve(stages, half).hints[0],
             Catch::Contains("memory.march gets 20 s instead of 40 s") && Catch::Contains("50 %"));
  CHECK(resolve(stages).hints.empty());
}

TEST_CASE("a disk that cannot be read is not tested, with the reason") {
  std::vector<core::Target> targets = small_machine();
  targets.back().attributes["not_readable"] = "Permission denied";
  const auto resolved = resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.latency\"\n", {}, targets);
  REQUIRE(resolved.not_tested.size() == 1);
  CHECK(resolved.not_tested[0].category == "no-permission");
  CHECK_THAT(resolved.not_tested[0].reason, Catch::Contains("Permission denied") && Catch::Contains("sudo"));
}

TEST_CASE("a test that writes needs the consent that its effect asks for") {
  const std::string verify = "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.verify\"\n",
                    capacity = "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.capacity\"\n";
  std::vector<core::Target> targets = small_machine();
  targets.back().attributes["free_space"] = "1";
  const auto with = [](core::Consent consent, std::vector<std::string> named) {
    plan::Options options;
    options.consent = std::move(consent);
    options.targets = std::move(named);
    return options;
  };
  const struct {
    const char* what;
    std::string stages;
    plan::Options options;
    const char* category;
    const char* reason;
  } refused[] = {
      {"nothing allowed", verify, {}, "no-consent", "--allow scratch"},
      {"the other one allowed", verify, with({false, true, "made", {}}, {}), "no-consent", "--allow scratch"},
      {"nothing allowed", capacity, with({}, {"disk:a"}), "no-consent", "--allow destructive"},
      {"the other one allowed", capacity, with({true, false, "made", {}}, {"disk:a"}), "no-consent", "destructive"},
      {"no answer about the backup", capacity, with({false, true, "", {}}, {"disk:a"}), "no-consent", "--backup"},
      {"no device named", capacity, with({false, true, "made", {}}, {}), "no-consent", "--target /dev/a"},
      {"only a pattern", capacity, with({false, true, "made", {}}, {"disk:*"}), "no-consent", "--target /dev/a"},
  };
  for (const auto& row : refused) {
    INFO(row.what);
    const auto resolved = resolve(row.stages, row.options, targets);
    REQUIRE(resolved.not_tested.size() == 1);
    CHECK(resolved.not_tested[0].category == row.category);
    CHECK_THAT(resolved.not_tested[0].reason, Catch::Contains(row.reason));
  }
  const auto trials = [&](const std::string& stages, const plan::Options& options) {
    return resolve(stages, options, targets).stages[0].trials.size();
  };
  CHECK(trials(verify, with({true, false, "", {}}, {})) == 1);
  CHECK(trials(capacity, with({false, true, "made", {}}, {"disk:a"})) == 1);
  CHECK(trials(capacity, with({false, true, "not-needed", {}}, {"/dev/a"})) == 1);
}

TEST_CASE("--erase names a disk by its serial number, its world-wide name or a link that is made of these") {
  const test::Scratch scratch;
  const std::string plain = scratch / "plain.img", alias = scratch / "alias";
  test::write_file(plain, "");
  REQUIRE(symlink(plain.c_str(), alias.c_str()) == 0);
  const auto disk = [](const char* id, const std::string& path, const char* serial, const char* wwn, bool weak) {
    return core::Target{
        id, "disk", "", {{"path", path}, {"serial", serial}, {"wwn", wwn}, {"weak_serial", weak ? "1" : ""}}, false};
  };
  const std::vector<core::Target> machine{disk("disk:a", "/dev/a", "A1", "naa.5000c500a1b2c3d4", false),
                                          disk("disk:b", "/dev/b", "SAME", "", true),
                                          disk("disk:c", "/dev/c", "SAME", "", true),
                                          disk("disk:d", plain, "", "", false),
                                          disk("disk:e", "/dev/e", "/", "", false),
                                          disk("disk:f", "/dev/f", "it's \"odd\" %s", "", false)};
  const auto erase = [&](const std::string& name, std::vector<std::string> chosen = {}) -> std::string {
    plan::Options options;
    options.consent.erase = {name};
    options.targets = std::move(chosen);
    try {
      resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.surface\"\n", options, machine);
      return "";
    } catch (const core::BadInput& error) {
      return error.what();
    }
  };
  for (const std::string name : {"A1", "naa.5000c500a1b2c3d4", "0x5000C500A1B2C3D4", "wwn-0x5000c500a1b2c3d4", "/dev/b",
                                 "/dev/c", "/", "it's \"odd\" %s"}) {
    INFO(name);
    CHECK(erase(name).empty());
  }
  CHECK(erase(plain).empty());
  CHECK(erase(alias).empty());
  for (const std::string name : {"", ".", "/dev", "/dev/a", "/dev/f", "A", "a1", "*", "5000", "disk:a", "naa."}) {
    INFO(name);
    CHECK_THAT(erase(name), Catch::Contains("no target has this"));
  }
  CHECK_THAT(erase("A1", {"disk:b"}), Catch::Contains("no target has this"));  // a slip of the pen
  CHECK_THAT(erase("SAME"), Catch::Contains("2 disks have this name") && Catch::Contains("--erase /dev/b, or --erase"));
  CHECK_THAT(erase("SAME", {"disk:b"}), Catch::Contains("2 disks have this name"));
}

TEST_CASE("a folder can be written into, and nothing else") {
  const test::Scratch folder;
  plan::Options options;
  options.consent = {true, true, "made", {}};
  options.targets = {folder.path()};
  const auto resolved = resolve(
      "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.verify\"\n[[stage.test]]\nuse = "
      "\"storage.latency\"\n[[stage.test]]\nuse = \"storage.capacity\"\n",
      options);
  REQUIRE(resolved.stages[0].trials.size() == 1);
  CHECK(resolved.stages[0].trials[0].test->id == "storage.verify");
  CHECK(resolved.not_tested.size() == 2);
}

TEST_CASE("tests that write are proven on a stand-in, without any consent") {
  plan::Options options;
  options.only = {"storage.capacity"};
  const auto proof = plan::resolve_proof(plugins(), small_machine(), options);
  REQUIRE(proof.stages[0].trials.size() > 1);
  for (const auto& trial : proof.stages[0].trials) CHECK(trial.target.stand_in);
}

TEST_CASE("the time of a stage is shared") {
  const std::string one_by_one =
      "[[stage]]\nid = \"a\"\nduration = \"20s\"\n[[stage.test]]\nuse = \"cpu.fma\"\n[[stage.test]]\nuse = "
      "\"cpu.integer\"\n";
  check_durations(resolve(one_by_one), 5);
  const std::string together =
      "[[stage]]\nid = \"a\"\nmode = \"parallel\"\nduration = \"20s\"\n[[stage.test]]\nuse = "
      "\"cpu.fma\"\n[[stage.test]]\nuse = \"cpu.integer\"\n";
  // Two tests contend for each core: ten seconds each; in a soak they share it.
  check_durations(resolve(together), 10);
  const std::string soak =
      "[[stage]]\nid = \"a\"\nmode = \"parallel\"\nsoak = true\nduration = \"20s\"\n[[stage.test]]\nuse = "
      "\"cpu.fma\"\n[[stage.test]]\nuse = \"cpu.integer\"\n";
  check_durations(resolve(soak), 20);
}

TEST_CASE("--duration scales the stages, and what they fix") {
  plan::Options half;
  half.seconds = 20;
  const auto resolved = resolve(
      "[[stage]]\nid = \"a\"\nduration = \"40s\"\n[[stage.test]]\nuse = \"memory.own-address\"\nparameters.duration = "
      "\"10s\"\n[[stage.test]]\nuse = \"memory.march\"\n",
      half);
  CHECK(duration_of(resolved.stages[0].trials[0]) == Approx(5));
  CHECK(duration_of(resolved.stages[0].trials[1]) == Approx(15));
  CHECK(resolved.seconds == Approx(20));
}

TEST_CASE("--only and --target select, and say when they select nothing") {
  const std::string stages =
      "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n[[stage.test]]\nuse = \"memory.march\"\n";
  plan::Options options;
  options.only = {"memory.*"};
  CHECK(resolve(stages, options).stages[0].trials.size() == 1);
  // A pattern that means nothing in the plan means what there is beyond it.
  options.only = {"storage.l*"};
  const auto beyond = resolve(stages, options);
  CHECK(beyond.stages[0].trials.empty());
  REQUIRE(beyond.stages.at(1).trials.size() == 1);
  CHECK(beyond.stages[1].trials[0].test->id == "storage.latency");
  // One that means something in it is kept to that, and that is said.
  options.only = {"memory.*"};
  REQUIRE(resolve(stages, options).hints.size() == 1);
  CHECK_THAT(resolve(stages, options).hints[0], Catch::Contains("memory.bit-fade") && Catch::Contains("in full"));
  options.only.clear();
  options.targets = {"core:1"};
  CHECK(resolve(stages, options).stages[0].trials.size() == 1);
  options.targets = {"core:9"};
  CHECK_THAT(why_refused(plan_with(stages), options), Catch::Contains("no such target"));
  options.targets = {"/no/such/file"};
  CHECK_THAT(why_refused(plan_with(stages), options), Catch::Contains("no such device, file or folder"));
}

TEST_CASE("a file can stand for a disk") {
  const test::Scratch scratch;
  test::write_file(scratch / "disk.img", std::string(8192, 'x'));
  plan::Options options;
  options.targets = {scratch / "disk.img"};
  const auto resolved = resolve("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"storage.latency\"\n", options);
  REQUIRE(resolved.stages[0].trials.size() == 1);
  CHECK(resolved.stages[0].trials[0].target.attribute("bytes") == "8192");
}

TEST_CASE("an injection must exist and its test must be in the plan") {
  plan::Options options;
  for (const auto& [inject, reason] :
       std::vector<std::pair<std::string, std::string>>{{"cpu.fma", "TEST:INJECTION"},
                                                        {"cpu.fma:nonsense", "has no such injection"},
                                                        {"memory.march:flip-bit", "does not use"}}) {
    options.inject = inject;
    CHECK_THAT(why_refused(plan_with("[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n"), options),
               Catch::Contains(reason));
  }
}

TEST_CASE("every test of a plan is proven first: a control, then each injection") {
  const auto plan = plan::parse_plan(
      "p.toml", "[plan]\nid = \"p\"\ntitle.en = \"P\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"cpu.fma\"\n");
  const auto resolved = plan::resolve(plan, plugins(), small_machine(), {});
  REQUIRE(resolved.stages.size() == 2);
  const auto& proof = resolved.stages[0].trials;
  REQUIRE(proof.size() == 5);
  CHECK(proof[0].purpose == core::Purpose::control);
  CHECK(proof[1].injection == "flip-result");
}

TEST_CASE("what the machine does not have is proven on a stand-in where the test allows it") {
  plan::Options options;
  options.only = {"usb.links"};
  const auto resolved = plan::resolve_proof(plugins(), small_machine(), options);
  REQUIRE(resolved.stages.size() == 1);
  for (const auto& trial : resolved.stages[0].trials) CHECK(trial.target.stand_in);
}

TEST_CASE("the presets that Assay brings resolve on a small machine") {
  const auto presets = plan::list_plans({test::build_folder() + "/share/assay/plans"}).plans;
  REQUIRE(presets.size() == 3);
  for (const auto& preset : presets) {
    INFO(preset.id);
    const auto resolved = plan::resolve(preset, plugins(), small_machine(), {});
    CHECK(resolved.seconds > 0);
    for (const auto& stage : resolved.stages)
      for (const auto& trial : stage.trials) CHECK(trial.time_limit > trial.seconds);
  }
}
