// Which plugin files may be run by root.
#pragma once

#include <string>

namespace assay::catalog {

/// Why root must not run this file, or empty if it may. The file and every folder above it must belong to root (or to
/// the user who called sudo) and be writable by nobody else; a sticky folder such as /tmp is accepted. Anyone but root
/// may run what he can read.
std::string why_not_trusted(const std::string& path);

}  // namespace assay::catalog
