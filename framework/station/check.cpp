#include "station/check.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base64.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "station/manifest.hpp"
#include "station/page_seal.hpp"
#include "station/pdf_seal.hpp"

namespace assay::station {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

uint64_t bytes_of(const json& file) {
  return file.is_object() && file.contains("bytes") && file["bytes"].is_number_unsigned()
             ? file["bytes"].get<uint64_t>()
             : 0;
}

std::string path_of(const json& file) {
  const std::string bytes = core::from_base64(text(file, "name_base64")).value_or("");
  return bytes.empty() ? text(file, "path") : bytes;
}

Integrity judge(const Check& check, const std::vector<PublicKey>& known) {
  if (!check.altered.empty()) return Integrity::altered;
  const bool trusted = std::find(known.begin(), known.end(), check.key) != known.end();
  return trusted ? Integrity::whole : Integrity::unknown_key;
}

Check not_as_signed(Check check, const std::string& what) {
  check.integrity = Integrity::altered;
  check.altered.push_back(what);
  return check;
}

/// What a seal's statement says, once its signature holds; else nothing. Tells `check` who signed.
json opened(const json& seal, Check& check) {
  const auto key = PublicKey::from_base64(text(seal, "key"));
  const auto statement = core::from_base64(text(seal, "statement")),
             signature = core::from_base64(text(seal, "signature"));
  if (!key || !statement || !signature || !key->verifies(*statement, *signature)) return {};
  const json said = core::json_or_null(*statement);
  if (!said.is_object()) return {};
  check.key = *key;
  check.station = text(said, "station");
  check.tested_at = text(said, "tested_at");
  check.run_id = text(said, "run_id");
  check.record_sha256 = text(said, "record_sha256");
  return said;
}

}  // namespace

Check check_folder(const std::string& folder, const std::vector<PublicKey>& known) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return {};
  return check_folder(core::DurableFolder(folder), known);
}

Check check_folder(const core::DurableFolder& folder, const std::vector<PublicKey>& known) {
  Check check;
  const auto manifest = core::read_file(folder.path() + "/manifest.json", most_manifest);
  const auto signature = core::read_file(folder.path() + "/manifest.sig", 1024);
  if (!manifest || !signature) {
    // One without the other: the signing was cut off, or somebody took it away; nobody vouches for this folder.
    if (manifest || signature) check.notes.emplace_back("the manifest or its signature is missing");
    return check;
  }
  const json given = core::json_or_null(*manifest);
  const json station = given.is_object() && given.contains("station") ? given["station"] : json();
  const auto key = PublicKey::from_base64(text(station, "key"));
  if (!key || !key->verifies(*manifest, *signature) || !given.contains("files") || !given["files"].is_array()) {
    check.integrity = Integrity::altered;
    check.altered.emplace_back("manifest.json: it is not what was signed");
    return check;
  }
  check.key = *key;
  check.station = text(station, "name");
  check.tested_at = text(given, "tested_at");
  check.run_id = text(given, "run_id");
  auto found = files_of(folder);
  std::set<std::string> needed{"journal.jsonl", "record.json"};  // a manifest without these vouches for nothing
  for (const json& file : given["files"]) {
    const std::string path = path_of(file), sha256 = text(file, "sha256");
    const auto at = found.find(path);
    if (at == found.end())
      check.altered.push_back(path + ": missing");
    else if (!at->second.regular || at->second.bytes != bytes_of(file) || at->second.sha256 != sha256)
      check.altered.push_back(path + ": changed");
    needed.erase(path);
    if (path == "record.json") check.record_sha256 = sha256;
    check.files[path] = sha256;
    if (at != found.end()) found.erase(at);
  }
  // Links and the like, which the station saw and nobody reads.
  for (const json& other : given.value("others", json::array()))
    if (const auto at = found.find(path_of(other)); at != found.end() && !at->second.regular) found.erase(at);
  for (const auto& [path, seal] : found)
    (path.rfind("artifacts/", 0) == 0 ? check.altered : check.notes).push_back(path + ": added since");
  for (const std::string& path : needed) check.altered.push_back(path + ": was never signed");
  check.integrity = judge(check, known);
  if (!check.altered.empty()) check.files.clear();
  return check;
}

Check check_page(const std::string& html, const std::vector<PublicKey>& known) {
  Check check;
  std::string page = html;
  const std::string seal = take_seal(page);
  if (seal.empty()) {
    // A seal that cannot be found whole was there once: its line ends or its tag were changed.
    if (html.find("assay-seal") == std::string::npos) return check;
    return not_as_signed(check, "the seal: damaged");
  }
  const json given = core::json_or_null(seal);
  // A seal that stands elsewhere, or holds more than a seal does, could bring in what no hash covers.
  const bool in_place = with_seal(page, text(given, "statement"), text(given, "signature"), text(given, "key")) == html;
  const json said = in_place ? opened(given, check) : json();
  if (!said.is_object() || !said.contains("parts") || !said["parts"].is_array())
    return not_as_signed(check, "the seal: it is not what was signed");
  const auto parts = page_parts(page);
  for (size_t i = 0; i < std::max(parts.size(), said["parts"].size()); ++i) {
    const json signed_part = i < said["parts"].size() ? said["parts"][i] : json();
    if (i >= parts.size())
      check.altered.push_back(text(signed_part, "name") + ": missing");
    else if (signed_part.is_null())
      check.altered.push_back(parts[i].first + ": added");
    else if (core::sha256(parts[i].second) != text(signed_part, "sha256") ||
             parts[i].first != text(signed_part, "name"))
      check.altered.push_back(parts[i].first + ": changed");
  }
  check.integrity = judge(check, known);
  return check;
}

Check check_pdf(const std::string& pdf, const std::vector<PublicKey>& known) {
  Check check;
  std::string document = pdf;
  const std::string seal = take_pdf_seal(document);
  if (seal.empty()) return check;
  const json given = core::json_or_null(seal);
  // What stands behind a seal is a later change of the file, which readers would show.
  const bool in_place =
      with_pdf_seal(document, text(given, "statement"), text(given, "signature"), text(given, "key")) == pdf;
  const json said = in_place ? opened(given, check) : json();
  if (!said.is_object()) return not_as_signed(check, "the seal: it is not what was signed");
  if (core::sha256(document) != text(said, "pdf_sha256")) check.altered.emplace_back("the document: changed");
  check.integrity = judge(check, known);
  return check;
}

}  // namespace assay::station
