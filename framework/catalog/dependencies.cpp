#include "dependencies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <map>
#include <set>

#include "catalog/trust.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "dynamic.hpp"
#include "linker_cache.hpp"

namespace assay::catalog {
namespace {

namespace fs = std::filesystem;
using core::BadInput;

constexpr size_t most_libraries = 256;
constexpr std::array system_folders{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"};
/// Libraries for newer processors, which the linker prefers where it can use them.
constexpr std::array variants{"glibc-hwcaps/x86-64-v4/", "glibc-hwcaps/x86-64-v3/", "glibc-hwcaps/x86-64-v2/", ""};

/// A loaded object, with the folders that it hands on: those of DT_RPATH count for what it loads, too.
struct Object {
  std::string path;
  std::vector<std::string> inherited;
};

class Search {
 public:
  std::vector<Library> of(const std::string& plugin) {
    left_.push_back({plugin, {}});
    seen_.insert(fs::canonical(plugin).string());
    while (!left_.empty()) {
      const Object object = left_.front();
      left_.pop_front();
      visit(object);
    }
    return std::move(found_);
  }

 private:
  void visit(const Object& object) {
    const Dynamic dynamic = read_dynamic(ElfFile(object.path));
    const std::string name = fs::path(object.path).filename().string();
    if (dynamic.filters) throw BadInput(name + " has other libraries stand in for it (DT_FILTER); link them plainly");
    std::vector<std::string> inherited = object.inherited, folders;
    if (dynamic.runpath) {
      folders = expanded(*dynamic.runpath, object.path);
    } else {
      if (dynamic.rpath) {
        const auto own = expanded(*dynamic.rpath, object.path);
        inherited.insert(inherited.begin(), own.begin(), own.end());
      }
      folders = inherited;
    }
    for (const std::string& needed : dynamic.needed)
      for (const std::string& path : find(needed, folders, name)) take({path, inherited});
  }

  void take(const Object& object) {
    const std::string real = fs::canonical(object.path).string();
    if (!seen_.insert(real).second) return;
    if (found_.size() == most_libraries) throw BadInput(fmt::format("needs more than {} libraries", most_libraries));
    if (const std::string why = why_not_trusted(object.path); !why.empty())
      throw BadInput("needs " + object.path + ", and " + why);
    found_.push_back({real, object.path});
    // Its own $ORIGIN is where it lies, links followed.
    left_.push_back({real, object.inherited});
  }

  /// The folders of a DT_RUNPATH or DT_RPATH.
  static std::vector<std::string> expanded(const std::string& list, const std::string& object) {
    std::vector<std::string> folders;
    const std::string whose = fs::path(object).filename().string() + " looks for libraries in ";
    for (std::string folder : core::split(list, ':')) {
      for (const std::string token : {"${ORIGIN}", "$ORIGIN"})
        for (size_t at = 0; (at = folder.find(token)) != std::string::npos;)
          folder.replace(at, token.size(), fs::canonical(object).parent_path().string());
      const std::string shown = core::safe_text(folder, 200);
      if (folder.empty()) throw BadInput(whose + "the folder that it is started from (an empty part of its RUNPATH)");
      if (folder.find('$') != std::string::npos)
        throw BadInput(whose + shown + "; of the tokens only $ORIGIN is known");
      if (folder[0] != '/') throw BadInput(whose + shown + ", which is relative; write $ORIGIN or an absolute path");
      if (const std::string why = why_not_searched(folder); !why.empty())
        throw BadInput(whose + shown + ", and " + why);
      folders.push_back(folder);
    }
    return folders;
  }

  /// The library, with the variants of it that another processor would choose. The linker reads each as it comes: what
  /// is no library for this machine is passed over.
  std::vector<std::string> find(const std::string& needed, const std::vector<std::string>& folders,
                                const std::string& whose) {
    const std::string shown = core::safe_text(needed, 200);
    if (needed.find('/') != std::string::npos) {
      if (needed[0] != '/') throw BadInput(whose + " needs " + shown + " by a relative path");
      if (!usable(needed)) throw BadInput(whose + " needs " + shown + ", which is not there");
      return {needed};
    }
    for (const std::string& folder : folders)
      if (auto here = in_folder(folder, needed); !here.empty()) return here;
    for (const std::string& path : cache()[needed])
      if (usable(path)) return {path};
    for (const char* folder : system_folders)
      if (auto here = in_folder(folder, needed); !here.empty()) return here;
    throw BadInput(whose + " needs " + shown +
                   ", which is not found; install it, or put it beside the plugin and link "
                   "with -Wl,-rpath,'$ORIGIN'");
  }

  static std::vector<std::string> in_folder(const std::string& folder, const std::string& name) {
    std::vector<std::string> found;
    for (const char* variant : variants)
      if (const std::string path = folder + "/" + variant + name; usable(path)) found.push_back(path);
    return found;
  }

  static bool usable(const std::string& path) {
    try {
      return ElfFile(path).fd() >= 0;
    } catch (const BadInput&) {
      return false;
    }
  }

  std::map<std::string, std::vector<std::string>>& cache() {
    if (!cache_read_) cache_ = read_linker_cache(), cache_read_ = true;
    return cache_;
  }

  std::deque<Object> left_;
  std::set<std::string> seen_;
  std::vector<Library> found_;
  std::map<std::string, std::vector<std::string>> cache_;
  bool cache_read_ = false;
};

}  // namespace

std::vector<Library> dependencies_of(const std::string& plugin) { return Search().of(plugin); }

bool is_systems_own(const std::string& real_path) {
  return std::any_of(std::begin(system_folders), std::end(system_folders),
                     [&](const std::string folder) { return real_path.rfind(folder + "/", 0) == 0; }) ||
         real_path.rfind("/lib64/", 0) == 0 || real_path.rfind("/usr/lib64/", 0) == 0;
}

}  // namespace assay::catalog
