// The run's own record of the things that it may overwrite: consent.json in its folder.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/run_seal.hpp"
#include "identity.hpp"

namespace assay::engine {

/// One thing, as it was when overwriting it was allowed, and what has become of it since.
struct ConsentedThing {
  Thing thing;
  std::string why_not;    // nobody could look at it then; empty: somebody did
  bool given_up = false;  // what was on it may be lost: --erase named it
  bool opened = false;    // this run has opened it for overwriting
};

/// By target. Read once; each change is on the disk, whole, before put() returns true. One process writes it.
class Consented {
 public:
  /// With a seal that can be checked, a file that does not bear it counts for nothing: it is of another run, or
  /// changed.
  explicit Consented(std::string file, core::RunSeal seal = {});

  /// Empty: the file was read. Nothing in it counts otherwise.
  const std::string& why_not() const { return why_not_; }
  const ConsentedThing* find(const std::string& target) const;
  bool put(const std::string& target, const ConsentedThing& thing);
  const std::string& file() const { return file_; }

 private:
  bool write() const;

  std::string file_, why_not_;
  core::RunSeal seal_;
  std::map<std::string, ConsentedThing> things_;
};

/// A thing as text and back, for a process apart. Nothing where it is no such text.
std::string to_text(const Thing& thing);
std::optional<Thing> thing_of(const std::string& text);

}  // namespace assay::engine
