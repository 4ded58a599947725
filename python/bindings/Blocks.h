// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of operations with regions, such as loops.

#ifndef ENIGMA_PYTHON_BLOCKS_H
#define ENIGMA_PYTHON_BLOCKS_H

#include <nanobind/nanobind.h>

namespace enigma::python {

/// Adds the function `append_block` to the extension module `_enigma`.
void registerBlocks(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_BLOCKS_H
