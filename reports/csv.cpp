// Every measurement as a line of CSV (RFC 4180), for a spreadsheet or a notebook.
#include <fmt/format.h>

#include <iterator>

#include "core/text.hpp"
#include "reports/view.hpp"

namespace assay::reports {
namespace {

/// A text of a plugin's must not become a formula when a spreadsheet opens it.
std::string field(const std::string& text) {
  std::string safe = core::safe_text(text, 1000);
  if (!safe.empty() && std::string_view("=+-@").find(safe[0]) != std::string_view::npos) safe.insert(0, "'");
  if (safe.find_first_of(",\"\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string csv(const journal::Record& record) {
  fmt::memory_buffer out;
  const auto to = std::back_inserter(out);
  fmt::format_to(to,
                 "run,trial,at_seconds,test,target,purpose,injection,seed,measurement,value,unit,result,limits\r\n");
  for (const journal::Trial& t : record.trials)
    for (const core::Measurement& m : t.measurements) {
      std::string limits;
      for (const core::Limit& limit : m.limits)
        limits += fmt::format("{}{} {}", limits.empty() ? "" : "; ", core::name(limit.comparator), limit.value);
      fmt::format_to(to, "{},{},{:.3f},{},{},{},{},{},{},{},{},{},{}\r\n", field(record.start.run_id),
                     field(t.start.id), t.start.at_seconds, field(t.start.test), field(t.start.target.id),
                     core::name(t.start.purpose), field(t.start.injection), t.start.seed, field(m.key), m.value,
                     field(m.unit), core::name(m.result), field(limits));
    }
  return fmt::to_string(out);
}

}  // namespace assay::reports
