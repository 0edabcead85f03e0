// What a record says: the one place where trials become a verdict. A pure function, so every report agrees.
#pragma once

#include <string>
#include <vector>

#include "journal/record.hpp"

namespace assay::journal {

/// A finding about the machine, with how often the fault showed.
struct Fault {
  core::Finding finding;
  std::string test, subsystem;
  core::Target target;
  std::string trial;  // where it was first seen
  uint64_t seed = 0;
  core::Values parameters;
  int repeats = 0;                 // trials that were made to confirm it
  int seen_again = 0;              // of these, how many showed it
  bool repeated_in_trial = false;  // by the test itself, on the same piece; else in trials of their own, with its seed
  bool intermittent() const { return finding.severity == core::Result::fail && repeats > 0 && seen_again < repeats; }
};

/// A trial that did not run to its end, for a reason that is not the hardware's.
struct Trouble {
  std::string trial, test, target, reason;
  core::Status status = core::Status::error;
};

struct Subsystem {
  std::string id;                            // "memory"
  core::Result result = core::Result::none;  // none: not tested
  int trials = 0;
  bool trouble = false;
  bool partly = false;  // something of it that is there was not tested, or less than its least coverage
};

struct Coverage {
  std::string test, key, unit;
  core::Target target;
  core::LocalText title;
  double value = 0;  // the greatest of all trials: a repeat covers nothing new
};

/// A target of which a test reached less than the plan, or its manifest, asks for. Shares are from 0 to 1.
struct Shortfall {
  std::string test;
  core::Target target;
  double covered = 0, least = 0;
  bool required = false;
};

struct Proof {
  std::string test, injection;
  core::LocalText title;
  bool tried = false;
  bool detected = false;
  bool control_passed = false;
  bool stand_in = false;
  bool sick = false;   // the machine itself failed the control: what is planted cannot be told from that
  std::string reason;  // when it is not proven
  bool proven() const { return detected && control_passed; }
};

struct Conclusion {
  core::Result result = core::Result::none;
  bool complete = true;  // everything that the plan requires was tested, without trouble
  core::ExitCode exit_code = core::ExitCode::pass;
  std::vector<Fault> faults;  // worst first
  std::vector<Fault> notes;   // worth knowing, no fault
  std::vector<Trouble> troubles;
  std::vector<NotTested> not_tested;
  std::vector<Subsystem> subsystems;
  std::vector<Coverage> coverage;
  std::vector<Shortfall> shortfalls;
  std::vector<Proof> proofs;
  std::vector<std::string> unproven_tests;  // ran, and offer no injection
  int proven() const;
  /// Injections that were tried and could be judged: those of a machine that failed the control are left out.
  int tried() const;
  /// Parts that are there and were not tested to their least coverage. A pass of the others is a pass in part.
  std::vector<std::string> missing_parts() const;
};

Conclusion conclude(const Record& record);

/// The record and its conclusion as one JSON document (record.json).
std::string to_json(const Record& record, const Conclusion& conclusion);

}  // namespace assay::journal
