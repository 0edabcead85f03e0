// The storage tests on the kernel's own fault targets, in a user-mode kernel (Debian's user-mode-linux): one boot, in
// which guest.sh puts the tests on one disk after the other; here their records are judged.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"
#include "skippable.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

struct Guest {
  Scratch folder;
  std::string share = folder / "share";
  Guest() {
    std::filesystem::create_directories(share);
    std::filesystem::create_directories(folder / "modules/lib");
    std::filesystem::create_directory_symlink("/usr/lib/uml/modules", folder / "modules/lib/modules");
    boot_ =
        run({"/usr/bin/timeout", "600", "/usr/bin/linux.uml", "rootfstype=hostfs", "rootflags=/", "ro", "mem=768M",
             "uml_dir=" + folder.path() + "/", "init=" + source_folder() + "/tests/rig/guest.sh", "ASSAY=" + program(),
             "SHARE=" + share, "MODULES=" + folder / "modules", "con=null", "con0=null,fd:1", "quiet"});
  }
  std::string log() const { return boot_.output + boot_.errors + read_file(share + "/log"); }

 private:
  Outcome boot_;
};

/// Booted once, for all tests.
const Guest& guest() {
  static const Guest only;
  return only;
}

struct GuestRun {
  int exit_code = -1;
  json trial;
  std::string told;

  explicit GuestRun(const std::string& name) {
    INFO(guest().log());
    const std::string code = read_file(guest().share + "/" + name + ".exit");
    REQUIRE(!code.empty());
    exit_code = std::stoi(code);
    told = read_file(guest().share + "/" + name + ".txt");
    INFO(told);
    const json record = json::parse(read_file(guest().share + "/" + name + "/record.json"), nullptr, false);
    REQUIRE(record.is_object());
    REQUIRE(record["trials"].size() == 1);
    trial = record["trials"][0];
  }
  std::string status() const { return trial["end"]["status"]; }
  std::string reason() const { return trial["end"]["reason"]; }
  double measured(const std::string& key) const {
    for (const json& m : trial["measurements"])
      if (m["key"] == key) return m["value"];
    FAIL("no measurement " << key << "\n" << told);
    return 0;
  }
  /// "CODE at WHERE" of what the test itself found, notes left out.
  std::vector<std::string> findings() const {
    std::vector<std::string> list;
    for (const json& f : trial["findings"])
      if (f["severity"] != "none" && f["severity"] != "note" && f["code"].get<std::string>().rfind("kernel:", 0) != 0)
        list.push_back(f["code"].get<std::string>() + " at " + f["where"].get<std::string>());
    return list;
  }
  bool kernel_told() const {
    for (const json& f : trial["findings"])
      if (f["code"].get<std::string>().rfind("kernel:", 0) == 0) return true;
    return false;
  }
};

using Findings = std::vector<std::string>;

}  // namespace

std::string assay::test::why_skipped() {
  if (geteuid() != 0) return "it needs root";
  for (const char* tool :
       {"/usr/bin/linux.uml", "/usr/sbin/modprobe", "/usr/sbin/dmsetup", "/usr/sbin/mkfs.ext4", "/usr/sbin/setquota"})
    if (access(tool, X_OK) != 0) return std::string(tool) + " is not installed";
  return "";
}

TEST_CASE("bad blocks of a SCSI disk are found at their numbers, and Linux says so, too") {
  const GuestRun found("medium-error");  // scsi_debug: ten blocks from 0x1234 on
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.findings() == Findings{"read-error at block 4656 (byte 2383872) of /dev/sda",
                                     "read-error at block 4664 (byte 2387968) of /dev/sda"});
  CHECK(found.kernel_told());
}

TEST_CASE("a block that a mapped device cannot read is found at its number") {
  CHECK(GuestRun("error").findings() == Findings{"read-error at block 8192 (byte 4194304) of /dev/dm-0"});
  CHECK(GuestRun("dust").findings() == Findings{"read-error at block 20000 (byte 10240000) of /dev/dm-0"});
}

TEST_CASE("a mapped delay is measured") {
  // A user-mode kernel counts time in ticks of 10 ms.
  const double median = GuestRun("delay").measured("median");
  CHECK(median >= 25 * 0.95);
  CHECK(median <= 25 + 20);
}

TEST_CASE("a disk whose blocks are of 4096 bytes passes, read and written") {
  CHECK(GuestRun("sector-4096").exit_code == 0);
  CHECK(GuestRun("sector-4096").measured("covered") == 100);
  CHECK(GuestRun("empty-4096").exit_code == 0);
  CHECK(GuestRun("wrap-4096").findings().at(0).rfind("wrap-around", 0) == 0);  // and a planted fault is found
}

TEST_CASE("a SCSI disk that wraps is a counterfeit of its real size") {
  const GuestRun found("wrap");
  INFO(found.told);
  CHECK(found.exit_code == 1);
  REQUIRE(found.findings().size() == 1);
  CHECK(found.findings()[0].rfind("wrap-around", 0) == 0);
  CHECK(found.measured("real") == Approx(64 * 1.048576));
}

TEST_CASE("a device that drops writes holds what it keeps") {
  const GuestRun found("drops");
  INFO(found.told);
  CHECK(found.exit_code == 1);
  REQUIRE(found.findings().size() == 1);
  CHECK(found.findings()[0].rfind("limbo", 0) == 0);
  CHECK(found.measured("real") == Approx(32 * 1.048576));
}

TEST_CASE("a device that changes what is written is found out, in the half that does so") {
  const GuestRun found("corrupt");
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.measured("missing") == 0);
  REQUIRE(!found.findings().empty());
  for (const std::string& finding : found.findings()) {
    INFO(finding);
    unsigned long long block = 0;
    REQUIRE(std::sscanf(finding.c_str(), "bit-flip at block %llu ", &block) == 1);
    CHECK(block >= 65536);
  }
}

TEST_CASE("a disk that is taken out in mid-test is trouble, and no verdict on it") {
  for (const char* name : {"vanished", "vanished-writing", "vanished-scratch"}) {
    const GuestRun found(name);
    INFO(found.told);
    // What the kernel then says of the file system is worth knowing (4), and no failure either.
    CHECK((found.exit_code == 3 || (found.exit_code == 4 && found.kernel_told())));
    CHECK(found.status() == "error");
    CHECK_THAT(found.reason(), Catch::Contains("has gone away"));
  }
}

TEST_CASE("a quota that ends in mid-test is no fault: what there was room for is tested") {
  const GuestRun found("quota");
  INFO(found.told);
  CHECK(found.exit_code == 0);
  CHECK(found.findings().empty());
  CHECK(found.measured("written") > 1);
  CHECK(found.measured("written") < 3.2);
}

TEST_CASE("a disk that falls silent while it is read fails, though nothing can end the reader any more") {
  const GuestRun found("mute");
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.status() == "complete");
  REQUIRE(found.findings().size() == 1);
  CHECK(found.findings()[0].rfind("no-answer", 0) == 0);
}

TEST_CASE("a disk that never answers does not hold up the host that looks at it") {
  const GuestRun refused("mute-from-start");
  INFO(refused.told);
  CHECK(refused.exit_code == 3);
  CHECK_THAT(refused.reason(), Catch::Contains("did not answer"));
}

TEST_CASE("a device that is in use or not empty is refused, each with its reason") {
  const struct {
    const char* name;
    const char* reason;
  } table[] = {
      {"not-typed", "is not empty: data of no known format; `--erase 2000`"},
      {"table", "a partition table (dos)"},
      {"partition", "/dev/sda1 is a partition"},
      {"part-mounted", "is in use: sda1 is mounted"},
      {"swap", "is in use: sda is swap space"},
      {"system", "this system runs from /dev/sda: sda1 is mounted"},
      {"lvm", "is in use: sda is part of the LVM volume dm-0"},
      {"lvm-mounted", "dm-0 is mounted"},
  };
  for (const auto& row : table) {
    const GuestRun refused(row.name);
    INFO(row.name << ": " << refused.told);
    CHECK(refused.exit_code == 3);
    CHECK(refused.status() == "skipped");
    CHECK(refused.trial["end"]["category"] == "refused");
    CHECK_THAT(refused.reason(), Catch::Contains(row.reason));
  }
}

TEST_CASE("a device that is named by its serial number is overwritten") {
  // It has one, so the path does not stand for it: a slip, told at once.
  CHECK(read_file(guest().share + "/path-typed.exit") == "2\n");
  CHECK(GuestRun("serial-typed").exit_code == 0);
}

TEST_CASE("a file system on a volume of one disk is that disk's free space") {
  CHECK(GuestRun("scratch-on-volume").exit_code == 0);
}
