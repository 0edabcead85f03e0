// The tests of this plugin; manifest.json says what each is for and cannot show.
#pragma once

#include <assay/plugin.hpp>

namespace cpu {

/// One core a trial: the runner has pinned the process to it.
struct FmaTest {
  static constexpr auto id = "cpu.fma";
  static constexpr auto binds = "core";
  static constexpr auto parameters = assay::names("duration", "instructions", "precision", "denormals");
  static constexpr auto measurements = assay::names("wrong-results", "blocks", "speed", "peak");
  static constexpr auto injections = assay::names("flip-result", "flip-operand", "flip-element", "wrong-reference");
  void run(assay::Trial& trial);
};

struct IntegerTest {
  static constexpr auto id = "cpu.integer";
  static constexpr auto binds = "core";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("wrong-results", "rounds", "speed");
  static constexpr auto injections = assay::names("flip-product", "flip-remainder", "lose-carry");
  void run(assay::Trial& trial);
};

}  // namespace cpu
