// The plugin `memory`: its tests, and its kernels for assay-bench.
#include <assay/ext/bench.h>

#include <assay/plugin.hpp>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "backgrounds.hpp"
#include "error_log.hpp"
#include "kernels/element_kernel.hpp"
#include "kernels/fill_kernels.hpp"
#include "tests.hpp"

namespace {

using memory::ElementKernel;
using memory::ElementWork;
using memory::Flush;

// 64 MiB: more than the caches of a bench machine's core.
struct BenchState {
  static constexpr size_t bytes = size_t{64} << 20, lines = bytes / memory::line_bytes;
  std::unique_ptr<uint64_t, void (*)(void*)> words{
      static_cast<uint64_t*>(std::aligned_alloc(memory::line_bytes, bytes)), &std::free};
  memory::ErrorLog log;
  bool turned = false;

  BenchState() { memory::write_random(words.get(), lines, 1, false); }
};

constexpr march::Operation write_zero[] = {{true, false}}, read_zero[] = {{false, false}},
                           read_write[] = {{false, false}, {true, true}},
                           march_raw[] = {{false, false}, {true, false}, {false, false},
                                          {false, false}, {true, true},  {false, true}};

/// One element over the whole buffer; it leaves what the next call expects.
template <const ElementKernel& kernel, const march::Operation* operations, size_t count, bool down>
struct ElementBench {
  static int32_t supported() { return kernel.supported() ? 1 : 0; }
  static void* set_up() {
    auto* state = new BenchState;
    kernel.apply(work(*state, write_zero, 1));
    return state;
  }
  static void call(void* given) {
    auto* state = static_cast<BenchState*>(given);
    kernel.apply(work(*state, operations, count));
    if (count > 1) state->turned = !state->turned;
  }
  static void tear_down(void* state) { delete static_cast<BenchState*>(state); }

 private:
  static ElementWork work(BenchState& state, const march::Operation* which, size_t how_many) {
    const memory::Line zeros = memory::background(0), ones = memory::complement(zeros);
    return {state.words.get(),
            BenchState::lines,
            down,
            which,
            how_many,
            {state.turned ? ones : zeros, state.turned ? zeros : ones},
            Flush::none,
            &state.log};
  }
};

template <const ElementKernel& kernel, const march::Operation* operations, size_t count, bool down>
constexpr assay_kernel element_bench(const char* name, double traffic) {
  using Bench = ElementBench<kernel, operations, count, down>;
  return {
      sizeof(assay_kernel), 0, name, 0, traffic * BenchState::bytes, &Bench::supported, &Bench::set_up, &Bench::call,
      &Bench::tear_down};
}

template <void (*pass)(BenchState&)>
constexpr assay_kernel fill_bench(const char* name, double traffic) {
  return {sizeof(assay_kernel),
          0,
          name,
          0,
          traffic * BenchState::bytes,
          [] { return int32_t{1}; },
          []() -> void* { return new BenchState; },
          [](void* state) { pass(*static_cast<BenchState*>(state)); },
          [](void* state) { delete static_cast<BenchState*>(state); }};
}

void invert_and_back(BenchState& s) {
  memory::invert_random(s.words.get(), BenchState::lines, 1, s.log);
  memory::write_random(s.words.get(), BenchState::lines, 1, false);
}
void own_address(BenchState& s) {
  memory::write_addresses(s.words.get(), BenchState::lines, 1);
  memory::read_addresses(s.words.get(), BenchState::lines, 1, s.log);
}
void block_move(BenchState& s) {
  const size_t half = BenchState::lines / 2 * memory::line_words;
  memory::move_block(s.words.get() + half, s.words.get(), half);
}
void modulo(BenchState& s) {
  memory::write_modulo(s.words.get(), BenchState::lines, 20, 3, 5, 1);
  memory::read_modulo(s.words.get(), BenchState::lines, 20, 3, 5, s.log);
}

using memory::element_avx2;
using memory::element_avx512;
using memory::element_scalar;

const assay_kernel kernels[] = {
    element_bench<element_avx512, write_zero, 1, false>("march/avx512/w", 1),
    element_bench<element_avx512, read_zero, 1, false>("march/avx512/r", 1),
    element_bench<element_avx512, read_write, 2, false>("march/avx512/up(r,w)", 2),
    element_bench<element_avx512, read_write, 2, true>("march/avx512/down(r,w)", 2),
    element_bench<element_avx512, march_raw, 6, false>("march/avx512/raw", 2),
    element_bench<element_avx2, write_zero, 1, false>("march/avx2/w", 1),
    element_bench<element_avx2, read_zero, 1, false>("march/avx2/r", 1),
    element_bench<element_avx2, read_write, 2, false>("march/avx2/up(r,w)", 2),
    element_bench<element_avx2, read_write, 2, true>("march/avx2/down(r,w)", 2),
    element_bench<element_avx2, march_raw, 6, false>("march/avx2/raw", 2),
    element_bench<element_scalar, write_zero, 1, false>("march/scalar/w", 1),
    element_bench<element_scalar, read_zero, 1, false>("march/scalar/r", 1),
    element_bench<element_scalar, read_write, 2, false>("march/scalar/up(r,w)", 2),
    element_bench<element_scalar, read_write, 2, true>("march/scalar/down(r,w)", 2),
    fill_bench<invert_and_back>("random", 3),
    fill_bench<own_address>("own-address", 2),
    fill_bench<block_move>("block-move", 1),
    fill_bench<modulo>("modulo", 2),
};
const assay_bench bench{sizeof(assay_bench), sizeof kernels / sizeof kernels[0], kernels};

const void* lookup(const char* id) { return std::strcmp(id, ASSAY_EXT_BENCH) == 0 ? &bench : nullptr; }

}  // namespace

ASSAY_PLUGIN_WITH(lookup, memory::MarchTest, memory::OwnAddressTest, memory::WalkingBitsTest, memory::RandomTest,
                  memory::BlockMoveTest, memory::ModuloTest, memory::BitFadeTest, memory::RowHammerTest)
