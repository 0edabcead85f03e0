#include "crash.hpp"

#include <ucontext.h>

#include <csignal>

namespace assay::runner {
namespace {

Shared* block = nullptr;
alignas(16) char alternate_stack[64 * 1024];

void record(int signal, siginfo_t* info, void* context) {
  if (block != nullptr && block->crash.signal.load() == 0) {
    block->crash.code = info->si_code;
    block->crash.address = reinterpret_cast<uint64_t>(info->si_addr);
    block->crash.stack_pointer = static_cast<uint64_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RSP]);
    block->crash.signal.store(signal);
  }
  // SA_RESETHAND has put the default back: the same signal now ends the process, with its own wait status.
  raise(signal);
}

}  // namespace

void record_crashes(Shared& shared) {
  block = &shared;
  stack_t stack{};
  stack.ss_sp = alternate_stack;
  stack.ss_size = sizeof alternate_stack;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = record;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigaction(signal, &action, nullptr);
}

}  // namespace assay::runner
