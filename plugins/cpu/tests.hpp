// The tests of this plugin; manifest.json says what each is for and cannot show.
#pragma once

#include <assay/plugin.hpp>

namespace cpu {

/// One core a trial: the runner has pinned the process to it.
struct FmaTest {
  static constexpr auto id = "cpu.fma";
  static constexpr auto binds = "core";
  static constexpr auto parameters = assay::names("duration", "instructions", "precision", "denormals");
  static constexpr auto measurements = assay::names("wrong-results", "blocks", "speed", "speed-p90", "peak");
  static constexpr auto injections = assay::names("flip-result", "flip-operand", "flip-element", "wrong-reference");
  void run(assay::Trial& trial);
};

struct IntegerTest {
  static constexpr auto id = "cpu.integer";
  static constexpr auto binds = "core";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("wrong-results", "rounds", "speed");
  static constexpr auto injections = assay::names("flip-product", "flip-remainder", "lose-carry", "flip-special");
  void run(assay::Trial& trial);
};

/// These use all cores at once.
struct CoherenceTest {
  static constexpr auto id = "cpu.coherence";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("failed-pairs", "sets", "bounce");
  static constexpr auto injections =
      assay::names("lost-increment", "undo-neighbour", "stale-data", "both-missed", "damaged-line");
  void run(assay::Trial& trial);
};

struct LibraryTest {
  static constexpr auto id = "cpu.library";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("wrong-results", "rounds");
  static constexpr auto injections =
      assay::names("flip-zlib", "flip-zstd", "flip-sha2", "flip-aes", "flip-product", "flip-singular-values");
  void run(assay::Trial& trial);
};

struct TransitionTest {
  static constexpr auto id = "cpu.transition";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("wrong-results", "steps", "longest-period");
  static constexpr auto injections = assay::names("flip-result");
  void run(assay::Trial& trial);
};

struct ClockTest {
  static constexpr auto id = "cpu.clock";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements =
      assay::names("backward-steps", "rate-spread", "against-raw", "sustained", "stolen");
  static constexpr auto injections = assay::names("step-back", "counter-behind", "other-rate");
  void run(assay::Trial& trial);
};

}  // namespace cpu
