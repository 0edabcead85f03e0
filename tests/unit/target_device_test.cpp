// What stands between a test and a device: the consent, and what the device is in use for.
#include "target_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "../support/command.hpp"
#include "core/unique_fd.hpp"
#include "looking.hpp"

using namespace assay;
using catalog::Effect;
using test::Scratch;
using test::write_file;

namespace {

constexpr size_t image_bytes = 4 << 20;

/// A disk image, and a captured tree for what the system says of it.
struct Bench {
  Scratch folder, tree;
  std::string image = folder / "disk.img";
  core::Consent consent{false, true, "made", {}};

  Bench() { blank(); }
  void blank() const { write_file(image, std::string(image_bytes, '\0')); }
  void holds(const std::string& bytes) const {
    std::string content(image_bytes, '\0');
    content.replace(0, bytes.size(), bytes);
    write_file(image, content);
  }
  core::Target target() const { return {"file:" + image, "disk", image, {{"path", image}}, false}; }
  core::Target as_folder() const {
    return {"folder:" + folder.path(), "disk", "", {{"path", folder.path()}, {"folder", "1"}}, false};
  }
  std::string kept() const { return tree / "consent.json"; }
  /// As a run's beginning does it: what is there now may be overwritten.
  void allow(const core::Target& target) const {
    const inventory::SystemRoot root(tree.path());
    REQUIRE(engine::Consented(kept()).put(target.id, engine::look_for_consent(root, target, consent)));
  }
  engine::TargetDevice open(Effect effect, const core::Target& target) const {
    const inventory::SystemRoot root(tree.path());
    return engine::TargetDoor(root, consent, kept()).open(target, effect);
  }
  engine::TargetDevice overwrite() const { return open(Effect::destructive, target()); }
  /// A run of its own.
  engine::TargetDevice overwrite_anew() const {
    allow(target());
    return overwrite();
  }
  /// One whole trial, that writes these bytes at the beginning.
  void trial(const std::string& bytes) const {
    const inventory::SystemRoot root(tree.path());
    engine::TargetDoor door(root, consent, kept());
    auto device = door.open(target(), Effect::destructive);
    INFO(device.reason);
    REQUIRE(device.fd);
    fcntl(device.fd.get(), F_SETFL, 0);
    REQUIRE(pwrite(device.fd.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    device.fd.reset();
    door.closed(target());
  }
  void boots(const std::string& id) const { write_file(tree / "proc/sys/kernel/random/boot_id", id + "\n"); }
  /// The same file, with other bytes in it.
  void change(size_t at, const std::string& bytes) const {
    const core::UniqueFd file(::open(image.c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
            static_cast<ssize_t>(bytes.size()));
  }
};

/// As mke2fs writes it, in the parts by which it is known; `uuid`: its first byte.
std::string ext_superblock(char uuid) {
  std::string ext(1024, '\0');
  ext[0x38] = '\x53', ext[0x39] = '\xEF', ext[0x18] = 2, ext[0x4c] = 1, ext[4] = 1, ext[0x28] = 16;
  ext[0x68] = uuid, ext[0x69] = 1;
  return ext;
}

bool can_write(int fd) {
  fcntl(fd, F_SETFL, 0);
  return pwrite(fd, "x", 1, 0) == 1;
}

}  // namespace

TEST_CASE("without consent nothing is opened for writing") {
  Bench bench;
  bench.consent = {};
  const auto refused = bench.overwrite();
  CHECK_FALSE(refused.fd);
  CHECK(refused.category == "no-consent");
  CHECK_THAT(refused.reason, Catch::Contains("--allow destructive"));
  const auto scratch = bench.open(Effect::scratch, bench.as_folder());
  CHECK_FALSE(scratch.fd);
  CHECK(scratch.category == "no-consent");
}

TEST_CASE("without an answer about the backup nothing is overwritten") {
  Bench bench;
  bench.consent.backup = "";
  const auto refused = bench.overwrite();
  CHECK_FALSE(refused.fd);
  CHECK(refused.category == "no-consent");
  CHECK_THAT(refused.reason, Catch::Contains("--backup"));
}

TEST_CASE("with consent an empty device is opened for writing") {
  const Bench bench;
  const auto device = bench.overwrite_anew();
  INFO(device.reason);
  REQUIRE(device.fd);
  CHECK(can_write(device.fd.get()));
}

TEST_CASE("a test that only observes gets a device that it cannot write to, whatever was allowed") {
  Bench bench;
  bench.consent = {true, true, "made", {bench.image}};
  const auto device = bench.open(Effect::observe, bench.target());
  REQUIRE(device.fd);
  CHECK_FALSE(can_write(device.fd.get()));
}

TEST_CASE("what holds anything is refused until its name is typed") {
  Bench bench;
  bench.holds("Dear diary");
  const auto refused = bench.overwrite_anew();
  CHECK_FALSE(refused.fd);
  CHECK(refused.category == "refused");
  CHECK_THAT(refused.reason, Catch::Contains("is not empty") && Catch::Contains("--erase " + bench.image));
  bench.consent.erase = {"another-serial"};
  CHECK_FALSE(bench.overwrite_anew().fd);
  bench.consent.erase = {"another-serial", bench.image};
  CHECK(bench.overwrite_anew().fd);
}

TEST_CASE("a part of something larger is refused though its name is typed") {
  Bench bench;
  bench.holds(std::string("LUKS\xba\xbe\x00\x01", 8));
  bench.consent.erase = {bench.image};
  const auto refused = bench.overwrite_anew();
  CHECK_FALSE(refused.fd);
  CHECK_THAT(refused.reason, Catch::Contains("crypto_LUKS") && Catch::Contains("part of something larger"));
}

TEST_CASE("what is in use is refused though its name is typed") {
  Bench bench;
  bench.consent.erase = {bench.image};
  bench.allow(bench.target());
  SECTION("as swap space") {
    write_file(bench.tree / "proc/swaps", "Filename Type\n" + bench.image + " file 1000 0 -2\n");
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("is in use: it is swap space"));
  }
  SECTION("behind a loop device") {
    write_file(bench.tree / "sys/block/loop3/loop/backing_file", bench.image + "\n");
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("is in use: the loop device loop3"));
  }
}

TEST_CASE("what nobody has looked at when the run began is not overwritten") {
  const Bench bench;
  const auto refused = bench.overwrite();
  CHECK_FALSE(refused.fd);
  CHECK_THAT(refused.reason, Catch::Contains("was not looked at when overwriting was allowed"));
}

TEST_CASE("what was changed between the consent and the first writing is refused, with what changed") {
  Bench bench;
  bench.consent.erase = {bench.image};  // whatever was given up, this was not
  const std::string other = bench.image + ".new";
  const struct {
    const char* attack;
    std::function<void()> act;
    const char* said;
  } table[] = {
      {"a file system is made", [&] { bench.change(1024, ext_superblock(1)); }, "it held nothing, now format ext2"},
      {"other data are put in", [&] { bench.change(0, "Dear diary"); }, "it held nothing, now data of no known format"},
      {"data are put where no sample is taken", [&] { bench.change((5 << 18) + 7, "Dear diary"); },
       "somebody has written to it"},
      {"it grows", [&] { std::filesystem::resize_file(bench.image, 2 * image_bytes); },
       "its size was 4 MiB, now 8 MiB"},
      {"it grows by one byte", [&] { std::filesystem::resize_file(bench.image, image_bytes + 1); },
       "its size was 4194304 bytes, now 4194305 bytes"},
      {"another file gets its name",
       [&] {
         write_file(other, std::string(image_bytes, '\0'));
         std::filesystem::rename(other, bench.image);
       },
       "another file of the same name"},
      {"a link stands in its place",
       [&] {
         write_file(other, std::string(image_bytes, '\0'));
         std::filesystem::remove(bench.image);
         std::filesystem::create_symlink(other, bench.image);
       },
       "another file of the same name"},
      {"a hard link to another file stands in its place",
       [&] {
         write_file(other, std::string(image_bytes, '\0'));
         std::filesystem::remove(bench.image);
         std::filesystem::create_hard_link(other, bench.image);
       },
       "another file of the same name"},
      {"it gets a second name", [&] { std::filesystem::create_hard_link(bench.image, other); },
       "it had 1 name(s), now 2"},
  };
  for (const auto& row : table) {
    INFO(row.attack);
    std::filesystem::remove(other);
    std::filesystem::remove(bench.image);
    bench.blank();
    bench.allow(bench.target());
    row.act();
    const auto refused = bench.overwrite();
    CHECK_FALSE(refused.fd);
    CHECK(refused.category == "refused");
    CHECK_THAT(refused.reason,
               Catch::Contains("is not what it was when overwriting was allowed") && Catch::Contains(row.said));
  }
}

TEST_CASE("data that were given up are not others that took their place, though both are of the same kind") {
  Bench bench;
  bench.consent.erase = {bench.image};
  SECTION("data of no known format") {
    bench.holds("Dear diary");
    bench.allow(bench.target());
    bench.change(0, "Dear photos");
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("its content has changed"));
  }
  SECTION("a file system that was made anew") {
    bench.change(1024, ext_superblock(1));
    bench.allow(bench.target());
    bench.change(1024, ext_superblock(2));
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("made anew, or used, in between"));
  }
}

TEST_CASE("what a run has written is Assay's own, in its next trial and when it goes on after an interruption") {
  const Bench bench;
  bench.allow(bench.target());
  bench.trial("what a test has written");
  bench.trial("and another");
  {
    const auto device = bench.overwrite();  // cut off in mid-trial: nobody notes what it left
    REQUIRE(device.fd);
    bench.change(0, "what the cut trial has written");
  }
  bench.trial("and the resumed one");
}

TEST_CASE("what somebody else writes between two trials is seen") {
  const Bench bench;
  bench.allow(bench.target());
  bench.trial("what a test has written");
  SECTION("data of no known format") {
    bench.change(0, "Dear diary");
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("somebody has written to it"));
  }
  SECTION("a file system") {
    bench.change(1024, ext_superblock(1));
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("it held data of no known format, now format ext2"));
  }
}

TEST_CASE("a file system that is made in the pause after a cut trial is seen") {
  const Bench bench;
  bench.allow(bench.target());
  { REQUIRE(bench.overwrite().fd); }
  bench.change(0, std::string(1 << 20, 'p'));
  bench.change(1024, ext_superblock(1));
  const auto refused = bench.overwrite();
  CHECK_FALSE(refused.fd);
  CHECK_THAT(refused.reason, Catch::Contains("now format ext2"));
}

TEST_CASE("a file system that was given up and lies there still is no news") {
  Bench bench;
  bench.consent.erase = {bench.image};
  bench.change(1024, ext_superblock(1));
  bench.allow(bench.target());
  { REQUIRE(bench.overwrite().fd); }
  bench.change(2 << 20, "what the cut trial has written");
  CHECK(bench.overwrite().fd);
}

TEST_CASE("after a restart of the machine a file is known by its birth and its number") {
  const Bench bench;
  bench.boots("one");
  bench.allow(bench.target());
  bench.trial("what a test has written");
  bench.boots("two");
  CHECK(bench.overwrite().fd);
  const std::string other = bench.image + ".new";
  write_file(other, std::string(image_bytes, 'd'));
  std::filesystem::rename(other, bench.image);
  CHECK_FALSE(bench.overwrite().fd);
}

TEST_CASE("a refused device is not remembered as overwritten") {
  const Bench bench;
  bench.holds("Dear diary");
  CHECK_FALSE(bench.overwrite_anew().fd);
  CHECK_FALSE(engine::Consented(bench.kept()).find(bench.target().id)->opened);
  CHECK_FALSE(bench.overwrite().fd);
}

TEST_CASE("a record of consent that is missing, damaged, a link or another user's counts for nothing") {
  const Bench bench;
  bench.allow(bench.target());
  SECTION("missing") { std::filesystem::remove(bench.kept()); }
  SECTION("damaged") { write_file(bench.kept(), "{\"things\": {\"file:x\": 9e999"); }
  SECTION("of other types") { write_file(bench.kept(), R"({"things": {"file:x": {"thing": []}}})"); }
  SECTION("open to others") { std::filesystem::permissions(bench.kept(), std::filesystem::perms::all); }
  SECTION("a link") {
    std::filesystem::rename(bench.kept(), bench.tree / "elsewhere");
    std::filesystem::create_symlink(bench.tree / "elsewhere", bench.kept());
  }
  CHECK_FALSE(bench.overwrite().fd);
  CHECK_FALSE(engine::Consented(bench.kept()).why_not().empty());
}

TEST_CASE("a device is not overwritten where that cannot be remembered") {
  const Bench bench;
  bench.allow(bench.target());
  const inventory::SystemRoot root(bench.tree.path());
  engine::TargetDoor door(root, bench.consent, bench.kept());
  std::filesystem::create_directory(bench.kept() + ".new");  // in the way of the new one
  const auto refused = door.open(bench.target(), Effect::destructive);
  CHECK_FALSE(refused.fd);
  CHECK_THAT(refused.reason, Catch::Contains("nobody would know"));
}

TEST_CASE("the descriptor of a test that only observes cannot be made a better one") {
  const Bench bench;
  const auto device = bench.open(Effect::observe, bench.target());
  REQUIRE(device.fd);
  const std::string self = "/proc/self/fd/" + std::to_string(device.fd.get());
  const core::UniqueFd again(::open(self.c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(again);
  if (geteuid() != 0) {
    WARN("without root the file's mode is what keeps its owner from writing to it");
    return;
  }
  CHECK_FALSE(core::UniqueFd(::open(self.c_str(), O_RDWR | O_CLOEXEC)));
  CHECK_FALSE(core::UniqueFd(::open(self.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)));
  CHECK(truncate(self.c_str(), 0) != 0);
  CHECK(fchmod(device.fd.get(), 0777) != 0);
  CHECK(fchown(device.fd.get(), 1, 1) != 0);
  CHECK(futimens(device.fd.get(), nullptr) != 0);
  int flags = FS_NODUMP_FL;
  CHECK(ioctl(device.fd.get(), FS_IOC_SETFLAGS, &flags) != 0);
  CHECK(std::filesystem::file_size(bench.image) == image_bytes);
}

TEST_CASE("a scratch test gets a file without a name, and no more room than is to spare") {
  Bench bench;
  bench.consent = {true, false, "", {}};
  const auto file = bench.open(Effect::scratch, bench.as_folder());
  INFO(file.reason);
  REQUIRE(file.fd);
  CHECK(can_write(file.fd.get()));
  CHECK(file.most_bytes > 0);
  CHECK(std::distance(std::filesystem::directory_iterator(bench.folder.path()), {}) == 1);  // the image alone
  struct stat status {};
  REQUIRE(fstat(file.fd.get(), &status) == 0);
  CHECK(status.st_nlink == 0);
  // Nor can whoever has it give it one.
  const std::string self = "/proc/self/fd/" + std::to_string(file.fd.get()), name = bench.folder / "kept";
  CHECK(linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0);
  CHECK_FALSE(std::filesystem::exists(name));
}

TEST_CASE("what is not there, or is no disk, is told") {
  const Bench bench;
  core::Target gone = bench.target();
  gone.attributes["path"] = bench.folder / "gone";
  CHECK(bench.open(Effect::observe, gone).category == "gone");
  CHECK(bench.open(Effect::destructive, gone).category == "gone");
  gone.attributes["path"] = "/dev/null";
  CHECK_FALSE(bench.open(Effect::destructive, gone).fd);
}
