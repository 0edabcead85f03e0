// A captured tree of /proc and /sys as one text file that people can read and compare.
#pragma once

#include <string>

namespace assay::test {

/// Lays the tree of `description` (a file) out below `folder`. Each line is one of
///   path = text      a file; \n, \t, \\ and \xNN stand for these bytes; no newline is added
///   path -> target   a symbolic link
///   path/            an empty folder
/// Empty lines and lines that begin with # are passed over. Throws std::runtime_error with file and line.
void lay_out_tree(const std::string& description, const std::string& folder);

}  // namespace assay::test
