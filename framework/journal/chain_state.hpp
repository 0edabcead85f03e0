// A chain as it is written. Private to this room.
#pragma once

#include <memory>
#include <string_view>

#include "core/hash.hpp"
#include "journal/chain.hpp"

namespace assay::journal {

constexpr const char* link_name = "assay.link";

/// Everything written goes through add(); a link takes the hash so far, with the line that it ends.
class ChainState {
 public:
  void add(std::string_view written) { hash_->add(written); }
  /// The hash of the next link, and a new beginning from it: the link's own line, and the one that it ends, are added
  /// next.
  std::string link(std::string_view ended) {
    hash_->add(ended);
    std::string hash = hash_->hex();
    begin_from(hash);
    ++number_;
    return hash;
  }
  uint64_t number() const { return number_; }
  void go_on(uint64_t number, const std::string& hash) {
    number_ = number;
    begin_from(hash);
  }

 private:
  void begin_from(const std::string& hash) {
    hash_ = std::make_unique<core::Sha256>();
    hash_->add(hash + "\n");
  }
  std::unique_ptr<core::Sha256> hash_ = std::make_unique<core::Sha256>();
  uint64_t number_ = 0;
};

}  // namespace assay::journal
