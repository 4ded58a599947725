// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Expressions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"

using namespace enigma::msl;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;

std::optional<Interval> enigma::msl::getInterval(const Expression &expression) {
  return expression.interval ? expression.interval
                             : Interval::of(expression.type);
}

Expression ExpressionBuilder::make(const Expr *node, MSLType type,
                                   ArrayRef<const Expression *> operands) {
  Expression result;
  result.node = node;
  result.type = type;
  for (const Expression *operand : operands)
    addReads(result, operand->reads);
  return result;
}

Expression ExpressionBuilder::name(StringRef text, MSLType type) {
  return make(tree.name(text), type, {});
}

Expression ExpressionBuilder::literal(const Literal &literal) {
  return make(tree.literal(literal), literal.type, {});
}

Expression ExpressionBuilder::number(unsigned value) {
  return literal({std::to_string(value), kInt});
}

Expression ExpressionBuilder::castTo(Expression expression, MSLType type) {
  expression.node = tree.call(type.str(), expression.node);
  expression.type = type;
  expression.interval.reset();
  return expression;
}

Expression ExpressionBuilder::convert(Expression expression, MSLType type) {
  if (expression.type == type)
    return expression;
  return castTo(std::move(expression), type);
}

Expression ExpressionBuilder::binary(Expression left, Operator op,
                                     Expression right, MSLType type) {
  // These mean the same however they are grouped, unless the group decides how
  // something narrower is extended.
  bool mayRegroup = (isBitwise(op) &&
                     (type.bits < 64 || left.type.bits == right.type.bits)) ||
                    (type.isInteger() && !type.isSigned && left.type == type &&
                     right.type == type && isCommutative(op));
  return make(tree.binary(left.node, op, right.node, mayRegroup), type,
              {&left, &right});
}

Expression ExpressionBuilder::comparison(Expression left, Operator op,
                                         Expression right, unsigned lanes,
                                         bool isTotal) {
  const Expr *node = isTotal && lanes == 1
                         ? tree.comparison(left.node, op, right.node)
                         : tree.binary(left.node, op, right.node);
  return make(node, kBool.withLanes(lanes), {&left, &right});
}

Expression ExpressionBuilder::integer(Expression left, Operator op,
                                      Expression right, MSLType type,
                                      bool isExact) {
  bool isShift = msl::isShift(op);
  auto getResultType = [&] {
    return isShift ? getPromoted(left.type)
                   : getUsualType(left.type, right.type);
  };
  std::optional<Interval> amount = getInterval(right);
  if (isShift) // Shifts by more are undefined.
    amount = Interval{amount ? std::max<int64_t>(amount->low, 0) : 0,
                      amount ? std::min<int64_t>(amount->high, type.bits - 1)
                             : type.bits - 1};
  auto interval = Interval::of(getInterval(left), op, amount);
  MSLType resultType = getResultType();
  bool fits = interval && interval->fits(resultType);
  if (resultType.isSigned && !fits &&
      !(isExact && type.bits == resultType.bits)) {
    bool castRight = left.isLiteral() && !right.isLiteral() && !isShift;
    Expression &side = castRight ? right : left;
    side = castTo(std::move(side), resultType.withSign(false));
    resultType = getResultType();
  }
  Expression result = binary(std::move(left), op, std::move(right), resultType);
  if (fits)
    result.interval = interval;
  return result;
}

Expression ExpressionBuilder::negateInteger(Expression expression, MSLType type,
                                            bool isExact) {
  MSLType resultType = getPromoted(expression.type);
  auto interval =
      Interval::of(Interval{0, 0}, Operator::Subtract, getInterval(expression));
  bool fits = interval && interval->fits(resultType);
  if (resultType.isSigned && !fits &&
      !(isExact && type.bits == resultType.bits)) {
    resultType = resultType.withSign(false);
    expression = castTo(std::move(expression), resultType);
  }
  Expression result =
      unary(Operator::Negate, std::move(expression), resultType);
  if (fits)
    result.interval = interval;
  return result;
}

Expression ExpressionBuilder::unary(Operator op, Expression expression,
                                    MSLType type) {
  expression.node = tree.unary(op, expression.node);
  expression.type = type;
  expression.interval.reset();
  return expression;
}

Expression ExpressionBuilder::negate(Expression condition) {
  condition.node = tree.negate(condition.node);
  return condition;
}

Expression ExpressionBuilder::combine(Expression left, Operator op,
                                      Expression right) {
  MSLType type = left.type;
  const Expr *node = type.isVector()
                         ? tree.binary(left.node,
                                       op == Operator::And ? Operator::BitAnd
                                                           : Operator::BitOr,
                                       right.node, /*mayRegroup=*/true)
                         : tree.logical(left.node, op, right.node);
  return make(node, type, {&left, &right});
}

Expression ExpressionBuilder::conditional(Expression condition, Expression left,
                                          Expression right) {
  MSLType type = left.type;
  if (left.type != right.type && type.isInteger() && !type.isVector())
    type = getUsualType(left.type, right.type);
  auto interval = Interval::unite(getInterval(left), getInterval(right));
  // A vector in a buffer has its address space in its type, which the other
  // operand has not.
  for (Expression *side : {&left, &right})
    if (type.isVector() && side->node->isInMemory())
      *side = castTo(std::move(*side), type);
  Expression result =
      make(tree.conditional(condition.node, left.node, right.node), type,
           {&condition, &left, &right});
  if (interval && interval->fits(type))
    result.interval = interval;
  return result;
}

Expression ExpressionBuilder::call(StringRef function,
                                   ArrayRef<Expression> arguments,
                                   MSLType type) {
  SmallVector<const Expr *, 4> nodes;
  SmallVector<const Expression *, 4> operands;
  for (const Expression &argument : arguments) {
    nodes.push_back(argument.node);
    operands.push_back(&argument);
  }
  return make(tree.call(function, nodes), type, operands);
}

Expression ExpressionBuilder::member(Expression vector, StringRef lanes,
                                     MSLType type) {
  // A scalar that stands for a vector of equal lanes is each of them.
  if (!vector.type.isVector())
    return lanes.size() == 1 ? vector : convert(vector, type);
  const Expr *source = vector.node;
  llvm::SmallString<4> ofSource(lanes);
  if (source->kind == ExprKind::Member &&
      source->text.find_first_not_of(kLanes) == StringRef::npos) {
    // Lanes of lanes.
    for (char &lane : ofSource)
      lane = source->text[kLanes.find(lane)];
    source = source->operands.front();
  }
  vector.node = tree.member(source, ofSource);
  vector.type = type;
  return vector;
}

Expression ExpressionBuilder::subscript(Expression base, Expression index,
                                        MSLType type) {
  return make(tree.subscript(base.node, index.node), type, {&base, &index});
}
