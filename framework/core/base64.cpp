#include "core/base64.hpp"

#include <openssl/evp.h>

namespace assay::core {
namespace {

constexpr size_t most_text = 1 << 24;

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(length));
  return text;
}

std::optional<std::string> from_base64(const std::string& text) {
  if (text.size() % 4 != 0 || text.size() > most_text) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  for (size_t i = 1; i <= 2 && i <= text.size() && text[text.size() - i] == '='; ++i) bytes.pop_back();
  // OpenSSL takes what no encoder writes.
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace assay::core
