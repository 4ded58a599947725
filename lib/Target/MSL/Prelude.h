// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that Metal's standard library lacks.

#ifndef ENIGMA_LIB_TARGET_MSL_PRELUDE_H
#define ENIGMA_LIB_TARGET_MSL_PRELUDE_H

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

namespace enigma::msl {

/// Defines those of `enigma_erf`, `enigma_erfc` and `enigma_powi` that are
/// \p used, on `float` and vectors of it.
void printOwnFunctions(llvm::raw_ostream &os, const llvm::StringSet<> &used);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_PRELUDE_H
