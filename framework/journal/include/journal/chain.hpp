// The chain that ties a journal to the station that writes it: links, each a hash of everything before it, signed.
//
// A link stands before the line that ends a trial or the run, since OCP allows nothing after that, and covers it; each
// thing that a journal promises to keep (the run's start, a trial's start and end, an event) ends with one. A chain
// shows that nothing was changed. It cannot show that links at its end were taken away: whoever has seen them can.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace assay::journal {

/// How a station ties a journal to itself. Without `sign` the links are made all the same, and nobody vouches for them.
struct Tie {
  std::string key;                                                         // the public key, in base64
  std::function<std::string(const std::string& text)> sign;                // brings the signature, in base64
  std::function<void(uint64_t number, const std::string& hash)> promised;  // when a link is on the disk
};

/// What the signature of a link is made over.
std::string link_text(uint64_t number, const std::string& hash);

/// A journal's chain as far as it holds. Signatures are not looked at: that of the last link vouches for all.
struct Chain {
  std::vector<std::string> hashes;  // of each link that holds, from the first
  uint64_t sure = 0;                // bytes up to the end of the last of these, with what it ends
  uint64_t begin_of_last = 0;       // where the line of the last stands
  std::string key, signature;       // of the last, in base64; empty: nobody signed
  std::string after;                // the trial that it is of, or nothing
  /// A link that what stands before it does not fit. Lines are counted from 1.
  struct Broken {
    uint64_t first_line = 0, last_line = 0;
    bool last = false;  // no link follows: a kill or a power cut can have left it so
  };
  std::optional<Broken> broken;
};

Chain check_chain(const std::string& journal);

}  // namespace assay::journal
