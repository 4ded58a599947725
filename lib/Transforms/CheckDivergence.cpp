// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Warns of what threads do together where they part.

#include "enigma/Analysis/Uniformity.h"
#include "enigma/IR/CooperativeOps.h"
#include "enigma/IR/MatrixOps.h"
#include "enigma/IR/SimdOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMACHECKDIVERGENCE
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
/// What an operation needs of the control flow around it.
struct Need {
  /// The most that threads may differ in.
  Variation::Kind kind;
  StringLiteral reason, remedy;
};
} // namespace

static constexpr Need kThreadgroupBarrier = {
    Variation::Threadgroup,
    "this barrier waits for all threads of the threadgroup, and some may not "
    "come to it",
    "let every thread come to it: put it outside of the condition, and the "
    "condition around the accesses alone, as enigma.load_if and "
    "enigma.store_if do"};
static constexpr Need kReduction = {
    Variation::Threadgroup,
    "this joins values of all threads of the threadgroup, and some may not "
    "come to it",
    "let every thread come to it: put it outside of the condition, and let "
    "enigma.where choose what threads give that have nothing to join, as 0 for "
    "a sum"};
static constexpr Need kSimdgroupBarrier = {
    Variation::Simdgroup,
    "this barrier waits for all threads of the SIMD group, and some may not "
    "come to it",
    kThreadgroupBarrier.remedy};
static constexpr Need kMatrix = {
    Variation::Simdgroup,
    "all threads of the SIMD group do this to a matrix together, and some may "
    "not come to it",
    "let all of them do it: a condition on the threadgroup or on the SIMD "
    "group is one for all, and one on a thread is not"};
static constexpr Need kTile = {
    Variation::Simdgroup,
    "all threads of the SIMD group multiply or move tiles together, and some "
    "may not come to it",
    kMatrix.remedy};
static constexpr Need kSharedTile = {
    Variation::Threadgroup,
    "all SIMD groups of the product multiply or move tiles together, and some "
    "threads may not come to it",
    "let all threads of the threadgroup do it: a condition on the threadgroup "
    "is one for all, and one on a thread or a SIMD group is not"};
static constexpr Need kExchange = {
    Variation::Simdgroup,
    "this takes a value of another thread of the SIMD group, which may not "
    "come to it",
    "take it before the condition, and choose afterwards, as with "
    "enigma.where; sums, minima and votes count the threads that are there"};

static constexpr Need kChoice = {
    Variation::Simdgroup,
    "the threads of a SIMD group hold this matrix together, and do not all "
    "choose the same one",
    "choose by a condition that is one for all of them, or element by element, "
    "with map"};
static constexpr Need kSharedChoice = {
    Variation::Threadgroup,
    "the threads of a threadgroup hold these sums together, and do not all "
    "choose the same ones",
    kChoice.remedy};

/// Whether threads meet here for a reduction over the threadgroup.
static bool isOfReduction(Operation *op) {
  return static_cast<bool>(op->getDiscardableAttr(kReductionAttr));
}

static const Need *getNeed(Operation *op) {
  if (isa<ThreadgroupBarrierOp>(op))
    return isOfReduction(op) ? &kReduction : &kThreadgroupBarrier;
  if (isa<SimdgroupBarrierOp>(op))
    return &kSimdgroupBarrier;
  if (isa<SimdgroupMatrixLoadOp, SimdgroupMatrixStoreOp,
          SimdgroupMatrixMultiplyAccumulateOp>(op))
    return &kMatrix;
  CooperativeTensorType tile;
  if (auto product = dyn_cast<Matmul2dOp>(op))
    tile = product.getType();
  else if (auto load = dyn_cast<CooperativeTensorLoadOp>(op))
    tile = load.getType();
  else if (auto store = dyn_cast<CooperativeTensorStoreOp>(op))
    tile = store.getTensor().getType();
  if (tile)
    return tile.getSimdgroups() == 1 ? &kTile : &kSharedTile;
  if (isa<SimdShuffleOp, SimdShuffleUpOp, SimdShuffleDownOp, SimdShuffleXorOp,
          SimdShuffleRotateUpOp, SimdShuffleRotateDownOp,
          SimdShuffleAndFillUpOp, SimdShuffleAndFillDownOp, SimdBroadcastOp>(
          op))
    return &kExchange;
  // One SIMD group has no barrier.
  if (isa<SimdSumOp, SimdProductOp, SimdAndOp, SimdOrOp, SimdXorOp, SimdMinOp,
          SimdMaxOp>(op) &&
      isOfReduction(op))
    return &kReduction;
  return nullptr;
}

/// What a branch, a loop or a choice needs of its condition, since it gives
/// what threads hold together. Loops and branches may go through the elements
/// that each thread has of a cooperative tensor: those need nothing.
static const Need *getNeedOfChoice(Operation *op) {
  if (!isa<arith::SelectOp, scf::IfOp, scf::ForOp, scf::WhileOp>(op))
    return nullptr;
  for (Type type : op->getResultTypes()) {
    if (isa<SimdgroupMatrixType>(type))
      return &kChoice;
    if (auto tile = dyn_cast<CooperativeTensorType>(type);
        tile && isa<arith::SelectOp>(op))
      return tile.getSimdgroups() == 1 ? &kChoice : &kSharedChoice;
  }
  return nullptr;
}

/// The innermost branch or loop around \p op that is to blame.
static Operation *findParting(Operation *op, Variation::Kind most,
                              const Uniformity &uniformity) {
  Operation *parent = op->getParentOp();
  while (!isa<KernelOp>(parent) && uniformity.getBranches(parent) <= most)
    parent = parent->getParentOp();
  return parent;
}

static void warn(Operation *op, const Need &need, Operation *parting) {
  InFlightDiagnostic warning = emitWarning(op->getLoc(), need.reason);
  warning.attachNote(parting->getLoc()) << "this decides it for each thread";
  warning.attachNote() << "help: " << need.remedy;
}

/// Whether constants and arguments of the kernel alone decide what these are,
/// as they do for most bounds of loops: then they are one for all threads.
static bool areGiven(ValueRange values) {
  // What takes more steps is left to the analysis.
  constexpr size_t maxSteps = 64;
  llvm::SmallSetVector<Value, 8> slice;
  slice.insert_range(values);
  for (size_t i = 0; i < slice.size(); ++i) {
    if (auto argument = dyn_cast<BlockArgument>(slice[i])) {
      if (!isa<KernelOp>(argument.getOwner()->getParentOp()))
        return false;
      continue;
    }
    Operation *op = slice[i].getDefiningOp();
    if (!isa_and_nonnull<arith::ArithDialect>(op->getDialect()) ||
        slice.size() > maxSteps)
      return false;
    slice.insert_range(op->getOperands());
  }
  return true;
}

/// Whether that decides if threads come to an operation.
static bool isReachedAsGiven(Operation *op) {
  for (Operation *parent = op->getParentOp(); !isa<KernelOp>(parent);
       parent = parent->getParentOp()) {
    if (auto branch = dyn_cast<scf::IfOp>(parent)) {
      if (!areGiven(branch.getCondition()))
        return false;
    } else if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      if (!areGiven(
              {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()}))
        return false;
    } else {
      return false;
    }
  }
  return true;
}

namespace {
struct CheckDivergence final
    : enigma::impl::EnigmaCheckDivergenceBase<CheckDivergence> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    KernelOp kernel = getOperation();
    SmallVector<Operation *> together, choices;
    forEachInnerFirst(kernel.getBody(), [&](Operation *op) {
      if (isa_and_nonnull<EnigmaDialect>(op->getDialect()) && getNeed(op) &&
          !isa<KernelOp>(op->getParentOp()))
        together.push_back(op);
      if (getNeedOfChoice(op))
        choices.push_back(op);
    });
    llvm::erase_if(together, isReachedAsGiven);
    if (together.empty() && choices.empty())
      return;
    Uniformity uniformity(kernel);
    SmallPtrSet<Operation *, 4> told;
    for (Operation *op : together) {
      const Need &need = *getNeed(op);
      if (uniformity.getControl(op) <= need.kind)
        continue;
      Operation *parting = findParting(op, need.kind, uniformity);
      told.insert(parting);
      warn(op, need, parting);
    }
    for (Operation *op : choices) {
      const Need &need = *getNeedOfChoice(op);
      auto select = dyn_cast<arith::SelectOp>(op);
      Variation::Kind kind = select ? uniformity.get(select.getCondition()).kind
                                    : uniformity.getBranches(op);
      if (kind > need.kind && !told.contains(op))
        warn(op, need, op);
    }
  }
};
} // namespace
