// Apart from text.cpp, so that the runner need not load a crypto library.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::core {
namespace {

std::string to_hex(const unsigned char* bytes, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

}  // namespace

std::string sha256(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return to_hex(digest.data(), size);
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
void Sha256::add(std::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }
std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, digest.data(), &size);
  return core::to_hex(digest.data(), size);
}

namespace {

std::optional<FileHash> hash_of(const UniqueFd& file) {
  if (!file) return std::nullopt;
  Sha256 hash;
  uint64_t bytes = 0;
  std::array<char, 1 << 16> buffer;
  ssize_t got = 0;
  for (; (got = read(file.get(), buffer.data(), buffer.size())) > 0; bytes += static_cast<uint64_t>(got))
    hash.add({buffer.data(), static_cast<size_t>(got)});
  if (got < 0) return std::nullopt;
  return FileHash{bytes, hash.hex()};
}

}  // namespace

std::optional<FileHash> hash_in(int folder, const std::string& file) {
  const UniqueFd opened(openat(folder, file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat status {};
  if (!opened || fstat(opened.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return hash_of(opened);
}

std::string sha256_of_file(const std::string& path) {
  const auto hash = hash_of(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)));
  return hash ? hash->sha256 : "";
}

}  // namespace assay::core
