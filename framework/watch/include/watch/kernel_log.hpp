// The kernel's log, read while trials run, and the rules that tell which lines speak of hardware.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/finding.hpp"
#include "core/unique_fd.hpp"

namespace assay::watch {

/// A line of the kernel log that a rule knows.
struct KernelEvent {
  std::string rule;
  std::string part;                            // of the machine, as the rule says: "storage"
  core::Result severity = core::Result::none;  // fail, marginal, or none for a note
  std::string text;                            // the rule's sentence
  std::string line;                            // what the kernel said
};

/// Rules compiled from TOML (rules/kernel.toml, rules/rules.schema.json).
class KernelRules {
 public:
  /// The rules that Assay brings. Throws core::BadInput if a rule cannot be compiled.
  static KernelRules built_in();
  static KernelRules parse(const std::string& path, const std::string& toml);
  ~KernelRules();
  KernelRules(KernelRules&&) noexcept;
  KernelRules& operator=(KernelRules&&) noexcept;

  /// The first rule that knows this message (without its prefix); false if none does.
  bool match(std::string_view message, KernelEvent& event) const;
  size_t count() const;

 private:
  KernelRules();
  struct Compiled;
  std::vector<Compiled> rules_;
};

/// Follows /dev/kmsg from now on. Only lines that the kernel itself wrote count: a program can write there too.
class KernelLog {
 public:
  /// Opens `path`. If that cannot be done, why_not() says so and there are no events.
  KernelLog(const std::string& path, KernelRules rules);

  int fd() const { return file_.get(); }
  const std::string& why_not() const { return why_not_; }
  /// Reads what has come. Never blocks.
  std::vector<KernelEvent> read();
  /// Times that lines were overwritten before they could be read, since the last look at this: it was deaf meanwhile.
  int take_lost() { return std::exchange(lost_, 0); }

 private:
  void take(std::string_view record, std::vector<KernelEvent>& events) const;
  core::UniqueFd file_;
  std::string why_not_, rest_;
  int lost_ = 0;
  KernelRules rules_;
  bool device_ = false;
};

}  // namespace assay::watch
