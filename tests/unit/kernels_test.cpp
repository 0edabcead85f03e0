// The plugins' kernels, without the plugins around them.
#include <catch2/catch.hpp>
#include <vector>

#include "kernels/integer_kernel.hpp"
#include "storage/histogram.hpp"

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
