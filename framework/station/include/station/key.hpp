// The station's Ed25519 key (RFC 8032), by OpenSSL: who signed a record.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::station {

/// A public key: 32 bytes. Its fingerprint is the first half of the SHA-256 of these, in groups of four hex digits.
struct PublicKey {
  std::string bytes;
  std::string fingerprint() const;
  std::string base64() const;
  /// As `openssl` reads it, and as a shop puts it on its web site.
  std::string pem() const;
  /// From base64() or pem(); nothing if it is neither.
  static std::optional<PublicKey> from_base64(const std::string& text);
  static std::optional<PublicKey> from_pem(const std::string& text);
  bool operator==(const PublicKey& other) const { return bytes == other.bytes; }
  /// True when `signature` (64 bytes) is this key's for the text.
  bool verifies(const std::string& text, const std::string& signature) const;
};

class Key {
 public:
  /// The key in `folder`; made there at first use: station.key (mode 0600), and station.pub beside it. Throws
  /// core::Trouble when it can be neither read nor made.
  static Key load_or_make(const std::string& folder);

  /// A private key's file (PEM), such as a vendor's. Throws core::Trouble: not there, no Ed25519 key, open to others.
  static Key load(const std::string& path);

  const PublicKey& public_key() const { return public_; }
  std::string sign(const std::string& text) const;

 private:
  struct Secret;
  Key(std::shared_ptr<const Secret> secret, PublicKey public_key);
  std::shared_ptr<const Secret> secret_;
  PublicKey public_;
};

/// The public keys that are trusted: station.pub and trusted/*.pub in each of the folders.
std::vector<PublicKey> known_keys(const std::vector<std::string>& folders);

}  // namespace assay::station
