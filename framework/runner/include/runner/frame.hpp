// The wire from runner to host: frames of a 4-byte little-endian length and that many bytes of JSON. It is private to
// one build of Assay and no part of the plugin ABI. The host trusts nothing that arrives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::runner {

constexpr size_t most_frame_bytes = 64 * 1024;

struct Frame {
  enum class Kind {
    phase,         // key: confined, loaded, running
    progress,      // value 0..1, text: what it is doing
    measurement,   // key, value
    finding,       // level: ASSAY_NOTE.., key: code, text, where
    log,           // level, text
    skip,          // key: category, text: reason
    error,         // text
    artifact,      // key: file name, text: media type
    series,        // level: number, key: name, text: unit
    description,   // key: id, text: binds, list: "p:key", "m:key", "i:id"
    residue,       // key: threads, descriptors, children; value: how many more than before
    repeat,        // key: code of a finding; value: how often it was looked for again; level: how often it was seen
    failed_place,  // key: code of a finding, list: as of a place
    covered,       // list: a place: a space and two hexadecimal numbers, or a piece alone
    end,           // level: the status that run() returned
  };
  Kind kind = Kind::log;
  std::string key = {}, text = {}, where = {};
  double value = 0;
  int32_t level = 0;
  std::vector<std::string> list = {};
};

/// The bytes of a frame. Texts are cut so that it fits.
std::string encode(const Frame& frame);

/// Takes bytes as they come and gives frames. Once something is not a frame it stays broken, with the reason.
class FrameReader {
 public:
  void feed(std::string_view bytes);
  std::optional<Frame> next();
  bool broken() const { return !fault_.empty(); }
  const std::string& fault() const { return fault_; }
  /// True when bytes of an unfinished frame are left.
  bool half() const { return !buffer_.empty(); }

 private:
  std::string buffer_;
  std::string fault_;
};

}  // namespace assay::runner
