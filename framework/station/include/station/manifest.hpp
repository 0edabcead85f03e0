// The manifest of a run's folder: what is in it, signed. manifest.json names every file with its SHA-256; manifest.sig
// is the signature of that file's bytes, so that `openssl pkeyutl -verify -pubin -inkey station.pub -rawin -in
// manifest.json -sigfile manifest.sig` says the same as Assay.
#pragma once

#include <map>
#include <string>

#include "station/key.hpp"

namespace assay::station {

struct FileSeal {
  uint64_t bytes = 0;
  std::string sha256;
  bool regular = true;  // a link or a device is never what was signed
};

/// Every file below the folder but the manifest itself and what lives only while a run goes on, by its path there, not
/// hashed yet. Throws core::Trouble when the folder cannot be read whole.
std::map<std::string, FileSeal> files_of(const std::string& folder);

/// Writes manifest.json and manifest.sig. Throws core::Trouble when they cannot be written.
void write_manifest(const std::string& folder, const std::string& run_id, const std::string& station_name,
                    const std::string& tested_at, const Key& key);

}  // namespace assay::station
