// Looking again at a place that failed: there, and not by going through the whole device once more, since a dying disk
// pays for each read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace storage {

/// A place is looked at so often, and not more than so many places of a trial and kind.
constexpr uint32_t repeats_of_a_place = 5;
constexpr size_t most_places_again = 8;

struct Again {
  uint32_t repeats = 0, seen = 0;
  /// Looked at, and never seen again.
  bool passed() const { return repeats > 0 && seen == 0; }
};

/// `fails` looks once: true when it failed again; nothing when it cannot look any more (the trial is to stop).
Again look_again(const std::function<std::optional<bool>()>& fails);

/// Sorts before another: seen again more often. What was not looked at comes last.
bool more_often(const Again& one, const Again& other);

}  // namespace storage
