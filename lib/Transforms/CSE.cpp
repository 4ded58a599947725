// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Removes operations that compute what is known already, in linear time.

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/DeadOperations.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/DenseMap.h"

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
    add(DenseMapInfo<OperationName>::getHashValue(op->getName()));
    unsigned operands = 0;
    for (Value operand : op->getOperands()) {
      unsigned code = DenseMapInfo<Value>::getHashValue(operand);
      if (facts.isCommutative)
        operands += code;
      else
        add(code);
    }
    add(operands);
    for (Value result : op->getResults())
      add(DenseMapInfo<Type>::getHashValue(result.getType()));
    if (!hasOverflow)
      add(static_cast<size_t>(op->hashProperties()));
  }

private:
  void add(unsigned code) { hash = llvm::detail::combineHashValue(hash, code); }
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
    for (Operation &op : kernel.getBody().front()) {
      visit(&op);
      // Nothing is behind the kernel.
      shadowed.clear();
    }
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

  /// Whether an operation writes, or one that it holds.
  bool isWriter(Operation *op) {
    const OperationFacts &ofOp = facts.get(op);
    if (ofOp.isEffectFree || ofOp.isTerminator)
      return false;
    if (op->getNumRegions() == 0)
      return getEffect(op) == Effect::Write;
    // It is asked of what is around it first.
    auto known = writers.find(op);
    if (known != writers.end())
      return known->second;
    bool writes = !ofOp.isOfItsRegions && getEffect(op) == Effect::Write;
    for (Region &region : op->getRegions())
      for (Block &block : region)
        writes = writes || llvm::any_of(block, [&](Operation &inner) {
                   return isWriter(&inner);
                 });
    writers[op] = writes;
    return writes;
  }

  /// Forgets what was read, if an operation that holds others writes.
  void forgetReads(Operation *op) {
    if (lastRead == epoch && isWriter(op))
      ++epoch;
  }

  void visit(Region &region) {
    if (region.empty())
      return;
    size_t before = shadowed.size();
    std::optional<unsigned> readBefore = lastRead;
    for (Operation &op : region.front())
      visit(&op);
    lastRead = readBefore;
    // What is known in a region is not behind it.
    for (; shadowed.size() > before; shadowed.pop_back()) {
      auto &[computation, outer] = shadowed.back();
      if (outer.op)
        known[computation] = outer;
      else
        known.erase(computation);
    }
  }

  void visit(Operation *op) {
    if (deadOperations.isDead(op)) {
      dead.push_back(op);
      return;
    }
    if (op->getNumRegions() != 0) {
      // What was read before a loop may be written in it: nothing read before
      // is known inside of an operation that writes. What a path of a branch
      // writes is not known on the other.
      for (Region &region : op->getRegions()) {
        forgetReads(op);
        visit(region);
      }
      forgetReads(op);
      return;
    }
    const OperationFacts &ofOp = facts.get(op);
    if (ofOp.isTerminator)
      return;
    Effect effect = ofOp.isEffectFree ? Effect::None : getEffect(op);
    if (effect == Effect::Write) {
      ++epoch;
      return;
    }
    auto [entry, isNew] = known.try_emplace(Computation(op, ofOp));
    Known &found = entry->second;
    bool isSame = !isNew && (effect == Effect::None || found.epoch == epoch);
    // In a branch or a loop there may be fewer threads than before it.
    if (isSame && effect == Effect::Converge)
      isSame = found.op->getBlock() == op->getBlock();
    if (isSame) {
      replace(op, found.op);
      return;
    }
    shadowed.emplace_back(entry->first, found);
    found = {op, epoch};
    if (effect != Effect::None)
      lastRead = epoch;
  }

  /// Keeps the name of a variable that either of two equal values has.
  void replace(Operation *op, Operation *earlier) {
    const OperationFacts &ofBoth = facts.get(op);
    if (!ofBoth.isConstant)
      passName(op->getLoc(), earlier);
    if (ofBoth.hasOverflow) {
      auto overflow = cast<OverflowOp>(earlier);
      OverflowFlags known = overflow.getOverflowAttr().getValue();
      // What holds for both.
      OverflowFlags flags =
          known & cast<OverflowOp>(op).getOverflowAttr().getValue();
      if (flags != known)
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
  OperationFactsTable &facts;
  DeadOperations deadOperations;
  /// Whether those write that hold others.
  DenseMap<Operation *, bool> writers;
  DenseMap<Computation, Known, ComputationInfo> known;
  /// What was known before of what the regions that are visited compute; no
  /// operation where nothing was.
  SmallVector<std::pair<Computation, Known>> shadowed;
  unsigned epoch = 0;
  /// That of the last one that is known and depends on it.
  std::optional<unsigned> lastRead;
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
