// The journal's own parts as JSON, in both directions. Private to this room.
#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "core/errors.hpp"
#include "journal/record.hpp"

namespace assay::journal {

using Json = nlohmann::ordered_json;

Json to_json(const core::LocalText& text);
Json to_json(const core::Value& value);
Json to_json(const core::Values& values);
Json to_json(const TestInfo& test);
Json to_json(const NotTested& entry);
Json to_json(const TrialStart& start);
Json to_json(const TrialEnd& end);
Json to_json(const FailedPlace& failed);
/// The part of a run's start that OCP has no field for.
Json to_json(const RunStart& start);

core::LocalText local_text(const Json& json);
TrialStart trial_start(const Json& json);
TrialEnd trial_end(const Json& json);
FailedPlace failed_place(const Json& json);
RunStart run_start(const Json& json);

/// A whole number that T holds. nlohmann would cast whatever number stands there.
template <class T>
T whole(const Json& json) {
  if (json.is_number_unsigned() && std::in_range<T>(json.get<uint64_t>())) return json.get<T>();
  if (json.is_number_integer() && !json.is_number_unsigned() && std::in_range<T>(json.get<int64_t>()))
    return json.get<T>();
  throw core::BadInput("a number that is not whole, or out of range");
}

std::string line(const Json& json);

}  // namespace assay::journal
