// Says who it is and what it sees.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "hostile.hpp"

extern char** environ;

namespace {

std::string names_in(const char* folder) {
  DIR* directory = opendir(folder);
  if (directory == nullptr) return "closed";
  std::string names;
  while (const dirent* entry = readdir(directory))
    if (entry->d_name[0] != '.') names += std::string(names.empty() ? "" : " ") + entry->d_name;
  closedir(directory);
  return names;
}

void tell(const std::string& text) { hostile_host->log(ASSAY_INFO, text.c_str()); }

}  // namespace

HOSTILE_RUN {
  tell("user " + std::to_string(getuid()) + " " + std::to_string(geteuid()) + " " + std::to_string(getgid()) +
       " groups " + std::to_string(getgroups(0, nullptr)));
  tell("process " + std::to_string(getpid()) + " of session " + std::to_string(getsid(0)));
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("Cap", 0) == 0 || line.rfind("NoNew", 0) == 0 || line.rfind("Seccomp:", 0) == 0) tell(line);
  int processes = 0;
  std::istringstream all(names_in("/proc"));
  for (std::string name; all >> name;) processes += std::atoi(name.c_str()) > 0 ? 1 : 0;
  tell("processes " + std::to_string(processes));
  tell("root folder: " + names_in("/"));
  tell("devices: " + names_in("/dev"));
  tell("etc: " + names_in("/etc"));
  tell("descriptors: " + names_in("/proc/self/fd"));
  std::string environment;
  for (char** entry = environ; *entry != nullptr; ++entry)
    environment += std::string(*entry).substr(0, std::string(*entry).find('=')) + " ";
  tell("environment: " + environment);
  char name[65] = "";
  gethostname(name, sizeof name);
  std::ifstream network("/proc/self/net/dev");
  std::string line, interfaces;
  while (std::getline(network, line))
    if (const size_t colon = line.find(':'); colon != std::string::npos) interfaces += line.substr(0, colon + 1);
  tell("network:" + interfaces);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
