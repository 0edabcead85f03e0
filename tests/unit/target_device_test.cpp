// What stands between a test and a device: the consent, and what the device is in use for.
#include "target_device.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/command.hpp"

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
  engine::TargetDevice open(Effect effect, const core::Target& target) const {
    const inventory::SystemRoot root(tree.path());
    return engine::TargetDoor(root, consent, tree / "overwritten").open(target, effect);
  }
  engine::TargetDevice overwrite() const { return open(Effect::destructive, target()); }
};

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
  const auto device = bench.overwrite();
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
  const auto refused = bench.overwrite();
  CHECK_FALSE(refused.fd);
  CHECK(refused.category == "refused");
  CHECK_THAT(refused.reason, Catch::Contains("is not empty") && Catch::Contains("--erase " + bench.image));
  bench.consent.erase = {"another-serial"};
  CHECK_FALSE(bench.overwrite().fd);
  bench.consent.erase = {"another-serial", bench.image};
  CHECK(bench.overwrite().fd);
}

TEST_CASE("a part of something larger is refused though its name is typed") {
  Bench bench;
  bench.holds(std::string("LUKS\xba\xbe\x00\x01", 8));
  bench.consent.erase = {bench.image};
  const auto refused = bench.overwrite();
  CHECK_FALSE(refused.fd);
  CHECK_THAT(refused.reason, Catch::Contains("crypto_LUKS") && Catch::Contains("part of something larger"));
}

TEST_CASE("what is in use is refused though its name is typed") {
  Bench bench;
  bench.consent.erase = {bench.image};
  SECTION("as swap space") {
    write_file(bench.tree / "proc/swaps", "Filename Type\n" + bench.image + " file 1000 0 -2\n");
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("is in use: it is swap space"));
  }
  SECTION("behind a loop device") {
    write_file(bench.tree / "sys/block/loop3/loop/backing_file", bench.image + "\n");
    CHECK_THAT(bench.overwrite().reason, Catch::Contains("is in use: the loop device loop3"));
  }
}

TEST_CASE("what a run has overwritten is Assay's own, when it goes on after an interruption, too") {
  Bench bench;
  CHECK(bench.overwrite().fd);
  bench.holds("what a test has written");
  CHECK(bench.overwrite().fd);
  // Another file of the same name is another device.
  const std::string other = bench.image + ".new";
  write_file(other, std::string(image_bytes, 'd'));
  std::filesystem::rename(other, bench.image);
  CHECK_FALSE(bench.overwrite().fd);
}

TEST_CASE("what was refused is not remembered as overwritten") {
  Bench bench;
  bench.holds("Dear diary");
  CHECK_FALSE(bench.overwrite().fd);
  CHECK_FALSE(bench.overwrite().fd);
}

TEST_CASE("a device is not overwritten where that cannot be remembered") {
  Bench bench;
  const inventory::SystemRoot root(bench.tree.path());
  const auto refused = engine::TargetDoor(root, bench.consent, bench.tree / "no/such/folder/overwritten")
                           .open(bench.target(), Effect::destructive);
  CHECK_FALSE(refused.fd);
  CHECK_THAT(refused.reason, Catch::Contains("nobody would know"));
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
