// A memory of a few one-bit cells with up to two planted faults.
//
// The fault primitives are those of A. J. van de Goor and Z. Al-Ars, "Functional memory faults: a formal notation and a
// taxonomy" (VTS 2000): <S/F/R>, what sensitises the fault, what the cell then holds, what a read then returns.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "march/element.hpp"

namespace march {

constexpr size_t cells = 4;

enum class Kind {
  stuck_at,            // SAF: the cell holds `value`, always
  no_cell,             // AF: no cell behind the address; reads give `value`
  other_cell,          // AF: the address leads to `aggressor` and not to its own cell
  both_cells,          // AF: the address leads to its own cell and to `aggressor`; reads give their AND or OR (`value`)
  transition,          // TF: a write that would change the cell to `value` fails
  stuck_open,          // SOF: no access to the cell; a read gives what the last read gave
  write_disturb,       // WDF: writing `value` where it is already flips the cell
  read_destructive,    // RDF: reading `value` flips the cell and gives the wrong value
  deceptive_read,      // DRDF: reading `value` flips the cell and gives the right value
  incorrect_read,      // IRF: reading `value` gives the wrong value; the cell keeps it
  retention,           // DRF: a pause loses `value`
  coupling_inversion,  // CFin: the aggressor's change to `trigger` flips the victim
  coupling_idempotent,  // CFid: the aggressor's change to `trigger` sets the victim to `value`
  coupling_state,       // CFst: while the aggressor holds `trigger`, the victim holds `value`
  coupling_disturb,     // CFds: operation `operation` on an aggressor that holds `trigger` flips a victim of `value`
  coupling_transition,  // CFtr: while the aggressor holds `trigger`, the victim cannot change to `value`
  coupling_write,       // CFwd, CFrd, CFdr, CFir: as above, while the aggressor holds `trigger`
  coupling_read,
  coupling_deceptive,
  coupling_incorrect,
};

struct Fault {
  Kind kind = Kind::stuck_at;
  size_t victim = 0, aggressor = 0;
  bool trigger = false, value = false;
  Operation operation{};  // coupling_disturb: write 0, write 1, or read
};

class FaultyMemory {
 public:
  /// `faults` must outlive the memory.
  FaultyMemory(const std::vector<Fault>& faults, unsigned content);

  /// All that what comes next depends on, between two elements: the cells, and what was read last.
  static constexpr unsigned states = 1u << (cells + 1);
  unsigned state() const;
  /// Goes on from such a state; nothing has been found then.
  void go_on_from(unsigned state);

  void element(size_t number, bool down, const Element& element);
  void pause();
  /// True when a read gave another value than the test expects.
  bool found() const { return found_; }

  // For apply_element().
  void open(size_t cell) { address_ = cell; }
  void write(bool bit);
  void read(bool bit, size_t operation);
  void close() {}

 private:
  /// A fault of this kind that is sensitised at `victim` now, as far as its aggressor is concerned.
  const Fault* fault_of(Kind kind, size_t victim) const {
    return (kinds_ >> static_cast<unsigned>(kind) & 1) == 0 ? nullptr : sensitised(kind, victim);
  }
  const Fault* sensitised(Kind kind, size_t victim) const;
  void write_cell(size_t cell, bool bit);
  bool read_cell(size_t cell);
  void set(size_t cell, bool bit);
  void change(size_t cell, bool bit);
  void disturb(size_t cell, bool before, const Operation& operation);
  void settle();

  const std::vector<Fault>& faults_;
  unsigned kinds_ = 0;  // one bit for each kind that was planted
  std::array<bool, cells> content_{};
  size_t address_ = 0;
  bool last_read_ = false;
  bool found_ = false;
};

}  // namespace march
