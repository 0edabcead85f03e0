// What speaks against writing to a disk, found in captured trees and in files.
#include "inventory/block_use.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>

#include "../support/command.hpp"
#include "core/unique_fd.hpp"
#include "inventory/content.hpp"

using namespace assay;
using inventory::Content;
using test::Scratch;
using test::write_file;

namespace {

/// Two disks with a partition each, as Linux lays them out.
struct Tree {
  Scratch root;
  Tree() {
    for (const std::string disk : {"sda", "sdb"}) {
      const std::string number = disk == "sda" ? "8:0" : "8:16", part_number = disk == "sda" ? "8:1" : "8:17";
      write_file(root / ("sys/devices/" + disk + "/dev"), number + "\n");
      write_file(root / ("sys/devices/" + disk + "/" + disk + "1/dev"), part_number + "\n");
      write_file(root / ("sys/devices/" + disk + "/" + disk + "1/partition"), "1\n");
      link("sys/class/block/" + disk, "sys/devices/" + disk);
      link("sys/class/block/" + disk + "1", "sys/devices/" + disk + "/" + disk + "1");
      link("sys/block/" + disk, "sys/devices/" + disk);
    }
    mounts("");
  }
  void link(const std::string& from, const std::string& to) {
    std::filesystem::create_directories(std::filesystem::path(root / from).parent_path());
    std::filesystem::create_symlink("/" + to, root / from);  // below the tree, as on the machine
  }
  void mounts(const std::string& lines) { write_file(root / "proc/self/mountinfo", lines); }
  void swaps(const std::string& line) { write_file(root / "proc/swaps", "Filename Type Size Used Priority\n" + line); }
  /// A mapped device on top of a partition.
  void holder(const std::string& part, const std::string& name, const std::string& number, const std::string& uuid) {
    write_file(root / ("sys/devices/virtual/" + name + "/dev"), number + "\n");
    write_file(root / ("sys/devices/virtual/" + name + "/dm/uuid"), uuid + "\n");
    write_file(root / ("sys/devices/virtual/" + name + "/slaves/" + part + "/dev"), "");
    link("sys/class/block/" + name, "sys/devices/virtual/" + name);
    write_file(root / ("sys/devices/" + part.substr(0, 3) + "/" + part + "/holders/" + name), "");
  }
  inventory::BlockUse use(const std::string& path) const {
    return inventory::block_use(inventory::SystemRoot(root.path()), path);
  }
  std::string folder(const std::string& path) const {
    return inventory::writable_folder(inventory::SystemRoot(root.path()), path).path;
  }
};

using Reasons = std::vector<std::string>;

constexpr size_t image_bytes = 4 << 20;

/// A file with these bytes in it; libblkid looks for parts of a RAID or of LVM only beyond the size of a floppy.
Content content_with(uint64_t offset, const std::string& bytes, size_t size = image_bytes) {
  const Scratch scratch;
  write_file(scratch / "image", "");
  const core::UniqueFd file(open((scratch / "image").c_str(), O_RDWR));
  REQUIRE(ftruncate(file.get(), static_cast<off_t>(size)) == 0);
  REQUIRE(pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
          static_cast<ssize_t>(bytes.size()));
  return inventory::content_of(file.get(), size);
}

uint32_t lvm_checksum(const std::string& bytes) {
  uint32_t crc = 0xf597a6cf;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return crc;
}

/// The label of an LVM physical volume, in its second sector.
std::string lvm_label() {
  std::string sector(512, '\0');
  const auto put = [&](size_t at, auto value) { std::memcpy(sector.data() + at, &value, sizeof value); };
  std::memcpy(sector.data(), "LABELONE", 8);
  put(8, uint64_t{1});
  put(20, uint32_t{32});
  std::memcpy(sector.data() + 24, "LVM2 001", 8);
  std::memcpy(sector.data() + 32, "abcdefabcdefabcdefabcdefabcdefab", 32);
  put(64, uint64_t{1 << 20});
  put(16, lvm_checksum(sector.substr(20)));
  return sector;
}

/// The first label of a ZFS device: uberblocks in a row.
std::string zfs_label() {
  std::string label(256 << 10, '\0');
  const uint64_t mark = 0x00bab10c;
  for (size_t i = 0; i < 16; ++i) std::memcpy(label.data() + (128 << 10) + i * 1024, &mark, sizeof mark);
  return label;
}

/// A btrfs superblock over so many devices.
std::string btrfs_superblock(uint64_t devices) {
  std::string block(4096, '\0');
  const auto put = [&](size_t at, auto value) { std::memcpy(block.data() + at, &value, sizeof value); };
  std::memcpy(block.data() + 64, "_BHRfS_M", 8);
  block[32] = 7;             // its UUID
  put(48, uint64_t{65536});  // where it lies
  put(136, devices);
  put(144, uint32_t{4096});  // sectors
  put(148, uint32_t{16384});
  uint32_t crc = ~0u;  // CRC-32C of what follows its first 32 bytes
  for (size_t i = 32; i < block.size(); ++i) {
    crc ^= static_cast<unsigned char>(block[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  put(0, ~crc);
  return block;
}

/// A member of a Linux RAID, metadata 1.2: at 4 KiB, as md.h has it.
std::string raid_superblock() {
  std::string block(4096, '\0');
  const auto put = [&](size_t at, auto value) { std::memcpy(block.data() + at, &value, sizeof value); };
  put(0, uint32_t{0xa92b4efc});
  put(4, uint32_t{1});
  block[16] = 7;          // the array's UUID
  put(92, uint32_t{2});   // devices
  put(144, uint64_t{8});  // the superblock's own place, in sectors
  put(220, uint32_t{2});  // roles
  uint64_t sum = 0;
  for (size_t i = 0; i < 256 + 4; i += 4) {
    uint32_t word = 0;
    std::memcpy(&word, block.data() + i, sizeof word);
    sum += word;
  }
  put(216, static_cast<uint32_t>((sum & 0xffffffff) + (sum >> 32)));
  return block;
}

/// A volume that BitLocker has encrypted, as Windows 7 and later write it: the boot sector leads to its metadata.
std::string bitlocker_volume() {
  std::string volume((64 << 10) + 512, '\0');
  std::memcpy(volume.data(), "\xeb\x58\x90-FVE-FS-", 11);
  const std::string guid("\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01", 16);
  std::memcpy(volume.data() + 160, guid.data(), guid.size());
  const uint64_t metadata = 64 << 10;
  std::memcpy(volume.data() + 176, &metadata, sizeof metadata);
  std::memcpy(volume.data() + metadata, "-FVE-FS-", 8);
  volume[metadata + 10] = 2;  // version
  return volume;
}

/// Swap space as mkswap writes it for pages of 4 KiB.
std::string swap_space() {
  std::string page(4096, '\0');
  page[1024] = 1;  // version
  page[1028] = 100;
  std::memcpy(page.data() + 4086, "SWAPSPACE2", 10);
  return page;
}

}  // namespace

TEST_CASE("a disk that nothing uses is free") {
  const Tree tree;
  CHECK(tree.use("/dev/sdb").reasons.empty());
  CHECK_FALSE(tree.use("/dev/sdb").system);
}

TEST_CASE("a mounted partition is a use of its disk and of no other") {
  Tree tree;
  tree.mounts("30 1 8:17 / /media/stick rw - vfat /dev/sdb1 rw\n");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb1 is mounted"});
  CHECK_FALSE(tree.use("/dev/sdb").system);
  CHECK(tree.use("/dev/sda").reasons.empty());
}

TEST_CASE("a mount is found by its source where its number belongs to no device, as of btrfs") {
  Tree tree;
  tree.mounts("30 1 0:45 / /data rw - btrfs /dev/sdb1 rw\n");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb1 is mounted"});
}

TEST_CASE("a mount is found by its number where its source is another name of the device") {
  Tree tree;
  tree.mounts("30 1 8:16 / /data rw - ext4 /dev/root rw\n");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb is mounted"});
}

TEST_CASE("the disk that the system runs from is told, through a mapped device, too") {
  Tree tree;
  tree.mounts("30 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  CHECK(tree.use("/dev/sda").system);
  CHECK_FALSE(tree.use("/dev/sdb").system);
  tree.holder("sdb1", "dm-0", "253:0", "LVM-xyz");
  tree.mounts("30 1 253:0 / /usr rw - ext4 /dev/mapper/vg-usr rw\n");
  const auto use = tree.use("/dev/sdb");
  CHECK(use.system);
  CHECK(use.reasons == Reasons{"sdb1 is part of the LVM volume dm-0", "dm-0 is mounted"});
}

TEST_CASE("a live system's stick is its system disk") {
  Tree tree;
  tree.mounts("30 1 8:17 / /run/live/medium ro - vfat /dev/sdb1 ro\n");
  CHECK(tree.use("/dev/sdb").system);
}

TEST_CASE("swap space, RAID, encrypted and other mapped devices are uses") {
  Tree tree;
  tree.swaps("/dev/sdb1 partition 1000 0 -2\n");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb1 is swap space"});
  tree.swaps("");
  tree.holder("sdb1", "md0", "9:0", "");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb1 is part of the RAID md0"});
  tree.holder("sda1", "dm-3", "253:3", "CRYPT-LUKS2-x");
  CHECK(tree.use("/dev/sda").reasons == Reasons{"sda1 is part of the encrypted volume dm-3"});
}

TEST_CASE("a name that is the beginning of another is not the other") {
  Tree tree;
  tree.mounts("30 1 0:45 / /data rw - btrfs /dev/sdbb rw\n");
  tree.swaps("/dev/sdb10 partition 1000 0 -2\n");
  CHECK(tree.use("/dev/sdb").reasons.empty());
}

TEST_CASE("a file is in use as swap space or behind a loop device") {
  Tree tree;
  tree.swaps("/images/disk.img file 1000 0 -2\n");
  CHECK(tree.use("/images/disk.img").reasons == Reasons{"it is swap space"});
  write_file(tree.root / "sys/block/loop3/loop/backing_file", "/images/other.img\n");
  CHECK(tree.use("/images/other.img").reasons == Reasons{"the loop device loop3 is made of it"});
  CHECK(tree.use("/images/free.img").reasons.empty());
}

TEST_CASE("free space is where a file system of that disk alone is mounted for writing") {
  Tree tree;
  CHECK(tree.folder("/dev/sdb").empty());
  tree.mounts("30 1 8:17 / /media/my\\040stick ro - vfat /dev/sdb1 ro\n");
  CHECK(tree.folder("/dev/sdb").empty());
  tree.mounts("30 1 8:17 / /media/my\\040stick rw - vfat /dev/sdb1 rw\n");
  CHECK(tree.folder("/dev/sdb") == "/media/my stick");
  CHECK(tree.folder("/dev/sda").empty());
}

TEST_CASE("every device of a btrfs over two disks is in use, and it is free space of neither") {
  Tree tree;
  tree.mounts("30 1 0:45 / /data rw - btrfs /dev/sda1 rw\n");
  CHECK(tree.folder("/dev/sda") == "/data");
  for (const char* member : {"sda1", "sdb1"})
    write_file(tree.root / ("sys/fs/btrfs/0000-1111/devices/" + std::string(member)), "");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb1 is mounted"});
  CHECK(tree.folder("/dev/sda").empty());
  tree.mounts("30 1 0:45 / /data rw - bcachefs /dev/sda1:/dev/sdb1 rw\n");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"sdb1 is mounted"});
}

TEST_CASE("a loop device over a disk, and what is mounted from it, is a use of the disk") {
  Tree tree;
  write_file(tree.root / "sys/block/loop3/loop/backing_file", "/dev/sdb\n");
  write_file(tree.root / "sys/block/loop3/dev", "7:3\n");
  tree.mounts("30 1 7:3 / / rw - ext4 /dev/loop3 rw\n");
  CHECK(tree.use("/dev/sdb").reasons == Reasons{"the loop device loop3 is made of sdb", "loop3 is mounted"});
  CHECK(tree.use("/dev/sdb").system);
}

TEST_CASE("a partition has the free space of its own file system") {
  Tree tree;
  tree.mounts("30 1 8:17 / /media/stick rw - vfat /dev/sdb1 rw\n");
  CHECK(tree.folder("/dev/sdb1") == "/media/stick");
  CHECK(tree.folder("/dev/sda1").empty());
}

TEST_CASE("a volume over two disks is free space of neither") {
  Tree tree;
  tree.holder("sdb1", "dm-0", "253:0", "LVM-xyz");
  tree.mounts("30 1 253:0 / /data rw - ext4 /dev/dm-0 rw\n");
  CHECK(tree.folder("/dev/sdb") == "/data");
  write_file(tree.root / "sys/devices/virtual/dm-0/slaves/sda1/dev", "");
  CHECK(tree.folder("/dev/sdb").empty());
}

TEST_CASE("what is on a device is told before it is overwritten") {
  std::string table(512, '\0');
  table[450] = '\x83', table[454] = 8, table[459] = 4;  // one partition, from sector 8 on
  table[510] = '\x55', table[511] = '\xAA';
  std::string ext(1024, '\0');
  ext[0x38] = '\x53', ext[0x39] = '\xEF', ext[0x18] = 2, ext[0x4c] = 1, ext[4] = 1, ext[0x28] = 16;
  const struct {
    const char* what;
    Content content;
    Content::Kind kind;
    const char* said;
  } cases[] = {
      {"zeros", content_with(0, ""), Content::Kind::empty, ""},
      {"erased flash", content_with(0, std::string(image_bytes, '\xFF')), Content::Kind::empty, ""},
      {"a partition table", content_with(0, table), Content::Kind::data, "partition table"},
      {"a file system", content_with(1024, ext), Content::Kind::data, "format ext"},
      {"an encrypted volume", content_with(0, std::string("LUKS\xba\xbe\x00\x01", 8)), Content::Kind::member,
       "crypto_LUKS"},
      {"a part of LVM", content_with(512, lvm_label()), Content::Kind::member, "LVM2_member"},
      {"a part of a Linux RAID", content_with(4096, raid_superblock()), Content::Kind::member, "linux_raid_member"},
      {"BitLocker", content_with(0, bitlocker_volume()), Content::Kind::member, "BitLocker"},
      {"swap space", content_with(0, swap_space()), Content::Kind::data, "format swap"},
      {"a btrfs of its own", content_with(65536, btrfs_superblock(1)), Content::Kind::data, "format btrfs"},
      {"a part of a btrfs", content_with(65536, btrfs_superblock(3)), Content::Kind::member,
       "format btrfs over 3 devices"},
      {"a text", content_with(0, "Dear diary"), Content::Kind::data, "no known format"},
      {"a text in the third MiB", content_with((5 << 20) / 2, std::string(4 << 18, 'd')), Content::Kind::data,
       "no known format"},
      {"a part of ZFS", content_with(0, zfs_label(), 65 << 20), Content::Kind::member, "zfs_member"},
      {"a text at the very end", content_with(image_bytes - 10, "Dear diary"), Content::Kind::data, "no known format"},
  };
  for (const auto& row : cases) {
    INFO(row.what << ": " << row.content.what);
    CHECK(row.content.kind == row.kind);
    CHECK(row.content.what.find(row.said) != std::string::npos);
  }
}

TEST_CASE("two looks at the same content agree, and each kind of change is seen in a mark or in the digest") {
  std::string ext(1024, '\0');
  ext[0x38] = '\x53', ext[0x39] = '\xEF', ext[0x18] = 2, ext[0x4c] = 1, ext[4] = 1, ext[0x28] = 16;
  const auto with = [&](size_t at, char value) {
    std::string other = ext;
    other[at] = value;
    return content_with(1024, other);
  };
  const Content first = content_with(1024, ext);
  REQUIRE(first.marks.size() == 1);
  CHECK(first.marks == content_with(1024, ext).marks);
  CHECK(first.digest == content_with(1024, ext).digest);
  CHECK(with(0x68, 9).marks != first.marks);                                            // another UUID
  CHECK(with(0x30, 9).marks != first.marks);                                            // the time of its last write
  CHECK(content_with(image_bytes - 10, "diary").digest != content_with(0, "").digest);  // at the very end
  CHECK(content_with(image_bytes - 10, "diary").marks.empty());
}
