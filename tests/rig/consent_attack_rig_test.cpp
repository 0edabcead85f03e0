// Consent is for a thing, not for a name: the medium behind a name is exchanged, used or taken away between the consent
// and the first writing, between two trials, and between a run that was cut off and its resumption.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

#include "loop_disk.hpp"
#include "meanwhile.hpp"
#include "rig_run.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

constexpr uint64_t disk_bytes = 16 * mib;

std::string blank(const std::string& path, uint64_t bytes = disk_bytes) {
  write_file(path, "");
  REQUIRE(truncate(path.c_str(), static_cast<off_t>(bytes)) == 0);
  return path;
}

void must(const std::vector<std::string>& command) {
  const Outcome outcome = run(command);
  INFO(command[0] << ": " << outcome.output << outcome.errors);
  REQUIRE(outcome.exit_code == 0);
}

enum class When { before_the_first, between_two };

/// A loop device that a run may overwrite, a file that is tested beside it while somebody attacks, and what the attacks
/// need.
struct Bench {
  Scratch scratch, mounted;
  std::string image = blank(scratch / "image"), other = blank(scratch / "other"),
              larger = blank(scratch / "larger", 2 * disk_bytes), neighbour = blank(scratch / "neighbour", 64 * mib);
  LoopDisk loop{image};
  std::unique_ptr<LoopDisk> upper;
  int holder = -1;

  ~Bench() {
    umount2(mounted.path().c_str(), MNT_DETACH);
    close(holder);
    upper.reset();
    run({"/usr/sbin/blockdev", "--setrw", disk()});  // the device keeps it for its next file
  }
  const std::string& disk() const { return loop.path(); }
  std::string folder() const { return scratch / "run"; }

  /// Another file behind the same name: the device is taken down (LOOP_CLR_FD) and set up again.
  void exchange(const std::string& file) const {
    must({"/usr/sbin/losetup", "--detach", disk()});
    must({"/usr/sbin/losetup", "--direct-io=on", disk(), file});
  }
  void mkfs() const { must({"/usr/sbin/mkfs.ext4", "-q", "-F", disk()}); }
  void mount() const { must({"/usr/bin/mount", disk(), mounted.path()}); }
  void write(off_t at) const {
    const int device = open(disk().c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(pwrite(device, "Dear diary", 10, at) == 10);
    REQUIRE(fsync(device) == 0);
    close(device);
  }

  /// The test that overwrites, before or after (or both) one that takes its time on the neighbour.
  std::vector<std::string> command(When when, const std::string& target) const {
    const auto stage = [](const char* id) {
      return std::string("[[stage]]\nid = \"") + id +
             "\"\n[[stage.test]]\nuse = \"storage.capacity\"\ntargets = [\"file:*loop*\", \"file:*image\"]\n"
             "required = true\nparameters = { cache = 8 }\n";
    };
    write_file(scratch / "rig.toml",
               "[plan]\nid = \"rig\"\ntitle.en = \"Rig\"\nprove = \"none\"\nconfirm = 0\n" +
                   (when == When::before_the_first ? "" : stage("first")) +
                   "[[stage]]\nid = \"wait\"\n[[stage.test]]\nuse = \"storage.latency\"\ntargets = "
                   "[\"file:*neighbour\"]\nparameters = { duration = \"3s\" }\n" +
                   stage("last"));
    return {program(), "run",     scratch / "rig.toml", "--target", target, "--target", neighbour, "--out",
            folder(),  "--allow", "destructive",        "--backup", "made", "--erase",  target};
  }
  /// The test on the neighbour runs.
  bool waits() const {
    const std::string journal = read_file(folder() + "/journal.jsonl");
    const size_t at = journal.rfind("\"testStepStart\"");
    return at != std::string::npos && journal.find("storage.latency", at) != std::string::npos;
  }
  RigRun record(const Outcome& outcome) const {
    return {outcome.exit_code, json::parse(read_file(folder() + "/record.json"), nullptr, false),
            outcome.output + outcome.errors};
  }
  /// A whole run, in which `act` happens while the test on the neighbour runs.
  RigRun attacked(When when, const std::string& target, const std::function<void()>& act) const {
    const auto arguments = command(when, target);
    const Meanwhile attack([this] { return waits(); }, act);
    return record(run(arguments));
  }
  /// A run that is killed while the test on the neighbour runs, after the first has overwritten the disk.
  void cut(std::vector<std::string> arguments) const {
    const pid_t host = start(arguments);
    while (!waits()) std::this_thread::yield();
    REQUIRE(kill(host, SIGKILL) == 0);
    wait_for(host);
  }
  Outcome resume(const std::vector<std::string>& environment = {}) const {
    return run({program(), "resume", folder()}, environment);
  }
};

const json& last_trial(const RigRun& found) {
  INFO(found.told);
  REQUIRE(found.record.is_object());
  REQUIRE(found.record["trials"].size() >= 2);
  REQUIRE(found.record["trials"].back()["test"] == "storage.capacity");
  return found.record["trials"].back();
}

}  // namespace

TEST_CASE("what happens to a device between the consent and its overwriting is seen each time, and said") {
  const struct {
    const char* attack;
    void (*act)(Bench&);
    const char* said;
  } table[] = {
      {"nothing", [](Bench&) {}, ""},
      {"another medium of the same size", [](Bench& b) { b.exchange(b.other); }, "its medium was exchanged"},
      {"a larger medium", [](Bench& b) { b.exchange(b.larger); }, "its size was 16 MiB, now 32 MiB"},
      {"the same medium, taken out and put in", [](Bench& b) { b.exchange(b.image); }, "its medium was exchanged"},
      {"no medium",
       [](Bench& b) {
         must({"/usr/sbin/losetup", "--detach", b.disk()});
       },
       "its medium was exchanged"},
      {"it grows",
       [](Bench& b) {
         REQUIRE(truncate(b.image.c_str(), 2 * disk_bytes) == 0);
         must({"/usr/sbin/losetup", "--set-capacity", b.disk()});
       },
       "its size was 16 MiB, now 32 MiB"},
      {"a file system is made", [](Bench& b) { b.mkfs(); }, "now format ext4"},
      {"a file system is made and mounted", [](Bench& b) { b.mkfs(), b.mount(); }, "is mounted"},
      {"swap space is made",
       [](Bench& b) {
         must({"/usr/sbin/mkswap", "-q", b.disk()});
       },
       "now format swap"},
      {"data are written where no sample is taken", [](Bench& b) { b.write(5 << 18); }, "somebody has written to it"},
      {"a loop device is set up over it", [](Bench& b) { b.upper = std::make_unique<LoopDisk>(b.disk()); },
       "is made of"},
      {"somebody holds it alone", [](Bench& b) { b.holder = open(b.disk().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC); },
       "busy"},
      {"its switch is set to read-only",
       [](Bench& b) {
         must({"/usr/sbin/blockdev", "--setro", b.disk()});
       },
       "is read-only"},
  };
  const When when = GENERATE(When::before_the_first, When::between_two);
  for (const auto& row : table) {
    INFO(row.attack << (when == When::between_two ? ", between two trials" : ", before the first"));
    Bench bench;
    const RigRun found = bench.attacked(when, bench.disk(), [&] { row.act(bench); });
    const json& end = last_trial(found)["end"];
    INFO(end.dump());
    CHECK(found.exit_code == (*row.said == '\0' ? 0 : 3));
    CHECK(end["status"] == (*row.said == '\0' ? "complete" : "skipped"));
    if (*row.said != '\0') CHECK_THAT(end["reason"].get<std::string>(), Catch::Contains(row.said));
    CHECK(read_file(bench.other) == std::string(disk_bytes, '\0'));
  }
}

TEST_CASE("a resumed run overwrites only what it was allowed to, and says how to begin anew") {
  const struct {
    const char* attack;
    void (*act)(Bench&);
    const char* said;
    bool elsewhere = false;  // resumed by a station that cannot tell what the other one wrote
  } table[] = {
      {"nothing", [](Bench&) {}, ""},
      {"another medium of the same size", [](Bench& b) { b.exchange(b.other); }, "its medium was exchanged"},
      {"a larger medium", [](Bench& b) { b.exchange(b.larger); }, "now 32 MiB"},
      {"a file system", [](Bench& b) { b.mkfs(); }, "now format ext4"},
      {"a file system that was used", [](Bench& b) { b.mkfs(), b.mount(), umount(b.mounted.path().c_str()); },
       "now format ext4"},
      {"other data", [](Bench& b) { b.write(5 << 18); }, "somebody has written to it"},
      {"a restart of the machine",
       [](Bench& b) {
         std::string kept = read_file(b.folder() + "/consent.json");
         for (size_t at = 0; (at = kept.find("\"boot_id\": \"", at)) != std::string::npos; at += 12)
           kept.replace(at + 12, 8, "00000000");
         write_file(b.folder() + "/consent.json", kept);
       },
       "the machine was restarted, and nobody can tell", true},
      {"the record of the consent was changed",
       [](Bench& b) {
         std::string kept = read_file(b.folder() + "/consent.json");
         kept.replace(kept.find("\"bytes\": "), 9, "\"bytes\": 1");
         write_file(b.folder() + "/consent.json", kept);
       },
       "is not what this station wrote for this run"},
      {"the record of another run's consent",
       [](Bench& b) {
         Bench other;
         other.cut(other.command(When::between_two, other.disk()));
         write_file(b.folder() + "/consent.json", read_file(other.folder() + "/consent.json"));
       },
       "is not what this station wrote for this run"},
      {"the record of the consent is gone", [](Bench& b) { std::filesystem::remove(b.folder() + "/consent.json"); },
       "consent.json is not there"},
      {"the record of the consent is others' to write",
       [](Bench& b) { std::filesystem::permissions(b.folder() + "/consent.json", std::filesystem::perms::all); },
       "others may write to it"},
  };
  for (const auto& row : table) {
    INFO(row.attack);
    Bench bench;
    bench.cut(bench.command(When::between_two, bench.disk()));
    row.act(bench);
    const std::string before = read_file(bench.image);
    const Outcome resumed =
        row.elsewhere ? bench.resume({"ASSAY_STATION=" + (bench.scratch / "station")}) : bench.resume();
    INFO(resumed.output << resumed.errors);
    if (*row.said == '\0') {
      CHECK(resumed.exit_code == 0);
      continue;
    }
    CHECK(resumed.exit_code == 2);
    CHECK_THAT(resumed.errors, Catch::Contains(row.said) && Catch::Contains("begin a new run: `assay run") &&
                                   Catch::Contains("--target " + bench.disk()));
    CHECK(read_file(bench.image) == before);
    CHECK(read_file(bench.other) == std::string(disk_bytes, '\0'));
  }
}

TEST_CASE("a file is known after a restart of the machine, and a path means what it meant") {
  Bench bench;
  const std::string elsewhere = bench.scratch / "elsewhere", link = bench.scratch / "link-to-image";
  const std::string target = bench.scratch / "own-image";
  blank(target);
  std::filesystem::create_directory(elsewhere);
  blank(elsewhere + "/own-image");
  std::filesystem::create_symlink(target, link);
  std::vector<std::string> from_there;
  bool is_another = false;
  SECTION("a relative one, from another folder") {
    auto arguments = bench.command(When::between_two, "own-image");
    arguments.insert(arguments.begin(), {"/usr/bin/env", "-C", bench.scratch.path()});
    bench.cut(arguments);
    from_there = {"/usr/bin/env", "-C", elsewhere};
  }
  SECTION("a link that is flipped") {
    bench.cut(bench.command(When::between_two, link));
    std::filesystem::remove(link);
    std::filesystem::create_symlink(bench.other, link);
    is_another = true;
  }
  std::string kept = read_file(bench.folder() + "/consent.json");
  const size_t at = kept.find("\"boot_id\": \"");
  REQUIRE(at != std::string::npos);
  write_file(bench.folder() + "/consent.json", kept.replace(at + 12, 8, "00000000"));
  // By a station that cannot tell what the other one wrote: this one would refuse its changed record.
  std::vector<std::string> arguments{"/usr/bin/env", "ASSAY_STATION=" + (bench.scratch / "station")};
  arguments.insert(arguments.end(), from_there.begin(), from_there.end());
  arguments.insert(arguments.end(), {program(), "resume", bench.folder()});
  const Outcome resumed = run(arguments);
  INFO(resumed.output << resumed.errors);
  CHECK(resumed.exit_code == (is_another ? 2 : 0));
  if (is_another) CHECK_THAT(resumed.errors, Catch::Contains("it is another file of the same name"));
  CHECK(read_file(elsewhere + "/own-image") == std::string(disk_bytes, '\0'));
  CHECK(read_file(bench.other) == std::string(disk_bytes, '\0'));
}

TEST_CASE("a link in /dev/disk/by-id is the disk that it leads to when the run begins") {
  Bench bench;
  const LoopDisk second(bench.other);
  const std::string link = "/dev/disk/by-id/assay-loop-" + std::to_string(getpid());
  const bool had_links = std::filesystem::exists("/dev/disk/by-id");
  std::filesystem::create_directories("/dev/disk/by-id");
  std::filesystem::create_symlink(bench.disk(), link);
  const RigRun found = bench.attacked(When::before_the_first, link, [&] {
    std::filesystem::remove(link);
    std::filesystem::create_symlink(second.path(), link);
  });
  std::filesystem::remove(link);
  std::error_code used;
  if (!had_links) std::filesystem::remove("/dev/disk/by-id", used), std::filesystem::remove("/dev/disk", used);
  INFO(found.told);
  CHECK(found.exit_code == 0);
  CHECK(last_trial(found)["target"]["attributes"]["path"] == bench.disk());
  CHECK(read_file(bench.image) != std::string(disk_bytes, '\0'));
  CHECK(read_file(bench.other) == std::string(disk_bytes, '\0'));
}

TEST_CASE("another node for a device in use is that device") {
  Bench bench;
  struct stat status {};
  REQUIRE(stat(bench.disk().c_str(), &status) == 0);
  const std::string node = bench.scratch / "node-of-loop";
  REQUIRE(mknod(node.c_str(), S_IFBLK | 0600, status.st_rdev) == 0);
  const std::vector<std::string> allowed{"--allow", "destructive", "--backup", "made", "--erase", node};
  SECTION("mounted") {
    bench.mkfs(), bench.mount();
    const RigRun refused = run_on(node, "storage.capacity", "cache = 8", allowed);
    CHECK_THAT(refused.told, Catch::Contains(bench.disk().substr(5) + " is mounted"));
  }
  SECTION("with a loop device over it") {
    bench.upper = std::make_unique<LoopDisk>(bench.disk());
    const RigRun refused = run_on(node, "storage.capacity", "cache = 8", allowed);
    CHECK_THAT(refused.told, Catch::Contains("is made of " + bench.disk().substr(5)));
  }
}

TEST_CASE("a partition is no disk, by whatever link, and the refusal names the disk") {
  Bench bench;
  std::string table(512, '\0');
  table[450] = '\x83', table[454] = 8, table[459] = 4;  // one partition, from sector 8 on
  table[510] = '\x55', table[511] = '\xAA';
  must({"/usr/sbin/losetup", "--detach", bench.disk()});
  write_file(bench.image, table + std::string(disk_bytes - table.size(), '\0'));
  must({"/usr/sbin/losetup", "--partscan", "--direct-io=on", bench.disk(), bench.image});
  const std::string name = bench.disk().substr(5), link = bench.scratch / "by-uuid-of-loop",
                    part = bench.scratch / "node-of-loop-p1";
  unsigned int major_number = 0, minor_number = 0;
  const std::string number = read_file("/sys/block/" + name + "/" + name + "p1/dev");
  if (std::sscanf(number.c_str(), "%u:%u", &major_number, &minor_number) != 2) {
    WARN("this system shows no partitions of loop devices");
    return;
  }
  REQUIRE(mknod(part.c_str(), S_IFBLK | 0600, makedev(major_number, minor_number)) == 0);
  std::filesystem::create_symlink(part, link);
  for (const std::string& by : {part, link}) {
    const RigRun refused =
        run_on(by, "storage.capacity", "cache = 8", {"--allow", "destructive", "--backup", "made", "--erase", by});
    CHECK_THAT(refused.told, Catch::Contains("is a partition: the whole disk must be named, " + bench.disk()));
  }
}
