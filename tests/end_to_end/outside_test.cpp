// What comes from outside, through the real program: hostile texts, bytes that are no text, files that may not grow.
#include <elf.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"

using namespace assay::test;
using Catch::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Everything that must not reach a terminal, as far as a file's name or a JSON text can hold it.
const std::string hostile =
    "a\x1b[31m\x1b]0;t\x07\x7f\xC2\x9B"
    "b\xE2\x80\xAE"
    "c\xE2\x81\xA6\xE2\x80\x8B\r";
const std::string hostile_bytes = hostile +
                                  "\x9B"
                                  "31m\xFF";

/// The first byte that could drive a terminal or is no UTF-8, as words; empty if there is none.
std::string danger_in(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
    const unsigned first = byte(0);
    const auto at = " at " + std::to_string(i) + " in: " + text.substr(i < 40 ? 0 : i - 40, 80);
    if ((first < 0x20 && first != '\n' && first != '\t') || first == 0x7F) return "control" + at;
    if (first < 0x80) continue;
    const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (length == 0) return "no UTF-8" + at;
    for (size_t k = 1; k < length; ++k)
      if ((byte(k) & 0xC0u) != 0x80) return "no UTF-8" + at;
    if (first == 0xC2 && byte(1) < 0xA0) return "C1" + at;
    if (first == 0xE2 && byte(1) == 0x80 &&
        ((byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE)))
      return "direction or zero width" + at;
    if (first == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA0 && byte(2) <= 0xAF) return "direction" + at;
    i += length - 1;
  }
  return "";
}

/// The smallest ELF file that carries a manifest.
std::string elf_with(const std::string& manifest) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_align = 4;
  const Elf64_Nhdr note{6, static_cast<uint32_t>(manifest.size()), 1};
  segment.p_filesz = sizeof note + 8 + manifest.size();
  std::string bytes;
  const auto put = [&](const auto& part) { bytes.append(reinterpret_cast<const char*>(&part), sizeof part); };
  put(header);
  put(segment);
  put(note);
  return bytes + std::string("assay\0\0\0", 8) + manifest;
}

/// A manifest that says something hostile wherever it may say anything at all.
json hostile_manifest() {
  const json text{{"en", hostile}};
  const json parameter{{"key", "p"}, {"type", "text"}, {"default", hostile}, {"help", text}},
      measurement{{"key", "m"}, {"unit", "1"}, {"title", text}}, injection{{"id", "i"}, {"title", text}};
  json test{{"id", "evil.test"},     {"title", text},      {"description", text}, {"advice", text},
            {"subsystem", "system"}, {"binds", "machine"}, {"effect", "observe"}, {"seconds", 1}};
  test["parameters"].push_back(parameter);
  test["measurements"].push_back(measurement);
  test["injections"].push_back(injection);
  json manifest{{"id", "evil"},       {"vendor", hostile}, {"version", "1.0.0"},
                {"licence", hostile}, {"abi", "1.0"},      {"title", text}};
  manifest["tests"].push_back(test);
  return manifest;
}

std::string plan_of(const std::string& use) {
  return "[plan]\nid = \"p\"\ntitle.en = \"P\"\nprove = \"none\"\nconfirm = 0\n[[stage]]\nid = \"a\"\n"
         "[[stage.test]]\nuse = \"" +
         use + "\"\n";
}

/// A run of a test that only looks, made once.
const std::string& small_run() {
  static const Scratch scratch;
  static const std::string folder = [] {
    write_file(scratch / "p.toml", plan_of("system.inventory"));
    const auto outcome = run({program(), "run", scratch / "p.toml", "--out", scratch / "run"});
    INFO(outcome.output << outcome.errors);
    REQUIRE(fs::exists(scratch / "run/record.json"));
    return scratch / "run";
  }();
  return folder;
}

Outcome under_limit(const std::string& limits, std::vector<std::string> arguments) {
  std::vector<std::string> all{"/bin/sh", "-c", limits + "; exec \"$0\" \"$@\""};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run(all);
}

}  // namespace

TEST_CASE("no text of a plugin, a file or an argument reaches a terminal or a reader of JSON raw") {
  const Scratch scratch;
  const std::string plugins = scratch / "plugins", named = scratch / ("x" + hostile);
  fs::create_directories(plugins);
  fs::create_directories(named);
  write_file(plugins + "/evil.so", elf_with(hostile_manifest().dump()));
  write_file(plugins + "/" + hostile_bytes + ".so", "no plugin");
  write_file(named + "/page.html", "<html>assay-seal</html>");
  write_file(named + "/plan.toml", "[plan\n" + hostile);
  write_file(named + "/smart.json",
             json{{"smartctl", {{"exit_status", 0}}}, {"model_name", hostile}, {"serial_number", hostile}}.dump());
  write_file(scratch / "evil.toml", plan_of("evil.test"));
  fs::copy(small_run(), named + "/run", fs::copy_options::recursive);
  fs::copy(small_run(), named + "/changed", fs::copy_options::recursive);
  write_file(named + "/changed/artifacts/" + hostile_bytes, "added since");
  std::string journal = read_file(small_run() + "/journal.jsonl");
  for (size_t at = 0; (at = journal.find("\"Cores,", at)) != std::string::npos;)
    journal.replace(at, 7, json(hostile + " ").dump().substr(0, json(hostile).dump().size()));
  fs::create_directories(scratch / "told");
  write_file(scratch / "told/journal.jsonl", journal);

  const std::string dir = "--plugin-dir=" + plugins;
  const std::vector<std::vector<std::string>> table{
      {"plugin", "list", dir},
      {"plugin", "list", dir, "--json"},
      {"plugin", "inspect", plugins + "/evil.so"},
      {"plugin", "inspect", plugins + "/evil.so", "--json"},
      {"plugin", "inspect", named + "/absent.so"},
      {"plugin", "check", named + "/absent.so"},
      {"plugin", "check", plugins + "/evil.so"},
      {"plugin", "new", named + "/" + hostile},
      {"plan", "check", named + "/plan.toml"},
      {"plan", "check", named + "/absent.toml"},
      {"plan", "explain", scratch / "evil.toml", dir},
      {"plan", "explain", scratch / "evil.toml", dir, "--json"},
      {"plan", "explain", scratch / "evil.toml", dir, "--target", hostile},
      {"run", scratch / "evil.toml", dir, "--out", scratch / "evil"},
      {"run", scratch / "evil.toml", dir, "--out", scratch / "evil-json", "--json"},
      {"run", scratch / "evil.toml", dir, "--out", named + "/new"},
      {"run", hostile},
      {"run", "quick", "--only", hostile},
      {"run", "quick", "--inject", hostile},
      {"resume", named},
      {"report", named},
      {"report", scratch / "told", "--format", "text"},
      {"report", scratch / "told", "--format", "csv"},
      {"report", scratch / "told", "--format", "junit"},
      {"report", scratch / "told", "--format", "json"},
      {"report", scratch / "told", "--format", "prometheus"},
      {"report", scratch / "told", "--format", "html"},
      {"report", small_run(), "--case", named + "/plan.toml"},
      {"report", small_run(), "--format", hostile},
      {"report", small_run(), "--out", named + "/no/where"},
      {"report", "verify", named},
      {"report", "verify", named + "/absent"},
      {"report", "verify", named + "/page.html"},
      {"report", "verify", named + "/changed"},
      {"report", "verify", named + "/changed", "--json"},
      {"report", "verify", named + "/run", "--key", named + "/absent"},
      {"compare", named, small_run()},
      {"compare", named + "/run", scratch / "told", "--format", "text"},
      {"smart", named + "/absent"},
      {"smart", named + "/smart.json"},
      {"smart", named + "/smart.json", "--json"},
      {"march", "coverage", hostile},
      {"inventory", "--sysroot", named},
      {"serve", named + "/absent"},
      {"station", hostile},
      {hostile},
      {"--" + hostile},
  };
  for (const auto& row : table) {
    std::vector<std::string> arguments{program()};
    arguments.insert(arguments.end(), row.begin(), row.end());
    const auto outcome = run(arguments);
    INFO(row[0] << " " << (row.size() > 1 ? row[1] : ""));
    CHECK(outcome.exit_code < 128);
    CHECK(outcome.output.size() + outcome.errors.size() > 0);
    std::string output = outcome.output, errors = outcome.errors;
    for (std::string* text : {&output, &errors})  // a line's end, as CSV has it, drives nothing
      for (size_t at = 0; (at = text->find("\r\n", at)) != std::string::npos;) text->erase(at, 1);
    CHECK(danger_in(output) == "");
    CHECK(danger_in(errors) == "");
    if (std::find(row.begin(), row.end(), "--json") == row.end() || output.empty() || row[0] == "run") continue;
    const json said = json::parse(output, nullptr, false);
    CHECK_FALSE(said.is_discarded());
  }
}

TEST_CASE("an argument that is not UTF-8 is refused by name before anything is made") {
  const Scratch scratch;
  write_file(scratch / "p.toml", plan_of("system.inventory"));
  const std::string out = scratch / "run", bytes = "disk:\xFF";
  const std::vector<std::pair<std::vector<std::string>, std::string>> table{
      {{"run", scratch / "p.toml", "--out", out, "--target", bytes}, "--target disk:"},
      {{"run", scratch / "p.toml", "--out", out, "--target=" + bytes}, "--target "},
      {{"run", scratch / "p.toml", "--out", out, "--target", "evil\nPassed: no fault"}, "--target evil"},
      {{"run", scratch / "p.toml", "--out", out, "--only", bytes}, "--only "},
      {{"run", scratch / "p.toml", "--out", out, "--erase", bytes}, "--erase "},
      {{"run", bytes, "--out", out}, "an argument "},
      {{"run", scratch / "p.toml", "--out", out + "\xFF"}, "--out "},
      {{"run", scratch / "p.toml", "--out", out + "\x1b[31m"}, "--out "},
      {{"run", scratch / "p.toml", "--out", out + "\nrun"}, "--out "},
      {{"prove", bytes, "--out", out}, "an argument "},
  };
  for (const auto& [row, words] : table) {
    std::vector<std::string> arguments{program()};
    arguments.insert(arguments.end(), row.begin(), row.end());
    const auto outcome = run(arguments);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.errors, Contains(words));
    CHECK(std::distance(fs::directory_iterator(scratch.path()), {}) == 1);
  }
}

TEST_CASE("numbers out of range and deep nesting in a plugin or a run stop nothing else") {
  const Scratch scratch;
  json manifest = hostile_manifest();
  std::string overflow = manifest.dump(), deep = overflow;
  const std::string place = "\"seconds\":1";
  overflow.replace(overflow.find(place), place.size(), "\"seconds\":9e999");
  deep.replace(deep.find(place), place.size(), "\"seconds\":" + std::string(500'000, '['));
  fs::create_directories(scratch / "plugins");
  write_file(scratch / "plugins/overflow.so", elf_with(overflow));
  write_file(scratch / "plugins/deep.so", elf_with(deep));
  fs::copy_file(build_folder() + "/lib/assay/plugins/system.so", scratch / "plugins/system.so");
  write_file(scratch / "p.toml", plan_of("system.inventory"));
  const std::string dir = "--plugin-dir=" + (scratch / "plugins");

  const auto listed = run({program(), "plugin", "list", dir});
  CHECK(listed.exit_code == 0);
  CHECK_THAT(listed.output, Contains("system.inventory") && Contains("overflow.so") && Contains("deep.so"));
  CHECK(run({program(), "plugin", "inspect", scratch / "plugins/overflow.so"}).exit_code == 2);
  CHECK(run({program(), "plugin", "inspect", scratch / "plugins/deep.so"}).exit_code == 2);
  const auto ran = run({program(), "run", scratch / "p.toml", dir, "--out", scratch / "run"});
  INFO(ran.output << ran.errors);
  CHECK(fs::exists(scratch / "run/record.json"));
  CHECK_THAT(ran.errors, Contains("overflow.so") && Contains("deep.so"));

  // The same in what a run left: no command crashes, and each says which file it was.
  const std::string good = read_file(scratch / "run/journal.jsonl");
  for (const std::string& value : {std::string("9e999"), std::string("18446744073709551616"), std::string("1e300"),
                                   "{\"a\":" + std::string(500'000, '[')}) {
    for (const char* name : {"journal.jsonl", "record.json", "manifest.json"}) {
      const std::string folder = scratch / "copy";
      fs::remove_all(folder);
      fs::copy(scratch / "run", folder, fs::copy_options::recursive);
      std::string text = read_file(folder + "/" + name);
      const size_t number = text.find_last_of("0123456789", text.find_last_of(","));
      text.replace(number, 1, value);
      write_file(folder + "/" + name, text);
      for (const std::vector<std::string>& words : {std::vector<std::string>{"report", folder, "--format", "text"},
                                                    {"report", folder, "--format", "html"},
                                                    {"report", "verify", folder},
                                                    {"compare", folder, scratch / "run"},
                                                    {"resume", folder}}) {
        std::vector<std::string> arguments{program()};
        arguments.insert(arguments.end(), words.begin(), words.end());
        const auto outcome = run(arguments);
        INFO(words[0] << " " << words[1] << " with " << value.substr(0, 20) << " in " << name);
        CHECK(outcome.exit_code < 128);
        if (words[1] == "verify") CHECK(outcome.exit_code == 1);
      }
    }
  }
}

TEST_CASE("a run that cannot be read is left out of a comparison by name") {
  const Scratch scratch;
  fs::create_directories(scratch / "broken");
  write_file(scratch / "broken/journal.jsonl", "{\"sequenceNumber\":9e999}\n");
  write_file(scratch / "p.toml", plan_of("system.inventory"));
  run({program(), "run", scratch / "p.toml", "--out", scratch / "second"});
  const auto both = run(
      {program(), "compare", "--before", small_run(), "--before", scratch / "broken", "--after", scratch / "second"});
  INFO(both.output << both.errors);
  CHECK_THAT(both.errors, Contains("left out of the comparison") && Contains("broken"));
  CHECK(both.exit_code != 2);
  CHECK(both.exit_code != 0);
  CHECK(run({program(), "compare", scratch / "broken", small_run()}).exit_code == 2);
}

TEST_CASE("a limit on the size of files is an error that names it, and no crash") {
  const Scratch scratch;
  write_file(scratch / "p.toml", plan_of("system.inventory"));
  fs::create_directories(scratch / "plugins");
  fs::copy_file(build_folder() + "/lib/assay/plugins/system.so", scratch / "plugins/system.so");
  const std::string dir = "--plugin-dir=" + (scratch / "plugins");
  // In blocks of 512 bytes: the journal's start does not fit; it fits and the report does not.
  for (const char* blocks : {"8", "64"}) {
    const std::string out = scratch / (std::string("run") + blocks);
    const auto outcome =
        under_limit(std::string("ulimit -f ") + blocks, {program(), "run", scratch / "p.toml", dir, "--out", out});
    INFO(blocks << ": " << outcome.output << outcome.errors);
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.errors, Contains(out) && Contains("limit on the size of a file"));
  }
  const auto said =
      under_limit("ulimit -f 1; exec > " + (scratch / "said"), {program(), "report", small_run(), "--format", "json"});
  CHECK(said.exit_code == 3);
  CHECK_THAT(said.errors, Contains("standard output cannot be written"));
}

TEST_CASE("a full disk is trouble that is told, and what was done stays") {
  if (geteuid() != 0) {
    WARN("needs root: a file system of its own");
    return;
  }
  const Scratch scratch;
  const std::string full = scratch / "full";
  fs::create_directories(full);
  if (mount("tmpfs", full.c_str(), "tmpfs", 0, "size=160k") != 0) {
    WARN("no file system can be mounted here");
    return;
  }
  write_file(scratch / "p.toml", plan_of("system.inventory"));
  const auto outcome = run({program(), "run", scratch / "p.toml", "--out", full + "/run"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.errors, Contains(full) && Contains("No space left on device"));
  CHECK_THAT(read_file(full + "/run/journal.jsonl"), Contains("testRunStart"));
  umount(full.c_str());
}
