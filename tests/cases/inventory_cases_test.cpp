// Captured trees of odd machines: what is told of them is what the tree says.
#include <catch2/catch.hpp>

#include "../support/captured_tree.hpp"
#include "../support/command.hpp"
