// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stopping kernels that run, from outside.
//
// Code of kernels does not ask whether it has to stop: loops stay as fast as
// they are, and every loop can be left. The thread that launches is sent a
// signal when a launch takes long, on which it asks its host whether to go on.
// If not, threads that run code of the kernel jump out of it: it owns nothing,
// takes no lock and calls nothing that does, but between `Callback`s.

#ifndef ENIGMA_RUNTIME_INTERRUPTION_H
#define ENIGMA_RUNTIME_INTERRUPTION_H

#include <atomic>

namespace enigma {

/// While it lives, what the calling thread launches can be stopped. That must
/// be the main thread of the process, and none inside another one; for others
/// it does nothing.
class Interruptible {
public:
  /// `ask` says whether to stop. It is called again and again on the calling
  /// thread, maybe out of a signal handler, but never while that thread does
  /// anything but run a kernel or wait for one.
  explicit Interruptible(bool (*ask)());
  ~Interruptible();
  Interruptible(const Interruptible &) = delete;

  bool isStopped() const { return stopped.load(std::memory_order_relaxed); }
  /// Asks; gives whether to stop.
  bool poll();

private:
  bool (*ask)();
  std::atomic<bool> stopped{false};
};

/// What the calling thread works for, if that can be stopped.
Interruptible *getInterruptible();

/// Whether the calling thread launches something out of what asks for another
/// launch.
bool isAsking();

/// Lets the calling thread, one of a pool, work for a launch.
class WorkFor {
public:
  explicit WorkFor(Interruptible *launch);
  ~WorkFor();
  WorkFor(const WorkFor &) = delete;
};

/// Calls code of a kernel, which returns early, or is not called, if the launch
/// is stopped.
void callKernel(void (*code)(const void *), const void *data);

/// Lives while a kernel calls back code that may own something.
class Callback {
public:
  Callback();
  ~Callback();
  Callback(const Callback &) = delete;

private:
  bool wasInKernel;
};

/// The signal on which threads leave a kernel, or ask.
int getInterruptSignal();

} // namespace enigma

#endif // ENIGMA_RUNTIME_INTERRUPTION_H
