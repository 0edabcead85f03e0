// assay compare.
#include <nlohmann/json.hpp>
#include <set>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "reports/compare.hpp"
#include "sealing.hpp"

namespace assay::app {
namespace {

/// A run that cannot be read is named and left out (`whole` turns false), unless it is the only one of its side.
std::vector<reports::Compared> read_side(const std::vector<std::string>& runs, std::set<std::string>& known,
                                         bool& whole) {
  std::vector<reports::Compared> side;
  for (const std::string& run : runs) {
    journal::Record record;
    try {
      record = journal::read(run);
    } catch (const core::BadInput& reason) {
      if (runs.size() == 1) throw;
      complain("assay: left out of the comparison: %s\n", reason.what());
      whole = false;
      continue;
    }
    side.push_back({std::move(record), {}, journal::RunFiles(run), seal_of(run)});
    if (!known.insert(side.back().record.start.run_id).second)
      throw core::BadInput(run + ": this run is in the comparison already; one run counts once");
    side.back().conclusion = journal::conclude(side.back().record);
  }
  return side;
}

std::string machine_serial(const journal::Record& record) {
  const auto machine = core::json_or_null(record.start.machine);
  const auto at = "/system/serial"_json_pointer;
  return machine.is_object() && machine.contains(at) && machine[at].is_string() ? machine[at].get<std::string>() : "";
}

/// "Before" that is younger than "after" would turn every answer around. Another machine's runs (a golden one) may be
/// of any age.
void check_order(const std::vector<reports::Compared>& before, const std::vector<reports::Compared>& after) {
  for (const auto& a : before)
    for (const auto& b : after) {
      const std::string first = machine_serial(a.record), second = machine_serial(b.record);
      if (!first.empty() && !second.empty() && first != second) continue;
      if (a.record.started_at > b.record.started_at)
        throw core::BadInput("run " + a.record.start.run_id + " is given as before, and is younger than run " +
                             b.record.start.run_id + " of after (" + a.record.started_at + ", " + b.record.started_at +
                             "): give them the other way round");
    }
}

}  // namespace

int compare(const CompareOptions& options) {
  if (options.before.empty() || options.after.empty())
    throw core::BadInput("give the run of before and the run of after, as in `assay compare first second`");
  std::set<std::string> known;
  bool whole = true;
  const auto before = read_side(options.before, known, whole), after = read_side(options.after, known, whole);
  if (before.empty() || after.empty()) throw core::BadInput("none of the runs of one side can be read");
  check_order(before, after);
  const auto view = reports::compare(before, after, language_or_station(options.language));
  const std::string text = options.format == "html"   ? reports::comparison_html(view)
                           : options.format == "json" ? reports::comparison_json(view)
                                                      : reports::comparison_text(view);
  write_out(text, options.out,
            options.format == "html"   ? Form::page
            : options.format == "json" ? Form::json
                                       : Form::text);
  using core::ExitCode;
  const std::string& mark = view.verdict.mark;
  return static_cast<int>(mark == "pass"       ? (whole ? ExitCode::pass : ExitCode::incomplete)
                          : mark == "fail"     ? ExitCode::fail
                          : mark == "marginal" ? ExitCode::marginal
                                               : ExitCode::incomplete);
}

}  // namespace assay::app
