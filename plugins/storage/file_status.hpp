// What an open device or file is, where its file system tells that to others than its owner, and where it does not.
#pragma once

#include <sys/stat.h>

namespace storage {

/// As fstat(). A file system of a user's own (FUSE) tells nothing to the user that a trial is, though it lets it read
/// what the host has opened: then `status` is of a plain file of that size, on no known device.
bool status_of(int file, struct stat& status);

}  // namespace storage
