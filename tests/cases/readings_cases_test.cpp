// Sensors, fans and memory as odd but healthy boards show them: none of it is a fault. Needs root, to put a board's
// readings in the place of this machine's.
#include <catch2/catch.hpp>

#include "../support/captured_tree.hpp"
#include "../support/command.hpp"
