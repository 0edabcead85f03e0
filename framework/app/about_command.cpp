#include <assay/plugin.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/errors.hpp"
#include "engine/fence_gaps.hpp"
#include "locations.hpp"
#include "output.hpp"
#include "version.hpp"

namespace assay::app {
namespace {

/// A folder that is there as long as this is.
class Passing {
 public:
  Passing() {
    std::string path = (std::filesystem::temp_directory_path() / "assay-about-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw core::Trouble("no folder can be made in " + path);
    path_ = path;
  }
  ~Passing() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

int about(const Common& options) {
  utsname system{};
  uname(&system);
  const Passing folder;
  const auto gaps = engine::fence_gaps(find_locations({}).runner, folder.path());
  const std::string abi = fmt::format("{}.{}", ASSAY_ABI_MAJOR, ASSAY_ABI_MINOR);
  if (options.json) {
    nlohmann::json missing = nlohmann::json::array();
    for (const auto& gap : gaps) missing.push_back({{"part", gap.part}, {"what", gap.what}, {"usual", gap.usual}});
    const nlohmann::json object{{"version", version},
                                {"abi", abi},
                                {"linux", system.release},
                                {"root", geteuid() == 0},
                                {"fence_missing", missing}};
    say_json(object);
    return 0;
  }
  say("Assay %s, plugin interface %s, on Linux %s as %s\n", version, abi.c_str(), system.release,
      geteuid() == 0 ? "root" : "an ordinary user");
  if (gaps.empty())
    say("Plugins run as users of their own without rights, in namespaces, a file tree and an allow-list of "
        "calls of their own.\n");
  else
    say("The fence around plugins is lower here:\n");
  for (const auto& gap : gaps) say("  %s.\n", gap.what.c_str());
  return 0;
}

}  // namespace assay::app
