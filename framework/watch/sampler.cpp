#include "watch/sampler.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cmath>

#include "core/clock.hpp"

namespace assay::watch {
namespace {

constexpr int most_deaths = 5;

/// What one step gave; a step past the last ends the sample.
struct Part {
  size_t step = 0;
  double values[2] = {};
};

}  // namespace

Sampler::Sampler(std::vector<Step> steps, double seconds)
    : steps_(std::move(steps)), left_out_(steps_.size(), false), patience_(seconds) {
  if (!steps_.empty()) begin();
}

void Sampler::begin() {
  asked_ = false;
  work_ = std::make_unique<core::Apart>([this](int socket) { work(socket); });
  if (work_->socket() < 0) work_.reset();
}

/// In the process apart, until the host hangs up.
void Sampler::work(int socket) {
  for (double now; recv(socket, &now, sizeof now, 0) == sizeof now;) {
    for (size_t i = 0; i <= steps_.size(); ++i) {
      Part part{i, {std::nan(""), std::nan("")}};
      if (i < steps_.size() && left_out_[i]) continue;
      const std::vector<double> read = i < steps_.size() ? steps_[i].read(now) : std::vector<double>();
      for (size_t k = 0; k < read.size() && k < 2; ++k) part.values[k] = read[k];
      if (send(socket, &part, sizeof part, MSG_NOSIGNAL) != sizeof part) return;
    }
  }
}

bool Sampler::ask() {
  if (asked_ || !work_) return false;
  heard_ns_ = core::monotonic_ns();
  const double now = static_cast<double>(heard_ns_) * 1e-9;
  values_.assign(2 * steps_.size(), std::nan(""));
  next_ = 0;
  asked_ = send(work_->socket(), &now, sizeof now, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof now;
  return asked_;
}

std::optional<std::vector<double>> Sampler::take() {
  if (!work_) return std::nullopt;
  Part part;
  ssize_t got = 0;
  while ((got = recv(work_->socket(), &part, sizeof part, MSG_DONTWAIT)) == sizeof part) {
    heard_ns_ = core::monotonic_ns();
    if (part.step >= steps_.size()) return end_sample();
    std::copy_n(part.values, 2, values_.begin() + static_cast<std::ptrdiff_t>(2 * part.step));
    next_ = part.step + 1;
  }
  // It was killed, for want of memory perhaps: a few times it is begun anew.
  if (got == 0) {
    work_.reset();
    if (++deaths_ < most_deaths) begin();
  } else if (asked_ && core::seconds_since(heard_ns_) > patience_) {
    return leave_out();
  }
  return std::nullopt;
}

/// The step that is awaited hangs. The others go on in a new process.
std::optional<std::vector<double>> Sampler::leave_out() {
  while (next_ < steps_.size() && left_out_[next_]) ++next_;
  if (next_ < steps_.size()) {
    left_out_[next_] = true;
    hung_.push_back(steps_[next_].name);
  }
  const std::vector<double> values = end_sample();
  begin();
  return values;
}

std::vector<double> Sampler::end_sample() {
  asked_ = false;
  std::vector<double> values;
  for (size_t i = 0; i < steps_.size(); ++i)
    for (size_t k = 0; k < steps_[i].width; ++k) values.push_back(values_[2 * i + k]);
  return values;
}

}  // namespace assay::watch
