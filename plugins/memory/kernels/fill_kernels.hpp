// Contents that differ from word to word: each word's own address, and random words that the seed makes again.
#pragma once

#include "line.hpp"

namespace memory {

/// Writes into each word its own address, scrambled with `key` (one to one), and reads it back.
void write_addresses(uint64_t* words, size_t lines, uint64_t key);
void read_addresses(uint64_t* words, size_t lines, uint64_t key, MismatchSink& sink);

/// Random words: eight xorshift generators side by side, started from `seed`; `invert` gives their complement.
void write_random(uint64_t* words, size_t lines, uint64_t seed, bool invert);
void read_random(uint64_t* words, size_t lines, uint64_t seed, bool invert, MismatchSink& sink);
/// Reads the words and writes their complement in the same pass.
void invert_random(uint64_t* words, size_t lines, uint64_t seed, MismatchSink& sink);

/// Words whose number is `offset` modulo `step` get `value`, then all others its complement, `times` times over.
void write_modulo(uint64_t* words, size_t lines, size_t step, size_t offset, uint64_t value, int times);
/// Reads the words whose number is `offset` modulo `step`.
void read_modulo(uint64_t* words, size_t lines, size_t step, size_t offset, uint64_t value, MismatchSink& sink);

/// Copies with the processor's own string move (rep movsq), which takes other paths than stores do.
void move_block(uint64_t* to, const uint64_t* from, size_t words);

}  // namespace memory
