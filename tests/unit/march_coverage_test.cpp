// The fault classes that each march test finds. The numbers are the published verdicts, instance by instance: van de
// Goor 1993 (MATS to March B), March LR 1996, March SS and RAW 2002, March MSS 2005.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "march/coverage.hpp"

namespace {

std::map<std::string, march::ClassCoverage> coverage(const std::string& test) {
  std::map<std::string, march::ClassCoverage> result;
  for (const auto& c : march::coverage_of(march::algorithm_of(test))) result[c.name] = c;
  return result;
}

}  // namespace

TEST_CASE("each march test finds the instances that the literature says") {
  const std::vector<std::pair<const char*, int>> classes = {
      {"SAF", 2},  {"AF", 8},  {"TF", 2},    {"CFin", 4}, {"CFid", 8}, {"CFst", 8}, {"SOF", 1},  {"WDF", 2}, {"RDF", 2},
      {"DRDF", 2}, {"IRF", 2}, {"CFds", 24}, {"CFtr", 8}, {"CFwd", 8}, {"CFrd", 8}, {"CFdr", 8}, {"CFir", 8}};
  const std::vector<std::pair<const char*, std::vector<int>>> rows = {
      {"MSCAN", {2, 2, 1, 0, 0, 4, 0, 0, 2, 0, 2, 0, 0, 0, 4, 0, 4}},
      {"MATS", {2, 6, 1, 2, 0, 4, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 2}},
      {"MATS+", {2, 8, 1, 3, 3, 6, 0, 0, 2, 0, 2, 6, 2, 0, 4, 0, 4}},
      {"MATS++", {2, 8, 2, 3, 3, 6, 1, 0, 2, 0, 2, 6, 4, 0, 4, 0, 4}},
      {"March X", {2, 8, 2, 4, 4, 6, 0, 0, 2, 0, 2, 8, 4, 0, 5, 0, 5}},
      {"March Y", {2, 8, 2, 4, 4, 6, 1, 0, 2, 2, 2, 8, 4, 0, 5, 4, 5}},
      {"March C-", {2, 8, 2, 4, 8, 8, 0, 0, 2, 0, 2, 16, 8, 0, 8, 0, 8}},
      {"PMOVI", {2, 8, 2, 4, 7, 8, 1, 0, 2, 2, 2, 15, 8, 0, 8, 6, 8}},
      {"March U", {2, 8, 2, 4, 8, 8, 1, 0, 2, 0, 2, 16, 8, 0, 8, 0, 8}},
      {"March LR", {2, 8, 2, 4, 8, 8, 1, 0, 2, 0, 2, 16, 8, 0, 8, 0, 8}},
      {"March SR", {2, 2, 2, 4, 8, 8, 1, 0, 2, 2, 2, 16, 8, 0, 8, 4, 8}},
      {"March A", {2, 8, 2, 4, 8, 8, 0, 0, 2, 0, 2, 14, 5, 0, 6, 0, 6}},
      {"March B", {2, 8, 2, 4, 8, 8, 1, 0, 2, 0, 2, 14, 5, 0, 6, 0, 6}},
      {"March MSS", {2, 8, 2, 4, 8, 8, 0, 2, 2, 2, 2, 24, 8, 8, 8, 8, 8}},
      {"March SS", {2, 8, 2, 4, 8, 8, 0, 2, 2, 2, 2, 24, 8, 8, 8, 8, 8}},
      {"March LA", {2, 8, 2, 4, 8, 8, 1, 0, 2, 2, 2, 16, 8, 0, 8, 8, 8}},
      {"March RAW", {2, 8, 2, 4, 8, 8, 1, 2, 2, 2, 2, 24, 8, 8, 8, 8, 8}},
  };
  for (const auto& [test, expected] : rows) {
    auto found = coverage(test);
    for (size_t i = 0; i < classes.size(); ++i) {
      INFO(test << " " << classes[i].first);
      CHECK(found.at(classes[i].first).instances == classes[i].second);
      CHECK(found.at(classes[i].first).found == expected[i]);
    }
  }
}

TEST_CASE("linked faults hide from most march tests, and from none as published") {
  struct Row {
    const char* test;
    int idempotent, inversion, transition_inversion, transition_idempotent;
  };
  const Row rows[] = {{"MATS++", 44, 16, 36, 84},   {"March X", 56, 24, 30, 78},  {"March Y", 56, 24, 48, 96},
                      {"March C-", 80, 32, 48, 96}, {"March U", 68, 32, 48, 96},  {"March A", 96, 32, 42, 96},
                      {"March B", 96, 32, 48, 96},  {"March LR", 96, 32, 48, 96}, {"March LA", 96, 32, 48, 96},
                      {"March SS", 80, 32, 48, 96}, {"March RAW", 80, 32, 48, 96}};
  for (const Row& row : rows) {
    INFO(row.test);
    auto found = coverage(row.test);
    CHECK(found.at("CFid-CFid").found == row.idempotent);
    CHECK(found.at("CFin-CFin").found == row.inversion);
    CHECK(found.at("TF-CFin").found == row.transition_inversion);
    CHECK(found.at("TF-CFid").found == row.transition_idempotent);
    CHECK(found.at("CFid-CFid").instances == 96);
    CHECK(found.at("CFin-CFin").instances == 48);
    CHECK(found.at("TF-CFin").instances == 48);
    CHECK(found.at("TF-CFid").instances == 96);
  }
}

TEST_CASE("of elements that may go either way each is free by itself, however many there are") {
  // March RAW1 (Hamdioui, Al-Ars, van de Goor 2002) is for faults of single cells: of couplings it promises nothing.
  const char* const raw1 = "{any(w0);any(w0,r0);any(r0);any(w1,r1);any(r1);any(w1,r1);any(r1);any(w0,r0);any(r0)}";
  auto found = coverage(raw1);
  for (const char* alone : {"SAF", "TF", "RDF", "DRDF", "IRF"}) {
    INFO(alone);
    CHECK(found.at(alone).complete());
  }
  CHECK(found.at("CFds").found == 0);
  // All one way it would find some: that is another test.
  std::string up = raw1;
  for (size_t at; (at = up.find("any")) != std::string::npos;) up.replace(at, 3, "up");
  CHECK(coverage(up).at("CFds").found == 8);

  // More free elements than could be tried one combination after the other.
  std::string many = "{any(w0)";
  for (int i = 0; i < 31; ++i) many += ";any(r0,w1);any(r1,w0)";
  auto of_many = coverage(many + "}");
  CHECK(of_many.at("SAF").complete());
  CHECK(of_many.at("CFds").found == 0);
}

TEST_CASE("what is found with the orders free is what every combination of orders finds") {
  const std::string text = "{any(w0);any(r0,w1);any(r1,w0,r0);any(r0,w1,r1)}";
  auto free = coverage(text);
  std::map<std::string, int> least;
  for (const auto& [name, c] : free) least[name] = c.instances;
  for (unsigned choice = 0; choice < 16; ++choice) {
    std::string fixed = text;
    for (unsigned bit = 0; bit < 4; ++bit)
      fixed.replace(fixed.find("any"), 3, (choice >> bit & 1) != 0 ? "down" : "up");
    for (const auto& [name, c] : coverage(fixed)) least[name] = std::min(least[name], c.found);
  }
  for (const auto& [name, c] : free) {
    INFO(name);
    CHECK(c.found <= least[name]);
  }
  CHECK(free.at("SAF").found == least["SAF"]);
  CHECK(free.at("CFst").found < free.at("CFst").instances);
}

TEST_CASE("cells that leak are found only by a test that pauses with both values") {
  CHECK(coverage("March B").at("DRF").found == 0);
  CHECK(coverage("March G").at("DRF").found == 2);
  CHECK(coverage("{any(w0);Del;any(r0)}").at("DRF").found == 1);
}

TEST_CASE("a test that reads nothing finds nothing") {
  for (const auto& [name, c] : coverage("{any(w0);any(w1)}")) {
    INFO(name);
    CHECK(c.found == 0);
  }
}

TEST_CASE("behind a cache March SS finds what March C- finds") {
  const auto cached = march::coverage_of(march::behind_a_cache(march::algorithm_of("March SS")));
  auto plain = coverage("March C-");
  for (const auto& c : cached) {
    INFO(c.name);
    CHECK(c.found == plain.at(c.name).found);
  }
}
