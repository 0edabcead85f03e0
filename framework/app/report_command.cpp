// assay report, assay report verify, assay station: pages from records, and who signed them.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "case_sheet.hpp"
#include "commands.hpp"
#include "core/durable_folder.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "journal/chain.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "pdf.hpp"
#include "reports/view.hpp"
#include "run_folder.hpp"
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

/// A run as it was read, once: what is drawn, checked and signed are the same bytes.
struct ReadRun {
  std::optional<core::DurableFolder> folder;  // nothing when only a journal's file was given
  std::string journal_sha256;
  journal::Record record;

  explicit ReadRun(const std::string& run) {
    std::error_code error;
    if (fs::is_directory(run, error)) folder.emplace(run);
    const std::string journal = journal::read_text(folder ? folder->path() : run, run);
    journal_sha256 = core::sha256(journal);
    record = journal::fold(journal, run);
  }
  /// The folder by its manifest; a journal that was another when it was read counts as altered.
  station::Check check(const std::vector<station::PublicKey>& known) const {
    if (!folder) return {};
    station::Check check = station::check_folder(*folder, known);
    const bool vouched = check.integrity == Integrity::whole || check.integrity == Integrity::unknown_key;
    if (!vouched || check.files["journal.jsonl"] == journal_sha256) return check;
    check.integrity = Integrity::altered;
    check.altered.emplace_back("journal.jsonl: changed while it was read");
    return check;
  }
};

/// Whether this station may sign a page of the run. It may when the record is as this very station signed it: a
/// signature says that the station saw the run, not that it can draw. `files`: those that the page may be drawn from,
/// when it may be signed.
reports::Trust trust(const ReportOptions& options, const ReadRun& run, const ReadRun* reference, const Signer& signer,
                     std::map<std::string, std::string>& files) {
  const auto refused = [&options](Unsigned reason, const std::string& folder, const char* what) {
    complain("assay: the page is not signed: the record in %s %s; see `assay report verify`\n",
             (folder.empty() ? options.folder : folder).c_str(), what);
    return reports::Trust{"", "", "", reason};
  };
  if (!signer.has_key()) return {"", "", "", Unsigned::no_key};
  if (!run.folder) return {};
  const auto check = run.check({signer.public_key()});
  if (check.integrity == Integrity::altered) return refused(Unsigned::altered, "", "is altered");
  if (check.integrity == Integrity::unknown_key)
    return refused(Unsigned::other_signer, "", "was signed by another user or station");
  if (check.integrity == Integrity::unsigned_) return {"", "", "", Unsigned::never};
  // What the page says of another run must be as sound as what it says of this one.
  if (reference != nullptr &&
      reference->check(station::known_keys(station::key_folders())).integrity != Integrity::whole)
    return refused(Unsigned::other_run, options.reference, "is not vouched for");
  files = check.files;
  return signer.trust(check.record_sha256);
}

/// Draws the page anew, as HTML or PDF, sealed where it may be.
std::string page(const ReportOptions& options, const ReadRun& run, const ReadRun* reference,
                 const journal::Conclusion& conclusion, reports::Extras extras) {
  const Signer signer;
  std::map<std::string, std::string> sealed;
  extras.sheet = read_sheet(signer.config(), options.case_file);
  extras.trust = trust(options, run, reference, signer, sealed);
  extras.trust.pdf = options.format == "pdf";
  const std::string hash = extras.trust.record_sha256;
  const journal::RunFiles files =
      hash.empty() ? journal::RunFiles(options.folder) : journal::RunFiles(run.folder->path(), std::move(sealed));
  const std::string html = reports::html(reports::make_view(run.record, conclusion, files, extras));
  if (!extras.trust.pdf) return hash.empty() ? html : signer.sealed(html, run.record, hash);
  const std::string pdf = to_pdf(html);
  return hash.empty() ? pdf : signer.sealed_pdf(pdf, run.record, hash);
}

/// What resume would do about a run that nobody signed; empty when there is nothing to do.
std::string unfinished(const std::string& run) {
  try {
    const core::DurableFolder folder(run);
    const std::string journal = journal::read_text(folder.path(), run);
    if (!journal::fold(journal, run).finished()) return "the run is not finished";
    // A journal whose last link is signed is of a run that is to be sealed.
    const bool to_be_signed = !journal::check_chain(journal).signature.empty();
    return is_closed(folder, to_be_signed) ? "" : "the run has ended, and what it leaves is not all written";
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

int report(const ReportOptions& options) {
  if (options.folder.empty()) throw BadInput("give the run's folder, as in `assay report first`");
  const ReadRun run(options.folder);
  const journal::Record& record = run.record;
  const auto conclusion = journal::conclude(record);
  reports::Extras extras;
  extras.language = language_or_station(options.language);
  std::optional<ReadRun> reference;
  if (!options.reference.empty()) {
    reference.emplace(options.reference);
    tell_if_altered(options.reference);
    extras.reference = &reference->record;
  }
  if (options.format != "html" && options.format != "pdf") tell_if_altered(options.folder);
  if (options.format == "html" || options.format == "pdf") {
    if (options.format == "pdf" && (options.out.empty() || options.out == "-"))
      throw BadInput("--format pdf needs a file: --out report.pdf");
    return write_out(page(options, run, reference ? &*reference : nullptr, conclusion, extras), options.out,
                     Form::page),
           0;
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
  std::string left_to_do;
  if (fs::is_directory(path, error)) {
    check = station::check_folder(path, known);
    if (check.integrity == Integrity::unsigned_) left_to_do = unfinished(path);
    if (!left_to_do.empty()) check.notes = {"not finished: " + left_to_do + "; `assay resume` goes on with it"};
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
        if (left_to_do.empty())
          say("Unsigned: nobody signed it.\n");
        else
          say("Not finished: %s, and nobody signed it yet. `assay resume %s` goes on with it.\n", left_to_do.c_str(),
              core::shell_word(path).c_str());
        break;
    }
    for (const std::string& part : check.altered) say("  %s\n", core::safe_text(part, 300).c_str());
    for (const std::string& note : left_to_do.empty() ? check.notes : std::vector<std::string>{})
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
