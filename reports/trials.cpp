// Every trial, a row each, and every measurement over all trials that made it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.hpp"
#include "source.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

using core::Result;
using fmt::arg;

constexpr size_t most_lines = 40;

TrialView trial_view(const Source& s, const journal::Trial& t) {
  TrialView view;
  view.id = t.start.id;
  view.test = t.start.test;
  view.target = t.start.target.id;
  view.purpose = t.start.injection.empty() ? purpose_words(t.start.purpose, s.l)
                                           : named(purpose_words(t.start.purpose, s.l), t.start.injection, s.l);
  view.seed = std::to_string(t.start.seed);
  view.state = trial_state(t, s.l);
  view.privileges = privilege_words(t.start.privileges, s.l);
  if (!t.end) {
    view.status = s.l.say("cut off while it ran");
    return view;
  }
  view.status = status_words(t.end->status, s.l);
  view.seconds = t.end->seconds;
  view.duration = s.l.duration(t.end->seconds);
  view.reason = t.end->reason;
  for (const auto& m : t.measurements)
    view.measurements.push_back({s.measurement_title(t.start.test, m.key), with_unit(m.value, m.unit, s.l), s.limits(m),
                                 state_of(m.result, s.l)});
  for (const auto& series : t.series)
    view.measurements.push_back(
        {signal_name(series.name, s.l),
         s.l.say("{least} to {greatest}, mean {mean}, {count} samples",
                 arg("least", with_unit(series.least, series.unit, s.l)),
                 arg("greatest", with_unit(series.greatest, series.unit, s.l)),
                 arg("mean", with_unit(series.mean, series.unit, s.l)), arg("count", series.count)),
         "",
         {"", "pass"}});
  size_t lines = 0;
  const auto add = [&](const std::string& line) {
    if (++lines <= most_lines) view.lines.push_back(line);
  };
  for (const auto& f : t.findings) add(fmt::format("{}: {} {}", f.code, f.text, f.where));
  for (const auto& line : t.log) add(fmt::format("[{}] {}", line.source, line.text));
  for (const auto& f : t.files) add("file: " + f.uri);
  if (lines > most_lines)
    view.lines.push_back(s.l.say_n("{count} more line is in the journal.", "{count} more lines are in the journal.",
                                   static_cast<long>(lines - most_lines)));
  return view;
}

}  // namespace

void add_trials(const Source& source, View& view) {
  view.trials.reserve(source.record.trials.size());
  for (const auto& trial : source.record.trials) view.trials.push_back(trial_view(source, trial));
}

void add_figures(const Source& source, View& view) {
  struct Figure {
    const core::Measurement* any = nullptr;
    Result worst = Result::none;
    std::vector<double> values;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Figure> figures;
  for (const auto& trial : source.record.trials) {
    if (!trial.end || !core::speaks_of_machine(trial.start.purpose)) continue;
    for (const core::Measurement& m : trial.measurements) {
      Figure& figure = figures[{trial.start.test, trial.start.target.id, m.key}];
      figure.any = &m;
      figure.worst = core::worse(figure.worst, m.result);
      figure.values.push_back(m.value);
    }
  }
  for (auto& [name, figure] : figures) {
    const auto& [test, target, key] = name;
    std::sort(figure.values.begin(), figure.values.end());
    const size_t count = figure.values.size();
    const double median = 0.5 * (figure.values[(count - 1) / 2] + figure.values[count / 2]);
    const auto words = [&source, &unit = figure.any->unit](double value) { return with_unit(value, unit, source.l); };
    view.figures.push_back({state_of(figure.worst, source.l), test, target, source.measurement_title(test, key),
                            std::to_string(count), words(figure.values.front()), words(median),
                            words(figure.values.back()), source.limits(*figure.any), figure.values.front(), median,
                            figure.values.back()});
  }
}

}  // namespace assay::reports
