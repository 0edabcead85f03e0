// What tells a thing that may be overwritten from every other, and from itself with something else on it.
#pragma once

#include <cstdint>
#include <string>

#include "inventory/content.hpp"
#include "inventory/system_root.hpp"

namespace assay::engine {

/// One look at a device or a file. Numbers that are 0 and texts that are empty are not known; what is not known on
/// either side of a comparison speaks neither for nor against.
struct Thing {
  bool device = false;  // a block device; else a regular file
  std::string boot;     // Linux's id of the time since the machine was started, within which `sequence` means something
  uint64_t bytes = 0;
  // Of a device:
  std::string serial, wwn;
  std::string made_of;     // of a loop, mapped or RAID device: a hash of what it is made of
  bool own_name = false;   // its serial number or world-wide name is no other disk's here, and no placeholder
  bool removable = false;  // its names may be the reader's
  uint64_t sequence = 0;   // Linux counts devices, and anew when a medium is exchanged
  // Of a file:
  uint64_t file_system = 0, inode = 0, generation = 0, names = 0;
  int64_t born_ns = 0;
  /// Of a device: sectors written to it since it was plugged in; of a file: when it was last written, in ns.
  int64_t written = 0;
  inventory::Content content;
};

/// Looks at what is open for reading. Takes as long as the device lets it: to be done apart.
Thing look_at(const inventory::SystemRoot& root, int fd);

/// "its size was 32 GiB, now it is 64 GiB": everything by which `is` is not the thing, or not in the state, that `was`
/// was; empty: it is. `opened`: this run has had it open for overwriting, so what is on it may be Assay's own: then
/// only a format that was not there before speaks of somebody else.
std::string what_changed(const Thing& was, const Thing& is, bool opened);

/// Why nobody can tell after a restart of the machine that `is` is `was`, though nothing speaks against it; empty:
/// somebody can.
std::string why_not_shown(const Thing& was, const Thing& is, bool opened);

}  // namespace assay::engine
