// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/ControlFlow.h"

#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Names.h"

using namespace mlir;
using namespace enigma;

scf::IfOp enigma::createIf(OpBuilder &builder, Location loc, TypeRange results,
                           Value condition, bool withElse) {
  auto branch = createOp<scf::IfOp>(builder, loc, results, condition,
                                    /*properties=*/{}, /*numRegions=*/2);
  auto addPath = [&](Region &region) {
    OpBuilder path =
        OpBuilder::atBlockEnd(&region.emplaceBlock(), builder.getListener());
    if (results.empty())
      createOp<scf::YieldOp>(path, loc, TypeRange(), ValueRange());
  };
  addPath(branch.getThenRegion());
  if (withElse)
    addPath(branch.getElseRegion());
  return branch;
}

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
