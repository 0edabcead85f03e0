// assay compare.
#include <set>

#include "commands.hpp"
#include "core/errors.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "reports/compare.hpp"
#include "sealing.hpp"

namespace assay::app {
namespace {

std::vector<reports::Compared> read_side(const std::vector<std::string>& runs, std::set<std::string>& known) {
  std::vector<reports::Compared> side;
  for (const std::string& run : runs) {
    side.push_back({journal::read(run), {}});
    if (!known.insert(side.back().record.start.run_id).second)
      throw core::BadInput(run + ": this run is in the comparison already; one run counts once");
    tell_if_altered(run);
    side.back().conclusion = journal::conclude(side.back().record);
  }
  return side;
}

}  // namespace

int compare(const CompareOptions& options) {
  if (options.before.empty() || options.after.empty())
    throw core::BadInput("give the run of before and the run of after, as in `assay compare first second`");
  std::set<std::string> known;
  const auto before = read_side(options.before, known), after = read_side(options.after, known);
  const auto view = reports::compare(before, after, language_or_station(options.language));
  const std::string text = options.format == "html"   ? reports::comparison_html(view)
                           : options.format == "json" ? reports::comparison_json(view)
                                                      : reports::comparison_text(view);
  write_out(text, options.out);
  using core::ExitCode;
  const std::string& mark = view.verdict.mark;
  return static_cast<int>(mark == "pass"       ? ExitCode::pass
                          : mark == "fail"     ? ExitCode::fail
                          : mark == "marginal" ? ExitCode::marginal
                                               : ExitCode::incomplete);
}

}  // namespace assay::app
