// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moves what only the code behind a loop needs behind that loop.

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/OperationFacts.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASINK
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

/// To look for an interface that is not there takes long: what holds nothing is
/// no loop.
static bool isLoop(Operation *op) {
  return op->getNumRegions() != 0 && isa<LoopLikeOpInterface>(op);
}

namespace {
/// The operations of one block that can move behind a loop.
class Sinker {
public:
  Sinker(Block &block, OperationFactsTable &facts)
      : block(block), facts(facts) {}

  void run() {
    findLoops();
    if (!loops.empty() && findSinkable() && savesRegisters())
      for (auto [op, place] : llvm::reverse(sinkable))
        op->moveBefore(place);
  }

private:
  void findLoops() {
    for (Operation &op : block)
      if (isLoop(&op))
        loops.push_back(&op);
  }

  /// Whether a loop stands between two operations of the block.
  bool isLoopBetween(Operation *first, Operation *second) const {
    auto *loop = llvm::partition_point(
        loops, [&](Operation *loop) { return !first->isBeforeInBlock(loop); });
    return loop != loops.end() && (*loop)->isBeforeInBlock(second);
  }

  /// A variable that the author of the kernel named stays where it was. So does
  /// what looks at a matrix, which loops add to in place: behind one, the
  /// matrix as it was before would have to be copied.
  bool isMovable(Operation &op) {
    if (op.getNumRegions() != 0 || op.getNumResults() != 1 ||
        op.getNumOperands() == 0 || isa<NameLoc>(op.getLoc()))
      return false;
    const OperationFacts &known = facts.get(&op);
    return !known.isConstant && !known.isTerminator &&
           (known.isPure || isMemoryEffectFree(&op)) &&
           llvm::none_of(op.getOperands(), [](Value operand) {
             return isa<SimdgroupMatrixType, CooperativeTensorType>(
                 operand.getType());
           });
  }

  /// The operation before which one stands that has moved; itself if it stays.
  Operation *getPlace(Operation *op) const {
    auto moved = places.find(op);
    return moved == places.end() ? op : moved->second;
  }

  /// Where the first of the operations of the block stands that use `value`;
  /// null unless all stand behind a loop.
  Operation *getFirstUseBehind(Operation *loop, Value value) const {
    Operation *first = nullptr;
    for (Operation *user : value.getUsers()) {
      Operation *place = getPlace(block.findAncestorOpInBlock(*user));
      if (!loop->isBeforeInBlock(place))
        return nullptr;
      if (!first || place->isBeforeInBlock(first))
        first = place;
    }
    return first;
  }

  bool findSinkable() {
    // What follows the last loop has none to move behind.
    Operation *loop = loops.back();
    for (Operation *op = loop; op; op = op->getPrevNode()) {
      if (isLoop(op))
        loop = op;
      if (!isMovable(*op) || op->use_empty())
        continue;
      Operation *use = getFirstUseBehind(loop, op->getResult(0));
      if (!use)
        continue;
      places[op] = use;
      sinkable.push_back({op, use});
    }
    return !sinkable.empty();
  }

  /// What a thread need not hold in registers, during a loop, against what it
  /// must hold instead.
  bool savesRegisters() const {
    unsigned saved = 0, added = 0;
    llvm::SmallDenseMap<Value, Operation *> held;
    for (auto [op, place] : sinkable) {
      bool isUsedByOthers = llvm::any_of(op->getUsers(), [&](Operation *user) {
        return !places.contains(user);
      });
      if (isUsedByOthers)
        saved += getWidth(op->getResult(0));
      for (Value operand : op->getOperands())
        if (!isFree(operand) && !places.contains(operand.getDefiningOp())) {
          Operation *&until = held[operand];
          if (!until || until->isBeforeInBlock(place))
            until = place;
        }
    }
    for (auto [value, until] : held)
      if (Operation *free = getFirstFree(value);
          free && isLoopBetween(free, until))
        added += getWidth(value);
    return added <= saved;
  }

  /// How many registers a value takes.
  static unsigned getWidth(Value value) {
    auto vector = dyn_cast<VectorType>(value.getType());
    return vector ? vector.getNumElements() : 1;
  }

  /// Whether a value takes no register of its own: a constant, an argument of
  /// the kernel, the place of a thread.
  static bool isFree(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return isa<KernelOp>(value.getParentBlock()->getParentOp());
    return op->getNumOperands() == 0;
  }

  /// The operation that follows the last one that uses a value, but for what
  /// moves; null if the last one ends the block, or stands outside of it, which
  /// may be behind it. What a loop uses is held until its end.
  Operation *getFirstFree(Value value) const {
    Operation *last = nullptr;
    for (Operation *user : value.getUsers()) {
      if (places.contains(user))
        continue;
      Operation *op = block.findAncestorOpInBlock(*user);
      if (!op)
        return nullptr;
      if (!last || last->isBeforeInBlock(op))
        last = op;
    }
    return last ? last->getNextNode() : &block.front();
  }

  Block &block;
  OperationFactsTable &facts;
  /// In the order of the block.
  SmallVector<Operation *> loops;
  /// Of what moves, the operation that it goes before.
  DenseMap<Operation *, Operation *> places;
  /// The last one of the block first.
  SmallVector<std::pair<Operation *, Operation *>> sinkable;
};

struct Sink final : enigma::impl::EnigmaSinkBase<Sink> {
  LogicalResult initialize(MLIRContext *) override {
    facts = {};
    return success();
  }

  void runOnOperation() override {
    // Loops side by side share their block.
    SetVector<Block *> blocks;
    forEachInnerFirst(getOperation().getBody(), [&](Operation *op) {
      if (isLoop(op))
        blocks.insert(op->getBlock());
    });
    for (Block *block : blocks)
      Sinker(*block, facts).run();
  }

private:
  OperationFactsTable facts;
};
} // namespace
