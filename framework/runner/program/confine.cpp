#include "confine.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "core/unique_fd.hpp"

namespace assay::runner {
namespace {

void limit(__rlimit_resource resource, rlim_t value) {
  rlimit now{};
  getrlimit(resource, &now);
  if (now.rlim_max != RLIM_INFINITY && value > now.rlim_max) value = now.rlim_max;
  const rlimit wanted{value, value};
  setrlimit(resource, &wanted);
}

/// When memory runs out the kernel ends the trial, not the host that has the journal.
void offer_to_oom_killer() {
  const core::UniqueFd file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file && write(file.get(), "1000", 4) != 4) return;
}

constexpr uint64_t low_word = 0xFFFFFFFFu;

uint64_t as_argument(pid_t pid) { return static_cast<uint32_t>(pid); }

/// Denies a call with EPERM when argument 0 (a pid) is `pid`.
void deny_pid(scmp_filter_ctx filter, int call, pid_t pid) {
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, low_word, as_argument(pid)));
}

bool filter_calls(bool processes, bool may_mount) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return false;
  for (const int call :
       {SCMP_SYS(reboot), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(init_module),
        SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(swapon),
        SCMP_SYS(swapoff), SCMP_SYS(ptrace), SCMP_SYS(process_vm_writev), SCMP_SYS(truncate), SCMP_SYS(settimeofday),
        SCMP_SYS(clock_settime),
        // A device node or a link in the artifact folder would lead out of it.
        SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(link), SCMP_SYS(linkat)})
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
  // Nobody else's limits, and no signals to others by way of a descriptor's owner.
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0, 0));
  for (const uint64_t command : {uint64_t{F_SETOWN}, uint64_t{F_SETSIG}, uint64_t{F_SETOWN_EX}})
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, low_word, command));
  for (const uint64_t request : {uint64_t{FIOSETOWN}, uint64_t{SIOCSPGRP}})
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, low_word, request));
  if (!may_mount) seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mount), 0);

  // The host, everybody (-1), and the host's process group are out of reach of signals.
  for (const int call :
       {SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)})
    deny_pid(filter, call, getppid());
  deny_pid(filter, SCMP_SYS(kill), -1);
  deny_pid(filter, SCMP_SYS(kill), -getpgid(getppid()));
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(pidfd_send_signal), 0);

  if (!processes) {
    // clone3 hides its flags from the filter; without it the C library falls back to clone, which does not.
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fork), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(vfork), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execveat), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  }
  const bool good = seccomp_load(filter) == 0;
  seccomp_release(filter);
  return good;
}

/// All that changes a file system; and the part of it that a plugin may do in its own folder.
constexpr uint64_t write_rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr uint64_t own_folder_rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                       LANDLOCK_ACCESS_FS_MAKE_REG;

void allow_writes(int ruleset, int place) {
  struct stat status {};
  if (fstat(place, &status) != 0) return;
  landlock_path_beneath_attr rule{};
  rule.parent_fd = place;
  rule.allowed_access = S_ISDIR(status.st_mode) ? own_folder_rights : uint64_t{LANDLOCK_ACCESS_FS_WRITE_FILE};
  syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

bool fence_writes(const std::vector<std::string>& writable) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = write_rights;
  const core::UniqueFd ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset) return false;
  allow_writes(ruleset.get(), artifacts_fd);
  for (const std::string& path : writable)
    if (const core::UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC)); place)
      allow_writes(ruleset.get(), place.get());
  if (const core::UniqueFd null(open("/dev/null", O_PATH | O_CLOEXEC)); null) allow_writes(ruleset.get(), null.get());
  return syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
}

constexpr const char* temporary_folders[] = {"/tmp", "/var/tmp", "/dev/shm"};

}  // namespace

std::string confine(const Confinement& confinement) {
  std::string missing;
  const pid_t host = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != host || host == 1) _exit(1);  // the host died before the line above
  offer_to_oom_killer();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 256);
  if (confinement.file_bytes != 0) limit(RLIMIT_FSIZE, confinement.file_bytes);
#ifndef ASSAY_SANITIZED
  if (confinement.address_space != 0) limit(RLIMIT_AS, confinement.address_space);
#endif
  if (!fence_writes(confinement.devices)) missing += "landlock ";
  if (!filter_calls(confinement.processes, confinement.private_temp)) missing += "seccomp ";
  return missing;
}

bool make_private_temp() {
  const bool own_mounts = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  if (!own_mounts || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  for (const char* folder : temporary_folders)
    if (mount("private", folder, "tmpfs", 0, "size=64m") != 0) return false;
  return true;
}

std::string list_private_temp() {
  std::string found;
  for (const char* folder : temporary_folders) {
    std::error_code error;
    for (auto it = std::filesystem::directory_iterator(folder, error);
         !error && it != std::filesystem::directory_iterator(); it.increment(error))
      found += it->path().string() + " ";
  }
  return found;
}

bool pin_to_core(int os_index) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (os_index < 0 || os_index >= CPU_SETSIZE) return false;
  CPU_SET(static_cast<unsigned>(os_index), &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

bool may_use_core(int os_index) {
  cpu_set_t cores;
  // Where it cannot be asked, nothing is held against anybody.
  return sched_getaffinity(0, sizeof cores, &cores) != 0 || CPU_ISSET(static_cast<unsigned>(os_index), &cores);
}

}  // namespace assay::runner
