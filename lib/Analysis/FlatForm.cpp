// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Analysis/FlatForm.h"

#include "enigma/Analysis/LayoutEvaluator.h"
#include "enigma/Utils/Walk.h"

using namespace mlir;
using namespace enigma;

static bool isFlat(Value value) {
  Type type = value.getType();
  return !isa<EnigmaDialect>(type.getDialect()) ||
         (!isa<BufferType>(type) && !isLayoutType(type));
}

static LogicalResult emitNotFlat(Operation *op, StringRef refusal,
                                 const Twine &what) {
  InFlightDiagnostic error = op->emitOpError(refusal)
                             << what << " not in flat form";
  error.attachNote() << "help: lower the kernel first: enigma-opt "
                        "--enigma-clean --enigma-to-flat";
  return error;
}

LogicalResult enigma::checkFlatForm(KernelOp kernel, StringRef refusal) {
  // What an operation takes is what another one gives, or an argument.
  bool areArgumentsFlat = llvm::all_of(kernel.getArguments(), isFlat);
  Operation *first = nullptr;
  forEachOuterFirst(kernel.getBody(), [&](Operation *op) {
    if (!first &&
        (!llvm::all_of(op->getResults(), isFlat) ||
         (!areArgumentsFlat && !llvm::all_of(op->getOperands(), isFlat))))
      first = op;
  });
  if (first)
    return emitNotFlat(first, refusal, "it is");
  for (BlockArgument argument : kernel.getArguments())
    if (!isFlat(argument))
      return emitNotFlat(
          kernel, refusal,
          "argument '" + kernel.getArgName(argument.getArgNumber()) + "' is");
  return success();
}
