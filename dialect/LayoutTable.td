// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_LAYOUT_TABLE
#define ENIGMA_LAYOUT_TABLE

// The operations on layouts, of which the table of lib/Layout is made.

include "LayoutAlgebraOps.td"
include "LayoutOps.td"

#endif // ENIGMA_LAYOUT_TABLE
