// Whether a journal is what this station wrote.
#pragma once

#include <string>

#include "journal/chain.hpp"
#include "sealing.hpp"

namespace assay::app {

/// A run is tied when the last link of its chain is signed by this station's key. One that is not (an older Assay wrote
/// it, or a station without a key, or another one) goes on all the same, and this station signs nothing of it.
struct Tied {
  bool ours = false;
  std::string why_not;  // in words
};

/// `name`: of the journal, for messages. Throws core::BadInput when it was changed, or cut back behind what this
/// station has promised, with the lines.
Tied look_at_chain(const std::string& name, const journal::Chain& chain, const std::string& run_id,
                   const Signer& signer);

}  // namespace assay::app
