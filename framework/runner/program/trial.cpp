#include "trial.hpp"

#include <assay/plugin.h>
#include <unistd.h>

#include <boost/dll/shared_library.hpp>
#include <cstdio>
#include <cstdlib>

#include "confine.hpp"
#include "cores.hpp"
#include "crash.hpp"
#include "residue.hpp"
#include "services.hpp"

namespace assay::runner {
namespace {

[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  _exit(code);
}

void phase(const char* name, const std::string& text = "") {
  send({.kind = Frame::Kind::phase, .key = name, .text = text});
}

const assay_entry& load_entry(const std::string& path) {
  namespace dll = boost::dll;
  // Never unloaded: one process, one trial.
  static dll::shared_library* library = nullptr;
  try {
    library = new dll::shared_library(path, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  } catch (const std::exception& error) {
    give_up(std::string("the plugin cannot be loaded: ") + error.what());
  }
  if (!library->has("assay_entry_v1")) give_up("the plugin does not export assay_entry_v1; it is made for another ABI");
  const auto& entry = library->get<const assay_entry>("assay_entry_v1");
  if (entry.struct_size < sizeof(assay_entry) || entry.abi_major != ASSAY_ABI_MAJOR || entry.init == nullptr ||
      entry.get_factory == nullptr)
    give_up("the plugin's entry is damaged");
  if (entry.abi_minor > ASSAY_ABI_MINOR) give_up("the plugin needs a newer Assay");
  return entry;
}

// Plugin code runs only inside these: an exception that reaches them ends the process, and the host sees the abort.
assay_status call_init(const assay_entry& entry, const assay_host* host) noexcept { return entry.init(host); }
const assay_test_factory* call_factory(const assay_entry& entry) noexcept {
  return static_cast<const assay_test_factory*>(entry.get_factory(ASSAY_TEST_FACTORY));
}
const void* call_get_factory(const assay_entry& entry, const char* id) noexcept { return entry.get_factory(id); }
assay_test* call_create(const assay_test_factory& factory, const char* id) noexcept { return factory.create(id); }
const assay_test_description* call_describe(const assay_test_factory& factory, uint32_t i) noexcept {
  return factory.describe(i);
}
assay_status call_run(assay_test* test, const assay_trial* trial) noexcept {
  assay_status status = test->prepare == nullptr ? ASSAY_OK : test->prepare(test, trial);
  if (status == ASSAY_OK) status = test->run(test, trial);
  if (test->cleanup != nullptr) test->cleanup(test, trial);
  return status;
}
void call_destroy(const assay_entry& entry, assay_test* test) noexcept {
  if (test != nullptr && test->destroy != nullptr) test->destroy(test);
  if (entry.deinit != nullptr) entry.deinit();
}

void append(std::vector<std::string>& list, const char* prefix, const char* const* names) {
  for (; names != nullptr && *names != nullptr; ++names) list.push_back(std::string(prefix) + *names);
}

/// What the code says of itself, and how it answers ids that it does not know.
void describe(const assay_entry& entry, const assay_test_factory& factory) {
  for (uint32_t i = 0; i < factory.count && i < 256; ++i) {
    const assay_test_description* test = call_describe(factory, i);
    if (test == nullptr) continue;
    Frame frame{.kind = Frame::Kind::description, .key = test->id, .text = test->binds};
    append(frame.list, "p:", test->parameters);
    append(frame.list, "m:", test->measurements);
    append(frame.list, "i:", test->injections);
    send(frame);
    if (call_create(factory, (std::string(test->id) + "x").c_str()) != nullptr)
      send({.kind = Frame::Kind::error,
            .text = std::string("create() accepts an id that is not exact: ") + test->id + "x"});
  }
  if (call_describe(factory, factory.count) != nullptr)
    send({.kind = Frame::Kind::error, .text = "describe() answers past the end"});
  for (const char* id : {"", "assay.no-such-thing/1", "assay.test-factory/1x"})
    if (call_get_factory(entry, id) != nullptr)
      send({.kind = Frame::Kind::error, .text = std::string("get_factory() answers the unknown id \"") + id + "\""});
}

void tell_residue(const Residue& before) {
  Residue after = count_residue();
  // A thread that was joined is gone for its process, while Linux may still have to take it off its list.
  for (int i = 0; i < 50 && after.threads > before.threads; ++i) {
    usleep(2000);
    after = count_residue();
  }
  const auto tell = [](const char* what, int more) {
    if (more > 0) send({.kind = Frame::Kind::residue, .key = what, .value = static_cast<double>(more)});
  };
#ifndef __SANITIZE_THREAD__  // which starts a thread of its own beside the first that it sees
  tell("threads", after.threads - before.threads);
#endif
  tell("descriptors", after.descriptors - before.descriptors);
  tell("children", after.children - before.children);
}

}  // namespace

void give_up(const std::string& why) {
  send({.kind = Frame::Kind::error, .text = why});
  send({.kind = Frame::Kind::end, .level = ASSAY_ERROR});
  leave(0);
}

void try_plugin(const Spec& spec, Shared& shared, const Fence& fence) {
  phase("confined", fence.missing);
  if (spec.mode == Mode::probe) {
    send({.kind = Frame::Kind::end, .level = ASSAY_OK});
    leave(0);
  }
  record_crashes(shared);
  const assay_host* host = host_services(spec, shared);
  const assay_entry& entry = load_entry(fence.plugin);
  phase("loaded");
  if (spec.confinement.private_temp && !fence.has_view)
    send({.kind = Frame::Kind::residue, .key = "no private folders", .value = 1});
  // A plugin that lies there itself is shown there.
  const auto there_before = spec.confinement.private_temp ? list_private_temp() : std::set<std::string>();
  const Residue before = count_residue();
  if (call_init(entry, host) != ASSAY_OK) give_up("the plugin's init failed");
  const assay_test_factory* factory = call_factory(entry);
  if (factory == nullptr) give_up("the plugin offers no tests");
  assay_test* test = nullptr;
  assay_status status = ASSAY_OK;
  if (spec.mode == Mode::describe) {
    describe(entry, *factory);
  } else {
    test = call_create(*factory, spec.test.c_str());
    if (test == nullptr)
      give_up("the plugin's code does not know the test " + spec.test + " that its manifest promises");
    phase("running");
    status = call_run(test, trial_services());
    // Linux moves a process whose core goes offline, or is taken from it, to another one: what it computed there says
    // nothing of the core.
    if (spec.core >= 0 && status == ASSAY_OK && !may_use_core(spec.core)) {
      send({.kind = Frame::Kind::error,
            .text = "core " + std::to_string(spec.core) +
                    " went away in mid-test: it was taken offline, or from this process (a cpuset, or taskset)"});
      status = ASSAY_ERROR;
    }
  }
  call_destroy(entry, test);
  tell_residue(before);
  if (spec.confinement.private_temp && fence.has_view) {
    std::string files;
    for (const std::string& file : list_private_temp())
      if (there_before.count(file) == 0) files += file + " ";
    if (!files.empty()) send({.kind = Frame::Kind::residue, .key = "files outside: " + files, .value = 1});
  }
  send({.kind = Frame::Kind::end, .level = status});
  leave(0);
}

}  // namespace assay::runner
