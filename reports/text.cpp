// The report for a terminal or a mail.
#include <fmt/format.h>

#include "core/text.hpp"
#include "language.hpp"
#include "reports/view.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

/// Columns of a terminal that a text takes, near enough: a Chinese character takes two.
size_t columns(const std::string& text) {
  size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) count += byte >= 0xE3 && byte < 0xF0 ? 2 : 1;
  }
  return count;
}

std::string padded(const std::string& text, size_t width) {
  const size_t wide = columns(text);
  return text + std::string(wide < width ? width - wide : 1, ' ');
}

class Text {
 public:
  explicit Text(const View& view) : v_(view), l_(view.language) {}

  std::string build() {
    for (const std::string* banner : {&v_.newer, &v_.rehearsal})
      if (!banner->empty()) line(*banner);
    line(named(v_.verdict.word, v_.headline, l_));
    for (const std::string* words : {&v_.unfinished, &v_.narrowed, &v_.trust, &v_.proof})
      if (!words->empty()) line(*words);
    for (const ProofView& p : v_.proofs)
      if (p.state.mark != "pass")
        line("  " + named(p.state.word, named(p.test, named(p.injection, p.outcome, l_), l_), l_));
    case_of();
    head(l_.say("Plan and versions"));
    for (const Fact& fact : v_.facts) line("  " + padded(fact.name, 24) + fact.value);
    head(l_.say("Parts of the machine"));
    for (const PartView& part : v_.parts)
      line("  " + padded(part.name, 24) + padded(part.state.word, 18) + part.detail);
    findings();
    head(l_.say("What was covered"));
    for (const Fact& fact : v_.coverage) line("  " + named(fact.name, fact.value, l_));
    head(l_.say("What was not tested"));
    for (const std::string* words : {&v_.all_tested, &v_.narrowed})
      if (!words->empty()) line("  " + *words);
    for (const NotTestedView& n : v_.not_tested)
      line("  " + named(n.what, n.required ? with_aside(n.why, l_.say("the plan requires it"), l_) : n.why, l_));
    figures();
    if (!v_.troubles.empty()) {
      head(l_.say("Trouble with tests"));
      line("  " + l_.say("These trials did not run to their end. That says nothing about the machine."));
    }
    for (const TroubleView& t : v_.troubles)
      line("  " + t.trial + " " + named(t.what, named(t.status, t.reason, l_), l_));
    if (!v_.privileged.empty()) head(l_.say("Tests with more rights than an ordinary program"));
    for (const Fact& fact : v_.privileged) line("  " + named(fact.name, fact.value, l_));
    if (!v_.inventory_reference.empty()) {
      head(l_.say("Changes"));
      line("  " + v_.inventory_reference);
      for (const Fact& fact : v_.inventory_changes) line("  " + named(fact.name, fact.value, l_));
    }
    for (const Fact& fact : v_.refused) line("  " + named(l_.say("Refused"), named(fact.name, fact.value, l_), l_));
    line("");
    line(v_.snapshot);
    return out_;
  }

 private:
  /// What a device or a plugin wrote must not move the terminal's cursor.
  void line(const std::string& words) { out_ += core::safe_text(words, 4000) + "\n"; }
  void head(const std::string& words) { out_ += "\n" + core::safe_text(words) + "\n"; }

  void case_of() {
    if (v_.sheet.complaint.empty() && v_.sheet.case_number.empty()) return;
    head(l_.say("Case") + " " + v_.sheet.case_number);
    if (!v_.sheet.complaint.empty())
      line("  " + l_.say("You told us:") + " " +
           (v_.reproduced.empty() ? v_.sheet.complaint : with_aside(v_.sheet.complaint, v_.reproduced, l_)));
    for (const std::string& done : v_.done) line("  " + done);
    for (const std::string& advice : v_.sheet.advice) line("  " + l_.say("What to do:") + " " + advice);
    if (!v_.next_date.empty()) line("  " + l_.say("Next check:") + " " + v_.next_date);
  }

  void findings() {
    head(l_.say("What we found"));
    if (v_.findings.empty()) line("  " + v_.nothing_found);
    for (const auto* list : {&v_.findings, &v_.notes})
      for (const FindingView& f : *list) {
        line("  " + named(f.state.word, f.title, l_));
        for (const std::string* more : {&f.text, &f.where, &f.seen, &f.advice})
          if (!more->empty()) line("    " + *more);
        if (!f.replay.empty()) line("    " + l_.say("Try it again:") + " " + f.replay);
      }
  }

  std::string figure_words(const FigureView& f) const {
    const std::string range = f.least == f.greatest ? f.median : f.least + " … " + f.median + " … " + f.greatest;
    return f.limit.empty() ? range : with_aside(range, named(l_.say("limit") + " " + f.limit, f.state.word, l_), l_);
  }

  void figures() {
    if (!v_.figures.empty()) head(l_.say("Measurements"));
    for (const FigureView& f : v_.figures)
      line("  " + padded(f.test, 22) + padded(f.target, 12) + named(f.name, figure_words(f), l_));
  }

  const View& v_;
  Language l_;
  std::string out_;
};

}  // namespace

std::string text(const View& view) { return Text(view).build(); }

}  // namespace assay::reports
