#include "station/pdf_seal.hpp"

#include <nlohmann/json.hpp>

#include "core/base64.hpp"
#include "core/text.hpp"

namespace assay::station {
namespace {

using nlohmann::ordered_json;

constexpr const char* opening = "\n%assay-seal ";
constexpr const char* ending = "startxref";

/// "startxref", the place of the table, "%%EOF": what a PDF file ends with; empty if it does not.
std::string end_of(const std::string& pdf) {
  const size_t at = pdf.rfind(ending);
  return at == std::string::npos || pdf.size() - at > 64 || pdf.find("%%EOF", at) == std::string::npos ? ""
                                                                                                       : pdf.substr(at);
}

}  // namespace

bool is_pdf(const std::string& bytes) { return bytes.rfind("%PDF-", 0) == 0; }

std::string with_pdf_seal(const std::string& pdf, const std::string& statement, const std::string& signature,
                          const std::string& key) {
  const ordered_json seal{{"statement", statement}, {"signature", signature}, {"key", key}};
  return pdf + opening + seal.dump() + "\n" + end_of(pdf);
}

std::string seal_pdf(const std::string& pdf, const PageOrigin& origin, const Key& key) {
  if (end_of(pdf).empty()) return pdf;
  const std::string statement = ordered_json{
      {"format", 1},
      {"run_id", origin.run_id},
      {"station", origin.station_name},
      {"tested_at", origin.tested_at},
      {"record_sha256", origin.record_sha256},
      {"pdf_sha256",
       core::sha256(pdf)}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return with_pdf_seal(pdf, core::to_base64(statement), core::to_base64(key.sign(statement)),
                       key.public_key().base64());
}

std::string take_pdf_seal(std::string& pdf) {
  const size_t begin = pdf.rfind(opening);
  if (begin == std::string::npos) return "";
  const size_t text = begin + std::char_traits<char>::length(opening);
  std::string seal = pdf.substr(text, pdf.find('\n', text) - text);
  pdf.erase(begin);
  return seal;
}

}  // namespace assay::station
