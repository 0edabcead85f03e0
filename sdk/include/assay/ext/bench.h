/* Extension "assay.bench/1", plugin to host: the plugin's kernels, bare, so that `assay-bench` can time them. A kernel
 * here must be the very code that the tests run. get_factory(ASSAY_EXT_BENCH) returns an assay_bench. */
#ifndef ASSAY_EXT_BENCH_H
#define ASSAY_EXT_BENCH_H

#include "../plugin.h"

#define ASSAY_EXT_BENCH "assay.bench/1"

typedef struct assay_kernel {
  uint32_t struct_size;
  uint32_t reserved;              /* 0 */
  const char *name;               /* "fma/avx2/double" */
  double operations_per_call;     /* floating-point or integer operations; 0 if that is not what it does */
  double bytes_per_call;          /* bytes read plus bytes written; 0 if that is not what it does */
  int32_t (*supported)(void);     /* [main] Nonzero when this machine can run it. */
  void *(*set_up)(void);          /* [main] What the kernel works on. */
  void (*call)(void *state);      /* [main] One call, some 10 us to 10 ms long. */
  void (*tear_down)(void *state); /* [main] */
} assay_kernel;

typedef struct assay_bench {
  uint32_t struct_size;
  uint32_t count;
  const assay_kernel *kernels;
} assay_bench;

#endif
