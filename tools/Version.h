// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tool says of itself to `--version`.

#ifndef ENIGMA_TOOLS_VERSION_H
#define ENIGMA_TOOLS_VERSION_H

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

namespace enigma {

/// Lets `--version` name Enigma, and the LLVM that it is built with.
inline void nameVersion() {
  llvm::cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "Enigma " ENIGMA_VERSION ", LLVM " LLVM_VERSION_STRING "\n";
  });
}

} // namespace enigma

#endif // ENIGMA_TOOLS_VERSION_H
