#include "confine.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

#include "../calls.hpp"
#include "core/unique_fd.hpp"
#include "handed.hpp"
#include "paths.hpp"
#include "view.hpp"

namespace assay::runner {
namespace {

void limit(__rlimit_resource resource, rlim_t value) {
  rlimit now{};
  getrlimit(resource, &now);
  if (geteuid() != 0 && now.rlim_max != RLIM_INFINITY && value > now.rlim_max) value = now.rlim_max;
  const rlimit wanted{value, value};
  setrlimit(resource, &wanted);
}

void set_limits(const Confinement& confinement, const User& user) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 256);
  if (confinement.file_bytes != 0) limit(RLIMIT_FSIZE, confinement.file_bytes);
  if (confinement.locked_memory || confinement.ring) limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
  // The limit counts what a user has: only where that user has nothing else does it say something of this trial.
  if (user.own) limit(RLIMIT_NPROC, 1024 + 16 * std::thread::hardware_concurrency());
#ifndef ASSAY_SANITIZED
  if (confinement.address_space != 0) limit(RLIMIT_AS, confinement.address_space);
#endif
}

/// When memory runs out the kernel ends the trial, not the host that has the journal.
void offer_to_oom_killer() {
  const core::UniqueFd file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file && write(file.get(), "1000", 4) != 4) return;
}

void raise_loopback() {
  const core::UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (any) ioctl(any.get(), SIOCSIFFLAGS, &request);
}

/// Without nodes of its own: the groups that may use the machine's.
std::vector<gid_t> groups_of(const std::vector<std::string>& devices) {
  std::vector<gid_t> groups;
  for (const std::string& node : devices)
    if (struct stat status{}; stat(node.c_str(), &status) == 0 && (status.st_mode & S_IWGRP) != 0)
      groups.push_back(status.st_gid);
  return groups;
}

void add(std::string& missing, const char* what) { missing += (missing.empty() ? "" : " ") + std::string(what); }

}  // namespace

Fence fence_surroundings(const Spec& spec, const std::string& way) {
  Fence fence;
  fence.plugin = spec.plugin;
  fence.user = choose_user(spec.confinement.root || way.rfind("user-namespace", 0) == 0);
  fence.own_pids = way != "plain";
  fence.own_network = fence.own_pids && way.find("-but-network") == std::string::npos;
  if (!fence.own_pids) add(fence.missing, "namespaces");
  if (fence.own_pids && !fence.own_network && spec.confinement.network != Network::link) add(fence.missing, "network");
  if (fence.own_network && spec.confinement.network == Network::loopback) raise_loopback();
  const bool given = !fence.user.own || fchown(artifacts_fd, fence.user.uid, fence.user.gid) == 0;
  const int fault = errno;
  if (fence.own_pids) {
    if (!given) fence.carry_to = fcntl(artifacts_fd, F_DUPFD_CLOEXEC, first_own_fd);
    const std::string missing = make_view(spec, fence.user, !given);
    fence.has_view = missing != "view";
    if (!missing.empty()) add(fence.missing, missing.c_str());
  }
  if (!given && !fence.has_view)
    throw std::runtime_error(spec.folder + " cannot be given to the trial's user: " + std::strerror(fault) +
                             "; choose a folder on another file system (--out)");
  // Without a view: as it was handed over, whoever could read it by its path. Its libraries are found by theirs.
  if (!fence.has_view && !spec.files.empty()) fence.plugin = "/proc/self/fd/" + std::to_string(first_file_fd);
  for (size_t i = fence.has_view ? 0 : 1; i < spec.files.size(); ++i) close(first_file_fd + static_cast<int>(i));
  return fence;
}

void fence_in(const Spec& spec, Fence& fence) {
  const Confinement& confinement = spec.confinement;
  if (fchdir(artifacts_fd) != 0) throw std::runtime_error("the artifact folder is gone");
  offer_to_oom_killer();
  if (confinement.physical_addresses) open_pagemap();
  if (confinement.ring) open_ring();
  set_limits(confinement, fence.user);
  const auto groups = fence.has_view ? std::vector<gid_t>() : groups_of(confinement.devices);
  const bool can_write = (fcntl(device_fd, F_GETFL) & O_ACCMODE) == O_RDWR;
  if (!become(fence.user, groups, confinement.capabilities, confinement.root))
    throw std::runtime_error(std::string("the trial cannot become an unprivileged user: ") + std::strerror(errno));
  if (!fence.user.own) add(fence.missing, "user");
  // After the user, whose change forgets it. The first process may have ended meanwhile.
  const pid_t first = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != first) _exit(1);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (!fence_paths(spec, fence.has_view))
    add(fence.missing, "landlock");
  else if (landlock_version() < 3)
    add(fence.missing, "landlock-truncate");
  // A descriptor for reading can be opened again for writing by whoever owns the file.
  const bool reopens = fcntl(device_fd, F_GETFD) >= 0 && !can_write;
  if (landlock_version() == 0 && !fence.user.own && !confinement.root && (!fence.has_view || reopens))
    throw std::runtime_error(
        "Linux offers nothing here that would keep a plugin from this user's files: no landlock, no user namespaces. "
        "Run Assay as root, or allow one of them (sysctl kernel.unprivileged_userns_clone)");
  // The machine's network is no loopback of its own.
  Confinement held = confinement;
  if (!fence.own_network && held.network == Network::loopback) held.network = Network::none;
  const bool as_made = fence.own_pids && held.network == confinement.network;
  const std::string calls = as_made ? spec.calls : compile_calls(held, {fence.own_pids ? 0 : getpid(), can_write});
  if (!enforce_calls(calls)) add(fence.missing, "calls");
}

std::set<std::string> list_private_temp() {
  std::set<std::string> found;
  for (const char* folder : temporary_folders) {
    std::error_code error;
    for (auto it = std::filesystem::directory_iterator(folder, error);
         !error && it != std::filesystem::directory_iterator(); it.increment(error))
      found.insert(it->path().string());
  }
  return found;
}

}  // namespace assay::runner
