#include "signal_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace assay::engine {
namespace {

/// Only there: a journal may come from anywhere.
std::string path_of(const std::string& run_folder, const journal::SignalInfo& told) {
  const bool inside = told.file.rfind("artifacts/watch/", 0) == 0 && told.file.find("..") == std::string::npos;
  return inside ? run_folder + "/" + told.file : "";
}

/// When the last whole sample of a file was taken; 0 if there is none.
double last_sample_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  double pair[2] = {};
  const auto whole = static_cast<std::streamoff>(sizeof pair);
  if (size < whole || !file.seekg(size / whole * whole - whole)) return 0;
  file.read(reinterpret_cast<char*>(pair), whole);
  return file && pair[0] > 0 && pair[0] < 1e9 ? pair[0] : 0;
}

}  // namespace

double last_sample(const std::string& run_folder, const std::vector<journal::SignalInfo>& told) {
  double last = 0;
  for (const journal::SignalInfo& info : told)
    if (const std::string path = path_of(run_folder, info); !path.empty()) last = std::max(last, last_sample_of(path));
  return last;
}

SignalFiles::SignalFiles(const std::string& run_folder, const std::vector<journal::SignalInfo>& told,
                         const std::vector<watch::Signal>& signals) {
  std::error_code ignored;
  std::filesystem::create_directory(run_folder + "/artifacts/watch", ignored);
  std::vector<bool> taken(told.size(), false);
  for (const watch::Signal& signal : signals) {
    // Two sensors can have one name: each takes a file of its own, in the order of the list.
    size_t place = 0;
    while (place < told.size() && (taken[place] || told[place].name != signal.name)) ++place;
    const std::string path = place < told.size() ? path_of(run_folder, told[place]) : "";
    if (place < told.size()) taken[place] = true;
    streams_.emplace_back(path.empty() ? nullptr : std::fopen(path.c_str(), "abe"), &std::fclose);
  }
}

void SignalFiles::add(double seconds, const std::vector<double>& values) {
  for (size_t i = 0; i < values.size() && i < streams_.size(); ++i) {
    const double pair[2] = {seconds, values[i]};
    if (!streams_[i] || std::isnan(values[i])) continue;
    // Whole pairs, each second: what is read after a power loss is whole too.
    if (std::fwrite(pair, sizeof pair, 1, streams_[i].get()) != 1 || std::fflush(streams_[i].get()) != 0)
      streams_[i].reset();
  }
}

}  // namespace assay::engine
