// The report as one self-contained page. Text and layout are in templates/; everything that comes from the record goes
// through the template's escaping.
#include <openssl/evp.h>

#include <kainjow/mustache.hpp>

#include "reports/view.hpp"

namespace assay::embedded {
extern const char report_page[];
extern const char report_style[];
}  // namespace assay::embedded

namespace assay::reports {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

/// The style's hash for the page's content security policy: nothing but this style may act.
std::string style_hash() {
  const std::string style = embedded::report_style;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(style.data(), style.size(), digest, &size, EVP_sha256(), nullptr);
  std::string base64(4 * ((size + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), digest, static_cast<int>(size));
  base64.resize(static_cast<size_t>(length));
  return base64;
}

template <class List, class Convert>
data list(const List& items, Convert convert) {
  data result{data::type::list};
  for (const auto& item : items) result.push_back(convert(item));
  return result;
}

data object(std::initializer_list<std::pair<const char*, std::string>> fields) {
  data result{data::type::object};
  for (const auto& [name, value] : fields) {
    result.set(name, value);
    if (!value.empty()) result.set(std::string("has_") + name, data{true});
  }
  return result;
}

data with_state(data object_, const State& state) {
  object_.set("word", state.word);
  object_.set("mark", state.mark);
  return object_;
}

data fact(const Fact& f) { return object({{"name", f.name}, {"value", f.value}}); }

data finding(const FindingView& f) {
  return with_state(object({{"title", f.title},
                            {"text", f.text},
                            {"where", f.where},
                            {"seen", f.seen},
                            {"advice", f.advice},
                            {"replay", f.replay}}),
                    f.state);
}

data trial(const TrialView& t) {
  data result = with_state(object({{"id", t.id},
                                   {"test", t.test},
                                   {"target", t.target},
                                   {"purpose", t.purpose},
                                   {"status", t.status},
                                   {"seconds", t.seconds},
                                   {"seed", t.seed},
                                   {"reason", t.reason}}),
                           t.state);
  result.set("measurements", list(t.measurements, [](const MeasurementView& m) {
               return with_state(object({{"name", m.name}, {"value", m.value}, {"limit", m.limit}}), m.state);
             }));
  result.set("lines", list(t.lines, [](const std::string& line) { return object({{"line", line}}); }));
  if (!t.lines.empty() || !t.measurements.empty() || !t.reason.empty()) result.set("more", data{true});
  return result;
}

}  // namespace

std::string html(const View& v) {
  data page = with_state(object({{"language", v.language},
                                 {"headline", v.headline},
                                 {"trust", v.trust},
                                 {"narrowed", v.narrowed},
                                 {"all_tested", v.all_tested},
                                 {"snapshot", v.snapshot},
                                 {"rehearsal", v.rehearsal},
                                 {"unfinished", v.unfinished},
                                 {"proof", v.proof}}),
                         v.verdict);
  page.set("style", std::string(embedded::report_style));
  page.set("style_hash", style_hash());
  page.set("facts", list(v.facts, fact));
  page.set("coverage", list(v.coverage, fact));
  page.set("inventory", list(v.inventory, fact));
  page.set("plugins", list(v.plugins, fact));
  page.set("refused", list(v.refused, fact));
  page.set("subsystems", list(v.subsystems, [](const View::SubsystemView& s) {
             return with_state(object({{"name", s.name}, {"detail", s.detail}}), s.state);
           }));
  page.set("findings", list(v.findings, finding));
  page.set("notes", list(v.notes, finding));
  page.set("not_tested", list(v.not_tested, [](const NotTestedView& n) {
             data result = object({{"what", n.what}, {"why", n.why}});
             if (n.required) result.set("required", data{true});
             return result;
           }));
  page.set("proofs", list(v.proofs, [](const ProofView& p) {
             return with_state(object({{"test", p.test}, {"injection", p.injection}, {"outcome", p.outcome}}), p.state);
           }));
  page.set("troubles", list(v.troubles, [](const TroubleView& t) {
             return object({{"what", t.what}, {"status", t.status}, {"reason", t.reason}, {"trial", t.trial}});
           }));
  page.set("trials", list(v.trials, trial));
  for (const auto& [name, present] : {std::pair<const char*, bool>{"any_findings", !v.findings.empty()},
                                      {"any_troubles", !v.troubles.empty()},
                                      {"any_refused", !v.refused.empty()},
                                      {"any_proofs", !v.proofs.empty()},
                                      {"any_notes", !v.notes.empty()}})
    if (present) page.set(name, data{true});
  mustache whole{std::string(embedded::report_page)};
  return whole.render(page);
}

}  // namespace assay::reports
