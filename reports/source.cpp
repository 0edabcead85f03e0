#include "source.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/json.hpp"
#include "core/text.hpp"
#include "words.hpp"

namespace assay::reports {

using fmt::arg;
using nlohmann::json;

namespace {

json parse_machine(const std::string& text) {
  json machine = core::json_or_null(text);
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

std::string Source::name_of(const core::Target& target) const {
  const auto bytes_of = [&](const char* key) { return std::strtoull(target.attribute(key).c_str(), nullptr, 10); };
  const std::string& title = target.title;
  if (title.empty()) return target.id == "machine" ? l.say("Machine") : target.id;
  const size_t digits = title.find_first_not_of("0123456789");
  const bool counted = digits > 0 && digits < 6 && title[digits] == ' ';
  const long count = counted ? std::strtol(title.c_str(), nullptr, 10) : 0;
  if (target.kind == "core" && target.id.rfind("core:", 0) == 0)
    return l.say("core {number}", arg("number", target.id.substr(5)));
  if (target.kind == "memory" && bytes_of("visible_bytes") > 0)
    return l.say("{size} memory", arg("size", l.bytes(bytes_of("visible_bytes"))));
  if (target.kind == "usb" && counted) return l.say_n("{count} USB device", "{count} USB devices", count);
  if (target.kind == "sensor" && counted) return l.say_n("{count} sensor", "{count} sensors", count);
  // A disk's title ends with its size.
  const std::string size = bytes_of("bytes") > 0 ? core::format_bytes(bytes_of("bytes")) : "";
  if (!size.empty() && title.size() >= size.size() && title.compare(title.size() - size.size(), size.size(), size) == 0)
    return title.substr(0, title.size() - size.size()) + l.bytes(bytes_of("bytes"));
  return title;
}

std::string Source::test_and_target(const std::string& test, const core::Target& target) const {
  return joined(test_title(test), name_of(target), l);
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
