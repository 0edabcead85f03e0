// Small text tools that every room needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::core {

/// Text from a device, a plugin or a person, made safe to store and to show: invalid UTF-8 becomes U+FFFD; control,
/// bidirectional-override and zero-width characters are dropped (newlines become spaces unless `lines`); cut at `most`
/// bytes, with an ellipsis.
std::string safe_text(std::string_view text, size_t most = 4096, bool lines = false);

/// Text on its way out, to a terminal or a program: as it is, but what could drive the reader (control characters but
/// newline and tab, C1, overrides of direction, zero-width characters) and invalid UTF-8 are shown as U+FFFD.
std::string visible_text(std::string_view text);
/// The same for JSON: there such a character becomes its escape (\u009b), which means the same; bytes that are no UTF-8
/// become U+FFFD.
std::string visible_json(std::string_view text);

bool is_utf8(std::string_view text);
/// Nothing in it that visible_text() would replace, and no newline or tab.
bool is_plain(std::string_view text);

/// Shell-style pattern: `*` and `?`.
bool matches_glob(const std::string& pattern, const std::string& text);

std::string trimmed(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);

/// Seconds from "90", "90s", "1h 20m", "0.5h", "2d"; nothing if it is not a duration.
std::optional<double> parse_duration(std::string_view text);
/// "45 s", "2 min 5 s", "1 h 20 min".
std::string format_duration(double seconds);
/// "23.5 GiB".
std::string format_bytes(uint64_t bytes);
/// Up to four significant digits, no trailing zeros.
std::string format_number(double value);

/// "2026-11-22T10:00:00.123Z".
std::string timestamp(int64_t unix_nanoseconds);

/// A new seed from a seed and a position, well mixed (SplitMix64's finaliser).
uint64_t derive_seed(uint64_t seed, uint64_t position);

/// SHA-256 in hex.
std::string sha256(const std::string& bytes);

/// The kind of a hash that names files in reports: SHA-256 in hex; empty when the file cannot be read.
std::string sha256_of_file(const std::string& path);

/// Whole file, or nothing. Reads at most `most` bytes.
std::optional<std::string> read_file(const std::string& path, size_t most = 1 << 24);

/// A word as a shell takes it, for a command that people copy.
std::string shell_word(const std::string& word);

}  // namespace assay::core
