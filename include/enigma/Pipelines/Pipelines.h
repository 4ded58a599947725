// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The named pipelines, from a traced kernel to the flat form.

#ifndef ENIGMA_PIPELINES_PIPELINES_H
#define ENIGMA_PIPELINES_PIPELINES_H

#include "mlir/IR/DialectRegistry.h"

namespace enigma {

/// Registers the dialects that a kernel may contain.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers them without those operations of which no pass makes one. Before
/// one of them is named in the context, as by a text, `loadLateOperations` has
/// to be called.
void registerEarlyDialects(mlir::DialectRegistry &registry);

/// Gives a context the operations that it has not yet.
void loadLateOperations(mlir::MLIRContext &context);

/// Registers Enigma's passes and pipelines, and the upstream passes that serve
/// kernels. Safe to call more than once.
void registerPassesAndPipelines();

} // namespace enigma

#endif // ENIGMA_PIPELINES_PIPELINES_H
