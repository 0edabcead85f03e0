#include "source.hpp"

#include <nlohmann/json.hpp>

#include "words.hpp"

namespace assay::reports {

using nlohmann::json;

namespace {

json parse_machine(const std::string& text) {
  json machine = json::parse(text.empty() ? "{}" : text, nullptr, false);
  return machine.is_object() ? machine : json::object();
}

}  // namespace

Source::Source(const journal::Record& r, const journal::Conclusion& c, const journal::RunFiles& f, const Extras& e)
    : record(r),
      conclusion(c),
      files(f),
      extras(e),
      l(e.language),
      machine(std::make_unique<json>(parse_machine(r.start.machine))) {}

Source::~Source() = default;

std::string Source::test_title(const std::string& id) const {
  const auto* test = record.test(id);
  return test == nullptr ? id : local(test->title);
}

std::string Source::subsystem_of(const std::string& test) const {
  const auto* info = record.test(test);
  return info == nullptr || info->subsystem.empty() ? "other" : info->subsystem;
}

std::string Source::measurement_title(const std::string& test, const std::string& key) const {
  if (const auto* info = record.test(test))
    for (const auto& m : info->measurements)
      if (m.key == key) return local(m.title);
  return key;
}

std::string Source::limits(const core::Measurement& m) const {
  std::string text;
  for (const auto& limit : m.limits)
    text +=
        (text.empty() ? "" : "; ") + comparator_words(limit.comparator, l) + " " + with_unit(limit.value, m.unit, l);
  return text;
}

}  // namespace assay::reports
