#include "journal/conclusion.hpp"
#include "json.hpp"

namespace assay::journal {
namespace {

template <class List, class Convert>
Json array(const List& list, Convert convert) {
  Json result = Json::array();
  for (const auto& item : list) result.push_back(convert(item));
  return result;
}

Json finding_json(const core::Finding& f) {
  return {{"severity", core::name(f.severity)}, {"code", f.code}, {"text", f.text}, {"where", f.where},
          {"origin", core::name(f.origin)},     {"part", f.part}};
}

Json fault_json(const Fault& f) {
  return {{"finding", finding_json(f.finding)},
          {"test", f.test},
          {"subsystem", f.subsystem},
          {"target", f.target.id},
          {"trial", f.trial},
          {"seed", f.seed},
          {"parameters", to_json(f.parameters)},
          {"repeats", f.repeats},
          {"seen_again", f.seen_again},
          {"intermittent", f.intermittent()}};
}

Json measurement_json(const core::Measurement& m) {
  return {{"key", m.key},
          {"value", m.value},
          {"unit", m.unit},
          {"result", core::name(m.result)},
          {"limits", array(m.limits, [](const core::Limit& l) {
             return Json{{"is", core::name(l.comparator)}, {"value", l.value}, {"else", core::name(l.otherwise)}};
           })}};
}

Json log_json(const LogLine& l) { return {{"source", l.source}, {"level", l.level}, {"text", l.text}}; }
Json error_json(const ErrorLine& e) { return {{"symptom", e.symptom}, {"text", e.text}}; }

Json trial_json(const Trial& t) {
  Json result = to_json(t.start);
  result["end"] = t.end ? to_json(*t.end) : Json();
  result["measurements"] = array(t.measurements, measurement_json);
  result["findings"] = array(t.findings, finding_json);
  result["log"] = array(t.log, log_json);
  result["errors"] = array(t.errors, error_json);
  result["files"] = array(t.files, [](const File& f) {
    return Json{{"name", f.name}, {"uri", f.uri}, {"media_type", f.media_type}};
  });
  result["repeats"] = array(t.repeats, [](const Repeats& r) {
    return Json{{"code", r.code}, {"repeats", r.repeats}, {"seen_again", r.seen_again}};
  });
  result["failed_places"] = array(t.failed_places, [](const FailedPlace& f) { return to_json(f); });
  result["covered"] = {{"files", t.covered_files}, {"pieces", t.covered_pieces}};
  result["series"] = array(t.series, [](const SeriesSummary& s) {
    return Json{{"name", s.name},       {"unit", s.unit},   {"file", s.file}, {"count", s.count},
                {"dropped", s.dropped}, {"least", s.least}, {"mean", s.mean}, {"greatest", s.greatest}};
  });
  return result;
}

Json conclusion_json(const Conclusion& c) {
  return {{"result", core::name(c.result)},
          {"complete", c.complete},
          {"exit_code", static_cast<int>(c.exit_code)},
          {"faults", array(c.faults, fault_json)},
          {"notes", array(c.notes, fault_json)},
          {"troubles", array(c.troubles,
                             [](const Trouble& t) {
                               return Json{{"trial", t.trial},
                                           {"test", t.test},
                                           {"target", t.target},
                                           {"status", core::name(t.status)},
                                           {"reason", t.reason}};
                             })},
          {"not_tested", array(c.not_tested, [](const NotTested& n) { return to_json(n); })},
          {"subsystems", array(c.subsystems,
                               [](const Subsystem& s) {
                                 return Json{{"id", s.id},
                                             {"result", core::name(s.result)},
                                             {"trials", s.trials},
                                             {"trouble", s.trouble},
                                             {"partly", s.partly}};
                               })},
          {"coverage",
           array(c.coverage,
                 [](const Coverage& v) {
                   return Json{
                       {"test", v.test}, {"target", v.target.id}, {"key", v.key}, {"value", v.value}, {"unit", v.unit}};
                 })},
          {"shortfalls", array(c.shortfalls,
                               [](const Shortfall& s) {
                                 return Json{{"test", s.test},
                                             {"target", s.target.id},
                                             {"covered", s.covered},
                                             {"least", s.least},
                                             {"required", s.required}};
                               })},
          {"proofs", array(c.proofs,
                           [](const Proof& p) {
                             return Json{{"test", p.test},         {"injection", p.injection},
                                         {"detected", p.detected}, {"control_passed", p.control_passed},
                                         {"stand_in", p.stand_in}, {"sick", p.sick},
                                         {"proven", p.proven()},   {"reason", p.reason}};
                           })},
          {"unproven_tests", c.unproven_tests}};
}

}  // namespace

std::string to_json(const Record& r, const Conclusion& c) {
  Json start = to_json(r.start);
  start.erase("recipe");
  const Json document{{"record", record_format},
                      {"version", r.start.version},
                      {"command_line", r.start.command_line},
                      {"started_at", r.started_at},
                      {"ended_at", r.ended_at},
                      {"seconds", r.seconds},
                      {"stopped_by_user", r.stopped_by_user},
                      {"interruptions", r.interruptions},
                      {"damaged_lines", r.damaged_lines},
                      {"conclusion", conclusion_json(c)},
                      {"run", start},
                      {"log", array(r.log, log_json)},
                      {"errors", array(r.errors, error_json)},
                      {"trials", array(r.trials, trial_json)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay::journal
