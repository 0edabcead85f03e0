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

  /// What was wrong in a page of 4 KiB.
  struct Page {
    uint64_t count = 0;
    Mismatch first{};
    size_t element = 0;
  };
  /// By their virtual addresses, in order.
  const std::map<uint64_t, Page>& pages() const { return pages_; }
  bool all_pages_kept() const { return !too_many_pages_; }
  bool has_page(uint64_t page) const { return pages_.count(page) != 0; }
  /// From now on the first mismatch of this page is the one that first() gives. Of a page that it does not have:
  /// nothing changes.
  void speak_of(uint64_t page);

 private:
  uint64_t count_ = 0, lost_ones_ = 0, lost_zeros_ = 0;
  Mismatch first_{};
  size_t element_ = 0, first_element_ = 0;
  std::map<uint64_t, Page> pages_;
  bool too_many_pages_ = false;
};

/// Repeats of a failure on the same memory, counted frame by frame: that another frame failed meanwhile says nothing of
/// this one.
class FramesAgain {
 public:
  void add(const ErrorLog& failed, const ErrorLog& again);
  struct Worst {
    uint64_t page = 0;
    int repeats = 0, seen = 0;  // seen: below 0 when there was no page
  };
  /// The page that was seen again most often, the lowest of several.
  Worst worst() const;
  int repeats() const { return repeats_; }

 private:
  std::map<uint64_t, int> seen_;
  int repeats_ = 0;
};

/// How the errors behave, in words: stuck, coming and going, or depending on something else.
std::string signature(const ErrorLog& errors, int repeats, int seen_again);

/// The parameter for the kernel's command line that leaves these physical pages out ("memmap=4K$0x1000,8K$0x4000"), or
/// nothing when there are none. Not more than `most` ranges.
std::string memmap_parameter(const std::vector<uint64_t>& physical_pages, size_t most);

}  // namespace memory
