// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Removes operations that compute what is known already, in linear time.

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/ScopedHashTable.h"
#include "llvm/Support/Allocator.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMACSE
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
using OverflowFlags = arith::IntegerOverflowFlags;
using OverflowOp = arith::ArithIntegerOverflowFlagsInterface;

/// The operation as one that says of its overflow, by the list of those that
/// do: to look for an interface in vain is slow.
OverflowOp getOverflowOp(Operation *op) {
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp,
           arith::TruncIOp>(op))
    return {};
  return cast<OverflowOp>(op);
}

/// Whether an operation is signed arithmetic that only there does not overflow.
bool isSignedOnly(OverflowOp op) {
  return op.getOverflowAttr().getValue() == OverflowFlags::nsw;
}

/// Operations are equal if they differ in their location only, or in what is
/// known of their overflow; but signed arithmetic stays apart.
struct OperationInfo : DenseMapInfo<Operation *> {
  static OperationEquivalence::Flags getFlags(Operation *op) {
    // Their only property is the overflow.
    if (getOverflowOp(op))
      return OperationEquivalence::IgnoreLocations |
             OperationEquivalence::IgnoreProperties;
    return OperationEquivalence::IgnoreLocations;
  }
  static unsigned getHashValue(const Operation *constOp) {
    auto *op = const_cast<Operation *>(constOp);
    return OperationEquivalence::computeHash(
        op, OperationEquivalence::directHashValue,
        OperationEquivalence::ignoreHashValue, getFlags(op));
  }
  static bool isEqual(const Operation *a, const Operation *b) {
    if (a == b)
      return true;
    if (a == getEmptyKey() || a == getTombstoneKey() || b == getEmptyKey() ||
        b == getTombstoneKey())
      return false;
    auto *left = const_cast<Operation *>(a),
         *right = const_cast<Operation *>(b);
    if (OverflowOp overflow = getOverflowOp(left);
        overflow && left->getName() == right->getName() &&
        isSignedOnly(overflow) != isSignedOnly(cast<OverflowOp>(right)))
      return false;
    return OperationEquivalence::isEquivalentTo(left, right, getFlags(left));
  }
};

/// What is known at one place of a kernel.
class Eliminator {
public:
  void run(KernelOp kernel) {
    findWriters(kernel);
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

  /// The effect of an operation itself, without that of its regions.
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

  static void addWithParents(Operation *op, KernelOp kernel,
                             DenseSet<Operation *> &set) {
    for (; op != kernel && set.insert(op).second; op = op->getParentOp()) {
    }
  }

  /// Finds the operations that write, and those that must stay even if nobody
  /// needs a result, themselves or in their regions.
  void findWriters(KernelOp kernel) {
    kernel.walk([&](Operation *op) {
      if (op->getNumRegions() != 0 && !isa<MemoryEffectOpInterface>(op)) {
        // Most do what stands in their regions, and no more.
        if (!op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
          addWithParents(op, kernel, needed);
        return;
      }
      if (getEffect(op) != Effect::Write)
        return;
      addWithParents(op, kernel, writers);
      if (!wouldOpBeTriviallyDead(op))
        addWithParents(op, kernel, needed);
    });
  }

  /// As `isOpTriviallyDead`, which looks through all regions in an operation.
  bool isDead(Operation *op) {
    if (op->getNumRegions() == 0)
      return isOpTriviallyDead(op);
    return op->use_empty() && !needed.contains(op);
  }

  void visit(Region &region) {
    if (region.empty())
      return;
    Table::ScopeTy scope(known);
    for (Operation &op : region.front())
      visit(&op);
  }

  void visit(Operation *op) {
    if (isDead(op)) {
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
    if (op->hasTrait<OpTrait::IsTerminator>())
      return;
    Effect effect = getEffect(op);
    if (effect == Effect::Write) {
      ++epoch;
      return;
    }
    Known found = known.lookup(op);
    bool isSame = effect == Effect::None || found.epoch == epoch;
    // In a branch or a loop there may be fewer threads than before it.
    if (effect == Effect::Converge)
      isSame &= found.op && found.op->getBlock() == op->getBlock();
    if (found.op && isSame) {
      replace(op, found.op);
      return;
    }
    known.insert(op, {op, epoch});
  }

  /// Keeps the name of a variable that either of two equal values has.
  void replace(Operation *op, Operation *earlier) {
    if (!earlier->hasTrait<OpTrait::ConstantLike>())
      passName(op->getLoc(), earlier);
    if (OverflowOp overflow = getOverflowOp(earlier)) {
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
  using Table = llvm::ScopedHashTable<Operation *, Known, OperationInfo>;

  Table known;
  unsigned epoch = 0;
  DenseSet<Operation *> writers, needed;
  SmallVector<Operation *> dead;
};

struct CSE final : enigma::impl::EnigmaCSEBase<CSE> {
  void runOnOperation() override { Eliminator().run(getOperation()); }
};
} // namespace
