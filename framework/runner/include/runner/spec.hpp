// What the host tells a runner: which plugin, which test, with what, and how tightly to hold it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/target.hpp"
#include "core/value.hpp"

namespace assay::runner {

enum class Mode {
  trial,
  describe,
  probe,  // loads nothing: says what of the fence Linux does not give here
};

/// A parameter with its declared range, so that the runner can refuse a value before the plugin sees it.
struct SpecParameter {
  std::string key;
  core::Value value;
  bool bounded = false;
  double min = 0, max = 0;
  std::vector<std::string> choices;
};

/// What a trial may reach of the network.
enum class Network { none, loopback, link };

/// How the runner confines itself before it loads the plugin: all that is not named here is refused.
struct Confinement {
  uint64_t address_space = 0;             // bytes; 0: no limit
  uint64_t file_bytes = 0;                // no file may grow beyond; 0: no limit
  bool processes = false;                 // may start helper programs
  bool root = false;                      // runs as root, with all capabilities: what the station allowed for this test
  bool physical_addresses = false;        // is handed its own pagemap, opened while that still tells frames
  bool locked_memory = false;             // may lock as much memory as it wants
  bool ring = false;                      // is handed an io_uring over its device or kept file, and nothing else
  bool private_temp = false;              // for the conformance kit: what is left in the temporary folders is told
  Network network = Network::none;        // what is there beside its own empty network
  std::vector<std::string> capabilities;  // by Linux's name: "CAP_SYS_RAWIO"
  std::vector<std::string> devices;       // nodes that it may open for reading and writing, absolute paths
};

/// A file that the plugin is made of.
struct SpecFile {
  std::string path;    // absolute
  std::string sha256;  // in hexadecimal, as it was looked at; empty: nobody has
};

struct Spec {
  Mode mode = Mode::trial;
  std::string plugin;           // absolute path
  std::vector<SpecFile> files;  // the plugin, then libraries of its own: handed over as bytes, at most most_files
  std::string test;
  core::Target target;
  std::vector<SpecParameter> parameters;
  uint64_t seed = 0;
  std::string injection;  // empty: an honest trial
  int core = -1;          // pin to this OS index; -1: no pin
  Confinement confinement;
  // Process::start() sets these.
  std::string folder = {};  // path of the artifact folder
  std::string calls = {};   // the filter for system calls in namespaces of its own: made once, not each time
};

std::string encode(const Spec& spec);
/// Throws std::exception if the text is not what encode() makes.
Spec decode_spec(const std::string& text);

constexpr size_t most_files = 32;

/// The descriptors that a runner inherits, by number.
enum Descriptor : int {
  spec_fd = 3,
  frames_fd = 4,
  shared_fd = 5,
  artifacts_fd = 6,
  kept_fd = 7,
  device_fd = 8,
  ending_fd = 9,  // the runner's first process only
  first_free_fd = 10,
  // Opened by the runner itself, before it gives its rights away.
  pagemap_fd = 10,
  ring_fd = 11,
  first_own_fd = 12,
  first_file_fd = 32,  // one for each of Spec::files
};

}  // namespace assay::runner
