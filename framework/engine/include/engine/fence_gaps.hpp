// What of the fence around plugins Linux does not give here: docs/fence.md says what each part does.
#pragma once

#include <string>
#include <vector>

namespace assay::engine {

struct FenceGap {
  std::string part;  // namespaces, network, view, proc, user, landlock, landlock-truncate, calls
  std::string what;  // what that means, a sentence without its full stop
  bool usual;        // as it is meant to be for an ordinary user
};

/// Starts one runner that puts up the fence and loads nothing. `folder`: where it may work; exists. Throws
/// core::Trouble when the fence is so low here that no plugin may run, with the reason.
std::vector<FenceGap> fence_gaps(const std::string& runner, const std::string& folder);

/// The gaps that go by these names, as a runner tells them: separated by spaces.
std::vector<FenceGap> fence_gaps_named(const std::string& names);

}  // namespace assay::engine
