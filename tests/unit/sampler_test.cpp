// Sensors that hang hold nobody up.
#include "watch/sampler.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "../support/command.hpp"
#include "inventory/system_root.hpp"
#include "watch/signals.hpp"

using namespace assay;
using watch::Sampler;
using watch::Step;

namespace {

/// Waits for the next sample as the engine does.
std::vector<double> next_sample(Sampler& sampler) {
  REQUIRE(sampler.ask());
  while (true) {
    pollfd source{sampler.fd(), POLLIN, 0};
    poll(&source, 1, 20);
    if (const auto values = sampler.take()) return *values;
  }
}

Step steady(const std::string& name, double value) {
  return {name, 1, [value](double) { return std::vector{value}; }};
}

}  // namespace

TEST_CASE("a sensor that hangs is named once and left out, and the others go on") {
  const test::Scratch scratch;
  REQUIRE(mkfifo((scratch / "sensor").c_str(), 0600) == 0);
  // Nobody ever writes to it: this read has no end.
  const auto hang = [path = scratch / "sensor"](double) {
    const int pipe = open(path.c_str(), O_RDONLY);
    close(pipe);
    return std::vector{1.0};
  };
  Sampler sampler({steady("first", 1),
                   {"stuck", 1, hang},
                   {"two", 2,
                    [](double) {
                      return std::vector{3.0, 4.0};
                    }}},
                  0.2);
  const std::vector<double> cut = next_sample(sampler);
  REQUIRE(cut.size() == 4);
  CHECK(cut[0] == 1);
  CHECK(std::isnan(cut[1]));
  CHECK(sampler.take_hung() == std::vector<std::string>{"stuck"});
  for (int i = 0; i < 3; ++i) {
    const std::vector<double> values = next_sample(sampler);
    REQUIRE(values.size() == 4);
    CHECK(values[0] == 1);
    CHECK(std::isnan(values[1]));
    CHECK(values[2] == 3);
    CHECK(values[3] == 4);
    CHECK(sampler.take_hung().empty());
  }
}

TEST_CASE("a sensor that kills the process that reads it is given up after a few attempts") {
  Sampler sampler({{"deadly", 1, [](double) -> std::vector<double> { _exit(1); }}}, 5);
  int asked = 0;
  while (sampler.fd() >= 0 && asked < 100) {
    asked += sampler.ask() ? 1 : 0;
    pollfd source{sampler.fd(), POLLIN, 0};
    poll(&source, 1, 1000);
    CHECK_FALSE(sampler.take());
  }
  CHECK(asked < 100);
  CHECK_FALSE(sampler.ask());
}

TEST_CASE("a counter grows over the samples of one process") {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "proc");
  test::write_file(scratch / "proc/stat", "cpu  100 0 0 100 0 0 0 0\n");
  const inventory::SystemRoot root(scratch.path());
  watch::Signals signals(root, {});
  Sampler sampler(signals.steps());
  CHECK(std::isnan(next_sample(sampler).at(0)));
  test::write_file(scratch / "proc/stat", "cpu  150 0 0 150 0 0 0 0\n");
  CHECK(next_sample(sampler).at(0) == Approx(50));
}
