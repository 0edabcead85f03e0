// What the runner opens for a test before it gives its rights away.
#pragma once

#include "runner/spec.hpp"

namespace assay::runner {

/// Its own page map, at pagemap_fd: opened with rights, it goes on telling physical addresses without them.
void open_pagemap();

/// An io_uring at ring_fd that can read, write and sync what is open, and nothing else: a ring's operations pass by the
/// filter for system calls. Whoever uses it maps it by `ring_parameters()`.
void open_ring();
const void* ring_parameters();

}  // namespace assay::runner
