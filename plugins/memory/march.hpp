// March elements over 64-bit words. An element reads what must be there and writes what comes next, in one pass.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memory {

/// What was wrong in a range: how many words, the first of them, and all bits that ever differed.
struct Errors {
  uint64_t count = 0;
  uint64_t* first = nullptr;
  uint64_t expected = 0, actual = 0, bits = 0;

  void add(uint64_t* word, uint64_t want, uint64_t got);
  void add(const Errors& other);
};

enum class Order { up, down };

/// Writes `value` everywhere.
void write_all(uint64_t* words, size_t count, uint64_t value);
/// Reads `expected` and writes `next`, word by word, in the given order (March C-: r, w).
void read_write(uint64_t* words, size_t count, Order order, uint64_t expected, uint64_t next, Errors& errors);
/// Reads `expected` everywhere.
void read_all(uint64_t* words, size_t count, uint64_t expected, Errors& errors);

/// Writes into each word its own address, scrambled with `key`; then reads it back.
void write_addresses(uint64_t* words, size_t count, uint64_t key);
void read_addresses(uint64_t* words, size_t count, uint64_t key, Errors& errors);

}  // namespace memory
