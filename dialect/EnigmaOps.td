// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_OPS
#define ENIGMA_OPS

include "AtomicOps.td"
include "CastOps.td"
include "CooperativeOps.td"
include "DebugOps.td"
include "GeometryOps.td"
include "GroupOps.td"
include "IntegerOps.td"
include "KernelOps.td"
include "LayoutOps.td"
include "LinearAlgebraOps.td"
include "MathOps.td"
include "MatrixOps.td"
include "MemoryOps.td"
include "PackingOps.td"
include "TensorOps.td"
include "ThreadOps.td"

#endif // ENIGMA_OPS
