// The words that reports use for results, parts, limits and reasons.
#pragma once

#include <string>

#include "core/measurement.hpp"
#include "core/verdict.hpp"
#include "journal/record.hpp"
#include "language.hpp"
#include "reports/view.hpp"
#include "units.hpp"

namespace assay::reports {

State state_of(core::Result result, const Language& language);
/// What a trial came to. A planted fault that was noticed is no failure of the machine's.
State trial_state(const journal::Trial& trial, const Language& language);
/// As it stands in the middle of a sentence.
std::string subsystem_in_sentence(const std::string& id, const Language& language);
std::string subsystem_name(const std::string& id, const Language& language);
std::string comparator_words(core::Comparator comparator, const Language& language);
/// Why something was not tested, in plain words, from its category (journal::NotTested).
std::string plain_reason(const std::string& category, const Language& language);
/// A signal's name; what Assay did not name itself is given back.
std::string signal_name(const std::string& name, const Language& language);
/// How a trial ended, and what it was made for.
std::string status_words(core::Status status, const Language& language);
std::string purpose_words(core::Purpose purpose, const Language& language);

/// What a trial could do beyond an ordinary process: "ran as root, held CAP_SYS_RAWIO".
std::string privilege_words(const std::vector<std::string>& privileges, const Language& language);

/// Texts put together with the language's own signs: "one, other", "what: words", "text (more)".
std::string joined(const std::string& one, const std::string& other, const Language& language);
std::string named(const std::string& what, const std::string& words, const Language& language);
std::string with_aside(const std::string& text, const std::string& more, const Language& language);

}  // namespace assay::reports
