// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_SIMD_OPS
#define ENIGMA_SIMD_OPS

include "GroupOps.td"

defm Enigma_Simd : Enigma_GroupOps<"simd", "SIMD group">;

#endif // ENIGMA_SIMD_OPS
