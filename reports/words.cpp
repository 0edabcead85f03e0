#include "words.hpp"

#include <algorithm>
#include <map>

#include "core/text.hpp"

namespace assay::reports {

using core::Result;

State state_of(Result result, const Language& l) {
  switch (result) {
    case Result::pass:
      return {l.say("Passed"), "pass"};
    case Result::marginal:
      return {l.say("Needs attention"), "marginal"};
    case Result::fail:
      return {l.say("Failed"), "fail"};
    case Result::inconclusive:
      return {l.say("Could not tell"), "unclear"};
    case Result::none:
      return {l.say("Not tested"), "not-tested"};
  }
  return {l.say("Could not tell"), "unclear"};
}

State trial_state(const journal::Trial& trial, const Language& l) {
  if (!trial.end) return state_of(Result::inconclusive, l);
  const bool complete = trial.end->status == core::Status::complete;
  if (trial.start.purpose == core::Purpose::injection && complete)
    return trial.end->result >= Result::marginal ? State{l.say("Noticed"), "pass"}
                                                 : State{l.say("Not noticed"), "fail"};
  if (!complete && trial.end->result == Result::none)
    return state_of(trial.end->status == core::Status::skipped ? Result::none : Result::inconclusive, l);
  return state_of(trial.end->result, l);
}

std::string subsystem_name(const std::string& id, const Language& l) {
  if (id == "processor") return l.say("Processor");
  if (id == "memory") return l.say("Memory");
  if (id == "storage") return l.say("Disks");
  if (id == "usb") return l.say("USB");
  if (id == "network") return l.say("Network");
  if (id == "power") return l.say("Battery and power");
  if (id == "cooling") return l.say("Temperatures and fans");
  if (id == "system") return l.say("System");
  if (id == "display") return l.say("Display");
  if (id == "other") return l.say("Other");
  return id;
}

std::string subsystem_in_sentence(const std::string& id, const Language& l) {
  if (id == "processor") return l.say("processor");
  if (id == "memory") return l.say("memory");
  if (id == "storage") return l.say("disks");
  if (id == "network") return l.say("network");
  if (id == "power") return l.say("battery and power");
  if (id == "cooling") return l.say("temperatures and fans");
  if (id == "system") return l.say("system");
  if (id == "display") return l.say("display");
  return subsystem_name(id, l);
}

std::string comparator_words(core::Comparator comparator, const Language& l) {
  switch (comparator) {
    case core::Comparator::at_most:
      return l.say("at most");
    case core::Comparator::at_least:
      return l.say("at least");
    case core::Comparator::equal:
      return l.say("exactly");
    case core::Comparator::below:
      return l.say("below");
    case core::Comparator::above:
      return l.say("above");
  }
  return "";
}

std::string plain_reason(const std::string& category, const Language& l) {
  if (category == "absent") return l.say("this machine has none, or none was recognised");
  if (category == "no-permission") return l.say("this system did not give access to it");
  if (category == "no-consent") return l.say("the test writes, and nobody has agreed to that");
  if (category == "refused") return l.say("it was in use or held data, so it was left alone");
  if (category == "no-answer") return l.say("it gave no answer in time");
  if (category == "gone") return l.say("it was there when the run began, and then could not be reached any more");
  if (category == "no-partner") return l.say("nothing was plugged into it");
  if (category == "no-space") return l.say("there was no room for the test");
  if (category == "no-tool") return l.say("a program that the test needs is not installed on the test bench");
  if (category == "no-such-target") return l.say("the plan names hardware that is not in this machine");
  if (category == "not-selected") return l.say("it was not asked for");
  if (category == "not-supported") return l.say("this machine does not offer what the test needs");
  if (category == "not-allowed") return l.say("the test asks for rights that this test bench has not given it");
  if (category == "not-reached") return l.say("the run ended before it");
  if (category == "trouble") return l.say("its test did not run to its end; that says nothing about it");
  if (category == "unproven") return l.say("no way to show that the test can fail");
  return l.say("see the pages for the technician");
}

std::string signal_name(const std::string& name, const Language& l) {
  if (name == "Processor clock") return l.say("Processor clock");
  if (name == "Processor load") return l.say("Processor load");
  if (name == "Taken by other machines") return l.say("Taken by other machines");
  if (name == "Read from disks") return l.say("Read from disks");
  if (name == "Written to disks") return l.say("Written to disks");
  if (name == "Memory errors counted by the controller") return l.say("Memory errors counted by the controller");
  return name;
}

std::string status_words(core::Status status, const Language& l) {
  switch (status) {
    case core::Status::complete:
      return l.say("complete");
    case core::Status::skipped:
      return l.say("skipped");
    case core::Status::error:
      return l.say("error");
    case core::Status::timeout:
      return l.say("timeout");
    case core::Status::crashed:
      return l.say("crashed");
    case core::Status::aborted:
      return l.say("aborted");
  }
  return "";
}

std::string purpose_words(core::Purpose purpose, const Language& l) {
  switch (purpose) {
    case core::Purpose::test:
      return l.say("test");
    case core::Purpose::confirm:
      return l.say("repeat");
    case core::Purpose::injection:
      return l.say("simulated fault");
    case core::Purpose::control:
      return l.say("without a fault");
  }
  return "";
}

std::string privilege_words(const std::vector<std::string>& privileges, const Language& l) {
  std::string words;
  for (const std::string& key : privileges) {
    const std::string name = key.substr(std::min(key.find(' ') + 1, key.size()));
    const std::string one = key == "root"                 ? l.say("ran as root")
                            : key == "physical-addresses" ? l.say("read the physical addresses of its own memory")
                            : key == "network link"       ? l.say("used the machine's network")
                            : key.rfind("devices ", 0) == 0
                                ? l.say("could open devices: {kind}", fmt::arg("kind", name))
                                : l.say("held {capability}", fmt::arg("capability", name));
    words = words.empty() ? one : joined(words, one, l);
  }
  return words;
}

std::string joined(const std::string& one, const std::string& other, const Language& l) {
  return l.say("{one}, {other}", fmt::arg("one", one), fmt::arg("other", other));
}

std::string named(const std::string& what, const std::string& words, const Language& l) {
  return l.say("{what}: {words}", fmt::arg("what", what), fmt::arg("words", words));
}

std::string with_aside(const std::string& text, const std::string& more, const Language& l) {
  return l.say("{text} ({more})", fmt::arg("text", text), fmt::arg("more", more));
}

}  // namespace assay::reports
