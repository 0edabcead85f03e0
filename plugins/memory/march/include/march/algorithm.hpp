// A march test as data: {any(w0);up(r0,w1);down(r1,w0)}.
//
// The notation is van de Goor's (Testing Semiconductor Memories, 1991): elements are separated by semicolons; each says
// in which order the cells are visited and what is done to a cell before the next one is visited.
//   order      up or ⇑, down or ⇓, any or ⇕ (both orders must do)
//   operation  r0 r1: read, expecting the background or its complement; w0 w1: write it
//   Del        a pause, in which cells that leak lose what they hold
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace march {

struct Operation {
  bool write = false;
  bool bit = false;  // false: the background, true: its complement
  friend bool operator==(const Operation&, const Operation&) = default;
};

enum class Order { up, down, any };

/// One element; without operations it is a pause.
struct Element {
  Order order = Order::any;
  std::vector<Operation> operations;
  bool pause() const { return operations.empty(); }
  friend bool operator==(const Element&, const Element&) = default;
};

struct Algorithm {
  std::string name;  // empty for one that a user wrote
  std::vector<Element> elements;

  /// Operations on each cell: the n in "10n".
  size_t length() const;
  /// The notation, as parse() takes it.
  std::string text() const;
};

/// A text that is no march test. `column` counts bytes, from 1.
struct BadAlgorithm : std::runtime_error {
  BadAlgorithm(size_t column, const std::string& reason);
  size_t column;
};

/// Parses the notation. Throws BadAlgorithm when the text is not one, and when a sound memory would fail it: a read of
/// what was never written, or of the other value.
Algorithm parse(std::string_view text);

/// The algorithms that Assay knows, shortest first.
const std::vector<Algorithm>& known_algorithms();
/// The one called `name` (capitals, spaces and a leading "March" do not matter); nullptr if there is none.
const Algorithm* find_algorithm(std::string_view name);
/// A known name, or a text. Throws BadAlgorithm.
Algorithm algorithm_of(std::string_view name_or_text);

/// What reaches the memory when a cache holds each cell while an element works on it: of the reads only a first one, of
/// the writes only the last. An element that begins with a write reaches the memory with its last write alone; the fill
/// that a cache may do before it is not counted on.
Algorithm behind_a_cache(const Algorithm& algorithm);

}  // namespace march
