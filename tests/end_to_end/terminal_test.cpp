// A run in a terminal that is made narrow, and then closed.
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "../support/command.hpp"

using namespace assay;
using test::Scratch;

namespace {

/// assay run in a terminal of its own.
struct InTerminal {
  int terminal = -1;
  pid_t pid = -1;
  InTerminal(const std::string& folder, unsigned short columns) {
    winsize size{24, columns, 0, 0};
    pid = forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(pid >= 0);
    if (pid == 0) {
      execl(test::program().c_str(), "assay", "run", "quick", "--only", "cpu.*", "--duration", "6s", "--out",
            folder.c_str(), nullptr);
      _exit(127);
    }
  }
  /// What it writes until `words` have come, or all of it.
  std::string read_until(const std::string& words) const {
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = read(terminal, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(got));
      if (!words.empty() && text.find(words) != std::string::npos) break;
    }
    return text;
  }
  int end() const {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
};

/// The longest line that was written over, in characters.
size_t longest_progress(const std::string& text) {
  size_t longest = 0;
  const std::string erase = "\r\x1b[K";
  for (size_t at = 0; (at = text.find(erase, at)) != std::string::npos; at += erase.size()) {
    const size_t end = text.find_first_of("\r\n", at + erase.size());
    if (end != std::string::npos && text.compare(end, erase.size(), erase) == 0)
      longest = std::max(longest, end - at - erase.size());
  }
  return longest;
}

}  // namespace

TEST_CASE("progress fits the terminal, and goes on fitting when it is made narrow") {
  const Scratch work;
  const InTerminal run(work / "run", 100);
  CHECK(longest_progress(run.read_until(" left ") + run.read_until(" left ")) <= 100);
  const winsize narrow{24, 40, 0, 0};
  REQUIRE(ioctl(run.terminal, TIOCSWINSZ, &narrow) == 0);
  run.read_until(" left ");  // what was on its way
  const std::string rest = run.read_until("");
  CHECK(longest_progress(rest) > 10);
  CHECK(longest_progress(rest) <= 40);
  CHECK(rest.find("report.html") != std::string::npos);
  CHECK(run.end() == 0);
  close(run.terminal);
}

TEST_CASE("a terminal that is closed ends no run") {
  const Scratch work;
  const InTerminal run(work / "run", 80);
  run.read_until(" left ");
  close(run.terminal);
  CHECK(run.end() == 0);
  CHECK(test::read_file(work / "run/journal.jsonl").find("testRunEnd") != std::string::npos);
  CHECK_FALSE(test::read_file(work / "run/report.html").empty());
}
