#include "signal_files.hpp"

#include <cmath>
#include <filesystem>

namespace assay::engine {

SignalFiles::SignalFiles(const std::string& run_folder, const std::vector<journal::SignalInfo>& told,
                         const std::vector<watch::Signal>& signals) {
  std::error_code ignored;
  std::filesystem::create_directory(run_folder + "/artifacts/watch", ignored);
  for (const watch::Signal& signal : signals) {
    std::string file;
    for (const journal::SignalInfo& info : told)
      if (info.name == signal.name) file = info.file;
    streams_.emplace_back(file.empty() ? nullptr : std::fopen((run_folder + "/" + file).c_str(), "abe"), &std::fclose);
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
