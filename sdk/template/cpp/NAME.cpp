// A plugin for Assay. Its manifest is manifest.json; `assay plugin check` tells whether the two agree.
#include <assay/plugin.hpp>
#include <cstdint>
#include <vector>

namespace {

// Writes a pattern into a buffer and reads it back. Put your hardware in the buffer's place.
class Pattern {
 public:
  static constexpr auto id = "@NAME@.pattern";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names("size");
  static constexpr auto measurements = assay::names("wrong-bytes");
  static constexpr auto injections = assay::names("flip-bit");

  void run(assay::Trial& trial) {
    std::vector<uint8_t> buffer(static_cast<size_t>(trial.integer("size")));
    const uint64_t seed = trial.seed();
    for (size_t i = 0; i < buffer.size(); ++i) buffer[i] = pattern(seed, i);

    // The injection stands where the hardware is: between the write and the read.
    if (trial.injects("flip-bit")) buffer[seed % buffer.size()] ^= 1;

    double wrong = 0;
    for (size_t i = 0; i < buffer.size(); ++i) {
      // Asked to stop before everything was looked at: that is no pass.
      if (trial.should_stop()) throw assay::Cancelled{};
      if (buffer[i] != pattern(seed, i) && wrong++ == 0)
        trial.fail("wrong-byte", "A byte changed, at offset " + std::to_string(i) + ".");
    }
    trial.measure("wrong-bytes", wrong);
  }

 private:
  static uint8_t pattern(uint64_t seed, size_t i) {
    return static_cast<uint8_t>((seed + i * 0x9E3779B97F4A7C15u) >> 56);
  }
};

}  // namespace

ASSAY_PLUGIN(Pattern)
