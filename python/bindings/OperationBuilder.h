// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Building operations at the line of the user that is running.

#ifndef ENIGMA_PYTHON_OPERATIONBUILDER_H
#define ENIGMA_PYTHON_OPERATIONBUILDER_H

#include <nanobind/nanobind.h>

namespace enigma::python {

/// Adds the class OperationBuilder to the extension module `_enigma`.
void registerOperationBuilder(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_OPERATIONBUILDER_H
