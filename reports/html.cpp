// The HTML page: one file, no network. Text and layout are in templates/; everything that comes from the record is made
// safe here and goes through the template's escaping.
#include "core/base64.hpp"
#include "page_data.hpp"
#include "reports/view.hpp"
#include "template.hpp"

namespace assay::embedded {
extern const char report_page[], report_page_one[], report_findings[], report_course[], report_charts[],
    report_processor[], report_coverage[], report_trials[], report_run[];
}  // namespace assay::embedded

namespace assay::reports {
namespace {

data value(const std::string& text) { return object({{"value", text}}); }
data tick(const Tick& t) {
  data result = object({{"label", t.label}});
  return with(result, "at", t.at);
}

data finding(const FindingView& f) {
  data result = with_state(object({{"title", f.title},
                                   {"text", f.text},
                                   {"where", f.where},
                                   {"seen", f.seen},
                                   {"advice", f.advice},
                                   {"trial", f.trial},
                                   {"seed", f.seed},
                                   {"replay", f.replay}}),
                           f.state);
  if (!f.bar.empty()) {
    data bar = object({{"words", f.bar.words}});
    with(bar, "value", f.bar.value);
    with(bar, "limit", f.bar.limit);
    with(bar, "forbidden_at", f.bar.forbidden_at);
    with(bar, "forbidden_width", f.bar.forbidden_width);
    result.set("bar", bar);
  }
  result.set("lines", list(f.lines, [](const std::string& line) { return object({{"line", line}}); }));
  if (!f.lines.empty()) result.set("any_lines", data{true});
  return result;
}

data figure(const FigureView& f) {
  data result = with_state(object({{"test", f.test},
                                   {"target", f.target},
                                   {"name", f.name},
                                   {"count", f.count},
                                   {"least", f.least},
                                   {"median", f.median},
                                   {"greatest", f.greatest},
                                   {"limit", f.limit}}),
                           f.state);
  with(result, "least_value", f.least_value);
  with(result, "median_value", f.median_value);
  return with(result, "greatest_value", f.greatest_value);
}

data trial(const TrialView& t) {
  data result = with_state(object({{"id", t.id},
                                   {"test", t.test},
                                   {"target", t.target},
                                   {"purpose", t.purpose},
                                   {"status", t.status},
                                   {"duration", t.duration},
                                   {"seed", t.seed},
                                   {"reason", t.reason},
                                   {"privileges", t.privileges}}),
                           t.state);
  with(result, "seconds", t.seconds);
  result.set("measurements", list(t.measurements, [](const MeasurementView& m) {
               return with_state(object({{"name", m.name}, {"value", m.value}, {"limit", m.limit}}), m.state);
             }));
  result.set("lines", list(t.lines, [](const std::string& line) { return object({{"line", line}}); }));
  if (!t.lines.empty() || !t.measurements.empty() || !t.reason.empty() || !t.privileges.empty())
    result.set("more", data{true});
  return result;
}

data curve(const Curve& c) {
  data result = object({{"name", c.name}, {"least", c.least}, {"mean", c.mean}, {"greatest", c.greatest}});
  with(result, "shape", c.shape);
  return with(result, "style", c.style);
}

data lane(const Lane& l) {
  data result = object({{"title", l.title}});
  with(result, "title_y", l.top - 6);
  result.set("ticks", list(l.ticks, tick));
  result.set("limits", list(l.limits, tick));
  result.set("curves", list(l.curves, curve));
  return result;
}

void add_course(data& page, const TimeChart& c) {
  if (c.empty()) return;
  page.set("any_course", data{true});
  with(page, "height", c.height);
  with(page, "plot_bottom", c.plot_bottom);
  with(page, "hours_y", c.plot_bottom + 16);
  with(page, "flag_height", c.plot_bottom - 26);
  page.set("stages", list(c.stages, [](const TimeChart::Band& band) {
             data result = object({{"name", band.name}});
             with(result, "at", band.at);
             return with(result, "width", band.width);
           }));
  page.set("trial_marks", list(c.trials, [](const TimeChart::Trials& t) {
             data result = object({{"mark", t.mark}});
             return with(result, "shape", t.shape);
           }));
  page.set("hours", list(c.hours, tick));
  page.set("lanes", list(c.lanes, lane));
  if (!c.lanes.empty()) page.set("lanes_any", data{true});
  page.set("flags", list(c.flags, [](const TimeChart::Flag& f) {
             data result = object({{"time", f.time}, {"text", f.text}, {"number", std::to_string(f.number)}});
             return with(result, "at", f.at);
           }));
  if (!c.flags.empty()) page.set("any_flags", data{true});
  if (c.flags_left_out > 0) page.set("flags_left_out", value(std::to_string(c.flags_left_out)));
}

data map(const BlockMap& m) {
  data result = object({{"title", m.title}, {"summary", m.summary}});
  with(result, "box_width", m.width + 2);
  with(result, "box_height", m.height + 2);
  result.set("kinds", list(m.kinds, [](const BlockMap::Kind& k) {
               data kind = object({{"mark", k.mark}, {"name", k.name}, {"count", k.count}});
               if (k.cross) kind.set("cross", data{true});
               return with(kind, "shape", k.shape);
             }));
  result.set("places", list(m.places, value));
  if (!m.places.empty()) result.set("any_places", data{true});
  if (m.places_left_out > 0) result.set("places_left_out", value(std::to_string(m.places_left_out)));
  return result;
}

data histogram(const Histogram& h) {
  data result = object({{"title", h.title}, {"summary", h.summary}});
  result.set("rows", list(h.rows, [](const Histogram::Row& row) {
               data one = object({{"range", row.range}, {"count", row.count}});
               if (row.tail) one.set("tail", data{true});
               return with(one, "width", row.width);
             }));
  return result;
}

void add_charts(data& page, const View& v) {
  page.set("maps", list(v.maps, map));
  page.set("histograms", list(v.histograms, histogram));
  page.set("bits", list(v.bits.bits, [](const BitLanes::Bit& bit) {
             return object({{"number", std::to_string(bit.number)}, {"wrong", bit.wrong}});
           }));
  if (!v.bits.bits.empty()) page.set("any_bits", data{true});
  if (!v.maps.empty() || !v.histograms.empty() || !v.bits.bits.empty()) page.set("any_charts", data{true});
  page.set("core_groups", list(v.cores, [](const CoreGroupView& g) {
             data group = object({{"name", g.name}});
             group.set("cores", list(g.cores, [](const CoreView& c) {
                         return with_state(object({{"name", c.name}, {"detail", c.detail}}), c.state);
                       }));
             return group;
           }));
  if (!v.cores.empty() || !v.topology.empty()) page.set("any_cores", data{true});
  with(page, "topology", core::to_base64(v.topology));
}

std::string image_type(const std::string& bytes) {
  if (bytes.rfind("\x89PNG", 0) == 0) return "image/png";
  if (bytes.rfind("\xFF\xD8\xFF", 0) == 0) return "image/jpeg";
  return "image/svg+xml";
}

void add_page_one(data& page, const View& v) {
  page.set("verdict", with_state(data{data::type::object}, v.verdict));
  page.set("identity", list(v.identity, fact));
  page.set("parts", list(v.parts, [](const PartView& p) {
             return with_state(object({{"name", p.name}, {"detail", p.detail}}), p.state);
           }));
  page.set("plain_findings", list(v.plain_findings, [](const PlainFinding& f) {
             return with_state(object({{"text", f.text}}), f.state);
           }));
  if (!v.plain_findings.empty()) page.set("any_plain_findings", data{true});
  data advice{data::type::list};
  bool any_advice = false;
  const auto advise = [&](const std::string& words) {
    if (words.empty()) return;
    advice.push_back(value(words));
    any_advice = true;
  };
  for (const PlainFinding& f : v.plain_findings) advise(f.advice);
  for (const std::string& words : v.sheet.advice) advise(words);
  page.set("advice", advice);
  if (any_advice) page.set("any_advice", data{true});
  page.set("done", list(v.done, value));
  page.set("plain_gaps", list(v.plain_gaps, [](const PlainGap& gap) {
             data result = object({{"what", gap.what}, {"why", gap.why}});
             if (gap.required) result.set("required", data{true});
             return result;
           }));
  with(page, "logo", core::to_base64(v.sheet.shop.logo));
  with(page, "logo_type", image_type(v.sheet.shop.logo));
  with(page, "record_short", v.signature.record_sha256.substr(0, 32));
  with(page, "qr_shape", v.qr_shape);
  with(page, "qr_room", v.qr_size + 8);
}

void add_details(data& page, const View& v) {
  page.set("facts", list(v.facts, fact));
  page.set("coverage", list(v.coverage, fact));
  page.set("inventory", list(v.inventory, fact));
  page.set("inventory_changes", list(v.inventory_changes, fact));
  page.set("plugins", list(v.plugins, fact));
  page.set("privileged", list(v.privileged, fact));
  if (!v.privileged.empty()) page.set("any_privileged", data{true});
  page.set("refused", list(v.refused, fact));
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
  page.set("figures", list(v.figures, figure));
  page.set("trials", list(v.trials, trial));
  for (const auto& [name, present] : {std::pair<const char*, bool>{"any_findings", !v.findings.empty()},
                                      {"any_troubles", !v.troubles.empty()},
                                      {"any_refused", !v.refused.empty()},
                                      {"any_proofs", !v.proofs.empty()},
                                      {"any_changes", !v.inventory_changes.empty()},
                                      {"any_notes", !v.notes.empty()}})
    if (present) page.set(name, data{true});
}

}  // namespace

std::string html(const View& v) {
  const Language language(v.language);
  data page = object({{"language", v.language},
                      {"headline", v.headline},
                      {"trust", v.trust},
                      {"narrowed", v.narrowed},
                      {"newer", v.newer},
                      {"all_tested", v.all_tested},
                      {"snapshot", v.snapshot},
                      {"rehearsal", v.rehearsal},
                      {"unfinished", v.unfinished},
                      {"more_findings", v.more_findings},
                      {"nothing_found", v.nothing_found},
                      {"cores_left_out", v.cores_left_out},
                      {"more_gaps", v.more_gaps},
                      {"complaint", v.sheet.complaint},
                      {"reproduced", v.reproduced},
                      {"next_date", v.next_date},
                      {"shop_name", v.sheet.shop.name},
                      {"shop_address", v.sheet.shop.address},
                      {"shop_contact", v.sheet.shop.contact},
                      {"station", v.signature.station},
                      {"fingerprint", v.signature.fingerprint},
                      {"record_sha256", v.signature.record_sha256},
                      {"seal", v.seal},
                      {"seal_on_paper", v.seal_on_paper},
                      {"unsigned", v.unsigned_because},
                      {"qr_text", v.qr_text},
                      {"inventory_reference", v.inventory_reference},
                      {"proof", v.proof}});
  add_frame(page);
  add_page_one(page, v);
  add_course(page, v.course);
  add_charts(page, v);
  add_details(page, v);
  for (const auto& [name, text] : {std::pair{"page_one", embedded::report_page_one},
                                   {"findings", embedded::report_findings},
                                   {"course", embedded::report_course},
                                   {"charts", embedded::report_charts},
                                   {"processor", embedded::report_processor},
                                   {"coverage", embedded::report_coverage},
                                   {"trials", embedded::report_trials},
                                   {"run", embedded::report_run}}) {
    const std::string part = in_words_of(text, language);
    page.set("part_" + std::string(name), data{kainjow::mustache::partial{[part] { return std::string(part); }}});
  }
  kainjow::mustache::mustache whole{in_words_of(embedded::report_page, language)};
  return whole.render(page);
}

}  // namespace assay::reports
