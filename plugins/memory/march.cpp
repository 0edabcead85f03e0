#include "march.hpp"

namespace memory {
namespace {

constexpr size_t line = 8;  // words in a cache line

/// Looks at one line that has a difference somewhere.
void locate(uint64_t* words, const uint64_t* got, uint64_t expected, Errors& errors) {
  for (size_t i = 0; i < line; ++i)
    if (got[i] != expected) errors.add(words + i, expected, got[i]);
}

/// One line: read all, remember what was there if it was wrong, write all. The compiler keeps the words in registers.
inline void step(uint64_t* words, uint64_t expected, uint64_t next, Errors& errors) {
  uint64_t got[line], difference = 0;
  for (size_t i = 0; i < line; ++i) {
    got[i] = words[i];
    difference |= got[i] ^ expected;
  }
  for (size_t i = 0; i < line; ++i) words[i] = next;
  if (difference != 0) locate(words, got, expected, errors);
}

/// A pass must not be merged with the next one: memory may change between them, that is the point.
void fence() { __asm__ volatile("" ::: "memory"); }

uint64_t scrambled(const uint64_t* word, uint64_t key) {
  return (reinterpret_cast<uint64_t>(word) ^ key) * 0x9E3779B97F4A7C15u;  // odd: one to one
}

}  // namespace

void Errors::add(uint64_t* word, uint64_t want, uint64_t got) {
  if (count++ == 0) first = word, expected = want, actual = got;
  bits |= want ^ got;
}

void Errors::add(const Errors& other) {
  if (count == 0) first = other.first, expected = other.expected, actual = other.actual;
  count += other.count;
  bits |= other.bits;
}

void write_all(uint64_t* words, size_t count, uint64_t value) {
  for (size_t i = 0; i < count; ++i) words[i] = value;
  fence();
}

void read_write(uint64_t* words, size_t count, Order order, uint64_t expected, uint64_t next, Errors& errors) {
  if (order == Order::up)
    for (size_t i = 0; i < count; i += line) step(words + i, expected, next, errors);
  else
    for (size_t i = count; i > 0; i -= line) step(words + i - line, expected, next, errors);
  fence();
}

void read_all(uint64_t* words, size_t count, uint64_t expected, Errors& errors) {
  for (size_t i = 0; i < count; i += line) {
    uint64_t difference = 0;
    for (size_t k = 0; k < line; ++k) difference |= words[i + k] ^ expected;
    if (difference != 0) locate(words + i, words + i, expected, errors);
  }
  fence();
}

void write_addresses(uint64_t* words, size_t count, uint64_t key) {
  for (size_t i = 0; i < count; ++i) words[i] = scrambled(words + i, key);
  fence();
}

void read_addresses(uint64_t* words, size_t count, uint64_t key, Errors& errors) {
  for (size_t i = 0; i < count; ++i) {
    const uint64_t want = scrambled(words + i, key), got = words[i];
    if (got != want) errors.add(words + i, want, got);
  }
  fence();
}

}  // namespace memory
