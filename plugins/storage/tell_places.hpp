// Failed places as findings.
#pragma once

#include <assay/plugin.hpp>
#include <functional>
#include <string>

#include "failed_places.hpp"

namespace storage {

struct PlaceWords {
  const char* code;       // of places that stand as failed: fail
  const char* once_code;  // of places that were good each time they were looked at again: marginal; null: as the others
  std::string what;       // "A block cannot be read"
  const char* done;       // "Read"
  bool says_error = true;
  bool on_device = false;  // offsets are the device's own, so that the place can be found again in a later run
};

/// One finding for each, twenty at most of each kind, and how often the worst of each kind came again, so that the host
/// repeats nothing. `where` names a place.
void tell_places(const FailedPlaces& places, const PlaceWords& words, const assay::Trial& trial,
                 const std::function<std::string(const FailedPlace&)>& where);

}  // namespace storage
