// The two ways in which a command can go wrong that are not a verdict.
#pragma once

#include <stdexcept>
#include <string>

namespace assay::core {

/// What the user gave cannot be used: says what, where and what to do. Exit code 2.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The tool could not do its part (a full disk, a missing program). Exit code 3; never a verdict on hardware.
struct Trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace assay::core
