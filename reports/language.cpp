#include "language.hpp"

#include <algorithm>
#include <boost/locale.hpp>
#include <boost/locale/gnu_gettext.hpp>
#include <cmath>
#include <ctime>
#include <map>
#include <sstream>

#include "core/text.hpp"

namespace assay::embedded {
extern const char messages_nl[], messages_fi[], messages_zh[];
extern const unsigned long messages_nl_size, messages_fi_size, messages_zh_size;
}  // namespace assay::embedded

namespace assay::reports {
namespace {

namespace bl = boost::locale;

struct Known {
  const char* locale;  // for dates and numbers
  const char* messages;
  unsigned long size;
};

const Known& known(const std::string& tag) {
  static const std::map<std::string, Known> languages{
      {"en", {"en_GB.UTF-8", nullptr, 0}},
      {"nl", {"nl_NL.UTF-8", embedded::messages_nl, embedded::messages_nl_size}},
      {"fi", {"fi_FI.UTF-8", embedded::messages_fi, embedded::messages_fi_size}},
      {"zh-Hans", {"zh_CN.UTF-8", embedded::messages_zh, embedded::messages_zh_size}}};
  return languages.at(languages.count(tag) == 0 ? "en" : tag);
}

std::locale make_locale(const Known& language) {
  auto backends = bl::localization_backend_manager::global();
  backends.select("icu");  // knows every locale, installed on the system or not
  bl::generator generator(backends);
  generator.categories(bl::category_t::formatting);
  const std::locale formats = generator(language.locale);
  if (language.messages == nullptr) return formats;
  bl::gnu_gettext::messages_info info;
  info.language = std::string(language.locale).substr(0, 2);
  info.encoding = "UTF-8";
  info.domains.emplace_back("assay");
  info.paths.emplace_back("");
  info.callback = [&language](const std::string&, const std::string&) {
    return std::vector<char>(language.messages, language.messages + language.size);
  };
  return {formats, bl::gnu_gettext::create_messages_facet<char>(info)};
}

}  // namespace

Language::Language(const std::string& tag)
    : tag_(tag == "nl" || tag == "fi" || tag == "zh-Hans" ? tag : "en"), locale_(make_locale(known(tag))) {
  std::ostringstream half;
  half.imbue(locale_);
  half << bl::as::number << 0.5;
  const std::string text = half.str();
  if (text.size() > 2) decimal_point_ = text.substr(1, text.size() - 2);
}

std::string Language::translated(const std::string& english) const { return bl::gettext(english.c_str(), locale_); }

std::string Language::translated(const std::string& one, const std::string& many, long count) const {
  return bl::ngettext(one.c_str(), many.c_str(), static_cast<int>(count), locale_);
}

std::string Language::decimal(std::string number) const {
  if (const size_t point = number.find('.'); point != std::string::npos) number.replace(point, 1, decimal_point_);
  return number;
}

std::string Language::number(double value) const { return decimal(core::format_number(value)); }

std::string Language::bytes(uint64_t bytes) const { return decimal(core::format_bytes(bytes)); }

std::string Language::duration(double given) const {
  const double seconds = std::clamp(given, 0.0, 1e9);
  if (seconds < 1) return say("{ms} ms", fmt::arg("ms", std::llround(seconds * 1000)));
  if (seconds < 10) return say("{s} s", fmt::arg("s", decimal(fmt::format("{:.1f}", seconds))));
  const long long whole = std::llround(seconds);
  const long long s = whole % 60, m = whole / 60 % 60, h = whole / 3600;
  if (whole < 60) return say("{s} s", fmt::arg("s", s));
  if (whole < 3600)
    return s == 0 ? say("{m} min", fmt::arg("m", m)) : say("{m} min {s} s", fmt::arg("m", m), fmt::arg("s", s));
  return m == 0 ? say("{h} h", fmt::arg("h", h)) : say("{h} h {m} min", fmt::arg("h", h), fmt::arg("m", m));
}

std::string Language::date(const std::string& timestamp) const {
  std::tm day{};
  if (strptime(timestamp.substr(0, 10).c_str(), "%Y-%m-%d", &day) == nullptr) return timestamp;
  std::ostringstream text;
  text.imbue(locale_);
  text << bl::as::gmt << bl::as::date_long << bl::as::date << timegm(&day);
  return text.str();
}

}  // namespace assay::reports
