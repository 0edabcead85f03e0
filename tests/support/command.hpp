// Runs a program as a user would, and keeps what it said.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace assay::test {

struct Outcome {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string output, errors;
};

/// Runs `arguments` (a path first) to its end.
Outcome run(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});

/// Starts it in the background, with output to /dev/null; the caller waits for it.
pid_t start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});
/// Waits for its end; the exit code as in Outcome.
int wait_for(pid_t pid);

/// A folder that is removed at the end of the scope.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& text);
std::string read_file(const std::string& path);

/// As if the station had been cut off before it noted which runs it has sealed.
void forget_seals();

/// A journal as an older Assay wrote it, without the links of its chain.
std::string without_links(const std::string& journal);

/// Paths of the build under test.
std::string program();  // assay itself
std::string build_folder();
std::string source_folder();

}  // namespace assay::test
