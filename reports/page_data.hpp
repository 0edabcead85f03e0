// From views to what the templates are filled with. What comes from a record is made safe here, in one place.
#pragma once

#include <initializer_list>
#include <kainjow/mustache.hpp>
#include <string>
#include <utility>

#include "reports/view.hpp"

namespace assay::reports {

using kainjow::mustache::data;

/// Texts of a record: whoever wrote them, nothing in them can act, hide or reorder what is beside it, or fill the page.
/// Each field that is not empty has a has_FIELD beside it.
data object(std::initializer_list<std::pair<const char*, std::string>> fields);

/// Numbers and shapes that this program made: as they are.
data& with(data& object_, const char* name, const std::string& value);
data& with(data& object_, const char* name, double value);

data with_state(data object_, const State& state);

template <class List, class Convert>
data list(const List& items, Convert convert) {
  data result{data::type::list};
  for (const auto& item : items) result.push_back(convert(item));
  return result;
}

data fact(const Fact& f);

/// Style, script, glyphs, and the hashes by which the page's content security policy lets only these act.
void add_frame(data& page);

}  // namespace assay::reports
