// assay serve: follows runs on a page on this machine's loopback address. It only reads.
#include <httplib.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <atomic>
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
#include "reports/live.hpp"
#include "sealing.hpp"

namespace assay::app {
namespace {

using namespace std::chrono_literals;

constexpr int most_viewers = 6;  // each holds a thread of the server's
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

/// The state of all runs, looked at by one thread for every viewer.
class Watcher {
 public:
  Watcher(const std::vector<std::string>& folders, std::string language) : language_(std::move(language)) {
    for (const std::string& folder : folders) runs_.push_back({folder, journal::Follower(folder)});
    look();
    thread_ = std::jthread([this](const std::stop_token& stop) {
      std::unique_lock lock(mutex_);
      while (!changed_.wait_for(lock, stop, look_every, [] { return false; }) && !stop.stop_requested()) {
        lock.unlock();
        look();
        lock.lock();
      }
    });
  }

  void end() {
    ended_ = true;
    changed_.notify_all();
  }

  /// The state, when it is another than number `known`, or after a while all the same; empty when it is over.
  std::string next(uint64_t& known) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 5s, [&] { return number_ != known || ended_; });
    if (ended_) return "";
    known = number_;
    return state_;
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
      const bool grown = run.follower.look();
      std::string live = live_of(run.folder);
      if (grown || live != run.live || run.shown.empty())
        run.shown = reports::live_state(run.folder, run.follower.record(), live, language_);
      run.live = std::move(live);
      all += (all.size() > 1 ? "," : "") + run.shown;
    }
    all += "]";
    const std::lock_guard lock(mutex_);
    if (all == state_) return;
    state_ = std::move(all);
    ++number_;
    changed_.notify_all();
  }

  std::string language_;
  std::vector<Run> runs_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string state_;
  uint64_t number_ = 0;
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

class Pages {
 public:
  Pages(httplib::Server& server, Watcher& watcher, std::string token, const std::string& language)
      : watcher_(watcher), token_(std::move(token)) {
    server.set_default_headers({{"Content-Security-Policy",
                                 "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                                 "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Referrer-Policy", "no-referrer"},
                                {"Cache-Control", "no-store"}});
    // A page elsewhere that gets its name resolved to this machine must not read here.
    server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      const std::string host = request.get_header_value("Host");
      const bool own = host.rfind("127.0.0.1:", 0) == 0 || host.rfind("localhost:", 0) == 0;
      if (own && request.method == "GET") return httplib::Server::HandlerResponse::Unhandled;
      response.status = own ? 405 : 403;
      return httplib::Server::HandlerResponse::Handled;
    });
    const auto fixed = [&server](const char* path, const std::string& text, const char* type) {
      server.Get(path, [text, type](const httplib::Request&, httplib::Response& r) { r.set_content(text, type); });
    };
    fixed("/style.css", reports::live_style(), "text/css");
    fixed("/script.js", reports::live_script(), "text/javascript");
    server.Get(
        "/", [this, page = reports::live_page(language)](const httplib::Request& request, httplib::Response& response) {
          if (may(request, response)) response.set_content(page, "text/html");
        });
    server.Get("/events", [this](const httplib::Request& request, httplib::Response& response) {
      if (!may(request, response)) return;
      if (viewers_.fetch_add(1) >= most_viewers) {
        --viewers_;
        response.status = 503;
        return;
      }
      auto known = std::make_shared<uint64_t>(0);
      response.set_chunked_content_provider(
          "text/event-stream",
          [this, known](size_t, httplib::DataSink& sink) {
            const std::string state = watcher_.next(*known);
            if (state.empty()) return sink.done(), true;
            const std::string event = "id: " + std::to_string(*known) + "\ndata: " + state + "\n\n";
            return sink.write(event.data(), event.size());
          },
          [this](bool) { --viewers_; });
    });
  }

 private:
  bool may(const httplib::Request& request, httplib::Response& response) const {
    const std::string given = request.get_param_value("token");
    const bool right = given.size() == token_.size() && CRYPTO_memcmp(given.data(), token_.data(), given.size()) == 0;
    if (!right) {
      response.status = 403;
      response.set_content("The address of this page has a token; `assay serve` printed it.\n", "text/plain");
    }
    return right;
  }

  Watcher& watcher_;
  std::string token_;
  std::atomic<int> viewers_{0};
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

  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(most_viewers + 4); };
  server.set_keep_alive_max_count(20);
  server.set_read_timeout(2s);
  const std::string language = language_or_station(options.language);
  Watcher watcher(options.folders, language);
  const std::string token = random_token();
  const Pages pages(server, watcher, token, language);
  const int port = options.port == 0                                ? server.bind_to_any_port("127.0.0.1")
                   : server.bind_to_port("127.0.0.1", options.port) ? options.port
                                                                    : -1;
  if (port < 0)
    throw core::BadInput("--port " + std::to_string(options.port) + ": cannot be used; another program may have it");
  std::printf(
      "http://127.0.0.1:%d/?token=%s\nOnly from this machine, and only to look. Ctrl-C ends it; the run goes on.\n",
      port, token.c_str());
  std::fflush(stdout);
  std::thread serving([&] { server.listen_after_bind(); });
  // What asks a server to stop before it listens is lost on it.
  while (!server.is_running()) std::this_thread::sleep_for(10ms);
  int caught = 0;
  sigwait(&wanted, &caught);
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);  // asked again, it ends at once, whoever still holds a connection
  watcher.end();
  server.stop();
  serving.join();
  return 0;
}

}  // namespace assay::app
