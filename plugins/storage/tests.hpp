// The tests of this plugin; manifest.json says what each is for and cannot show.
#pragma once

#include <assay/plugin.hpp>

namespace storage {

struct LatencyTest {
  static constexpr auto id = "storage.latency";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements =
      assay::names("read-errors", "slow-places", "slow-moments", "reads", "median", "p99", "p999", "p9999", "longest",
                   "rate-1", "rate-32", "p99-32", "sequential", "cpu-per-read", "cpu-per-read-32");
  static constexpr auto injections = assay::names("fail-read", "delay-read", "slow-block");
  void run(assay::Trial& trial);
};

struct SurfaceTest {
  static constexpr auto id = "storage.surface";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration", "share", "read-limit", "slow", "give-up");
  static constexpr auto measurements = assay::names("unreadable", "slow", "longest", "covered", "rate");
  static constexpr auto injections = assay::names("fail-block", "slow-block", "silent-block");
  void run(assay::Trial& trial);
};

struct SmartTest {
  static constexpr auto id = "storage.smart";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("alarms");
  static constexpr auto injections = assay::names("failing-health", "growing-errors");
  void run(assay::Trial& trial);
};

struct SelfTest {
  static constexpr auto id = "storage.self-test";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration", "kind", "interval");
  static constexpr auto measurements = assay::names("failed");
  static constexpr auto injections = assay::names("failing-test");
  void run(assay::Trial& trial);
};

struct VerifyTest {
  static constexpr auto id = "storage.verify";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration", "size");
  static constexpr auto measurements = assay::names("flipped", "lost", "misdirected", "torn", "corrupt", "wrong-once",
                                                    "errors", "written", "verified", "write-rate", "read-rate");
  static constexpr auto injections =
      assay::names("flip-bit", "flip-read", "lose-write", "misdirect-write", "tear-write", "wrap");
  void run(assay::Trial& trial);
};

struct CapacityTest {
  static constexpr auto id = "storage.capacity";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration", "mode", "cache");
  static constexpr auto measurements = assay::names("missing", "wrong", "errors", "claimed", "real", "checked");
  static constexpr auto injections = assay::names("wrap", "limbo", "flip-bit");
  void run(assay::Trial& trial);
};

struct FlushTest {
  static constexpr auto id = "storage.flush";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("errors", "flushes", "median", "p99", "longest", "write-median");
  static constexpr auto injections = assay::names("fail-flush", "slow-flush", "free-flush");
  void run(assay::Trial& trial);
};

}  // namespace storage
