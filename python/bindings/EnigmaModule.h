// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Enigma's dialects, passes and translation in Python.

#ifndef ENIGMA_PYTHON_ENIGMAMODULE_H
#define ENIGMA_PYTHON_ENIGMAMODULE_H

#include <nanobind/nanobind.h>

namespace enigma::python {

/// Adds what is Enigma's to the module `_enigma`.
void registerEnigma(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_ENIGMAMODULE_H
