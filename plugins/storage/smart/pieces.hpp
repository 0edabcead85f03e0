// What a file holds: JSON documents and stretches of text, one after the other.
#pragma once

#include <string>
#include <vector>

namespace smart {

struct Piece {
  bool json = false;
  std::string text;
};

/// The JSON documents in which smartctl speaks, wherever they begin, and all that stands before, between and after
/// them. A document that was cut off ends where the next begins a line.
std::vector<Piece> pieces_of(const std::string& text);

/// The stretches of a text, each about one drive: what stands between them belongs to the one before it. A drive begins
/// with smartctl's first line, with the head of its information section, or, where both are missing, where something
/// is said again that is said once of a drive: its name, its verdict, its table of attributes.
std::vector<std::string> drives_in(const std::string& text);

}  // namespace smart
