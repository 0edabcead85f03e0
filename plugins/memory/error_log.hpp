// What was wrong in the memory, gathered so that it stays small however much is wrong: 64 MiB of bad memory must not
// write 300 MB of log.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernels/line.hpp"

namespace memory {

class ErrorLog : public MismatchSink {
 public:
  /// Pages that are kept one by one; beyond that they are counted.
  static constexpr size_t most_pages = 4096;

  void add(const Mismatch& mismatch) override;
  /// Takes over what another log has gathered.
  void add(const ErrorLog& other);

  uint64_t count() const { return count_; }
  const Mismatch& first() const { return first_; }
  /// Bits that read 0 where 1 was expected, and the other way round.
  uint64_t lost_ones() const { return lost_ones_; }
  uint64_t lost_zeros() const { return lost_zeros_; }
  /// The element (of a march test) that saw the first mismatch: set by whoever runs it.
  void set_element(size_t element) { element_ = element; }
  size_t first_element() const { return first_element_; }

  /// Virtual addresses of the pages of 4 KiB that had a mismatch, with how many; in order.
  const std::map<uint64_t, uint64_t>& pages() const { return pages_; }
  bool all_pages_kept() const { return !too_many_pages_; }
  /// True when one of the pages is in both.
  bool overlaps(const ErrorLog& other) const;

 private:
  uint64_t count_ = 0, lost_ones_ = 0, lost_zeros_ = 0;
  Mismatch first_{};
  size_t element_ = 0, first_element_ = 0;
  std::map<uint64_t, uint64_t> pages_;
  bool too_many_pages_ = false;
};

/// How the errors behave, in words: stuck, coming and going, or depending on something else.
std::string signature(const ErrorLog& errors, int repeats, int seen_again);

/// The parameter for the kernel's command line that leaves these physical pages out ("memmap=4K$0x1000,8K$0x4000"), or
/// nothing when there are none. Not more than `most` ranges.
std::string memmap_parameter(const std::vector<uint64_t>& physical_pages, size_t most);

}  // namespace memory
