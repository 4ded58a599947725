// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads of the runtime.

#ifndef ENIGMA_LIB_RUNTIME_THREADS_H
#define ENIGMA_LIB_RUNTIME_THREADS_H

#include <functional>
#include <optional>
#include <pthread.h>

namespace enigma {

/// Starts a thread that nobody waits for, with a stack for kernels. The signals
/// of the process are for its other threads: of those this one takes that on
/// which kernels are left. Gives nothing if the system has no room for it.
std::optional<pthread_t> startThread(std::function<void()> body);

} // namespace enigma

#endif // ENIGMA_LIB_RUNTIME_THREADS_H
