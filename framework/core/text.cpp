#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "core/target.hpp"
#include "core/unique_fd.hpp"

namespace assay::core {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Decodes one UTF-8 sequence at `at`; its length, or 0 if it is invalid.
size_t decode(std::string_view text, size_t at, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return code = first, 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || at + length > text.size()) return 0;
  code = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3Fu);
  }
  constexpr std::array<uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least[length] || code > 0x10FFFF || surrogate ? 0 : length;
}

bool is_dangerous(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code & 0xFFFE) == 0xFFFE ||
         (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE007F);
}

}  // namespace

std::string safe_text(std::string_view text, size_t most, bool lines) {
  std::string safe;
  for (size_t at = 0; at < text.size();) {
    if (safe.size() + 4 > most) return safe + "…";
    uint32_t code = 0;
    const size_t length = decode(text, at, code);
    if (length == 0) {
      safe += replacement;
      ++at;
      continue;
    }
    if (code == '\n' && lines)
      safe += '\n';
    else if (code == '\n' || code == '\t')
      safe += ' ';
    else if (!is_dangerous(code))
      safe += text.substr(at, length);
    at += length;
  }
  return safe;
}

namespace {

/// Gives `text` with each dangerous character as `instead` says; newlines, tabs and the \r of a line's end stay.
template <class Instead>
std::string with_replaced(std::string_view text, Instead instead) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    uint32_t code = 0;
    const size_t length = decode(text, at, code);
    const bool ends_line = code == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    if (length == 0)
      result += replacement;
    else if (code == '\n' || code == '\t' || ends_line || !is_dangerous(code))
      result += text.substr(at, length);
    else
      result += instead(code);
    at += std::max<size_t>(length, 1);
  }
  return result;
}

}  // namespace

std::string visible_text(std::string_view text) {
  return with_replaced(text, [](uint32_t) { return replacement; });
}

std::string visible_json(std::string_view text) {
  return with_replaced(text, [](uint32_t code) {
    if (code < 0x10000) return fmt::format("\\u{:04x}", code);
    return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + (code & 0x3FF));
  });
}

bool is_utf8(std::string_view text) {
  uint32_t code = 0;
  for (size_t at = 0, length = 0; at < text.size(); at += length)
    if ((length = decode(text, at, code)) == 0) return false;
  return true;
}

bool is_plain(std::string_view text) {
  return text.find_first_of("\n\t\r") == std::string_view::npos && visible_text(text) == text;
}

bool matches_glob(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t end; (end = text.find(separator, start)) != std::string_view::npos; start = end + 1)
    parts.emplace_back(text.substr(start, end - start));
  parts.emplace_back(text.substr(start));
  return parts;
}

std::optional<double> parse_duration(std::string_view given) {
  const std::string text = trimmed(given);
  double total = 0;
  size_t at = 0;
  bool any = false;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const size_t digits = text.find_first_not_of("0123456789.", at);
    if (digits == at) return std::nullopt;
    double value = 0;
    try {
      size_t used = 0;
      const std::string number = text.substr(at, digits == std::string::npos ? digits : digits - at);
      value = std::stod(number, &used);
      if (used != number.size()) return std::nullopt;
    } catch (const std::exception&) {
      return std::nullopt;
    }
    at = digits == std::string::npos ? text.size() : digits;
    const size_t end = std::min(text.find_first_of(" 0123456789.", at), text.size());
    const std::string unit = text.substr(at, end - at);
    at = end;
    if (unit == "ms")
      value *= 0.001;
    else if (unit == "m" || unit == "min")
      value *= 60;
    else if (unit == "h")
      value *= 3600;
    else if (unit == "d")
      value *= 86400;
    else if (!unit.empty() && unit != "s")
      return std::nullopt;
    total += value;
    any = true;
  }
  if (!any || !std::isfinite(total)) return std::nullopt;
  return total;
}

std::string format_duration(double seconds) {
  if (!(seconds < 1e12)) return fmt::format("{:.4g} s", seconds);  // no clock's; whole numbers would not hold it
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600)
    return whole % 60 == 0 ? fmt::format("{} min", whole / 60) : fmt::format("{} min {} s", whole / 60, whole % 60);
  return whole % 3600 < 60 ? fmt::format("{} h", whole / 3600)
                           : fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string format_bytes(uint64_t bytes) {
  constexpr std::array<const char*, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) value /= 1024, ++unit;
  return fmt::format("{} {}", format_number(value), units[unit]);
}

std::string format_number(double value) {
  if (std::fabs(value) >= 1000 && std::fabs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string timestamp(int64_t unix_nanoseconds) {
  const std::time_t seconds = unix_nanoseconds / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, unix_nanoseconds / 1'000'000 % 1000);
}

uint64_t derive_seed(uint64_t seed, uint64_t position) {
  uint64_t x = seed + (position + 1) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

std::optional<std::string> read_file(const std::string& path, size_t most) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 1 << 14> buffer;
  while (text.size() < most) {
    const ssize_t got = read(file.get(), buffer.data(), std::min(buffer.size(), most - text.size()));
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  return text;
}

std::string in_language(const LocalText& text, const std::string& language) {
  for (const std::string& tag : {language, std::string("en")})
    if (const auto found = text.find(tag); found != text.end()) return found->second;
  return {};
}

std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./:+,=@%") == std::string::npos;
  if (plain) return word;
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace assay::core
