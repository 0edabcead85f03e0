// The words of a report in one language: the gettext catalogue in locale/, and numbers, dates and plurals as that
// language writes them. The catalogues are part of the program: a report can be drawn on any machine.
#pragma once

#include <fmt/core.h>

#include <locale>
#include <string>

namespace assay::reports {

class Language {
 public:
  /// "en", "nl", "fi" or "zh-Hans"; anything else counts as "en".
  explicit Language(const std::string& tag);

  const std::string& tag() const { return tag_; }

  /// A whole sentence or label of the catalogue, with its {named} parts filled in: say("{part} works.", fmt::arg(...)).
  template <class... Args>
  std::string say(const std::string& english, const Args&... args) const {
    if constexpr (sizeof...(args) == 0)
      return translated(english);
    else
      return fmt::vformat(translated(english), fmt::make_format_args(args...));
  }
  /// The same in the plural form that `count` needs; {count} is filled in.
  template <class... Args>
  std::string say_n(const std::string& one, const std::string& many, long count, const Args&... args) const {
    return fmt::vformat(translated(one, many, count), fmt::make_format_args(args..., fmt::arg("count", count)));
  }

  /// Up to four significant digits.
  std::string number(double value) const;
  /// "2 min 5 s".
  std::string duration(double seconds) const;
  std::string bytes(uint64_t bytes) const;
  /// "22 November 2026" from "2026-11-22T10:00:00.000Z"; what is no date is given back.
  std::string date(const std::string& timestamp) const;

 private:
  std::string translated(const std::string& english) const;
  std::string translated(const std::string& one, const std::string& many, long count) const;
  std::string decimal(std::string number) const;

  std::string tag_;
  std::locale locale_;
  std::string decimal_point_ = ".";
};

}  // namespace assay::reports
