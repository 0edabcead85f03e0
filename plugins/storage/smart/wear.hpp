// How much of an SSD's rated life is used, where its maker has said how its attributes count.
#pragma once

#include <string>

#include "attributes.hpp"

namespace smart {

/// The attribute's name is about wear, in whatever direction.
bool speaks_of_wear(const std::string& name);

/// Adds `ata.used` by the table of wear.toml; where an attribute looks worn out and nobody knows how it counts,
/// `wear-unclear.ID`. Does nothing where the reading has `ata.used` from the standard's own statistics.
void add_wear(const AtaDrive& drive, Reading& reading);

}  // namespace smart
