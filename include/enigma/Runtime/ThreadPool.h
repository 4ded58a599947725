// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The threads that threadgroups are spread over.

#ifndef ENIGMA_RUNTIME_THREADPOOL_H
#define ENIGMA_RUNTIME_THREADPOOL_H

#include <cstdint>
#include <functional>

namespace enigma {

/// How many threads there are, the calling one among them: as many as the
/// environment says with `ENIGMA_THREADS`, or as the process may use.
unsigned getNumThreads();

/// Calls `body` for ranges that make up those from 0 to `count`, in any order
/// and side by side, and returns when all are done, or when what the calling
/// thread launches was stopped (`Interruptible`). Calls from several threads
/// take turns.
void runInParallel(
    uint64_t count,
    const std::function<void(uint64_t first, uint64_t last)> &body);

} // namespace enigma

#endif // ENIGMA_RUNTIME_THREADPOOL_H
