#include "core/verdict.hpp"

#include <array>
#include <utility>

#include "core/finding.hpp"

namespace assay::core {
namespace {

template <class Value, size_t count>
using Names = std::array<std::pair<Value, std::string_view>, count>;

constexpr Names<Status, 6> statuses{{{Status::complete, "complete"},
                                     {Status::skipped, "skipped"},
                                     {Status::error, "error"},
                                     {Status::timeout, "timeout"},
                                     {Status::crashed, "crashed"},
                                     {Status::aborted, "aborted"}}};
constexpr Names<Result, 5> results{{{Result::none, "none"},
                                    {Result::pass, "pass"},
                                    {Result::inconclusive, "inconclusive"},
                                    {Result::marginal, "marginal"},
                                    {Result::fail, "fail"}}};
constexpr Names<Purpose, 4> purposes{{{Purpose::test, "test"},
                                      {Purpose::confirm, "confirm"},
                                      {Purpose::injection, "injection"},
                                      {Purpose::control, "control"}}};
constexpr Names<Origin, 4> origins{
    {{Origin::test, "test"}, {Origin::limit, "limit"}, {Origin::kernel, "kernel"}, {Origin::host, "host"}}};

template <class Value, size_t count>
std::string_view find_name(const Names<Value, count>& names, Value value) {
  for (const auto& [candidate, text] : names)
    if (candidate == value) return text;
  return "unknown";
}

template <class Value, size_t count>
std::optional<Value> find_value(const Names<Value, count>& names, std::string_view name) {
  for (const auto& [value, text] : names)
    if (text == name) return value;
  return std::nullopt;
}

}  // namespace

std::string_view name(Status status) { return find_name(statuses, status); }
std::string_view name(Result result) { return find_name(results, result); }
std::string_view name(Purpose purpose) { return find_name(purposes, purpose); }
std::string_view name(Origin origin) { return find_name(origins, origin); }
std::optional<Status> status_from(std::string_view text) { return find_value(statuses, text); }
std::optional<Result> result_from(std::string_view text) { return find_value(results, text); }
std::optional<Purpose> purpose_from(std::string_view text) { return find_value(purposes, text); }
std::optional<Origin> origin_from(std::string_view text) { return find_value(origins, text); }

}  // namespace assay::core
