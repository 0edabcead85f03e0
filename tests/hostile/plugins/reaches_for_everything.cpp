// Tries what a process could do to the machine, to the host, to its neighbours and to what is not its own; says what
// it was let do.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <scsi/sg.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <string>

#include "hostile.hpp"

namespace {

std::string done;

void attempt(const char* what, long answer) {
  if (answer >= 0) done += std::string(what) + "; ";
}

void against_files() {
  const int own = open("own", O_WRONLY | O_CREAT, 0644);
  attempt("chmod", chmod("own", 0777));
  attempt("fchmod", fchmod(own, 0777));
  attempt("chown", chown("own", 0, 0));
  attempt("setxattr", setxattr("own", "user.x", "1", 1, 0));
  const timeval times[2] = {{1, 0}, {1, 0}};
  attempt("utimes", utimes("own", times));
  attempt("futimens", syscall(SYS_utimensat, own, nullptr, nullptr, 0));
  int flags = FS_IMMUTABLE_FL;
  attempt("immutable flag", ioctl(own, FS_IOC_SETFLAGS, &flags));
  attempt("symlink", symlink("/etc/passwd", "link"));
  attempt("hard link", link("own", "own-too"));
  attempt("fifo", mkfifo("fifo", 0600));
  attempt("device node", mknod("node", S_IFBLK | 0600, makedev(8, 0)));
  attempt("truncate", truncate("own", 0));
  attempt("truncating by opening", open("/usr/bin/env", O_RDONLY | O_TRUNC));
  attempt("journal", open("../../journal.jsonl", O_RDONLY));
  attempt("journal by its descriptor", openat(6, "../../journal.jsonl", O_RDONLY));
  attempt("shadow", open("/etc/shadow", O_RDONLY));
  attempt("station", open("/etc/assay", O_RDONLY));
  attempt("home of root", open("/root", O_RDONLY));
  attempt("temporary file", open("/tmp/file", O_WRONLY | O_CREAT, 0644));
  attempt("shared memory file", open("/dev/shm/file", O_WRONLY | O_CREAT, 0644));
  attempt("system folder", open("/usr/lib/file", O_WRONLY | O_CREAT, 0644));
  attempt("root folder", open("/file", O_WRONLY | O_CREAT, 0644));
  attempt("first process's root", open("/proc/1/root/etc", O_RDONLY));
  attempt("first process's memory", open("/proc/1/mem", O_RDWR));
  attempt("kernel log", open("/dev/kmsg", O_WRONLY));
  attempt("memory", open("/dev/mem", O_RDONLY));
  attempt("kernel's switches", open("/proc/sys/kernel/core_pattern", O_WRONLY));
  attempt("sysrq", open("/proc/sysrq-trigger", O_WRONLY));
  attempt("driver's switch", open("/sys/power/state", O_WRONLY));
  attempt("freezing the file system", ioctl(own, FIFREEZE, 0));
  attempt("watching the file system", syscall(SYS_fanotify_init, FAN_CLASS_CONTENT, O_RDONLY));
}

void against_devices() {
  // Whatever descriptor it is, the call itself must not get there.
  uint64_t range[2] = {0, 4096};
  sg_io_hdr command{};
  const int null = open("/dev/null", O_RDWR);
  errno = 0;
  attempt("discard", ioctl(null, BLKDISCARD, range) == 0 || errno != EPERM ? 0 : -1);
  attempt("SCSI command", ioctl(null, SG_IO, &command) == 0 || errno != EPERM ? 0 : -1);
  attempt("typing into a terminal", ioctl(0, TIOCSTI, "x") == 0 || errno != EPERM ? 0 : -1);
}

void against_processes() {
  const pid_t above = getppid();
  attempt("group", setpgid(0, 0));
  attempt("session", setsid());
  attempt("tie to the host", prctl(PR_SET_PDEATHSIG, 0));
  attempt("dumping", prctl(PR_SET_DUMPABLE, 0));
  attempt("trace", ptrace(PTRACE_ATTACH, above, nullptr, nullptr));
  attempt("nice of another", setpriority(PRIO_PROCESS, static_cast<id_t>(above), 19));
  attempt("nice of a user", setpriority(PRIO_USER, 0, 19));
  attempt("I/O priority", syscall(SYS_ioprio_set, 1, above, 0));
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(0, &cores);
  attempt("cores of another", above == 0 ? -1 : sched_setaffinity(above, sizeof cores, &cores));
  rlimit limit{};
  attempt("limits of another", above == 0 ? -1 : prlimit(above, RLIMIT_NOFILE, &limit, nullptr));
  attempt("namespaces", unshare(CLONE_NEWUSER));
  attempt("another's namespace", syscall(SYS_setns, 3, 0));
  attempt("child", static_cast<long>(syscall(SYS_fork)));
  attempt("reading another's memory", syscall(SYS_process_vm_readv, above, nullptr, 0, nullptr, 0, 0));
  attempt("another's descriptor", syscall(SYS_pidfd_open, above, 0));
}

void against_system() {
  attempt("mount", mount("x", "/tmp", "tmpfs", 0, nullptr));
  attempt("unmount", umount("/proc"));
  attempt("new root", chroot("."));
  attempt("host name", sethostname("x", 1));
  const timespec time{1, 0};
  attempt("clock", clock_settime(CLOCK_REALTIME, &time));
  attempt("swap", swapoff("/none") == 0 || errno != EPERM ? 0 : -1);
  attempt("System V memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
  attempt("System V messages", msgget(IPC_PRIVATE, IPC_CREAT | 0600));
  attempt("System V semaphores", semget(IPC_PRIVATE, 1, IPC_CREAT | 0600));
  attempt("internet", socket(AF_INET, SOCK_STREAM, 0));
  attempt("raw packets", socket(AF_PACKET, SOCK_RAW, 0));
  attempt("local sockets", socket(AF_UNIX, SOCK_STREAM, 0));
  attempt("routing", socket(AF_NETLINK, SOCK_RAW, 0));
  io_uring_params ring{};
  attempt("io_uring", syscall(SYS_io_uring_setup, 4, &ring));
  perf_event_attr event{};
  event.size = sizeof event;
  attempt("performance counters", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
  attempt("key ring", syscall(SYS_keyctl, 0, -3, 1));
  attempt("programs in the kernel", syscall(SYS_bpf, 0, nullptr, 0));
  attempt("page faults of its own", syscall(SYS_userfaultfd, 0));
  attempt("ports", syscall(SYS_ioperm, 0x80, 1, 1));
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  attempt("taking a page out of use", madvise(page, 4096, 101));
}

}  // namespace

HOSTILE_RUN {
  against_files();
  against_devices();
  against_processes();
  against_system();
  hostile_host->log(ASSAY_WARNING, ("was let do: " + (done.empty() ? "nothing" : done)).c_str());
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
