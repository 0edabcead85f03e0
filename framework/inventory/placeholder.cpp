// Serial numbers that makers leave in by mistake.
#include <algorithm>
#include <cctype>

#include "readers.hpp"

namespace assay::inventory {
namespace {

/// Words that no serial number has in it.
constexpr const char* phrases[] = {"to be filled",  "fill by oem",  "default string", "not specified", "not applicable",
                                   "not available", "not provided", "not present",    "not set",       "no serial",
                                   "no dimm",       "serial",       "sernum",         "ser num",       "o.e.m.",
                                   "by oem",        "undefined",    "unspecified",    "unknown",       "invalid",
                                   "placeholder",   "0123456789",   "123456789",      "xxxxxx"};

/// What is one only when it is all that stands there, in brackets or not.
constexpr const char* whole[] = {"none",      "null",   "nil",      "na",      "empty", "default", "oem",
                                 "tbd",       "todo",   "test",     "sn",      "no",    "unset",   "blank",
                                 "deadbeef",  "asset",  "assettag", "chassis", "board", "system",  "string",
                                 "baseboard", "abcdef", "12345678", "1234567", "123456"};

}  // namespace

bool is_placeholder(const std::string& serial) {
  if (serial.empty()) return false;
  std::string lower, plain;  // plain: letters and digits
  for (const char c : serial) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool beyond_ascii = (static_cast<unsigned char>(c) & 0x80u) != 0;
    if (beyond_ascii || std::isalnum(static_cast<unsigned char>(c)) != 0) plain += lower.back();
  }
  if (plain.rfind("0x", 0) == 0) plain.erase(0, 2);
  if (plain.empty() || plain.find_first_not_of(plain[0]) == std::string::npos) return true;
  const auto within = [&](const char* phrase) { return lower.find(phrase) != std::string::npos; };
  return std::any_of(std::begin(phrases), std::end(phrases), within) ||
         std::find(std::begin(whole), std::end(whole), plain) != std::end(whole);
}

}  // namespace assay::inventory
