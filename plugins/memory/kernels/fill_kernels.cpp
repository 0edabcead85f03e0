#include "fill_kernels.hpp"

namespace memory {
namespace {

/// A pass must not be merged with the next one: memory may change between them, that is the point.
void fence() { __asm__ volatile("" ::: "memory"); }

uint64_t scrambled(const uint64_t* word, uint64_t key) {
  return (reinterpret_cast<uint64_t>(word) ^ key) * 0x9E3779B97F4A7C15u;  // odd: one to one
}

/// G. Marsaglia, "Xorshift RNGs" (2003), with the shifts 13, 7, 17: plain enough for vectors.
struct Random {
  uint64_t state[line_words];
  explicit Random(uint64_t seed) {
    for (size_t i = 0; i < line_words; ++i) {
      state[i] = (seed + i + 1) * 0x9E3779B97F4A7C15u;
      state[i] ^= state[i] >> 29;
      if (state[i] == 0) state[i] = 1;
    }
  }
  void next() {
    for (uint64_t& x : state) {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
    }
  }
};

}  // namespace

void write_addresses(uint64_t* words, size_t lines, uint64_t key) {
  for (size_t i = 0; i < lines * line_words; ++i) words[i] = scrambled(words + i, key);
  fence();
}

void read_addresses(uint64_t* words, size_t lines, uint64_t key, MismatchSink& sink) {
  for (size_t i = 0; i < lines * line_words; ++i) {
    const uint64_t want = scrambled(words + i, key), got = words[i];
    if (got != want) sink.add({words + i, want, got, 0});
  }
  fence();
}

void write_random(uint64_t* words, size_t lines, uint64_t seed, bool invert) {
  Random random(seed);
  const uint64_t flip = invert ? ~uint64_t{0} : 0;
  for (size_t line = 0; line < lines; ++line, random.next())
    for (size_t i = 0; i < line_words; ++i) words[line * line_words + i] = random.state[i] ^ flip;
  fence();
}

void read_random(uint64_t* words, size_t lines, uint64_t seed, bool invert, MismatchSink& sink) {
  Random random(seed);
  const uint64_t flip = invert ? ~uint64_t{0} : 0;
  for (size_t line = 0; line < lines; ++line, random.next()) {
    uint64_t* at = words + line * line_words;
    uint64_t difference = 0;
    for (size_t i = 0; i < line_words; ++i) difference |= at[i] ^ random.state[i] ^ flip;
    if (difference == 0) continue;
    for (size_t i = 0; i < line_words; ++i)
      if (at[i] != (random.state[i] ^ flip)) sink.add({at + i, random.state[i] ^ flip, at[i], 0});
  }
  fence();
}

void invert_random(uint64_t* words, size_t lines, uint64_t seed, MismatchSink& sink) {
  Random random(seed);
  for (size_t line = 0; line < lines; ++line, random.next()) {
    uint64_t* at = words + line * line_words;
    uint64_t got[line_words];
    uint64_t difference = 0;
    for (size_t i = 0; i < line_words; ++i) {
      got[i] = at[i];
      difference |= got[i] ^ random.state[i];
    }
    for (size_t i = 0; i < line_words; ++i) at[i] = ~random.state[i];
    if (difference == 0) continue;
    for (size_t i = 0; i < line_words; ++i)
      if (got[i] != random.state[i]) sink.add({at + i, random.state[i], got[i], 0});
  }
  fence();
}

void write_modulo(uint64_t* words, size_t lines, size_t step, size_t offset, uint64_t value, int times) {
  const size_t count = lines * line_words;
  for (size_t i = offset; i < count; i += step) words[i] = value;
  fence();
  for (int time = 0; time < times; ++time) {
    size_t phase = 0;
    for (size_t i = 0; i < count; ++i) {
      if (phase != offset) words[i] = ~value;
      if (++phase == step) phase = 0;
    }
    fence();
  }
}

void read_modulo(uint64_t* words, size_t lines, size_t step, size_t offset, uint64_t value, MismatchSink& sink) {
  for (size_t i = offset; i < lines * line_words; i += step) {
    const uint64_t got = words[i];
    if (got != value) sink.add({words + i, value, got, 0});
  }
  fence();
}

void move_block(uint64_t* to, const uint64_t* from, size_t words) {
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

}  // namespace memory
