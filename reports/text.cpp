// The report for a terminal or a mail.
#include <fmt/format.h>

#include "reports/view.hpp"

namespace assay::reports {

std::string text(const View& v) {
  std::string out;
  const auto line = [&](const std::string& words = "") { out += words + "\n"; };
  const auto head = [&](const std::string& words) { out += "\n" + words + "\n"; };
  if (!v.rehearsal.empty()) line(v.rehearsal);
  line(fmt::format("{}: {}", v.verdict.word, v.headline));
  if (!v.unfinished.empty()) line(v.unfinished);
  if (!v.narrowed.empty()) line(v.narrowed);
  if (!v.trust.empty()) line(v.trust);
  line(v.proof);
  for (const ProofView& p : v.proofs)
    if (p.state.mark != "pass") line(fmt::format("  {}: {}: {}: {}", p.state.word, p.test, p.injection, p.outcome));
  head("MACHINE AND RUN");
  for (const Fact& fact : v.facts) line(fmt::format("  {:<17}{}", fact.name, fact.value));
  head("PARTS");
  for (const auto& s : v.subsystems) line(fmt::format("  {:<23}{:<16}{}", s.name, s.state.word, s.detail));
  head("WHAT WE FOUND");
  if (v.findings.empty()) line("  No fault.");
  for (const auto* list : {&v.findings, &v.notes})
    for (const FindingView& f : *list) {
      line(fmt::format("  {}: {}", f.state.word, f.title));
      for (const std::string* more : {&f.text, &f.where, &f.seen, &f.advice})
        if (!more->empty()) line("    " + *more);
      if (!f.replay.empty()) line("    Again: " + f.replay);
    }
  head("WHAT WAS COVERED");
  for (const Fact& fact : v.coverage) line(fmt::format("  {}: {}", fact.name, fact.value));
  head("WHAT WAS NOT TESTED");
  for (const std::string* words : {&v.all_tested, &v.narrowed})
    if (!words->empty()) line("  " + *words);
  for (const NotTestedView& n : v.not_tested)
    line(fmt::format("  {}: {}{}", n.what, n.why, n.required ? " (required)" : ""));
  if (!v.troubles.empty()) head("TROUBLE WITH TESTS (says nothing about the machine)");
  for (const TroubleView& t : v.troubles) line(fmt::format("  {} {}: {}: {}", t.trial, t.what, t.status, t.reason));
  for (const Fact& fact : v.refused) line(fmt::format("  plugin refused: {}: {}", fact.name, fact.value));
  line();
  line(v.snapshot);
  return out;
}

}  // namespace assay::reports
