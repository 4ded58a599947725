// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_QUAD_OPS
#define ENIGMA_QUAD_OPS

include "GroupOps.td"

defm Enigma_Quad : Enigma_GroupOps<"quad", "quad group">;

#endif // ENIGMA_QUAD_OPS
