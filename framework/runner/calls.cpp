#include "calls.hpp"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/unique_fd.hpp"

namespace assay::runner {
namespace {

/// By name, since not every architecture and library knows each.
constexpr const char* always[] = {
    // Files that it may open (landlock and its view say which) and has open.
    "read", "write", "pread64", "pwrite64", "readv", "writev", "preadv", "pwritev", "preadv2", "pwritev2", "close",
    "close_range", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "lseek", "dup", "dup2", "dup3", "flock", "fsync", "fdatasync", "sync_file_range", "ftruncate",
    "fallocate", "fadvise64", "readahead", "copy_file_range", "sendfile", "splice", "tee", "getdents", "getdents64",
    "getcwd", "chdir", "fchdir", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "readlink", "readlinkat", "umask", "pipe", "pipe2", "eventfd", "eventfd2",
    // Memory.
    "mmap", "munmap", "mprotect", "mremap", "msync", "mincore", "mlock", "mlock2", "munlock", "mlockall", "munlockall",
    "brk", "memfd_create", "mbind", "get_mempolicy", "set_mempolicy", "membarrier", "pkey_alloc", "pkey_free",
    "pkey_mprotect",
    // Time.
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getitimer",
    "setitimer", "alarm", "timer_create", "timer_settime", "timer_gettime", "timer_delete", "timer_getoverrun",
    "timerfd_create", "timerfd_settime", "timerfd_gettime",
    // Itself and its threads.
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "gettid", "getpid",
    "getppid", "getpgid", "getpgrp", "getsid", "exit", "exit_group", "sched_yield", "sched_getaffinity",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "sched_getattr",
    "sched_rr_get_interval", "getpriority", "ioprio_get", "getcpu", "getrusage", "getrlimit", "sysinfo", "uname",
    "getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid", "getresgid", "capget", "arch_prctl",
    "restart_syscall", "wait4", "waitid", "getrandom",
    // Signals among its own, and waiting.
    "rt_sigaction", "rt_sigprocmask", "rt_sigpending", "rt_sigtimedwait", "rt_sigreturn", "rt_sigsuspend",
    "sigaltstack", "signalfd", "signalfd4", "pause", "poll", "ppoll", "select", "pselect6", "epoll_create",
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    // Between its own threads.
    "sendmsg", "recvmsg", "sendto", "recvfrom", "sendmmsg", "recvmmsg", "shutdown"};

/// With helper programs.
constexpr const char* for_processes[] = {"fork", "vfork", "execve", "execveat"};
/// For sockets, of the families that it may make. Which network they meet, its namespace says.
constexpr const char* for_sockets[] = {"connect",     "bind",        "listen",     "accept",    "accept4",
                                       "getsockname", "getpeername", "setsockopt", "getsockopt"};

/// Asking a block device or file what it is.
constexpr uint64_t asking[] = {TCGETS,           FIONREAD,     FIONBIO,     FIOCLEX,       FIONCLEX,   FS_IOC_FIEMAP,
                               FS_IOC_GETFLAGS,  BLKGETSIZE64, BLKGETSIZE,  BLKSSZGET,     BLKPBSZGET, BLKBSZGET,
                               BLKIOMIN,         BLKIOOPT,     BLKALIGNOFF, BLKROTATIONAL, BLKROGET,   BLKRAGET,
                               BLKDISCARDZEROES, 0x80081280 /* BLKGETDISKSEQ */};
/// For a device that was opened for writing.
constexpr uint64_t overwriting[] = {BLKDISCARD, BLKZEROOUT, BLKFLSBUF};

/// The ioctls of a kind of device begin with its letter (Documentation/userspace-api/ioctl/ioctl-number.rst).
struct DeviceCalls {
  const char* nodes;  // how their paths begin
  const char* letters;
};
constexpr DeviceCalls device_calls[] = {
    {"/dev/bus/usb/", "U"},      {"/dev/snd/", "AUWTH"},      {"/dev/video", "V"},        {"/dev/media", "|V"},
    {"/dev/input/", "E"},        {"/dev/dri/", "d"},          {"/dev/hidraw", "H"},       {"/dev/rtc", "p"},
    {"/dev/watchdog", "W"},      {"/dev/tty", "Tt"},          {"/dev/nvme", "N\x12"},     {"/dev/sd", "\x22\x12S\x03"},
    {"/dev/sg", "\x22\x53\x12"}, {"/dev/sr", "\x22\x53\x12"}, {"/dev/mmcblk", "\xb3\x12"}};

constexpr int options[] = {PR_SET_NAME,       PR_GET_NAME,        PR_SET_VMA,      PR_GET_DUMPABLE,
                           PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,  PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS,
                           PR_GET_PDEATHSIG,  PR_SET_THP_DISABLE, PR_GET_SECCOMP,  PR_GET_KEEPCAPS,
                           PR_CAP_AMBIENT /* which it has none to raise of */};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
    if (context_ == nullptr) return;
    seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  }
  ~Filter() {
    if (context_ != nullptr) seccomp_release(context_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void allow(const char* name) { rule(SCMP_ACT_ALLOW, name, {}); }
  void allow(const char* name, scmp_arg_cmp condition) { rule(SCMP_ACT_ALLOW, name, {condition}); }
  void allow(const char* name, scmp_arg_cmp one, scmp_arg_cmp other) { rule(SCMP_ACT_ALLOW, name, {one, other}); }
  void refuse(const char* name, int fault) { rule(SCMP_ACT_ERRNO(static_cast<uint32_t>(fault)), name, {}); }
  std::string exported() {
    const core::UniqueFd file(memfd_create("calls", MFD_CLOEXEC));
    if (context_ == nullptr || !file || seccomp_export_bpf(context_, file.get()) != 0) return {};
    std::string text(static_cast<size_t>(std::max<off_t>(lseek(file.get(), 0, SEEK_END), 0)), '\0');
    if (pread(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return {};
    return text;
  }

 private:
  void rule(uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> conditions) {
    const int number = seccomp_syscall_resolve_name(name);
    if (context_ == nullptr || number == __NR_SCMP_ERROR) return;
    seccomp_rule_add_array(context_, action, number, static_cast<unsigned>(conditions.size()), conditions.begin());
  }
  scmp_filter_ctx context_;
};

constexpr uint64_t low_word = 0xffffffff;
/// Linux looks at the lower half of most arguments only.
scmp_arg_cmp is(unsigned argument, uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, low_word, value & low_word};
}
scmp_arg_cmp has(unsigned argument, uint64_t mask, uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, mask, value};
}

/// open(): truncating what is opened for reading asks for no right to write on kernels before 6.2.
void allow_opening(Filter& filter) {
  for (const auto& [name, flags] : {std::pair<const char*, unsigned>{"open", 1}, {"openat", 2}}) {
    filter.allow(name, has(flags, O_TRUNC, 0));
    filter.allow(name, has(flags, O_TRUNC | O_ACCMODE, O_TRUNC | O_WRONLY));
    filter.allow(name, has(flags, O_TRUNC | O_ACCMODE, O_TRUNC | O_RDWR));
  }
}

void allow_processes(Filter& filter, const Confinement& confinement, int only_pid) {
  // clone3() hides its flags from a filter; without it the C library falls back to clone(), which does not.
  filter.refuse("clone3", ENOSYS);
  filter.refuse("openat2", ENOSYS);  // hides its flags as well
  constexpr uint64_t new_spaces =
      CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  if (confinement.processes) {
    for (const char* name : for_processes) filter.allow(name);
    filter.allow("clone", has(0, new_spaces, 0));
  } else {
    filter.allow("clone", has(0, new_spaces | CLONE_THREAD, CLONE_THREAD));
  }
  for (const char* name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"})
    only_pid == 0 ? filter.allow(name) : filter.allow(name, is(0, static_cast<uint64_t>(only_pid)));
  if (only_pid == 0) filter.allow("tkill");
  // Where it sees the processes of its user, it may bind none of them, and of its own threads only the one that asks.
  only_pid == 0 ? filter.allow("sched_setaffinity") : filter.allow("sched_setaffinity", is(0, 0));
  for (const char* name : {"prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr"})
    filter.allow(name, is(0, 0));
  filter.allow("setrlimit");
  filter.allow("setpriority", is(0, PRIO_PROCESS), is(1, 0));
}

void allow_memory_advice(Filter& filter) {
  // Not poisoning pages, nor taking them out of use (100, 101).
  filter.allow("madvise", scmp_arg_cmp{2, SCMP_CMP_LT, 100, 0});
}

void allow_ioctls(Filter& filter, const Confinement& confinement, bool can_write) {
  for (const uint64_t request : asking) filter.allow("ioctl", is(1, request));
  if (can_write)
    for (const uint64_t request : overwriting) filter.allow("ioctl", is(1, request));
  for (const DeviceCalls& calls : device_calls) {
    const bool held = std::any_of(confinement.devices.begin(), confinement.devices.end(),
                                  [&](const std::string& node) { return node.rfind(calls.nodes, 0) == 0; });
    for (const char* letter = calls.letters; held && *letter != '\0'; ++letter)
      filter.allow("ioctl", has(1, 0xff00, uint64_t{static_cast<unsigned char>(*letter)} << 8));
  }
  if (confinement.network == Network::link) filter.allow("ioctl", has(1, 0xffffff00, 0x8900));  // of sockets
}

void allow_sockets(Filter& filter, const Confinement& confinement) {
  // Not datagrams: those can be sent to whatever socket the machine shows.
  for (const int type : {SOCK_STREAM, SOCK_SEQPACKET})
    filter.allow("socketpair", is(0, AF_UNIX), has(1, 0xf, static_cast<uint64_t>(type)));
  const auto allow_family = [&](int family) { filter.allow("socket", is(0, static_cast<uint64_t>(family))); };
  for (const char* name : for_sockets) filter.allow(name);
  // libusb listens to Linux's news of devices, and will not start without; they come in the machine's own network only.
  filter.allow("socket", is(0, AF_NETLINK), is(2, NETLINK_KOBJECT_UEVENT));
  if (confinement.network == Network::none) return;
  allow_family(AF_INET);
  allow_family(AF_INET6);
  if (confinement.network == Network::loopback) return;
  allow_family(AF_NETLINK);
  allow_family(AF_PACKET);
}

}  // namespace

std::string compile_calls(const Confinement& confinement, const CallsOf& of) {
  Filter filter;
  for (const char* name : always) filter.allow(name);
  allow_opening(filter);
  allow_processes(filter, confinement, of.pid);
  allow_memory_advice(filter);
  allow_ioctls(filter, confinement, of.can_write);
  allow_sockets(filter, confinement);
  for (const int option : options) filter.allow("prctl", is(0, static_cast<uint64_t>(option)));
  // Signals by way of a descriptor's owner reach others.
  for (const int command :
       {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK,
        F_OFD_SETLK, F_OFD_SETLKW, F_GETPIPE_SZ, F_SETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS})
    filter.allow("fcntl", is(1, static_cast<uint64_t>(command)));
  if (confinement.ring) {
    filter.allow("io_uring_enter");
    for (const int command :
         {IORING_REGISTER_BUFFERS, IORING_UNREGISTER_BUFFERS, IORING_REGISTER_FILES, IORING_UNREGISTER_FILES})
      filter.allow("io_uring_register", is(1, static_cast<uint64_t>(command)));
  }
  for (const std::string& capability : confinement.capabilities) {
    if (capability == "CAP_PERFMON") filter.allow("perf_event_open");
    if (capability == "CAP_SYS_RAWIO") filter.allow("ioperm"), filter.allow("iopl");
  }
  return filter.exported();
}

bool enforce_calls(const std::string& filter) {
  std::vector<sock_filter> instructions(filter.size() / sizeof(sock_filter));
  if (instructions.empty()) return false;
  std::memcpy(instructions.data(), filter.data(), instructions.size() * sizeof(sock_filter));
  const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
  // Without the flag kernels before 5.16 would slow down everything in a filtered process.
  for (const unsigned long flags : {SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0UL})
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0) return true;
  return false;
}

}  // namespace assay::runner
