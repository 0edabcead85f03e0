// The arithmetic of the plugin `cpu`: its reference against the standard library, its kernels against the reference.
#include <immintrin.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>

#include "../support/command.hpp"
#include "cores.hpp"
#include "fma_work.hpp"
#include "kernels/integer_kernel.hpp"
#include "kernels/special_kernel.hpp"

using namespace cpu;

namespace {

template <class Number, class Bits>
Number number(uint64_t pattern) {
  const auto bits = static_cast<Bits>(pattern);
  Number value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class Number, class Bits>
uint64_t pattern(Number value) {
  Bits bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Any finite number, or one near another's exponent, so that cancellation happens.
template <class Bits>
uint64_t finite(std::mt19937_64& random, Format format) {
  while (true) {
    auto bits = static_cast<Bits>(random());
    if (random() % 3 == 0) {
      const auto middle = Bits{1} << (format.exponent_bits - 1);
      bits = static_cast<Bits>((bits & ~(((Bits{1} << format.exponent_bits) - 1) << format.fraction_bits)) |
                               static_cast<Bits>((middle - 4 + random() % 8) << format.fraction_bits));
    }
    const auto most = (Bits{1} << format.exponent_bits) - 1;
    if ((bits >> format.fraction_bits & most) != most) return bits;
  }
}

template <class Number, class Bits>
void compare_with_library(Format format) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 400'000; ++i) {
    const uint64_t a = finite<Bits>(random, format), b = finite<Bits>(random, format);
    uint64_t c = finite<Bits>(random, format);
    const Number x = number<Number, Bits>(a), y = number<Number, Bits>(b);
    // Every fourth time near-cancellation, where the rounding of the product shows.
    if (i % 4 == 0 && std::isfinite(-(x * y))) c = pattern<Number, Bits>(-(x * y));
    const Number z = number<Number, Bits>(c);
    const uint64_t fused = pattern<Number, Bits>(std::fma(x, y, z));
    if (soft_fma(format, a, b, c, Denormals::kept) != fused) FAIL("fma " << x << " * " << y << " + " << z);
    volatile Number product = x * y;
    const Number sum = product + z;
    if (soft_multiply_then_add(format, a, b, c, Denormals::kept) != pattern<Number, Bits>(sum))
      FAIL(x << " * " << y << " then + " << z);
  }
}

}  // namespace

TEST_CASE("multiply-adds worked out with integers equal the correctly rounded ones, over the full range") {
  compare_with_library<double, uint64_t>(dual);
  compare_with_library<float, uint32_t>(single);
}

TEST_CASE("the reference of floating point is the constant of the binary") {
  CHECK(digest_of_reference() == reference_digest);
}

TEST_CASE("every instruction set that this processor has gives the exact results in all lanes") {
  for (size_t i = 0; i < variant_count; ++i) {
    const FmaVariant& variant = *fma_variants()[i];
    INFO(variant.instructions << " " << variant.precision);
    if (!variant.supported()) {
      WARN("not tried here: " << variant.instructions);
      continue;
    }
    for (uint64_t seed = 1; seed < 6; ++seed) {
      const ChainWork chain(variant, seed);
      Numbers ends(variant.format, chains * variant.lanes);
      variant.run_chains(chain.multiplier.data(), chain.subtrahend.data(), chain.start.data(), ends.data());
      CHECK(ends.difference(chain.expected) == ends.count());
      for (const Denormals denormals : {Denormals::kept, Denormals::zero}) {
        const ElementWork elements(variant, seed, denormals);
        Numbers results(variant.format, ElementWork::count);
        const unsigned before = _mm_getcsr();
        run_elements(variant, elements, results);
        CHECK((_mm_getcsr() & ~0x3Fu) == (before & ~0x3Fu));
        const size_t at = results.difference(elements.expected);
        INFO("number " << at << std::hex << ": expected " << elements.expected.get(at % results.count()) << " got "
                       << results.get(at % results.count()));
        CHECK(at == results.count());
      }
    }
  }
}

TEST_CASE("chains stay where nothing is rounded away, and carry every wrong bit to their end") {
  for (size_t v = 0; v < variant_count; ++v) {
    const FmaVariant& variant = *fma_variants()[v];
    if (!variant.supported()) continue;
    INFO(variant.instructions << " " << variant.precision);
    ChainWork chain(variant, 9);
    const uint64_t one = variant.precision == std::string("double") ? 0x3FF0000000000000u : 0x3F800000u;
    for (size_t i = 0; i < chain.expected.count(); ++i) {
      // Still between 1 and 2: the same exponent.
      CHECK(chain.expected.get(i) >> variant.format.fraction_bits == one >> variant.format.fraction_bits);
    }
    const int bits = variant.format.fraction_bits + variant.format.exponent_bits + 1;
    Numbers ends(variant.format, chains * variant.lanes);
    for (int bit = 0; bit < bits; ++bit) {
      const size_t victim = static_cast<size_t>(bit) % chain.start.count();
      const uint64_t sound = chain.start.get(victim);
      chain.start.set(victim, sound ^ uint64_t{1} << bit);
      variant.run_chains(chain.multiplier.data(), chain.subtrahend.data(), chain.start.data(), ends.data());
      INFO("bit " << bit);
      CHECK(ends.difference(chain.expected) == victim);
      chain.start.set(victim, sound);
    }
  }
}

TEST_CASE("fused and unfused results differ, so the forced instruction set is the one that ran") {
  if (!fma_avx2_double.supported()) {
    WARN("not tried here: this processor has no FMA");
    return;
  }
  const ChainWork fused(fma_avx2_double, 3), unfused(fma_sse2_double, 3);
  int differ = 0;
  for (size_t c = 0; c < chains; ++c) differ += fused.expected.get(c * 4) != unfused.expected.get(c * 2) ? 1 : 0;
  CHECK(differ > 0);
}

TEST_CASE("a core is blamed by vote, and nobody when the vote is open") {
  CHECK(vote({"a", "a", "a"}).outvoted.empty());
  CHECK(vote({"a", "b", "a"}).outvoted == std::vector<size_t>{1});
  CHECK(vote({"a", "b", "a"}).decided);
  CHECK_FALSE(vote({"a", "b"}).decided);
  CHECK(vote({"a", "b"}).outvoted.size() == 2);
  CHECK_FALSE(vote({"a", "a", "b", "b"}).decided);
  CHECK(vote({"a", "a", "b", "c"}).outvoted == std::vector<size_t>{2, 3});
  CHECK_FALSE(vote({"a", "b", "c"}).decided);
  CHECK(vote({}).outvoted.empty());
}

TEST_CASE("threads run at once, each on its own core") {
  const auto cores = usable_cores();
  REQUIRE_FALSE(cores.empty());
  std::vector<std::vector<int>> seen(cores.size());
  run_on(cores, [&](size_t place, Stay&) { seen[place] = usable_cores(); });
  for (size_t place = 0; place < cores.size(); ++place) CHECK(seen[place] == std::vector<int>{cores[place]});
}

TEST_CASE("a thread that was not on its core from beginning to end is noticed, and which core it was") {
  const auto cores = usable_cores();
  if (cores.size() < 2) {
    WARN("only one core can be used here: none can be taken away");
    return;
  }
  const int taken = cores.back(), other = cores.front();
  const auto run_with = [&](const std::function<void(Stay&)>& what_happens) {
    run_on(cores, [&](size_t place, Stay& stay) {
      if (cores[place] == taken) what_happens(stay);
    });
  };
  const auto gone = Catch::Contains("core " + std::to_string(taken) + " went away");
  run_with([](Stay& stay) { stay.look(); });
  // As Linux does it when a core goes offline, or its cpuset loses it.
  CHECK_THROWS_WITH(run_with([&](Stay&) { pin_to(other); }), gone);
  CHECK_THROWS_WITH(run_with([&](Stay& stay) {
                      pin_to(other);
                      stay.look();
                      pin_to(taken);  // and back
                    }),
                    gone);
  CHECK_THROWS_WITH(run_on({taken, 8191}, [](size_t, Stay&) {}), Catch::Contains("core 8191 went away"));
  CHECK(core_number("7") == 7);
  for (const char* none : {"", "x", "7x", "99999999999"}) CHECK(core_number(none) == -1);
}

TEST_CASE("that a core is gone is said with how it went, where Linux tells") {
  const assay::test::Scratch scratch;
  std::filesystem::create_directories(scratch / "sys/devices/system/cpu/cpu3");
  assay::test::write_file(scratch / "sys/devices/system/cpu/cpu3/online", "0\n");
  CHECK_THAT(CoreGone(3, scratch.path()).what(), Catch::Contains("Linux has taken it offline"));
  assay::test::write_file(scratch / "sys/devices/system/cpu/cpu3/online", "1\n");
  CHECK_THAT(CoreGone(3, scratch.path()).what(), Catch::Contains("cpuset"));
  CHECK_THAT(CoreGone(0, scratch.path()).what(), Catch::Contains("cpuset"));  // Linux has no such file for it
}

TEST_CASE("special instructions give what plain code gives") {
  for (const SpecialCase& special : special_cases) {
    INFO(special.name);
    if (!special.supported()) {
      WARN("not tried here: " << special.name);
      continue;
    }
    std::mt19937_64 random(8);
    uint64_t results = 0;
    for (int i = 0; i < 20'000; ++i) {
      const uint64_t a = random(), b = random();
      const uint64_t got = special.special(a, b);
      if (got != special.plain(a, b)) FAIL(special.name << " of " << a << " and " << b);
      results |= got ^ special.special(a, ~b);
    }
    CHECK(results != 0);  // it does depend on what goes in
  }
}

TEST_CASE("who is to blame follows the majority, then who does not agree with itself, and else stays open") {
  const struct {
    std::vector<std::string> values, again;
    std::vector<size_t> wrong;
    bool decided, by_repeat;
    size_t sound, example;
  } cases[] = {
      {{"a", "a", "a"}, {}, {}, true, false, 0, 0},
      {{"a", "b", "a"}, {}, {1}, true, false, 0, 1},
      {{"b", "a", "a"}, {}, {0}, true, false, 1, 0},
      {{"x", "y", "z", "z"}, {}, {0, 1}, true, false, 2, 0},
      {{"a", "b"}, {"a", "a"}, {1}, true, true, 0, 1},
      {{"b", "a"}, {"a", "a"}, {0}, true, true, 1, 0},
      {{"a", "b"}, {"a", "b"}, {0, 1}, false, false, 0, 1},
      {{"a", "b"}, {"c", "d"}, {0, 1}, false, false, 0, 1},
      {{"a", "a", "b", "b"}, {"a", "a", "b", "c"}, {3}, true, true, 0, 2},
  };
  for (const auto& c : cases) {
    INFO(c.values[0] << c.values[1] << " of " << c.values.size());
    int asked = 0;
    const Blame found = blame(c.values, [&] { return ++asked, c.again; });
    CHECK(found.wrong == c.wrong);
    CHECK(found.decided == c.decided);
    CHECK(found.by_repeat == c.by_repeat);
    CHECK((asked > 0) == !c.again.empty());
    CHECK(found.sound == c.sound);
    if (!c.wrong.empty()) CHECK(found.example == c.example);
  }
}
