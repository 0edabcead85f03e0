// A set of whole numbers as ranges: the bytes of a disk or of the memory that were tested.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace assay::core {

/// Kept merged and in order. Not thread-safe.
class Ranges {
 public:
  /// Beyond so many separate ranges further ones are dropped: the set then says less than it could, never more.
  static constexpr size_t most = 65536;

  /// Adds first <= n < end; an empty range adds nothing.
  void add(uint64_t first, uint64_t end);
  bool contains(uint64_t first, uint64_t end) const;
  bool empty() const { return ranges_.empty(); }
  /// How many numbers are in it.
  uint64_t count() const;

  /// "1000-2000" in hex, end excluded, a line each.
  std::string to_text() const;
  /// Adds what a text of to_text() holds; lines that are none are passed over.
  void add_text(const std::string& text);

 private:
  std::map<uint64_t, uint64_t> ranges_;  // first to end
};

}  // namespace assay::core
