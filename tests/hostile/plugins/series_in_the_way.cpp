// Puts a file where the host keeps the samples of its series.
#include <assay/ext/series.h>
#include <fcntl.h>
#include <unistd.h>

#include "hostile.hpp"

HOSTILE_RUN {
  close(open("series-0.f64", O_WRONLY | O_CREAT, 0600));
  const auto* series = static_cast<const assay_series*>(hostile_host->get_extension(ASSAY_EXT_SERIES));
  series->push(series->open("samples", "1"), 1);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
