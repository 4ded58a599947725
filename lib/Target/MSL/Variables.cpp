// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Variables.h"

#include "enigma/IR/CooperativeOps.h"
#include "enigma/IR/MatrixOps.h"
#include "enigma/Utils/Locations.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// The name in `enigma.names`; nothing if the operation has no such list, or
/// one that a rewrite left behind.
static std::optional<StringRef> getListedName(Operation *op, unsigned index) {
  if (op->getRawDictionaryAttrs().empty())
    return std::nullopt;
  auto names = dyn_cast_if_present<ArrayAttr>(
      op->getDiscardableAttr(EnigmaDialect::kNamesAttr));
  if (!names || names.size() != op->getNumResults())
    return std::nullopt;
  auto name = dyn_cast<StringAttr>(names[index]);
  return name ? name.getValue() : StringRef();
}

static StringRef getOwnName(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return getLocationName(cast<BlockArgument>(value).getLoc());
  Operation *op = result.getOwner();
  if (std::optional<StringRef> name =
          getListedName(op, result.getResultNumber()))
    return *name;
  if (op->getNumRegions() != 0 || op->getNumResults() != 1)
    return {};
  return getLocationName(op->getLoc());
}

StringRef enigma::msl::getSourceName(Value value) {
  StringRef name = getOwnName(value);
  if (!name.empty())
    return name;
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return name;
  Operation *op = result.getOwner();
  if (op->getNumRegions() == 0 || getListedName(op, result.getResultNumber()))
    return name;
  // Rewrites that rebuild an operation drop the list of names; the values that
  // it joins may still know theirs.
  unsigned index = result.getResultNumber();
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case(
          [&](scf::ForOp op) { return getOwnName(op.getRegionIterArg(index)); })
      .Case([&](scf::WhileOp op) {
        return getOwnName(op.getAfterArguments()[index]);
      })
      .Case([&](scf::IfOp op) {
        StringRef name;
        for (Region &region : op->getRegions()) {
          Value yielded = region.front().back().getOperand(index);
          StringRef other = getOwnName(yielded);
          if (other.empty())
            continue;
          if (!name.empty() && other != name)
            return StringRef();
          name = other;
        }
        return name;
      })
      .Default([](Operation *) { return StringRef(); });
}

StringRef enigma::msl::getCarriedName(Operation *terminator, unsigned index) {
  Operation *parent = terminator->getParentOp();
  return llvm::TypeSwitch<Operation *, StringRef>(parent)
      .Case([&](scf::ForOp op) {
        StringRef name = getSourceName(op.getRegionIterArg(index));
        return name.empty() ? getSourceName(op.getResult(index)) : name;
      })
      .Case([&](scf::IfOp op) { return getSourceName(op.getResult(index)); })
      .Case([&](scf::WhileOp op) {
        if (isa<scf::YieldOp>(terminator))
          return getSourceName(op.getBeforeArguments()[index]);
        return index == 0 ? StringRef()
                          : getSourceName(op.getAfterArguments()[index - 1]);
      })
      .Default([](Operation *) { return StringRef(); });
}

/// The name of the local that holds \p value.
static StringRef findLocalName(Value value) {
  StringRef name = getSourceName(value);
  Operation *op = value.getDefiningOp();
  if (name.empty() || !op || op->getNumRegions() != 0)
    return name;
  // Several operations of one place compute one value; the same operation again
  // is the next round of an unrolled loop.
  bool isStep = !value.use_empty();
  for (Operation *user : value.getUsers())
    isStep &=
        user->getLoc() == op->getLoc() && user->getName() != op->getName();
  if (isStep)
    return {};
  if (value.hasOneUse()) {
    OpOperand &use = *value.getUses().begin();
    if (isa<scf::YieldOp, scf::ConditionOp>(use.getOwner()) &&
        getCarriedName(use.getOwner(), use.getOperandNumber()) == name)
      return {};
  }
  return name;
}

bool enigma::msl::isConstant(Value value) {
  return isa_and_nonnull<arith::ConstantOp, ub::PoisonOp>(
      value.getDefiningOp());
}

bool enigma::msl::isCarriedAtOnce(Value value) {
  StringRef name = getSourceName(value);
  if (name.empty() || value.use_empty())
    return false;
  return llvm::all_of(value.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto loop = dyn_cast<scf::ForOp>(user)) {
      BlockArgument argument = loop.getTiedLoopRegionIterArg(&use);
      return argument && getSourceName(argument) == name;
    }
    if (auto loop = dyn_cast<scf::WhileOp>(user))
      return getSourceName(loop.getBeforeArguments()[use.getOperandNumber()]) ==
             name;
    return false;
  });
}

/// Whether \p value stays where it is: a constant, a parameter, or a value that
/// the hardware provides.
static bool isFixed(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      return argument == loop.getInductionVar();
    return !isa<scf::WhileOp>(parent);
  }
  Operation *op = value.getDefiningOp();
  return isConstant(value) ||
         (isa_and_nonnull<EnigmaDialect>(op->getDialect()) &&
          isa<FunctionConstantOp, AllocOp, ConstantArrayOp,
              ThreadQueryOpInterface>(op));
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

/// Longer regions, and deeper ones, read better as statements.
static constexpr unsigned kMaxExpressionOps = 8;
static constexpr unsigned kMaxExpressionDepth = 3;

void Variables::findExpressions(ArrayRef<Operation *> controlFlow) {
  llvm::DenseMap<Operation *, unsigned> depths;
  auto isInlinable = [&](Operation &op) {
    if (isa<arith::ConstantOp, ub::PoisonOp>(op) ||
        (isa_and_nonnull<EnigmaDialect>(op.getDialect()) &&
         isa<ThreadQueryOpInterface>(op)))
      return true;
    if (auto nested = dyn_cast<scf::IfOp>(op)) {
      if (!expressions.contains(nested) ||
          depths.lookup(nested) >= kMaxExpressionDepth)
        return false;
    } else if (op.getNumRegions() != 0 ||
               !(isa<memref::LoadOp, vector::LoadOp>(op) || isPure(&op))) {
      return false;
    }
    if (op.getNumResults() != 1 || !getLocalName(op.getResult(0)).empty())
      return false;
    return op.getResult(0).hasOneUse() ||
           isa<arith::IndexCastOp, arith::IndexCastUIOp>(op);
  };
  auto visit = [&](scf::IfOp op) {
    if (op.getNumResults() != 1 || op.getElseRegion().empty())
      return;
    // One is changed in place, by statements.
    if (isa<CooperativeTensorType>(op.getResult(0).getType()))
      return;
    StringRef name = getSourceName(op.getResult(0));
    unsigned depth = 0;
    bool hasLink = false;
    for (Region &region : llvm::reverse(op->getRegions())) {
      auto body = region.front().without_terminator();
      Value yielded = region.front().back().getOperand(0);
      // `if (c) x = ...;` leaves the variable as it is on the other side.
      if (!name.empty() && yielded.getParentRegion() != &region &&
          getSourceName(yielded) == name)
        return;
      unsigned count = 0;
      for (Operation &nested : body) {
        if (++count > kMaxExpressionOps || !isInlinable(nested))
          return;
        // `a or b or c` and `a ? x : b ? y : z` are no deeper than they are.
        bool isLink = yielded.getDefiningOp() == &nested && !hasLink;
        hasLink |= isLink && isa<scf::IfOp>(nested);
        depth = std::max(depth, depths.lookup(&nested) + (isLink ? 0 : 1));
      }
    }
    depths[op] = depth;
    expressions.insert(op);
  };
  // What stands in a branch comes after it.
  for (Operation *op : llvm::reverse(controlFlow))
    if (auto branch = dyn_cast<scf::IfOp>(op))
      visit(branch);
}

//===----------------------------------------------------------------------===//
// Lives
//===----------------------------------------------------------------------===//

/// Numbers an operation and those in it, each higher than what comes before.
void Variables::number(Operation *op, unsigned &next) {
  unsigned begin = next += 2;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &inner : block)
        number(&inner, next);
  unsigned end = op->getNumRegions() == 0 ? begin : next += 2;
  extents[op] = {begin, end};
}

/// Where the `else` of \p branch begins.
unsigned Variables::getElseBegin(scf::IfOp branch) const {
  return extents.lookup(&branch.getElseRegion().front().front()).begin;
}

void Variables::findUses(Value value, SmallVectorImpl<unsigned> &uses,
                         llvm::SetVector<Operation *> &branches) const {
  SmallVector<Value, 2> names = {value};
  while (!names.empty()) {
    for (OpOperand &use : names.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      Extent extent = extents.lookup(user);
      unsigned position = extent.begin;
      if (auto loop = dyn_cast<scf::ForOp>(user)) {
        // The counter is set after what the loop carries. Each time around it
        // is compared with its bound, and its step added.
        if (use.get() == loop.getUpperBound() || use.get() == loop.getStep())
          position = extent.end;
        else if (use.get() == loop.getLowerBound())
          position = extent.begin + 1;
      }
      // The text of a cast to `index` is that of its operand.
      if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(user))
        names.push_back(user->getResult(0));
      // A loop that uses a value from outside uses it each time around.
      SmallVector<Operation *, 4> path;
      for (Operation *op = user; op->getBlock() != value.getParentBlock();) {
        Region *region = op->getParentRegion();
        op = op->getParentOp();
        if (isa<scf::ForOp, scf::WhileOp>(op)) {
          position = std::max(position, extents.lookup(op).end);
          path.clear();
        } else if (auto branch = dyn_cast<scf::IfOp>(op);
                   branch && region == &branch.getElseRegion()) {
          path.push_back(op);
        }
      }
      uses.push_back(position);
      branches.insert(path.begin(), path.end());
    }
  }
  llvm::sort(uses);
}

SmallVector<std::pair<unsigned, unsigned>, 2>
Variables::getLives(Value value) const {
  unsigned begin;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *start = argument.getOwner()->getParentOp();
    if (auto loop = dyn_cast<scf::WhileOp>(start);
        loop && argument.getOwner() == loop.getAfterBody())
      start = loop.getConditionOp();
    begin = extents.lookup(start).begin + 1;
  } else {
    begin = extents.lookup(value.getDefiningOp()).end + 1;
  }
  SmallVector<unsigned, 8> uses;
  llvm::SetVector<Operation *> branches;
  findUses(value, uses, branches);
  unsigned end = uses.empty() ? begin : std::max(begin, uses.back());

  auto isUsedBetween = [&](unsigned first, unsigned last) {
    auto use = llvm::upper_bound(uses, first);
    return use != uses.end() && *use < last;
  };
  // A value that only the `else` of a branch still needs does not live in the
  // rest of the other side.
  SmallVector<std::pair<unsigned, unsigned>, 2> holes;
  for (Operation *op : branches) {
    auto branch = cast<scf::IfOp>(op);
    unsigned elseBegin = getElseBegin(branch);
    bool isUsedAfter = false;
    unsigned position = extents.lookup(op).end;
    for (Operation *inner = op; inner->getBlock() != value.getParentBlock();) {
      Region *region = inner->getParentRegion();
      inner = inner->getParentOp();
      auto outer = dyn_cast<scf::IfOp>(inner);
      unsigned last = extents.lookup(inner).end;
      bool isThen = outer && region == &outer.getThenRegion() &&
                    !outer.getElseRegion().empty();
      isUsedAfter |=
          isUsedBetween(position, isThen ? getElseBegin(outer) : last);
      position = last;
    }
    isUsedAfter |= isUsedBetween(position, ~0u);
    if (isUsedAfter)
      continue;
    auto use = llvm::lower_bound(uses, elseBegin);
    unsigned last = extents.lookup(op).begin;
    if (use != uses.begin())
      last = std::max(last, *std::prev(use));
    if (last < begin)
      last = begin;
    if (last + 1 < elseBegin)
      holes.push_back({last, elseBegin});
  }
  llvm::sort(holes);
  SmallVector<std::pair<unsigned, unsigned>, 2> lives;
  for (auto [first, last] : holes) {
    if (last <= begin)
      continue;
    if (first >= begin)
      lives.push_back({begin, first});
    begin = std::max(begin, last);
  }
  lives.push_back({begin, std::max(begin, end)});
  return lives;
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

unsigned Variables::findRoot(unsigned variable) const {
  while (classes[variable].parent != variable)
    variable = classes[variable].parent;
  return variable;
}

std::optional<unsigned> Variables::find(Value value) const {
  auto found = variableOf.find(value);
  if (found == variableOf.end())
    return std::nullopt;
  return findRoot(found->second);
}

unsigned Variables::getOrCreate(Value value) {
  auto [entry, isNew] = variableOf.try_emplace(value, classes.size());
  if (!isNew)
    return findRoot(entry->second);
  Class created;
  created.parent = classes.size();
  created.name = getSourceName(value);
  for (auto [begin, end] : getLives(value))
    created.lives[begin] = end;
  created.members.push_back(value);
  classes.push_back(std::move(created));
  return classes.back().parent;
}

bool Variables::join(Value a, Value b) {
  if (isFixed(a) || isFixed(b))
    return false;
  unsigned left = getOrCreate(a), right = getOrCreate(b);
  if (left == right)
    return true;
  if (classes[left].members.size() < classes[right].members.size())
    std::swap(left, right);
  Class &into = classes[left], &from = classes[right];
  if (!into.name.empty() && !from.name.empty() && into.name != from.name)
    return false;
  for (auto [begin, end] : from.lives) {
    auto next = into.lives.upper_bound(end);
    if (next != into.lives.begin() && std::prev(next)->second >= begin)
      return false;
  }
  if (into.name.empty())
    into.name = from.name;
  into.lives.insert(from.lives.begin(), from.lives.end());
  into.members.append(from.members);
  from.parent = left;
  from.lives.clear();
  from.members.clear();
  return true;
}

void Variables::joinCarried(Value incoming, Value carried) {
  if (isFixed(incoming))
    return;
  // A value without a name of its own is best written into the assignment.
  if (!variableOf.contains(incoming) && incoming.hasOneUse() &&
      getSourceName(incoming).empty() &&
      !isa<SimdgroupMatrixType, CooperativeTensorType>(incoming.getType()))
    return;
  joinIfFree(incoming, carried);
}

bool Variables::joinIfFree(Value a, Value b) {
  size_t before = classes.size();
  bool isNewA = !variableOf.contains(a), isNewB = !variableOf.contains(b);
  if (join(a, b))
    return true;
  // No value becomes a variable for nothing.
  if (isNewA)
    variableOf.erase(a);
  if (isNewB)
    variableOf.erase(b);
  classes.resize(before);
  return false;
}

namespace {
/// What is in a kernel that makes variables of values.
struct Candidates {
  /// Of the values that have any.
  llvm::DenseMap<Value, StringRef> localNames;
  /// Branches and loops, the outer ones first.
  SmallVector<Operation *> controlFlow;
  /// What is added to, or inserted into, and what that gives.
  SmallVector<std::pair<Value, Value>> sums;
  /// The values that a block assigns to one Python variable, one after the
  /// other; those of inner blocks first.
  SmallVector<std::pair<Value, Value>> reassigned;
  unsigned numOperations = 0;

  void add(Block &block);
  void add(Operation &op);
};
} // namespace

void Candidates::add(Block &block) {
  // Names are attributes, of which equal ones are one.
  llvm::DenseMap<const char *, Value> latest;
  SmallVector<std::pair<Value, Value>> found;
  auto addValue = [&](Value value) {
    StringRef name = findLocalName(value);
    if (name.empty())
      return;
    localNames[value] = name;
    if (isFixed(value))
      return;
    Value &previous = latest[name.data()];
    if (previous && previous.getType() == value.getType())
      found.push_back({previous, value});
    previous = value;
  };
  for (BlockArgument argument : block.getArguments())
    addValue(argument);
  for (Operation &op : block) {
    add(op);
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        add(inner);
    for (Value result : op.getResults())
      addValue(result);
  }
  llvm::append_range(reassigned, found);
}

void Candidates::add(Operation &op) {
  ++numOperations;
  if (isa<scf::IfOp, scf::ForOp, scf::WhileOp>(op))
    controlFlow.push_back(&op);
  else if (auto sum = dyn_cast<SimdgroupMatrixMultiplyAccumulateOp>(op))
    sums.push_back({sum.getC(), sum.getResult()});
  else if (auto sum = dyn_cast<Matmul2dOp>(op))
    sums.push_back({sum.getC(), sum.getResult()});
  else if (auto insert = dyn_cast<CooperativeTensorInsertOp>(op))
    sums.push_back({insert.getTensor(), insert.getResult()});
}

Variables::Variables(KernelOp kernel) {
  Candidates found;
  found.add(kernel.getBody().front());
  numOperations = found.numOperations;
  localNames = std::move(found.localNames);
  findExpressions(found.controlFlow);

  SmallVector<Operation *> joins;
  for (Operation *op : found.controlFlow) {
    auto branch = dyn_cast<scf::IfOp>(op);
    if (!branch || (op->getNumResults() != 0 && !isExpression(branch)))
      joins.push_back(op);
  }
  if (joins.empty() && found.reassigned.empty() && found.sums.empty())
    return;
  extents.reserve(numOperations + 1);
  unsigned next = 0;
  number(kernel, next);

  // First what is one variable in any case: what a loop carries, and what it
  // leaves behind.
  for (Operation *op : joins) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      for (auto [argument, result] :
           llvm::zip_equal(loop.getRegionIterArgs(), loop.getResults()))
        join(argument, result);
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      for (auto [argument, result] :
           llvm::zip_equal(loop.getAfterArguments(), loop.getResults()))
        join(argument, result);
      for (Value argument : loop.getBeforeArguments())
        getOrCreate(argument);
    } else {
      for (Value result : op->getResults())
        getOrCreate(result);
    }
  }
  for (Operation *op : joins) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      auto yield = cast<scf::YieldOp>(loop.getBody()->back());
      for (auto [argument, init, next] :
           llvm::zip_equal(loop.getRegionIterArgs(), loop.getInitArgs(),
                           yield.getResults())) {
        joinCarried(next, argument);
        joinCarried(init, argument);
      }
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      for (auto [argument, forwarded] : llvm::zip_equal(
               loop.getAfterArguments(), loop.getConditionOp().getArgs()))
        joinCarried(forwarded, argument);
      for (auto [argument, init, next] :
           llvm::zip_equal(loop.getBeforeArguments(), loop.getInits(),
                           loop.getYieldOp().getResults())) {
        joinCarried(next, argument);
        joinCarried(init, argument);
      }
    } else {
      // What passes through unchanged first: its assignment vanishes.
      for (bool passesThrough : {true, false})
        for (Region &region : op->getRegions())
          for (auto [result, yielded] : llvm::zip_equal(
                   op->getResults(), region.front().back().getOperands()))
            if ((yielded.getParentRegion() != &region) == passesThrough)
              joinCarried(yielded, result);
    }
  }
  // A product is added to where the sum is.
  for (auto [sum, result] : found.sums)
    joinIfFree(sum, result);
  // A Python variable that is assigned again is one variable.
  for (auto [previous, later] : found.reassigned)
    joinIfFree(previous, later);
}
