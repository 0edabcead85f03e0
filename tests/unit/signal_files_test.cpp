#include "signal_files.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "../support/command.hpp"
#include "journal/run_files.hpp"

using namespace assay;
using test::Scratch;

namespace {

std::vector<double> values_of(const Scratch& run, const std::string& file) {
  std::vector<double> values;
  journal::RunFiles(run.path()).samples(file, [&](double, double value) { values.push_back(value); });
  return values;
}

const std::string first = "artifacts/watch/signal-00.f64", second = "artifacts/watch/signal-01.f64";
const std::vector<journal::SignalInfo> told{{"nvme Composite", "temperature", "°C", first, 0},
                                            {"nvme Composite", "temperature", "°C", second, 0}};
const std::vector<watch::Signal> signals{{"nvme Composite", "temperature", "°C", 0},
                                         {"nvme Composite", "temperature", "°C", 0}};

}  // namespace

TEST_CASE("two sensors of one name have a file each") {
  const Scratch run;
  std::filesystem::create_directories(run / "artifacts");
  {
    engine::SignalFiles files(run.path(), told, signals);
    CHECK(engine::last_sample(run.path(), told) == 0);
    files.add(1, {40, 70});
    files.add(2, {41, NAN});  // one could not be read
  }
  CHECK(values_of(run, first) == std::vector<double>{40, 41});
  CHECK(values_of(run, second) == std::vector<double>{70});
}

TEST_CASE("a resumed run knows when the last sample before it was taken") {
  const Scratch run;
  std::filesystem::create_directories(run / "artifacts");
  engine::SignalFiles(run.path(), told, signals).add(3770, {40, 41});
  CHECK(engine::last_sample(run.path(), told) == 3770);
  engine::SignalFiles again(run.path(), told, signals);
  again.add(3771, {42, 43});
  std::filesystem::resize_file(run / first, 24);         // cut in the middle of the second sample
  CHECK(engine::last_sample(run.path(), told) == 3771);  // the other file has it
}

TEST_CASE("a journal's signals are written to their own folder and nowhere else") {
  const Scratch run;
  std::filesystem::create_directories(run / "artifacts");
  for (const char* file :
       {"../outside.f64", "journal.jsonl", "artifacts/watch/../../up.f64", "/tmp/assay-absolute.f64"}) {
    engine::SignalFiles(run.path(), {{"nvme Composite", "temperature", "°C", file, 0}}, {signals[0]}).add(1, {40});
    CHECK_FALSE(std::filesystem::exists(run.path() + "/" + file));
    CHECK_FALSE(std::filesystem::exists(file));
  }
}
