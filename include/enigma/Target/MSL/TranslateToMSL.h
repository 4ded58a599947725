// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The translation of kernels in flat form to the Metal Shading Language.

#ifndef ENIGMA_TARGET_MSL_TRANSLATETOMSL_H
#define ENIGMA_TARGET_MSL_TRANSLATETOMSL_H

#include "mlir/IR/Operation.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

namespace enigma {

/// A line of the text, counted from 1, and the place in a file of Python that
/// it comes from. The file's name belongs to the context.
struct SourceLine {
  unsigned line;
  llvm::StringRef file;
  unsigned fileLine;
  unsigned fileColumn;
};
using SourceMap = std::vector<SourceLine>;

/// Writes the kernels of \p op, a `builtin.module` or an `enigma.kernel` in
/// flat form, as one MSL source. Equal IR gives equal text, whatever its
/// locations, except for the names of Python variables. Writes nothing on
/// failure, and emits an error on the operation that MSL can not express. Adds
/// to \p map, if there is one, where the lines of the kernels come from.
mlir::LogicalResult translateToMSL(mlir::Operation *op, llvm::raw_ostream &os,
                                   SourceMap *map = nullptr);

/// The least version of MSL that the text of the kernels of \p op, in flat
/// form, needs: "2.4", "3.0", ...
llvm::StringRef getMSLVersion(mlir::Operation *op);

/// Warns of what \p op, in clean form, computes with NaN and infinities, which
/// mean nothing under fast math.
void warnOfFastMath(mlir::Operation *op);

} // namespace enigma

#endif // ENIGMA_TARGET_MSL_TRANSLATETOMSL_H
