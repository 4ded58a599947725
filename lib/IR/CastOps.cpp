// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/EnigmaOps.h"

using namespace mlir;
using namespace enigma;

OpFoldResult SignCastOp::fold(FoldAdaptor adaptor) {
  if (Attribute constant = adaptor.getValue())
    return constant;
  // Of two casts in a row the last one counts.
  if (auto inner = getValue().getDefiningOp<SignCastOp>()) {
    getValueMutable().assign(inner.getValue());
    return getResult();
  }
  return {};
}

void SignCastOp::inferResultRanges(ArrayRef<ConstantIntRanges> arguments,
                                   SetIntRangeFn setResultRanges) {
  setResultRanges(getResult(), arguments.front());
}
