#include "runner/shared.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::runner {

SharedMemory::SharedMemory() : fd_(memfd_create("assay-trial", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
  if (!fd_ || ftruncate(fd_.get(), sizeof(Shared)) != 0) throw core::Trouble("no memory for a trial's shared block");
  // A plugin that makes it smaller would take the ground from under the host.
  if (fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    throw core::Trouble("a trial's shared block cannot be sealed");
  void* place = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (place == MAP_FAILED) throw core::Trouble("a trial's shared block cannot be mapped");
  block_ = static_cast<Shared*>(place);
  // The runner may look before the host has set a deadline: until then there is none.
  block_->deadline_ns.store(INT64_MAX);
}

SharedMemory::~SharedMemory() {
  if (block_ != nullptr) munmap(block_, sizeof(Shared));
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)), block_(std::exchange(other.block_, nullptr)) {}

std::vector<Sample> SharedMemory::drain() {
  Shared::Ring& ring = block_->ring;
  const uint64_t written = ring.written.load(std::memory_order_acquire);
  uint64_t read = ring.read.load(std::memory_order_relaxed);
  // Numbers that no honest writer leaves: take what the ring can hold, and no more.
  if (written < read || written - read > Shared::Ring::capacity)
    read = written - std::min(written, Shared::Ring::capacity);
  std::vector<Sample> samples;
  samples.reserve(written - read);
  for (; read < written; ++read) samples.push_back(ring.samples[read % Shared::Ring::capacity]);
  ring.read.store(written, std::memory_order_release);
  return samples;
}

SharedMemory::Mark SharedMemory::breadcrumb() const {
  Shared::Breadcrumb& crumb = block_->breadcrumb;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const uint32_t before = crumb.sequence.load(std::memory_order_acquire);
    const std::array<char, 64> doing = crumb.doing;
    const uint64_t address = crumb.address;
    // A read-modify-write, so that the reads above cannot drift below it.
    const bool torn = before % 2 != 0 || crumb.sequence.fetch_add(0, std::memory_order_acq_rel) != before;
    // A process that died while it wrote leaves an odd number: the last attempt takes what is there.
    if (torn && attempt < 999) continue;
    const auto end = std::find(doing.begin(), doing.end(), '\0');
    return {core::safe_text(std::string(doing.begin(), end)), address};
  }
  return {};
}

}  // namespace assay::runner
