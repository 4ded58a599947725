// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_SIMD_OPS
#define ENIGMA_SIMD_OPS

include "GroupOps.td"

defm Enigma_Simd : Enigma_GroupOps<"simd", "SIMD group">;

// Over all SIMD groups of a threadgroup: enigma-expand-reductions writes these with
// those over one.
defm Enigma_Threadgroup : Enigma_Reductions<"threadgroup", "threadgroup", "",
    " All of them come to it, and get one result.">;

#endif // ENIGMA_SIMD_OPS
