// The page of a comparison.
#include <fmt/format.h>

#include "page_data.hpp"
#include "reports/compare.hpp"
#include "template.hpp"

namespace assay::embedded {
extern const char report_compare[];
}

namespace assay::reports {

std::string comparison_html(const ComparisonView& v) {
  const Language language(v.language);
  data page =
      object({{"language", v.language}, {"headline", v.headline}, {"method", v.method}, {"caution", v.caution}});
  add_frame(page);
  page.set("verdict", with_state(data{data::type::object}, v.verdict));
  page.set("sides", list(v.sides, fact));
  page.set("conditions", list(v.conditions, fact));
  page.set("inventory", list(v.inventory, fact));
  page.set("findings", list(v.findings, [](const FindingChange& f) {
             return with_state(object({{"title", f.title}, {"text", f.text}, {"seen", f.seen}}), f.state);
           }));
  page.set("figures", list(v.figures, [](const FigureChange& f) {
             return with_state(object({{"test", f.test},
                                       {"target", f.target},
                                       {"name", f.name},
                                       {"before", f.before},
                                       {"after", f.after},
                                       {"change", f.change},
                                       {"interval", f.interval},
                                       {"p", fmt::format("{:.2g}", f.p)},
                                       {"samples", fmt::format("{}, {}", f.samples_before, f.samples_after)}}),
                               f.state);
           }));
  for (const auto& [name, present] : {std::pair<const char*, bool>{"any_conditions", !v.conditions.empty()},
                                      {"any_findings", !v.findings.empty()},
                                      {"any_inventory", !v.inventory.empty()}})
    if (present) page.set(name, data{true});
  kainjow::mustache::mustache whole{in_words_of(embedded::report_compare, language)};
  return whole.render(page);
}

}  // namespace assay::reports
