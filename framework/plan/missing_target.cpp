#include "missing_target.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/errors.hpp"

namespace assay::plan {
namespace {

/// What it holds now, without opening it: a test can tell then that it has become smaller since.
uint64_t bytes_of(const struct stat& status) {
  if (!S_ISBLK(status.st_mode)) return static_cast<uint64_t>(status.st_size);
  const std::string number = std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
  uint64_t sectors = 0;  // sysfs counts in 512 bytes
  std::ifstream("/sys/dev/block/" + number + "/size") >> sectors;
  return sectors * 512;
}

}  // namespace

const char* absence(const std::string& kind) {
  static const std::map<std::string, const char*> reasons{{"core", "no processor core can be used"},
                                                          {"memory", "no memory was found"},
                                                          {"disk", "this machine has no disk"},
                                                          {"usb", "this machine has no USB"},
                                                          {"network", "this machine has no network card"},
                                                          {"battery", "this machine has no battery"},
                                                          {"sensor", "this machine shows no sensors"},
                                                          {"display", "this machine has no display"}};
  const auto found = reasons.find(kind);
  return found == reasons.end() ? "the hardware is not there" : found->second;
}

core::Target file_target(const std::string& name) {
  struct stat status {};
  const bool there = stat(name.c_str(), &status) == 0;
  // Where its links lead now: that is what is meant, whatever they lead to later.
  std::error_code error;
  const std::string real = std::filesystem::canonical(name, error).string(), path = error ? name : real;
  if (there && S_ISDIR(status.st_mode))
    return {"folder:" + name, "disk", name, {{"path", path}, {"folder", "1"}, {"rotational", "0"}}, false};
  if (there && !S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
    throw core::BadInput("--target " + name + ": is neither a disk, nor a file, nor a folder");
  if (!there) throw core::BadInput("--target " + name + ": no such device, file or folder");
  return {"file:" + name,
          "disk",
          name,
          {{"path", path},
           {"bytes", std::to_string(bytes_of(status))},
           {"rotational", "0"},
           {"block", "512"},
           {"free_space", S_ISBLK(status.st_mode) ? "1" : "0"},  // the host looks, when it is opened
           {"in_use", "0"}},
          false};
}

}  // namespace assay::plan
