// Which memory faults a march test finds: shown by trying every instance of every class on a model of a faulty memory.
#pragma once

#include <string>
#include <vector>

#include "march/algorithm.hpp"

namespace march {

/// Instances of a class, and how many of them the test finds. An instance counts as found when it is found with every
/// pair of cells of its kind, with every content that the memory may begin with, and whichever way the elements go that
/// may go either way: each for itself, in all combinations, however many there are.
struct ClassCoverage {
  std::string name;  // "SAF", "CFid", "CFid-CFid" ...
  std::string title;
  int found = 0, instances = 0;
  bool complete() const { return found == instances; }
};

/// All classes, single cells first, linked pairs last. Takes some milliseconds.
std::vector<ClassCoverage> coverage_of(const Algorithm& algorithm);

}  // namespace march
