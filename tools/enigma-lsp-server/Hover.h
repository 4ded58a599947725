// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What MLIR's language server does not say of operations.

#ifndef ENIGMA_TOOLS_LSP_SERVER_HOVER_H
#define ENIGMA_TOOLS_LSP_SERVER_HOVER_H

#include <cstdio>

namespace enigma {

/// Copies what a language server writes from \p in to \p out, to the end, with
/// the documentation of the dialect in its answers about operations.
void addDocumentation(std::FILE *in, std::FILE *out);

} // namespace enigma

#endif // ENIGMA_TOOLS_LSP_SERVER_HOVER_H
