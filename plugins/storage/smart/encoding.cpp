#include "encoding.hpp"

#include <algorithm>

namespace smart {
namespace {

enum class Width { bytes, little, big };

/// By its mark, else by which half of its first pairs is empty.
Width width_of(const std::string& bytes) {
  if (bytes.compare(0, 2, "\xFF\xFE") == 0) return Width::little;
  if (bytes.compare(0, 2, "\xFE\xFF") == 0) return Width::big;
  const size_t looked_at = std::min<size_t>(bytes.size(), 512) & ~size_t{1};
  size_t even = 0, odd = 0;
  for (size_t i = 0; i < looked_at; ++i)
    if (bytes[i] == '\0') ++(i % 2 == 0 ? even : odd);
  if (looked_at >= 16 && odd > looked_at / 4 && even == 0) return Width::little;
  if (looked_at >= 16 && even > looked_at / 4 && odd == 0) return Width::big;
  return Width::bytes;
}

}  // namespace

std::string plain_text(const std::string& bytes) {
  std::string plain;
  const Width width = width_of(bytes);
  if (width == Width::bytes) {
    for (size_t i = 0; i < bytes.size(); ++i)
      if (bytes.compare(i, 3, "\xEF\xBB\xBF") == 0)
        i += 2;
      else
        plain += bytes[i];
    return plain;
  }
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto low = static_cast<unsigned char>(bytes[width == Width::little ? i : i + 1]);
    const auto high = static_cast<unsigned char>(bytes[width == Width::little ? i + 1 : i]);
    if ((high << 8 | low) == 0xFEFF) continue;
    plain += high == 0 ? static_cast<char>(low) : '?';
  }
  return plain;
}

}  // namespace smart
