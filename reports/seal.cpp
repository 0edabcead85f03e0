// What ties a printed page to its record: a QR code with the run, the verdict and the record's hash. It names nobody.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <qrcodegen/qrcodegen.hpp>

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

}  // namespace

void add_seal(const Source& s, View& view) {
  const Trust& trust = s.extras.trust;
  if (trust.record_sha256.empty()) return;
  view.qr_text = alphanumeric(fmt::format("ASSAY:{}:{}:{}:{}:{}", s.extras.sheet.case_number.substr(0, 24),
                                          s.record.start.run_id.substr(0, 32),
                                          s.record.start.rehearsal ? "rehearsal" : core::name(s.conclusion.result),
                                          s.record.started_at.substr(0, 10), trust.record_sha256.substr(0, 32)));
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
