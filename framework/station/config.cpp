#include "station/config.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "document/document.hpp"

namespace assay::embedded {
extern const char station_schema[];
}

namespace assay::station {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* system_folder = "/etc/assay";
constexpr size_t most_logo = 200 * 1024;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? core::safe_text(name.data(), 80) : "";
}

std::string read_logo(const std::string& folder, const std::string& name, const std::string& config) {
  const std::string path = fs::path(name).is_absolute() ? name : folder + "/" + name;
  const auto bytes = core::read_file(path, most_logo + 1);
  if (!bytes) throw core::BadInput(config + ": shop.logo: " + path + " cannot be read");
  if (bytes->size() > most_logo) throw core::BadInput(config + ": shop.logo: " + path + " is larger than 200 KiB");
  const bool known = bytes->rfind("\x89PNG", 0) == 0 || bytes->rfind("\xFF\xD8\xFF", 0) == 0 ||
                     bytes->substr(0, 1000).find("<svg") != std::string::npos;
  if (!known) throw core::BadInput(config + ": shop.logo: " + path + " is neither PNG, JPEG nor SVG");
  return *bytes;
}

}  // namespace

std::string folder() {
  if (std::string given = from_environment("ASSAY_STATION"); !given.empty()) return given;
  if (geteuid() == 0) return system_folder;
  if (const std::string home = from_environment("XDG_CONFIG_HOME"); !home.empty()) return home + "/assay";
  return from_environment("HOME") + "/.config/assay";
}

std::vector<std::string> key_folders() {
  std::vector<std::string> folders{folder()};
  if (from_environment("ASSAY_STATION").empty() && folders[0] != system_folder) folders.emplace_back(system_folder);
  return folders;
}

Config load_config(const std::string& folder) {
  Config config;
  config.name = host_name();
  std::error_code ignored;
  std::string path = folder + "/station.toml";
  if (!fs::exists(path, ignored) && from_environment("ASSAY_STATION").empty())
    path = std::string(system_folder) + "/station.toml";  // the shop is the same for every user
  if (!fs::exists(path, ignored)) return config;
  const auto document = document::Document::load(path, embedded::station_schema);
  const json given = core::parse_json(document.json(), path);
  config.name = given.value("name", config.name);
  config.language = given.value("language", "");
  const json shop = given.value("shop", json::object());
  config.shop_name = shop.value("name", "");
  config.shop_address = shop.value("address", "");
  config.shop_contact = shop.value("contact", "");
  if (const std::string logo = shop.value("logo", ""); !logo.empty())
    config.logo = read_logo(fs::path(path).parent_path().string(), logo, document.place("/shop/logo"));
  return config;
}

}  // namespace assay::station
