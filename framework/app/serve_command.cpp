// assay serve: follows runs on a page on this machine's loopback address. It only reads.
#include <openssl/rand.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "journal/reader.hpp"
#include "journal/run_files.hpp"
#include "live_server.hpp"
#include "output.hpp"
#include "reports/live.hpp"
#include "sealing.hpp"

namespace assay::app {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 1s;
constexpr size_t most_live = 64 * 1024;
constexpr auto stale_after = std::chrono::seconds(10);

std::string random_token() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw core::Trouble("no random numbers for the page's token");
  std::string token;
  for (const unsigned char byte : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    token += {digits[byte >> 4], digits[byte & 15]};
  }
  return token;
}

/// Looks at all runs once a second, in a thread of its own: a disk that hangs must not hold the server.
class Watcher {
 public:
  Watcher(const std::vector<std::string>& folders, std::string language, LiveServer& server)
      : language_(std::move(language)), server_(server) {
    for (const std::string& folder : folders) runs_.push_back({folder, journal::Follower(folder)});
    thread_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex alone;
      std::unique_lock lock(alone);
      std::condition_variable_any never;
      do look();
      while (!never.wait_for(lock, stop, look_every, [] { return false; }) && !stop.stop_requested());
    });
  }

 private:
  struct Run {
    std::string folder;
    journal::Follower follower;
    std::string shown{}, live{};
  };

  static std::string live_of(const std::string& folder) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(folder + "/live.json", error);
    if (error || std::filesystem::file_time_type::clock::now() - written > stale_after) return "";
    return journal::RunFiles(folder).text("live.json", most_live).value_or("");
  }

  void look() {
    std::string all = "[";
    for (Run& run : runs_) {
      try {
        const bool grown = run.follower.look();
        std::string live = live_of(run.folder);
        if (grown || live != run.live || run.shown.empty())
          run.shown = reports::live_state(run.folder, run.follower.record(), live, language_);
        run.live = std::move(live);
      } catch (const std::exception& reason) {  // one run that cannot be shown hides no other
        complain("assay: %s: %s\n", run.folder.c_str(), reason.what());
        run.shown = reports::live_state(run.folder, nullptr, "", language_);
      }
      all += (all.size() > 1 ? "," : "") + run.shown;
    }
    server_.show(all + "]");
  }

  std::string language_;
  LiveServer& server_;
  std::vector<Run> runs_;
  std::jthread thread_;
};

}  // namespace

int serve(const ServeOptions& options) {
  std::error_code error;
  for (const std::string& folder : options.folders)
    if (!std::filesystem::is_directory(folder, error))
      throw core::BadInput(folder + ": no folder there; give the one that `assay run` writes to");
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&wanted, signal);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  signal(SIGHUP, SIG_IGN);  // a terminal that is closed ends no watch
  signal(SIGPIPE, SIG_IGN);

  const std::string language = language_or_station(options.language), token = random_token();
  LiveServer server({reports::live_page(language), reports::live_style(), reports::live_script()}, token, options.port);
  const Watcher watcher(options.folders, language, server);
  say("http://127.0.0.1:%d/?token=%s\nOnly from this machine, and only to look. Ctrl-C ends it; the run goes on.\n",
      server.port(), token.c_str());
  std::fflush(stdout);
  std::thread serving([&] { server.run(); });
  int caught = 0;
  sigwait(&wanted, &caught);
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);  // asked again, it ends at once, whatever a disk holds up
  server.stop();
  serving.join();
  return 0;
}

}  // namespace assay::app
