// What a plugin is made of: found as the dynamic linker finds it, and trusted like the plugin itself.
#include "dependencies.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/command.hpp"
#include "catalog/trust.hpp"
#include "core/errors.hpp"
#include "linker_cache.hpp"

using namespace assay;
using Catch::Contains;
using test::Scratch;
namespace fs = std::filesystem;

namespace {

/// Folders with libraries that need one another, made by the compiler at hand.
class Parts {
 public:
  Parts() {
    chmod(scratch_.path().c_str(), 0755);
    test::write_file(scratch_ / "empty.c", "int nothing;\n");
  }
  std::string operator/(const std::string& name) const { return scratch_ / name; }

  std::string library(const std::string& name, const std::vector<std::string>& options = {}) const {
    const std::string path = scratch_ / name;
    fs::create_directories(fs::path(path).parent_path());
    std::vector<std::string> command{"cc",
                                     "-shared",
                                     "-fPIC",
                                     "-Wl,--no-as-needed,--allow-shlib-undefined",
                                     "-Wl,-soname," + fs::path(path).filename().string(),
                                     "-o",
                                     path,
                                     scratch_ / "empty.c"};
    command.insert(command.end(), options.begin(), options.end());
    const auto made = test::run(command);
    INFO(made.errors);
    REQUIRE(made.exit_code == 0);
    return path;
  }

 private:
  Scratch scratch_;
};

std::string why_refused(const std::string& path) {
  try {
    catalog::dependencies_of(path);
    return "";
  } catch (const core::BadInput& error) {
    return error.what();
  }
}

/// Those that are none of the system's own.
std::vector<std::string> own_of(const std::string& path) {
  std::vector<std::string> own;
  for (const auto& [library, found] : catalog::dependencies_of(path))
    if (!catalog::is_systems_own(library)) own.push_back(library);
  return own;
}

std::string runpath(const std::string& folder) { return "-Wl,--enable-new-dtags,-rpath," + folder; }

}  // namespace

TEST_CASE("the libraries of a plugin are found, those of its libraries, too") {
  const Parts parts;
  const std::string inner = parts.library("lib/deep/libinner.so.1");
  const std::string outer = parts.library("lib/libouter.so.1", {inner, runpath("$ORIGIN/deep")});
  const std::string plugin = parts.library("plugin.so", {outer, runpath("${ORIGIN}/lib")});
  CHECK(own_of(plugin) == std::vector<std::string>{outer, inner});
  // The system's own are there as well, by the linker's cache or its folders.
  CHECK(catalog::dependencies_of(plugin).size() > 2);
  CHECK(catalog::dependencies_of(parts.library("alone.so", {"-nostdlib"})).empty());
}

TEST_CASE("what another processor would load in a library's place belongs to it") {
  const Parts parts;
  const std::string plain = parts.library("lib/libx.so");
  const std::string plugin = parts.library("plugin.so", {plain, runpath("$ORIGIN/lib")});
  const std::string newer = parts.library("lib/glibc-hwcaps/x86-64-v3/libx.so");
  CHECK(own_of(plugin) == std::vector<std::string>{newer, plain});
}

TEST_CASE("DT_RPATH counts for what is loaded further down, DT_RUNPATH does not") {
  const Parts parts;
  const std::string inner = parts.library("lib/libinner.so.1");
  const std::string outer = parts.library("lib/libouter.so.1", {inner});
  const std::string old = parts.library("old.so", {outer, "-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib"});
  CHECK(own_of(old) == std::vector<std::string>{outer, inner});
  const std::string plugin = parts.library("plugin.so", {outer, runpath("$ORIGIN/lib")});
  CHECK_THAT(why_refused(plugin), Contains("libouter.so.1 needs libinner.so.1, which is not found"));
}

TEST_CASE("a place that somebody else decides on is refused with its name") {
  const Parts parts;
  const std::string library = parts.library("lib/libx.so");
  fs::create_directories(parts / "open");
  chmod((parts / "open").c_str(), 0777);
  fs::create_directories(parts / "sticky/closed");
  chmod((parts / "sticky").c_str(), 01777);
  fs::create_directory_symlink(parts / "open", parts / "to-open");
  const std::pair<std::string, const char*> table[] = {
      {"lib", "lib, which is relative"},
      {"", "the folder that it is started from"},
      {"$ORIGIN/lib:", "the folder that it is started from"},
      {"$ORIGIN/lib::/opt", "the folder that it is started from"},
      {"$LIB/x", "only $ORIGIN is known"},
      {parts / "open", "open can be written by others"},
      {parts / "open/inner", "open can be written by others"},
      {parts / "to-open", "open can be written by others"},
      {parts / "lib/../open", "open can be written by others"},
      {"$ORIGIN/lib:" + (parts / "open"), "open can be written by others"},
      {"/tmp", "/tmp can be written by others"},
      {"/tmp/assay-nobody-has-this/lib", "/tmp can be written by others"},
      {parts / "sticky", "sticky can be written by others"},
      {parts / "sticky/closed:$ORIGIN/lib", ""},
      {parts / "not-there:$ORIGIN/lib", ""},
  };
  for (const auto& [folder, said] : table) {
    INFO(folder);
    // Written into the finished file: a linker leaves out empty parts.
    const std::string room(200, 'x');
    const std::string plugin = parts.library("plugin.so", {library, runpath(room)});
    std::string bytes = test::read_file(plugin);
    const size_t at = bytes.find(room);
    REQUIRE(at != std::string::npos);
    test::write_file(plugin, bytes.replace(at, folder.size() + 1, folder + std::string(1, '\0')));
    if (*said == '\0')
      CHECK(why_refused(plugin).empty());
    else
      CHECK_THAT(why_refused(plugin), Contains("plugin.so looks for libraries in") && Contains(said));
  }
}

TEST_CASE("a library that is not there is refused by its name") {
  const Parts parts;
  const std::string library = parts.library("lib/libgone.so.7");
  const std::string plugin = parts.library("plugin.so", {library, runpath("$ORIGIN/lib")});
  fs::remove(library);
  CHECK_THAT(why_refused(plugin), Contains("plugin.so needs libgone.so.7, which is not found"));
  test::write_file(library, "no library");
  CHECK_THAT(why_refused(plugin), Contains("libgone.so.7, which is not found"));
  CHECK_THAT(why_refused(parts.library("other.so", {"-Wl,-f,libstands.so"})), Contains("DT_FILTER"));
}

TEST_CASE("root loads no library that somebody else owns or can write to") {
  if (geteuid() != 0) {
    WARN("skipped: needs root");
    return;
  }
  const Parts parts;
  const std::string library = parts.library("lib/libx.so");
  const std::string plugin = parts.library("plugin.so", {library, runpath("$ORIGIN/lib")});
  CHECK(why_refused(plugin).empty());
  REQUIRE(chown(library.c_str(), 12345, 0) == 0);
  CHECK_THAT(why_refused(plugin), Contains("libx.so") && Contains("belongs to another user"));
  REQUIRE(chown(library.c_str(), 0, 0) == 0);
  chmod(library.c_str(), 0666);
  CHECK_THAT(why_refused(plugin), Contains("libx.so") && Contains("can be written by others"));
  chmod(library.c_str(), 0644);
  REQUIRE(chown((parts / "lib").c_str(), 12345, 0) == 0);
  CHECK_THAT(why_refused(plugin), Contains("lib belongs to another user"));
}

TEST_CASE("a link decides as much as the folder that it leads to") {
  if (geteuid() != 0) {
    WARN("skipped: needs root");
    return;
  }
  const Parts parts;
  const std::string library = parts.library("real/libx.so");
  fs::create_directories(parts / "theirs");
  fs::create_directory_symlink(parts / "real", parts / "theirs/link");
  REQUIRE(chown((parts / "theirs").c_str(), 12345, 0) == 0);
  CHECK_THAT(catalog::why_not_trusted(parts / "theirs/link/libx.so"), Contains("theirs belongs to another user"));
  CHECK(catalog::why_not_trusted(parts / "real/libx.so").empty());
  REQUIRE(chown((parts / "theirs").c_str(), 0, 0) == 0);
  CHECK(catalog::why_not_trusted(parts / "theirs/link/libx.so").empty());
  REQUIRE(lchown((parts / "theirs/link").c_str(), 12345, 0) == 0);
  CHECK_THAT(catalog::why_not_trusted(parts / "theirs/link/libx.so"), Contains("link belongs to another user"));
}

TEST_CASE("damaged libraries and caches never crash their readers") {
  const Parts parts;
  const std::string library = parts.library("lib/libx.so");
  const std::string plugin = parts.library("plugin.so", {library, runpath("$ORIGIN/lib")});
  const std::string good = test::read_file(plugin), cache = test::read_file("/etc/ld.so.cache");
  uint64_t state = 7;
  const auto random = [&] { return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33; };
  for (int round = 0; round < 300; ++round) {
    std::string bytes = good, list = cache.substr(0, 4096);
    for (int i = 0; i < 8; ++i) bytes[random() % 4096 % bytes.size()] = static_cast<char>(random());
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    test::write_file(plugin, bytes);
    why_refused(plugin);
    if (list.empty()) continue;
    for (int i = 0; i < 4; ++i) list[20 + random() % 100 % (list.size() - 20)] = static_cast<char>(random());
    test::write_file(parts / "cache", list);
    catalog::read_linker_cache(parts / "cache");
  }
}
