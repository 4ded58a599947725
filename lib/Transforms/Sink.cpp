// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moves what only the code behind a loop needs behind that loop.

#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/OperationFacts.h"

#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASINK
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
/// The operations of one block that can move behind a loop.
class Sinker {
public:
  Sinker(Block &block, OperationFactsTable &facts)
      : block(block), facts(facts) {}

  void run() {
    number();
    if (!loops.empty() && findSinkable() && savesRegisters())
      for (auto [op, place] : llvm::reverse(sinkable))
        op->moveBefore(place.before);
  }

private:
  /// Where an operation goes: before an operation of the block, which had that
  /// number at first.
  struct Place {
    Operation *before;
    unsigned number;
  };

  void number() {
    for (auto [i, op] : llvm::enumerate(block)) {
      numbers[&op] = i;
      if (isa<LoopLikeOpInterface>(op)) {
        loops.push_back(i);
        lastLoop = op.getIterator();
      }
    }
  }

  /// Whether a loop stands between two operations of the block.
  bool isLoopBetween(unsigned first, unsigned second) const {
    auto loop = llvm::upper_bound(loops, first);
    return loop != loops.end() && *loop < second;
  }

  /// A variable that the author of the kernel named stays where it was. So does
  /// what looks at a matrix, which loops add to in place: behind one, the
  /// matrix as it was before would have to be copied.
  bool isMovable(Operation &op) {
    if (op.getNumRegions() != 0 || op.getNumResults() != 1 ||
        op.getNumOperands() == 0 || isa<NameLoc>(op.getLoc()) ||
        llvm::any_of(op.getOperandTypes(),
                     llvm::IsaPred<SimdgroupMatrixType, CooperativeTensorType>))
      return false;
    const OperationFacts &known = facts.get(&op);
    return !known.isConstant && !known.isTerminator &&
           (known.isPure || isMemoryEffectFree(&op));
  }

  Place getPlace(Operation *op) const {
    auto moved = places.find(op);
    return moved == places.end() ? Place{op, numbers.at(op)} : moved->second;
  }

  /// The first of the operations of the block that use `value`.
  Place getFirstUse(Value value) const {
    Place first{nullptr, std::numeric_limits<unsigned>::max()};
    for (Operation *user : value.getUsers()) {
      Place place = getPlace(block.findAncestorOpInBlock(*user));
      if (place.number < first.number)
        first = place;
    }
    return first;
  }

  bool findSinkable() {
    // What follows the last loop has none to move behind.
    for (Operation &op :
         llvm::reverse(llvm::make_range(block.begin(), lastLoop))) {
      if (!isMovable(op) || op.use_empty())
        continue;
      Place use = getFirstUse(op.getResult(0));
      if (!isLoopBetween(numbers.at(&op), use.number))
        continue;
      places[&op] = use;
      sinkable.push_back({&op, use});
    }
    return !sinkable.empty();
  }

  /// What a thread need not hold in registers, during a loop, against what it
  /// must hold instead.
  bool savesRegisters() const {
    unsigned saved = 0, added = 0;
    llvm::SmallDenseMap<Value, unsigned> held;
    for (auto [op, place] : sinkable) {
      bool isUsedByOthers = llvm::any_of(op->getUsers(), [&](Operation *user) {
        return !places.contains(user);
      });
      if (isUsedByOthers)
        saved += getWidth(op->getResult(0));
      for (Value operand : op->getOperands())
        if (!isFree(operand) && !places.contains(operand.getDefiningOp())) {
          unsigned &until = held[operand];
          until = std::max(until, place.number);
        }
    }
    for (auto [value, until] : held)
      if (isLoopBetween(getLastUse(value), until))
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

  /// The number of the last operation that uses a value, but for what moves.
  /// What a loop uses is held until its end.
  unsigned getLastUse(Value value) const {
    unsigned last = 0;
    for (Operation *user : value.getUsers())
      if (!places.contains(user))
        last =
            std::max(last, numbers.at(block.findAncestorOpInBlock(*user)) + 1);
    return last;
  }

  Block &block;
  OperationFactsTable &facts;
  DenseMap<Operation *, unsigned> numbers;
  /// The numbers of the loops.
  SmallVector<unsigned> loops;
  Block::iterator lastLoop;
  DenseMap<Operation *, Place> places;
  /// The last one of the block first.
  SmallVector<std::pair<Operation *, Place>> sinkable;
};

struct Sink final : enigma::impl::EnigmaSinkBase<Sink> {
  LogicalResult initialize(MLIRContext *) override {
    facts = {};
    return success();
  }

  void runOnOperation() override {
    // Loops side by side share their block.
    SetVector<Block *> blocks;
    getOperation().walk(
        [&](LoopLikeOpInterface loop) { blocks.insert(loop->getBlock()); });
    for (Block *block : blocks)
      Sinker(*block, facts).run();
  }

private:
  OperationFactsTable facts;
};
} // namespace
