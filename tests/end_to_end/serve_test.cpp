// `assay serve` among connections that mean it no good.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "../support/command.hpp"

using namespace assay::test;
using Catch::Contains;

namespace {

/// The server in the background, with its address.
class Server {
 public:
  Server() {
    pid_ = start({"/bin/sh", "-c", "exec \"$0\" \"$@\" > " + (scratch_ / "said"), program(), "serve", scratch_.path()});
    for (int i = 0; i < 1000 && token_.empty(); ++i) {
      const std::string said = read_file(scratch_ / "said");
      const size_t colon = said.find("127.0.0.1:"), mark = said.find("?token=");
      if (mark != std::string::npos && said.find('\n', mark) != std::string::npos) {
        port_ = std::stoi(said.substr(colon + 10));
        token_ = said.substr(mark + 7, said.find('\n', mark) - mark - 7);
      } else {
        poll(nullptr, 0, 20);  // waits for the file to fill
      }
    }
    REQUIRE_FALSE(token_.empty());
  }
  ~Server() {
    kill(pid_, SIGTERM);
    wait_for(pid_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int connected() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<uint16_t>(port_));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
    return fd;
  }

  std::string request(const std::string& path, const std::string& method = "GET", const std::string& host = "") const {
    return method + " " + path + " HTTP/1.1\r\nHost: " + (host.empty() ? "127.0.0.1:" + std::to_string(port_) : host) +
           "\r\n\r\n";
  }

  /// Sends and reads to the end, to `until`, or until nothing has come for five seconds.
  std::string answer(const std::string& request, const std::string& until = "") const {
    const int fd = connected();
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    std::string all;
    char buffer[4096];
    pollfd ready{fd, POLLIN, 0};
    for (ssize_t got; (until.empty() || all.find(until) == std::string::npos) && poll(&ready, 1, 5000) > 0 &&
                      (got = recv(fd, buffer, sizeof buffer, 0)) > 0;)
      all.append(buffer, static_cast<size_t>(got));
    close(fd);
    return all;
  }

  const std::string& token() const { return token_; }

 private:
  Scratch scratch_;
  pid_t pid_ = -1;
  int port_ = 0;
  std::string token_;
};

}  // namespace

TEST_CASE("the page is given to whoever has its token, from this machine") {
  const Server server;
  const std::vector<std::tuple<std::string, std::string, std::string>> table{
      {"a page", server.request("/?token=" + server.token()), "200 OK"},
      {"the style", server.request("/style.css"), "200 OK"},
      {"the script", server.request("/script.js"), "200 OK"},
      {"no token", server.request("/"), "403"},
      {"another token", server.request("/?token=" + std::string(32, '0')), "403"},
      {"no such page", server.request("/etc/passwd"), "404"},
      {"another name", server.request("/style.css", "GET", "evil.example:80"), "403"},
      {"another method", server.request("/style.css", "POST"), "405"},
  };
  for (const auto& [what, request, status] : table) {
    INFO(what);
    CHECK_THAT(server.answer(request).substr(0, 20), Contains(status));
  }
  CHECK_THAT(server.answer(server.request("/?token=" + server.token())),
             Contains("Content-Security-Policy") && Contains("</html>"));
  CHECK_THAT(server.answer(server.request("/events?token=" + server.token()), "data: ["),
             Contains("data: [{\"folder\""));
  CHECK(server.answer("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')).empty());
}

TEST_CASE("silent and slow connections do not keep a viewer waiting") {
  const Server server;
  std::vector<int> silent, slow;
  for (int i = 0; i < 200; ++i) silent.push_back(server.connected());
  for (int i = 0; i < 50; ++i) slow.push_back(server.connected());
  const std::string request = server.request("/style.css");
  size_t sent = 0;
  int answered = 0;
  for (int round = 0; round < 10; ++round, ++sent) {
    for (const int fd : slow) send(fd, request.data() + sent, 1, MSG_NOSIGNAL);
    // A viewer comes in between, each time; its answer is there before the next byte of the slow ones is sent.
    if (server.answer(server.request("/?token=" + server.token())).find("</html>") != std::string::npos) ++answered;
  }
  CHECK(answered == 10);
  CHECK_THAT(server.answer(server.request("/events?token=" + server.token()), "data: ["), Contains("data: ["));
  // They are closed rather than kept: the oldest at once, by their number; the others by the time that they take.
  int closed = 0;
  for (const int fd : silent) {
    char byte = 0;
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, 8000) > 0 && recv(fd, &byte, 1, 0) <= 0) ++closed;
  }
  CHECK(closed == 200);
  for (const int fd : silent) close(fd);
  for (const int fd : slow) close(fd);
}

TEST_CASE("viewers that do not read are no more than their number, and others are told so") {
  const Server server;
  std::vector<int> viewers;
  const std::string request = server.request("/events?token=" + server.token());
  for (int i = 0; i < 6; ++i) {
    viewers.push_back(server.connected());
    send(viewers.back(), request.data(), request.size(), MSG_NOSIGNAL);
    char byte = 0;
    REQUIRE(recv(viewers.back(), &byte, 1, 0) == 1);
  }
  CHECK_THAT(server.answer(request), Contains("503"));
  CHECK_THAT(server.answer(server.request("/?token=" + server.token())), Contains("</html>"));
  for (const int fd : viewers) close(fd);
}
