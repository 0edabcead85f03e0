#include "library_cases.hpp"

#include <openssl/evp.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace cpu {
namespace {

constexpr size_t text_bytes = size_t{64} << 10;

/// Text that packs about as well as people's files do: words that come again, with numbers between them.
std::string text_for(uint64_t seed, uint64_t index) {
  Numbers64 numbers(seed, index);
  char words[64][12];
  for (auto& word : words) {
    const uint64_t bits = numbers.next();
    for (size_t i = 0; i < sizeof word; ++i) word[i] = static_cast<char>('a' + (bits >> 5 * i & 15));
  }
  std::string text;
  text.reserve(text_bytes + 16);
  while (text.size() < text_bytes) {
    const uint64_t bits = numbers.next();
    text.append(words[bits & 63], 3 + (bits >> 6 & 7));
    text += (bits >> 9 & 7) == 0 ? static_cast<char>(bits >> 12) : ' ';
  }
  text.resize(text_bytes);
  return text;
}

void compare(const std::string& what, const std::string& expected, const std::string& actual, std::string& fault) {
  if (fault.empty() && actual != expected) fault = what + first_difference(expected, actual);
}

std::string from_hex(const char* hex) {
  std::string bytes;
  for (; hex[0] != 0; hex += 2) bytes += static_cast<char>(std::stoi(std::string(hex, 2), nullptr, 16));
  return bytes;
}

std::string digest(const EVP_MD* algorithm, const std::string& text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, algorithm, nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

/// AES-256 in counter mode: the same call encrypts and decrypts. In ECB mode for one block with a known answer.
std::string aes(const EVP_CIPHER* mode, const std::string& key, const std::string& input, bool encrypt) {
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const unsigned char start[16] = {};
  const auto bytes = [](const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  std::string output(input.size() + 32, 0);
  int size = 0;
  if (!context || EVP_CipherInit_ex(context.get(), mode, nullptr, bytes(key), start, encrypt ? 1 : 0) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(output.data()), &size, bytes(input),
                       static_cast<int>(input.size())) != 1)
    return {};
  output.resize(static_cast<size_t>(size));
  return output;
}

}  // namespace

std::string first_difference(const std::string& expected, const std::string& actual) {
  if (expected == actual) return {};
  const size_t both = std::min(expected.size(), actual.size());
  const auto at = static_cast<size_t>(
      std::mismatch(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(both), actual.begin()).first -
      expected.begin());
  char text[160];
  if (at == both) {
    std::snprintf(text, sizeof text, "expected %zu bytes, got %zu", expected.size(), actual.size());
    return text;
  }
  size_t wrong = 0;
  for (size_t i = at; i < both; ++i) wrong += expected[i] != actual[i] ? 1 : 0;
  const auto byte = [at](const std::string& bytes) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]));
  };
  std::snprintf(text, sizeof text, "byte %zu: expected %02x, got %02x, differing bits %02x; %zu of %zu bytes differ",
                at, byte(expected), byte(actual), byte(expected) ^ byte(actual), wrong, both);
  return text;
}

LibraryResult zlib_case(uint64_t seed, uint64_t index, const Touch& touch) {
  const std::string text = text_for(seed, index);
  LibraryResult result;
  result.bytes.resize(compressBound(text.size()));
  uLongf packed = result.bytes.size(), unpacked_size = text.size();
  const int level = 1 + static_cast<int>(index % 9);
  if (compress2(reinterpret_cast<Bytef*>(result.bytes.data()), &packed, reinterpret_cast<const Bytef*>(text.data()),
                text.size(), level) != Z_OK)
    return {"zlib cannot pack", {}};
  result.bytes.resize(packed);
  touch(result.bytes);
  std::string unpacked(text.size(), 0);
  if (uncompress(reinterpret_cast<Bytef*>(unpacked.data()), &unpacked_size,
                 reinterpret_cast<const Bytef*>(result.bytes.data()), packed) != Z_OK)
    result.fault = "zlib refuses what it packed itself";
  unpacked.resize(unpacked_size);
  compare("the unpacked text differs, ", text, unpacked, result.fault);
  return result;
}

LibraryResult zstd_case(uint64_t seed, uint64_t index, const Touch& touch) {
  const std::string text = text_for(seed, index);
  LibraryResult result;
  result.bytes.resize(ZSTD_compressBound(text.size()));
  const int level = 1 + static_cast<int>(index % 9);
  const size_t packed = ZSTD_compress(result.bytes.data(), result.bytes.size(), text.data(), text.size(), level);
  if (ZSTD_isError(packed) != 0) return {std::string("zstd cannot pack: ") + ZSTD_getErrorName(packed), {}};
  result.bytes.resize(packed);
  touch(result.bytes);
  std::string unpacked(text.size(), 0);
  const size_t size = ZSTD_decompress(unpacked.data(), unpacked.size(), result.bytes.data(), packed);
  if (ZSTD_isError(size) != 0)
    result.fault = std::string("zstd refuses what it packed itself: ") + ZSTD_getErrorName(size);
  else
    unpacked.resize(size);
  compare("the unpacked text differs, ", text, unpacked, result.fault);
  return result;
}

LibraryResult sha2_case(uint64_t seed, uint64_t index, const Touch& touch) {
  // NIST, example values for FIPS 180-4: the message "abc", and a million times "a".
  static const std::string abc_256 = from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                           million_256 = from_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
                           abc_512 = from_hex(
                               "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                               "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
                           million_512 = from_hex(
                               "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                               "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
  LibraryResult result;
  const bool million = index % 8 == 0;
  const std::string message = million ? std::string(1'000'000, 'a') : "abc";
  std::string known_256 = digest(EVP_sha256(), message);
  touch(known_256);
  compare("SHA-256 of a known message, ", million ? million_256 : abc_256, known_256, result.fault);
  compare("SHA-512 of a known message, ", million ? million_512 : abc_512, digest(EVP_sha512(), message), result.fault);
  const std::string text = text_for(seed, index);
  result.bytes = known_256 + digest(EVP_sha256(), text) + digest(EVP_sha512(), text);
  return result;
}

LibraryResult aes_case(uint64_t seed, uint64_t index, const Touch& touch) {
  // NIST SP 800-38A, F.1.5: ECB-AES256.Encrypt, block 1.
  static const std::string key = from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
                           plain = from_hex("6bc1bee22e409f96e93d7e117393172a"),
                           cipher = from_hex("f3eed1bdb5d2a03c064b5a7e3db181f8");
  LibraryResult result;
  compare("a known block, encrypted, ", cipher, aes(EVP_aes_256_ecb(), key, plain, true), result.fault);
  compare("a known block, decrypted, ", plain, aes(EVP_aes_256_ecb(), key, cipher, false), result.fault);
  const std::string text = text_for(seed, index);
  result.bytes = aes(EVP_aes_256_ctr(), key, text, true);
  touch(result.bytes);
  compare("the decrypted text differs, ", text, aes(EVP_aes_256_ctr(), key, result.bytes, false), result.fault);
  return result;
}

}  // namespace cpu
