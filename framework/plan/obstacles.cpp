#include "obstacles.hpp"

#include <algorithm>

#include "plan/target_names.hpp"

#include "core/text.hpp"

namespace assay::plan {
namespace {

using catalog::Effect;

/// By its id or its path, not by a pattern.
bool is_named(const core::Target& target, const Options& options) {
  return std::any_of(options.targets.begin(), options.targets.end(),
                     [&](const std::string& wanted) { return wanted == target.id || is_path_of(target, wanted); });
}

}  // namespace

const char* why_not_consented(const catalog::Test& test, const core::Consent& consent) {
  if (test.effect == Effect::scratch && !consent.scratch)
    return "it writes a file of its own into free space, and nobody has allowed that (--allow scratch)";
  if (test.effect != Effect::destructive) return "";
  if (!consent.destructive) return "it overwrites the device, and nobody has allowed that (--allow destructive)";
  if (consent.backup.empty())
    return "nobody has said whether the data on the device is kept elsewhere (--backup made, or --backup not-needed)";
  return "";
}

std::string why_not_allowed(const catalog::Plugin& plugin, const catalog::Test& test) {
  if (catalog::is_allowed(plugin, test)) return {};
  std::string asked;
  for (const catalog::PrivilegedNeed& need : catalog::privileged(test.needs))
    asked += (asked.empty() ? "" : "; ") + need.words;
  return "it asks for more than an ordinary program may (" + asked +
         "), and this station has not allowed that: `assay plugin allow " + core::shell_word(plugin.path) + "`";
}

std::pair<const char*, std::string> obstacle(const catalog::Test& test, const core::Target& target,
                                             const Options& options) {
  if (const std::string why = target.attribute("not_usable"); !why.empty())
    return {"no-permission", target.title + " cannot be tested: " + why};
  const std::string path = target.attribute("path");
  const bool folder = !target.attribute("folder").empty();
  if (folder && test.effect != Effect::scratch)
    return {"not-supported", path + " is a folder: only tests that write a file of their own can be pointed at it"};
  if (test.effect == Effect::scratch && target.kind == "disk" && !folder && target.attribute("free_space") != "1")
    return {"absent", target.id.rfind("file:", 0) == 0
                          ? path + " is a file: name a folder to write into, or the device that it is mounted from"
                          : "no file system on " + path + " is mounted for writing"};
  if (test.effect == Effect::destructive && !is_named(target, options))
    return {"no-consent", "it overwrites the device: name it alone, with --target " + path};
  const std::string why = target.attribute("not_readable");
  if (!why.empty() && test.effect != Effect::scratch)
    return {"no-permission", path + ": " + why + (options.root ? "" : "; run it again with sudo")};
  return {"", ""};
}

}  // namespace assay::plan
