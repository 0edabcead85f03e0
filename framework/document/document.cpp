#include "document/document.hpp"

#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "manifest/check.hpp"

namespace assay::document {
namespace {

using nlohmann::ordered_json;

std::string line_and_column(const toml::source_region& source) {
  return std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

/// toml++ prints infinities and dates that JSON does not have; so the conversion is done here, value by value.
class Converter {
 public:
  explicit Converter(std::map<std::string, std::string>& places) : places_(places) {}

  ordered_json convert(const toml::node& node, const std::string& pointer) {
    places_[pointer] = line_and_column(node.source());
    if (const auto* table = node.as_table()) {
      ordered_json result = ordered_json::object();
      for (const auto& [key, value] : *table) {
        const std::string name(key.str());
        result[name] = convert(value, pointer + "/" + name);
      }
      return result;
    }
    if (const auto* array = node.as_array()) {
      ordered_json result = ordered_json::array();
      for (size_t i = 0; i < array->size(); ++i)
        result.push_back(convert((*array)[i], pointer + "/" + std::to_string(i)));
      return result;
    }
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return whole->get();
    if (const auto* real = node.as_floating_point()) return real->get();
    if (const auto* truth = node.as_boolean()) return truth->get();
    std::ostringstream date;
    node.visit([&](const auto& value) {
      if constexpr (toml::is_date<decltype(value)> || toml::is_time<decltype(value)> ||
                    toml::is_date_time<decltype(value)>)
        date << value.get();
    });
    return date.str();
  }

 private:
  std::map<std::string, std::string>& places_;
};

}  // namespace

Document Document::parse(const std::string& path, const std::string& text, const char* schema) {
  Document document;
  document.path_ = path;
  try {
    const toml::table table = toml::parse(text, path);
    document.json_ =
        Converter(document.places_).convert(table, "").dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  } catch (const toml::parse_error& error) {
    throw core::BadInput(path + ":" + line_and_column(error.source()) + ": " + std::string(error.description()));
  }
  std::string faults;
  for (const auto& fault : manifest::check_json(document.json_, schema))
    faults += (faults.empty() ? "" : "\n") + document.place(fault.where) + ": " +
              (fault.where.empty() ? "" : fault.where.substr(1) + ": ") + core::safe_text(fault.what, 300);
  if (!faults.empty()) throw core::BadInput(faults);
  return document;
}

Document Document::load(const std::string& path, const char* schema) {
  const auto text = core::read_file(path);
  if (!text) throw core::BadInput(path + ": cannot be read");
  return parse(path, *text, schema);
}

std::string Document::place(std::string pointer) const {
  while (true) {
    if (const auto found = places_.find(pointer); found != places_.end() && found->second != "0:0")
      return path_ + ":" + found->second;
    if (pointer.empty()) return path_ + ":1:1";
    pointer.resize(pointer.rfind('/'));
  }
}

}  // namespace assay::document
