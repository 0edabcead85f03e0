#include "json.hpp"

#include <algorithm>

#include "core/json.hpp"

namespace assay::journal {
namespace {

/// Seconds, within bounds that a clock can count: a journal may come from anywhere.
double seconds(const Json& json) { return std::clamp(json.get<double>(), 0.0, 1e9); }

Json to_json(const TestInfo::Measurement& m);
Json to_json(const TestInfo::Injection& i);
Json to_json(const PluginInfo& p);
Json to_json(const RefusedPlugin& p);

template <class List>
Json array(const List& list) {
  Json result = Json::array();
  for (const auto& item : list) result.push_back(to_json(item));
  return result;
}

Json to_json(const TestInfo::Measurement& m) {
  return {{"key", m.key}, {"unit", m.unit}, {"title", journal::to_json(m.title)}, {"coverage", m.coverage}};
}
Json to_json(const TestInfo::Injection& i) { return {{"id", i.id}, {"title", journal::to_json(i.title)}}; }
Json to_json(const PluginInfo& p) {
  Json json{{"id", p.id}, {"version", p.version}, {"vendor", p.vendor}, {"file", p.file}, {"sha256", p.sha256}};
  for (const LibraryInfo& l : p.libraries) json["libraries"].push_back({{"file", l.file}, {"sha256", l.sha256}});
  return json;
}

PluginInfo plugin_info(const Json& json) {
  PluginInfo plugin{json.at("id"), json.at("version"), json.at("vendor"), json.at("file"), json.at("sha256")};
  for (const Json& l : json.value("libraries", Json::array()))
    plugin.libraries.push_back({l.at("file"), l.at("sha256")});
  return plugin;
}
Json to_json(const RefusedPlugin& p) { return {{"file", p.file}, {"reason", p.reason}}; }

TestInfo test_info(const Json& json) {
  TestInfo test{json.at("id"),
                json.at("plugin"),
                json.at("subsystem"),
                json.at("binds"),
                json.at("effect"),
                local_text(json.at("title")),
                local_text(json.at("description")),
                local_text(json.at("advice")),
                {},
                {},
                json.value("least_coverage", 0.0),
                json.value("extent", std::vector<std::string>{"duration"})};  // as older records mean it
  for (const Json& m : json.at("measurements"))
    test.measurements.push_back({m.at("key"), m.at("unit"), local_text(m.at("title")), m.at("coverage")});
  for (const Json& i : json.at("injections")) test.injections.push_back({i.at("id"), local_text(i.at("title"))});
  return test;
}

}  // namespace

Json to_json(const core::LocalText& text) {
  Json result = Json::object();
  for (const auto& [language, words] : text) result[language] = words;
  return result;
}

Json to_json(const core::Value& given) {
  return std::visit([](const auto& plain) { return Json(plain); }, given);
}

Json to_json(const core::Values& values) {
  Json result = Json::object();
  for (const auto& [key, given] : values) result[key] = to_json(given);
  return result;
}

Json to_json(const TestInfo& test) {
  return {{"id", test.id},
          {"plugin", test.plugin},
          {"subsystem", test.subsystem},
          {"binds", test.binds},
          {"effect", test.effect},
          {"title", to_json(test.title)},
          {"description", to_json(test.description)},
          {"advice", to_json(test.advice)},
          {"measurements", array(test.measurements)},
          {"injections", array(test.injections)},
          {"least_coverage", test.least_coverage},
          {"extent", test.extent}};
}

Json to_json(const NotTested& n) {
  return {{"test", n.test},     {"target", n.target},     {"category", n.category},
          {"reason", n.reason}, {"required", n.required}, {"operators", n.operators}};
}

Json to_json(const Planned& p) {
  return {{"test", p.test},
          {"target", p.target},
          {"serial", p.serial},
          {"required", p.required},
          {"stage", p.stage},
          {"entry", p.entry},
          {"least_coverage", p.least_coverage}};
}

Json to_json(const TrialStart& s) {
  Json json{{"id", s.id},
            {"test", s.test},
            {"target",
             {{"id", s.target.id},
              {"kind", s.target.kind},
              {"title", s.target.title},
              {"attributes", s.target.attributes},
              {"stand_in", s.target.stand_in}}},
            {"seed", s.seed},
            {"purpose", core::name(s.purpose)},
            {"injection", s.injection},
            {"stage", s.stage},
            {"entry", s.entry},
            {"round", s.round},
            {"confirms", s.confirms},
            {"required", s.required},
            {"if_present", s.if_present},
            {"parameters", to_json(s.parameters)},
            {"at_seconds", s.at_seconds}};
  if (!s.privileges.empty()) json["privileges"] = s.privileges;
  return json;
}

Json to_json(const TrialEnd& e) {
  return {{"status", core::name(e.status)},
          {"result", core::name(e.result)},
          {"reason", e.reason},
          {"category", e.category},
          {"seconds", e.seconds},
          {"cpu_seconds", e.cpu_seconds},
          {"most_memory_bytes", e.most_memory}};
}

Json to_json(const FailedPlace& f) {
  return {{"code", f.code},
          {"space", f.place.space},
          {"first", f.place.first},
          {"end", f.place.end},
          {"piece", f.place.piece}};
}

Json to_json(const RunStart& s) {
  Json signals = Json::array();
  for (const SignalInfo& i : s.signals)
    signals.push_back({{"name", i.name}, {"kind", i.kind}, {"unit", i.unit}, {"file", i.file}, {"high", i.high}});
  Json json{{"format", s.format},
            {"run_id", s.run_id},
            {"plan", {{"id", s.plan_id}, {"title", to_json(s.plan_title)}, {"seconds", s.planned_seconds}}},
            {"seed", s.seed},
            {"rehearsal", s.rehearsal},
            {"machine", s.machine.empty() ? Json::object() : core::parse_ordered_json(s.machine, "the machine")},
            {"recipe", s.recipe.empty() ? Json::object() : core::parse_ordered_json(s.recipe, "the recipe")},
            {"tests", array(s.tests)},
            {"plugins", array(s.plugins)},
            {"refused", array(s.refused)},
            {"not_tested", array(s.not_tested)},
            {"planned", array(s.planned)},
            {"again", s.again},
            {"consent",
             {{"scratch", s.consent.scratch},
              {"destructive", s.consent.destructive},
              {"backup", s.consent.backup},
              {"erase", s.consent.erase}}},
            {"signals", signals},
            {"narrowed", s.narrowed}};
  if (s.zone) json["zone"] = {{"name", s.zone->name}, {"minutes_east", s.zone->minutes_east}};
  return json;
}

core::LocalText local_text(const Json& json) {
  core::LocalText text;
  for (const auto& [language, words] : json.items()) text[language] = words.get<std::string>();
  return text;
}

TrialStart trial_start(const Json& json) {
  const Json& target = json.at("target");
  TrialStart start;
  start.id = json.at("id");
  start.test = json.at("test");
  start.target = {target.at("id"), target.at("kind"), target.at("title"),
                  target.at("attributes").get<std::map<std::string, std::string>>(), target.at("stand_in")};
  start.seed = whole<uint64_t>(json.at("seed"));
  start.purpose = core::purpose_from(json.at("purpose").get<std::string>()).value_or(core::Purpose::test);
  start.injection = json.at("injection");
  start.stage = json.at("stage");
  start.entry = whole<int>(json.at("entry"));
  start.round = whole<int>(json.at("round"));
  start.confirms = json.at("confirms");
  start.required = json.at("required");
  start.if_present = json.value("if_present", false);
  for (const auto& [key, given] : json.at("parameters").items()) start.parameters[key] = core::to_value(given, key);
  start.at_seconds = seconds(json.at("at_seconds"));
  start.privileges = json.value("privileges", std::vector<std::string>{});
  return start;
}

TrialEnd trial_end(const Json& json) {
  return {core::status_from(json.at("status").get<std::string>()).value_or(core::Status::error),
          core::result_from(json.at("result").get<std::string>()).value_or(core::Result::none),
          json.at("reason"),
          json.at("category"),
          seconds(json.at("seconds")),
          seconds(json.at("cpu_seconds")),
          whole<uint64_t>(json.at("most_memory_bytes"))};
}

FailedPlace failed_place(const Json& json) {
  return {json.at("code"),
          {json.at("space"), whole<uint64_t>(json.at("first")), whole<uint64_t>(json.at("end")), json.at("piece")}};
}

RunStart run_start(const Json& json) {
  RunStart start;
  start.format = whole<int>(json.value("format", Json(1)));
  start.run_id = json.at("run_id");
  start.plan_id = json.at("plan").at("id");
  start.plan_title = local_text(json.at("plan").at("title"));
  start.planned_seconds = seconds(json.at("plan").at("seconds"));
  start.seed = whole<uint64_t>(json.at("seed"));
  start.rehearsal = json.at("rehearsal");
  start.machine = json.at("machine").dump();
  start.recipe = json.at("recipe").dump();
  for (const Json& t : json.at("tests")) start.tests.push_back(test_info(t));
  for (const Json& p : json.at("plugins")) start.plugins.push_back(plugin_info(p));
  for (const Json& p : json.at("refused")) start.refused.push_back({p.at("file"), p.at("reason")});
  for (const Json& n : json.at("not_tested"))
    start.not_tested.push_back({n.at("test"), n.at("target"), n.at("category"), n.at("reason"), n.at("required"),
                                n.value("operators", false)});
  for (const Json& p : json.at("planned"))
    start.planned.push_back({p.at("test"), p.at("target"), p.at("serial"), p.at("required"), p.value("stage", ""),
                             whole<int>(p.value("entry", Json(0))), p.value("least_coverage", 0.0)});
  start.again = json.at("again");
  start.narrowed = json.at("narrowed").get<std::vector<std::string>>();
  for (const Json& i : json.value("signals", Json::array()))
    start.signals.push_back({i.at("name"), i.at("kind"), i.at("unit"), i.at("file"), i.at("high")});
  if (const auto given = json.find("consent"); given != json.end())  // older journals have none: nothing was allowed
    start.consent = {given->at("scratch"), given->at("destructive"), given->at("backup"),
                     given->at("erase").get<std::vector<std::string>>()};
  if (const auto given = json.find("zone"); given != json.end()) {
    const core::Zone zone{given->at("name"), whole<int>(given->at("minutes_east"))};
    if (core::is_plausible(zone)) start.zone = zone;
  }
  return start;
}

std::string line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace assay::journal
