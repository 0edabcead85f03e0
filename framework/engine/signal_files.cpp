#include "signal_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace assay::engine {

SignalFiles::SignalFiles(const std::string& run_folder, const std::vector<journal::SignalInfo>& told,
                         const std::vector<watch::Signal>& signals) {
  std::error_code ignored;
  std::filesystem::create_directory(run_folder + "/artifacts/watch", ignored);
  std::vector<bool> taken(told.size(), false);
  for (const watch::Signal& signal : signals) {
    // Two sensors can have one name: each takes a file of its own, in the order of the list.
    size_t place = 0;
    while (place < told.size() && (taken[place] || told[place].name != signal.name)) ++place;
    // Only there: a journal may come from anywhere.
    const bool named = place < told.size() && told[place].file.rfind("artifacts/watch/", 0) == 0 &&
                       told[place].file.find("..") == std::string::npos;
    const std::string path = named ? run_folder + "/" + told[place].file : "";
    if (place < told.size()) taken[place] = true;
    streams_.emplace_back(path.empty() ? nullptr : std::fopen(path.c_str(), "abe"), &std::fclose);
    if (streams_.back()) last_ = std::max(last_, last_sample(path));
  }
}

/// When the last whole sample of an earlier part of the run was taken; 0 if there is none.
double SignalFiles::last_sample(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  double pair[2] = {};
  const auto whole = static_cast<std::streamoff>(sizeof pair);
  if (size < whole || !file.seekg(size / whole * whole - whole)) return 0;
  file.read(reinterpret_cast<char*>(pair), whole);
  return file && pair[0] > 0 && pair[0] < 1e9 ? pair[0] : 0;
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
