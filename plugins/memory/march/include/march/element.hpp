// What an element does to memory, for every kind of memory: the simulator's faulty cells and the kernels' cache lines
// go through this one loop.
#pragma once

#include <cstddef>

#include "march/algorithm.hpp"

namespace march {

/// Applies `operations` (a range of Operation) to each cell in turn. `Cells` has
///   void open(size_t cell)                the operations that follow are on this cell
///   void write(bool bit)
///   void read(bool bit, size_t operation) expects bit; notes it when something else is there
///   void close()                          the cell is done
template <class Cells, class Operations>
[[gnu::always_inline]] inline void apply_element(Cells& cells, size_t count, bool down, const Operations& operations) {
  for (size_t i = 0; i < count; ++i) {
    cells.open(down ? count - 1 - i : i);
    size_t number = 0;
    for (const Operation& operation : operations) {
      if (operation.write)
        cells.write(operation.bit);
      else
        cells.read(operation.bit, number);
      ++number;
    }
    cells.close();
  }
}

/// Runs an algorithm: `memory.element(number, down, element)` for each element, `memory.pause()` for each pause.
/// `any_down(number)` chooses the order of an element that may go either way.
template <class Memory, class AnyDown>
void run(const Algorithm& algorithm, Memory& memory, AnyDown any_down) {
  for (size_t number = 0; number < algorithm.elements.size(); ++number) {
    const Element& element = algorithm.elements[number];
    if (element.pause())
      memory.pause();
    else
      memory.element(number, element.order == Order::down || (element.order == Order::any && any_down(number)),
                     element);
  }
}

}  // namespace march
