#include "error_log.hpp"

#include <algorithm>
#include <cstdio>

namespace memory {
namespace {

constexpr uint64_t page_bytes = 4096;

}  // namespace

void ErrorLog::add(const Mismatch& mismatch) {
  if (count_++ == 0) first_ = mismatch, first_element_ = element_;
  lost_ones_ |= mismatch.expected & ~mismatch.actual;
  lost_zeros_ |= ~mismatch.expected & mismatch.actual;
  const uint64_t page = reinterpret_cast<uint64_t>(mismatch.word) / page_bytes * page_bytes;
  if (const auto known = pages_.find(page); known != pages_.end())
    ++known->second.count;
  else if (pages_.size() < most_pages)
    pages_[page] = {1, mismatch, element_};
  else
    too_many_pages_ = true;
}

void ErrorLog::add(const ErrorLog& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) first_ = other.first_, first_element_ = other.first_element_;
  count_ += other.count_;
  lost_ones_ |= other.lost_ones_;
  lost_zeros_ |= other.lost_zeros_;
  for (const auto& [page, errors] : other.pages_) {
    if (const auto known = pages_.find(page); known != pages_.end())
      known->second.count += errors.count;
    else if (pages_.size() < most_pages)
      pages_[page] = errors;
    else
      too_many_pages_ = true;
  }
  too_many_pages_ = too_many_pages_ || other.too_many_pages_;
}

void ErrorLog::speak_of(uint64_t page) {
  const auto known = pages_.find(page);
  if (known != pages_.end()) first_ = known->second.first, first_element_ = known->second.element;
}

void FramesAgain::add(const ErrorLog& failed, const ErrorLog& again) {
  ++repeats_;
  for (const auto& [page, errors] : failed.pages()) seen_[page] += again.has_page(page) ? 1 : 0;
}

FramesAgain::Worst FramesAgain::worst() const {
  Worst worst{0, repeats_, -1};
  for (const auto& [page, seen] : seen_)
    if (seen > worst.seen) worst.page = page, worst.seen = seen;
  return worst;
}

std::string signature(const ErrorLog& errors, int repeats, int seen_again) {
  if (repeats > 0 && seen_again == 0) return "It came once and was not seen again on the same memory.";
  if (seen_again < repeats) return "It comes and goes.";
  if (errors.lost_zeros() == 0) return "These bits stay at 0, or cannot change to 1.";
  if (errors.lost_ones() == 0) return "These bits stay at 1, or cannot change to 0.";
  if ((errors.lost_ones() & errors.lost_zeros()) == 0) return "Some bits stay at 0, others at 1.";
  return "The same bits were wrong both ways: they follow other cells (coupling) or another address.";
}

std::string memmap_parameter(const std::vector<uint64_t>& physical_pages, size_t most) {
  std::vector<uint64_t> pages = physical_pages;
  std::sort(pages.begin(), pages.end());
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  std::string text;
  size_t ranges = 0;
  for (size_t i = 0; i < pages.size() && ranges < most; ++ranges) {
    size_t end = i + 1;
    while (end < pages.size() && pages[end] == pages[end - 1] + page_bytes) ++end;
    char range[64];
    std::snprintf(range, sizeof range, "%s%zuK$0x%llx", ranges == 0 ? "memmap=" : ",", (end - i) * 4,
                  static_cast<unsigned long long>(pages[i]));
    text += range;
    i = end;
  }
  return text;
}

}  // namespace memory
