// What drives said of themselves in public reports: one reading and the right verdict, whatever form smartctl wrote.
#include <catch2/catch.hpp>

#include "../support/command.hpp"
