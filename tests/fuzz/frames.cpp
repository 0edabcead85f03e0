// What a runner, and so a plugin, sends to the host.
#include "fuzz.hpp"
#include "runner/frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  runner::FrameReader reader;
  std::string_view rest = fuzz::text_of(data, size);
  while (!rest.empty()) {
    const size_t piece = std::min<size_t>(rest.size(), 7);  // frames come in pieces
    reader.feed(rest.substr(0, piece));
    rest.remove_prefix(piece);
    while (const auto frame = reader.next()) {
      runner::FrameReader again;
      again.feed(runner::encode(*frame));
      fuzz::require(again.next().has_value());
    }
  }
  return 0;
}
