#include "document/document.hpp"

// Above 32 levels of brackets nothing is read; toml++ follows them down on its stack.
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/text.hpp"
#include "manifest/check.hpp"

namespace assay::document {
namespace {

using nlohmann::ordered_json;

constexpr size_t most_depth = 32;      // of tables and arrays; plans have five
constexpr size_t most_dots = 200;      // in one line: each can open a table, and toml++ takes them down recursively
constexpr size_t most_faults = 20;     // beyond them nobody reads on
constexpr size_t most_pointer = 4096;  // bytes of one value's place

std::string line_and_column(const toml::source_region& source) {
  return std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

/// toml++ prints infinities and dates that JSON does not have; so the conversion is done here, value by value.
class Converter {
 public:
  Converter(const std::string& path, std::map<std::string, std::string>& places) : path_(path), places_(places) {}

  ordered_json convert(const toml::node& node, const std::string& pointer, size_t depth = 0) {
    if (depth > most_depth || pointer.size() > most_pointer) throw refused(node, "is nested too deep");
    places_[pointer] = line_and_column(node.source());
    if (const auto* table = node.as_table()) {
      ordered_json result = ordered_json::object();
      for (const auto& [key, value] : *table) {
        const std::string name(key.str());
        result[name] = convert(value, pointer + "/" + name, depth + 1);
      }
      return result;
    }
    if (const auto* array = node.as_array()) {
      ordered_json result = ordered_json::array();
      for (size_t i = 0; i < array->size(); ++i)
        result.push_back(convert((*array)[i], pointer + "/" + std::to_string(i), depth + 1));
      return result;
    }
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return whole->get();
    if (const auto* real = node.as_floating_point()) {
      if (!std::isfinite(real->get())) throw refused(node, "is not a finite number");
      return real->get();
    }
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
  core::BadInput refused(const toml::node& node, const char* why) const {
    return core::BadInput(path_ + ":" + line_and_column(node.source()) + ": " + why);
  }

  const std::string& path_;
  std::map<std::string, std::string>& places_;
};

/// What toml++ would take too much time or stack for is refused before it sees it.
void check_bounds(const std::string& path, const std::string& text) {
  if (text.size() > most_bytes) throw core::BadInput(path + ": is larger than " + core::format_bytes(most_bytes));
  size_t line = 1, dots = 0;
  for (const char c : text) {
    if (c == '\n') ++line, dots = 0;
    if (c == '.' && ++dots > most_dots)
      throw core::BadInput(path + ":" + std::to_string(line) + ":1: has more than " + std::to_string(most_dots) +
                           " dots in one line");
  }
}

}  // namespace

Document Document::parse(const std::string& path, const std::string& text, const char* schema) {
  Document document;
  document.path_ = path;
  check_bounds(path, text);
  try {
    const toml::table table = toml::parse(text, path);
    document.json_ = Converter(path, document.places_)
                         .convert(table, "")
                         .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  } catch (const toml::parse_error& error) {
    throw core::BadInput(path + ":" + line_and_column(error.source()) + ": " + std::string(error.description()));
  }
  std::string faults;
  size_t told = 0;
  for (const auto& fault : manifest::check_json(document.json_, schema)) {
    if (++told > most_faults) break;
    faults += (faults.empty() ? "" : "\n") + document.place(fault.where) + ": " +
              (fault.where.empty() ? "" : fault.where.substr(1) + ": ") + core::safe_text(fault.what, 300);
  }
  if (!faults.empty()) throw core::BadInput(faults);
  return document;
}

Document Document::load(const std::string& path, const char* schema) {
  return parse(path, core::read_input(path, most_bytes), schema);
}

std::string Document::place(std::string pointer) const {
  while (true) {
    if (const auto found = places_.find(pointer); found != places_.end() && found->second != "0:0")
      return path_ + ":" + found->second;
    if (pointer.find('/') == std::string::npos) return path_ + ":1:1";
    pointer.resize(pointer.rfind('/'));
  }
}

}  // namespace assay::document
