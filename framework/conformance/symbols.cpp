#include "symbols.hpp"

// Boost.DLL 1.81's library_info reads .dynsym; 1.74's is wrong on stripped files, so an older one must not be used.
#include <boost/version.hpp>
static_assert(BOOST_VERSION >= 108100, "library_info before Boost 1.81 misreads stripped libraries");

#include <boost/dll/library_info.hpp>

namespace assay::conformance {

std::vector<std::string> exported_symbols(const std::string& path) {
  boost::dll::library_info info(path);
  std::vector<std::string> names;
  for (const std::string& name : info.symbols())
    // What the linker itself adds at the ends of sections.
    if (!name.empty() && name != "_init" && name != "_fini" && name != "_edata" && name != "_end" &&
        name != "__bss_start")
      names.push_back(name);
  return names;
}

}  // namespace assay::conformance
