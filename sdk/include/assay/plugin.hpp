// The C++20 side of the plugin ABI, header-only. A test is a class:
//
//   struct Echo {
//     static constexpr auto id = "acme.echo";
//     static constexpr auto binds = "machine";
//     static constexpr auto parameters = assay::names("rounds");
//     static constexpr auto measurements = assay::names("errors");
//     static constexpr auto injections = assay::names("flip-bit");
//     void run(assay::Trial& trial);   // throws assay::Skip or any exception; returns when all has been said
//   };
//   ASSAY_PLUGIN(Echo)
//
// Everything here is inline and keeps no state but the host pointer; see plugin.h for threads and ownership.
#pragma once

#include <assay/ext/artifact.h>
#include <assay/ext/breadcrumb.h>
#include <assay/ext/device.h>
#include <assay/ext/draft/pagemap.h>
#include <assay/ext/draft/place.h>
#include <assay/ext/draft/ring.h>
#include <assay/ext/keep.h>
#include <assay/ext/repeat.h>
#include <assay/ext/series.h>
#include <assay/plugin.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace assay {

/// A list of names that ends with a null pointer, as the ABI wants it.
template <class... Name>
constexpr std::array<const char*, sizeof...(Name) + 1> names(Name... name) {
  return {name..., nullptr};
}

/// Thrown to end a trial that cannot be done here. The category is "absent", "no-permission", "no-space", "no-tool" or
/// "not-supported".
struct Skip {
  std::string category;
  std::string reason;
};

/// Thrown to end a trial that was asked to stop before it could judge.
struct Cancelled {};

/// Thrown by Trial when a parameter is refused; run() need not catch it.
struct BadParameter : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Severity : int32_t { note = ASSAY_NOTE, marginal = ASSAY_MARGINAL, fail = ASSAY_FAIL };

inline const assay_host* host = nullptr;

template <class Extension>
const Extension* host_extension(const char* id) {
  return host == nullptr ? nullptr : static_cast<const Extension*>(host->get_extension(id));
}

inline void log(const std::string& text, int32_t level = ASSAY_INFO) {
  if (host != nullptr) host->log(level, text.c_str());
}

/// A series of samples over time; does nothing where the host does not offer series.
class Series {
 public:
  Series(const char* name, const char* unit) : extension_(host_extension<assay_series>(ASSAY_EXT_SERIES)) {
    if (extension_ != nullptr) number_ = extension_->open(name, unit);
  }
  void push(double value) const {
    if (number_ >= 0) extension_->push(number_, value);
  }

 private:
  const assay_series* extension_;
  int32_t number_ = -1;
};

/// A descriptor that the host hands over through an extension; closed at the end. There may be none.
template <class Extension>
class Handed {
 public:
  explicit Handed(const char* id) {
    if (const auto* extension = host_extension<Extension>(id)) file_ = extension->open();
  }
  ~Handed() {
    if (file_ >= 0) close(file_);
  }
  Handed(const Handed&) = delete;
  Handed& operator=(const Handed&) = delete;
  explicit operator bool() const { return file_ >= 0; }
  int descriptor() const { return file_; }

 private:
  int file_ = -1;
};

/// What the trials of this test on this target keep for each other in a run (ext/keep.h).
struct Kept : Handed<assay_keep> {
  Kept() : Handed(ASSAY_EXT_KEEP) {}
};
/// The target's device, opened by the host (ext/device.h).
struct Device : Handed<assay_device> {
  Device() : Handed(ASSAY_EXT_DEVICE) {}
};
/// Where this process's memory lies in the machine (ext/draft/pagemap.h).
struct Pagemap : Handed<assay_pagemap> {
  Pagemap() : Handed(ASSAY_EXT_PAGEMAP) {}
};

/// The trial that run() serves. Cheap to pass by reference; every member may be called from any thread.
class Trial {
 public:
  explicit Trial(const assay_trial* trial)
      : trial_(trial), breadcrumb_(host_extension<assay_breadcrumb>(ASSAY_EXT_BREADCRUMB)) {}

  std::string target() const { return trial_->target_id(trial_); }
  /// The target's attribute, or `otherwise` where it has none.
  std::string target_attribute(const char* key, const char* otherwise = "") const {
    const char* value = trial_->target_attribute(trial_, key);
    return value == nullptr ? otherwise : value;
  }

  int64_t integer(const char* key) const { return get(key, &assay_trial::parameter_integer, int64_t{}); }
  double real(const char* key) const { return get(key, &assay_trial::parameter_real, double{}); }
  bool boolean(const char* key) const { return integer(key) != 0; }
  std::string text(const char* key) const { return get(key, &assay_trial::parameter_text, (const char*)nullptr); }

  uint64_t seed() const { return trial_->seed(trial_); }
  /// True when this trial must perform the injection `id` at its hardware boundary.
  bool injects(std::string_view id) const {
    const char* injection = trial_->injection(trial_);
    return injection != nullptr && id == injection;
  }

  bool should_stop() const { return trial_->should_stop(trial_) != 0; }
  double remaining_seconds() const { return static_cast<double>(trial_->remaining_ns(trial_)) * 1e-9; }
  void progress(double fraction, const char* doing = "") const { trial_->progress(trial_, fraction, doing); }
  void breadcrumb(const char* doing, uint64_t address = 0) const {
    if (breadcrumb_ != nullptr) breadcrumb_->drop(doing, address);
  }

  void measure(const char* key, double value) const { trial_->measure(trial_, key, value); }
  void finding(Severity severity, const char* code, const std::string& text, const std::string& where = "") const {
    trial_->finding(trial_, static_cast<int32_t>(severity), code, text.c_str(),
                    where.empty() ? nullptr : where.c_str());
  }
  void fail(const char* code, const std::string& text, const std::string& where = "") const {
    finding(Severity::fail, code, text, where);
  }

  /// The failure `code` was repeated within the trial; see ext/repeat.h.
  void repeated(const char* code, uint32_t repeats, uint32_t seen_again) const {
    if (const auto* extension = host_extension<assay_repeat>(ASSAY_EXT_REPEAT))
      extension->repeated(trial_, code, repeats, seen_again);
  }

  /// Where the finding `code` was seen, and what was tested; see ext/draft/place.h.
  void failed_at(const char* code, const char* space, uint64_t first, uint64_t end) const {
    if (const auto* extension = host_extension<assay_place>(ASSAY_EXT_PLACE))
      extension->failed_at(trial_, code, space, first, end);
  }
  void failed_on(const char* code, const std::string& piece) const {
    if (const auto* extension = host_extension<assay_place>(ASSAY_EXT_PLACE))
      extension->failed_on(trial_, code, piece.c_str());
  }
  void covered(const char* space, uint64_t first, uint64_t end) const {
    if (const auto* extension = host_extension<assay_place>(ASSAY_EXT_PLACE))
      extension->covered(trial_, space, first, end);
  }
  void covered_piece(const std::string& piece) const {
    if (const auto* extension = host_extension<assay_place>(ASSAY_EXT_PLACE))
      extension->covered_piece(trial_, piece.c_str());
  }

  const assay_trial* c() const { return trial_; }

 private:
  template <class Value, class Getter>
  Value get(const char* key, Getter getter, Value value) const {
    if ((trial_->*getter)(trial_, key, &value) != ASSAY_OK)
      throw BadParameter(std::string("parameter refused: ") + key);
    return value;
  }

  const assay_trial* trial_;
  const assay_breadcrumb* breadcrumb_;
};

namespace detail {

/// Runs `work` and turns whatever it throws into a status, so that nothing crosses the boundary.
template <class Work>
assay_status guarded(const assay_trial* trial, Work work) noexcept {
  try {
    work();
    return ASSAY_OK;
  } catch (const Skip& skip) {
    trial->skip(trial, skip.category.c_str(), skip.reason.c_str());
    return ASSAY_SKIPPED;
  } catch (const Cancelled&) {
    return ASSAY_CANCELLED;
  } catch (const BadParameter& bad) {
    trial->error(trial, bad.what());
    return ASSAY_BAD_PARAMETER;
  } catch (const std::exception& error) {
    trial->error(trial, error.what());
  } catch (...) {
    trial->error(trial, "the test threw something that is not a std::exception");
  }
  return ASSAY_ERROR;
}

template <class Test>
struct Adapter {
  assay_test c{sizeof(assay_test), 0, this, nullptr, &run, nullptr, &destroy};
  Test test{};

  static assay_status run(assay_test* self, const assay_trial* trial) noexcept {
    return guarded(trial, [&] {
      Trial wrapped(trial);
      static_cast<Adapter*>(self->self)->test.run(wrapped);
    });
  }
  static void destroy(assay_test* self) noexcept { delete static_cast<Adapter*>(self->self); }

  static assay_test* create() noexcept {
    try {
      return &(new Adapter)->c;
    } catch (...) {
      return nullptr;
    }
  }
  static constexpr assay_test_description description{
      sizeof(assay_test_description), 0, Test::id, Test::binds, Test::parameters.data(), Test::measurements.data(),
      Test::injections.data()};
};

template <class... Test>
struct Factory {
  static constexpr const assay_test_description* descriptions[] = {&Adapter<Test>::description...};
  static constexpr assay_test* (*creators[])() noexcept = {&Adapter<Test>::create...};

  static const assay_test_description* describe(uint32_t index) noexcept {
    return index < sizeof...(Test) ? descriptions[index] : nullptr;
  }
  static assay_test* create(const char* id) noexcept {
    for (uint32_t i = 0; i < sizeof...(Test); ++i)
      if (id != nullptr && std::strcmp(id, descriptions[i]->id) == 0) return creators[i]();
    return nullptr;
  }
  static constexpr assay_test_factory c{sizeof(assay_test_factory), sizeof...(Test), &describe, &create};
};

using Lookup = const void* (*)(const char* id);

template <Lookup extra, class... Test>
struct Entry {
  static assay_status init(const assay_host* given) noexcept {
    host = given;
    return ASSAY_OK;
  }
  static void deinit() noexcept {}
  static const void* get_factory(const char* id) noexcept {
    if (id == nullptr) return nullptr;
    if (std::strcmp(id, ASSAY_TEST_FACTORY) == 0) return &Factory<Test...>::c;
    return extra(id);
  }
};

inline const void* nothing_more(const char*) { return nullptr; }

}  // namespace detail
}  // namespace assay

/// Exports the plugin's entry. `lookup` is a function `const void*(const char* id)` that returns the plugin's own
/// extensions (ext/bench.h); the classes after it are the tests.
#define ASSAY_PLUGIN_WITH(lookup, ...)                                                    \
  extern "C" ASSAY_EXPORT const assay_entry assay_entry_v1;                               \
  const assay_entry assay_entry_v1 = {sizeof(assay_entry),                                \
                                      ASSAY_ABI_MAJOR,                                    \
                                      ASSAY_ABI_MINOR,                                    \
                                      &assay::detail::Entry<lookup, __VA_ARGS__>::init,   \
                                      &assay::detail::Entry<lookup, __VA_ARGS__>::deinit, \
                                      &assay::detail::Entry<lookup, __VA_ARGS__>::get_factory};

/// Exports the plugin's entry with the given test classes.
#define ASSAY_PLUGIN(...) ASSAY_PLUGIN_WITH(assay::detail::nothing_more, __VA_ARGS__)
