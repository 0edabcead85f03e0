// What this station lets plugins have beyond an ordinary process: by a vendor's key that it trusts, or by the
// technician's word for one file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "station/key.hpp"

namespace assay::permit {

/// The technician's word: it holds for that very file, and for what it asked for then.
struct Word {
  std::string sha256, id, version, vendor, file, date;
  std::vector<std::string> needs;  // "acme.probe: devices usb", "library libacme.so.1 SHA256"
};

class Permits {
 public:
  /// Reads vendors/*.pub in the folders and allowed.json in the first, which the words are written to. A file that
  /// somebody else could have written counts for nothing, and is told in problems(). Throws core::BadInput, with the
  /// file, when allowed.json is not what write() makes.
  explicit Permits(const std::vector<std::string>& folders);

  /// By the station's own key folders (station/config.hpp).
  static Permits of_station();

  /// What it is allowed here, from its file's hash, and the signature beside it (FILE.sig, and one
  /// beside each library that it is made with). Our own plugins keep what
  /// the catalog says of them.
  catalog::Allowance of(const catalog::Plugin& plugin) const;

  /// Gives the word for a file, from now on; false: it has it already. Throws core::Trouble when it cannot be written.
  bool allow(const catalog::Plugin& plugin);
  /// Takes it back by hash, id or file name; how many words that were.
  size_t forbid(const std::string& named);

  const std::vector<Word>& words() const { return words_; }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void read_vendors(const std::string& folder);

  struct Vendor {
    std::string name;
    station::PublicKey key;
  };
  std::string folder_;
  std::vector<Vendor> vendors_;
  std::vector<Word> words_;
  std::vector<std::string> problems_;
};

/// The privileged needs of all its tests, and the libraries that it is made with, as a word names them.
std::vector<std::string> asked_by(const catalog::Plugin& plugin);

/// Signs a plugin's file: writes FILE.sig, 64 bytes, as `openssl pkeyutl -verify -rawin` takes them. Throws
/// core::Trouble.
void sign(const std::string& file, const station::Key& key);

/// Trusts a vendor's public key (PEM) under a name: what it signed may have what it asks for. Gives its fingerprint.
/// Throws core::BadInput for a bad name, a file that is no key, or a name that another key has.
std::string trust(const std::string& folder, const std::string& name, const std::string& public_key_file);

}  // namespace assay::permit
