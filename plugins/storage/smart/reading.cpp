#include "smart/reading.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "counts.hpp"
#include "encoding.hpp"
#include "forms.hpp"
#include "nvme.hpp"
#include "pieces.hpp"

namespace smart {
namespace {

constexpr size_t most_drives = 1000;

/// Names come from the drive: nothing but plain characters of them goes on.
void clean(std::string& text, size_t most) {
  text.erase(
      std::remove_if(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126; }),
      text.end());
  if (text.size() > most) text.resize(most);
}

void clean(Reading& reading) {
  for (std::string* text : {&reading.model, &reading.serial, &reading.firmware, &reading.device}) clean(*text, 80);
  for (auto& [fact, name] : reading.names) clean(name, 80);
  clean(reading.problem, 500);
}

/// smartctl speaks in this stretch of text, if only to say why there is nothing.
bool says_something(const Reading& reading) { return !reading.facts.empty() || !reading.problem.empty(); }

/// smartctl 7.2 printed the count of pending defects before its JSON.
bool is_only_pending_defects(const Reading& reading) {
  return reading.facts.size() == 1 && reading.facts.begin()->first == "scsi.pending" && reading.serial.empty();
}

std::vector<Reading> all_of(const std::string& text) {
  std::vector<Reading> all;
  double pending = std::nan("");
  for (const Piece& piece : pieces_of(text)) {
    if (piece.json) {
      for (Reading& reading : read_json(piece.text)) {
        if (reading.drive == Drive::scsi && !reading.has("scsi.pending")) add_pending_defects(pending, reading);
        pending = std::nan("");
        all.push_back(std::move(reading));
      }
      continue;
    }
    for (const std::string& stretch : drives_in(piece.text)) {
      Reading reading = read_text(stretch);
      if (is_only_pending_defects(reading))
        pending = reading.value("scsi.pending");
      else if (says_something(reading))
        all.push_back(std::move(reading));
    }
  }
  if (all.size() > most_drives) {
    all.resize(most_drives);
    all.emplace_back();
    all.back().problem = "The file has more drives than can be judged at once.";
  }
  return all;
}

/// Support bundles have `smartctl -i` beside `smartctl -a`: the mere name of a drive that is known in full elsewhere
/// needs no second place. A drive that smartctl could not read does.
void leave_out_repeated(std::vector<Reading>& all) {
  const auto is_mere_name = [&](const Reading& reading) {
    return reading.facts.empty() && !reading.serial.empty() && reading.problem.find("smartctl") == std::string::npos &&
           std::any_of(all.begin(), all.end(), [&](const Reading& other) {
             return other.is_full() && other.serial == reading.serial && other.model == reading.model;
           });
  };
  std::vector<Reading> kept;
  for (const Reading& reading : all)
    if (!is_mere_name(reading)) kept.push_back(reading);
  all = kept;
}

Reading nothing_in(const std::string& text) {
  Reading reading;
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos)
    reading.problem = "It is empty.";
  else if (text[first] == '{' || text[first] == '[')
    reading.problem = "This JSON is not what smartctl --json prints, or it was cut off.";
  else if (text.find("json_format_version") != std::string::npos)
    reading.problem = "This is another form of smartctl's JSON: --json alone, or --json=c, is what can be read.";
  else
    reading.problem = "This is not what smartctl prints.";
  return reading;
}

}  // namespace

bool Reading::is_full() const {
  if (!has("health-failed") && drive != Drive::nvme) return false;
  switch (drive) {
    case Drive::nvme:
      return has("nvme.warning.0") && (has("nvme.media-errors") || has("absurd.nvme.media-errors"));
    case Drive::scsi:
      return has("scsi.uncorrected") || has("scsi.grown-defects") || has("scsi.pending");
    default:
      return !names.empty();
  }
}

std::vector<Reading> read_all(const std::string& bytes) {
  const std::string text = plain_text(bytes);
  std::vector<Reading> all = all_of(text);
  for (Reading& reading : all) {
    weigh_nvme_warnings(reading);
    clean(reading);
  }
  leave_out_repeated(all);
  if (all.empty()) all.push_back(nothing_in(text));
  return all;
}

Reading read(const std::string& bytes) { return read_all(bytes).front(); }

void add_pending_defects(double count, Reading& reading) {
  if (std::isfinite(count)) add_count("scsi.pending", "Pending defects", count, reading);
}

void add_growth(const Reading& before, Reading& after) {
  if (before.serial != after.serial || before.model != after.model) return;
  std::map<std::string, double> growth;
  for (const auto& [fact, value] : after.facts)
    if (const auto then = before.facts.find(fact); then != before.facts.end() && value > then->second)
      growth["growth." + fact] = value - then->second;
  const std::map<std::string, std::string> names = after.names;
  for (const auto& [fact, name] : names) after.names["growth." + fact] = name;
  after.facts.insert(growth.begin(), growth.end());
}

std::string encode(const Reading& reading) {
  std::ostringstream text;
  text.precision(17);
  text << reading.model << '\n' << reading.serial << '\n';
  for (const auto& [fact, value] : reading.facts) text << fact << ' ' << value << '\n';
  return text.str();
}

Reading decode(const std::string& text) {
  Reading reading;
  std::istringstream lines(text);
  std::getline(lines, reading.model);
  std::getline(lines, reading.serial);
  std::string fact;
  for (double value = 0; lines >> fact >> value;)
    if (std::isfinite(value)) reading.facts[fact] = value;
  return reading;
}

}  // namespace smart
