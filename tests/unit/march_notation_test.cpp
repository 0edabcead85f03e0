// The notation of march tests: what is one, what is not and where, and what a cache leaves of it.
#include <catch2/catch.hpp>

#include "march/algorithm.hpp"

using march::BadAlgorithm;
using march::parse;

TEST_CASE("every known march test is written and read back the same") {
  for (const march::Algorithm& algorithm : march::known_algorithms()) {
    INFO(algorithm.name);
    CHECK(parse(algorithm.text()).elements == algorithm.elements);
  }
}

TEST_CASE("the arrows of the literature and the words mean the same") {
  CHECK(parse("{ ⇕(w0); ⇑(r0,w1); ⇓(r1,w0) }").elements == parse("any(w0);up( r0 , w1 );down(r1,w0);").elements);
  CHECK(parse("{any(w0);Del;any(r0)}").elements[1].pause());
}

TEST_CASE("a march test is found by its name however it is written") {
  for (const char* name : {"March C-", "march c-", "C-", "march-c-"}) {
    INFO(name);
    REQUIRE(march::find_algorithm(name) != nullptr);
    CHECK(march::find_algorithm(name)->name == "March C-");
  }
  CHECK(march::find_algorithm("MATS+")->name == "MATS+");
  CHECK(march::find_algorithm("MATS++")->name == "MATS++");
  CHECK(march::find_algorithm("March C") == nullptr);
  CHECK(march::find_algorithm("") == nullptr);
}

TEST_CASE("a text that is no march test is refused with its column") {
  struct Case {
    const char* text;
    size_t column;
    const char* reason;
  };
  const Case cases[] = {
      {"", 1, "no operation"},
      {"{}", 3, "no operation"},
      {"{Del}", 6, "no operation"},
      {"{any(w0)", 9, "} or ; is missing"},
      {"{any(w0)} x", 11, "nothing may follow"},
      {"{any(w0) up(r0)}", 10, "} or ; is missing"},
      {"any(w0) up(r0)", 9, "; is missing"},
      {"{sideways(w0)}", 2, "begins with up, down, any or Del"},
      {"{any w0}", 6, "( is missing"},
      {"{any()}", 6, "r0, r1, w0 or w1"},
      {"{any(w2)}", 6, "r0, r1, w0 or w1"},
      {"{any(w0,)}", 9, "r0, r1, w0 or w1"},
      {"{any(w0 r0)}", 9, ", or ) is missing"},
      {"{any(r0)}", 6, "never written"},
      {"{any(w0);up(r1,w0)}", 13, "would fail on good memory: the cells hold 0"},
      {"{any(w0);up(r0,w1,r0)}", 19, "the cells hold 1"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    try {
      parse(c.text);
      FAIL("was taken");
    } catch (const BadAlgorithm& bad) {
      CHECK(bad.column == c.column);
      CHECK_THAT(bad.what(), Catch::Contains(c.reason));
    }
  }
  std::string many = "any(w0)";
  for (int i = 0; i < 65; ++i) many += ";any(r0)";
  CHECK_THROWS_WITH(parse(many), Catch::Contains("more than 64 elements"));
  std::string wide = "any(w0";
  for (int i = 0; i < 65; ++i) wide += ",r0";
  CHECK_THROWS_WITH(parse(wide + ")"), Catch::Contains("more than 64 operations"));
}

TEST_CASE("a cache leaves the first read and the last write of an element") {
  const auto reached = [](const char* text) { return march::behind_a_cache(parse(text)).text(); };
  CHECK(reached("{any(w0);up(r0,r0,w0,r0,w1);down(r1)}") == "{any(w0);up(r0,w1);down(r1)}");
  CHECK(reached("{any(w0,r0,w1);any(r1,r1)}") == "{any(w1);any(r1)}");
  const auto effective = march::behind_a_cache(*march::find_algorithm("March SS"));
  CHECK(effective.elements == march::find_algorithm("March C-")->elements);
}
