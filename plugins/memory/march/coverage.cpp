#include "march/coverage.hpp"

#include <bitset>
#include <functional>
#include <utility>

#include "faulty_memory.hpp"

namespace march {
namespace {

using Instance = std::vector<std::vector<Fault>>;  // every way in which the instance may lie in the cells

using States = std::bitset<FaultyMemory::states>;

/// The states in which an element can leave the memory without having found anything. An element that may go either way
/// goes both.
States left_by(const Element& element, size_t number, const States& before, FaultyMemory& memory) {
  States after;
  for (unsigned state = 0; state < before.size(); ++state) {
    if (!before[state]) continue;
    for (const bool down : {false, true}) {
      const bool goes = element.order == Order::any || (element.order == Order::down) == down;
      if (!goes || (element.pause() && down)) continue;
      memory.go_on_from(state);
      if (element.pause())
        memory.pause();
      else
        memory.element(number, down, element);
      if (!memory.found()) after.set(memory.state());
    }
  }
  return after;
}

/// True when the test finds these faults from every content, with every choice of the orders that are free. However
/// many these are: what an element does depends on the few states that the memory can be in, not on how it got there.
bool always_found(const Algorithm& algorithm, const std::vector<Fault>& faults) {
  States unseen;
  for (unsigned content = 0; content < 1u << cells; ++content) unseen.set(FaultyMemory(faults, content).state());
  FaultyMemory memory(faults, 0);
  for (size_t number = 0; number < algorithm.elements.size() && unseen.any(); ++number)
    unseen = left_by(algorithm.elements[number], number, unseen, memory);
  return unseen.none();
}

class Counter {
 public:
  explicit Counter(const Algorithm& algorithm) : algorithm_(algorithm) {}

  void begin(const char* name, const char* title) { result_.push_back({name, title, 0, 0}); }

  void instance(const Instance& ways) {
    ++result_.back().instances;
    for (const auto& faults : ways)
      if (!always_found(algorithm_, faults)) return;
    ++result_.back().found;
  }

  /// A fault of one cell, at every cell.
  void single(Fault fault) {
    Instance ways;
    for (size_t v = 0; v < cells; ++v) {
      fault.victim = v;
      ways.push_back({fault});
    }
    instance(ways);
  }

  /// A fault of two cells: one instance with the aggressor below the victim, one with it above.
  void pair(Fault fault) {
    for (const bool below : {true, false}) {
      Instance ways;
      for (size_t v = 0; v < cells; ++v)
        for (size_t a = 0; a < cells; ++a) {
          if (a == v || (a < v) != below) continue;
          fault.victim = v, fault.aggressor = a;
          ways.push_back({fault});
        }
      instance(ways);
    }
  }

  std::vector<ClassCoverage> take() { return std::move(result_); }

 private:
  const Algorithm& algorithm_;
  std::vector<ClassCoverage> result_;
};

constexpr bool both[] = {false, true};

void single_cells(Counter& count) {
  const auto class_of_two = [&](const char* name, const char* title, Kind kind) {
    count.begin(name, title);
    for (const bool value : both) count.single({kind, 0, 0, false, value, {}});
  };
  class_of_two("SAF", "stuck-at", Kind::stuck_at);
  count.begin("AF", "address decoder");
  for (const bool value : both) count.single({Kind::no_cell, 0, 0, false, value, {}});
  count.pair({Kind::other_cell, 0, 0, false, false, {}});
  for (const bool value : both) count.pair({Kind::both_cells, 0, 0, false, value, {}});
  class_of_two("TF", "transition", Kind::transition);
  count.begin("SOF", "stuck-open");
  count.single({Kind::stuck_open, 0, 0, false, false, {}});
  class_of_two("WDF", "write disturb", Kind::write_disturb);
  class_of_two("RDF", "read destructive", Kind::read_destructive);
  class_of_two("DRDF", "deceptive read destructive", Kind::deceptive_read);
  class_of_two("IRF", "incorrect read", Kind::incorrect_read);
  class_of_two("DRF", "data retention", Kind::retention);
}

void coupled_cells(Counter& count) {
  count.begin("CFin", "coupling, inversion");
  for (const bool trigger : both) count.pair({Kind::coupling_inversion, 0, 0, trigger, false, {}});
  const auto class_of_eight = [&](const char* name, const char* title, Kind kind) {
    count.begin(name, title);
    for (const bool trigger : both)
      for (const bool value : both) count.pair({kind, 0, 0, trigger, value, {}});
  };
  class_of_eight("CFid", "coupling, idempotent", Kind::coupling_idempotent);
  class_of_eight("CFst", "coupling, state", Kind::coupling_state);
  count.begin("CFds", "coupling, disturb");
  for (const bool trigger : both)
    for (const Operation operation : {Operation{true, false}, Operation{true, true}, Operation{false, false}})
      for (const bool value : both) count.pair({Kind::coupling_disturb, 0, 0, trigger, value, operation});
  class_of_eight("CFtr", "coupling, transition", Kind::coupling_transition);
  class_of_eight("CFwd", "coupling, write disturb", Kind::coupling_write);
  class_of_eight("CFrd", "coupling, read destructive", Kind::coupling_read);
  class_of_eight("CFdr", "coupling, deceptive read", Kind::coupling_deceptive);
  class_of_eight("CFir", "coupling, incorrect read", Kind::coupling_incorrect);
}

/// Two faults on one victim, of which the second may hide what the first did. Counted place by place.
void linked_pairs(Counter& count) {
  const auto coupling = [](Kind kind, size_t v, size_t a, bool trigger, bool value) {
    return Fault{kind, v, a, trigger, value, {}};
  };
  const auto each_pair = [](const auto& visit) {
    for (size_t v = 0; v < cells; ++v)
      for (size_t a = 0; a < cells; ++a)
        if (a != v) visit(v, a);
  };
  const auto each_triple = [&](const auto& visit) {
    each_pair([&](size_t v, size_t a) {
      for (size_t b = 0; b < cells; ++b)
        if (b != v && b != a) visit(v, a, b);
    });
  };
  count.begin("CFid-CFid", "two idempotent couplings of one cell");
  each_triple([&](size_t v, size_t a, size_t b) {
    for (const bool first : both)
      for (const bool second : both)
        count.instance({{coupling(Kind::coupling_idempotent, v, a, first, false),
                         coupling(Kind::coupling_idempotent, v, b, second, true)}});
  });
  count.begin("CFin-CFin", "two inversion couplings of one cell");
  each_triple([&](size_t v, size_t a, size_t b) {
    if (a > b) return;  // the two are alike
    for (const bool first : both)
      for (const bool second : both)
        count.instance({{coupling(Kind::coupling_inversion, v, a, first, false),
                         coupling(Kind::coupling_inversion, v, b, second, false)}});
  });
  count.begin("TF-CFin", "transition with inversion coupling");
  each_pair([&](size_t v, size_t a) {
    for (const bool stuck : both)
      for (const bool trigger : both)
        count.instance({{Fault{Kind::transition, v, v, false, stuck, {}},
                         coupling(Kind::coupling_inversion, v, a, trigger, false)}});
  });
  count.begin("TF-CFid", "transition with idempotent coupling");
  each_pair([&](size_t v, size_t a) {
    for (const bool stuck : both)
      for (const bool trigger : both)
        for (const bool value : both)
          count.instance({{Fault{Kind::transition, v, v, false, stuck, {}},
                           coupling(Kind::coupling_idempotent, v, a, trigger, value)}});
  });
}

}  // namespace

std::vector<ClassCoverage> coverage_of(const Algorithm& algorithm) {
  Counter count(algorithm);
  single_cells(count);
  coupled_cells(count);
  linked_pairs(count);
  return count.take();
}

}  // namespace march
