// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The named pipelines, from a traced kernel to the flat form.

#ifndef ENIGMA_PIPELINES_PIPELINES_H
#define ENIGMA_PIPELINES_PIPELINES_H

#include "mlir/IR/DialectRegistry.h"

namespace enigma {

/// Registers the dialects that a kernel may contain.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers Enigma's passes and pipelines, and the upstream passes that serve
/// kernels. Safe to call more than once.
void registerPassesAndPipelines();

} // namespace enigma

#endif // ENIGMA_PIPELINES_PIPELINES_H
