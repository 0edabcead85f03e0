#include "watch/kernel_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <vector>

#include "core/text.hpp"

namespace assay::watch {

KernelLog::KernelLog(const std::string& path, KernelRules rules)
    : file_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)), rules_(std::move(rules)) {
  if (!file_) {
    why_not_ = errno == EACCES || errno == EPERM ? "needs root" : std::strerror(errno);
    return;
  }
  struct stat status {};
  device_ = fstat(file_.get(), &status) == 0 && S_ISCHR(status.st_mode);
  if (device_) lseek(file_.get(), 0, SEEK_END);
}

std::vector<KernelEvent> KernelLog::read() {
  std::vector<KernelEvent> events;
  if (!file_) return events;
  std::array<char, 8192> buffer;
  // A bound, so that a kernel that logs without end cannot hold the host.
  for (int records = 0; records < 2000; ++records) {
    const ssize_t got = ::read(file_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EPIPE) {  // records were overwritten before they could be read
      ++lost_;
      continue;
    }
    if (got <= 0) break;
    rest_.append(buffer.data(), static_cast<size_t>(got));
    for (size_t end; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1))
      take(std::string_view(rest_).substr(0, end), events);
    if (rest_.size() > 1 << 16) rest_.clear();
  }
  return events;
}

void KernelLog::take(std::string_view record, std::vector<KernelEvent>& events) const {
  // "PRIORITY,SEQUENCE,TIME,FLAGS[,MORE];MESSAGE" (Documentation/ABI/testing/dev-kmsg). Lines that begin with a space
  // are its dictionary (" SUBSYSTEM=usb"). Priority / 8 is the facility, 0 the kernel; what a program writes to
  // /dev/kmsg never gets 0. A newline within a message is written "\x0a", so it begins nothing.
  if (record.empty() || record[0] == ' ') return;
  const auto semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return;
  const std::vector<std::string> head = core::split(record.substr(0, semicolon), ',');
  int priority = -1;
  const auto [end, fault] = std::from_chars(head[0].data(), head[0].data() + head[0].size(), priority);
  const bool number = fault == std::errc() && end == head[0].data() + head[0].size();
  if (!number || priority < 0 || priority / 8 != 0 || head.size() < 4) return;
  // "c" (and "+" of old): the rest of a line that was begun before. Its first character is no beginning.
  if (head[3][0] == 'c' || head[3][0] == '+') return;
  KernelEvent event;
  if (!rules_.match(record.substr(semicolon + 1), event)) return;
  event.line = core::safe_text(record.substr(semicolon + 1), 500);
  events.push_back(std::move(event));
}

}  // namespace assay::watch
