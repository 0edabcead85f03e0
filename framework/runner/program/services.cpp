#include "services.hpp"

#include <assay/ext/artifact.h>
#include <assay/ext/breadcrumb.h>
#include <assay/ext/device.h>
#include <assay/ext/draft/pagemap.h>
#include <assay/ext/draft/place.h>
#include <assay/ext/draft/ring.h>
#include <assay/ext/keep.h>
#include <assay/ext/repeat.h>
#include <assay/ext/series.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "core/clock.hpp"
#include "handed.hpp"

namespace assay::runner {
namespace {

const Spec* spec = nullptr;
Shared* shared = nullptr;
std::mutex channel;
std::mutex breadcrumb_lock, ring_lock, series_lock;
int series_count = 0;
bool kept_is_there = false, device_is_there = false, pagemap_is_there = false, ring_is_there = false;

const char* or_empty(const char* text) { return text == nullptr ? "" : text; }

const SpecParameter* find_parameter(const char* key) {
  for (const SpecParameter& parameter : spec->parameters)
    if (key != nullptr && parameter.key == key) return &parameter;
  return nullptr;
}

bool in_range(const SpecParameter& parameter) {
  double number = 0;
  if (parameter.bounded)
    return core::as_number(parameter.value, number) && number >= parameter.min && number <= parameter.max;
  const auto* text = std::get_if<std::string>(&parameter.value);
  return text == nullptr || parameter.choices.empty() ||
         std::find(parameter.choices.begin(), parameter.choices.end(), *text) != parameter.choices.end();
}

template <class Convert>
assay_status parameter(const char* key, Convert convert) {
  const SpecParameter* found = find_parameter(key);
  if (found == nullptr) return ASSAY_UNKNOWN;
  return in_range(*found) && convert(found->value) ? ASSAY_OK : ASSAY_BAD_PARAMETER;
}

assay_status parameter_integer(const assay_trial*, const char* key, int64_t* value) {
  return parameter(key, [&](const core::Value& given) {
    if (const auto* whole = std::get_if<int64_t>(&given)) return *value = *whole, true;
    if (const auto* truth = std::get_if<bool>(&given)) return *value = *truth ? 1 : 0, true;
    return false;
  });
}

assay_status parameter_real(const assay_trial*, const char* key, double* value) {
  return parameter(key, [&](const core::Value& given) { return core::as_number(given, *value); });
}

assay_status parameter_text(const assay_trial*, const char* key, const char** value) {
  return parameter(key, [&](const core::Value& given) {
    const auto* text = std::get_if<std::string>(&given);
    if (text != nullptr) *value = text->c_str();
    return text != nullptr;
  });
}

const char* target_id(const assay_trial*) { return spec->target.id.c_str(); }

const char* target_attribute(const assay_trial*, const char* key) {
  const auto found = spec->target.attributes.find(or_empty(key));
  return found == spec->target.attributes.end() ? nullptr : found->second.c_str();
}

uint64_t seed(const assay_trial*) { return spec->seed; }

const char* injection(const assay_trial*) { return spec->injection.empty() ? nullptr : spec->injection.c_str(); }

int32_t should_stop(const assay_trial*) {
  return shared->stop.load(std::memory_order_relaxed) != 0 ||
                 core::monotonic_ns() >= shared->deadline_ns.load(std::memory_order_relaxed)
             ? 1
             : 0;
}

uint64_t remaining_ns(const assay_trial*) {
  const int64_t left = shared->deadline_ns.load() - core::monotonic_ns();
  return shared->stop.load() != 0 || left < 0 ? 0 : static_cast<uint64_t>(left);
}

void progress(const assay_trial*, double fraction, const char* doing) {
  send({.kind = Frame::Kind::progress, .text = or_empty(doing), .value = fraction});
}

assay_status measure(const assay_trial*, const char* key, double value) {
  send({.kind = Frame::Kind::measurement, .key = or_empty(key), .value = value});
  return ASSAY_OK;
}

void finding(const assay_trial*, int32_t severity, const char* code, const char* text, const char* where) {
  send({.kind = Frame::Kind::finding,
        .key = or_empty(code),
        .text = or_empty(text),
        .where = or_empty(where),
        .level = severity});
}

void skip(const assay_trial*, const char* category, const char* reason) {
  send({.kind = Frame::Kind::skip, .key = or_empty(category), .text = or_empty(reason)});
}

void error(const assay_trial*, const char* text) { send({.kind = Frame::Kind::error, .text = or_empty(text)}); }

void log(int32_t level, const char* text) {
  send({.kind = Frame::Kind::log, .text = std::string(or_empty(text)).substr(0, 4096), .level = level});
}

void drop_breadcrumb(const char* doing, uint64_t address) {
  const std::lock_guard lock(breadcrumb_lock);
  Shared::Breadcrumb& crumb = shared->breadcrumb;
  crumb.sequence.fetch_add(1, std::memory_order_acq_rel);
  std::strncpy(crumb.doing.data(), or_empty(doing), crumb.doing.size() - 1);
  crumb.address = address;
  crumb.sequence.fetch_add(1, std::memory_order_release);
}

int32_t open_series(const char* name, const char* unit) {
  const std::lock_guard lock(series_lock);
  if (series_count == 16) return ASSAY_ERROR;
  send({.kind = Frame::Kind::series, .key = or_empty(name), .text = or_empty(unit), .level = series_count});
  return series_count++;
}

void push_sample(int32_t series, double value) {
  if (series < 0 || series > 15) return;
  const std::lock_guard lock(ring_lock);
  Shared::Ring& ring = shared->ring;
  const uint64_t written = ring.written.load(std::memory_order_relaxed);
  if (written - ring.read.load(std::memory_order_acquire) >= Shared::Ring::capacity) {
    ring.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  ring.samples[written % Shared::Ring::capacity] = {core::monotonic_ns(), value, static_cast<uint32_t>(series), 0};
  ring.written.store(written + 1, std::memory_order_release);
}

int32_t create_artifact(const char* name, const char* media_type) {
  const std::string file = or_empty(name);
  const bool plain =
      !file.empty() && file.size() <= 100 && file[0] != '.' &&
      file.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == std::string::npos;
  if (!plain) return ASSAY_BAD_PARAMETER;
  const int fd = openat(artifacts_fd, file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return ASSAY_ERROR;
  send({.kind = Frame::Kind::artifact, .key = file, .text = or_empty(media_type)});
  return fd;
}

int32_t another_of(int handed) {
  const int fd = fcntl(handed, F_DUPFD_CLOEXEC, first_own_fd);
  return fd < 0 ? ASSAY_ERROR : fd;
}
int32_t open_kept() { return another_of(kept_fd); }
int32_t open_device() { return another_of(device_fd); }
int32_t open_pagemap_again() { return another_of(pagemap_fd); }
int32_t open_ring_again(void* parameters) {
  if (parameters == nullptr) return ASSAY_ERROR;
  std::memcpy(parameters, ring_parameters(), sizeof(io_uring_params));
  return another_of(ring_fd);
}

void repeated(const assay_trial*, const char* code, uint32_t repeats, uint32_t seen_again) {
  send({.kind = Frame::Kind::repeat,
        .key = or_empty(code),
        .value = static_cast<double>(repeats),
        .level = static_cast<int32_t>(std::min(seen_again, repeats))});
}

std::vector<std::string> range_of(const char* space, uint64_t first, uint64_t end) {
  char numbers[2][20];
  std::snprintf(numbers[0], sizeof numbers[0], "%llx", static_cast<unsigned long long>(first));
  std::snprintf(numbers[1], sizeof numbers[1], "%llx", static_cast<unsigned long long>(end));
  return {std::string(or_empty(space)).substr(0, 40), numbers[0], numbers[1]};
}
std::vector<std::string> piece_of(const char* piece) { return {std::string(or_empty(piece)).substr(0, 200)}; }

void failed_at(const assay_trial*, const char* code, const char* space, uint64_t first, uint64_t end) {
  send({.kind = Frame::Kind::failed_place, .key = or_empty(code), .list = range_of(space, first, end)});
}
void covered(const assay_trial*, const char* space, uint64_t first, uint64_t end) {
  send({.kind = Frame::Kind::covered, .list = range_of(space, first, end)});
}
void failed_on(const assay_trial*, const char* code, const char* piece) {
  send({.kind = Frame::Kind::failed_place, .key = or_empty(code), .list = piece_of(piece)});
}
void covered_piece(const assay_trial*, const char* piece) {
  send({.kind = Frame::Kind::covered, .list = piece_of(piece)});
}

const assay_breadcrumb breadcrumb_extension{sizeof(assay_breadcrumb), 0, drop_breadcrumb};
const assay_series series_extension{sizeof(assay_series), 0, open_series, push_sample};
const assay_artifact artifact_extension{sizeof(assay_artifact), 0, create_artifact};

const assay_device device_extension{sizeof(assay_device), 0, open_device};
const assay_pagemap pagemap_extension{sizeof(assay_pagemap), 0, open_pagemap_again};
const assay_ring ring_extension{sizeof(assay_ring), 0, open_ring_again};
const assay_keep keep_extension{sizeof(assay_keep), 0, open_kept};
const assay_repeat repeat_extension{sizeof(assay_repeat), 0, repeated};
const assay_place place_extension{sizeof(assay_place), 0, failed_at, covered, failed_on, covered_piece};

const void* get_extension(const char* id) {
  const std::string wanted = or_empty(id);
  if (wanted == ASSAY_EXT_BREADCRUMB) return &breadcrumb_extension;
  if (wanted == ASSAY_EXT_SERIES) return &series_extension;
  if (wanted == ASSAY_EXT_DEVICE) return device_is_there ? &device_extension : nullptr;
  if (wanted == ASSAY_EXT_PAGEMAP) return pagemap_is_there ? &pagemap_extension : nullptr;
  if (wanted == ASSAY_EXT_RING) return ring_is_there ? &ring_extension : nullptr;
  if (wanted == ASSAY_EXT_KEEP) return kept_is_there ? &keep_extension : nullptr;
  if (wanted == ASSAY_EXT_REPEAT) return &repeat_extension;
  if (wanted == ASSAY_EXT_PLACE) return &place_extension;
  if (wanted == ASSAY_EXT_ARTIFACT) return &artifact_extension;
  return nullptr;
}

const assay_host host{sizeof(assay_host), ASSAY_ABI_MAJOR, ASSAY_ABI_MINOR, get_extension, log};
const assay_trial trial{sizeof(assay_trial),
                        0,
                        target_id,
                        target_attribute,
                        parameter_integer,
                        parameter_real,
                        parameter_text,
                        seed,
                        injection,
                        should_stop,
                        remaining_ns,
                        progress,
                        measure,
                        finding,
                        skip,
                        error};

}  // namespace

void send(const Frame& frame) {
  const std::string bytes = encode(frame);
  const std::lock_guard lock(channel);
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = write(frames_fd, bytes.data() + sent, bytes.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    sent += static_cast<size_t>(written);
  }
}

const assay_host* host_services(const Spec& given, Shared& block) {
  spec = &given;
  kept_is_there = fcntl(kept_fd, F_SETFD, FD_CLOEXEC) == 0;
  device_is_there = fcntl(device_fd, F_SETFD, FD_CLOEXEC) == 0;
  pagemap_is_there = fcntl(pagemap_fd, F_SETFD, FD_CLOEXEC) == 0;
  ring_is_there = fcntl(ring_fd, F_SETFD, FD_CLOEXEC) == 0;
  shared = &block;
  return &host;
}

const assay_trial* trial_services() { return &trial; }

}  // namespace assay::runner
