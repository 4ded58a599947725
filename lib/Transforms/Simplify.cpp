// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Canonicalization for kernels.

#include "SimplifyPatterns.h"

#include "enigma/IR/LayoutOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/DeadOperations.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Rewrite/FrozenRewritePatternSet.h"
#include "llvm/ADT/STLExtras.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMASIMPLIFY
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

namespace {
/// The patterns for the operations of each name, the first to try first.
class PatternTable {
public:
  PatternTable() = default;
  explicit PatternTable(RewritePatternSet &&set) : owner(std::move(set)) {
    for (const auto &[name, patterns] : owner.getOpSpecificNativePatterns()) {
      List &list = lists[name];
      llvm::append_range(list, patterns);
      llvm::stable_sort(list, [](const Pattern *a, const Pattern *b) {
        return a->getBenefit() > b->getBenefit();
      });
    }
    assert(owner.getMatchAnyOpNativePatterns().empty() &&
           "a pattern is one for operations of known names");
  }

  ArrayRef<const RewritePattern *> get(Operation *op) const {
    auto found = lists.find(op->getName());
    if (found == lists.end())
      return {};
    return found->second;
  }

private:
  using List = SmallVector<const RewritePattern *, 4>;

  FrozenRewritePatternSet owner;
  DenseMap<OperationName, List> lists;
};

/// Visits the operations of a kernel, and those again that a change may let
/// simplify further, until none does. It does what upstream's greedy driver
/// does, which asks every operation and its kernel for traits again and again.
class Simplifier final : public RewriterBase::Listener {
public:
  Simplifier(KernelOp kernel, const PatternTable &patterns,
             OperationFactsTable &facts)
      : kernel(kernel), patterns(patterns), facts(facts), deadOperations(facts),
        rewriter(*this) {}

  void run();

private:
  /// Adds all operations to an empty worklist, the first one first.
  void addAll(Region &region);
  /// Adds the branches on conditions of several uses to an empty worklist, the
  /// first one first.
  void addBranches();
  void add(Operation *op);
  /// Adds an operation and those around it.
  void addWithParents(Operation *op);
  void remove(Operation *op);

  /// Visits those of a worklist whose first one comes first, and what changes
  /// add to it.
  void visitAll();
  void visit(Operation *op);
  /// Erases an operation whose results nobody uses.
  void erase(Operation *op);
  bool fold(Operation *op);
  Value buildConstant(Attribute value, Type type, Operation *folded);
  /// Keeps a constant as the only one of its value, at the top of the kernel;
  /// gives the other one where there is one already.
  Operation *unify(Operation *constant);

  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    hasChanged = true;
    addWithParents(op);
  }
  void notifyOperationModified(Operation *op) override;
  void notifyOperationErased(Operation *op) override;
  /// Adds what may be simplified since `user` does not use a value any more.
  void addForLostUse(Value value, Operation *user);

  /// Tells what an operation uses before it is changed.
  struct Rewriter final : PatternRewriter {
    explicit Rewriter(Simplifier &simplifier)
        : PatternRewriter(simplifier.kernel.getContext()),
          simplifier(simplifier) {
      setListener(&simplifier);
    }
    void startOpModification(Operation *op) override {
      llvm::append_range(simplifier.usedBefore, op->getOperands());
    }
    /// Nothing but `from` loses a use, and that is being replaced.
    void replaceAllUsesWith(Value from, Value to) override {
      for (OpOperand &use : llvm::make_early_inc_range(from.getUses())) {
        use.set(to);
        simplifier.notifyOperationModified(use.getOwner());
      }
    }

    Simplifier &simplifier;
  };

  bool isConstant(Operation *op);
  /// The value of a constant; null if another operation gives it, or none.
  Attribute getConstant(Value value);
  using ConstantKey = std::pair<Attribute, Type>;
  static ConstantKey getKey(Operation *constant);

  KernelOp kernel;
  const PatternTable &patterns;
  OperationFactsTable &facts;
  DeadOperations deadOperations;
  Rewriter rewriter;

  /// The last one is visited next; those that left are null.
  SmallVector<Operation *, 0> worklist;
  DenseMap<Operation *, unsigned> places;
  /// What the operation that is being changed used before.
  SmallVector<Value> usedBefore;
  /// The one that a pattern is tried on; null once it is erased.
  Operation *current = nullptr;
  bool hasChanged = false;

  DenseMap<ConstantKey, Operation *> constants;
  /// Those of `constants`, as operations.
  DenseSet<Operation *> unified;

  SmallVector<Attribute> operandValues;
  SmallVector<OpFoldResult> folded;
};
} // namespace

//===----------------------------------------------------------------------===//
// What is left to visit
//===----------------------------------------------------------------------===//

void Simplifier::add(Operation *op) {
  if (places.try_emplace(op, worklist.size()).second)
    worklist.push_back(op);
}

void Simplifier::addWithParents(Operation *op) {
  SmallVector<Operation *> around;
  for (; op != kernel; op = op->getParentOp())
    around.push_back(op);
  for (Operation *op : llvm::reverse(around))
    add(op);
}

void Simplifier::remove(Operation *op) {
  auto place = places.find(op);
  if (place == places.end())
    return;
  worklist[place->second] = nullptr;
  places.erase(place);
}

void Simplifier::addAll(Region &region) {
  for (Block &block : region)
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isConstant(&op))
        if (Operation *known = unify(&op)) {
          op.replaceAllUsesWith(known);
          op.erase();
          continue;
        }
      worklist.push_back(&op);
      for (Region &inner : op.getRegions())
        addAll(inner);
    }
}

void Simplifier::notifyOperationModified(Operation *op) {
  hasChanged = true;
  // What uses it may look at its operands.
  for (Operation *user : op->getUsers())
    add(user);
  addWithParents(op);
  for (Value value : usedBefore)
    addForLostUse(value, nullptr);
  usedBefore.clear();
}

void Simplifier::notifyOperationErased(Operation *op) {
  hasChanged = true;
  for (Value operand : op->getOperands())
    addForLostUse(operand, op);
  remove(op);
  // What it stood in may have no effect left, and a block of one operation or
  // none may be a part of what is around it.
  if (deadOperations.forget(op) || llvm::hasNItemsOrLess(*op->getBlock(), 3))
    addWithParents(op->getParentOp());
  if (op == current)
    current = nullptr;
  if (unified.erase(op))
    constants.erase(getKey(op));
}

void Simplifier::addForLostUse(Value value, Operation *user) {
  Operation *other = nullptr;
  for (Operation *left : value.getUsers()) {
    if (left == user || left == other)
      continue;
    if (other)
      return;
    other = left;
  }
  // What has one use left, or none, may be simplified.
  if (other)
    add(other);
  Operation *source = value.getDefiningOp();
  addWithParents(source ? source : value.getParentBlock()->getParentOp());
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Simplifier::ConstantKey Simplifier::getKey(Operation *constant) {
  Attribute value;
  // Most are of two kinds, which need no search for interfaces.
  if (auto number = dyn_cast<arith::ConstantOp>(constant))
    value = number.getProperties().value;
  else if (auto layout = dyn_cast<StaticOp>(constant))
    value = TypeAttr::get(layout.getType());
  else
    matchPattern(constant, m_Constant(&value));
  return {value, constant->getResult(0).getType()};
}

Operation *Simplifier::unify(Operation *constant) {
  auto [entry, isNew] = constants.try_emplace(getKey(constant), constant);
  if (!isNew && entry->second != constant)
    return entry->second;
  Block &top = kernel.getBody().front();
  bool isAtTop =
      constant->getBlock() == &top &&
      (&top.front() == constant || unified.contains(constant->getPrevNode()));
  if (!isAtTop) {
    constant->moveBefore(&top.front());
    constant->setLoc(rewriter.getUnknownLoc());
  }
  unified.insert(constant);
  return nullptr;
}

Value Simplifier::buildConstant(Attribute value, Type type, Operation *folded) {
  auto known = constants.find({value, type});
  if (known != constants.end())
    return known->second->getResult(0);
  Operation *constant = folded->getDialect()->materializeConstant(
      rewriter, value, type, folded->getLoc());
  return constant ? constant->getResult(0) : Value();
}

//===----------------------------------------------------------------------===//
// Simplification
//===----------------------------------------------------------------------===//

bool Simplifier::fold(Operation *op) {
  operandValues.clear();
  usedBefore.clear();
  for (Value operand : op->getOperands()) {
    operandValues.push_back(getConstant(operand));
    usedBefore.push_back(operand);
  }
  folded.clear();
  // No dialect of kernels folds operations that do not fold themselves.
  LogicalResult isFolded = op->getName().foldHook(op, operandValues, folded);
  if (succeeded(isFolded) && folded.empty()) {
    notifyOperationModified(op);
    return true;
  }
  usedBefore.clear();
  if (failed(isFolded))
    return false;
  rewriter.setInsertionPoint(op);
  SmallVector<Value> values;
  for (auto [result, type] : llvm::zip_equal(folded, op->getResultTypes())) {
    Value value = dyn_cast<Value>(result);
    if (!value)
      value = buildConstant(cast<Attribute>(result), type, op);
    if (!value)
      return false;
    values.push_back(value);
  }
  rewriter.replaceOp(op, values);
  return true;
}

bool Simplifier::isConstant(Operation *op) {
  return op->getNumOperands() == 0 && facts.get(op).isConstant;
}

Attribute Simplifier::getConstant(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumOperands() != 0)
    return {};
  if (auto number = dyn_cast<arith::ConstantOp>(op))
    return number.getProperties().value;
  return isConstant(op) ? getKey(op).first : Attribute();
}

void Simplifier::erase(Operation *op) {
  // What holds others has them erased one by one.
  if (op->getNumRegions() != 0)
    return rewriter.eraseOp(op);
  notifyOperationErased(op);
  op->erase();
}

void Simplifier::visit(Operation *op) {
  if (deadOperations.isDead(op))
    return erase(op);
  if (isConstant(op)) {
    if (!unified.contains(op))
      if (Operation *known = unify(op))
        rewriter.replaceOp(op, known);
    return;
  }
  if (fold(op))
    return;
  for (const RewritePattern *pattern : patterns.get(op)) {
    rewriter.setInsertionPoint(op);
    current = op;
    if (failed(pattern->matchAndRewrite(op, rewriter)))
      continue;
    // It may have lost a block, which nobody is told of.
    if (current)
      notifyOperationModified(current);
    return;
  }
}

void Simplifier::visitAll() {
  std::reverse(worklist.begin(), worklist.end());
  places.reserve(worklist.size());
  for (auto [place, op] : llvm::enumerate(worklist))
    places[op] = place;
  while (!worklist.empty())
    if (Operation *op = worklist.pop_back_val()) {
      places.erase(op);
      visit(op);
    }
}

void Simplifier::addBranches() {
  forEachOuterFirst(kernel.getBody(), [&](Operation *op) {
    if (auto branch = dyn_cast<scf::IfOp>(op);
        branch && !branch.getCondition().hasOneUse())
      worklist.push_back(op);
  });
}

void Simplifier::run() {
  addAll(kernel.getBody());
  do {
    hasChanged = false;
    visitAll();
    // Branches on one condition are joined, which a change of what stands
    // between them does not tell them.
    if (hasChanged)
      addBranches();
  } while (hasChanged);
}

namespace {
struct Simplify final : enigma::impl::EnigmaSimplifyBase<Simplify> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    const StringRef dialects[] = {arith::ArithDialect::getDialectNamespace(),
                                  math::MathDialect::getDialectNamespace(),
                                  vector::VectorDialect::getDialectNamespace()};
    for (StringRef name : dialects)
      context->getOrLoadDialect(name)->getCanonicalizationPatterns(set);
    // Our patterns do all that upstream's do for sums, without building a list
    // for each try. A contraction has patterns for every sum, and kernels have
    // none.
    const TypeID others[] = {TypeID::get<arith::AddIOp>(),
                             TypeID::get<vector::ContractionOp>()};
    // The search for the operations of one dialect finds them or not, by how
    // many there are of others.
    for (RegisteredOperationName op : context->getRegisteredOperations())
      if (llvm::is_contained(dialects, op.getDialectNamespace()) &&
          !llvm::is_contained(others, op.getTypeID()))
        op.getCanonicalizationPatterns(set, context);
    populateBranchPatterns(set);
    populateLoopPatterns(set);
    populateArithmeticPatterns(set);
    patterns = PatternTable(std::move(set));
    facts = {};
    return success();
  }

  // A kernel has structured control flow only: there are no blocks to merge.
  void runOnOperation() override {
    Simplifier(getOperation(), patterns, facts).run();
  }

private:
  PatternTable patterns;
  OperationFactsTable facts;
};
} // namespace
