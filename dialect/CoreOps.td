// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_CORE_OPS
#define ENIGMA_CORE_OPS

// What most passes know: kernels, memory, and tensors in it.

include "AtomicOps.td"
include "CastOps.td"
include "DebugOps.td"
include "KernelOps.td"
include "MemoryOps.td"
include "TensorOps.td"

#endif // ENIGMA_CORE_OPS
