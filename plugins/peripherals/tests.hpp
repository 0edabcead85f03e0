// The tests of this plugin; manifest.json says what each is for and cannot show.
#pragma once

#include <assay/plugin.hpp>

namespace peripherals {

struct NetworkLink {
  static constexpr auto id = "peripherals.network-link";
  static constexpr auto binds = "network";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("errors", "speed");
  static constexpr auto injections = assay::names("bad-frames", "half-duplex");
  void run(assay::Trial& trial);
};

struct Battery {
  static constexpr auto id = "peripherals.battery";
  static constexpr auto binds = "battery";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("capacity");
  static constexpr auto injections = assay::names("worn-out");
  void run(assay::Trial& trial);
};

struct Sensors {
  static constexpr auto id = "peripherals.sensors";
  static constexpr auto binds = "sensor";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("sensors", "least-margin", "stopped-fans");
  static constexpr auto injections = assay::names("overheat", "stop-fan");
  void run(assay::Trial& trial);
};

}  // namespace peripherals
