// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From LLVM IR to machine code of this CPU, and to text. Behind it are the
// passes and the code generator of LLVM, whose headers are many.

#ifndef ENIGMA_LIB_RUNTIME_MACHINECODE_H
#define ENIGMA_LIB_RUNTIME_MACHINECODE_H

#include "enigma/Runtime/JIT.h"
#include "llvm/ADT/SmallVector.h"

namespace enigma {

/// Makes the code generator of this CPU known to LLVM.
void initializeTarget();

/// Optimizes a kernel, and gives an object file of it; returns what is wrong.
std::string generateObject(CPUKernel &kernel,
                           llvm::SmallVectorImpl<char> &object);

/// Gives a form of a kernel, which is optimized for it, as `CPUProgram::print`
/// does.
std::string printCode(CPUKernel &kernel, CPUProgram::Form form,
                      std::string &output, std::vector<CPULine> &lines);

} // namespace enigma

#endif // ENIGMA_LIB_RUNTIME_MACHINECODE_H
