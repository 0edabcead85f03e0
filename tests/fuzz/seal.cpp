// The seals of pages and PDF files: as somebody forges them, and as a key signed them over anything.
#include "core/base64.hpp"
#include "fuzz.hpp"
#include "station/check.hpp"
#include "station/pdf_seal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  static const fuzz::Folder folder;
  static const station::Key key = station::Key::load_or_make(folder.path());
  const std::string given(fuzz::text_of(data, size));
  const std::vector<station::PublicKey> known{key.public_key()};
  fuzz::require(station::check_page(given, known).integrity != station::Integrity::whole);
  fuzz::require(station::check_pdf(given, known).integrity != station::Integrity::whole);
  const std::string statement = core::to_base64(given), signature = core::to_base64(key.sign(given));
  station::check_page(
      station::with_seal("<html><section>1</section></html>", statement, signature, key.public_key().base64()), known);
  station::check_pdf(
      station::with_pdf_seal("%PDF-1.4\nstartxref\n0\n%%EOF\n", statement, signature, key.public_key().base64()),
      known);
  return 0;
}
