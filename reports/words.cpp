#include "words.hpp"

#include <algorithm>
#include <map>

#include "core/text.hpp"

namespace assay::reports {

using core::Result;

State state_of(Result result) {
  switch (result) {
    case Result::pass:
      return {"Passed", "pass"};
    case Result::marginal:
      return {"Near the limit", "marginal"};
    case Result::fail:
      return {"Failed", "fail"};
    case Result::inconclusive:
      return {"Could not tell", "unclear"};
    case Result::none:
      return {"Not tested", "not-tested"};
  }
  return {"Could not tell", "unclear"};
}

std::string subsystem_name(const std::string& id) {
  static const std::map<std::string, std::string> names{{"processor", "Processor"},
                                                        {"memory", "Memory"},
                                                        {"storage", "Disks"},
                                                        {"usb", "USB"},
                                                        {"network", "Network"},
                                                        {"power", "Battery and power"},
                                                        {"cooling", "Temperatures and fans"},
                                                        {"system", "System"},
                                                        {"display", "Display"},
                                                        {"other", "Other"}};
  const auto found = names.find(id);
  return found == names.end() ? id : found->second;
}

std::string comparator_words(core::Comparator comparator) {
  switch (comparator) {
    case core::Comparator::at_most:
      return "at most";
    case core::Comparator::at_least:
      return "at least";
    case core::Comparator::equal:
      return "exactly";
    case core::Comparator::below:
      return "below";
    case core::Comparator::above:
      return "above";
  }
  return "";
}

std::string with_unit(double value, const std::string& unit) {
  if (unit == "B") return core::format_bytes(static_cast<uint64_t>(std::max(0.0, value)));
  if (unit == "1") return core::format_number(value);
  return core::format_number(value) + " " + unit;
}

}  // namespace assay::reports
