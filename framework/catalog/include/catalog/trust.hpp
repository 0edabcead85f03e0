// Which files may be run by root, and which folders they may be looked for in.
#pragma once

#include <string>

namespace assay::catalog {

/// Why root must not run this file, or empty if it may. The file and every folder and link that leads to it must
/// belong to root (or to the user who called sudo) and be writable by nobody else; a sticky folder such as /tmp is
/// accepted. Anyone but root may run what he can read.
std::string why_not_trusted(const std::string& path);

/// Why no library may be looked for in this folder, or empty if one may: somebody else could put one there. Where it is
/// not there yet, the nearest folder above it that is speaks for it. Said to everyone; owners matter to root alone.
std::string why_not_searched(const std::string& folder);

}  // namespace assay::catalog
