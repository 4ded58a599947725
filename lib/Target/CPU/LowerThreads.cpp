// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a thread is. SIMD groups take the threads of a threadgroup in order.

#include "Lowering.h"

#include "enigma/IR/ThreadOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

/// The position in the threadgroup, of the first lane or of all.
static llvm::Value *getPosition(Lowering &lowering, unsigned dimension,
                                bool wide) {
  llvm::IRBuilder<> &b = lowering.b;
  llvm::Value *index = lowering.firstThread;
  auto as = [&](llvm::Value *value) {
    return wide ? lowering.splat(value) : value;
  };
  if (wide)
    index = b.CreateAdd(as(index), lowering.getIota(b.getInt32Ty()));
  auto &[x, y, z] = lowering.groupThreads;
  switch (dimension) {
  case 0:
    return lowering.options.block[1] == 1 && lowering.options.block[2] == 1
               ? index
               : b.CreateURem(index, as(x));
  case 1:
    return b.CreateURem(b.CreateUDiv(index, as(x)), as(y));
  default:
    return b.CreateUDiv(index, as(b.CreateMul(x, y)));
  }
}

template <typename Op>
static void addQuery(Rules &rules,
                     llvm::Value *(*make)(Lowering &, unsigned dimension,
                                          bool wide)) {
  rules.add<Op>([=](Lowering &lowering, Operation *op) {
    std::optional<Dimension> dimension =
        cast<ThreadQueryOpInterface>(op).getQueriedDimension();
    lowering.define(
        op->getResult(0),
        make(lowering, static_cast<unsigned>(dimension.value_or(Dimension::X)),
             lowering.isWide(op->getResult(0))));
    return success();
  });
}

void cpu::addThreadRules(Rules &rules) {
  using L = Lowering;
  addQuery<ThreadPositionInThreadgroupOp>(rules, getPosition);
  addQuery<ThreadPositionInGridOp>(rules, [](L &l, unsigned i, bool wide) {
    llvm::Value *position = getPosition(l, i, wide);
    llvm::Value *before =
        l.b.CreateMul(l.groupPosition[i], l.b.getInt32(l.options.block[i]));
    return l.b.CreateAdd(wide ? l.splat(before) : before, position);
  });
  addQuery<ThreadgroupPositionInGridOp>(
      rules, [](L &l, unsigned i, bool) { return l.groupPosition[i]; });
  addQuery<ThreadsPerThreadgroupOp>(
      rules, [](L &l, unsigned i, bool) { return l.groupThreads[i]; });
  addQuery<ThreadsPerGridOp>(
      rules, [](L &l, unsigned i, bool) { return l.gridThreads[i]; });
  addQuery<ThreadgroupsPerGridOp>(
      rules, [](L &l, unsigned i, bool) { return l.gridGroups[i]; });
  addQuery<ThreadIndexInThreadgroupOp>(
      rules, [](L &l, unsigned, bool) { return l.firstThread; });
  addQuery<ThreadIndexInSimdgroupOp>(
      rules, [](L &l, unsigned, bool) -> llvm::Value * { return l.getInt(0); });
  addQuery<SimdgroupIndexInThreadgroupOp>(
      rules, [](L &l, unsigned, bool) { return l.simdgroup; });
  addQuery<ThreadsPerSimdgroupOp>(
      rules,
      [](L &l, unsigned, bool) -> llvm::Value * { return l.getInt(kLanes); });
  addQuery<SimdgroupsPerThreadgroupOp>(
      rules, [](L &l, unsigned, bool) { return l.numSimdgroups; });
  addQuery<ThreadIndexInQuadgroupOp>(rules, [](L &l, unsigned, bool) {
    return l.b.CreateAnd(l.getIota(l.b.getInt32Ty()), l.splat(l.getInt(3)));
  });
  addQuery<QuadgroupIndexInThreadgroupOp>(rules, [](L &l, unsigned, bool) {
    llvm::Value *index =
        l.b.CreateAdd(l.splat(l.firstThread), l.getIota(l.b.getInt32Ty()));
    return l.b.CreateLShr(index, l.splat(l.getInt(2)));
  });
  auto nothing = [](Lowering &, Operation *) { return success(); };
  // The lanes of a SIMD group run together; loops stand between threadgroup
  // barriers.
  rules.add<SimdgroupBarrierOp>(nothing);
  rules.add<ThreadgroupBarrierOp>(nothing);
  rules.add<AtomicThreadFenceOp>([](Lowering &lowering, Operation *op) {
    if (cast<AtomicThreadFenceOp>(op).getOrder() == MemoryOrder::SeqCst)
      lowering.b.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent);
    return success();
  });
  rules.add<ReturnOp>(nothing);
}
