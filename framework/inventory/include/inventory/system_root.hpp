// The one door to /proc, /sys, /dev and /run: a captured tree can stand in for the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::inventory {

/// Something that could not be read, and why. What is simply not there is no problem.
struct Problem {
  std::string what;
  std::string reason;
};

class SystemRoot {
 public:
  /// "" or "/" is the machine itself. Throws core::BadInput where there is no such folder.
  explicit SystemRoot(std::string root = "/");

  bool is_machine() const { return root_.empty(); }
  /// False for a folder with nothing in its /sys and /proc: no machine was captured there.
  bool holds_machine() const;
  /// The path in the real file system of a path below the root: path("/sys/block"). Follows no links.
  std::string path(const std::string& below) const { return root_ + below; }

  /// A file's text, trimmed and made safe; nothing if it is not there. Any other fault is noted as a problem.
  std::optional<std::string> text(const std::string& below) const;
  std::optional<int64_t> number(const std::string& below) const;
  /// A file's bytes, at most 1 MiB.
  std::optional<std::string> bytes(const std::string& below) const;
  /// Names in a folder, sorted; empty if it is not there.
  std::vector<std::string> list(const std::string& below) const;
  bool exists(const std::string& below) const;
  /// The last part of where a link points; empty if it is not a link.
  std::string link_name(const std::string& below) const;
  /// The path below the root that this one leads to, over its links; empty if it leads nowhere. Never leaves the tree.
  std::string resolved(const std::string& below) const;

  const std::vector<Problem>& problems() const { return problems_; }
  void note_problem(const std::string& what, const std::string& reason) const;

 private:
  /// Where to look in the real file system; empty: it is not there.
  std::string place(const std::string& below) const;

  std::string root_;
  mutable std::vector<Problem> problems_;
};

}  // namespace assay::inventory
