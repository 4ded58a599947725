// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches and loops.
//
// A chain of `else if`, of `and` and `or`, or of choices is nested in the IR
// and flat in the text. It may have thousands of links, so that what is open is
// kept in a list and not on the stack.

#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

#include <memory>

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

//===----------------------------------------------------------------------===//
// Branches that are expressions
//===----------------------------------------------------------------------===//

namespace {
/// What a branch yields on one path: a value, or the link of a chain, whose
/// text is there already.
struct Arm {
  Value value;
  std::optional<Expression> link;

  bool isConstant(bool wanted) const {
    return !link && (wanted ? matchPattern(value, m_One())
                            : matchPattern(value, m_Zero()));
  }
};

/// A branch whose condition is lowered, and one of its paths: the other is the
/// next link.
struct OpenChoice {
  scf::IfOp op;
  Expression condition;
  bool isLinkThen;
};
} // namespace

static Value getYielded(Region &region) {
  return region.front().back().getOperand(0);
}

/// The branch that a path of `op` ends in and yields.
static scf::IfOp getLink(const Variables &variables, Region &region) {
  Value yielded = getYielded(region);
  auto next = yielded.getDefiningOp<scf::IfOp>();
  if (next && next->getParentRegion() == &region && yielded.hasOneUse() &&
      variables.isExpression(next))
    return next;
  return {};
}

static Expression takeArm(Lowering &lowering, Arm &arm, MSLType type,
                          bool isChoice) {
  if (arm.link)
    return lowering.build.convert(std::move(*arm.link), type);
  return isChoice ? lowering.takeChoice(arm.value, type)
                  : lowering.takeTyped(arm.value, type);
}

static Expression finishChoice(Lowering &lowering, scf::IfOp op,
                               Expression condition, Arm a, Arm b) {
  ExpressionBuilder &build = lowering.build;
  lowering.tree.setLocation(op.getLoc());
  MSLType type = lowering.typeOf(op.getResult(0));
  auto combine = [&](bool isNegated, Operator which, Arm &arm) {
    if (isNegated)
      condition = build.negate(std::move(condition));
    return build.combine(std::move(condition), which,
                         takeArm(lowering, arm, type, /*isChoice=*/false));
  };
  if (type == kBool && b.isConstant(false))
    return combine(/*isNegated=*/false, Operator::And, a);
  if (type == kBool && a.isConstant(true))
    return combine(/*isNegated=*/false, Operator::Or, b);
  if (type == kBool && a.isConstant(false))
    return combine(/*isNegated=*/true, Operator::And, b);
  if (type == kBool && b.isConstant(true))
    return combine(/*isNegated=*/true, Operator::Or, a);
  Expression left = takeArm(lowering, a, type, /*isChoice=*/true);
  Expression right = takeArm(lowering, b, type, /*isChoice=*/true);
  return build.conditional(std::move(condition), std::move(left),
                           std::move(right));
}

static FailureOr<Expression> lowerChoice(Lowering &lowering, scf::IfOp first) {
  SmallVector<OpenChoice> open;
  auto lowerPath = [&](Region &region, scf::IfOp link) {
    mlir::Block &block = region.front();
    return lowering.lowerOperations(
        block.begin(), link ? link->getIterator() : block.back().getIterator());
  };
  ++lowering.expressionDepth;
  std::optional<Expression> result;
  for (scf::IfOp op = first; !result;) {
    lowering.tree.setLocation(op.getLoc());
    Expression condition = lowering.takeTyped(op.getCondition(), kBool);
    scf::IfOp link = getLink(lowering.variables, op.getElseRegion());
    bool isLinkThen = false;
    if (!link) {
      link = getLink(lowering.variables, op.getThenRegion());
      isLinkThen = bool(link);
    }
    if (link && failed(lowering.checkTypes(link)))
      return failure();
    if (failed(
            lowerPath(op.getThenRegion(), isLinkThen ? link : scf::IfOp())) ||
        failed(lowerPath(op.getElseRegion(), isLinkThen ? scf::IfOp() : link)))
      return failure();
    if (link) {
      open.push_back({op, std::move(condition), isLinkThen});
      op = link;
      continue;
    }
    result = finishChoice(lowering, op, std::move(condition),
                          {getYielded(op.getThenRegion()), std::nullopt},
                          {getYielded(op.getElseRegion()), std::nullopt});
  }
  for (OpenChoice &choice : llvm::reverse(open)) {
    Arm link{Value(), std::move(result)};
    Arm other{getYielded(choice.isLinkThen ? choice.op.getElseRegion()
                                           : choice.op.getThenRegion()),
              std::nullopt};
    if (!choice.isLinkThen)
      std::swap(link, other);
    result = finishChoice(lowering, choice.op, std::move(choice.condition),
                          std::move(link), std::move(other));
  }
  --lowering.expressionDepth;
  return std::move(*result);
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

namespace {
/// An `if` that is being lowered.
struct OpenIf {
  scf::IfOp op;
  Expression condition;
  /// The variables that it assigns, and which are right before it for the case
  /// that the condition does not hold.
  SmallVector<unsigned, 4> targets;
  SmallVector<bool, 4> isInitialized;
  Statements body = {}, otherwise = {};
  /// What the `else` goes back to.
  Lowering::RegionState state = {};
};
} // namespace

/// `x = 0; if (c) x = ...;` rather than two assignments: whether a variable
/// gets the value of the `else` before the branch.
static bool isPlain(Lowering &lowering, Value other) {
  return Lowering::getConstant(other) || lowering.isFixedName(other);
}

/// Lowers what comes before an `if`.
static void prepareIf(Lowering &lowering, OpenIf &open) {
  scf::IfOp op = open.op;
  open.condition = lowering.takeTyped(op.getCondition(), kBool);
  lowering.flushAll();
  Region &otherwise = op.getElseRegion();
  bool hasPlainElse =
      !otherwise.empty() && llvm::hasSingleElement(otherwise.front());
  open.isInitialized.assign(op.getNumResults(), false);
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    unsigned variable = *lowering.variables.find(result);
    open.targets.push_back(variable);
    const Lowering::VariableState &state =
        lowering.prepareVariable(variable, result);
    if (state.name)
      continue;
    Value other =
        hasPlainElse ? otherwise.front().back().getOperand(i) : Value();
    if (other && isPlain(lowering, other) &&
        lowering.variables.find(other) != variable) {
      open.isInitialized[i] = true;
      lowering.assignVariable(variable,
                              lowering.takeAssigned(other, state.type));
    } else {
      lowering.declareVariable(variable, result);
    }
  }
}

/// Assigns what a path yields.
static void assignYielded(Lowering &lowering, OpenIf &open, Region &region,
                          bool isElse) {
  lowering.tree.setLocation(open.op.getLoc());
  SmallVector<Lowering::Move, 4> moves;
  for (auto [i, value] : llvm::enumerate(region.front().back().getOperands()))
    if (!(isElse && open.isInitialized[i]))
      moves.push_back({open.targets[i], value});
  lowering.assignAll(moves);
}

static LogicalResult finishIf(Lowering &lowering, OpenIf &open) {
  scf::IfOp op = open.op;
  if (!op.getElseRegion().empty()) {
    assignYielded(lowering, open, op.getElseRegion(), /*isElse=*/true);
    lowering.leaveRegion(open.state);
    lowering.names.pop();
  }
  lowering.tree.setLocation(op.getLoc());
  if (open.body.empty() && !open.otherwise.empty()) {
    open.condition = lowering.build.negate(std::move(open.condition));
    std::swap(open.body, open.otherwise);
  }
  if (!open.body.empty()) {
    Stmt stmt = lowering.makeStmt(StmtKind::If);
    bool isChain = open.otherwise.size() == 1 &&
                   open.otherwise.front().kind == StmtKind::If;
    if (isChain) {
      stmt = std::move(open.otherwise.front());
      stmt.location = op.getLoc();
    } else {
      stmt.body = std::move(open.otherwise);
      stmt.enclose(stmt.body);
    }
    stmt.enclose(open.body);
    stmt.branches.push_back(
        {op.getLoc(), open.condition.node, std::move(open.body)});
    if (failed(lowering.addScope(op, std::move(stmt))))
      return failure();
  }
  for (Value result : op.getResults())
    lowering.bindVariable(result);
  return success();
}

static LogicalResult lowerIf(Lowering &lowering, Operation *first) {
  if (failed(lowering.checkTypes(first)))
    return failure();
  if (lowering.variables.isExpression(cast<scf::IfOp>(first))) {
    FailureOr<Expression> expression =
        lowerChoice(lowering, cast<scf::IfOp>(first));
    if (failed(expression))
      return failure();
    lowering.define(first->getResult(0), std::move(*expression));
    return success();
  }
  // Their blocks are filled while others are added.
  SmallVector<std::unique_ptr<OpenIf>> chain;
  for (auto op = cast<scf::IfOp>(first); op;) {
    chain.push_back(std::make_unique<OpenIf>());
    OpenIf &open = *chain.back();
    open.op = op;
    prepareIf(lowering, open);
    if (failed(lowering.checkRegions(op)))
      return failure();

    lowering.names.push();
    if (failed(lowering.lowerRegion(
            *op.thenBlock(), open.body, [&]() -> LogicalResult {
              assignYielded(lowering, open, op.getThenRegion(),
                            /*isElse=*/false);
              return success();
            })))
      return failure();
    lowering.names.pop();
    if (op.getElseRegion().empty())
      break;

    lowering.names.push();
    open.state = lowering.enterRegion(open.otherwise);
    mlir::Block &block = *op.elseBlock();
    auto last = block.back().getIterator();
    auto next = last == block.begin() ? scf::IfOp()
                                      : dyn_cast<scf::IfOp>(*std::prev(last));
    if (next && lowering.variables.isExpression(next))
      next = {};
    if (failed(lowering.lowerOperations(block.begin(),
                                        next ? next->getIterator() : last)) ||
        (next && failed(lowering.checkTypes(next))))
      return failure();
    op = next;
    if (next)
      lowering.tree.setLocation(next.getLoc());
  }
  for (auto &open : llvm::reverse(chain))
    if (failed(finishIf(lowering, *open)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// The variables of what a loop carries, with what they become.
template <typename Targets, typename Sources>
static SmallVector<Lowering::Move, 4>
getMoves(Lowering &lowering, Targets targets, Sources sources) {
  SmallVector<Lowering::Move, 4> moves;
  for (auto [target, source] : llvm::zip_equal(targets, sources))
    moves.push_back({*lowering.variables.find(target), source});
  return moves;
}

static LogicalResult lowerFor(Lowering &lowering, Operation *op) {
  auto loop = cast<scf::ForOp>(op);
  if (failed(lowering.checkTypes(op)) || failed(lowering.checkRegions(op)))
    return failure();
  bool isSigned = !loop.getUnsignedCmp();
  Value counter = loop.getInductionVar();
  FailureOr<MSLType> type = lowering.getType(op, counter.getType(), isSigned);
  if (failed(type))
    return failure();

  // What the loop reads anew each time around has to stay what it is.
  auto takeBound = [&](Value value, StringRef name, bool isRepeated) {
    bool isHome = lowering.isHome(value);
    Expression bound = lowering.takeReading(value, isSigned);
    bool mayChange = !bound.reads.empty() && !isHome;
    if (mayChange && (isRepeated || loop.getNumResults() != 0))
      return lowering.materialize(std::move(bound), value, name);
    return bound;
  };
  Expression lower = takeBound(loop.getLowerBound(), "first", false);
  Expression upper = takeBound(loop.getUpperBound(), "last", true);
  Expression step = takeBound(loop.getStep(), "step", true);

  for (auto [argument, init] :
       llvm::zip_equal(loop.getRegionIterArgs(), loop.getInitArgs()))
    lowering.prepareVariable(*lowering.variables.find(argument), argument);
  lowering.assignAll(
      getMoves(lowering, loop.getRegionIterArgs(), loop.getInitArgs()));
  for (Value argument : loop.getRegionIterArgs())
    lowering.bindVariable(argument);
  lowering.flushAll();

  lowering.names.push();
  StringRef name = getSourceName(counter);
  if (name.empty()) {
    constexpr StringLiteral counters[] = {"i", "j", "k", "l"};
    name = counters[std::min<size_t>(lowering.loopDepth, 3)];
  }
  Stmt stmt = lowering.makeStmt(StmtKind::For);
  stmt.type = {*type};
  stmt.target = lowering.tree.name(lowering.names.declare(name));
  lowering.makeHome(counter, stmt.target, *type);
  stmt.lower = lower.node;
  stmt.value = lowering.tree.binary(stmt.target, Operator::Less, upper.node);
  if (!matchPattern(loop.getStep(), m_One()))
    stmt.step = step.node;
  ++lowering.loopDepth;
  LogicalResult result = lowering.lowerRegion(*loop.getBody(), stmt.body, [&] {
    lowering.tree.setLocation(loop.getLoc());
    lowering.assignAll(getMoves(lowering, loop.getRegionIterArgs(),
                                loop.getBody()->back().getOperands()));
    return success();
  });
  --lowering.loopDepth;
  lowering.names.pop();
  if (failed(result))
    return failure();
  stmt.enclose(stmt.body);
  if (failed(lowering.addScope(op, std::move(stmt))))
    return failure();
  for (Value value : loop.getResults())
    lowering.bindVariable(value);
  return success();
}

static LogicalResult lowerWhile(Lowering &lowering, Operation *op) {
  auto loop = cast<scf::WhileOp>(op);
  if (failed(lowering.checkTypes(op)) || failed(lowering.checkRegions(op)))
    return failure();
  auto before = loop.getBeforeArguments(), after = loop.getAfterArguments();
  for (Value argument : before)
    if (failed(lowering.getType(op, argument.getType(), true)))
      return failure();
  for (Value argument : before)
    lowering.prepareVariable(*lowering.variables.find(argument), argument);
  lowering.assignAll(getMoves(lowering, before, loop.getInits()));
  for (Value argument : before)
    lowering.bindVariable(argument);
  for (Value argument : after)
    lowering.declareVariable(*lowering.variables.find(argument), argument);
  for (Value argument : after)
    lowering.bindVariable(argument);
  lowering.flushAll();

  Stmt stmt = lowering.makeStmt(StmtKind::While);
  lowering.names.push();
  scf::ConditionOp condition = loop.getConditionOp();
  LogicalResult result =
      lowering.lowerRegion(*loop.getBeforeBody(), stmt.body, [&] {
        lowering.tree.setLocation(condition.getLoc());
        lowering.assignAll(getMoves(lowering, after, condition.getArgs()));
        Expression goOn = lowering.takeTyped(condition.getCondition(), kBool);
        if (matchPattern(condition.getCondition(), m_One()))
          return success();
        if (stmt.body.empty()) {
          stmt.value = goOn.node;
          return success();
        }
        Stmt leave = lowering.makeStmt(StmtKind::If);
        Statements body;
        body.push_back(lowering.makeStmt(StmtKind::Break));
        leave.branches.push_back({leave.location,
                                  lowering.build.negate(std::move(goOn)).node,
                                  std::move(body)});
        leave.enclose(leave.branches.front().body);
        return lowering.addScope(op, std::move(leave));
      });
  if (succeeded(result))
    result = lowering.lowerRegion(*loop.getAfterBody(), stmt.body, [&] {
      lowering.tree.setLocation(loop.getLoc());
      lowering.assignAll(
          getMoves(lowering, before, loop.getYieldOp().getResults()));
      return success();
    });
  lowering.names.pop();
  if (failed(result))
    return failure();
  stmt.enclose(stmt.body);
  if (failed(lowering.addScope(op, std::move(stmt))))
    return failure();
  for (Value value : loop.getResults())
    lowering.bindVariable(value);
  return success();
}

void enigma::msl::addControlFlowRules(Rules &rules) {
  rules.addStatement<scf::IfOp>(lowerIf);
  rules.addStatement<scf::ForOp>(lowerFor);
  rules.addStatement<scf::WhileOp>(lowerWhile);
}
