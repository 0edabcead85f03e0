#include "runner/frame.hpp"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

namespace assay::runner {
namespace {

using nlohmann::json;

constexpr int kinds = static_cast<int>(Frame::Kind::end) + 1;

/// JSON has no NaN and no infinity, and a plugin may send them.
json number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double number(const json& value) {
  if (value.is_number()) return value.get<double>();
  const std::string text = value.get<std::string>();
  if (text == "inf") return HUGE_VAL;
  if (text == "-inf") return -HUGE_VAL;
  return std::nan("");
}

}  // namespace

std::string encode(const Frame& frame) {
  json object{{"k", static_cast<int>(frame.kind)}};
  const auto put = [&](const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text.substr(0, 8192);
  };
  put("key", frame.key);
  put("text", frame.text);
  put("where", frame.where);
  if (frame.kind == Frame::Kind::progress || frame.kind == Frame::Kind::measurement ||
      frame.kind == Frame::Kind::residue || frame.kind == Frame::Kind::repeat)
    object["value"] = number(frame.value);
  if (frame.level != 0) object["level"] = frame.level;
  if (!frame.list.empty()) object["list"] = frame.list;
  const std::string body = object.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto size = static_cast<uint32_t>(body.size());
  std::string bytes(sizeof size, '\0');
  std::memcpy(bytes.data(), &size, sizeof size);
  return bytes + body;
}

void FrameReader::feed(std::string_view bytes) {
  if (!broken()) buffer_ += bytes;
}

std::optional<Frame> FrameReader::next() {
  uint32_t size = 0;
  if (broken() || buffer_.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, buffer_.data(), sizeof size);
  const auto fail = [&](const std::string& why) -> std::optional<Frame> {
    fault_ = why;
    buffer_.clear();
    return std::nullopt;
  };
  if (size == 0 || size > most_frame_bytes) return fail("a frame that claims " + std::to_string(size) + " bytes");
  if (buffer_.size() < sizeof size + size) return std::nullopt;
  try {
    const json object = json::parse(buffer_.begin() + sizeof size, buffer_.begin() + sizeof size + size);
    Frame frame;
    const int kind = object.at("k").get<int>();
    if (kind < 0 || kind >= kinds) return fail("a frame of unknown kind");
    frame.kind = static_cast<Frame::Kind>(kind);
    frame.key = object.value("key", "");
    frame.text = object.value("text", "");
    frame.where = object.value("where", "");
    if (object.contains("value")) frame.value = number(object["value"]);
    frame.level = object.value("level", 0);
    if (object.contains("list")) frame.list = object["list"].get<std::vector<std::string>>();
    buffer_.erase(0, sizeof size + size);
    return frame;
  } catch (const json::exception&) {
    return fail("a frame that is not what Assay sends");
  }
}

}  // namespace assay::runner
