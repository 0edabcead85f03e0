// assay report, assay report verify, assay station: pages from records, and who signed them.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "case_sheet.hpp"
#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "pdf.hpp"
#include "reports/view.hpp"
#include "sealing.hpp"
#include "station/check.hpp"
#include "station/pdf_seal.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;
using core::BadInput;
using nlohmann::ordered_json;
using station::Integrity;

constexpr size_t most_page = 256 << 20;

const char* name(Integrity integrity) {
  switch (integrity) {
    case Integrity::whole:
      return "whole";
    case Integrity::unknown_key:
      return "unknown-key";
    case Integrity::altered:
      return "altered";
    case Integrity::unsigned_:
      return "unsigned";
  }
  return "unsigned";
}

using Unsigned = reports::Trust::Unsigned;

/// Whether this station may sign a page of the run. It may when the record is as this very station signed it: a
/// signature says that the station saw the run, not that it can draw.
reports::Trust trust(const ReportOptions& options, const Signer& signer) {
  const auto refused = [&options](Unsigned reason, const std::string& folder, const char* what) {
    complain("assay: the page is not signed: the record in %s %s; see `assay report verify`\n",
             (folder.empty() ? options.folder : folder).c_str(), what);
    return reports::Trust{"", "", "", reason};
  };
  if (!signer.has_key()) return {"", "", "", Unsigned::no_key};
  std::error_code error;
  if (!fs::is_directory(options.folder, error)) return {};
  const auto check = station::check_folder(options.folder, {signer.public_key()});
  if (check.integrity == Integrity::altered) return refused(Unsigned::altered, "", "is altered");
  if (check.integrity == Integrity::unknown_key)
    return refused(Unsigned::other_signer, "", "was signed by another user or station");
  if (check.integrity == Integrity::unsigned_) return {"", "", "", Unsigned::never};
  // What the page says of another run must be as sound as what it says of this one.
  if (!options.reference.empty() &&
      station::check_folder(options.reference, station::known_keys(station::key_folders())).integrity !=
          Integrity::whole)
    return refused(Unsigned::other_run, options.reference, "is not vouched for");
  return signer.trust(check.record_sha256);
}

/// Draws the page anew, as HTML or PDF, sealed where it may be.
std::string page(const ReportOptions& options, const journal::Record& record, const journal::Conclusion& conclusion,
                 reports::Extras extras) {
  const Signer signer;
  const journal::RunFiles files(options.folder);
  extras.sheet = read_sheet(signer.config(), options.case_file);
  extras.trust = trust(options, signer);
  extras.trust.pdf = options.format == "pdf";
  const std::string hash = extras.trust.record_sha256;
  const std::string html = reports::html(reports::make_view(record, conclusion, files, extras));
  if (!extras.trust.pdf) return hash.empty() ? html : signer.sealed(html, record, hash);
  const std::string pdf = to_pdf(html);
  return hash.empty() ? pdf : signer.sealed_pdf(pdf, record, hash);
}

}  // namespace

int report(const ReportOptions& options) {
  if (options.folder.empty()) throw BadInput("give the run's folder, as in `assay report first`");
  const auto record = journal::read(options.folder);
  const auto conclusion = journal::conclude(record);
  reports::Extras extras;
  extras.language = language_or_station(options.language);
  journal::Record reference;
  if (!options.reference.empty()) {
    reference = journal::read(options.reference);
    tell_if_altered(options.reference);
    extras.reference = &reference;
  }
  if (options.format != "html" && options.format != "pdf") tell_if_altered(options.folder);
  if (options.format == "html" || options.format == "pdf") {
    if (options.format == "pdf" && (options.out.empty() || options.out == "-"))
      throw BadInput("--format pdf needs a file: --out report.pdf");
    return write_out(page(options, record, conclusion, extras), options.out, Form::page), 0;
  }
  std::string text;
  if (options.format == "text") {
    if (!options.case_file.empty()) extras.sheet = read_sheet({}, options.case_file);
    text = reports::text(reports::make_view(record, conclusion, journal::RunFiles(options.folder), extras));
  } else if (options.format == "junit") {
    text = reports::junit(record, conclusion);
  } else if (options.format == "csv") {
    text = reports::csv(record);
  } else if (options.format == "prometheus") {
    text = reports::prometheus(record, conclusion);
  } else {
    text = journal::to_json(record, conclusion);
  }
  write_out(text, options.out, options.format == "json" ? Form::json : Form::text);
  return 0;
}

int verify_report(const Common& options, const std::string& path, const std::string& key_file) {
  std::vector<station::PublicKey> known = station::known_keys(station::key_folders());
  if (!key_file.empty()) {
    const auto key = station::PublicKey::from_pem(core::read_file(key_file, 1 << 16).value_or(""));
    if (!key) throw BadInput("--key " + key_file + ": no Ed25519 public key there, as `assay station key` prints it");
    known = {*key};
  }
  std::error_code error;
  if (!fs::exists(path, error))
    throw BadInput(path + ": nothing is there; give a run's folder or a report, an HTML or PDF file");
  station::Check check;
  if (fs::is_directory(path, error)) {
    check = station::check_folder(path, known);
  } else {
    const auto file = core::read_file(path, most_page);
    if (!file) throw BadInput(path + ": cannot be read");
    check = station::is_pdf(*file) ? station::check_pdf(*file, known) : station::check_page(*file, known);
  }
  const bool is_signed = !check.key.bytes.empty();
  if (options.json) {
    const ordered_json result{{"integrity", name(check.integrity)},
                              {"altered", check.altered},
                              {"notes", check.notes},
                              {"run_id", check.run_id},
                              {"tested_at", check.tested_at},
                              {"station", check.station},
                              {"key", is_signed ? check.key.fingerprint() : ""}};
    say_json(result);
  } else {
    const std::string who =
        is_signed ? fmt::format("tested at {} and signed by station {}, key {}", core::safe_text(check.tested_at, 40),
                                core::safe_text(check.station, 80), check.key.fingerprint())
                  : "";
    switch (check.integrity) {
      case Integrity::whole:
        say("Whole: %s.\n", who.c_str());
        break;
      case Integrity::unknown_key:
        say("Unknown key: it is as it was signed, %s, but this station does not know that key.\n"
            "If you do, put its public key into %s/trusted/ with a name that ends in .pub.\n",
            who.c_str(), station::folder().c_str());
        break;
      case Integrity::altered:
        say("Altered: it is not as it was signed%s%s.\n", who.empty() ? "" : ", ", who.c_str());
        break;
      case Integrity::unsigned_:
        say("Unsigned: nobody signed it.\n");
        break;
    }
    for (const std::string& part : check.altered) say("  %s\n", core::safe_text(part, 300).c_str());
    for (const std::string& note : check.notes)
      say("  not a part of what was signed: %s\n", core::safe_text(note, 300).c_str());
  }
  using core::ExitCode;
  return static_cast<int>(check.integrity == Integrity::whole     ? ExitCode::pass
                          : check.integrity == Integrity::altered ? ExitCode::fail
                                                                  : ExitCode::incomplete);
}

int show_station(const Common& options) {
  const std::string folder = station::folder();
  const station::Config config = station::load_config(folder);
  const station::PublicKey key = station::Key::load_or_make(folder).public_key();
  if (options.json) {
    say_json({{"name", config.name},
              {"folder", folder},
              {"key", key.fingerprint()},
              {"shop", config.shop_name},
              {"known_keys", station::known_keys(station::key_folders()).size()}});
    return 0;
  }
  say("station %s\nfolder  %s\nkey     %s\nshop    %s\n", core::safe_text(config.name, 80).c_str(), folder.c_str(),
      key.fingerprint().c_str(),
      config.shop_name.empty() ? "not given; see docs/reports.md" : core::safe_text(config.shop_name, 120).c_str());
  return 0;
}

int show_station_key() {
  say("%s", station::Key::load_or_make(station::folder()).public_key().pem().c_str());
  return 0;
}

}  // namespace assay::app
