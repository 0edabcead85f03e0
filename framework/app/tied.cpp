#include "tied.hpp"

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "station/promises.hpp"

namespace assay::app {
namespace {

using core::BadInput;

std::string when(const journal::Chain& chain) {
  if (chain.hashes.empty()) return " since they were written";
  return chain.after.empty() ? " since the station signed what stands before them"
                             : " since trial " + core::safe_text(chain.after, 40) + " was signed before them";
}

constexpr const char* what_to_do = "; nothing of it is signed. Begin a new run";

}  // namespace

Tied look_at_chain(const std::string& name, const journal::Chain& chain, const std::string& run_id,
                   const Signer& signer) {
  const uint64_t links = chain.hashes.size();
  const auto kept = station::Promises::of(station::folder(), run_id);
  // A link at the end that does not hold may be one that had not come to the disk; not if it had been promised.
  if (chain.broken && (!chain.broken->last || (kept && kept->number > links))) {
    const auto& b = *chain.broken;
    const std::string lines = b.first_line == b.last_line
                                  ? fmt::format("line {}", b.first_line)
                                  : fmt::format("one of the lines {} to {}", b.first_line, b.last_line);
    throw BadInput(name + ": " + lines + " was changed" + when(chain) + what_to_do);
  }
  if (kept && kept->number > links)
    throw BadInput(
        fmt::format("{}: it was cut back, or is an earlier copy of a run that went on: it holds {} signed "
                    "points, and this station has written {}{}",
                    name, links, kept->number, what_to_do));
  if (kept && kept->number > 0 && chain.hashes[kept->number - 1] != kept->hash)
    throw BadInput(name + ": it is not the journal that this station wrote for this run" + what_to_do);
  if (links == 0) return {false, "an older version of Assay wrote it, which tied no journal to its station"};
  if (!signer.has_key()) return {false, "this station has no key"};
  if (chain.key.empty()) return {false, "it was written without a key"};
  const auto key = station::PublicKey::from_base64(chain.key);
  const auto signature = core::from_base64(chain.signature);
  if (!key || !signature || !key->verifies(journal::link_text(links, chain.hashes.back()), *signature))
    throw BadInput(fmt::format("{}: signed point {} is not as it was signed{}", name, links, what_to_do));
  if (!(*key == signer.public_key()))
    return {false, "another user or station wrote it (key " + key->fingerprint() + ")"};
  return {true, ""};
}

}  // namespace assay::app
