// What a plugin's tests need, and whether this station allows it.
#pragma once

#include <string>

#include "catalog/catalog.hpp"

namespace assay::app {

/// Fills in what the station allows. Says on stderr which of its files count for nothing, and why.
void ask_the_station(catalog::Catalog& catalog);
void ask_the_station(catalog::Plugin& plugin);

/// "reads the physical addresses of its own memory; uses most of the memory, and locks it (allowed: ours, by its
/// hash)"; empty for a test that needs nothing.
std::string needs_line(const catalog::Plugin& plugin, const catalog::Test& test);

}  // namespace assay::app
