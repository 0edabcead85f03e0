// A strip of cells folded into rows, and the shape of all cells of one kind.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace assay::reports {

constexpr size_t cells_in_row = 128;
constexpr double cell_size = 7;

struct CellPlace {
  double x = 0, y = 0;
};
inline CellPlace place_of_cell(size_t cell) {
  const size_t column = cell % cells_in_row, row = cell / cells_in_row;
  return {static_cast<double>(column) * cell_size, static_cast<double>(row) * cell_size};
}

/// SVG path data of the cells for which `is` says yes; runs within a row are one rectangle.
template <class Is>
std::string cell_shape(size_t cells, Is is) {
  std::string shape;
  for (size_t i = 0; i < cells; ++i) {
    if (!is(i)) continue;
    size_t end = i;
    while (end + 1 < cells && (end + 1) % cells_in_row != 0 && is(end + 1)) ++end;
    const double wide = static_cast<double>(end - i + 1) * cell_size;
    const CellPlace at = place_of_cell(i);
    shape += fmt::format("M{} {}h{}v{}h-{}z", at.x, at.y, wide, cell_size, wide);
    i = end;
  }
  return shape;
}

/// A cross in each of these cells.
template <class Is>
std::string cross_shape(size_t cells, Is is) {
  std::string shape;
  for (size_t i = 0; i < cells; ++i) {
    if (!is(i)) continue;
    const CellPlace at = place_of_cell(i);
    shape +=
        fmt::format("M{} {}l{} {}m0 -{}l-{} {}", at.x, at.y, cell_size, cell_size, cell_size, cell_size, cell_size);
  }
  return shape;
}

}  // namespace assay::reports
