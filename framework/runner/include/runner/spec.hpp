// What the host tells a runner: which plugin, which test, with what, and how tightly to hold it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/target.hpp"
#include "core/value.hpp"

namespace assay::runner {

enum class Mode { trial, describe };

/// A parameter with its declared range, so that the runner can refuse a value before the plugin sees it.
struct SpecParameter {
  std::string key;
  core::Value value;
  bool bounded = false;
  double min = 0, max = 0;
  std::vector<std::string> choices;
};

/// How the runner confines itself before it loads the plugin.
struct Confinement {
  uint64_t address_space = 0;  // bytes; 0: no limit
  uint64_t file_bytes = 0;     // no file may grow beyond; 0: no limit
  bool processes = false;      // may start helper programs
  bool landlock = true;        // writes only below the artifact folder and `writable`
  bool private_temp = false;  // for the conformance kit: temporary folders of its own, and what is left in them is told
  std::vector<std::string> writable;  // device nodes or folders
};

struct Spec {
  Mode mode = Mode::trial;
  std::string plugin;  // absolute path
  std::string test;
  core::Target target;
  std::vector<SpecParameter> parameters;
  uint64_t seed = 0;
  std::string injection;  // empty: an honest trial
  int core = -1;          // pin to this OS index; -1: no pin
  Confinement confinement;
};

std::string encode(const Spec& spec);
/// Throws std::exception if the text is not what encode() makes.
Spec decode_spec(const std::string& text);

/// The descriptors that a runner inherits, by number.
enum Descriptor : int {
  spec_fd = 3,
  frames_fd = 4,
  shared_fd = 5,
  artifacts_fd = 6,
  kept_fd = 7,
  device_fd = 8,
  first_free_fd = 9
};

}  // namespace assay::runner
