// The kernels that plugins offer through assay.bench/1, loaded.
#pragma once

#include <assay/ext/bench.h>

#include <string>
#include <vector>

namespace assay::bench {

struct Kernel {
  std::string name;  // "memory/march/avx2/up(r,w)"
  const assay_kernel* kernel;
};

/// All kernels of the plugins in ASSAY_PLUGIN_PATH, or of Assay's own. The plugins stay loaded to the program's end.
std::vector<Kernel> load_kernels();

}  // namespace assay::bench
