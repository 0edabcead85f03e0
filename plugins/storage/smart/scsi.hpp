// SAS drives: what their warnings mean, in both forms of smartctl's output.
#pragma once

#include <string>

#include "smart/reading.hpp"

namespace smart {

/// What the drive says of its own health: the additional sense code and its qualifier (SPC-5, table of asc and ascq;
/// smartctl prints them as "[asc=b, ascq=1]"), and how smartctl words it.
void add_scsi_health(int code, int qualifier, const std::string& words, Reading& reading);

/// smartctl 7.0 and 7.1 put the length of the list in bytes into their JSON, instead of its elements (mended in 7.2,
/// 2020-06-18; their text is right). An element that smartctl asks for has 8 bytes; a drive may answer with elements of
/// 4. NaN where neither fits.
double elements_of_grown_list(double bytes);

/// Adds up over reads, writes and verifies.
void add_uncorrected(double count, Reading& reading);

/// Not every drive has the temperature in its own log; the environment's log has it too. The first that is one.
void add_environment_temperature(double celsius, Reading& reading);

}  // namespace smart
