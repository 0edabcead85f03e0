// A plugin's manifest, parsed and checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/needs.hpp"
#include "core/measurement.hpp"
#include "core/target.hpp"
#include "core/value.hpp"

namespace assay::catalog {

/// What a test does to the machine. Ordered: each needs more consent than the one before.
enum class Effect { observe, load, scratch, destructive };
std::string_view name(Effect effect);

enum class ParameterType { integer, real, duration, boolean, text };
std::string_view name(ParameterType type);

struct Parameter {
  std::string key;
  ParameterType type = ParameterType::integer;
  std::string unit;
  double min = 0, max = 0;  // of numbers; a duration is in seconds
  std::vector<std::string> choices;
  core::Value fallback;
  core::LocalText help;
  std::string syntax;   // of a text: "march", or empty
  bool extent = false;  // sets only how long or how much is tested, not what could be found there
};

struct MeasurementDeclaration {
  std::string key;
  std::string unit;
  core::LocalText title;
  std::vector<core::Limit> limits;
  bool coverage = false;
};

struct Injection {
  std::string id;
  core::LocalText title;
};

struct Test {
  std::string id;
  core::LocalText title, description, advice;
  std::string subsystem, binds;
  Effect effect = Effect::observe;
  Needs needs;
  std::vector<std::string> uses, exclusive;
  bool stand_in = false;
  core::Values proof;
  double seconds = 0;         // 0: it has a parameter `duration`
  double least_coverage = 0;  // share of its target; 0: none is stated
  std::vector<Parameter> parameters;
  std::vector<MeasurementDeclaration> measurements;
  std::vector<Injection> injections;

  const Parameter* parameter(const std::string& key) const;
  bool writes() const { return effect == Effect::scratch || effect == Effect::destructive; }
};

struct Manifest {
  std::string id, vendor, version, licence;
  int abi_major = 0, abi_minor = 0;
  core::LocalText title;
  std::vector<Test> tests;
};

/// Parses a manifest. Throws core::BadInput with every fault in it.
Manifest parse_manifest(const std::string& json);

/// A parameter's value from what a plan or a command line gave. Throws core::BadInput: wrong type, out of range, not
/// one of the choices. Durations may be numbers of seconds or texts such as "5m".
core::Value check_value(const Parameter& parameter, const core::Value& given);

}  // namespace assay::catalog
