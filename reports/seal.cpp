// What ties a printed page to its record: a QR code with the run, the verdict and the record's hash. It names nobody.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <qrcodegen/qrcodegen.hpp>

#include "moment.hpp"
#include "source.hpp"

namespace assay::reports {
namespace {

/// Upper case letters, digits and some signs: QR codes hold these in little room.
std::string alphanumeric(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:").find(c) == std::string_view::npos) c = '-';
  }
  return text;
}

/// What is missing, and what to do.
std::string why_unsigned(Trust::Unsigned reason, const Language& l) {
  switch (reason) {
    case Trust::Unsigned::never:
      return l.say("The run's record was not signed when the run ended.");
    case Trust::Unsigned::altered:
      return l.say("The run's record is not as it was signed; `assay report verify` names what was altered.");
    case Trust::Unsigned::other_signer:
      return l.say(
          "The run's record was signed by another user or station than drew this page. The signed report is "
          "report.html in the run's folder; for a signed copy, draw it as the user who made the run.");
    case Trust::Unsigned::other_run:
      return l.say(
          "The record of the run that it is compared with is not vouched for by a station that is known here.");
    case Trust::Unsigned::no_key:
      return l.say("This station has no key to sign with.");
    case Trust::Unsigned::not_tied:
      return l.say("A part of the run's journal was not written by this station, so that it signs none of it.");
    case Trust::Unsigned::no_reason:
      break;
  }
  return "";
}

}  // namespace

void add_seal(const Source& s, View& view) {
  const Trust& trust = s.extras.trust;
  if (trust.fingerprint.empty()) {
    view.unsigned_because = why_unsigned(trust.reason, s.l);
  } else {
    view.seal = s.l.say("This file carries the station's seal; `assay report verify` checks it.");
    view.seal_on_paper =
        trust.pdf ? view.seal
                  : s.l.say("A printed page carries no seal: the signed report is report.html in the run's folder.");
  }
  if (trust.record_sha256.empty()) return;
  view.qr_text = alphanumeric(fmt::format(
      "ASSAY:{}:{}:{}:{}:{}", s.extras.sheet.case_number.substr(0, 24), s.record.start.run_id.substr(0, 32),
      s.record.start.rehearsal ? "rehearsal" : core::name(s.conclusion.result),
      local_time(s.record.started_at, s.record.start.zone).substr(0, 10), trust.record_sha256.substr(0, 32)));
  const auto code = qrcodegen::QrCode::encodeText(view.qr_text.c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
  view.qr_size = code.getSize();
  for (int y = 0; y < code.getSize(); ++y)
    for (int x = 0; x < code.getSize(); ++x) {
      int end = x;
      while (end < code.getSize() && code.getModule(end, y)) ++end;
      if (end > x) view.qr_shape += fmt::format("M{} {}h{}v1h-{}z", x, y, end - x, end - x);
      x = std::max(x, end - 1);
    }
}

}  // namespace assay::reports
