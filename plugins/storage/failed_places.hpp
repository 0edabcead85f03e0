// Places of a device at which a call failed, each looked at again there: so that what stays is told from what comes and
// goes, and "comes and goes" is said of the very place that did.
#pragma once

#include <string>
#include <vector>

#include "again.hpp"

namespace storage {

struct FailedPlace {
  uint64_t offset = 0, bytes = 0;
  int error = 0;       // errno
  bool twice = false;  // it had failed twice before it was looked at again
  Again again{};
};

class FailedPlaces {
 public:
  /// Beyond so many they are only counted.
  static constexpr size_t most_kept = 1024;

  /// Of a place that is known already nothing changes.
  void add(const FailedPlace& place);
  size_t count() const { return places_.size() + uncounted_; }

  /// Looks at the first of them again, `most` at most: `call(place)` gives 0 when it was good, errno when it failed
  /// again, nothing when it cannot look any more.
  void look_again(const std::function<std::optional<int>(const FailedPlace&)>& call, size_t most = most_places_again);

  /// Those that stand as failed, most often seen first: seen again; failed twice before; and not looked at, unless all
  /// that were looked at turned out well.
  std::vector<FailedPlace> standing() const;
  /// Those that were looked at and were good each time.
  std::vector<FailedPlace> passed() const;
  /// How many more there are, which are in neither list.
  size_t others() const { return count() - standing().size() - passed().size(); }

 private:
  std::vector<FailedPlace> places_;
  size_t uncounted_ = 0;
};

/// "Read again there, it failed 3 of 5 times."; nothing when it was not looked at.
std::string words_for(const Again& again, const char* done);

}  // namespace storage
