#include "station/manifest.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base64.hpp"
#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"

namespace assay::station {

using nlohmann::ordered_json;

namespace {

constexpr int most_depth = 64;

/// The manifest itself, and what lives only while a run goes on or is written.
bool is_passing(const std::string& name, int depth) {
  // What a trial left that could not be sealed yet: no part of the run until it is.
  if (depth == 1) return name.rfind(".left-", 0) == 0 || name.rfind(".sealing-", 0) == 0;
  if (depth > 1) return false;
  static const std::set<std::string> names{"manifest.json", "manifest.sig",    "manifest.json.new", "manifest.sig.new",
                                           "live.json",     "record.json.new", "report.html.new",   "live.json.new"};
  return names.count(name) > 0;
}

/// Walks by descriptors: however long the paths become, and whoever turns a folder on the way.
void walk(core::UniqueFd at, const std::string& above, int depth, const std::string& shown,
          std::map<std::string, FileSeal>& files) {
  struct Close {
    void operator()(DIR* folder) const { closedir(folder); }
  };
  const std::unique_ptr<DIR, Close> folder(at ? fdopendir(at.get()) : nullptr);
  if (!folder)
    throw core::Trouble(shown + "/" + core::safe_text(above, 200) + " cannot be read whole: " + std::strerror(errno));
  const int fd = at.release();
  while (const dirent* entry = readdir(folder.get())) {
    const std::string name = entry->d_name, path = above + name;
    if (name == "." || name == ".." || is_passing(name, depth)) continue;
    struct stat status {};
    if (fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone meanwhile
    if (S_ISDIR(status.st_mode) && depth < most_depth) {
      walk(core::UniqueFd(openat(fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), path + "/",
           depth + 1, shown, files);
      continue;
    }
    const auto hash = S_ISREG(status.st_mode) ? core::hash_in(fd, name) : std::nullopt;
    files[path] = hash ? FileSeal{hash->bytes, hash->sha256, true} : FileSeal{0, "", S_ISREG(status.st_mode) != 0};
  }
}

/// By its path, or, where JSON could not hold that, by its bytes.
ordered_json named(const std::string& path) {
  const std::string safe = core::safe_text(path, path.size() + 16);
  ordered_json file{{"path", safe}};
  if (safe != path) file["name_base64"] = core::to_base64(path);
  return file;
}

}  // namespace

std::map<std::string, FileSeal> files_of(const core::DurableFolder& folder) {
  std::map<std::string, FileSeal> files;
  walk(core::UniqueFd(openat(folder.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), "", 0, folder.name(), files);
  return files;
}

void remove_signature(const core::DurableFolder& folder) {
  for (const char* file : {"manifest.sig", "manifest.json"}) folder.remove(file), folder.sweep(file);
}

void write_manifest(const core::DurableFolder& folder, const std::string& run_id, const std::string& station_name,
                    const std::string& tested_at, const Key& key) {
  remove_signature(folder);
  folder.sync_contents();
  ordered_json list = ordered_json::array(), others = ordered_json::array();
  for (const auto& [name, seal] : files_of(folder)) {
    ordered_json file = named(name);
    if (!seal.regular) {
      others.push_back(file);
      continue;
    }
    if (seal.sha256.empty())
      throw core::Trouble(folder.name() + "/" + core::safe_text(name, 200) + " cannot be read, so nothing is signed");
    file["bytes"] = seal.bytes;
    file["sha256"] = seal.sha256;
    list.push_back(std::move(file));
  }
  ordered_json manifest{{"format", 1},
                        {"run_id", run_id},
                        {"tested_at", tested_at},
                        {"station", {{"name", station_name}, {"key", key.public_key().base64()}}},
                        {"files", std::move(list)}};
  if (!others.empty()) manifest["others"] = std::move(others);
  const std::string text = manifest.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  if (text.size() > most_manifest)
    throw core::Trouble(folder.name() + ": too many files for one manifest, so nothing is signed");
  folder.write("manifest.json", text);
  folder.write("manifest.sig", key.sign(text));
}

}  // namespace assay::station
