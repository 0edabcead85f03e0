// The manifest of a run's folder: what is in it, signed. manifest.json names every file with its SHA-256; manifest.sig
// is the signature of that file's bytes, so that `openssl pkeyutl -verify -pubin -inkey station.pub -rawin -in
// manifest.json -sigfile manifest.sig` says the same as Assay.
#pragma once

#include <map>
#include <string>

#include "core/durable_folder.hpp"
#include "station/key.hpp"

namespace assay::station {

/// A manifest that is longer is neither written nor read: some 600,000 files.
constexpr size_t most_manifest = 128 << 20;

struct FileSeal {
  uint64_t bytes = 0;
  std::string sha256;   // empty: not to be read whole
  bool regular = true;  // a link or a device is never what was signed
};

/// Every file below the folder but the manifest itself and what lives only while a run is written, by its path there,
/// each read and hashed. Folders that lie deeper than 64 are not looked into, and stand there as no regular files.
/// Throws core::Trouble when a folder cannot be read.
std::map<std::string, FileSeal> files_of(const core::DurableFolder& folder);

/// Writes manifest.json and then manifest.sig, after everything that they speak of is on the disk; what a former
/// signing left is taken away first. Throws core::Trouble when they cannot be written, or could not be read again.
void write_manifest(const core::DurableFolder& folder, const std::string& run_id, const std::string& station_name,
                    const std::string& tested_at, const Key& key);

/// Takes the signature off a folder whose files are about to be written.
void remove_signature(const core::DurableFolder& folder);

}  // namespace assay::station
