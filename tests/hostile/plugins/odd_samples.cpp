// Pushes samples that are no numbers, and sums that no number holds.
#include <assay/ext/series.h>

#include <cfloat>
#include <cmath>
#include <initializer_list>

#include "hostile.hpp"

HOSTILE_RUN {
  const auto* series = static_cast<const assay_series*>(hostile_host->get_extension(ASSAY_EXT_SERIES));
  const int samples = series->open("samples", "1");
  for (const double value : {HUGE_VAL, -HUGE_VAL, std::nan(""), DBL_TRUE_MIN, DBL_MAX, DBL_MAX, 1.0})
    series->push(samples, value);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
