#include "station/manifest.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::station {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::map<std::string, FileSeal> files_of(const std::string& folder) {
  std::map<std::string, FileSeal> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().lexically_relative(folder).string();
    if (name == "manifest.json" || name == "manifest.sig" || name == "live.json") continue;
    const fs::file_status status = at->symlink_status(error);
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status)) {
      files[name] = {0, "", false};
      continue;
    }
    files[name] = {fs::file_size(at->path(), error), core::sha256_of_file(at->path().string()), true};
  }
  return files;
}

void write_manifest(const std::string& folder, const std::string& run_id, const std::string& station_name,
                    const std::string& tested_at, const Key& key) {
  ordered_json list = ordered_json::array();
  for (const auto& [name, seal] : files_of(folder))
    if (seal.regular) list.push_back({{"path", name}, {"bytes", seal.bytes}, {"sha256", seal.sha256}});
  const ordered_json manifest{{"format", 1},
                              {"run_id", run_id},
                              {"tested_at", tested_at},
                              {"station", {{"name", station_name}, {"key", key.public_key().base64()}}},
                              {"files", list}};
  const std::string text = manifest.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  for (const auto& [name, content] :
       {std::pair<std::string, std::string>{"manifest.json", text}, {"manifest.sig", key.sign(text)}}) {
    std::ofstream file(folder + "/" + name, std::ios::binary | std::ios::trunc);
    file << content;
    file.close();
    if (!file) throw core::Trouble(folder + "/" + name + " cannot be written");
  }
}

}  // namespace assay::station
