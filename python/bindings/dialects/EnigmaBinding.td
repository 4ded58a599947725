// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_PYTHON_BINDING
#define ENIGMA_PYTHON_BINDING

include "EnigmaOps.td"

#endif // ENIGMA_PYTHON_BINDING
