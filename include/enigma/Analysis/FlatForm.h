// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What translations take.

#ifndef ENIGMA_ANALYSIS_FLATFORM_H
#define ENIGMA_ANALYSIS_FLATFORM_H

#include "enigma/IR/EnigmaOps.h"

namespace enigma {

/// Fails where a kernel is not in flat form. Emits an error on its first
/// operation that is not, or on the kernel where only arguments are not: it
/// begins with \p refusal, and names the pipeline that the kernel lacks.
mlir::LogicalResult checkFlatForm(KernelOp kernel, llvm::StringRef refusal);

} // namespace enigma

#endif // ENIGMA_ANALYSIS_FLATFORM_H
