// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The names in text of Metal's own.

#ifndef ENIGMA_LIB_TARGET_MSL_TOKENS_H
#define ENIGMA_LIB_TARGET_MSL_TOKENS_H

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringRef.h"

namespace enigma::msl {

using NameSet = llvm::SmallSetVector<llvm::StringRef, 8>;

/// The names that a text may mean something by: no members, comments, literals.
NameSet findNames(llvm::StringRef text);

/// The functions, types, macros and constants that a header defines.
NameSet findDefinitions(llvm::StringRef header);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_TOKENS_H
