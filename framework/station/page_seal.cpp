#include "station/page_seal.hpp"

#include <nlohmann/json.hpp>

#include "core/base64.hpp"
#include "core/text.hpp"

namespace assay::station {
namespace {

using nlohmann::ordered_json;

constexpr const char* opening = "<script type=\"application/json\" id=\"assay-seal\">";
constexpr const char* closing = "</script>\n";
constexpr const char* section = "<section id=\"";

}  // namespace

std::string with_seal(const std::string& html, const std::string& statement, const std::string& signature,
                      const std::string& key) {
  const ordered_json seal{{"statement", statement}, {"signature", signature}, {"key", key}};
  const size_t at = std::min(html.rfind("</body>"), html.size());
  return html.substr(0, at) + opening + seal.dump() + closing + html.substr(at);
}

std::vector<std::pair<std::string, std::string>> page_parts(const std::string& html) {
  std::vector<std::pair<std::string, std::string>> parts;
  std::string name = "head";
  for (size_t begin = 0; begin < html.size();) {
    const size_t end = std::min(html.find(section, begin + 1), html.size());
    parts.emplace_back(name, html.substr(begin, end - begin));
    const size_t id = end + std::char_traits<char>::length(section);
    if (id < html.size()) name = "section " + core::safe_text(html.substr(id, html.find('"', id) - id), 60);
    begin = end;
  }
  return parts;
}

std::string seal_page(const std::string& html, const PageOrigin& origin, const Key& key) {
  ordered_json parts = ordered_json::array();
  for (const auto& [name, text] : page_parts(html)) parts.push_back({{"name", name}, {"sha256", core::sha256(text)}});
  const std::string statement = ordered_json{
      {"format", 1},
      {"run_id", origin.run_id},
      {"station", origin.station_name},
      {"tested_at", origin.tested_at},
      {"record_sha256", origin.record_sha256},
      {"parts", parts}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return with_seal(html, core::to_base64(statement), core::to_base64(key.sign(statement)), key.public_key().base64());
}

std::string take_seal(std::string& html) {
  const size_t begin = html.rfind(opening);
  if (begin == std::string::npos) return "";
  const size_t text = begin + std::char_traits<char>::length(opening), end = html.find(closing, text);
  if (end == std::string::npos) return "";
  std::string seal = html.substr(text, end - text);
  html.erase(begin, end + std::char_traits<char>::length(closing) - begin);
  return seal;
}

}  // namespace assay::station
