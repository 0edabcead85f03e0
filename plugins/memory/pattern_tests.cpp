// memory.walking-bits, memory.random, memory.block-move, memory.modulo: piece by piece, each piece from beginning to
// end.
#include <algorithm>

#include "backgrounds.hpp"
#include "kernels/element_kernel.hpp"
#include "kernels/fill_kernels.hpp"
#include "memory_trial.hpp"
#include "tests.hpp"

namespace memory {
namespace {

uint64_t mixed(uint64_t seed, uint64_t pass) { return (seed + pass) * 0xD1342543DE82EF95u + 1; }

/// A bit that turns over, or one that cannot hold a one: planted between a write and the next read.
void plant(const Job& job, const assay::Trial& trial, size_t first_line = 0) {
  if (!job.plant) return;
  uint64_t* victim = job.piece.words + first_line * line_words + trial.seed() % (job.piece.lines / 2 * line_words);
  if (trial.injects("flip-bit")) *victim ^= uint64_t{1} << 21;
  if (trial.injects("stuck-bit")) *victim &= ~(uint64_t{1} << 40);
}

Line with_bit_turned(const Line& line, size_t bit) {
  Line turned = line;
  for (uint64_t& word : turned.word) word ^= uint64_t{1} << bit;
  return turned;
}

}  // namespace

void WalkingBitsTest::run(assay::Trial& trial) {
  static constexpr march::Operation write_first[] = {{true, false}}, read_last[] = {{false, false}},
                                    read_and_write_next[] = {{false, false}, {true, true}};
  MemoryTrial memory_trial(trial);
  const ElementKernel& kernel = widest_kernel();
  memory_trial.sweep([&](const Job& job) {
    trial.breadcrumb("walking bits", reinterpret_cast<uint64_t>(job.piece.words));
    // The seven word backgrounds, and then their complements: a one walks, then a zero.
    const uint64_t number = trial.seed() % 7 + job.pass;
    const Line base = number / 7 % 2 == 0 ? background(number % 7) : complement(background(number % 7));
    ElementWork work{job.piece.words, job.piece.lines, false, write_first, 1, {}, Flush::none, &job.log};
    work.pattern[0] = with_bit_turned(base, 0);
    kernel.apply(work);
    work.operations = read_and_write_next, work.operation_count = 2;
    for (size_t bit = 0; bit + 1 < 64; ++bit) {
      if (trial.should_stop()) return;
      memory_trial.settle(job.piece);
      if (bit == 41 || trial.injects("stuck-bit")) plant(job, trial);
      job.log.set_element(bit);
      work.down = bit % 2 == 1;
      work.pattern[0] = with_bit_turned(base, bit);
      work.pattern[1] = with_bit_turned(base, bit + 1);
      kernel.apply(work);
    }
    job.log.set_element(63);
    work.operations = read_last, work.operation_count = 1;
    work.pattern[0] = work.pattern[1];
    kernel.apply(work);
  });
  memory_trial.report([](const ErrorLog& log) { return "the step of bit " + std::to_string(log.first_element()); });
}

void RandomTest::run(assay::Trial& trial) {
  MemoryTrial memory_trial(trial);
  memory_trial.sweep([&](const Job& job) {
    trial.breadcrumb("random", reinterpret_cast<uint64_t>(job.piece.words));
    // By the place in this process: the same seed makes the same words in each piece.
    const uint64_t seed = mixed(trial.seed(), job.pass);
    job.log.set_element(0);
    write_random(job.piece.words, job.piece.lines, seed, false);
    memory_trial.settle(job.piece);
    plant(job, trial);
    invert_random(job.piece.words, job.piece.lines, seed, job.log);
    memory_trial.settle(job.piece);
    plant(job, trial);
    job.log.set_element(1);
    read_random(job.piece.words, job.piece.lines, seed, true, job.log);
  });
  memory_trial.report([](const ErrorLog& log) {
    return std::string(log.first_element() == 0 ? "the random words" : "the complement of the random words");
  });
}

void BlockMoveTest::run(assay::Trial& trial) {
  MemoryTrial memory_trial(trial);
  memory_trial.sweep([&](const Job& job) {
    trial.breadcrumb("block move", reinterpret_cast<uint64_t>(job.piece.words));
    const uint64_t seed = mixed(trial.seed(), job.pass);
    const size_t half = job.piece.lines / 2;
    uint64_t *low = job.piece.words, *high = low + half * line_words;
    write_random(low, half, seed, false);
    move_block(high, low, half * line_words);
    memory_trial.settle(job.piece);
    plant(job, trial, half);
    job.log.set_element(0);
    read_random(high, half, seed, false, job.log);
    // And back, one line further on.
    move_block(low + line_words, high, (half - 1) * line_words);
    memory_trial.settle(job.piece);
    job.log.set_element(1);
    read_random(low + line_words, half - 1, seed, false, job.log);
  });
  memory_trial.report(
      [](const ErrorLog& log) { return std::string(log.first_element() == 0 ? "the move upwards" : "the move back"); });
}

void ModuloTest::run(assay::Trial& trial) {
  MemoryTrial memory_trial(trial, size_t{32} << 20);
  const auto step = static_cast<size_t>(trial.integer("step"));
  memory_trial.sweep([&](const Job& job) {
    trial.breadcrumb("modulo", reinterpret_cast<uint64_t>(job.piece.words));
    const uint64_t value = mixed(trial.seed(), job.pass);
    // Every word has its turn; between the steps a request to stop is heard.
    for (size_t turn = 0; turn < 2 * step && !trial.should_stop(); ++turn) {
      const size_t offset = (trial.seed() + turn / 2) % step;
      const uint64_t wanted = turn % 2 == 0 ? value : ~value;
      job.log.set_element(turn % 2);
      write_modulo(job.piece.words, job.piece.lines, step, offset, wanted, 2);
      memory_trial.settle(job.piece);
      if (job.plant && trial.injects("flip-bit")) job.piece.words[offset + 5 * step] ^= 1;
      read_modulo(job.piece.words, job.piece.lines, step, offset, wanted, job.log);
    }
  });
  memory_trial.report([&](const ErrorLog& log) {
    return "every word number " + std::to_string(step) + std::string(log.first_element() == 0 ? "" : ", complement");
  });
}

}  // namespace memory
