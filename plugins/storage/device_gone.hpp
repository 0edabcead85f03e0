// Telling a device that has gone away from one that fails.
#pragma once

namespace storage {

/// True when a call on `file` failed because its device is not there any more: unplugged, switched off, or its server
/// dead.
bool is_gone(int file, int fault);

}  // namespace storage
