// Writes a run for tests that start the program: sample_runs KIND FOLDER [STATION]. With a station's folder the run is
// signed by its key, as `assay run` would.
#include <cstdio>
#include <fstream>
#include <map>

#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "sample_run.hpp"
#include "station/manifest.hpp"

int main(int count, char** arguments) {
  using namespace assay;
  const std::map<std::string, void (*)(const std::string&)> kinds{{"repair", test::write_repair_run},
                                                                  {"repaired", test::write_repaired_run},
                                                                  {"hostile", test::write_hostile_run},
                                                                  {"long", test::write_long_run}};
  if (count < 3 || kinds.count(arguments[1]) == 0)
    return std::fputs("sample_runs repair|repaired|hostile|long FOLDER [STATION]\n", stderr), 2;
  const std::string folder = arguments[2];
  kinds.at(arguments[1])(folder);
  if (count < 4) return 0;
  const auto record = journal::read(folder);
  std::ofstream(folder + "/record.json") << journal::to_json(record, journal::conclude(record));
  station::write_manifest(core::DurableFolder(folder), record.start.run_id, "Bench 3", record.started_at,
                          station::Key::load_or_make(arguments[3]));
}
