// The commands that only look: plans, plugins, inventory.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "catalog/catalog.hpp"
#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "inventory/machine.hpp"
#include "locations.hpp"
#include "march_texts.hpp"
#include "needs_text.hpp"
#include "output.hpp"
#include "plan/resolve.hpp"

namespace assay::app {
namespace {

using core::in_language;
using nlohmann::ordered_json;

ordered_json test_json(const catalog::Plugin& plugin, const catalog::Test& t) {
  ordered_json parameters = ordered_json::array(), measurements = ordered_json::array(),
               injections = ordered_json::array();
  for (const auto& p : t.parameters)
    parameters.push_back({{"key", p.key},
                          {"type", catalog::name(p.type)},
                          {"unit", p.unit},
                          {"min", p.min},
                          {"max", p.max},
                          {"default", std::visit([](const auto& v) { return ordered_json(v); }, p.fallback)},
                          {"help", in_language(p.help, "en")}});
  for (const auto& m : t.measurements) {
    ordered_json limits = ordered_json::array();
    for (const auto& l : m.limits)
      limits.push_back({{"is", core::name(l.comparator)}, {"value", l.value}, {"else", core::name(l.otherwise)}});
    measurements.push_back(
        {{"key", m.key}, {"unit", m.unit}, {"title", in_language(m.title, "en")}, {"limits", limits}});
  }
  for (const auto& i : t.injections) injections.push_back({{"id", i.id}, {"title", in_language(i.title, "en")}});
  return {{"id", t.id},
          {"title", in_language(t.title, "en")},
          {"description", in_language(t.description, "en")},
          {"subsystem", t.subsystem},
          {"binds", t.binds},
          {"effect", catalog::name(t.effect)},
          {"needs_root", t.needs.root},
          {"needs", catalog::words(t.needs)},
          {"allowed", catalog::is_allowed(plugin, t)},
          {"parameters", parameters},
          {"measurements", measurements},
          {"injections", injections}};
}

ordered_json plugin_json(const catalog::Plugin& plugin) {
  const auto& m = plugin.manifest;
  ordered_json tests = ordered_json::array(), libraries = ordered_json::array();
  for (const auto& library : plugin.dependencies)
    libraries.push_back({{"path", library.path}, {"sha256", library.sha256}});
  for (const auto& test : m.tests) tests.push_back(test_json(plugin, test));
  return {{"path", plugin.path},
          {"id", m.id},
          {"vendor", m.vendor},
          {"version", m.version},
          {"licence", m.licence},
          {"abi", fmt::format("{}.{}", m.abi_major, m.abi_minor)},
          {"title", in_language(m.title, "en")},
          {"sha256", plugin.sha256},
          {"libraries", libraries},
          {"allowance", catalog::words(plugin.allowance)},
          {"tests", tests}};
}

/// Of a plugin that asks for more than an ordinary program may, and is not ours.
std::string allowance_aside(const catalog::Plugin& plugin) {
  const auto& tests = plugin.manifest.tests;
  const bool asks = std::any_of(tests.begin(), tests.end(),
                                [](const auto& test) { return !catalog::privileged(test.needs).empty(); });
  if (!asks || plugin.is_own()) return {};
  return plugin.allowance ? " (allowed: " + catalog::words(plugin.allowance) + ")"
                          : " (asks for more than an ordinary program may: not allowed; see `assay plugin inspect`)";
}

}  // namespace

int list_plans(const Common& options) {
  ordered_json list = ordered_json::array();
  const auto found = plan::list_plans(find_locations(options.plugin_folders).plan_folders);
  for (const std::string& reason : found.refused) complain("assay: refused: %s\n", reason.c_str());
  for (const auto& plan : found.plans) {
    double seconds = 0;
    for (const auto& stage : plan.stages) seconds += stage.seconds;
    if (options.json)
      list.push_back({{"id", plan.id},
                      {"title", in_language(plan.title, "en")},
                      {"description", in_language(plan.description, "en")},
                      {"seconds", seconds}});
    else
      say("%-12s %-20s about %s\n             %s\n", plan.id.c_str(), in_language(plan.title, "en").c_str(),
          core::format_duration(seconds).c_str(), in_language(plan.description, "en").c_str());
  }
  if (options.json) say_json(list);
  return 0;
}

int check_plan(const Common& options, const std::string& file) {
  const Locations locations = find_locations(options.plugin_folders);
  const auto plan = plan::load_plan(file, locations.plan_folders);
  const auto catalog = catalog::Catalog::load(locations.plugin_folders);
  // Against no machine: what a plan says is checked, not what this machine has.
  plan::Options choices;
  choices.root = true;
  plan::resolve(plan, catalog, {}, choices);
  check_march_texts(plan, catalog);
  if (options.json)
    say_json({{"plan", plan.id}, {"good", true}});
  else
    say("%s: good, %zu stage(s)\n", file.c_str(), plan.stages.size());
  return 0;
}

int list_plugins(const Common& options) {
  auto catalog = catalog::Catalog::load(find_locations(options.plugin_folders).plugin_folders);
  ask_the_station(catalog);
  if (options.json) {
    ordered_json plugins = ordered_json::array(), refused = ordered_json::array();
    for (const auto& plugin : catalog.plugins()) plugins.push_back(plugin_json(plugin));
    for (const auto& refusal : catalog.refusals())
      refused.push_back({{"path", refusal.path}, {"reason", refusal.reason}});
    say_json({{"plugins", plugins}, {"refused", refused}});
    return 0;
  }
  if (catalog.plugins().empty()) complain("assay: no plugin that can be used was found\n");
  for (const auto& plugin : catalog.plugins()) {
    const auto& m = plugin.manifest;
    say("%s %s, %s: %s%s\n", m.id.c_str(), m.version.c_str(), m.vendor.c_str(), in_language(m.title, "en").c_str(),
        allowance_aside(plugin).c_str());
    for (const auto& test : m.tests)
      say("  %-28s %-9s %-8s %zu injection(s)  %s\n", test.id.c_str(), test.binds.c_str(),
          std::string(catalog::name(test.effect)).c_str(), test.injections.size(),
          in_language(test.title, "en").c_str());
  }
  for (const auto& refusal : catalog.refusals()) say("refused: %s: %s\n", refusal.path.c_str(), refusal.reason.c_str());
  return 0;
}

int inspect_plugin(const Common& options, const std::string& file) {
  catalog::Plugin plugin;
  try {
    plugin = catalog::Catalog::read(file);
  } catch (const core::BadInput& error) {
    throw core::BadInput(file + ": " + error.what());
  }
  ask_the_station(plugin);
  if (options.json) return say_json(plugin_json(plugin)), 0;
  const auto& m = plugin.manifest;
  say("%s %s: %s\nvendor %s, licence %s, plugin ABI %d.%d\n%s\nsha256 %s\n", m.id.c_str(), m.version.c_str(),
      in_language(m.title, "en").c_str(), m.vendor.c_str(), m.licence.c_str(), m.abi_major, m.abi_minor,
      plugin.path.c_str(), plugin.sha256.c_str());
  for (const auto& library : plugin.dependencies)
    say("made with %s, sha256 %s\n", library.path.c_str(), library.sha256.c_str());
  for (const auto& test : m.tests) {
    say("\n%s: %s\n  %s\n  binds to %s, effect %s\n", test.id.c_str(), in_language(test.title, "en").c_str(),
        in_language(test.description, "en").c_str(), test.binds.c_str(),
        std::string(catalog::name(test.effect)).c_str());
    for (const auto& need : catalog::words(test.needs)) say("  needs: it %s\n", need.c_str());
    if (!catalog::privileged(test.needs).empty())
      say("  %s%s\n", plugin.allowance ? "allowed: " : "", catalog::words(plugin.allowance).c_str());
    for (const auto& p : test.parameters) {
      const std::string range =
          p.max > p.min ? fmt::format(" ({} to {} {})", core::format_number(p.min), core::format_number(p.max), p.unit)
                        : "";
      say("  parameter %s = %s%s: %s\n", p.key.c_str(), core::to_text(p.fallback).c_str(), range.c_str(),
          in_language(p.help, "en").c_str());
    }
    for (const auto& measurement : test.measurements) {
      say("  measures %s [%s]: %s", measurement.key.c_str(), measurement.unit.c_str(),
          in_language(measurement.title, "en").c_str());
      for (const auto& l : measurement.limits)
        say("; %s %s, else %s", std::string(core::name(l.comparator)).c_str(), core::format_number(l.value).c_str(),
            std::string(core::name(l.otherwise)).c_str());
      say("\n");
    }
    for (const auto& injection : test.injections)
      say("  injection %s: %s\n", injection.id.c_str(), in_language(injection.title, "en").c_str());
    if (test.injections.empty()) say("  unproven: no injection\n");
  }
  return 0;
}

int show_inventory(const Common& options, const std::string& sysroot) {
  const inventory::SystemRoot root(sysroot);
  if (!root.holds_machine())
    throw core::BadInput("--sysroot " + sysroot +
                         ": there is nothing in its /sys and /proc; give the folder that a machine's were copied into");
  const auto machine = inventory::take_inventory(root);
  if (options.json)
    write_out(inventory::to_json(machine) + "\n", "", Form::json);
  else
    write_out(inventory::to_text(machine), "", Form::text);
  return 0;
}

}  // namespace assay::app
