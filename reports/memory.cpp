// Where in the memory's addresses errors were, and in which bits.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "block_cells.hpp"
#include "core/json.hpp"
#include "inventory_facts.hpp"
#include "source.hpp"

namespace assay::reports {
namespace {

using fmt::arg;
using nlohmann::json;

constexpr size_t most_bytes = 256 * 1024, cells = 2048, most_places = 20;

/// What all trials of the machine saw: memory-errors.json of the memory plugin, {"pages": {"0x1000": errors},
/// "lost_ones": "0x...", "lost_zeros": "0x..."}; pages by physical address.
struct Errors {
  std::map<uint64_t, uint64_t> pages;
  uint64_t lost_ones = 0, lost_zeros = 0;
  bool any = false;
};

uint64_t hexadecimal(const std::string& text) {
  uint64_t value = 0;
  if (text.rfind("0x", 0) == 0) std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
  return value;
}

void take(const std::string& text, Errors& errors) {
  const json given = core::json_or_null(text);
  if (!given.is_object()) return;
  errors.lost_ones |= hexadecimal(json_text(given, "lost_ones"));
  errors.lost_zeros |= hexadecimal(json_text(given, "lost_zeros"));
  errors.any = true;
  if (!given.contains("pages") || !given["pages"].is_object()) return;
  for (const auto& [page, count] : given["pages"].items())
    if (count.is_number_unsigned()) errors.pages[hexadecimal(page)] += count.get<uint64_t>();
}

BlockMap map_of(const Errors& errors, double installed, const Language& l) {
  BlockMap map;
  // Addresses have holes: the memory ends somewhat above its size.
  const double end = std::max(installed * 1.25, static_cast<double>(errors.pages.rbegin()->first) + 4096);
  const double cell = end / cells;
  std::vector<bool> bad(cells, false);
  for (const auto& [page, count] : errors.pages)
    bad[std::min(cells - 1, static_cast<size_t>(static_cast<double>(page) / cell))] = true;
  map.title = l.say("Errors by physical address");
  map.summary =
      l.say("Each cell stands for {size} of physical addresses, from 0 to {end}.",
            arg("size", l.bytes(static_cast<uint64_t>(cell))), arg("end", l.bytes(static_cast<uint64_t>(end))));
  map.width = cells_in_row * cell_size;
  map.height = place_of_cell(cells).y;
  map.kinds.push_back(
      {"quick", l.say("no error seen"), "", cell_shape(cells, [&](size_t i) { return !bad[i]; }), false});
  map.kinds.push_back({"unreadable",
                       l.say_n("errors in {count} page of 4 KiB", "errors in {count} pages of 4 KiB",
                               static_cast<long>(errors.pages.size())),
                       "", cross_shape(cells, [&](size_t i) { return bad[i]; }), true});
  for (auto at = errors.pages.begin(); at != errors.pages.end();) {
    const uint64_t begin = at->first;
    uint64_t stop = begin + 4096, count = at->second;
    for (++at; at != errors.pages.end() && at->first == stop; ++at) stop += 4096, count += at->second;
    if (map.places.size() == most_places)
      ++map.places_left_out;
    else
      map.places.push_back(l.say_n("{begin} to {end}: {count} error", "{begin} to {end}: {count} errors",
                                   static_cast<long>(count), arg("begin", fmt::format("0x{:x}", begin)),
                                   arg("end", fmt::format("0x{:x}", stop - 1))));
  }
  return map;
}

}  // namespace

void add_memory(const Source& s, View& view) {
  Errors errors;
  for (const auto& trial : s.record.trials) {
    if (!trial.end || !core::speaks_of_machine(trial.start.purpose)) continue;
    for (const auto& file : trial.files)
      if (file.name == "memory-errors.json")
        if (const auto text = s.files.text(file.uri, most_bytes)) take(*text, errors);
  }
  if (!errors.any) return;
  if (!errors.pages.empty())
    view.maps.push_back(map_of(errors, machine_number(*s.machine, "memory", "visible_bytes"), s.l));
  for (int bit = 63; bit >= 0; --bit) {
    const std::string wrong =
        std::string((errors.lost_ones >> bit & 1) != 0 ? "0" : "") + ((errors.lost_zeros >> bit & 1) != 0 ? "1" : "");
    view.bits.bits.push_back({bit, wrong});
  }
}

}  // namespace assay::reports
