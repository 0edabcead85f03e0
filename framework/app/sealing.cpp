#include "sealing.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/base64.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "output.hpp"
#include "station/check.hpp"
#include "station/manifest.hpp"
#include "station/page_seal.hpp"
#include "station/pdf_seal.hpp"
#include "station/promises.hpp"

namespace assay::app {

void tell_if_altered(const std::string& run) {
  std::error_code error;
  if (!std::filesystem::is_directory(run, error)) return;
  const station::Check check = station::check_folder(run, {});
  if (check.integrity == station::Integrity::altered)
    complain("assay: %s is not as it was signed (%s); see `assay report verify`\n", run.c_str(),
             core::safe_text(check.altered[0], 200).c_str());
}

bool is_journal_altered(const core::DurableFolder& run) {
  const station::Check check = station::check_folder(run, station::known_keys(station::key_folders()));
  return std::any_of(check.altered.begin(), check.altered.end(),
                     [](const std::string& what) { return what.rfind("journal.jsonl", 0) == 0; });
}

reports::Seal seal_of(const std::string& run) {
  std::error_code error;
  if (!std::filesystem::is_directory(run, error)) return reports::Seal::unsigned_;
  switch (station::check_folder(run, station::known_keys(station::key_folders())).integrity) {
    case station::Integrity::whole:
      return reports::Seal::whole;
    case station::Integrity::unknown_key:
      return reports::Seal::unknown_key;
    case station::Integrity::altered:
      return reports::Seal::altered;
    case station::Integrity::unsigned_:
      break;
  }
  return reports::Seal::unsigned_;
}

std::string language_or_station(const std::string& given) {
  if (!given.empty()) return given;
  const std::string language = station::load_config(station::folder()).language;
  return language.empty() ? "en" : language;
}

Signer::Signer() {
  const std::string folder = station::folder();
  config_ = station::load_config(folder);
  try {
    key_ = station::Key::load_or_make(folder);
  } catch (const core::Trouble& trouble) {
    complain("assay: the report is not signed: %s\n", trouble.what());
  }
}

reports::Trust Signer::trust(const std::string& record_sha256) const {
  if (!key_) return {"", "", record_sha256, reports::Trust::Unsigned::no_key};
  return {config_.name, key_->public_key().fingerprint(), record_sha256};
}

std::string Signer::sealed(const std::string& html, const journal::Record& record,
                           const std::string& record_sha256) const {
  if (!key_) return html;
  return station::seal_page(html, {record.start.run_id, config_.name, record.started_at, record_sha256}, *key_);
}

std::string Signer::sealed_pdf(const std::string& pdf, const journal::Record& record,
                               const std::string& record_sha256) const {
  if (!key_) return pdf;
  return station::seal_pdf(pdf, {record.start.run_id, config_.name, record.started_at, record_sha256}, *key_);
}

void Signer::write_manifest(const core::DurableFolder& folder, const journal::Record& record) const {
  if (key_) station::write_manifest(folder, record.start.run_id, config_.name, record.started_at, *key_);
}

journal::Tie Signer::tie(const std::string& run_id) const {
  if (!key_) return {};
  const auto promises = std::make_shared<station::Promises>(station::folder(), run_id);
  return {key_->public_key().base64(),
          [key = *key_](const std::string& text) { return core::to_base64(key.sign(text)); },
          [promises](uint64_t number, const std::string& hash) { promises->keep(number, hash); }};
}

core::RunSeal Signer::seal(const std::string& run_id) const {
  if (!key_) return {};
  return {run_id, [key = *key_](const std::string& text) { return core::to_base64(key.sign(text)); },
          [key = key_->public_key()](const std::string& text, const std::string& signature) {
            const auto bytes = core::from_base64(signature);
            return bytes && key.verifies(text, *bytes);
          }};
}

}  // namespace assay::app
