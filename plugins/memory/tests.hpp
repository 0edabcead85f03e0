// The tests of this plugin; manifest.json says what each is for and cannot show.
#pragma once

#include <assay/plugin.hpp>

namespace memory {

struct MarchTest {
  static constexpr auto id = "memory.march";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share", "algorithm", "kernel", "flush", "pause");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking", "backgrounds");
  static constexpr auto injections = assay::names("flip-bit", "stuck-bit");
  void run(assay::Trial& trial);
};

struct OwnAddressTest {
  static constexpr auto id = "memory.own-address";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking");
  static constexpr auto injections = assay::names("alias", "flip-bit");
  void run(assay::Trial& trial);
};

struct WalkingBitsTest {
  static constexpr auto id = "memory.walking-bits";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking");
  static constexpr auto injections = assay::names("flip-bit", "stuck-bit");
  void run(assay::Trial& trial);
};

struct RandomTest {
  static constexpr auto id = "memory.random";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking");
  static constexpr auto injections = assay::names("flip-bit", "stuck-bit");
  void run(assay::Trial& trial);
};

struct BlockMoveTest {
  static constexpr auto id = "memory.block-move";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking");
  static constexpr auto injections = assay::names("flip-bit");
  void run(assay::Trial& trial);
};

struct ModuloTest {
  static constexpr auto id = "memory.modulo";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share", "step");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking");
  static constexpr auto injections = assay::names("flip-bit");
  void run(assay::Trial& trial);
};

struct BitFadeTest {
  static constexpr auto id = "memory.bit-fade";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking", "pause");
  static constexpr auto injections = assay::names("leak-one", "leak-zero");
  void run(assay::Trial& trial);
};

struct RowHammerTest {
  static constexpr auto id = "memory.row-hammer";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered", "locking", "activations");
  static constexpr auto injections = assay::names("flip-neighbour");
  void run(assay::Trial& trial);
};

}  // namespace memory
