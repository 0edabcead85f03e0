#include "journal/held_journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.hpp"

namespace assay::journal {
namespace {

constexpr const char* file_name = "journal.jsonl";

struct stat status_of(int file) {
  struct stat status {};
  fstat(file, &status);
  return status;
}

/// Who holds the lock, as proc(5) tells: "1: FLOCK  ADVISORY  WRITE 4711 08:02:131 0 EOF". Empty when it does not.
std::string holder_of(int file) {
  const std::string inode = ":" + std::to_string(status_of(file).st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, mode, access, pid, place;
    words >> number >> kind >> mode >> access >> pid >> place;
    if (kind == "FLOCK" && place.size() > inode.size() && pid.find_first_not_of("0123456789") == std::string::npos &&
        place.compare(place.size() - inode.size(), inode.size(), inode) == 0 && pid != "0")
      return pid;
  }
  return "";
}

void claim(int file, const std::string& name) {
  if (flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  const std::string pid = holder_of(file);
  throw core::BadInput(name + ": this run is still going on; its host has the journal open" +
                       (pid.empty() ? "" : " (process " + pid + ")"));
}

}  // namespace

HeldJournal::HeldJournal(const core::DurableFolder& folder, int flags)
    : folder_(fcntl(folder.fd(), F_DUPFD_CLOEXEC, 0)),
      file_(openat(folder.fd(), file_name, flags | O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644)),
      name_((folder.name().empty() ? "." : folder.name()) + "/" + file_name) {}

HeldJournal HeldJournal::create(const core::DurableFolder& folder) {
  HeldJournal held(folder, O_CREAT | O_EXCL);
  if (!held.file_) throw core::Trouble(held.name_ + " cannot be created: " + std::strerror(errno));
  claim(held.fd(), held.name_);
  folder.sync();
  return held;
}

HeldJournal HeldJournal::open(const core::DurableFolder& folder) {
  HeldJournal held(folder, 0);
  if (!held.file_ && (errno == EACCES || errno == EPERM || errno == EROFS))
    throw core::BadInput(held.name_ + " cannot be opened: " + std::strerror(errno));
  if (!held.file_ || !S_ISREG(status_of(held.fd()).st_mode))
    throw core::BadInput(held.name_ + ": no journal there; give the folder that `assay run` wrote");
  claim(held.fd(), held.name_);
  return held;
}

std::string HeldJournal::text() const {
  std::string text(static_cast<size_t>(status_of(fd()).st_size), '\0');
  size_t size = 0;
  ssize_t got = 0;
  while (size < text.size() &&
         (got = pread(fd(), text.data() + size, text.size() - size, static_cast<off_t>(size))) > 0)
    size += static_cast<size_t>(got);
  if (got < 0) throw core::Trouble(name_ + " cannot be read: " + std::strerror(errno));
  text.resize(size);
  return text;
}

uid_t HeldJournal::owner() const { return status_of(fd()).st_uid; }
bool HeldJournal::others_may_write() const { return (status_of(fd()).st_mode & 022) != 0; }

}  // namespace assay::journal
