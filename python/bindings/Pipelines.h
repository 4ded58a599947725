// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pipelines of passes.

#ifndef ENIGMA_PYTHON_PIPELINES_H
#define ENIGMA_PYTHON_PIPELINES_H

#include <nanobind/nanobind.h>

namespace enigma::python {

/// Adds the class `Pipeline` to the extension module `_enigma`.
void registerPipelines(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_PIPELINES_H
