#include "manifest/strict_json.hpp"

#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

namespace assay::manifest {
namespace {

std::string line_and_column(std::string_view text, size_t byte) {
  size_t line = 1, column = 1;
  for (size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
    ++column;
    if (text[i] == '\n') ++line, column = 1;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Makes the document from what the parser meets, and refuses on the way.
template <class Json>
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, size_t depth) : text_(text), depth_(depth) {}

  Json document() { return std::move(root_); }

  bool null() override { return put(nullptr), true; }
  bool boolean(bool value) override { return put(value), true; }
  bool number_integer(int64_t value) override { return put(value), true; }
  bool number_unsigned(uint64_t value) override { return put(value), true; }
  bool number_float(double value, const std::string& written) override {
    if (written.find_first_of(".eE") == std::string::npos) refuse("is a whole number that 64 bits do not hold");
    return put(value == 0 ? 0.0 : value), true;
  }
  bool string(std::string& value) override { return put(std::move(value)), true; }
  bool binary(typename Json::binary_t& /*value*/) override { return false; }

  bool start_object(size_t /*count*/) override { return enter(Json::object()); }
  bool end_object() override { return open_.pop_back(), true; }
  bool start_array(size_t /*count*/) override { return enter(Json::array()); }
  bool end_array() override { return open_.pop_back(), true; }
  bool key(std::string& name) override {
    Open& around = open_.back();
    around.key = std::move(name);
    if (occurs(around)) refuse("occurs twice");
    return true;
  }

  bool parse_error(size_t byte, const std::string& /*token*/, const nlohmann::json::exception& error) override {
    constexpr int out_of_range = 406;
    if (error.id == out_of_range) refuse("is a number out of range");
    throw BadJson("", "is not JSON: " + line_and_column(text_, byte));
  }

 private:
  /// An object or array that has not ended yet.
  struct Open {
    Json* node;
    std::string key{};
    std::unordered_set<std::string> keys{};  // of a large object, so that looking them up stays cheap
  };

  static bool occurs(Open& around) {
    constexpr size_t few = 16;
    const auto& members = around.node->template get_ref<const typename Json::object_t&>();
    if (members.size() < few) return around.node->contains(around.key);
    if (around.keys.empty())
      for (const auto& member : members) around.keys.insert(member.first);
    return !around.keys.insert(around.key).second;
  }

  static Json& add(nlohmann::json::object_t& members, std::string key, Json value) {
    return members.emplace(std::move(key), std::move(value)).first->second;
  }
  /// Not emplace(): that would search the whole object for the key again.
  static Json& add(nlohmann::ordered_json::object_t& members, std::string key, Json value) {
    return members.emplace_back(std::move(key), std::move(value)).second;
  }

  Json& put(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& around = *open_.back().node;
    if (around.is_array()) return around.push_back(std::move(value)), around.back();
    return add(around.template get_ref<typename Json::object_t&>(), open_.back().key, std::move(value));
  }

  bool enter(Json empty) {
    if (open_.size() >= depth_) refuse("is nested deeper than " + std::to_string(depth_) + " levels");
    open_.push_back({&put(std::move(empty))});
    return true;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    std::string place;
    for (const Open& open : open_)
      place += "/" + (open.node->is_object() ? open.key
                                             : std::to_string(open.node->size() - (&open == &open_.back() ? 0 : 1)));
    throw BadJson(place, why);
  }

  std::string_view text_;
  size_t depth_;
  std::vector<Open> open_;
  Json root_;
};

template <class Json>
Json parse(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) throw BadJson("", "is larger than " + std::to_string(limits.bytes) + " bytes");
  // To the parser a zero byte is the end, whatever stands behind it.
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos)
    throw BadJson("", "is not JSON: " + line_and_column(text, zero + 1));
  Builder<Json> builder(text, limits.depth);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.document();
}

}  // namespace

nlohmann::json strict_json(std::string_view text, const JsonLimits& limits) {
  return parse<nlohmann::json>(text, limits);
}

nlohmann::ordered_json strict_ordered_json(std::string_view text, const JsonLimits& limits) {
  return parse<nlohmann::ordered_json>(text, limits);
}

}  // namespace assay::manifest
