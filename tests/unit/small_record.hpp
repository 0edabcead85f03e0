// A small run of one test, for what is written, read and concluded.
#pragma once

#include "journal/record.hpp"

namespace assay::test {

using journal::RunStart;
using journal::TestInfo;

inline TestInfo info(const std::string& id, bool with_injection = true) {
  TestInfo test{id,
                "p",
                "memory",
                "memory",
                "load",
                {{"en", id}},
                {{"en", "d"}},
                {{"en", "a"}},
                {{"count", "1", {{"en", "Count"}}, false}, {"covered", "%", {{"en", "Covered"}}, true}},
                {}};
  if (with_injection) test.injections.push_back({"flip", {{"en", "Flip"}}});
  return test;
}

inline RunStart start() {
  RunStart s;
  s.run_id = "r1";
  s.version = "0";
  s.plan_id = "p";
  s.plan_title = {{"en", "P"}};
  s.seed = 0xFFFFFFFFFFFFFFF0;
  s.machine = "{}";
  s.tests = {info("m.a")};
  return s;
}

}  // namespace assay::test
