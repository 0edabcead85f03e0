// A vendor's plugin that asks for more than an ordinary program may: told, withheld, allowed, recorded.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"

using namespace assay::test;
using Catch::Contains;
using nlohmann::json;

namespace {

/// A station of its own, a plugin made from the template that needs root, and a plan that uses it.
class Bench {
 public:
  explicit Bench(const std::string& needs) {
    REQUIRE(assay({"plugin", "new", scratch_ / "acme"}).exit_code == 0);
    std::string manifest = read_file(scratch_ / "acme/manifest.json");
    const std::string before = "\"seconds\": 0.1,";
    const auto at = manifest.find(before);
    REQUIRE(at != std::string::npos);
    write_file(scratch_ / "acme/manifest.json", manifest.insert(at, "\"needs\": " + needs + ", "));
    REQUIRE(run({"cmake", "-G", "Ninja", "-S", scratch_ / "acme", "-B", scratch_ / "acme/build",
                 "-DCMAKE_PREFIX_PATH=" + build_folder()})
                .exit_code == 0);
    const auto built = run({"cmake", "--build", scratch_ / "acme/build"});
    INFO(built.output << built.errors);
    REQUIRE(built.exit_code == 0);
    write_file(
        scratch_ / "plan.toml",
        "[plan]\nid = \"acme\"\ntitle.en = \"Acme\"\nprove = \"none\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = "
        "\"acme.pattern\"\n");
  }

  Outcome assay(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program());
    return run(arguments, {"ASSAY_STATION=" + (scratch_ / "station")});
  }
  /// With the plan and the plugin's folder.
  Outcome with_plan(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {scratch_ / "plan.toml", "--plugin-dir", scratch_ / "acme/build"});
    return assay(std::move(arguments));
  }
  std::string plugin() const { return scratch_ / "acme/build/acme.so"; }
  std::string operator/(const std::string& name) const { return scratch_ / name; }

 private:
  Scratch scratch_;
};

}  // namespace

TEST_CASE("what a plugin asks for is told, and withheld until this station allows it") {
  if (geteuid() != 0) {
    WARN("skipped: needs root");
    return;
  }
  const Bench bench(R"({"root": true, "devices": ["usb"]})");
  const auto inspected = bench.assay({"plugin", "inspect", bench.plugin()});
  CHECK_THAT(inspected.output, Contains("needs: it runs as root") &&
                                   Contains("needs: it opens the machine's usb devices") &&
                                   Contains("\n  not allowed\n"));
  CHECK_THAT(bench.assay({"plugin", "list", "--plugin-dir", bench / "acme/build"}).output, Contains("not allowed"));

  const std::string advice = "assay plugin allow " + bench.plugin();
  CHECK_THAT(bench.with_plan({"plan", "explain"}).output, Contains("not-allowed") && Contains(advice));
  const auto withheld = bench.with_plan({"run", "--out", bench / "withheld"});
  CHECK(withheld.exit_code == 3);
  CHECK_THAT(withheld.errors, Contains("will not be tested: acme.pattern") && Contains(advice));
  CHECK(json::parse(read_file(bench / "withheld/record.json"))["conclusion"]["not_tested"][0]["category"] ==
        "not-allowed");
  CHECK_THAT(bench.assay({"report", bench / "withheld", "--lang", "nl"}).output, Contains("deze testbank"));

  const auto proven =
      bench.assay({"prove", "acme.*", "--plugin-dir", bench / "acme/build", "--json", "--out", bench / "not-proven"});
  CHECK(proven.exit_code == 3);
  CHECK(json::parse(proven.output)["not_tried"][0]["category"] == "not-allowed");
  const auto checked = bench.assay({"plugin", "check", bench.plugin()});
  CHECK(checked.exit_code == 3);
  CHECK_THAT(checked.output, Contains("skipped  acme.pattern") && Contains("assay plugin allow"));

  const auto allowed = bench.assay({"plugin", "allow", bench.plugin()});
  CHECK(allowed.exit_code == 0);
  CHECK_THAT(allowed.output, Contains("acme.pattern runs as root") && Contains("Allowed, for this very file"));
  CHECK_THAT(bench.assay({"plugin", "inspect", bench.plugin()}).output, Contains("allowed: your word of 20"));
  CHECK_THAT(bench.with_plan({"plan", "explain"}).output, Contains("runs as root") && Contains("your word of 20"));
  const auto checked_again = bench.assay({"plugin", "check", bench.plugin()});
  INFO(checked_again.output << checked_again.errors);
  CHECK(checked_again.exit_code == 0);

  const auto ran = bench.with_plan({"run", "--out", bench / "ran"});
  INFO(ran.output << ran.errors);
  CHECK(ran.exit_code == 0);
  const json record = json::parse(read_file(bench / "ran/record.json"));
  CHECK(record["trials"][0]["privileges"][0] == "root");
  CHECK_THAT(read_file(bench / "ran/report.html"), Contains("<p>ran as root"));
  CHECK_THAT(bench.assay({"report", bench / "ran", "--format", "text"}).output, Contains("acme.pattern: ran as root"));

  // Another file of that name is another thing.
  write_file(bench.plugin(), read_file(bench.plugin()) + "x");
  CHECK_THAT(bench.with_plan({"plan", "explain"}).output, Contains("not-allowed"));
  CHECK(bench.assay({"plugin", "forbid", bench.plugin()}).exit_code == 2);
  CHECK(bench.assay({"plugin", "forbid", "acme"}).exit_code == 0);
}

TEST_CASE("a vendor's signature allows a plugin where the vendor's key is trusted") {
  const Bench bench(R"({"devices": ["usb"]})");
  const auto vendor = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program());
    return run(arguments, {"ASSAY_STATION=" + (bench / "vendor")});
  };
  CHECK(vendor({"plugin", "sign", bench.plugin()}).exit_code == 0);
  CHECK_THAT(bench.with_plan({"plan", "explain"}).output, Contains("not-allowed"));
  const auto trusted = bench.assay({"plugin", "trust", "acme-inc", bench / "vendor/station.pub"});
  CHECK(trusted.exit_code == 0);
  CHECK_THAT(bench.with_plan({"plan", "explain"}).output, Contains("allowed: signed by the vendor key acme-inc"));
  CHECK_THAT(bench.assay({"plugin", "list", "--plugin-dir", bench / "acme/build"}).output, Contains("key acme-inc"));
  // With a key of its own, in a file.
  REQUIRE(run({"openssl", "genpkey", "-algorithm", "ed25519", "-out", bench / "other.key"}).exit_code == 0);
  chmod((bench / "other.key").c_str(), 0600);
  CHECK(vendor({"plugin", "sign", bench.plugin(), "--key", bench / "other.key"}).exit_code == 0);
  CHECK_THAT(bench.with_plan({"plan", "explain"}).output, Contains("not-allowed"));
}

TEST_CASE("a plugin that asks for nothing runs as before, on any station") {
  const Bench bench(R"({"memory": "most", "processes": true})");
  CHECK(bench.with_plan({"run", "--out", bench / "ran"}).exit_code == 0);
  CHECK(json::parse(read_file(bench / "ran/record.json"))["trials"][0].count("privileges") == 0);
  CHECK_THAT(bench.assay({"plugin", "allow", bench.plugin()}).output, Contains("nothing to allow"));
}

TEST_CASE("what a plugin is made of is listed and recorded, and refused by name where it cannot be trusted") {
  const Scratch scratch;
  write_file(scratch / "empty.c", "int nothing;\n");
  const auto cc = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"cc", "-shared", "-fPIC", "-Wl,--no-as-needed"});
    const auto made = run(arguments);
    INFO(made.errors);
    REQUIRE(made.exit_code == 0);
  };
  const std::string library = scratch / "lib/libacme.so.1", plugin = scratch / "plugins/acme.so";
  for (const char* folder : {"lib", "plugins"}) std::filesystem::create_directories(scratch / folder);
  std::string manifest = read_file(source_folder() + "/sdk/template/c/manifest.json");
  for (size_t at = 0; (at = manifest.find("@NAME@")) != std::string::npos;) manifest.replace(at, 6, "acme");
  write_file(scratch / "manifest.json", manifest);
  REQUIRE(run({build_folder() + "/bin/assay-manifest", scratch / "manifest.json", "--note", scratch / "note.c"})
              .exit_code == 0);
  cc({"-Wl,-soname,libacme.so.1", "-o", library, scratch / "empty.c"});
  cc({"-Wl,--enable-new-dtags,-rpath,$ORIGIN/../lib", "-o", plugin, scratch / "note.c", library});
  const auto list = [&] { return run({program(), "plugin", "list", "--plugin-dir", scratch / "plugins"}).output; };
  CHECK_THAT(list(), Contains("acme 0.1.0"));
  CHECK_THAT(run({program(), "plugin", "inspect", plugin}).output, Contains("made with " + library + ", sha256 "));
  if (geteuid() == 0) {
    REQUIRE(chown(library.c_str(), 12345, 0) == 0);
    CHECK_THAT(list(), Contains("refused: " + plugin) && Contains("libacme.so.1 belongs to another user"));
  }
  std::filesystem::remove(library);
  CHECK_THAT(list(), Contains("refused: " + plugin) && Contains("needs libacme.so.1, which is not found"));
  chmod((scratch / "lib").c_str(), 0777);
  CHECK_THAT(list(), Contains("refused: " + plugin) && Contains("lib can be written by others"));
}
