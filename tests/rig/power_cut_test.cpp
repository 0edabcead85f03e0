// The power is cut: what a run wrote to an ext4 is replayed up to twenty points, each with only what had been flushed
// (and, at every other one, with some of what had not), mounted, looked at and resumed.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "fuse_disk.hpp"
#include "loop_disk.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

constexpr uint64_t disk_bytes = 48 << 20;

/// What recorded_disk.c wrote down.
struct Request {
  bool flush = false;
  uint64_t offset = 0;
  std::string bytes;
  uint64_t log_end = 0;  // how long the log was when it had come
};

std::vector<Request> read_log(const std::string& path) {
  const std::string log = read_file(path);
  std::vector<Request> requests;
  for (size_t at = 0; at < log.size();) {
    Request request;
    request.flush = log[at++] == 'F';
    if (!request.flush) {
      uint64_t place[2];
      REQUIRE(at + sizeof place <= log.size());
      std::memcpy(place, log.data() + at, sizeof place);
      at += sizeof place;
      request.offset = place[0];
      request.bytes = log.substr(at, place[1]);
      at += place[1];
    }
    request.log_end = at;
    requests.push_back(std::move(request));
  }
  return requests;
}

/// The disk when the power went after the first `count` requests. What was not flushed is gone; with `some` about half
/// of it is there, block by block.
void write_disk(const std::string& path, const std::vector<Request>& requests, size_t count, bool some) {
  size_t sure = 0;
  for (size_t i = 0; i < count; ++i) sure = requests[i].flush ? i : sure;
  std::mt19937 random(static_cast<unsigned>(count));
  std::string disk(disk_bytes, '\0');
  for (size_t i = 0; i < count; ++i) {
    const Request& request = requests[i];
    // A drive's own: ext4's superblock of 1,024 bytes is never half written, or ext4 itself could not be mounted.
    constexpr size_t sector = 4096;
    for (size_t done = 0; done < request.bytes.size(); done += sector)
      if (i <= sure || (some && random() % 2 == 0))
        std::memcpy(disk.data() + request.offset + done, request.bytes.data() + done,
                    std::min(sector, request.bytes.size() - done));
  }
  write_file(path, disk);
}

size_t lines_with(const std::string& path, const std::string& words) {
  std::istringstream text(read_file(path));
  size_t count = 0;
  for (std::string line; std::getline(text, line);) count += line.find(words) != std::string::npos ? 1 : 0;
  return count;
}

/// A run that was recorded.
struct Recorded {
  Scratch work;
  std::vector<Request> requests;
  size_t begun = 0, ended = 0;     // how many requests had come then
  std::vector<uint64_t> promised;  // how long the log was when the run had told that a trial had ended

  Recorded() {
    std::string plan = "[plan]\nid = \"short\"\ntitle.en = \"Short\"\nprove = \"none\"\n";
    for (int i = 0; i < 4; ++i)
      plan += "[[stage]]\nid = \"s" + std::to_string(i) + "\"\n[[stage.test]]\nuse = \"system.inventory\"\n";
    write_file(work / "plan.toml", plan);
    const std::string log = work / "log";
    const FuseDisk disk(
        {build_folder() + "/tests/rig/recorded_disk.so", "size=" + std::to_string(disk_bytes), "log=" + log});
    uint64_t begin_bytes = 0, end_bytes = 0;
    {
      LoopDisk loop(disk.path());
      REQUIRE(run({"/usr/sbin/mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard",
                   loop.path()})
                  .exit_code == 0);
      loop.mount_again("");
      REQUIRE(run({"sync", "-f", loop.folder()}).exit_code == 0);
      begin_bytes = std::filesystem::file_size(log);
      const std::string told = "stat -c %s '" + log + "'; echo \"$line\"";
      const auto outcome =
          run({"bash", "-c",
               "set -o pipefail; ASSAY_STATION='" + loop.folder() + "/station' '" + program() + "' run '" +
                   (work / "plan.toml") + "' --json --out '" + loop.folder() +
                   "/run' | while read -r line; do echo \"$(" + told + ")\" | tr '\\n' ' '; echo; done"});
      end_bytes = std::filesystem::file_size(log);
      INFO(outcome.output << outcome.errors);
      REQUIRE(outcome.exit_code == 0);
      std::istringstream events(outcome.output);
      for (std::string line; std::getline(events, line);)
        if (line.find("\"trial-end\"") != std::string::npos) promised.push_back(std::stoull(line));
      REQUIRE(promised.size() == 4);
      sleep(6);  // ext4 writes what is left of its own within five seconds
    }
    requests = read_log(log);
    for (const Request& request : requests) {
      if (request.log_end <= begin_bytes) ++begun;
      if (request.log_end <= end_bytes) ++ended;
    }
  }
};

}  // namespace

TEST_CASE("a power cut leaves a sealed run or one that resume finishes, and nothing that had ended is lost") {
  const Recorded recorded;
  // Twelve points over the run, and at its end the last flushes, where the report is written and signed.
  std::set<size_t> points;
  for (size_t i = 1; i <= 11; ++i) points.insert(recorded.begun + (recorded.ended - recorded.begun) * i / 12);
  points.insert({recorded.ended, recorded.requests.size()});
  for (size_t i = recorded.ended; i > recorded.begun && points.size() < 20; --i)
    if (recorded.requests[i - 1].flush) points.insert(i);
  WARN(points.size() << " points of " << recorded.ended - recorded.begun << " requests");
  bool some = false;
  for (const size_t point : points) {
    some = !some;
    const uint64_t log_end = recorded.requests[point - 1].log_end;
    size_t promised = 0;
    for (const uint64_t at : recorded.promised) promised += at <= log_end ? 1 : 0;
    INFO("after " << point - recorded.begun << " of " << recorded.ended - recorded.begun << " requests, " << promised
                  << " trials had ended" << (some ? "; with some of what was not flushed" : ""));
    const Scratch scratch;
    write_disk(scratch / "disk", recorded.requests, point, some);
    LoopDisk loop(scratch / "disk");
    loop.mount_again("");
    const std::string folder = loop.folder() + "/run";
    const std::vector<std::string> station{"ASSAY_STATION=" + loop.folder() + "/station"};
    CHECK(lines_with(folder + "/journal.jsonl", "\"testStepEnd\"") >= promised);
    if (lines_with(folder + "/journal.jsonl", "[assay.link]") == 0) {
      CHECK(promised == 0);
      continue;  // the run had not begun
    }
    const bool is_signed = access((folder + "/manifest.sig").c_str(), F_OK) == 0;
    if (is_signed)
      for (const char* file : {"/journal.jsonl", "/record.json", "/report.html", "/manifest.json", "/manifest.sig"})
        CHECK(std::filesystem::file_size(folder + file) > 0);
    const auto verified = run({program(), "report", "verify", folder}, station);
    INFO(verified.output);
    CHECK(verified.exit_code == (is_signed ? 0 : 3));
    if (!is_signed) CHECK_THAT(verified.output, Catch::Contains("Not finished"));
    if (point >= recorded.ended) CHECK(is_signed);
    const auto resumed = run({program(), "resume", folder}, station);
    INFO(resumed.output << resumed.errors);
    CHECK(resumed.exit_code == (is_signed ? 2 : 0));
    CHECK(run({program(), "report", "verify", folder}, station).exit_code == 0);
    const json record = json::parse(read_file(folder + "/record.json"), nullptr, false);
    REQUIRE(record.is_object());
    CHECK(record["damaged_lines"] == 0);
    std::multiset<std::string> complete;
    for (const json& trial : record["trials"])
      if (trial["end"]["status"] == "complete") complete.insert(trial["stage"].get<std::string>());
    CHECK(complete == std::multiset<std::string>{"s0", "s1", "s2", "s3"});
    loop.unmount();
  }
}
