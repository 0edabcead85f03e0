#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "held_file.hpp"
#include "runner/frame.hpp"
#include "runner/shared.hpp"
#include "runner/spec.hpp"

using namespace assay::runner;

TEST_CASE("a frame comes out as it went in, in whatever pieces it arrives") {
  Frame frame{.kind = Frame::Kind::measurement,
              .key = "errors",
              .text = "t\xC3\xA9xt",
              .where = "core 3",
              .value = 2.5,
              .level = 2,
              .list = {"a", "b"}};
  const std::string bytes = encode(frame);
  FrameReader reader;
  for (const char byte : bytes) {
    CHECK_FALSE(reader.next());
    reader.feed({&byte, 1});
  }
  const auto got = reader.next();
  REQUIRE(got);
  CHECK(got->key == "errors");
  CHECK(got->text == "t\xC3\xA9xt");
  CHECK(got->where == "core 3");
  CHECK(got->value == 2.5);
  CHECK(got->list == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(reader.half());
}

TEST_CASE("what JSON cannot say still arrives") {
  FrameReader reader;
  reader.feed(encode({.kind = Frame::Kind::measurement, .key = "x", .value = std::nan("")}));
  reader.feed(encode({.kind = Frame::Kind::measurement, .key = "x", .value = -HUGE_VAL}));
  reader.feed(encode({.kind = Frame::Kind::log, .text = "\xFF\xFE"}));
  CHECK(std::isnan(reader.next()->value));
  CHECK(reader.next()->value == -HUGE_VAL);
  CHECK(reader.next());
}

TEST_CASE("garbage breaks the channel, with a reason, and never the reader") {
  const uint32_t four_gib = 0xFFFFFFFF;
  FrameReader reader;
  reader.feed({reinterpret_cast<const char*>(&four_gib), sizeof four_gib});
  CHECK_FALSE(reader.next());
  CHECK_THAT(reader.fault(), Catch::Contains("4294967295"));
  reader.feed(encode({.kind = Frame::Kind::log, .text = "too late"}));
  CHECK_FALSE(reader.next());

  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    FrameReader fuzzed;
    std::string bytes = encode({.kind = Frame::Kind::finding, .key = "code", .text = "text"});
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    fuzzed.feed(bytes);
    while (fuzzed.next()) {
    }
  }
}

TEST_CASE("a spec survives the way to the runner") {
  Spec spec;
  spec.plugin = "/a/b.so";
  spec.test = "a.b";
  spec.target = {"core:1", "core", "core 1", {{"os_index", "1"}}, false};
  spec.parameters.push_back({"size", int64_t{5}, true, 1, 9, {}});
  spec.parameters.push_back({"mode", std::string("fast"), false, 0, 0, {"fast", "slow"}});
  spec.seed = 0xFFFFFFFFFFFFFFFF;
  spec.confinement.processes = true;
  const Spec again = decode_spec(encode(spec));
  CHECK(again.seed == spec.seed);
  CHECK(again.target.attributes == spec.target.attributes);
  CHECK(std::get<int64_t>(again.parameters[0].value) == 5);
  CHECK(again.parameters[1].choices.size() == 2);
  CHECK(again.confinement.processes);
}

TEST_CASE("a ring whose numbers a plugin has overwritten gives at most what it can hold") {
  SharedMemory shared;
  shared->ring.written.store(UINT64_MAX - 3);
  shared->ring.read.store(5);
  CHECK(shared.drain().size() <= Shared::Ring::capacity);
  shared->ring.written.store(3);
  shared->ring.read.store(1000);
  CHECK(shared.drain().size() <= Shared::Ring::capacity);
}

TEST_CASE("a trial that starts before its deadline is set has not run out of time") {
  SharedMemory shared;
  CHECK(shared->stop.load() == 0);
  CHECK(shared->deadline_ns.load() == INT64_MAX);
}

TEST_CASE("a breadcrumb that was cut off in writing is still read") {
  SharedMemory shared;
  std::strcpy(shared->breadcrumb.doing.data(), "block 9");
  shared->breadcrumb.sequence.store(3);
  CHECK(shared.breadcrumb().doing == "block 9");
}

TEST_CASE("what is loaded is what was looked at, whatever lies in its place since") {
  const assay::test::Scratch scratch;
  const std::string path = scratch / "plugin.so";
  assay::test::write_file(path, "as it was allowed");
  const SpecFile file{path, assay::core::sha256("as it was allowed")};
  const auto bytes_of = [](int held) {
    std::string bytes(100, ' ');
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(0, pread(held, bytes.data(), bytes.size(), 0))));
    return bytes;
  };
  CHECK(bytes_of(held_file(file)) == "as it was allowed");
  assay::test::write_file(path, "another one");
  CHECK(bytes_of(held_file(file)) == "as it was allowed");
  CHECK(pwrite(held_file(file), "x", 1, 0) == -1);
  CHECK_THROWS_WITH(held_file({path, assay::core::sha256("never there")}), Catch::Contains("was exchanged since"));
}
