#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "document/document.hpp"
#include "watch/kernel_log.hpp"

namespace assay::embedded {
extern const char kernel_rules[];
extern const char kernel_rules_schema[];
}  // namespace assay::embedded

namespace assay::watch {
namespace {

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatch {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

}  // namespace

struct KernelRules::Compiled {
  std::string id, part, text;
  core::Result severity;
  std::unique_ptr<pcre2_code, FreeCode> code;
  std::unique_ptr<pcre2_match_data, FreeMatch> data;
};

KernelRules::KernelRules() = default;
KernelRules::~KernelRules() = default;
KernelRules::KernelRules(KernelRules&&) noexcept = default;
KernelRules& KernelRules::operator=(KernelRules&&) noexcept = default;
size_t KernelRules::count() const { return rules_.size(); }

KernelRules KernelRules::built_in() { return parse("kernel.toml", embedded::kernel_rules); }

KernelRules KernelRules::parse(const std::string& path, const std::string& toml) {
  const auto document = document::Document::parse(path, toml, embedded::kernel_rules_schema);
  const auto root = core::parse_json(document.json(), path);
  KernelRules rules;
  for (size_t i = 0; i < root["rule"].size(); ++i) {
    const auto& given = root["rule"][i];
    const std::string pattern = given["pattern"];
    int fault = 0;
    PCRE2_SIZE offset = 0;
    Compiled rule;
    rule.id = given["id"];
    rule.part = given["part"];
    rule.text = given["text"];
    rule.severity = given["says"] == "fail"       ? core::Result::fail
                    : given["says"] == "marginal" ? core::Result::marginal
                                                  : core::Result::none;
    // Further on in a message stand names that anybody may have chosen: what is no beginning is no match.
    rule.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.c_str()), pattern.size(), PCRE2_ANCHORED, &fault,
                                  &offset, nullptr));
    if (rule.code == nullptr) {
      PCRE2_UCHAR message[200];
      pcre2_get_error_message(fault, message, sizeof message);
      throw core::BadInput(document.place("/rule/" + std::to_string(i) + "/pattern") + ": " +
                           reinterpret_cast<char*>(message) + " at character " + std::to_string(offset));
    }
    pcre2_jit_compile(rule.code.get(), PCRE2_JIT_COMPLETE);
    rule.data.reset(pcre2_match_data_create_from_pattern(rule.code.get(), nullptr));
    rules.rules_.push_back(std::move(rule));
  }
  return rules;
}

bool KernelRules::match(std::string_view message, KernelEvent& event) const {
  for (const Compiled& rule : rules_) {
    const int groups = pcre2_match(rule.code.get(), reinterpret_cast<PCRE2_SPTR>(message.data()), message.size(), 0, 0,
                                   rule.data.get(), nullptr);
    if (groups < 1) continue;
    event.rule = rule.id;
    event.part = rule.part;
    event.severity = rule.severity;
    event.text = rule.text;
    // {1} in the rule's sentence is what its first group matched: the device's name.
    const PCRE2_SIZE* place = pcre2_get_ovector_pointer(rule.data.get());
    if (const auto brace = event.text.find("{1}"); brace != std::string::npos) {
      const bool matched = groups > 1 && place[2] != PCRE2_UNSET && place[3] > place[2];
      event.text.replace(brace, 3,
                         matched ? core::safe_text(message.substr(place[2], place[3] - place[2]), 100) : "a device");
    }
    return true;
  }
  return false;
}

}  // namespace assay::watch
