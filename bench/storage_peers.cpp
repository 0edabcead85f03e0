// The storage tests beside fio with the same job, on a file on this machine's disk.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "table.hpp"

namespace assay::bench {
namespace {

/// fio with the same job: reads per second, and processor time for each in microseconds.
struct Job {
  double rate = 0, cpu = 0;
};
Job fio(const std::string& file, const char* how, const char* block, int depth) {
  const Outcome outcome =
      run({"fio", "--name=peer", "--filename=" + file, std::string("--rw=") + how, std::string("--bs=") + block,
           "--direct=1", "--ioengine=io_uring", "--iodepth=" + std::to_string(depth), "--runtime=6", "--time_based",
           "--output-format=json", "--thread"});
  const size_t start = outcome.output.find('{');
  if (outcome.exit_code != 0 || start == std::string::npos) return {};
  const auto report = nlohmann::json::parse(outcome.output.substr(start), nullptr, false);
  if (!report.is_object() || report["jobs"].empty()) return {};
  const auto& job = report["jobs"][0];
  const double rate = job["read"]["iops"];
  const double busy = job["usr_cpu"].get<double>() + job["sys_cpu"].get<double>();
  return {rate, rate > 0 ? busy * 1e4 / rate : 0};
}

}  // namespace

/// On a file of a GiB in the current folder, where there is a disk; the temporary folder may be memory.
void storage_rows() {
  const std::string file = (std::filesystem::current_path() / "assay-peers.disk").string();
  const Outcome made = run({"dd", "if=/dev/urandom", "of=" + file, "bs=1M", "count=1024", "conv=fsync"});
  fmt::print("\n## Storage: reads past the page cache\n\n| what | measured | against | ratio |\n|---|---|---|---|\n");
  if (made.exit_code == 0) {
    // In turns, so that what disturbs one disturbs all; the better half of each counts.
    std::map<std::string, double> ours;
    Job one, many, order;
    for (int turn = 0; turn < 2; ++turn) {
      for (const auto& [key, value] : measured("storage.latency", "duration = \"10s\"", file)) {
        double& best = ours[key];
        const bool less_is_better = key.rfind("cpu", 0) == 0;
        best = best == 0 ? value : less_is_better ? std::min(best, value) : std::max(best, value);
      }
      ours["surface"] = std::max(ours["surface"], measured("storage.surface", "duration = \"60s\"", file)["rate"]);
      const auto better = [](Job& best, const Job& now) {
        best = {std::max(best.rate, now.rate), best.cpu == 0 ? now.cpu : std::min(best.cpu, now.cpu)};
      };
      better(one, fio(file, "randread", "4k", 1));
      better(many, fio(file, "randread", "4k", 32));
      better(order, fio(file, "read", "1M", 4));
    }
    const auto figure = [](double number, const char* unit) { return fmt::format("{:.1f} {}", number, unit); };
    row("storage.latency, one at a time", figure(ours["rate-1"], "reads/s"), "fio, " + figure(one.rate, "reads/s"),
        ratio(ours["rate-1"], one.rate));
    row("its processor time", figure(ours["cpu-per-read"], "us"), "fio, " + figure(one.cpu, "us"),
        ratio(ours["cpu-per-read"], one.cpu));
    row("storage.latency, 32 at once", figure(ours["rate-32"], "reads/s"), "fio, " + figure(many.rate, "reads/s"),
        ratio(ours["rate-32"], many.rate));
    row("its processor time", figure(ours["cpu-per-read-32"], "us"), "fio, " + figure(many.cpu, "us"),
        ratio(ours["cpu-per-read-32"], many.cpu));
    row("storage.surface", figure(ours["surface"], "MB/s"),
        "fio, 1 MiB in order, 4 at once, " + figure(order.rate * 1.048576, "MB/s"),
        ratio(ours["surface"], order.rate * 1.048576));
  }
  std::error_code none;
  std::filesystem::remove(file, none);
}

}  // namespace assay::bench
