// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Removes operations that compute what is known already, in linear time.

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/DeadOperations.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/ScopedHashTable.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/RecyclingAllocator.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMACSE
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
using OverflowFlags = arith::IntegerOverflowFlags;
using OverflowOp = arith::ArithIntegerOverflowFlagsInterface;

/// Whether an operation is signed arithmetic that only there does not overflow.
bool isSignedOnly(OverflowOp op) {
  return op.getOverflowAttr().getValue() == OverflowFlags::nsw;
}

/// An operation to look for.
struct Computation {
  Operation *op = nullptr;
  bool hasOverflow = false;
  unsigned hash = 0;

  Computation() = default;
  explicit Computation(Operation *op) : op(op) {}
  Computation(Operation *op, const OperationFacts &facts)
      : op(op), hasOverflow(facts.hasOverflow) {
    llvm::hash_code code = llvm::hash_value(op->getName().getAsOpaquePointer());
    SmallVector<void *, 4> operands;
    for (Value operand : op->getOperands())
      operands.push_back(operand.getAsOpaquePointer());
    if (facts.isCommutative)
      llvm::sort(operands);
    code = llvm::hash_combine(code, llvm::hash_combine_range(operands));
    for (Type type : op->getResultTypes())
      code = llvm::hash_combine(code, type);
    if (!hasOverflow)
      code = llvm::hash_combine(code, op->hashProperties());
    hash = code;
  }
};

/// Operations are equal if they differ in their location only, or in what is
/// known of their overflow; but signed arithmetic stays apart.
struct ComputationInfo {
  using Pointer = DenseMapInfo<Operation *>;
  static Computation getEmptyKey() {
    return Computation(Pointer::getEmptyKey());
  }
  static Computation getTombstoneKey() {
    return Computation(Pointer::getTombstoneKey());
  }
  static unsigned getHashValue(const Computation &computation) {
    return computation.hash;
  }
  static bool isEqual(const Computation &a, const Computation &b) {
    if (a.op == b.op)
      return true;
    // What marks a free place has no hash.
    if (a.hash != b.hash || isMark(a) || isMark(b))
      return false;
    auto flags = OperationEquivalence::IgnoreLocations;
    if (a.hasOverflow) {
      if (a.op->getName() != b.op->getName() ||
          isSignedOnly(cast<OverflowOp>(a.op)) !=
              isSignedOnly(cast<OverflowOp>(b.op)))
        return false;
      flags |= OperationEquivalence::IgnoreProperties;
    }
    return OperationEquivalence::isEquivalentTo(a.op, b.op, flags);
  }
  static bool isMark(const Computation &computation) {
    return computation.op == Pointer::getEmptyKey() ||
           computation.op == Pointer::getTombstoneKey();
  }
};

/// What is known at one place of a kernel.
class Eliminator {
public:
  explicit Eliminator(OperationFactsTable &facts)
      : facts(facts), deadOperations(facts) {}

  void run(KernelOp kernel) {
    findEffects(kernel);
    visit(kernel.getBody());
    for (Operation *op : llvm::reverse(dead))
      op->erase();
  }

private:
  enum class Effect {
    None,
    /// Reads memory.
    Read,
    /// Depends on which threads are here, as a sum over a SIMD group does.
    Converge,
    Write
  };

  /// The effect of an operation that is not pure, without that of its regions.
  static Effect getEffect(Operation *op) {
    // Nothing writes a table.
    if (auto load = dyn_cast<LoadOp>(op);
        load && load.getBuffer().getDefiningOp<ConstantArrayOp>())
      return Effect::None;
    auto interface = dyn_cast<MemoryEffectOpInterface>(op);
    if (!interface)
      return isMemoryEffectFree(op) ? Effect::None : Effect::Write;
    SmallVector<MemoryEffects::EffectInstance> effects;
    interface.getEffects(effects);
    if (effects.empty())
      return Effect::None;
    bool onlyReads =
        llvm::all_of(effects, [](const MemoryEffects::EffectInstance &effect) {
          return isa<MemoryEffects::Read>(effect.getEffect());
        });
    if (!onlyReads)
      return Effect::Write;
    bool isOfMemory =
        llvm::all_of(effects, [](const MemoryEffects::EffectInstance &effect) {
          return effect.getResource() == SideEffects::DefaultResource::get();
        });
    return isOfMemory ? Effect::Read : Effect::Converge;
  }

  /// Finds the operations that have effects, and those that write, themselves
  /// or in their regions.
  void findEffects(KernelOp kernel) {
    kernel.walk([&](Operation *op) {
      const OperationFacts &known = facts.get(op);
      if (known.isPure || known.isOfItsRegions || op == kernel)
        return;
      Effect effect = getEffect(op);
      if (effect == Effect::None)
        return;
      effects[op] = effect;
      if (effect == Effect::Write)
        for (; op != kernel && writers.insert(op).second;
             op = op->getParentOp()) {
        }
    });
  }

  void visit(Region &region) {
    if (region.empty())
      return;
    Table::ScopeTy scope(known);
    for (Operation &op : region.front())
      visit(&op);
  }

  void visit(Operation *op) {
    if (deadOperations.isDead(op)) {
      dead.push_back(op);
      return;
    }
    if (op->getNumRegions() != 0) {
      bool writes = writers.contains(op);
      // What was read before a loop may be written in it: nothing read before
      // is known inside of an operation that writes. What a path of a branch
      // writes is not known on the other.
      for (Region &region : op->getRegions()) {
        if (writes)
          ++epoch;
        visit(region);
      }
      if (writes)
        ++epoch;
      return;
    }
    const OperationFacts &ofOp = facts.get(op);
    if (ofOp.isTerminator)
      return;
    Effect effect = ofOp.isPure ? Effect::None : effects.lookup(op);
    if (effect == Effect::Write) {
      ++epoch;
      return;
    }
    Computation computation(op, ofOp);
    Known found = known.lookup(computation);
    bool isSame = effect == Effect::None || found.epoch == epoch;
    // In a branch or a loop there may be fewer threads than before it.
    if (effect == Effect::Converge)
      isSame &= found.op && found.op->getBlock() == op->getBlock();
    if (found.op && isSame) {
      replace(op, found.op);
      return;
    }
    known.insert(computation, {op, epoch});
  }

  /// Keeps the name of a variable that either of two equal values has.
  void replace(Operation *op, Operation *earlier) {
    const OperationFacts &ofBoth = facts.get(op);
    if (!ofBoth.isConstant)
      passName(op->getLoc(), earlier);
    if (ofBoth.hasOverflow) {
      auto overflow = cast<OverflowOp>(earlier);
      // What holds for both.
      auto flags = overflow.getOverflowAttr().getValue() &
                   cast<OverflowOp>(op).getOverflowAttr().getValue();
      earlier->setAttr(
          overflow.getIntegerOverflowAttrName(),
          arith::IntegerOverflowFlagsAttr::get(op->getContext(), flags));
    }
    op->replaceAllUsesWith(earlier);
    dead.push_back(op);
  }

  struct Known {
    Operation *op = nullptr;
    /// The count of writes before it.
    unsigned epoch = 0;
  };
  using Table = llvm::ScopedHashTable<
      Computation, Known, ComputationInfo,
      llvm::RecyclingAllocator<llvm::BumpPtrAllocator,
                               llvm::ScopedHashTableVal<Computation, Known>>>;

  OperationFactsTable &facts;
  DeadOperations deadOperations;
  /// Of the operations that have any.
  DenseMap<Operation *, Effect> effects;
  DenseSet<Operation *> writers;
  Table known;
  unsigned epoch = 0;
  SmallVector<Operation *> dead;
};

struct CSE final : enigma::impl::EnigmaCSEBase<CSE> {
  LogicalResult initialize(MLIRContext *) override {
    facts = {};
    return success();
  }

  void runOnOperation() override { Eliminator(facts).run(getOperation()); }

private:
  OperationFactsTable facts;
};
} // namespace
