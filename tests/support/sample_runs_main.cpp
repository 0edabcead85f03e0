// Writes a run for tests that start the program: sample_runs KIND FOLDER.
#include <cstdio>
#include <map>

#include "sample_run.hpp"

int main(int count, char** arguments) {
  using namespace assay::test;
  const std::map<std::string, void (*)(const std::string&)> kinds{{"repair", write_repair_run},
                                                                  {"repaired", write_repaired_run},
                                                                  {"hostile", write_hostile_run},
                                                                  {"long", write_long_run}};
  if (count != 3 || kinds.count(arguments[1]) == 0)
    return std::fputs("sample_runs repair|repaired|hostile|long FOLDER\n", stderr), 2;
  kinds.at(arguments[1])(arguments[2]);
}
