#include "station/key.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/base64.hpp"
#include "core/durable_folder.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::station {
namespace {

namespace fs = std::filesystem;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

constexpr size_t key_bytes = 32, signature_bytes = 64;

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::optional<PublicKey> public_of(const EVP_PKEY* key) {
  PublicKey result;
  result.bytes.resize(key_bytes);
  size_t size = key_bytes;
  if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key, bytes_of(result.bytes), &size) != 1)
    return std::nullopt;
  return result;
}

/// Whole or not at all: another process that makes one at the same time wins or loses, and both use the same.
void write_new(const std::string& path, const std::string& text, mode_t mode) {
  const std::string part = path + "." + std::to_string(getpid());
  unlink(part.c_str());
  const core::UniqueFd file(open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  const bool written = file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fchmod(file.get(), mode) == 0 && fsync(file.get()) == 0;
  const int fault = written && link(part.c_str(), path.c_str()) == 0 ? 0 : errno;
  unlink(part.c_str());
  // A key that signs is there after a power cut as well.
  core::DurableFolder(fs::path(path).parent_path().string()).sync();
  if (fault != 0 && fault != EEXIST) throw core::Trouble(path + " cannot be written: " + std::strerror(fault));
}

void make(const std::string& folder) {
  try {
    core::make_durable_folders(folder, "the station's folder ");
  } catch (const core::BadInput& why) {
    throw core::Trouble(why.what());
  }
  const Pkey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Bio text(BIO_new(BIO_s_mem()));
  if (!key || PEM_write_bio_PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw core::Trouble("no key can be made: " + std::string(ERR_error_string(ERR_get_error(), nullptr)));
  write_new(folder + "/station.key", content(text.get()), 0600);
}

/// station.pub beside the key. One that belongs to an earlier key is kept among the trusted ones: what that key signed
/// is this station's all the same.
void keep_public(const std::string& folder, const PublicKey& key) {
  const std::string path = folder + "/station.pub";
  const auto there = PublicKey::from_pem(core::read_file(path, 1 << 16).value_or(""));
  if (there == key) return;
  std::error_code ignored;
  if (there) {
    fs::create_directories(folder + "/trusted", ignored);
    fs::rename(path, folder + "/trusted/" + there->fingerprint() + ".pub", ignored);
  } else {
    fs::remove(path, ignored);
  }
  write_new(path, key.pem(), 0644);
}

}  // namespace

struct Key::Secret {
  Pkey key;
};

Key::Key(std::shared_ptr<const Secret> secret, PublicKey public_key)
    : secret_(std::move(secret)), public_(std::move(public_key)) {}

Key Key::load_or_make(const std::string& folder) {
  const std::string path = folder + "/station.key";
  if (!core::read_file(path, 1)) make(folder);
  Key key = load(path);
  keep_public(folder, key.public_key());
  return key;
}

Key Key::load(const std::string& path) {
  const std::string pem = core::read_file(path, 1 << 16).value_or("");
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto secret = std::make_shared<Secret>();
  secret->key.reset(PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
  const auto open_key = public_of(secret->key.get());
  if (!open_key)
    throw core::Trouble(path + " is no Ed25519 private key (PEM); move a station's away to have a new one made");
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    throw core::Trouble(path + " can be read by others; it is not used until `chmod 600 " + core::shell_word(path) +
                        "`");
  return {secret, *open_key};
}

std::string Key::sign(const std::string& text) const {
  const Context context(EVP_MD_CTX_new());
  std::string signature(signature_bytes, '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(text), text.size()) != 1)
    throw core::Trouble("the station's key cannot sign");
  return signature;
}

bool PublicKey::verifies(const std::string& text, const std::string& signature) const {
  const Pkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size()));
  const Context context(EVP_MD_CTX_new());
  return key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

std::string PublicKey::fingerprint() const {
  const std::string hex = core::sha256(bytes).substr(0, 32);
  std::string result;
  for (size_t i = 0; i < hex.size(); i += 4) result += (i == 0 ? "" : "-") + hex.substr(i, 4);
  return result;
}

std::string PublicKey::base64() const { return core::to_base64(bytes); }

std::string PublicKey::pem() const {
  const Pkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size()));
  const Bio text(BIO_new(BIO_s_mem()));
  return key && PEM_write_bio_PUBKEY(text.get(), key.get()) == 1 ? content(text.get()) : "";
}

std::optional<PublicKey> PublicKey::from_base64(const std::string& text) {
  const auto bytes = core::from_base64(text);
  if (!bytes || bytes->size() != key_bytes) return std::nullopt;
  return PublicKey{*bytes};
}

std::optional<PublicKey> PublicKey::from_pem(const std::string& text) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const Pkey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return public_of(key.get());
}

std::vector<PublicKey> known_keys(const std::vector<std::string>& folders) {
  std::vector<PublicKey> keys;
  const auto add = [&](const std::string& path) {
    if (const auto key = PublicKey::from_pem(core::read_file(path, 1 << 16).value_or(""))) keys.push_back(*key);
  };
  for (const std::string& folder : folders) {
    add(folder + "/station.pub");
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder + "/trusted", ignored))
      if (entry.path().extension() == ".pub") add(entry.path().string());
  }
  return keys;
}

}  // namespace assay::station
