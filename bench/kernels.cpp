#include "kernels.hpp"

#include <boost/dll/shared_library.hpp>
#include <cstdlib>

#include "catalog/catalog.hpp"

namespace assay::bench {

std::vector<Kernel> load_kernels() {
  namespace dll = boost::dll;
  static std::vector<dll::shared_library> libraries;
  const char* path = std::getenv("ASSAY_PLUGIN_PATH");
  const auto catalog = catalog::Catalog::load({path != nullptr && *path != '\0' ? path : ASSAY_PLUGIN_FOLDER});
  std::vector<Kernel> kernels;
  for (const auto& plugin : catalog.plugins()) {
    libraries.emplace_back(plugin.path, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    const auto& entry = libraries.back().get<const assay_entry>("assay_entry_v1");
    const auto* bench = static_cast<const assay_bench*>(entry.get_factory(ASSAY_EXT_BENCH));
    for (uint32_t i = 0; bench != nullptr && i < bench->count; ++i)
      kernels.push_back({plugin.manifest.id + "/" + bench->kernels[i].name, bench->kernels + i});
  }
  return kernels;
}

}  // namespace assay::bench
