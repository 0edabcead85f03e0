// What a trial sees of the machine's files: a tree made for it, of what is named here and nothing else.
#pragma once

#include <string>
#include <vector>

#include "runner/spec.hpp"
#include "user.hpp"

namespace assay::runner {

/// In a mount namespace of this process's own: a root that holds the system's programs and libraries, a little of /etc,
/// /sys, the plugin and what it may read, all for reading only; a /proc of the pid namespace; a /dev with the harmless
/// nodes and those of the confinement; temporary folders, which only
/// the conformance kit lets it write to; and the artifact folder as `artifacts_place`, whose
/// descriptor becomes artifacts_fd (`artifacts_in_memory`: an empty one there instead). What `user` could not read (a
/// private plugin) is copied. Answers what Linux did not give: "" for all, "view" for nothing of it (the process then
/// sees what it saw), "proc" when /proc is the machine's. Throws std::exception when it got stuck half-way: then
/// nothing may run.
std::string make_view(const Spec& spec, const User& user, bool artifacts_in_memory);

constexpr const char* artifacts_place = "/.assay-artifacts";
/// What helper programs lie in and read, beside the system's folders: those of PATH, and what smartctl knows of drives.
std::vector<std::string> places_of_programs();

constexpr const char* temporary_folders[] = {"/tmp", "/var/tmp", "/dev/shm"};
/// Folders and files of the system's that everybody may read.
constexpr const char* system_folders[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/sys"};
constexpr const char* system_files[] = {"/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/os-release"};

}  // namespace assay::runner
