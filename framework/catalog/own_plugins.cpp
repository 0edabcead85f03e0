#include "own_plugins.hpp"

namespace assay::catalog {

bool is_own(const std::string& id, const std::string& sha256) {
  for (const OwnPlugin* own = own_plugins; own->id != nullptr; ++own)
    if (id == own->id && sha256 == own->sha256) return true;
  return false;
}

std::string reserved_by(const std::string& id) {
  for (const OwnPlugin* own = own_plugins; own->id != nullptr; ++own)
    if (id == own->id || id.rfind(std::string(own->id) + ".", 0) == 0) return own->id;
  return {};
}

}  // namespace assay::catalog
