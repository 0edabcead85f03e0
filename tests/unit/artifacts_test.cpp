// What is kept of a trial's artifact folder, and what is not.
#include "artifacts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "../support/command.hpp"
#include "folder.hpp"
#include "room.hpp"
#include "sealing.hpp"

using namespace assay;
using namespace assay::engine;
using test::read_file;
using test::Scratch;
using test::write_file;
namespace fs = std::filesystem;

namespace {

/// The folders of a run in which a trial "t1" has ended.
struct Left {
  Scratch scratch;
  std::string artifacts = scratch.path(), folder = scratch / "t1";
  Left() { fs::create_directory(folder); }
  Sealed seal(const std::vector<std::string>& wanted = {}, ArtifactLimits limits = {},
              const std::vector<OwnFile>& own = {}) const {
    return seal_artifacts(artifacts, "t1", own, wanted, limits);
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    if (fs::exists(folder))
      for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
    return names;
  }
  bool nothing_else() const {
    for (const auto& entry : fs::directory_iterator(artifacts))
      if (entry.path().filename() != "t1") return false;
    return true;
  }
};

}  // namespace

TEST_CASE("a file may be kept under a name that any reader can show and no other file can be taken for") {
  struct Row {
    std::string name;
    bool kept;
  };
  const Row table[] = {{"memory-errors.json", true},
                       {"Bericht 1 (größer).txt", true},
                       {"a\"b\\c", true},
                       {std::string(100, 'n'), true},
                       {"", false},
                       {".", false},
                       {"..", false},
                       {".hidden", false},
                       {std::string(101, 'n'), false},
                       {"a/b", false},
                       {"a\nb", false},
                       {"\xff\xfe", false},
                       {"\x1b]52;c;AAAA\x07", false},
                       {"\xc2\x9b"
                        "31m",
                        false},
                       {"\xe2\x80\xaegnp.exe", false},
                       {"e\xcc\x81", false},
                       {"series-0.f64", false},
                       {"SERIES-0.F64", false},
                       {"series-0.csv", true}};
  for (const Row& row : table) {
    INFO(row.name);
    CHECK(may_keep_name(row.name) == row.kept);
  }
}

TEST_CASE("what is sealed belongs to the host, and who still has the old file open changes nothing") {
  const Left left;
  write_file(left.folder + "/map.json", "as it was");
  chmod((left.folder + "/map.json").c_str(), 0);
  const core::UniqueFd late(open((left.folder + "/map.json").c_str(), O_RDWR));
  REQUIRE(late);
  const Sealed sealed = left.seal({"map.json", "never-made"});
  CHECK(sealed.kept == std::vector<std::string>{"map.json"});
  CHECK(sealed.notes.empty());
  REQUIRE(pwrite(late.get(), "altered!!", 9, 0) == 9);
  CHECK(read_file(left.folder + "/map.json") == "as it was");
  struct stat status {};
  REQUIRE(stat((left.folder + "/map.json").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0444);
  CHECK(status.st_nlink == 1);
  CHECK(left.nothing_else());
}

TEST_CASE("what cannot be kept is removed, and a line says what it was") {
  struct Row {
    const char* what;
    void (*make)(const std::string& folder);
    const char* note;
  };
  const Row table[] = {
      {"a name", [](const std::string& f) { write_file(f + "/\xff", "x"); }, "1 file with a name that cannot be kept"},
      {"names", [](const std::string& f) { write_file(f + "/.a", "x"), write_file(f + "/series-3.f64", "x"); },
       "2 files with names that cannot be kept"},
      {"a pipe", [](const std::string& f) { REQUIRE(mkfifo((f + "/pipe").c_str(), 0600) == 0); }, "of another kind"},
      {"a link", [](const std::string& f) { fs::create_symlink("/etc/passwd", f + "/link"); }, "of another kind"},
      {"another's file", [](const std::string& f) { fs::create_hard_link(f + "/../outside", f + "/hard"); },
       "of another kind"},
      {"an empty folder", [](const std::string& f) { fs::create_directory(f + "/series-0.f64"); }, "1 folder was"},
      {"a closed folder", [](const std::string& f) { REQUIRE(mkdir((f + "/closed").c_str(), 0) == 0); },
       "1 folder was"},
      {"a terabyte of nothing",
       [](const std::string& f) {
         write_file(f + "/sparse", "");
         fs::resize_file(f + "/sparse", uint64_t{1} << 40);
       },
       "larger than 64 MiB"},
      {"a twin", [](const std::string& f) { write_file(f + "/GOOD", "x"); }, "in case alone"},
  };
  for (const Row& row : table) {
    INFO(row.what);
    const Left left;
    write_file(left.artifacts + "/outside", "outside");
    write_file(left.folder + "/good", "good");
    row.make(left.folder);
    const Sealed sealed = left.seal({"good"});
    fs::remove(left.artifacts + "/outside");
    REQUIRE(sealed.notes.size() == 1);
    INFO(sealed.notes[0]);
    CHECK(sealed.notes[0].find(row.note) != std::string::npos);
    CHECK(left.names() == std::set<std::string>{"good"});
    CHECK(left.nothing_else());
  }
}

TEST_CASE("a folder that no path reaches to the bottom of is removed whole") {
  const Left left;
  core::UniqueFd at(open(left.folder.c_str(), O_RDONLY | O_DIRECTORY));
  const std::string name(200, 'd');
  for (int level = 0; level < 400; ++level) {
    REQUIRE(mkdirat(at.get(), name.c_str(), 0755) == 0);
    REQUIRE(mkdirat(at.get(), "beside", 0755) == 0);
    at.reset(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
  }
  const core::UniqueFd file(openat(at.get(), "file", O_WRONLY | O_CREAT, 0600));
  const Sealed sealed = left.seal();
  CHECK(sealed.notes == std::vector<std::string>{"2 folders were not kept."});
  CHECK(fs::is_empty(left.artifacts));
}

TEST_CASE("of too many files those that the record names are kept first") {
  const Left left;
  for (int i = 0; i < 20; ++i) write_file(left.folder + "/" + std::to_string(100 + i), "12345678");
  SECTION("by number") {
    const Sealed sealed = left.seal({"119"}, {5, 100, 1000});
    CHECK(sealed.files == 5);
    CHECK(left.names() == std::set<std::string>{"100", "101", "102", "103", "119"});
    CHECK(sealed.notes == std::vector<std::string>{"15 files beyond the 5 that a trial may leave were not kept."});
  }
  SECTION("by their size in all") {
    const Sealed sealed = left.seal({"119"}, {1000, 100, 20});
    CHECK(left.names() == std::set<std::string>{"100", "119"});
    CHECK(sealed.notes == std::vector<std::string>{"18 files beyond 20 B in all were not kept."});
  }
}

TEST_CASE("the host's own file is what it wrote, whatever was put in its place") {
  const Left left;
  const std::string path = left.folder + "/series-0.f64";
  const core::UniqueFd own(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0644));
  REQUIRE(write(own.get(), "samples", 7) == 7);
  REQUIRE(unlink(path.c_str()) == 0);
  write_file(path, "forged");
  const Sealed sealed = left.seal({}, {}, {{"series-0.f64", own.get()}});
  CHECK(sealed.kept == std::vector<std::string>{"series-0.f64"});
  CHECK(read_file(path) == "samples");
}

TEST_CASE("a sealing that was cut off leaves nothing when the run goes on") {
  const Left left;
  fs::create_directories(left.artifacts + "/.left-t0/\xff");
  fs::create_directory(left.artifacts + "/.sealing-t0");
  remove_half_sealed(left.artifacts);
  CHECK(left.nothing_else());
}

TEST_CASE("sealing goes on apart, and says what it did") {
  const Left left;
  write_file(left.folder + "/map.json", "x");
  write_file(left.folder + "/.odd", "x");
  Sealing sealing(left.artifacts, "t1", {}, {"map.json"}, {});
  while (!sealing.done()) {
    pollfd source{sealing.fd(), POLLIN, 0};
    poll(&source, 1, 1000);
  }
  CHECK(sealing.result().files == 1);
  CHECK(sealing.result().kept == std::vector<std::string>{"map.json"});
  CHECK(sealing.result().notes == std::vector<std::string>{"1 file with a name that cannot be kept was not kept."});
}

TEST_CASE("a trial is a flood by what it leaves, or by what it leaves on a disk that is nearly full") {
  struct Row {
    const char* what;
    FolderUse use;
    bool low, flood;
  };
  constexpr uint64_t mib = 1 << 20;
  const Row table[] = {{"nothing", {}, false, false},
                       {"nothing, on a full disk", {}, true, false},
                       {"much", {10, 300 * mib, false}, false, false},
                       {"far too much", {10, 600 * mib, false}, false, true},
                       {"too many", {10'001, 0, false}, false, true},
                       {"little, on a full disk", {10, 10 * mib, false}, true, false},
                       {"what fills the disk", {10, 100 * mib, false}, true, true},
                       {"a folder, on a full disk", {1, 0, true}, true, true}};
  for (const Row& row : table) {
    INFO(row.what);
    CHECK(why_too_much(row.use, row.low, 64 * mib).empty() != row.flood);
  }
}
