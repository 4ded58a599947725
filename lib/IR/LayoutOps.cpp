// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of the layout algebra. What those of its table compute stands in
// lib/Layout/Operations.cpp.

#include "LayoutInference.h"

#include "enigma/IR/LayoutOps.h"

using namespace mlir;
using namespace enigma;
using layout::Int;

OpFoldResult StaticOp::fold(FoldAdaptor) { return TypeAttr::get(getType()); }

LogicalResult StaticOp::verify() {
  if (!isStaticLayoutType(getType()))
    return emitOpError("has leaves that are known at run time only; build it "
                       "from operands instead of ")
           << getType();
  return success();
}

LogicalResult MakeIntTupleOp::verify() {
  unsigned numDynamic =
      llvm::count_if(getType().getTuple().leaves(),
                     [](const Int &leaf) { return leaf.isDynamic(); });
  if (numDynamic != getLeaves().size())
    return emitOpError() << "has " << getLeaves().size() << " operands for the "
                         << numDynamic << " dynamic leaves of " << getType();
  return success();
}

OpFoldResult MakeIntTupleOp::fold(FoldAdaptor) {
  return foldToStatic(getOperation());
}
