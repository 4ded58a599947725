// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules that are kept after their compilation.

#ifndef ENIGMA_PYTHON_MODULES_H
#define ENIGMA_PYTHON_MODULES_H

#include <nanobind/nanobind.h>

namespace enigma::python {

/// Adds the class `HeldModule` to the extension module `_enigma`.
void registerModules(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_MODULES_H
