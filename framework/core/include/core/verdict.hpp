// The two axes of every trial: its status (did it run?) and its result (what does it say of the hardware?).
#pragma once

#include <optional>
#include <string_view>

namespace assay::core {

/// Did the trial run? Only `complete` can carry a result about the hardware; the others are trouble or absence, with
/// the one exception of a machine check that arrived while it ran.
enum class Status { complete, skipped, error, timeout, crashed, aborted };

/// What it says of the hardware. Ordered so that the greater is the worse.
enum class Result { none, pass, inconclusive, marginal, fail };

/// Why a trial was made. Only `test` and `confirm` say anything of the machine.
enum class Purpose { test, confirm, injection, control };

std::string_view name(Status status);
std::string_view name(Result result);
std::string_view name(Purpose purpose);
std::optional<Status> status_from(std::string_view name);
std::optional<Result> result_from(std::string_view name);
std::optional<Purpose> purpose_from(std::string_view name);

inline Result worse(Result a, Result b) { return a < b ? b : a; }
inline bool speaks_of_machine(Purpose purpose) { return purpose == Purpose::test || purpose == Purpose::confirm; }

/// Exit codes of `assay` (docs/architecture.md).
enum class ExitCode { pass = 0, fail = 1, usage = 2, incomplete = 3, marginal = 4, interrupted = 130 };

}  // namespace assay::core
