// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of Python that run.

#ifndef ENIGMA_PYTHON_FRAMES_H
#define ENIGMA_PYTHON_FRAMES_H

#include <nanobind/nanobind.h>

#include "llvm/ADT/STLFunctionalExtras.h"

namespace enigma::python {

/// Visits the frames of this thread from the innermost one out, until `visit`
/// says that it has found what it looks for. It is given the code of each and
/// the byte offset of the instruction that runs.
void visitFrames(llvm::function_ref<bool(PyObject *code, int instruction)>);

/// What the local variables of a frame hold.
nanobind::dict getVariables(nanobind::handle frame);

/// What one of them holds in the frame of a function; nothing if there is none
/// of that name, or it holds nothing. To gather them all takes the longer the
/// more there are, and longest for those that hold nothing.
nanobind::object getVariable(nanobind::handle frame, nanobind::handle name);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_FRAMES_H
