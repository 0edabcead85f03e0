#include "again.hpp"

namespace storage {

Again look_again(const std::function<std::optional<bool>()>& fails) {
  Again result;
  while (result.repeats < repeats_of_a_place) {
    const std::optional<bool> failed = fails();
    if (!failed) break;
    ++result.repeats;
    result.seen += *failed ? 1 : 0;
  }
  return result;
}

bool more_often(const Again& one, const Again& other) {
  const auto share = [](const Again& a) { return a.repeats == 0 ? -1.0 : static_cast<double>(a.seen) / a.repeats; };
  return share(one) > share(other);
}

}  // namespace storage
