#include "plan/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/json.hpp"
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

class Parser {
 public:
  Parser(const std::string& path, const std::string& text)
      : path_(path), document_(document::Document::parse(path, text, embedded::plan_schema)) {}

  Plan plan() const {
    const json root = core::parse_json(document_.json(), path_);
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
      test.parameters[key] = core::to_value(given, test.places[key]);
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

  std::string path_;
  document::Document document_;
};

}  // namespace

Plan parse_plan(const std::string& path, const std::string& given) {
  Plan plan = Parser(path, given).plan();
  plan.text = given;
  return plan;
}

Plan load_plan(const std::string& name, const std::vector<std::string>& folders) {
  std::error_code none;
  const bool is_file =
      name.find('/') != std::string::npos || fs::path(name).extension() == ".toml" || fs::is_regular_file(name, none);
  if (is_file && !fs::exists(name, none)) throw core::BadInput(name + ": no such plan file");
  if (is_file) return parse_plan(name, core::read_input(name, document::most_bytes));
  for (const std::string& folder : folders)
    if (const std::string path = folder + "/" + name + ".toml"; fs::is_regular_file(path, none))
      return parse_plan(path, core::read_input(path, document::most_bytes));
  std::string known;
  for (const Plan& plan : list_plans(folders).plans) known += (known.empty() ? "" : ", ") + plan.id;
  throw core::BadInput("no plan is called " + core::safe_text(name, 80) + "; there are: " + known +
                       ", or give a file.toml");
}

PlanList list_plans(const std::vector<std::string>& folders) {
  PlanList list;
  for (const std::string& folder : folders) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
      if (entry.path().extension() != ".toml") continue;
      const std::string path = entry.path().string();
      try {
        list.plans.push_back(parse_plan(path, core::read_input(path, document::most_bytes)));
      } catch (const std::exception& reason) {
        list.refused.emplace_back(reason.what());
      }
    }
  }
  std::sort(list.plans.begin(), list.plans.end(), [](const Plan& a, const Plan& b) { return a.id < b.id; });
  return list;
}

}  // namespace assay::plan
