// Plans and names with odd characters.
#include <catch2/catch.hpp>

#include "../support/captured_tree.hpp"
#include "../support/command.hpp"
