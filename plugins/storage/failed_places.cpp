#include "failed_places.hpp"

#include <algorithm>

namespace storage {

void FailedPlaces::add(const FailedPlace& place) {
  const auto same = [&](const FailedPlace& known) { return known.offset == place.offset; };
  if (std::any_of(places_.begin(), places_.end(), same)) return;
  if (places_.size() < most_kept)
    places_.push_back(place);
  else
    ++uncounted_;
}

void FailedPlaces::look_again(const std::function<std::optional<int>(const FailedPlace&)>& call, size_t most) {
  for (size_t i = 0; i < std::min(most, places_.size()); ++i)
    places_[i].again = storage::look_again([&]() -> std::optional<bool> {
      const std::optional<int> error = call(places_[i]);
      return error ? std::optional<bool>(*error != 0) : std::nullopt;
    });
}

std::vector<FailedPlace> FailedPlaces::standing() const {
  const auto seen = [](const FailedPlace& place) { return place.again.seen > 0; };
  const auto well = [](const FailedPlace& place) { return place.again.passed(); };
  const bool all_well =
      std::none_of(places_.begin(), places_.end(), seen) && std::any_of(places_.begin(), places_.end(), well);
  std::vector<FailedPlace> result;
  for (const FailedPlace& place : places_)
    if (seen(place) || (!well(place) && (place.twice || !all_well))) result.push_back(place);
  std::stable_sort(result.begin(), result.end(),
                   [](const FailedPlace& a, const FailedPlace& b) { return more_often(a.again, b.again); });
  return result;
}

std::vector<FailedPlace> FailedPlaces::passed() const {
  std::vector<FailedPlace> result;
  std::copy_if(places_.begin(), places_.end(), std::back_inserter(result),
               [](const FailedPlace& place) { return place.again.passed(); });
  return result;
}

std::string words_for(const Again& again, const char* done) {
  if (again.repeats == 0) return "";
  return " " + std::string(done) + " again there, it failed " + std::to_string(again.seen) + " of " +
         std::to_string(again.repeats) + " times.";
}

}  // namespace storage
