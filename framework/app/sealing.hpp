// A finished run's record, page and manifest, signed with the station's key.
#pragma once

#include <optional>
#include <string>

#include "core/durable_folder.hpp"
#include "core/run_seal.hpp"
#include "journal/chain.hpp"
#include "journal/conclusion.hpp"
#include "reports/compare.hpp"
#include "reports/view.hpp"
#include "station/config.hpp"
#include "station/key.hpp"

namespace assay::app {

/// Says on stderr when a run is not as it was signed.
void tell_if_altered(const std::string& run);

/// True when the folder has a signed manifest, and the journal is not the one that it names.
bool is_journal_altered(const core::DurableFolder& run);

/// What can be said of a run's folder; a journal's file alone was signed by nobody.
reports::Seal seal_of(const std::string& run);

/// `given`, else the station's language, else English.
std::string language_or_station(const std::string& given);

/// Who signs here. Without a key (a station folder that cannot be written) pages are drawn unsigned.
class Signer {
 public:
  /// Reads the station's configuration; makes its key at first use. Says on stderr why there is none.
  Signer();

  const station::Config& config() const { return config_; }
  reports::Trust trust(const std::string& record_sha256) const;
  /// The page with its seal, or as it is when there is no key.
  std::string sealed(const std::string& html, const journal::Record& record, const std::string& record_sha256) const;
  /// The same for a PDF file's bytes.
  std::string sealed_pdf(const std::string& pdf, const journal::Record& record, const std::string& record_sha256) const;
  void write_manifest(const core::DurableFolder& folder, const journal::Record& record) const;
  /// What ties the journal of a run to this station, as far as there is a key.
  journal::Tie tie(const std::string& run_id) const;
  /// What vouches for what this station keeps of the run's consent.
  core::RunSeal seal(const std::string& run_id) const;
  bool has_key() const { return key_.has_value(); }
  const station::PublicKey& public_key() const { return key_->public_key(); }

 private:
  station::Config config_;
  std::optional<station::Key> key_;
};

}  // namespace assay::app
