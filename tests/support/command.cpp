#include "command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace assay::test {
namespace {

namespace fs = std::filesystem;

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
            const std::string& out, const std::string& err) {
  std::vector<char*> argv, envp;
  for (const auto& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  for (const auto& e : environment) envp.push_back(const_cast<char*>(e.c_str()));
  for (char** e = environ; *e != nullptr; ++e) envp.push_back(*e);
  envp.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  // A group of its own: what is aimed at the group of the program under test must not hit the tests.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int fault = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0) throw std::runtime_error("cannot start " + arguments[0]);
  return pid;
}

/// The programs under test sign with a key of the tests' own, not with this machine's.
const bool own_station = setenv("ASSAY_STATION", ASSAY_BUILD_FOLDER "/tests/station", 0) == 0;

}  // namespace

Outcome run(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  const Scratch scratch;
  const pid_t pid = spawn(arguments, environment, scratch / "out", scratch / "err");
  Outcome outcome;
  outcome.exit_code = wait_for(pid);
  outcome.output = read_file(scratch / "out");
  outcome.errors = read_file(scratch / "err");
  return outcome;
}

pid_t start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  return spawn(arguments, environment, "/dev/null", "/dev/null");
}

int wait_for(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Scratch::Scratch() {
  std::string pattern = (fs::temp_directory_path() / "assay-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
  path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code error;
  fs::remove_all(path_, error);
}

void write_file(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void forget_seals() {
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(std::getenv("ASSAY_STATION")) + "/runs", error))
    if (entry.path().extension() == ".sealed") std::filesystem::remove(entry.path(), error);
}

std::string without_links(const std::string& journal) {
  std::istringstream lines(journal);
  std::string text;
  const std::string key = "\"sequenceNumber\":";
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"assay.link\"") != std::string::npos || line.find("[assay.link] ") != std::string::npos) continue;
    const size_t at = line.rfind(key) + key.size(), end = line.find_first_of(",}", at);
    text += line.replace(at, end - at, std::to_string(number++)) + "\n";
  }
  return text;
}

std::string program() { return build_folder() + "/bin/assay"; }
std::string build_folder() { return ASSAY_BUILD_FOLDER; }
std::string source_folder() { return ASSAY_SOURCE_FOLDER; }

}  // namespace assay::test
