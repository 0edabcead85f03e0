// assay plugin check, assay plugin new.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catalog/catalog.hpp"
#include "commands.hpp"
#include "conformance/check.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/verdict.hpp"
#include "locations.hpp"
#include "needs_text.hpp"
#include "output.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;
using core::BadInput;

/// An empty folder that goes away again.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "assay-check-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw core::Trouble("no scratch folder can be made in " + fs::temp_directory_path().string());
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

int check_plugin(const Common& options, const std::string& file) {
  const ScratchFolder folder;
  std::vector<conformance::Check> checks;
  try {
    catalog::Plugin plugin = catalog::Catalog::read(file);
    ask_the_station(plugin);
    checks = conformance::check_plugin(plugin, find_locations(options.plugin_folders).runner, folder.path());
  } catch (const BadInput& error) {
    throw BadInput(file + ": " + error.what());
  }
  int failed = 0, skipped = 0;
  auto list = nlohmann::ordered_json::array();
  for (const auto& check : checks) {
    failed += !check.passed && !check.skipped ? 1 : 0;
    skipped += check.skipped ? 1 : 0;
    const char* word = check.passed ? "ok" : check.skipped ? "skipped" : "FAILED";
    if (options.json)
      list.push_back({{"rule", check.rule}, {"test", check.test}, {"outcome", word}, {"detail", check.detail}});
    else
      say("%-8s %s%s%s%s\n", word, check.test.empty() ? "" : (check.test + ": ").c_str(), check.rule.c_str(),
          check.detail.empty() ? "" : ": ", check.detail.c_str());
  }
  if (options.json)
    say_json({{"plugin", file}, {"failed", failed}, {"skipped", skipped}, {"checks", list}});
  else
    say("%zu checks, %d failed, %d skipped\n", checks.size(), failed, skipped);
  if (failed > 0) return 1;
  // A plugin of which no test could be tried has shown nothing.
  const bool any = std::any_of(checks.begin(), checks.end(), [](const auto& c) { return c.passed && !c.test.empty(); });
  return static_cast<int>(any ? core::ExitCode::pass : core::ExitCode::incomplete);
}

int new_plugin(const Common& options, const std::string& name, const std::string& language) {
  const std::string id = fs::path(name).filename().string();
  if (id.empty() || id.size() > 40 ||
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos ||
      (id[0] >= '0' && id[0] <= '9'))
    throw BadInput("plugin new " + core::safe_text(name, 60) +
                   ": the name is also the plugin's id: small letters and digits, a letter first");
  if (fs::exists(name)) throw BadInput("plugin new " + name + ": exists already");
  const catalog::Catalog built_in = catalog::Catalog::load(find_locations({}).plugin_folders);
  for (const auto& own : built_in.plugins())
    if (own.manifest.id == id) throw BadInput("plugin new " + name + ": Assay has a plugin of that id; choose another");
  const fs::path source = fs::path(find_locations(options.plugin_folders).template_folder) / language;
  if (!fs::is_directory(source)) throw core::Trouble(source.string() + ": the template is not installed");
  fs::create_directories(name);
  for (const auto& entry : fs::directory_iterator(source)) {
    const auto text = core::read_file(entry.path().string());
    const fs::path target = fs::path(name) / replaced(entry.path().filename().string(), "NAME", id);
    std::ofstream file(target, std::ios::binary);
    file << replaced(text.value_or(""), "@NAME@", id);
    file.close();
    if (!text || !file) throw core::Trouble(target.string() + " cannot be written");
  }
  const std::string prefix = fs::path(find_locations({}).runner).parent_path().parent_path().string();
  say("%s is ready. Next:\n  cmake -G Ninja -S %s -B %s/build -DCMAKE_PREFIX_PATH=%s\n  cmake --build %s/build\n  "
      "%s/bin/assay "
      "plugin "
      "check %s/build/%s.so\n",
      name.c_str(), name.c_str(), name.c_str(), prefix.c_str(), name.c_str(), prefix.c_str(), name.c_str(), id.c_str());
  return 0;
}

}  // namespace assay::app
