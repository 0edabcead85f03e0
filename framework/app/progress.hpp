// What a person (or a program) sees while a run goes on.
#pragma once

#include <memory>

#include "engine/engine.hpp"

namespace assay::app {

/// One changing line on a terminal, plain lines elsewhere, JSON lines with `json`. Events go to stdout, warnings to
/// stderr.
std::unique_ptr<engine::Observer> make_progress(bool json);

}  // namespace assay::app
