#include "page_data.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "core/base64.hpp"
#include "core/text.hpp"

namespace assay::embedded {
extern const char report_style[], report_script[], report_glyphs[];
}

namespace assay::reports {
namespace {

constexpr size_t most_text = 4000;

std::string policy_hash(std::string_view content) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_Digest(content.data(), content.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(),
             nullptr);
  return core::to_base64({digest.data(), size});
}

}  // namespace

data object(std::initializer_list<std::pair<const char*, std::string>> fields) {
  data result{data::type::object};
  for (const auto& [name, value] : fields) {
    result.set(name, core::safe_text(value, most_text, true));
    if (!value.empty()) result.set(std::string("has_") + name, data{true});
  }
  return result;
}

data& with(data& object_, const char* name, const std::string& value) {
  object_.set(name, value);
  if (!value.empty()) object_.set(std::string("has_") + name, data{true});
  return object_;
}

data& with(data& object_, const char* name, double value) { return with(object_, name, fmt::format("{:.6g}", value)); }

data with_state(data object_, const State& state) {
  object_.set("word", state.word);
  object_.set("mark", state.mark);
  return object_;
}

data fact(const Fact& f) { return object({{"name", f.name}, {"value", f.value}}); }

void add_frame(data& page) {
  page.set("style", std::string(embedded::report_style));
  page.set("style_hash", policy_hash(embedded::report_style));
  page.set("script", std::string(embedded::report_script));
  page.set("script_hash", policy_hash(embedded::report_script));
  page.set("glyphs", std::string(embedded::report_glyphs));
}

}  // namespace assay::reports
