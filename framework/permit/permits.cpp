#include "permit/permits.hpp"

#include <algorithm>
#include <filesystem>

#include "catalog/trust.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "station/config.hpp"
#include "word_file.hpp"

namespace assay::permit {
namespace {

namespace fs = std::filesystem;
using catalog::Allowance;

constexpr size_t most_key = 1 << 16, most_plugin = size_t{1} << 30, most_name = 60;

/// A file beside the station's key counts only when nobody else could have put it there.
bool counts(const std::string& path, std::vector<std::string>& problems) {
  const std::string why = catalog::why_not_trusted(path);
  if (!why.empty()) problems.push_back(path + " counts for nothing: " + why);
  return why.empty();
}

/// What a plugin is made with has its rights.
bool signed_by(const station::PublicKey& key, const std::vector<catalog::Dependency>& libraries) {
  return std::all_of(libraries.begin(), libraries.end(), [&](const catalog::Dependency& library) {
    const std::string bytes = core::read_file(library.path, most_plugin).value_or("");
    const std::string signature = core::read_file(library.path + ".sig", most_key).value_or("");
    return core::sha256(bytes) == library.sha256 && key.verifies(bytes, signature);
  });
}

}  // namespace

Permits::Permits(const std::vector<std::string>& folders) : folder_(folders.front()) {
  for (const std::string& folder : folders) read_vendors(folder + "/vendors");
  const std::string file = folder_ + "/allowed.json";
  std::error_code error;
  if (!fs::exists(file, error) || !counts(file, problems_)) return;
  try {
    words_ = read_words(file);
  } catch (const core::BadInput& damaged) {
    problems_.emplace_back(damaged.what());
  }
}

Permits Permits::of_station() { return Permits(station::key_folders()); }

void Permits::read_vendors(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".pub" || !counts(path, problems_)) continue;
    if (const auto key = station::PublicKey::from_pem(core::read_file(path, most_key).value_or("")))
      vendors_.push_back({core::safe_text(entry.path().stem().string(), most_name), *key});
    else
      problems_.push_back(path + " is no public key");
  }
  std::sort(vendors_.begin(), vendors_.end(), [](const Vendor& a, const Vendor& b) { return a.name < b.name; });
}

Allowance Permits::of(const catalog::Plugin& plugin) const {
  if (plugin.is_own()) return plugin.allowance;
  const std::string signature = vendors_.empty() ? "" : core::read_file(plugin.path + ".sig", most_key).value_or("");
  if (!signature.empty()) {
    // The bytes that were signed are the ones that were hashed.
    const std::string bytes = core::read_file(plugin.path, most_plugin).value_or("");
    if (core::sha256(bytes) == plugin.sha256)
      for (const Vendor& vendor : vendors_)
        if (vendor.key.verifies(bytes, signature) && signed_by(vendor.key, plugin.dependencies))
          return {Allowance::By::vendor, vendor.name};
  }
  const std::vector<std::string> asked = asked_by(plugin);
  for (const Word& word : words_) {
    const auto covers = [&](const std::string& need) {
      return std::find(word.needs.begin(), word.needs.end(), need) != word.needs.end();
    };
    if (word.sha256 == plugin.sha256 && std::all_of(asked.begin(), asked.end(), covers))
      return {Allowance::By::word, core::safe_text(word.date, most_name)};
  }
  return {};
}

bool Permits::allow(const catalog::Plugin& plugin) {
  if (of(plugin)) return false;
  const catalog::Manifest& manifest = plugin.manifest;
  std::erase_if(words_, [&](const Word& word) { return word.sha256 == plugin.sha256; });
  words_.push_back({plugin.sha256, manifest.id, manifest.version, manifest.vendor,
                    fs::path(plugin.path).filename().string(), core::timestamp(core::wall_ns()).substr(0, 10),
                    asked_by(plugin)});
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw core::Trouble(folder_ + " cannot be made: " + error.message());
  write_words(folder_ + "/allowed.json", words_);
  return true;
}

size_t Permits::forbid(const std::string& named) {
  const size_t taken = std::erase_if(
      words_, [&](const Word& word) { return word.sha256 == named || word.id == named || word.file == named; });
  if (taken > 0) write_words(folder_ + "/allowed.json", words_);
  return taken;
}

std::vector<std::string> asked_by(const catalog::Plugin& plugin) {
  std::vector<std::string> asked;
  for (const catalog::Test& test : plugin.manifest.tests)
    for (const catalog::PrivilegedNeed& need : catalog::privileged(test.needs))
      asked.push_back(test.id + ": " + need.key);
  for (const catalog::Dependency& library : plugin.dependencies)
    asked.push_back("library " + fs::path(library.path).filename().string() + " " + library.sha256);
  return asked;
}

void sign(const std::string& file, const station::Key& key) {
  const auto bytes = core::read_file(file, most_plugin);
  if (!bytes) throw core::Trouble(file + " cannot be read");
  write_whole(file + ".sig", key.sign(*bytes), 0644);
}

std::string trust(const std::string& folder, const std::string& name, const std::string& public_key_file) {
  const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  if (name.empty() || name.size() > most_name || !std::all_of(name.begin(), name.end(), allowed))
    throw core::BadInput("a vendor's name is of letters, digits, - and _, at most 60");
  const auto key = station::PublicKey::from_pem(core::read_file(public_key_file, most_key).value_or(""));
  if (!key)
    throw core::BadInput(public_key_file + " is no Ed25519 public key (PEM), as `assay station key` prints one");
  const std::string place = folder + "/vendors", path = place + "/" + name + ".pub";
  const auto there = station::PublicKey::from_pem(core::read_file(path, most_key).value_or(""));
  if (there && !(*there == *key))
    throw core::BadInput(path + " holds another key (" + there->fingerprint() + "): choose another name, or remove it");
  std::error_code error;
  fs::create_directories(place, error);
  if (error) throw core::Trouble(place + " cannot be made: " + error.message());
  write_whole(path, key->pem(), 0644);
  return key->fingerprint();
}

}  // namespace assay::permit
