#include "tell_places.hpp"

#include <algorithm>
#include <cstring>

namespace storage {
namespace {

constexpr size_t most_told = 20;

}  // namespace

void tell_places(const FailedPlaces& places, const PlaceWords& words, const assay::Trial& trial,
                 const std::function<std::string(const FailedPlace&)>& where) {
  std::vector<FailedPlace> standing = places.standing(), passed = places.passed();
  if (words.once_code == nullptr) {
    standing.insert(standing.end(), passed.begin(), passed.end());
    passed.clear();
  }
  if (words.on_device) {
    for (const FailedPlace& place : standing)
      trial.failed_at(words.code, "offset", place.offset, place.offset + place.bytes);
    for (const FailedPlace& place : passed)
      trial.failed_at(words.once_code, "offset", place.offset, place.offset + place.bytes);
    // Where not all places are known, none of them is looked for again in full.
    if (places.others() > 0)
      trial.failed_on(standing.empty() ? words.once_code : words.code, "places that were not kept");
  }
  for (size_t i = 0; i < std::min(most_told, standing.size()); ++i) {
    const FailedPlace& place = standing[i];
    trial.fail(words.code,
               words.what + (words.says_error ? ": " + std::string(std::strerror(place.error)) : "") + "." +
                   words_for(place.again, words.done),
               where(place));
  }
  if (!standing.empty() && standing[0].again.repeats > 0)
    trial.repeated(words.code, standing[0].again.repeats, standing[0].again.seen);
  for (size_t i = 0; i < std::min(most_told, passed.size()); ++i) {
    const FailedPlace& place = passed[i];
    trial.finding(
        assay::Severity::marginal, words.once_code,
        std::string("It failed once (") + std::strerror(place.error) + ")." + words_for(place.again, words.done),
        where(place));
  }
  if (!passed.empty()) trial.repeated(words.once_code, passed[0].again.repeats, 0);
  const size_t told = std::min(most_told, standing.size()) + std::min(most_told, passed.size());
  if (places.count() > told)
    trial.finding(assay::Severity::note, "more-errors",
                  std::to_string(places.count() - told) +
                      " more places that failed are not listed one by one; the first " +
                      std::to_string(most_places_again) + " were looked at again.");
}

}  // namespace storage
