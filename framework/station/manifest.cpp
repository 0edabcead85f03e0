#include "station/manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::station {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

/// Whole or not at all, also after a power cut.
void write_whole(const std::string& path, const std::string& content) {
  const std::string part = path + ".new";
  unlink(part.c_str());
  const core::UniqueFd file(open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  const bool written = file &&
                       write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
                       fsync(file.get()) == 0;
  if (!written || std::rename(part.c_str(), path.c_str()) != 0) throw core::Trouble(path + " cannot be written");
}

}  // namespace

std::map<std::string, FileSeal> files_of(const std::string& folder) {
  std::map<std::string, FileSeal> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().lexically_relative(folder).string();
    if (name == "manifest.json" || name == "manifest.sig" || name == "live.json") continue;
    std::error_code gone;
    const fs::file_status status = at->symlink_status(gone);
    if (fs::is_directory(status)) continue;
    const bool regular = fs::is_regular_file(status);
    files[name] = {regular ? fs::file_size(at->path(), gone) : 0, "", regular};
  }
  if (error) throw core::Trouble(folder + " cannot be read whole: " + error.message());
  return files;
}

void write_manifest(const std::string& folder, const std::string& run_id, const std::string& station_name,
                    const std::string& tested_at, const Key& key) {
  ordered_json list = ordered_json::array();
  for (const auto& [name, seal] : files_of(folder)) {
    if (!seal.regular) continue;
    const std::string hash = core::sha256_of_file(folder + "/" + name);
    if (hash.empty()) throw core::Trouble(folder + "/" + name + " cannot be read, so nothing is signed");
    list.push_back({{"path", name}, {"bytes", seal.bytes}, {"sha256", hash}});
  }
  const ordered_json manifest{{"format", 1},
                              {"run_id", run_id},
                              {"tested_at", tested_at},
                              {"station", {{"name", station_name}, {"key", key.public_key().base64()}}},
                              {"files", list}};
  const std::string text = manifest.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  // The signature first: a manifest without one would look altered.
  write_whole(folder + "/manifest.sig", key.sign(text));
  write_whole(folder + "/manifest.json", text);
}

}  // namespace assay::station
