// The processor's cores with what was seen on each, and the picture of the machine.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "inventory_facts.hpp"
#include "source.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

using core::Result;
using fmt::arg;
using nlohmann::json;

constexpr size_t most_cores = 1024, most_picture = 256 * 1024;

struct Seen {
  Result worst = Result::none;
  long trials = 0, failed = 0;
  bool trouble = false;
};

}  // namespace

void add_processor(const Source& s, View& view) {
  std::map<std::string, Seen> seen;
  for (const auto& trial : s.record.trials) {
    if (!trial.end || !core::speaks_of_machine(trial.start.purpose) || trial.start.target.kind != "core") continue;
    Seen& core = seen[trial.start.target.id];
    if (trial.end->status == core::Status::complete || trial.end->result == Result::fail) ++core.trials;
    core.worst = core::worse(core.worst, trial.end->result);
    core.failed += trial.end->result == Result::fail ? 1 : 0;
    core.trouble = core.trouble || (trial.end->status != core::Status::complete &&
                                    trial.end->status != core::Status::skipped && trial.end->result != Result::fail);
  }
  const json usable = machine_list(*s.machine, "processor", "usable");
  long left_out = 0;
  std::map<std::pair<int64_t, int64_t>, std::vector<int64_t>> cores;  // by package and physical core
  for (const json& core : usable) {
    const auto number = [&](const char* key) {
      return static_cast<int64_t>(std::clamp(json_number(core, key), -1e9, 1e9));
    };
    const std::pair place{number("package"), number("core")};
    if (cores.size() == most_cores && cores.count(place) == 0)
      ++left_out;
    else
      cores[place].push_back(number("os_index"));
  }
  if (left_out > 0)
    view.cores_left_out = s.l.say_n("{count} more core is in the table of trials only.",
                                    "{count} more cores are in the table of trials only.", left_out);
  int64_t package = -1;
  for (const auto& [place, threads] : cores) {
    if (place.first != package || view.cores.empty()) {
      package = place.first;
      view.cores.push_back({s.l.say("Processor {number}", arg("number", package)), {}});
    }
    CoreView core;
    Seen all;
    for (const int64_t thread : threads) {
      core.name += (core.name.empty() ? "" : ", ") + std::to_string(thread);
      const Seen& one = seen["core:" + std::to_string(thread)];
      all.worst = core::worse(all.worst, one.worst);
      all.trials += one.trials;
      all.failed += one.failed;
      all.trouble = all.trouble || one.trouble;
    }
    core.state = state_of(all.trouble && all.worst <= Result::pass ? Result::inconclusive : all.worst, s.l);
    core.detail = all.failed > 0 ? s.l.say_n("{failed} of {count} trial failed", "{failed} of {count} trials failed",
                                             all.trials, arg("failed", all.failed))
                                 : s.l.say_n("{count} trial", "{count} trials", all.trials);
    view.cores.back().cores.push_back(core);
  }
  const std::string picture = s.files.text("artifacts/topology.svg", most_picture).value_or("");
  if (picture.find("<svg") != std::string::npos) view.topology = picture;
}

}  // namespace assay::reports
