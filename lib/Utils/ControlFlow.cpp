// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/ControlFlow.h"

#include "enigma/Utils/Names.h"

using namespace mlir;
using namespace enigma;

bool enigma::isEmpty(Block *block) {
  return !block || llvm::hasSingleElement(*block);
}

void enigma::inlineBlock(PatternRewriter &rewriter, Operation *op, Block *block,
                         ValueRange arguments) {
  Operation *terminator = block->getTerminator();
  SmallVector<Value> results(terminator->getOperands());
  for (Value &result : results)
    if (auto argument = dyn_cast<BlockArgument>(result);
        argument && argument.getOwner() == block)
      result = arguments[argument.getArgNumber()];
  rewriter.eraseOp(terminator);
  rewriter.inlineBlockBefore(block, op, arguments);
  rewriter.replaceOp(op, results);
}

SmallVector<Value> enigma::getKept(ValueRange values,
                                   const BitVector &dropped) {
  SmallVector<Value> kept;
  for (auto [i, value] : llvm::enumerate(values))
    if (!dropped[i])
      kept.push_back(value);
  return kept;
}

void enigma::replaceByKept(PatternRewriter &rewriter, Operation *op,
                           Operation *replacement, const BitVector &dropped) {
  replacement->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  copyResultNames(op, replacement,
                  [&](unsigned i) { return dropped[i] ? 0 : 1; });
  for (auto [from, to] : llvm::zip_equal(getKept(op->getResults(), dropped),
                                         replacement->getResults()))
    rewriter.replaceAllUsesWith(from, to);
  rewriter.eraseOp(op);
}
