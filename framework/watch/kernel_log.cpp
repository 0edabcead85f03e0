#include "watch/kernel_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

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
    if (got < 0 && errno == EPIPE) continue;  // records were overwritten before they could be read
    if (got <= 0) break;
    rest_.append(buffer.data(), static_cast<size_t>(got));
    for (size_t end; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1))
      take(std::string_view(rest_).substr(0, end), events);
    if (rest_.size() > 1 << 16) rest_.clear();
  }
  return events;
}

void KernelLog::take(std::string_view record, std::vector<KernelEvent>& events) const {
  // "PRIORITY,SEQUENCE,TIME,FLAGS;MESSAGE"; continuation lines begin with a space. Priority / 8 is the facility, 0 the
  // kernel.
  if (record.empty() || record[0] == ' ') return;
  const auto semicolon = record.find(';');
  int priority = 0;
  const auto [end, fault] = std::from_chars(record.data(), record.data() + record.size(), priority);
  if (semicolon == std::string_view::npos || fault != std::errc() || *end != ',' || priority / 8 != 0) return;
  KernelEvent event;
  if (!rules_.match(record.substr(semicolon + 1), event)) return;
  event.line = core::safe_text(record.substr(semicolon + 1), 500);
  events.push_back(std::move(event));
}

}  // namespace assay::watch
