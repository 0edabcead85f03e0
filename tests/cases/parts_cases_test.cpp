// Parts that are hidden, limited or taken away while they are tested.
#include <catch2/catch.hpp>

#include "../support/command.hpp"
