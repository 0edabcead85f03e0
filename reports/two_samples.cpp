#include "two_samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace assay::reports {
namespace {

constexpr size_t most_exact = 60;    // of both samples together; beyond it the normal approximation is close
constexpr size_t most_values = 400;  // of a sample: more say no more, and all pairs are looked at

/// How many ways there are to choose `size` of the ranks with each sum. Ranks are doubled, so that ties are whole.
std::vector<double> ways(const std::vector<int>& ranks, size_t size) {
  const int all = std::accumulate(ranks.begin(), ranks.end(), 0);
  std::vector<std::vector<double>> table(size + 1, std::vector<double>(static_cast<size_t>(all) + 1, 0));
  table[0][0] = 1;
  for (size_t i = 0; i < ranks.size(); ++i)
    for (size_t n = std::min(size, i + 1); n > 0; --n)
      for (int sum = all; sum >= ranks[i]; --sum)
        table[n][static_cast<size_t>(sum)] += table[n - 1][static_cast<size_t>(sum - ranks[i])];
  return table[size];
}

/// Mid-ranks of all values, doubled, and the correction that ties make.
std::vector<int> doubled_ranks(const std::vector<double>& values, double& ties) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i] < values[j]; });
  std::vector<int> ranks(values.size());
  ties = 0;
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    while (end + 1 < order.size() && values[order[end + 1]] == values[order[i]]) ++end;
    for (size_t k = i; k <= end; ++k) ranks[order[k]] = static_cast<int>(i + end + 2);
    const auto count = static_cast<double>(end - i + 1);
    ties += count * count * count - count;
    i = end + 1;
  }
  return ranks;
}

double two_sided_p(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  double ties = 0;
  const std::vector<int> ranks = doubled_ranks(all, ties);
  const int sum = std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), 0);
  const auto n = static_cast<double>(all.size()), na = static_cast<double>(a.size()),
             nb = static_cast<double>(b.size());
  const double middle = na * (n + 1);  // of the doubled rank sum
  const double away = std::abs(sum - middle);
  if (all.size() <= most_exact) {
    const std::vector<double> count = ways(ranks, a.size());
    double extreme = 0, total = 0;
    for (size_t s = 0; s < count.size(); ++s) {
      total += count[s];
      if (std::abs(static_cast<double>(s) - middle) >= away - 1e-9) extreme += count[s];
    }
    return extreme / total;
  }
  const double variance = na * nb / 12 * (n + 1 - ties / (n * (n - 1)));
  return variance <= 0 ? 1 : std::erfc(std::max(0.0, away / 2 - 0.5) / std::sqrt(variance) / std::sqrt(2.0));
}

/// The number of pair differences to leave out at each end for an interval of 95 %; -1: no interval is that sure.
long left_out(size_t na, size_t nb) {
  const auto a = static_cast<double>(na), b = static_cast<double>(nb);
  if (na + nb > most_exact) return std::lround(std::floor(a * b / 2 - 1.959964 * std::sqrt(a * b * (a + b + 1) / 12)));
  std::vector<int> ranks(na + nb);
  std::iota(ranks.begin(), ranks.end(), 1);
  const std::vector<double> count = ways(ranks, na);
  const double total = std::accumulate(count.begin(), count.end(), 0.0);
  const size_t least = na * (na + 1) / 2;
  double below = 0;
  long most = -1;
  for (size_t s = least; s < count.size(); ++s) {
    below += count[s];
    if (below / total > 0.025) break;
    most = static_cast<long>(s - least);
  }
  return most;
}

void bound(std::vector<double>& values) {
  if (values.size() <= most_values) return;
  std::vector<double> kept;
  for (size_t i = 0; i < most_values; ++i) kept.push_back(values[i * values.size() / most_values]);
  values = kept;
}

}  // namespace

Shift compare_samples(std::vector<double> a, std::vector<double> b) {
  bound(a);
  bound(b);
  Shift result;
  if (a.empty() || b.empty()) return result;
  std::vector<double> differences;
  for (const double x : a)
    for (const double y : b) differences.push_back(y - x);
  std::sort(differences.begin(), differences.end());
  const size_t count = differences.size();
  result.shift = 0.5 * (differences[(count - 1) / 2] + differences[count / 2]);
  const long out = left_out(a.size(), b.size());
  result.enough = out >= 0;
  result.least = differences[static_cast<size_t>(std::max(0L, out))];
  result.greatest = differences[count - 1 - static_cast<size_t>(std::max(0L, out))];
  result.p = two_sided_p(a, b);
  return result;
}

double least_p(int a, int b) {
  double ways = 1;  // C(a + b, a)
  for (int i = 1; i <= a; ++i) ways *= static_cast<double>(b + i) / i;
  return std::min(1.0, 2 / ways);
}

std::vector<double> adjusted(const std::vector<double>& p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] > p[j]; });
  std::vector<double> result(p.size());
  double least = 1;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto rank = static_cast<double>(order.size() - i);
    least = std::min(least, p[order[i]] * static_cast<double>(p.size()) / rank);
    result[order[i]] = least;
  }
  return result;
}

double luck(int failures, int before, int after) {
  double result = 1;
  for (int i = 0; i < failures; ++i)
    result *= static_cast<double>(before - i) / static_cast<double>(before + after - i);
  return result;
}

}  // namespace assay::reports
