#include "library_cases.hpp"

#include <openssl/evp.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

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

/// Known answers are in the binary: a core that computes wrongly must not have made them.
template <size_t size>
std::string bytes_of(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// NIST, example values for FIPS 180-4: the message "abc", and a million times "a".
constexpr unsigned char abc_256[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                     0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                     0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
constexpr unsigned char million_256[] = {0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92, 0x81, 0xa1, 0xc7,
                                         0xe2, 0x84, 0xd7, 0x3e, 0x67, 0xf1, 0x80, 0x9a, 0x48, 0xa4, 0x97,
                                         0x20, 0x0e, 0x04, 0x6d, 0x39, 0xcc, 0xc7, 0x11, 0x2c, 0xd0};
constexpr unsigned char abc_512[] = {0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba, 0xcc, 0x41, 0x73, 0x49, 0xae,
                                     0x20, 0x41, 0x31, 0x12, 0xe6, 0xfa, 0x4e, 0x89, 0xa9, 0x7e, 0xa2, 0x0a, 0x9e,
                                     0xee, 0xe6, 0x4b, 0x55, 0xd3, 0x9a, 0x21, 0x92, 0x99, 0x2a, 0x27, 0x4f, 0xc1,
                                     0xa8, 0x36, 0xba, 0x3c, 0x23, 0xa3, 0xfe, 0xeb, 0xbd, 0x45, 0x4d, 0x44, 0x23,
                                     0x64, 0x3c, 0xe8, 0x0e, 0x2a, 0x9a, 0xc9, 0x4f, 0xa5, 0x4c, 0xa4, 0x9f};
constexpr unsigned char million_512[] = {0xe7, 0x18, 0x48, 0x3d, 0x0c, 0xe7, 0x69, 0x64, 0x4e, 0x2e, 0x42, 0xc7, 0xbc,
                                         0x15, 0xb4, 0x63, 0x8e, 0x1f, 0x98, 0xb1, 0x3b, 0x20, 0x44, 0x28, 0x56, 0x32,
                                         0xa8, 0x03, 0xaf, 0xa9, 0x73, 0xeb, 0xde, 0x0f, 0xf2, 0x44, 0x87, 0x7e, 0xa6,
                                         0x0a, 0x4c, 0xb0, 0x43, 0x2c, 0xe5, 0x77, 0xc3, 0x1b, 0xeb, 0x00, 0x9c, 0x5c,
                                         0x2c, 0x49, 0xaa, 0x2e, 0x4e, 0xad, 0xb2, 0x17, 0xad, 0x8c, 0xc0, 0x9b};
// NIST SP 800-38A, F.1.5: ECB-AES256.Encrypt, block 1.
constexpr unsigned char aes_key[] = {0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae,
                                     0xf0, 0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61,
                                     0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4};
constexpr unsigned char aes_plain[] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96,
                                       0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a};
constexpr unsigned char aes_cipher[] = {0xf3, 0xee, 0xd1, 0xbd, 0xb5, 0xd2, 0xa0, 0x3c,
                                        0x06, 0x4b, 0x5a, 0x7e, 0x3d, 0xb1, 0x81, 0xf8};

std::string digest(const EVP_MD* algorithm, const std::string& text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, algorithm, nullptr) != 1)
    throw std::runtime_error("OpenSSL makes no digest");
  return {reinterpret_cast<const char*>(bytes), size};
}

/// No memory is no fault of the core.
bool zlib_fails(int status) {
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  return status != Z_OK;
}
bool zstd_fails(size_t status) {
  if (ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  return ZSTD_isError(status) != 0;
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
    throw std::runtime_error("OpenSSL does not encrypt");
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
  if (zlib_fails(compress2(reinterpret_cast<Bytef*>(result.bytes.data()), &packed,
                           reinterpret_cast<const Bytef*>(text.data()), text.size(), level)))
    return {"zlib cannot pack", {}};
  result.bytes.resize(packed);
  touch(result.bytes);
  std::string unpacked(text.size(), 0);
  if (zlib_fails(uncompress(reinterpret_cast<Bytef*>(unpacked.data()), &unpacked_size,
                            reinterpret_cast<const Bytef*>(result.bytes.data()), packed)))
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
  if (zstd_fails(packed)) return {std::string("zstd cannot pack: ") + ZSTD_getErrorName(packed), {}};
  result.bytes.resize(packed);
  touch(result.bytes);
  std::string unpacked(text.size(), 0);
  const size_t size = ZSTD_decompress(unpacked.data(), unpacked.size(), result.bytes.data(), packed);
  if (zstd_fails(size))
    result.fault = std::string("zstd refuses what it packed itself: ") + ZSTD_getErrorName(size);
  else
    unpacked.resize(size);
  compare("the unpacked text differs, ", text, unpacked, result.fault);
  return result;
}

LibraryResult sha2_case(uint64_t seed, uint64_t index, const Touch& touch) {
  LibraryResult result;
  const bool million = index % 8 == 0;
  const std::string message = million ? std::string(1'000'000, 'a') : "abc";
  std::string known_256 = digest(EVP_sha256(), message);
  touch(known_256);
  compare("SHA-256 of a known message, ", million ? bytes_of(million_256) : bytes_of(abc_256), known_256, result.fault);
  compare("SHA-512 of a known message, ", million ? bytes_of(million_512) : bytes_of(abc_512),
          digest(EVP_sha512(), message), result.fault);
  const std::string text = text_for(seed, index);
  result.bytes = known_256 + digest(EVP_sha256(), text) + digest(EVP_sha512(), text);
  return result;
}

LibraryResult aes_case(uint64_t seed, uint64_t index, const Touch& touch) {
  const std::string key = bytes_of(aes_key), plain = bytes_of(aes_plain), cipher = bytes_of(aes_cipher);
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
