#include "faulty_memory.hpp"

namespace march {

FaultyMemory::FaultyMemory(const std::vector<Fault>& faults, unsigned content) : faults_(faults) {
  for (const Fault& fault : faults_) kinds_ |= 1u << static_cast<unsigned>(fault.kind);
  for (size_t i = 0; i < cells; ++i) content_[i] = (content >> i & 1) != 0;
  settle();
}

unsigned FaultyMemory::state() const {
  unsigned bits = last_read_ ? 1u << cells : 0;
  for (size_t i = 0; i < cells; ++i) bits |= content_[i] ? 1u << i : 0;
  return bits;
}

void FaultyMemory::go_on_from(unsigned state) {
  for (size_t i = 0; i < cells; ++i) content_[i] = (state >> i & 1) != 0;
  last_read_ = (state >> cells & 1) != 0;
  found_ = false;
}

void FaultyMemory::element(size_t, bool down, const Element& element) {
  if (!found_) apply_element(*this, cells, down, element.operations);
}

void FaultyMemory::pause() {
  for (const Fault& fault : faults_)
    if (fault.kind == Kind::retention && content_[fault.victim] == fault.value) change(fault.victim, !fault.value);
}

const Fault* FaultyMemory::sensitised(Kind kind, size_t victim) const {
  for (const Fault& fault : faults_) {
    if (fault.kind != kind || fault.victim != victim) continue;
    const bool coupled = kind == Kind::coupling_transition || kind == Kind::coupling_write ||
                         kind == Kind::coupling_read || kind == Kind::coupling_deceptive ||
                         kind == Kind::coupling_incorrect;
    if (!coupled || content_[fault.aggressor] == fault.trigger) return &fault;
  }
  return nullptr;
}

void FaultyMemory::write(bool bit) {
  if (fault_of(Kind::no_cell, address_) != nullptr) return;
  if (const Fault* fault = fault_of(Kind::other_cell, address_)) return write_cell(fault->aggressor, bit);
  write_cell(address_, bit);
  if (const Fault* fault = fault_of(Kind::both_cells, address_)) write_cell(fault->aggressor, bit);
}

void FaultyMemory::read(bool bit, size_t) {
  bool got = false;
  if (const Fault* none = fault_of(Kind::no_cell, address_)) {
    got = none->value;
  } else if (const Fault* other = fault_of(Kind::other_cell, address_)) {
    got = read_cell(other->aggressor);
  } else if (const Fault* both = fault_of(Kind::both_cells, address_)) {
    const bool own = read_cell(address_), second = read_cell(both->aggressor);
    got = both->value ? (own || second) : (own && second);
  } else {
    got = read_cell(address_);
  }
  last_read_ = got;
  if (got != bit) found_ = true;
}

void FaultyMemory::write_cell(size_t cell, bool bit) {
  const bool before = content_[cell];
  if (fault_of(Kind::stuck_open, cell) != nullptr) return;
  const auto fails = [&](Kind kind) {
    const Fault* fault = fault_of(kind, cell);
    return fault != nullptr && before != bit && fault->value == bit;
  };
  const auto disturbs = [&](Kind kind) {
    const Fault* fault = fault_of(kind, cell);
    return fault != nullptr && before == bit && fault->value == bit;
  };
  if (fails(Kind::transition) || fails(Kind::coupling_transition)) {
    // The cell keeps what it held.
  } else if (disturbs(Kind::write_disturb) || disturbs(Kind::coupling_write)) {
    change(cell, !bit);
  } else {
    change(cell, bit);
  }
  disturb(cell, before, {true, bit});
}

bool FaultyMemory::read_cell(size_t cell) {
  if (fault_of(Kind::stuck_open, cell) != nullptr) return last_read_;
  const bool before = content_[cell];
  const auto applies = [&](Kind alone, Kind coupled) {
    const Fault* single = fault_of(alone, cell);
    const Fault* pair = fault_of(coupled, cell);
    return (single != nullptr && single->value == before) || (pair != nullptr && pair->value == before);
  };
  bool got = before;
  if (applies(Kind::read_destructive, Kind::coupling_read)) {
    change(cell, !before);
    got = !before;
  } else if (applies(Kind::deceptive_read, Kind::coupling_deceptive)) {
    change(cell, !before);
  } else if (applies(Kind::incorrect_read, Kind::coupling_incorrect)) {
    got = !before;
  }
  disturb(cell, before, {false, before});
  return got;
}

/// Puts a value into a cell, and lets its change act on the cells that it is coupled to.
void FaultyMemory::change(size_t cell, bool bit) {
  const bool before = content_[cell];
  content_[cell] = bit;
  for (const Fault& fault : faults_)
    if (fault.kind == Kind::stuck_at && fault.victim == cell) content_[cell] = fault.value;
  if (before != content_[cell])
    for (const Fault& fault : faults_) {
      if (fault.aggressor != cell || fault.trigger != content_[cell]) continue;
      if (fault.kind == Kind::coupling_inversion) content_[fault.victim] = !content_[fault.victim];
      if (fault.kind == Kind::coupling_idempotent) content_[fault.victim] = fault.value;
    }
  settle();
}

/// CFds: an operation on the aggressor, whatever comes of it.
void FaultyMemory::disturb(size_t cell, bool before, const Operation& operation) {
  for (const Fault& fault : faults_)
    if (fault.kind == Kind::coupling_disturb && fault.aggressor == cell && fault.trigger == before &&
        fault.operation.write == operation.write && (!operation.write || fault.operation.bit == operation.bit) &&
        content_[fault.victim] == fault.value)
      content_[fault.victim] = !fault.value;
}

/// Faults that hold at all times.
void FaultyMemory::settle() {
  for (const Fault& fault : faults_) {
    if (fault.kind == Kind::stuck_at) content_[fault.victim] = fault.value;
    if (fault.kind == Kind::coupling_state && content_[fault.aggressor] == fault.trigger)
      content_[fault.victim] = fault.value;
  }
}

}  // namespace march
