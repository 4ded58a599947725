// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Runtime/Interruption.h"

#include "Threads.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <thread>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

using namespace enigma;

namespace {
/// What a thread does; its own signal handler reads it.
struct State {
  Interruptible *launch = nullptr;
  /// Whether the launch is that of the thread itself.
  bool isCaller = false;
  volatile sig_atomic_t isInKernel = 0, isAsking = 0;
  sigjmp_buf leave;
};
} // namespace

static thread_local State state;

// It is ignored where nobody handles it, and is never blocked or sent by a
// terminal.
int enigma::getInterruptSignal() { return SIGURG; }

static struct sigaction previous;

static void handle(int number, siginfo_t *info, void *context) {
  State &self = state;
  if (self.launch && self.isInKernel) {
    int error = errno;
    if (self.isCaller)
      self.launch->poll();
    errno = error;
    if (self.launch->isStopped()) {
      self.isInKernel = 0;
      siglongjmp(self.leave, 1);
    }
  }
  if (previous.sa_flags & SA_SIGINFO)
    previous.sa_sigaction(number, info, context);
  else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
    previous.sa_handler(number);
}

static void installHandler() {
  struct sigaction action = {};
  action.sa_sigaction = handle;
  // On the stack of the thread: what it asks may take more than that of
  // handlers.
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(getInterruptSignal(), &action, &previous);
}

static bool isMainThread() {
#if defined(__APPLE__)
  return pthread_main_np();
#else
  return syscall(SYS_gettid) == getpid();
#endif
}

namespace {
/// Sends a signal to the main thread while it has been launching for long. Its
/// thread sleeps for good when nothing was launched for a while.
class Watch {
public:
  Watch() : process(getpid()), mainThread(pthread_self()) {
    static std::once_flag once;
    std::call_once(once, installHandler);
    // Without it, launches are interrupted while they wait for others alone.
    startThread([this] { work(); });
  }

  void begin() {
    launches.fetch_add(1);
    if (!sleeps.load())
      return;
    std::lock_guard<std::mutex> lock(mutex);
    sleeps = false;
    wake.notify_one();
  }
  void end() { launches.fetch_add(1); }

  const pid_t process;

private:
  static constexpr std::chrono::milliseconds kTick{20};
  static constexpr unsigned kIdleTicks = 50;

  void work() {
    uint64_t seen = 0;
    unsigned idle = 0;
    while (true) {
      std::this_thread::sleep_for(kTick);
      uint64_t now = launches.load();
      bool isSame = now == seen;
      seen = now;
      if (isSame && now % 2) {
        pthread_kill(mainThread, getInterruptSignal());
        continue;
      }
      idle = isSame ? idle + 1 : 0;
      if (idle < kIdleTicks)
        continue;
      idle = 0;
      std::unique_lock<std::mutex> lock(mutex);
      sleeps = true;
      // Who begins before it is seen that this sleeps is seen here.
      if (launches.load() == now)
        wake.wait(lock, [this] { return !sleeps.load(); });
      sleeps = false;
    }
  }

  const pthread_t mainThread;
  /// Odd while something is launched.
  std::atomic<uint64_t> launches{0};
  std::atomic<bool> sleeps{false};
  std::mutex mutex;
  std::condition_variable wake;
};
} // namespace

/// That of this process: the child of a fork has none of the threads. Only the
/// main thread asks.
static Watch &getWatch() {
  static Watch *watch = nullptr;
  if (!watch || watch->process != getpid())
    watch = new Watch;
  return *watch;
}

Interruptible::Interruptible(bool (*ask)()) : ask(ask) {
  if (state.launch || state.isAsking || !isMainThread())
    return;
  state.isCaller = true;
  state.launch = this;
  getWatch().begin();
}

Interruptible::~Interruptible() {
  if (state.launch != this)
    return;
  getWatch().end();
  state.launch = nullptr;
  state.isCaller = false;
}

bool Interruptible::poll() {
  if (isStopped())
    return true;
  // What is asked may launch something itself.
  State &self = state;
  sig_atomic_t wasInKernel = self.isInKernel;
  self.isInKernel = 0;
  self.launch = nullptr;
  self.isAsking = 1;
  bool stop = ask();
  self.isAsking = 0;
  self.launch = this;
  self.isInKernel = wasInKernel;
  if (stop)
    stopped = true;
  return stop;
}

Interruptible *enigma::getInterruptible() { return state.launch; }

bool enigma::isAsking() { return state.isAsking; }

WorkFor::WorkFor(Interruptible *launch) { state.launch = launch; }

WorkFor::~WorkFor() { state.launch = nullptr; }

void enigma::callKernel(void (*code)(const void *), const void *data) {
  State &self = state;
  if (!self.launch)
    return code(data);
  // Between the two no object has a destructor but those of this frame's
  // callers.
  if (sigsetjmp(self.leave, 0) == 0) {
    self.isInKernel = 1;
    if (!self.launch->isStopped())
      code(data);
    self.isInKernel = 0;
    return;
  }
  // The handler was left, and with it the signal still is blocked.
  sigset_t signal;
  sigemptyset(&signal);
  sigaddset(&signal, getInterruptSignal());
  pthread_sigmask(SIG_UNBLOCK, &signal, nullptr);
}

Callback::Callback() : wasInKernel(state.isInKernel) { state.isInKernel = 0; }

Callback::~Callback() { state.isInKernel = wasInKernel; }
