#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>

#include "../support/command.hpp"
#include "catalog/catalog.hpp"
#include "catalog/elf_note.hpp"
#include "core/errors.hpp"

using namespace assay;
using test::Scratch;

namespace {

/// The smallest ELF file that carries a manifest note.
std::string elf_with(const std::string& manifest, uint32_t claimed_size) {
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
  const Elf64_Nhdr note{6, claimed_size, 1};
  segment.p_filesz = sizeof note + 8 + manifest.size();
  std::string bytes;
  const auto put = [&](const auto& part) { bytes.append(reinterpret_cast<const char*>(&part), sizeof part); };
  put(header);
  put(segment);
  put(note);
  bytes += std::string("assay\0\0\0", 8) + manifest;
  return bytes;
}
std::string elf_with(const std::string& manifest) { return elf_with(manifest, static_cast<uint32_t>(manifest.size())); }

std::string why_refused(const std::string& path) {
  try {
    catalog::Catalog::read(path);
    return "";
  } catch (const core::BadInput& error) {
    return error.what();
  }
}

/// As our own plugin `system` has it, under an id that is nobody's.
std::string good_manifest() {
  std::string text = catalog::read_manifest_note(test::build_folder() + "/lib/assay/plugins/system.so");
  for (const std::string from : {"\"system\",", "system.inventory"})
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
      // The subsystem is called so as well, and keeps its name.
      if (text.compare(at < 12 ? 0 : at - 12, 12, "\"subsystem\":") != 0)
        text.replace(at + (from[0] == '"' ? 1 : 0), 6, "sample");
      at += 8;
    }
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a plugin file that cannot be used is refused with its reason") {
  const Scratch scratch;
  const std::string good = good_manifest();
  std::string thirty_two = elf_with(good);
  thirty_two[EI_CLASS] = ELFCLASS32;
  std::string other_machine = elf_with(good);
  other_machine[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_AARCH64);
  const std::vector<std::tuple<std::string, std::string, std::string>> table{
      {"good", elf_with(good), ""},
      {"not-elf", "#!/bin/sh\n", "truncated"},
      {"text", std::string(5000, 'x'), "not an ELF"},
      {"empty", "", "truncated"},
      {"thirty-two", thirty_two, "64-bit"},
      {"other-machine", other_machine, "another kind of processor"},
      {"truncated-file", elf_with(good).substr(0, 300), "truncated"},
      {"truncated-note", elf_with(good, 100000), "cut off"},
      {"huge", elf_with(std::string((1 << 20) + 1, ' ')), "over 1 MiB"},
      {"not-json", elf_with("{\"manifest\": 1,, }"), "not JSON: line 1"},
      {"not-a-manifest", elf_with("[1, 2]"), "manifest"},
      {"number-out-of-range", elf_with(replaced(good, "\"seconds\":0.1", "\"seconds\":9e999")),
       "/tests/0/seconds is a number out of range"},
      {"number-too-long", elf_with(replaced(good, "\"seconds\":0.1", "\"seconds\":18446744073709551616")),
       "64 bits do not hold"},
      {"deep", elf_with(replaced(good, "\"seconds\":0.1", "\"seconds\":" + std::string(100'000, '['))),
       "nested deeper than 64"},
      {"key-twice", elf_with(replaced(good, "\"seconds\":0.1", "\"seconds\":1,\"seconds\":2")), "occurs twice"},
      {"not-utf-8", elf_with(replaced(good, "\"Assay\"", "\"\xFF\"")), "not JSON: line 1"},
      {"unknown-field", elf_with(replaced(good, "\"vendor\"", "\"wendor\"")), "wendor"},
      {"foreign-test", elf_with(replaced(good, "sample.inventory", "simple.inventory")), "begins with the plugin's id"},
      {"wrong-major", elf_with(replaced(good, "\"abi\":\"1.0\"", "\"abi\":\"2.0\"")), "plugin ABI 2.0"},
      {"newer-minor", elf_with(replaced(good, "\"abi\":\"1.0\"", "\"abi\":\"1.9\"")), "newer than this Assay"},
  };
  for (const auto& [name, bytes, reason] : table) {
    INFO(name);
    test::write_file(scratch / name, bytes);
    const std::string why = why_refused(scratch / name);
    if (reason.empty())
      CHECK(why.empty());
    else
      CHECK_THAT(why, Catch::Contains(reason));
  }
}

TEST_CASE("one plugin that cannot be read stops no other") {
  const Scratch scratch;
  const std::string good = good_manifest();
  test::write_file(scratch / "a.so", elf_with(replaced(good, "\"seconds\":0.1", "\"seconds\":9e999")));
  test::write_file(scratch / "b.so", elf_with(std::string(1 << 20, '[')));
  test::write_file(scratch / "c.so", elf_with(good));
  const auto catalog = catalog::Catalog::load({scratch.path()});
  CHECK(catalog.plugins().size() == 1);
  REQUIRE(catalog.refusals().size() == 2);
  CHECK_THAT(catalog.refusals()[0].path, Catch::Contains("a.so"));
  CHECK_THAT(catalog.refusals()[1].path, Catch::Contains("b.so"));
}

TEST_CASE("a file of nothing but notes is read no longer than a linker's would take") {
  const Scratch scratch;
  std::string bytes = elf_with("");
  const Elf64_Nhdr empty{0, 0, 9};
  for (int i = 0; i < 100'000; ++i) bytes.append(reinterpret_cast<const char*>(&empty), sizeof empty);
  Elf64_Phdr segment{};
  std::memcpy(&segment, bytes.data() + sizeof(Elf64_Ehdr), sizeof segment);
  const size_t first = sizeof(Elf64_Ehdr) + sizeof segment + sizeof empty + 8;
  segment.p_offset = first;
  segment.p_filesz = bytes.size() - first;
  std::memcpy(bytes.data() + sizeof(Elf64_Ehdr), &segment, sizeof segment);
  test::write_file(scratch / "notes.so", bytes);
  CHECK_THAT(why_refused(scratch / "notes.so"), Catch::Contains("too many notes"));
}

TEST_CASE("what is not a regular file is refused, and does not block") {
  const Scratch scratch;
  REQUIRE(mkfifo((scratch / "fifo.so").c_str(), 0600) == 0);
  CHECK_THAT(why_refused(scratch / "fifo.so"), Catch::Contains("not a regular file"));
  CHECK_THAT(why_refused(scratch.path()), Catch::Contains("not a regular file"));
  CHECK_THAT(why_refused(scratch / "absent.so"), Catch::Contains("cannot be opened"));
}

TEST_CASE("root runs no plugin that others can write to") {
  if (geteuid() != 0) {
    WARN("skipped: needs root");
    return;
  }
  const Scratch scratch;
  test::write_file(scratch / "plugin.so", elf_with(good_manifest()));
  chmod((scratch / "plugin.so").c_str(), 0666);
  CHECK_THAT(why_refused(scratch / "plugin.so"), Catch::Contains("can be written by others"));
  chmod((scratch / "plugin.so").c_str(), 0644);
  CHECK(why_refused(scratch / "plugin.so").empty());
  chmod(scratch.path().c_str(), 0777);
  CHECK_THAT(why_refused(scratch / "plugin.so"), Catch::Contains("can be written by others"));
  chmod(scratch.path().c_str(), 0700);
  REQUIRE(chown((scratch / "plugin.so").c_str(), 12345, 0) == 0);
  CHECK_THAT(why_refused(scratch / "plugin.so"), Catch::Contains("belongs to another user"));
}

TEST_CASE("damaged ELF files never crash the reader") {
  const Scratch scratch;
  const std::string good = elf_with(good_manifest());
  uint64_t state = 42;
  const auto random = [&] { return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33; };
  for (int round = 0; round < 400; ++round) {
    std::string bytes = good;
    for (int i = 0; i < 4; ++i) bytes[random() % 140] = static_cast<char>(random());
    bytes.resize(random() % 3 == 0 ? random() % bytes.size() : bytes.size());
    test::write_file(scratch / "damaged", bytes);
    why_refused(scratch / "damaged");
  }
}

TEST_CASE("two plugins with one id: the second is refused") {
  const Scratch scratch;
  for (const char* name : {"a.so", "b.so"}) test::write_file(scratch / name, elf_with(good_manifest()));
  const auto found = catalog::Catalog::load({scratch.path()});
  CHECK(found.plugins().size() == 1);
  REQUIRE(found.refusals().size() == 1);
  CHECK_THAT(found.refusals()[0].reason, Catch::Contains("has already"));
  CHECK_THROWS_AS(catalog::Catalog::load({scratch / "no-such-folder"}), core::BadInput);
}

TEST_CASE("of two versions of a plugin the newest is used, whatever the order of their files, and that is said") {
  const std::pair<const char*, const char*> table[] = {{"1.9.0", "1.10.0"},
                                                       {"0.99.99", "1.0.0"},
                                                       {"1.0.9", "1.0.10"},
                                                       {"99999999999999999999.0.0", "100000000000000000000.0.0"}};
  for (const auto& [older, newer] : table)
    for (const bool newer_first : {true, false}) {
      INFO(older << (newer_first ? " after " : " before ") << newer);
      const Scratch scratch;
      const auto version = [&](const char* number) {
        return elf_with(
            replaced(good_manifest(), "\"version\":\"0.1.0\"", std::string("\"version\":\"") + number + "\""));
      };
      test::write_file(scratch / "a.so", version(newer_first ? newer : older));
      test::write_file(scratch / "b.so", version(newer_first ? older : newer));
      const auto found = catalog::Catalog::load({scratch.path()});
      REQUIRE(found.plugins().size() == 1);
      CHECK(found.plugins()[0].manifest.version == newer);
      REQUIRE(found.refusals().size() == 1);
      CHECK_THAT(found.refusals()[0].reason, Catch::Contains(older) && Catch::Contains(std::string("newer ") + newer));
      CHECK(found.refusals()[0].path == (scratch / (newer_first ? "b.so" : "a.so")));
    }
}

TEST_CASE("our own plugins are known by their hash: a changed copy is refused by name") {
  const std::string ours = test::build_folder() + "/lib/assay/plugins/usb.so";
  const auto own = catalog::Catalog::read(ours);
  CHECK(own.is_own());
  CHECK(catalog::is_allowed(own, own.manifest.tests[0]));
  const Scratch scratch;
  test::write_file(scratch / "usb.so", test::read_file(ours));
  CHECK(catalog::Catalog::read(scratch / "usb.so").is_own());
  // A byte behind the last that is loaded changes nothing but the hash.
  test::write_file(scratch / "usb.so", test::read_file(ours) + "x");
  CHECK_THAT(why_refused(scratch / "usb.so"), Catch::Contains("kept for Assay's own plugin"));
}

TEST_CASE("nobody else's file takes an id of ours") {
  const Scratch scratch;
  for (const std::string id :
       {"cpu", "memory", "peripherals", "storage", "system", "usb", "memory.march", "cpu.fast"}) {
    INFO(id);
    std::string text = good_manifest();
    for (const std::string from : {"\"id\":\"sample\"", "\"id\":\"sample.inventory\""}) {
      const std::string tail = from.find(".inventory") == std::string::npos ? "\"" : ".inventory\"";
      text = replaced(text, from, "\"id\":\"" + id + tail);
    }
    test::write_file(scratch / "other.so", elf_with(text));
    CHECK_THAT(why_refused(scratch / "other.so"),
               Catch::Contains("has the id " + id) && Catch::Contains("are kept for"));
  }
  test::write_file(scratch / "other.so", elf_with(good_manifest()));
  CHECK_FALSE(catalog::Catalog::read(scratch / "other.so").is_own());
}

TEST_CASE("a parameter takes what its declaration allows, and nothing else") {
  catalog::Parameter p;
  p.key = "duration";
  p.type = catalog::ParameterType::duration;
  p.min = 1;
  p.max = 100;
  CHECK(std::get<double>(catalog::check_value(p, std::string("1m"))) == 60);
  CHECK(std::get<double>(catalog::check_value(p, int64_t{5})) == 5);
  for (const core::Value& wrong :
       {core::Value(std::string("soon")), core::Value(0.5), core::Value(int64_t{101}), core::Value(true)})
    CHECK_THROWS_AS(catalog::check_value(p, wrong), core::BadInput);
  p.type = catalog::ParameterType::integer;
  CHECK_THROWS_AS(catalog::check_value(p, 1.5), core::BadInput);
  p.type = catalog::ParameterType::text;
  p.choices = {"a", "b"};
  CHECK_THROWS_AS(catalog::check_value(p, std::string("c")), core::BadInput);
}
