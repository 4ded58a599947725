// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Threads.h"

#include "enigma/Runtime/Interruption.h"

#include <csignal>
#include <memory>

using namespace enigma;

/// Not all systems give threads as much as the main thread has.
static constexpr size_t kStackBytes = 8 << 20;

static void *run(void *body) {
  (*std::unique_ptr<std::function<void()>>(
      static_cast<std::function<void()> *>(body)))();
  return nullptr;
}

std::optional<pthread_t> enigma::startThread(std::function<void()> body) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  sigset_t signals, old;
  sigfillset(&signals);
  sigdelset(&signals, getInterruptSignal());
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT})
    sigdelset(&signals, fault);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // A thread begins with the mask of the one that makes it.
  pthread_sigmask(SIG_SETMASK, &signals, &old);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, run, owned.get());
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  if (error)
    return std::nullopt;
  (void)owned.release();
  return thread;
}
