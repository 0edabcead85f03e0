// Whether two samples differ: Mann and Whitney's test (1947) and Hodges and Lehmann's shift (1963), exact for small
// samples, ties included. Debian's libraries have no such test.
#pragma once

#include <vector>

namespace assay::reports {

struct Shift {
  double p = 1;                    // two-sided
  double shift = 0;                // median of all differences, b - a
  double least = 0, greatest = 0;  // 95 % confidence interval of the shift
  bool enough = false;             // samples large enough that p < 0.05 and the interval could come out
};

Shift compare_samples(std::vector<double> a, std::vector<double> b);

/// The least p that samples of these sizes can give.
double least_p(int a, int b);

/// Benjamini and Hochberg's adjusted p values (1995), in the same order.
std::vector<double> adjusted(const std::vector<double>& p);

/// The chance that all `failures` fall into the first `before` of `before + after` alike trials, if nothing had
/// changed: C(before, failures) / C(before + after, failures).
double luck(int failures, int before, int after);

}  // namespace assay::reports
