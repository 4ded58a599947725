// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that Metal's standard library lacks.

#ifndef ENIGMA_LIB_TARGET_MSL_PRELUDE_H
#define ENIGMA_LIB_TARGET_MSL_PRELUDE_H

#include "llvm/Support/raw_ostream.h"

namespace enigma::msl {

/// Defines `enigma_erf` and `enigma_erfc`, where asked for, on `float` and
/// vectors of it.
void printErrorFunctions(llvm::raw_ostream &os, bool erf, bool erfc);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_PRELUDE_H
