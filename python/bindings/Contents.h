// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What objects of Python hold: where it can change, and whether it has.

#ifndef ENIGMA_PYTHON_CONTENTS_H
#define ENIGMA_PYTHON_CONTENTS_H

#include <nanobind/nanobind.h>

namespace enigma::python {

/// Whether nothing within reach of a value can change: its class is one of
/// `leaves`, or it is a tuple of such values.
bool isLeaf(PyObject *value, nanobind::dict leaves);

/// Adds the class Contents, and the functions that tell what is to be followed,
/// to the extension module `_enigma`.
void registerContents(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_CONTENTS_H
