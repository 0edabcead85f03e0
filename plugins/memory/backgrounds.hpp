// Word backgrounds. A march test of single cells finds coupling between words; between the bits that are written
// together it needs log2(width) + 1 backgrounds (A. J. van de Goor and I. B. S. Tlili, DATE 1998). A line of 512 bits
// is written together, so there are ten: seven within the words of 64 bits, and three that tell the words of a line
// apart.
#pragma once

#include "kernels/line.hpp"

namespace memory {

constexpr size_t background_count = 10;

constexpr Line background(size_t number) {
  constexpr uint64_t in_words[] = {0,
                                   0x5555555555555555u,
                                   0x3333333333333333u,
                                   0x0F0F0F0F0F0F0F0Fu,
                                   0x00FF00FF00FF00FFu,
                                   0x0000FFFF0000FFFFu,
                                   0x00000000FFFFFFFFu};
  Line line{};
  for (size_t word = 0; word < line_words; ++word)
    line.word[word] = number < 7 ? in_words[number] : (word >> (number - 7) & 1) != 0 ? ~uint64_t{0} : 0;
  return line;
}

constexpr Line complement(Line line) {
  for (uint64_t& word : line.word) word = ~word;
  return line;
}

}  // namespace memory
