// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_OPS
#define ENIGMA_OPS

include "CooperativeOps.td"
include "CoreOps.td"
include "GeometryOps.td"
include "IntegerOps.td"
include "LayoutTable.td"
include "LinearAlgebraOps.td"
include "MathOps.td"
include "MatrixOps.td"
include "PackingOps.td"
include "QuadOps.td"
include "SimdOps.td"
include "ThreadOps.td"

#endif // ENIGMA_OPS
