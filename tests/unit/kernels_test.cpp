// The plugins' kernels, without the plugins around them.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "cpu/exact_fma.hpp"
#include "cpu/fma_kernel.hpp"
#include "cpu/integer_kernel.hpp"
#include "storage/histogram.hpp"

TEST_CASE("multiply-adds worked out with integers equal the correctly rounded ones") {
  std::mt19937_64 random(3);
  const auto number = [&] {
    const uint64_t bits = (random() & 0x800FFFFFFFFFFFFFu) | (uint64_t{1023 - 60 + random() % 120} << 52);
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  };
  for (int i = 0; i < 200000; ++i) {
    const double a = number(), b = number(), c = number();
    const double expected = std::fma(a, b, c);
    // The reference is for normal results, and this range gives no others; zero is exact cancellation.
    if (cpu::exact_fma(a, b, c) != expected) FAIL(a << " * " << b << " + " << c);
    if (cpu::exact_multiply(a, b) != a * b) FAIL(a << " * " << b);
  }
  // Near-cancellation, where the rounding of the product shows.
  for (int i = 0; i < 100000; ++i) {
    const double a = number(), b = number(), c = -(a * b);
    if (cpu::exact_fma(a, b, c) != std::fma(a, b, c)) FAIL(a << " * " << b << " + " << c);
  }
}

TEST_CASE("every instruction set that this processor has gives the exact results in all lanes") {
  cpu::Operands o{1.37, 0.61, 1 / 1.37, -0.61 / 1.37, {}};
  for (size_t c = 0; c < cpu::chains; ++c) o.start[c] = 1 + 0.07 * static_cast<double>(c);
  int tried = 0;
  for (size_t i = 0; i < cpu::variant_count; ++i) {
    const cpu::FmaVariant& variant = *cpu::fma_variants()[i];
    if (!variant.supported()) continue;
    INFO(variant.name);
    ++tried;
    std::vector<double> ends(cpu::chains * variant.lanes);
    variant.kernel(o, 100, ends.data());
    for (size_t k = 0; k < ends.size(); ++k) {
      double value = o.start[k / variant.lanes];
      for (int step = 0; step < 100; ++step) {
        value =
            variant.fused ? std::fma(value, o.up, o.add) : cpu::exact_fma(cpu::exact_multiply(value, o.up), 1, o.add);
        value = variant.fused ? std::fma(value, o.down, o.subtract)
                              : cpu::exact_fma(cpu::exact_multiply(value, o.down), 1, o.subtract);
      }
      REQUIRE(std::memcmp(&value, &ends[k], sizeof value) == 0);
    }
  }
  CHECK(tried >= 1);
}

TEST_CASE("fused and unfused results differ, so the forced instruction set is the one that ran") {
  if (!cpu::fma_avx2.supported()) {
    WARN("skipped: this processor has no FMA");
    return;
  }
  cpu::Operands o{1.37, 0.61, 1 / 1.37, -0.61 / 1.37, {}};
  for (size_t c = 0; c < cpu::chains; ++c) o.start[c] = 1 + 0.0713 * static_cast<double>(c);
  std::vector<double> fused(cpu::chains * 4), plain(cpu::chains * 2);
  cpu::fma_avx2.kernel(o, 1000, fused.data());
  cpu::fma_sse2.kernel(o, 1000, plain.data());
  int differ = 0;
  for (size_t c = 0; c < cpu::chains; ++c) differ += fused[c * 4] != plain[c * 2] ? 1 : 0;
  CHECK(differ > 0);
}

TEST_CASE("a wrong start is still seen at the end of a block") {
  cpu::Operands o{1.37, 0.61, 1 / 1.37, -0.61 / 1.37, {}};
  for (double& start : o.start) start = 1.1;
  std::vector<double> good(cpu::chains * 2), bad(cpu::chains * 2);
  cpu::fma_sse2.kernel(o, 1000, good.data());
  o.start[3] = std::nextafter(o.start[3], 2);
  for (int i = 0; i < 4; ++i) o.start[3] = std::nextafter(o.start[3], 2);
  cpu::fma_sse2.kernel(o, 1000, bad.data());
  CHECK(good[6] != bad[6]);
  CHECK(good[0] == bad[0]);
}

TEST_CASE("integer results are accepted when right, and each wrong bit is named") {
  for (uint64_t i = 0; i < 20000; ++i) {
    const auto operands = cpu::integer_operands(11, i);
    const auto results = cpu::integer_work(operands);
    REQUIRE(cpu::integer_fault(operands, results) == nullptr);
    auto wrong = results;
    uint64_t* const fields[] = {&wrong.product_high, &wrong.product_low, &wrong.quotient, &wrong.remainder,
                                &wrong.rotated,      &wrong.sum_low,     &wrong.sum_high, &wrong.bits};
    *fields[i % 8] ^= uint64_t{1} << (i / 8 % 64);
    REQUIRE(cpu::integer_fault(operands, wrong) != nullptr);
  }
}

TEST_CASE("percentiles are right within their stated error") {
  storage::Histogram times;
  for (int i = 1; i <= 1000; ++i) times.add(i * 1e-6);
  times.add(5);
  CHECK(times.percentile(0.5) == Approx(500e-6).epsilon(0.023));
  CHECK(times.percentile(0.99) == Approx(990e-6).epsilon(0.023));
  CHECK(times.percentile(1) == Approx(5));
  CHECK(times.greatest() == 5);
  CHECK(storage::Histogram().percentile(0.5) == 0);
}
