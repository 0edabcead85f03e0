#include "runner/process.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "calls.hpp"
#include "core/errors.hpp"
#include "held_file.hpp"
#include "spawn.hpp"

namespace assay::runner {
namespace {

using core::Trouble;
using core::UniqueFd;

/// A second descriptor, out of the way of the numbers that the runner's descriptors get.
UniqueFd copy_above_inherited(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, first_file_fd + static_cast<int>(most_files)));
  if (!copy) throw Trouble(std::string("no file descriptor left: ") + std::strerror(errno));
  return copy;
}
UniqueFd above_inherited(const UniqueFd& fd) { return copy_above_inherited(fd.get()); }

struct Pipe {
  UniqueFd read_end, write_end;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw Trouble(std::string("no pipe: ") + std::strerror(errno));
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    read_end = above_inherited(read_end);
    write_end = above_inherited(write_end);
    fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  }
};

std::string path_of(int folder) {
  char path[4096];
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(folder)).c_str(), path, sizeof path);
  return length <= 0 ? std::string() : std::string(path, static_cast<size_t>(length));
}

/// Making a filter costs more than all else of a trial's beginning, and there are few different ones.
const std::string& calls_for(const Confinement& confinement, bool can_write) {
  static std::mutex lock;
  static std::map<std::tuple<bool, bool, bool, Network, std::vector<std::string>, std::vector<std::string>>,
                  std::string>
      made;
  const std::lock_guard guard(lock);
  auto& filter = made[{can_write, confinement.processes, confinement.ring, confinement.network,
                       confinement.capabilities, confinement.devices}];
  if (filter.empty()) filter = compile_calls(confinement, {0, can_write});
  return filter;
}

UniqueFd spec_file(const Spec& spec) {
  const std::string text = encode(spec);
  UniqueFd file(memfd_create("assay-spec", MFD_CLOEXEC));
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      lseek(file.get(), 0, SEEK_SET) != 0)
    throw Trouble("no memory for a trial's description");
  return above_inherited(file);
}

/// Nothing of the host's environment but where programs lie: what a trial does depends on what it is given.
std::vector<std::string> environment_of(const std::string& trial_id) {
  const auto own = [](const char* name, const char* otherwise) {
    const char* given = std::getenv(name);
    return std::string(name) + "=" + (given == nullptr ? otherwise : given);
  };
  std::vector<std::string> environment{"ASSAY_TRIAL=" + trial_id, own("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                                       "LANG=C.UTF-8", "HOME=/tmp", "TMPDIR=/tmp"};
#ifdef ASSAY_SANITIZED
  for (const char* options : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    environment.push_back(own(options, ""));
#endif
  return environment;
}

}  // namespace

Process Process::start(const std::string& runner, Spec spec, const Handed& handed, const std::string& trial_id) {
  Process process;
  Pipe frames, output, errors, ending;
  spec.folder = path_of(handed.artifacts);
  spec.calls = calls_for(spec.confinement, handed.device >= 0 && (fcntl(handed.device, F_GETFL) & O_ACCMODE) == O_RDWR);
  const UniqueFd description = spec_file(spec);
  const UniqueFd shared = copy_above_inherited(process.shared_.fd());
  const UniqueFd folder = copy_above_inherited(handed.artifacts);
  const UniqueFd kept = handed.kept < 0 ? UniqueFd() : copy_above_inherited(handed.kept);
  const UniqueFd device = handed.device < 0 ? UniqueFd() : copy_above_inherited(handed.device);
  const UniqueFd nothing = above_inherited(UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)));

  std::vector<UniqueFd> files;
  std::vector<std::pair<int, int>> given{{nothing.get(), 0},
                                         {output.write_end.get(), 1},
                                         {errors.write_end.get(), 2},
                                         {description.get(), spec_fd},
                                         {frames.write_end.get(), frames_fd},
                                         {shared.get(), shared_fd},
                                         {folder.get(), artifacts_fd},
                                         {kept.get(), kept_fd},
                                         {device.get(), device_fd},
                                         {ending.write_end.get(), ending_fd}};
  if (spec.files.size() > most_files) throw Trouble(spec.plugin + " is made of too many libraries");
  for (size_t i = 0; i < spec.files.size(); ++i)
    given.emplace_back(files.emplace_back(copy_above_inherited(held_file(spec.files[i]))).get(),
                       first_file_fd + static_cast<int>(i));
  Started started = spawn_apart(
      {runner, environment_of(trial_id), std::move(given), first_free_fd, spec.confinement.network != Network::link});
  process.pid_ = started.pid;
  process.pidfd_ = std::move(started.pidfd);
  process.frames_ = std::move(frames.read_end);
  process.output_ = std::move(output.read_end);
  process.errors_ = std::move(errors.read_end);
  process.ending_ = std::move(ending.read_end);
  return process;
}

std::optional<Ending> Process::ending() const {
  Ending ending;
  if (read(ending_.get(), &ending, sizeof ending) != sizeof ending) return std::nullopt;
  return ending;
}

void Process::signal_group(int signal) const {
  if (pid_ > 1) kill(-pid_, signal);
}

}  // namespace assay::runner
