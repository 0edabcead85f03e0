// What a trial leaves in its artifact folder: looked through, bounded, and sealed when it has ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay::engine {

/// Bounds of what is kept of one trial; sizes in bytes, as a reader sees them: a hole in a file counts like any other.
struct ArtifactLimits {
  size_t files = 1000;
  uint64_t file_bytes = uint64_t{64} << 20, all_bytes = uint64_t{256} << 20;
};

/// A file that the host wrote itself: its name in the folder, and a descriptor open for reading.
struct OwnFile {
  std::string name;
  int fd = -1;
};

struct Sealed {
  std::vector<std::string> kept;   // names, of those that were asked about
  size_t files = 0;                // all that are there now
  std::vector<std::string> notes;  // what was not kept, a sentence for each reason
};

/// May a plugin's file be kept under this name? UTF-8 of at most 100 bytes without control, invisible or combining
/// characters, no leading dot, and none of the host's own (series-0.f64).
bool may_keep_name(const std::string& name);

/// Makes `artifacts`/`id`, which a plugin could write to, anew: in it are copies of the plain files that may be kept,
/// first those of `own` and of `wanted`, which belong to the host, are read-only and on the disk; what still has the
/// old ones open changes nothing. Everything else is removed, folders with all that is in them; a folder that would be
/// empty too. Can take long and hang with the disk: call it apart. Throws core::Trouble when it cannot be done.
Sealed seal_artifacts(const std::string& artifacts, const std::string& id, const std::vector<OwnFile>& own,
                      const std::vector<std::string>& wanted, const ArtifactLimits& limits);

/// Removes what an earlier host began to seal or to remove when it was cut off.
void remove_half_sealed(const std::string& artifacts);

}  // namespace assay::engine
