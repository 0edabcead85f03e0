#include "plan/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "document/document.hpp"

namespace assay::embedded {
extern const char plan_schema[];
}

namespace assay::plan {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

core::LocalText text(const json& object, const char* key) {
  core::LocalText result;
  if (object.contains(key))
    for (const auto& [language, words] : object[key].items())
      result[language] = core::safe_text(words.get<std::string>());
  return result;
}

core::Value value(const json& given, const std::string& place) {
  if (given.is_boolean()) return given.get<bool>();
  if (given.is_number_integer()) return given.get<int64_t>();
  if (given.is_number()) return given.get<double>();
  if (given.is_string()) return given.get<std::string>();
  throw core::BadInput(place + ": a parameter is a number, a text, true or false");
}

class Parser {
 public:
  Parser(const std::string& path, const std::string& text)
      : document_(document::Document::parse(path, text, embedded::plan_schema)) {}

  Plan plan() const {
    const json root = json::parse(document_.json());
    const json& head = root["plan"];
    Plan plan;
    plan.id = head["id"];
    plan.title = text(head, "title");
    plan.description = text(head, "description");
    plan.prove = head.value("prove", "all") == "all";
    plan.confirm = head.value("confirm", 5);
    std::set<std::string> ids;
    for (size_t i = 0; i < root["stage"].size(); ++i) {
      plan.stages.push_back(stage(root["stage"][i], "/stage/" + std::to_string(i)));
      if (!ids.insert(plan.stages.back().id).second)
        throw core::BadInput(document_.place("/stage/" + std::to_string(i) + "/id") + ": two stages have the id " +
                             plan.stages.back().id);
    }
    return plan;
  }

 private:
  Stage stage(const json& s, const std::string& at) const {
    Stage stage;
    stage.id = s["id"];
    if (stage.id == "proof") throw core::BadInput(document_.place(at + "/id") + ": the id proof is Assay's own");
    stage.title = text(s, "title");
    if (stage.title.empty()) stage.title["en"] = stage.id;
    stage.parallel = s.value("mode", "sequential") == "parallel";
    stage.soak = s.value("soak", false);
    stage.repeat = s.value("repeat", false);
    if (s.contains("duration")) stage.seconds = duration(s["duration"], at + "/duration");
    if (stage.repeat && stage.seconds <= 0)
      throw core::BadInput(document_.place(at + "/repeat") + ": a stage that repeats needs a duration");
    if (stage.soak && !stage.parallel)
      throw core::BadInput(document_.place(at + "/soak") + ": only a parallel stage can soak");
    for (size_t i = 0; i < s["test"].size(); ++i)
      stage.tests.push_back(test(s["test"][i], at + "/test/" + std::to_string(i)));
    return stage;
  }

  PlanTest test(const json& t, const std::string& at) const {
    PlanTest test;
    test.use = t["use"];
    test.place = document_.place(at + "/use");
    test.targets = t.value("targets", std::vector<std::string>{"*"});
    if (t.contains("required")) {
      const json& required = t["required"];
      test.need = !required.is_boolean() ? Need::if_present : required.get<bool>() ? Need::required : Need::forgone;
    }
    if (t.contains("least-coverage")) {
      test.least_coverage = t["least-coverage"].get<double>();
      test.places["least-coverage"] = document_.place(at + "/least-coverage");
    }
    if (t.contains("time-limit")) test.time_limit = duration(t["time-limit"], at + "/time-limit");
    const json parameters = t.value("parameters", json::object());
    for (const auto& [key, given] : parameters.items()) {
      test.places[key] = document_.place(at + "/parameters/" + key);
      test.parameters[key] = value(given, test.places[key]);
    }
    return test;
  }

  double duration(const json& given, const std::string& at) const {
    const auto seconds = given.is_string() ? core::parse_duration(given.get<std::string>()) : given.get<double>();
    if (!seconds || *seconds <= 0 || *seconds > 86400 * 60)
      throw core::BadInput(document_.place(at) + ": " + at.substr(at.rfind('/') + 1) +
                           ": is not a duration, such as \"90s\" or \"1h 20m\" (at most 60 days)");
    return *seconds;
  }

  document::Document document_;
};

}  // namespace

Plan parse_plan(const std::string& path, const std::string& given) {
  Plan plan = Parser(path, given).plan();
  plan.text = given;
  return plan;
}

Plan load_plan(const std::string& name, const std::vector<std::string>& folders) {
  const bool is_file =
      name.find('/') != std::string::npos || fs::path(name).extension() == ".toml" || fs::is_regular_file(name);
  std::vector<std::string> candidates;
  if (is_file)
    candidates.push_back(name);
  else
    for (const std::string& folder : folders) candidates.push_back(folder + "/" + name + ".toml");
  for (const std::string& path : candidates) {
    if (!fs::is_regular_file(path)) continue;
    if (const auto text = core::read_file(path)) return parse_plan(path, *text);
    throw core::BadInput(path + ": cannot be read");
  }
  if (is_file) throw core::BadInput(name + ": no such plan file");
  std::string known;
  for (const Plan& plan : list_plans(folders)) known += (known.empty() ? "" : ", ") + plan.id;
  throw core::BadInput("no plan is called " + core::safe_text(name, 80) + "; there are: " + known +
                       ", or give a file.toml");
}

std::vector<Plan> list_plans(const std::vector<std::string>& folders) {
  std::vector<Plan> plans;
  for (const std::string& folder : folders) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none))
      if (entry.path().extension() == ".toml")
        if (const auto text = core::read_file(entry.path().string()))
          plans.push_back(parse_plan(entry.path().string(), *text));
  }
  std::sort(plans.begin(), plans.end(), [](const Plan& a, const Plan& b) { return a.id < b.id; });
  return plans;
}

}  // namespace assay::plan
