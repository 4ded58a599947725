// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads machine code. Behind it is the JIT of LLVM, whose headers are many.

#ifndef ENIGMA_LIB_RUNTIME_OBJECTLOADER_H
#define ENIGMA_LIB_RUNTIME_OBJECTLOADER_H

#include "enigma/Target/CPU/TranslateToLLVMIR.h"
#include "llvm/ADT/StringRef.h"

#include <memory>

namespace enigma {

/// Loads an object file, and gives the address of a function of it, which is
/// there as long as what is `loaded`; returns what is wrong.
std::string loadObject(llvm::StringRef object, llvm::StringRef name,
                       CPUEntry &entry, std::shared_ptr<void> &loaded);

} // namespace enigma

#endif // ENIGMA_LIB_RUNTIME_OBJECTLOADER_H
