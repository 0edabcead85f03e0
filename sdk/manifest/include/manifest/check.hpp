// Checks JSON documents against a JSON Schema, and plugin manifests against everything that a schema cannot say.
// Used by the manifest tool at a plugin's build, and by the host on every manifest that it reads.
#pragma once

#include <string>
#include <vector>

namespace assay::manifest {

/// One thing that is wrong: where (a JSON pointer such as "/tests/0/id"; "" for the whole) and what.
struct Fault {
  std::string where;
  std::string what;
};

/// The schema of plugin manifests.
const char* schema();

/// Checks a JSON text against a JSON Schema (draft 7). A text that is not JSON gives one fault with line and column.
std::vector<Fault> check_json(const std::string& json, const char* schema);

/// Checks a manifest: the schema, then unique ids, test ids that begin with the plugin's, defaults within their ranges.
std::vector<Fault> check_manifest(const std::string& json);

}  // namespace assay::manifest
