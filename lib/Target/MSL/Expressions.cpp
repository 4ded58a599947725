// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that become expressions.

#include "Emitter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static constexpr StringLiteral kLanes = "xyzw";
static const MSLType kBool{Kind::Bool, 1, false, 1};
static const MSLType kInt{Kind::Integer, 32, true, 1};
static const MSLType kFloat{Kind::Float, 32, true, 1};

static void mergeReads(Expression &into, ArrayRef<unsigned> reads) {
  for (unsigned thing : reads)
    if (!llvm::is_contained(into.reads, thing))
      into.reads.push_back(thing);
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

namespace enigma::msl {
/// Every operation that becomes an expression, with its spelling in MSL.
struct Rules {
  llvm::DenseMap<TypeID, Emitter::Rule> rules;

  template <typename Op>
  void add(Emitter::Handler handler, StringRef spelling = {},
           Precedence precedence = Precedence::Primary,
           Reading reading = Reading::Bits) {
    rules[TypeID::get<Op>()] = {handler, spelling, precedence, reading};
  }
  template <typename Op>
  void add(Emitter::Handler handler, StringRef spelling, Reading reading) {
    add<Op>(handler, spelling, Precedence::Primary, reading);
  }

  Rules() {
    using E = Emitter;
    using P = Precedence;
    using R = Reading;
    add<arith::AddIOp>(&E::integerBinary, "+", P::Additive);
    add<arith::SubIOp>(&E::integerBinary, "-", P::Additive);
    add<arith::MulIOp>(&E::integerBinary, "*", P::Multiplicative);
    add<arith::ShLIOp>(&E::integerBinary, "<<", P::Shift);
    add<arith::DivSIOp>(&E::integerBinary, "/", P::Multiplicative, R::Signed);
    add<arith::DivUIOp>(&E::integerBinary, "/", P::Multiplicative, R::Unsigned);
    add<arith::RemSIOp>(&E::integerBinary, "%", P::Multiplicative, R::Signed);
    add<arith::RemUIOp>(&E::integerBinary, "%", P::Multiplicative, R::Unsigned);
    add<arith::ShRSIOp>(&E::integerBinary, ">>", P::Shift, R::Signed);
    add<arith::ShRUIOp>(&E::integerBinary, ">>", P::Shift, R::Unsigned);
    add<arith::AndIOp>(&E::logical, "&", P::BitAnd);
    add<arith::OrIOp>(&E::logical, "|", P::BitOr);
    add<arith::XOrIOp>(&E::logical, "^", P::BitXor);

    add<arith::AddFOp>(&E::floatBinary, "+", P::Additive);
    add<arith::SubFOp>(&E::floatBinary, "-", P::Additive);
    add<arith::MulFOp>(&E::floatBinary, "*", P::Multiplicative);
    add<arith::DivFOp>(&E::floatBinary, "/", P::Multiplicative);
    add<arith::NegFOp>(&E::floatNegate);

#define ENIGMA_FLOAT_CALL(Op, spelling) add<Op>(&E::floatCall, spelling);
#define ENIGMA_SINGLE_CALL(Op, spelling) add<Op>(&E::singleCall, spelling);
#define ENIGMA_INTEGER_CALL(Op, spelling, reading)                             \
  add<Op>(&E::integerCall, spelling, R::reading);
#include "enigma/Target/MSL/Calls.inc"

    add<arith::CmpIOp>(&E::compareIntegers);
    add<arith::CmpFOp>(&E::compareFloats);
    add<arith::SelectOp>(&E::selectValue);

    add<arith::IndexCastOp>(&E::castIndex, "", R::Signed);
    add<arith::IndexCastUIOp>(&E::castIndex, "", R::Unsigned);
    add<arith::ExtSIOp>(&E::extendInteger, "", R::Signed);
    add<arith::ExtUIOp>(&E::extendInteger, "", R::Unsigned);
    add<arith::TruncIOp>(&E::truncateInteger);
    add<arith::ExtFOp>(&E::convertFloat);
    add<arith::TruncFOp>(&E::convertFloat);
    add<arith::SIToFPOp>(&E::integerToFloat, "", R::Signed);
    add<arith::UIToFPOp>(&E::integerToFloat, "", R::Unsigned);
    add<arith::FPToSIOp>(&E::floatToInteger, "", R::Signed);
    add<arith::FPToUIOp>(&E::floatToInteger, "", R::Unsigned);
    add<SignCastOp>(&E::castSign);
    add<arith::BitcastOp>(&E::bitcast);
    add<vector::BitCastOp>(&E::bitcast);

    add<memref::LoadOp>(&E::loadElement);
    add<vector::LoadOp>(&E::loadVector);
    add<vector::FromElementsOp>(&E::makeVector);
    add<vector::ExtractOp>(&E::extractLane);
    add<vector::InsertOp>(&E::insertLane);
    add<vector::BroadcastOp>(&E::broadcast);
    add<vector::ShuffleOp>(&E::shuffle);
    add<vector::ReductionOp>(&E::reduce);
  }
};
} // namespace enigma::msl

const Emitter::Rule *Emitter::findRule(Operation *op) {
  static const Rules *table = new Rules();
  auto found = table->rules.find(op->getName().getTypeID());
  if (found != table->rules.end())
    return &found->second;
  static const Rule callRule{&Emitter::metalCall};
  return isa<MSLCallOpInterface>(op) ? &callRule : nullptr;
}

//===----------------------------------------------------------------------===//
// Combinators
//===----------------------------------------------------------------------===//

MSLType enigma::msl::getPromoted(MSLType type) {
  return type.bits < 32 ? kInt : type;
}

/// The type of a binary operator on these operands, as C++ has it.
static MSLType getUsualType(MSLType left, MSLType right) {
  left = getPromoted(left);
  right = getPromoted(right);
  if (left.bits != right.bits)
    return left.bits > right.bits ? left : right;
  return left.isSigned ? right : left;
}

static std::optional<Interval> getInterval(const Expression &expression) {
  return expression.interval ? expression.interval
                             : Interval::of(expression.type);
}

Expression Emitter::castTo(Expression expression, MSLType type) {
  expression.text = type.str() + "(" + expression.text + ")";
  expression.precedence = Precedence::Primary;
  expression.type = type;
  expression.interval.reset();
  expression.leftEnd = expression.rightBegin = 0;
  expression.opposite.clear();
  return expression;
}

Expression Emitter::convert(Expression expression, MSLType type) {
  if (expression.type == type)
    return expression;
  return castTo(std::move(expression), type);
}

/// Whether an operand of precedence \p inner wants parentheses where an
/// operator of precedence \p outer takes it: C++ needs them, or readers (and
/// compilers' warnings) would like to see them.
static bool wantsParentheses(Precedence inner, Precedence outer, bool isRight) {
  using P = Precedence;
  if (inner >= P::Unary)
    return inner < outer;
  if (inner < outer || (inner == outer && isRight))
    return true;
  switch (outer) {
  case P::LogicalOr:
    return inner == P::LogicalAnd;
  case P::BitOr:
  case P::BitXor:
  case P::BitAnd:
    return inner != outer;
  case P::Shift:
    return true;
  case P::Equality:
  case P::Relational:
    return inner <= P::Relational;
  default:
    return false;
  }
}

std::string Emitter::operand(const Expression &expression,
                             Precedence precedence, bool isRight) {
  if (wantsParentheses(expression.precedence, precedence, isRight))
    return "(" + expression.text + ")";
  return expression.text;
}

Expression Emitter::binary(Expression left, StringRef op, Precedence precedence,
                           Expression right, MSLType type) {
  Expression result;
  // These mean the same however they are grouped, unless the group decides how
  // something narrower is extended.
  bool isBitwise = precedence == Precedence::BitAnd ||
                   precedence == Precedence::BitOr ||
                   precedence == Precedence::BitXor;
  bool isAssociative =
      precedence == Precedence::LogicalAnd ||
      precedence == Precedence::LogicalOr ||
      (isBitwise && (type.bits < 64 || left.type.bits == right.type.bits)) ||
      (type.isInteger() && !type.isSigned && left.type == type &&
       right.type == type && (op == "+" || op == "*"));
  std::string rightText =
      isAssociative && right.precedence == precedence && !right.divides &&
              right.rightBegin != 0 &&
              StringRef(right.text)
                      .slice(right.leftEnd + 1, right.rightBegin - 1) == op
          ? std::move(right.text)
          : operand(right, precedence, /*isRight=*/true);
  result.text = operand(left, precedence, /*isRight=*/false);
  result.leftEnd = result.text.size();
  result.text += ' ';
  result.text += op;
  result.text += ' ';
  result.rightBegin = result.text.size();
  result.text += rightText;
  result.precedence = precedence;
  result.divides =
      op == "/" || op == "%" || (left.precedence == precedence && left.divides);
  result.type = type;
  result.reads = std::move(left.reads);
  mergeReads(result, right.reads);
  return result;
}

Expression Emitter::call(StringRef function, ArrayRef<Expression> arguments,
                         MSLType type) {
  Expression result;
  result.text = function.str() + "(";
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    if (i != 0)
      result.text += ", ";
    result.text += argument.text;
    mergeReads(result, argument.reads);
  }
  result.text += ")";
  result.type = type;
  return result;
}

/// `left op right` of integers, where the lower bits of the result are those of
/// a number of \p type. Where it may leave the signed type that C++ computes
/// in, it is computed in unsigned numbers, which wrap; unless it `isExact` in
/// numbers of its own width.
Expression Emitter::integer(Expression left, StringRef op,
                            Precedence precedence, Expression right,
                            MSLType type, bool isExact) {
  bool isShift = precedence == Precedence::Shift;
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
    bool castRight = left.isLiteral && !right.isLiteral && !isShift;
    Expression &side = castRight ? right : left;
    side = castTo(std::move(side), resultType.withSign(false));
    resultType = getResultType();
  }
  Expression result =
      binary(std::move(left), op, precedence, std::move(right), resultType);
  if (fits)
    result.interval = interval;
  return result;
}

Expression Emitter::negateInteger(Expression expression, MSLType type,
                                  bool isExact) {
  MSLType resultType = getPromoted(expression.type);
  auto interval = Interval::of(Interval{0, 0}, "-", getInterval(expression));
  bool fits = interval && interval->fits(resultType);
  if (resultType.isSigned && !fits &&
      !(isExact && type.bits == resultType.bits)) {
    resultType = resultType.withSign(false);
    expression = castTo(std::move(expression), resultType);
  }
  Expression result = unary("-", std::move(expression), resultType);
  if (fits)
    result.interval = interval;
  return result;
}

Expression Emitter::unary(StringRef op, Expression expression, MSLType type) {
  std::string text = operand(expression, Precedence::Unary, /*isRight=*/true);
  if (op == "-" && StringRef(text).starts_with("-"))
    text = "(" + text + ")";
  expression.text = op.str() + text;
  expression.precedence = Precedence::Unary;
  expression.type = type;
  expression.interval.reset();
  expression.leftEnd = expression.rightBegin = 0;
  expression.opposite.clear();
  return expression;
}

Expression Emitter::negate(Expression condition) {
  if (!condition.opposite.empty()) {
    std::swap(condition.text, condition.opposite);
    std::swap(condition.precedence, condition.oppositePrecedence);
    condition.leftEnd = condition.rightBegin = 0;
    return condition;
  }
  Expression result = unary("!", condition, condition.type);
  if (!condition.type.isVector()) {
    result.opposite = std::move(condition.text);
    result.oppositePrecedence = condition.precedence;
  }
  return result;
}

void Emitter::setOpposite(Expression &comparison) {
  StringRef text = comparison.text;
  StringRef op = text.slice(comparison.leftEnd + 1, comparison.rightBegin - 1);
  StringRef inverse = llvm::StringSwitch<StringRef>(op)
                          .Case("<", ">=")
                          .Case("<=", ">")
                          .Case(">", "<=")
                          .Case(">=", "<")
                          .Case("==", "!=")
                          .Default("==");
  comparison.opposite = (text.take_front(comparison.leftEnd) + " " + inverse +
                         " " + text.drop_front(comparison.rightBegin))
                            .str();
  comparison.oppositePrecedence = comparison.precedence;
}

Expression Emitter::combine(Expression left, Expression right, bool isAnd) {
  auto join = [](Expression left, Expression right, bool isAnd) {
    return isAnd ? binary(std::move(left), "&&", Precedence::LogicalAnd,
                          std::move(right), kBool)
                 : binary(std::move(left), "||", Precedence::LogicalOr,
                          std::move(right), kBool);
  };
  // not (a or b) is not a and not b; shown only where both are comparisons.
  Expression opposite;
  if (!left.opposite.empty() && !right.opposite.empty())
    opposite = join(negate(left), negate(right), !isAnd);
  Expression result = join(std::move(left), std::move(right), isAnd);
  result.opposite = std::move(opposite.text);
  result.oppositePrecedence = opposite.precedence;
  return result;
}

Expression Emitter::conditional(Expression condition, Expression left,
                                Expression right, MSLType type) {
  Expression result;
  auto arm = [](const Expression &expression) {
    return expression.precedence <= Precedence::Conditional
               ? "(" + expression.text + ")"
               : expression.text;
  };
  // A vector in a buffer has its address space in its type, which the other
  // operand has not.
  for (Expression *side : {&left, &right})
    if (type.isVector() && StringRef(side->text).starts_with("*("))
      *side = castTo(std::move(*side), type);
  // A chain of choices needs no parentheses: `a ? x : b ? y : z`.
  std::string rest = right.text;
  result.text = arm(condition) + " ? " + arm(left) + " : " + rest;
  result.precedence = Precedence::Conditional;
  result.type = type;
  result.reads = std::move(condition.reads);
  mergeReads(result, left.reads);
  mergeReads(result, right.reads);
  return result;
}

Expression Emitter::member(Expression vector, StringRef lanes, MSLType type) {
  if (!vector.type.isVector())
    return lanes.size() == 1 ? vector : convert(vector, type);
  vector.text = operand(vector, Precedence::Postfix, /*isRight=*/false) + "." +
                lanes.str();
  vector.precedence = Precedence::Postfix;
  vector.type = type;
  vector.leftEnd = vector.rightBegin = 0;
  vector.opposite.clear();
  return vector;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

InFlightDiagnostic Emitter::refuse(Operation *op) {
  return op->emitOpError("cannot be expressed in MSL: ");
}

FailureOr<MSLType> Emitter::getType(Operation *op, Type type, bool isSigned) {
  if (std::optional<MSLType> result = getMSLType(type, isSigned))
    return *result;
  return refuse(op) << "it has no type for " << type;
}

LogicalResult Emitter::checkTypes(Operation *op) {
  // Memory is no value: only an access names it.
  bool isAccess = isa<memref::LoadOp, vector::LoadOp>(op);
  for (Type type : op->getOperandTypes())
    if (!(isAccess && isa<MemRefType>(type)) && failed(getType(op, type, true)))
      return failure();
  for (Type type : op->getResultTypes())
    if (failed(getType(op, type, true)))
      return failure();
  return success();
}

MSLType Emitter::typeOf(Value value, bool isSigned) {
  return *getMSLType(value.getType(), isSigned);
}

Attribute Emitter::getConstant(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return constant.getValue();
  // What is undefined may be anything; zero is as good as any other value.
  if (isa<ub::PoisonOp>(op) && value.getType() != Type())
    return Builder(op->getContext()).getZeroAttr(value.getType());
  return {};
}

Expression Emitter::literal(Attribute constant, MSLType type,
                            LiteralForm form) {
  auto make = [&](Literal literal) {
    Expression result;
    result.text = std::move(literal.text);
    result.precedence = literal.precedence;
    result.type = literal.type;
    return result;
  };
  auto makeScalar = [&](Attribute scalar) {
    if (auto integer = dyn_cast<IntegerAttr>(scalar)) {
      APInt value = integer.getValue();
      Expression result = make(integerLiteral(value, type.element(), form));
      result.isLiteral = true;
      if (type.isSigned)
        result.interval = Interval{value.getSExtValue(), value.getSExtValue()};
      else if (value.getActiveBits() < 64)
        result.interval = Interval{int64_t(value.getZExtValue()),
                                   int64_t(value.getZExtValue())};
      return result;
    }
    return make(
        floatLiteral(cast<FloatAttr>(scalar).getValue(), type.element()));
  };
  auto dense = dyn_cast<DenseElementsAttr>(constant);
  if (!dense)
    return makeScalar(constant);
  bool isVector = form == LiteralForm::Typed || !dense.isSplat();
  if (isVector)
    form = LiteralForm::Plain;
  if (dense.isSplat()) {
    Expression lane = makeScalar(dense.getSplatValue<Attribute>());
    return isVector ? castTo(std::move(lane), type) : std::move(lane);
  }
  SmallVector<Expression, 4> lanes;
  for (Attribute lane : dense.getValues<Attribute>())
    lanes.push_back(makeScalar(lane));
  return call(type.str(), lanes, type);
}

Expression Emitter::take(Value value) {
  if (Attribute constant = getConstant(value))
    return literal(constant, typeOf(value, /*isSigned=*/true),
                   LiteralForm::Typed);
  auto found = slots.find(value);
  if (found == slots.end()) {
    isLost = true;
    Expression nothing;
    nothing.type = typeOf(value, /*isSigned=*/true);
    return nothing;
  }
  Slot &slot = found->second;
  if (slot.isHome)
    return slot.expression;
  if (slot.remaining > 1) {
    --slot.remaining;
    return slot.expression;
  }
  Expression result = std::move(slot.expression);
  slots.erase(found);
  return result;
}

Expression Emitter::takeTyped(Value value, MSLType type, LiteralForm form) {
  if (Attribute constant = getConstant(value))
    return literal(constant, type, form);
  Expression expression = take(value);
  if (expression.type.lanes != type.lanes)
    expression = convert(std::move(expression), type.element());
  return convert(std::move(expression), type);
}

Expression Emitter::takeReading(Value value, bool isSigned) {
  MSLType type = typeOf(value, isSigned);
  if (Attribute constant = getConstant(value))
    return literal(constant, type, LiteralForm::Plain);
  if (type.isVector() || !type.isInteger())
    return takeTyped(value, type);
  Expression expression = take(value);
  unsigned bits = expression.type.bits;
  std::optional<Interval> interval = getInterval(expression);
  // What is not negative reads the same either way, as far as it is extended.
  bool isNatural = interval && interval->low >= 0;
  bool isRead = bits > type.bits
                    ? interval && interval->fits(type)
                    : expression.type.isSigned == isSigned ||
                          (isSigned ? bits < type.bits : isNatural);
  return isRead ? expression : castTo(std::move(expression), type);
}

Expression Emitter::takeBits(Value value, bool isSigned) {
  MSLType type = typeOf(value, isSigned);
  if (Attribute constant = getConstant(value))
    return literal(constant, type, LiteralForm::Plain);
  return take(value);
}

Expression Emitter::takeAssigned(Value value, MSLType type) {
  if (type.isInteger() && !type.isVector())
    return takeBits(value, type.isSigned);
  return takeTyped(value, type);
}

Expression Emitter::takeIndex(Value value) {
  if (Attribute constant = getConstant(value))
    return literal(constant, typeOf(value, /*isSigned=*/true),
                   LiteralForm::Plain);
  return take(value);
}

bool enigma::msl::isAtom(StringRef text) {
  return llvm::all_of(
      text, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; });
}

Expression Emitter::takeRepeated(Value value, Expression expression) {
  if (isAtom(expression.text) || expressionDepth != 0 || getConstant(value))
    return expression;
  return materialize(std::move(expression), value, getGeneratedName(value));
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

FailureOr<Expression> Emitter::integerBinary(Operation *op) {
  const Rule &rule = *findRule(op);
  Value a = op->getOperand(0), b = op->getOperand(1);
  StringRef spelling = rule.spelling;
  bool isShift = rule.precedence == Precedence::Shift;
  bool isBitwise = rule.precedence <= Precedence::BitAnd;
  bool isPlain = rule.reading == Reading::Bits;
  bool isSigned = isPlain ? signs.isSigned(op->getResult(0))
                          : rule.reading == Reading::Signed;
  MSLType type = typeOf(op->getResult(0), isSigned);
  if (type.kind == Kind::Bool)
    return refuse(op) << "arithmetic on booleans";
  Attribute constantA = getConstant(a), constantB = getConstant(b);

  Expression left, right;
  if (type.isVector()) {
    // Vectors are not promoted, and both sides must be of one type; a scalar
    // stands for a vector of equal lanes.
    LiteralForm form =
        constantA && constantB ? LiteralForm::Typed : LiteralForm::Plain;
    auto takeSide = [&](Value value, Attribute constant) {
      if (constant)
        return literal(constant, type,
                       type.bits < 32 ? LiteralForm::Typed : form);
      Expression side = take(value);
      if (!side.type.isVector())
        return convert(std::move(side), type.element());
      return convert(std::move(side), type);
    };
    left = takeSide(a, constantA);
    right = takeSide(b, constantB);
    if (!left.type.isVector() && (!right.type.isVector() || isShift))
      left = convert(convert(std::move(left), type.element()), type);
    return binary(std::move(left), spelling, rule.precedence, std::move(right),
                  type);
  }

  if (isPlain && !isShift) {
    auto take = [&](Value value, Attribute constant) {
      if (constant && isBitwise)
        return literal(constant, type, LiteralForm::Mask);
      return takeBits(value, isSigned);
    };
    auto integer = dyn_cast_or_null<IntegerAttr>(constantB);
    bool isAdditive = rule.precedence == Precedence::Additive;
    if (isAdditive && !constantA && integer &&
        integer.getValue().isNegative() &&
        !integer.getValue().isMinSignedValue()) {
      // x + (-1) is x - 1.
      spelling = spelling == "+" ? "-" : "+";
      left = take(a, constantA);
      right = literal(IntegerAttr::get(integer.getType(), -integer.getValue()),
                      type, LiteralForm::Plain);
    } else if (spelling == "-" && constantA && !constantB &&
               matchPattern(a, m_Zero())) {
      Expression negated = takeBits(b, isSigned);
      if (negated.type.bits < type.bits && type.bits == 64)
        negated = castTo(std::move(negated), type);
      return negateInteger(std::move(negated), type, isExactSigned(op));
    } else {
      left = take(a, constantA);
      right = take(b, constantB);
    }
  } else if (isShift) {
    if (!isPlain)
      left = takeReading(a, isSigned);
    else if (constantA && !isSigned && type.bits >= 32)
      left = literal(constantA, type, LiteralForm::Typed);
    else
      left = takeBits(a, isSigned);
    right = takeReading(b, signs.isSigned(b));
  } else {
    left = takeReading(a, isSigned);
    right = takeReading(b, isSigned);
  }

  // C++ computes in the wider type of the two, and in no less than `int`. Where
  // that is not enough, the left operand is widened first.
  bool isDivision = spelling == "/" || spelling == "%";
  bool isNarrow = left.type.bits < type.bits && right.type.bits < type.bits;
  bool fitsNarrow =
      isDivision && (constantA || constantB || left.type == right.type) &&
      (!isSigned ||
       (constantB && matchPattern(b, m_Constant()) &&
        cast_or_null<IntegerAttr>(constantB) &&
        cast<IntegerAttr>(constantB).getValue().isStrictlyPositive())) &&
      !(constantA && cast<IntegerAttr>(constantA).getValue().isNegative());
  if (type.bits == 64 &&
      (isShift ? left.type.bits < 64 : isNarrow && !fitsNarrow)) {
    bool castRight = constantA && !constantB && !isShift;
    Expression &side = castRight ? right : left;
    // Extension follows the signedness of the text.
    side = castTo(std::move(side), type.withSign(isSigned));
  }
  // Only sums and products leave their range; a shift to the left moves bits,
  // a sign among them.
  bool isExact = !isPlain || isBitwise || (isShift && isSigned) ||
                 (!isShift && isExactSigned(op));
  return integer(std::move(left), spelling, rule.precedence, std::move(right),
                 type, isExact);
}

FailureOr<Expression> Emitter::logical(Operation *op) {
  if (!getElementTypeOrSelf(op->getResult(0).getType()).isInteger(1))
    return integerBinary(op);
  const Rule &rule = *findRule(op);
  Value a = op->getOperand(0), b = op->getOperand(1);
  MSLType type = typeOf(op->getResult(0), false);
  if (isa<arith::XOrIOp>(op) &&
      (matchPattern(b, m_One()) || matchPattern(a, m_One()))) {
    Value other = matchPattern(b, m_One()) ? a : b;
    return negate(takeTyped(other, type));
  }
  Expression left = takeTyped(a, type), right = takeTyped(b, type);
  if (type.isVector())
    return binary(std::move(left), rule.spelling, rule.precedence,
                  std::move(right), type);
  // Neither side does anything but compute, so it may as well be left out.
  if (!isa<arith::XOrIOp>(op))
    return combine(std::move(left), std::move(right), isa<arith::AndIOp>(op));
  Expression result = binary(std::move(left), "!=", Precedence::Equality,
                             std::move(right), type);
  setOpposite(result);
  return result;
}

FailureOr<Expression> Emitter::integerCall(Operation *op) {
  const Rule &rule = *findRule(op);
  bool isSigned = rule.reading == Reading::Bits
                      ? signs.isSigned(op->getOperand(0))
                      : rule.reading == Reading::Signed;
  MSLType type = typeOf(op->getResult(0), isSigned);
  if (type.kind == Kind::Bool)
    return refuse(op) << "arithmetic on booleans";
  SmallVector<Expression, 3> arguments;
  for (Value operand : op->getOperands())
    arguments.push_back(takeTyped(operand, type));
  return call(rule.spelling, arguments, type);
}

FailureOr<Expression> Emitter::compareIntegers(Operation *op) {
  auto compare = cast<arith::CmpIOp>(op);
  using Predicate = arith::CmpIPredicate;
  Value a = compare.getLhs(), b = compare.getRhs();
  StringRef spelling;
  Precedence precedence = Precedence::Relational;
  bool isSigned = true;
  switch (compare.getPredicate()) {
  case Predicate::eq:
  case Predicate::ne:
    spelling = compare.getPredicate() == Predicate::eq ? "==" : "!=";
    precedence = Precedence::Equality;
    isSigned = signs.isSigned(getConstant(a) ? b : a);
    break;
  case Predicate::ult:
    isSigned = false;
    [[fallthrough]];
  case Predicate::slt:
    spelling = "<";
    break;
  case Predicate::ule:
    isSigned = false;
    [[fallthrough]];
  case Predicate::sle:
    spelling = "<=";
    break;
  case Predicate::ugt:
    isSigned = false;
    [[fallthrough]];
  case Predicate::sgt:
    spelling = ">";
    break;
  case Predicate::uge:
    isSigned = false;
    [[fallthrough]];
  case Predicate::sge:
    spelling = ">=";
    break;
  }
  MSLType type = typeOf(a, isSigned);
  MSLType resultType = kBool.withLanes(type.lanes);
  if (type.kind == Kind::Bool && precedence == Precedence::Relational) {
    // One is below the other if it does not hold and the other does; as a
    // signed number, what holds is -1.
    Expression left = takeTyped(a, type), right = takeTyped(b, type);
    bool isBelow = spelling.starts_with("<") != isSigned;
    Expression &negated = isBelow ? left : right;
    negated = negate(std::move(negated));
    bool isAnd = spelling.size() == 1;
    if (!type.isVector())
      return combine(std::move(left), std::move(right), isAnd);
    return binary(std::move(left), isAnd ? "&" : "|",
                  isAnd ? Precedence::BitAnd : Precedence::BitOr,
                  std::move(right), resultType);
  }
  bool hasTwoConstants = getConstant(a) && getConstant(b);
  Expression left, right;
  if (type.isVector() || type.kind == Kind::Bool || hasTwoConstants) {
    left = takeTyped(a, type);
    right = takeTyped(b, type);
  } else {
    left = takeReading(a, isSigned);
    right = takeReading(b, isSigned);
    auto isNegative = [](Attribute constant) {
      auto integer = dyn_cast_or_null<IntegerAttr>(constant);
      return integer && integer.getValue().isNegative();
    };
    // Two texts that C++ would extend differently are extended here.
    bool isNarrow = left.type.bits < type.bits && right.type.bits < type.bits;
    bool isMixed =
        getConstant(a) || getConstant(b)
            ? isNegative(getConstant(a)) || isNegative(getConstant(b))
            : left.type.isSigned != right.type.isSigned &&
                  // What is narrower than `int` becomes one first.
                  (left.type.isSigned ? right : left).type.bits >= 32;
    if (isNarrow && isMixed && type.bits == 64) {
      Expression &side = getConstant(a) ? right : left;
      side = castTo(std::move(side), type);
    }
  }
  Expression result = binary(std::move(left), spelling, precedence,
                             std::move(right), resultType);
  if (!type.isVector())
    setOpposite(result);
  return result;
}

FailureOr<Expression> Emitter::castIndex(Operation *op) {
  const Rule &rule = *findRule(op);
  Value source = op->getOperand(0);
  bool isSigned = rule.reading == Reading::Signed;
  if (isa<VectorType>(source.getType()) || source.getType().isInteger(1) ||
      op->getResult(0).getType().isInteger(1))
    return extendInteger(op);
  if (op->getResult(0).getType().isIndex()) {
    // C++ extends a subscript as its type says.
    return takeReading(source, isSigned);
  }
  MSLType type = typeOf(op->getResult(0), isSigned);
  if (type.bits == 64)
    return takeReading(source, isSigned);
  return truncateInteger(op);
}

FailureOr<Expression> Emitter::extendInteger(Operation *op) {
  const Rule &rule = *findRule(op);
  Value source = op->getOperand(0);
  bool isSigned = rule.reading == Reading::Signed;
  MSLType from = typeOf(source, isSigned);
  MSLType type = typeOf(op->getResult(0), isSigned);
  if (type.kind == Kind::Bool)
    return refuse(op) << "a conversion to booleans";
  if (from.kind == Kind::Bool) {
    type.isSigned = signs.isSigned(op->getResult(0));
    Expression expression = castTo(takeTyped(source, from), type);
    // The sign of a single set bit is minus one.
    return isSigned ? unary("-", std::move(expression), type)
                    : std::move(expression);
  }
  if (type.isVector())
    return castTo(takeTyped(source, from), type);
  // A name, a load or a call is extended where it meets something wider; what
  // is computed in C++'s own width says what it becomes.
  return takeReading(source, isSigned);
}

FailureOr<Expression> Emitter::truncateInteger(Operation *op) {
  Value source = op->getOperand(0);
  bool isSigned = signs.isSigned(source);
  MSLType from = typeOf(source, isSigned);
  MSLType type = typeOf(op->getResult(0), isSigned);
  if (type.kind == Kind::Bool) {
    if (type.isVector())
      return refuse(op) << "the lowest bits of a vector";
    Expression one;
    one.text = "1";
    one.type = kInt;
    Expression masked =
        binary(take(source), "&", Precedence::BitAnd, std::move(one), from);
    Expression zero;
    zero.text = "0";
    zero.type = kInt;
    return binary(std::move(masked), "!=", Precedence::Equality,
                  std::move(zero), type);
  }
  Expression expression = take(source);
  if (type.isVector())
    return castTo(convert(std::move(expression), from), type);
  // What is assigned or stored is truncated by C++; what is computed with is
  // cast where its upper bits matter.
  if (type.bits < 32 && expression.type.bits <= 32)
    return expression;
  if (expression.type.bits <= type.bits)
    return expression;
  return castTo(std::move(expression), type);
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

FailureOr<Expression> Emitter::floatBinary(Operation *op) {
  const Rule &rule = *findRule(op);
  Value a = op->getOperand(0), b = op->getOperand(1);
  MSLType type = typeOf(op->getResult(0), true);
  StringRef spelling = rule.spelling;
  Attribute constantA = getConstant(a), constantB = getConstant(b);

  auto takeSide = [&](Value value, Attribute constant) {
    if (constant)
      return literal(constant, type, LiteralForm::Plain);
    return take(value);
  };
  Expression left = takeSide(a, constantA);
  Expression right;
  FloatAttr number = dyn_cast_or_null<FloatAttr>(constantB);
  if (auto dense = dyn_cast_or_null<DenseFPElementsAttr>(constantB);
      dense && dense.isSplat())
    number = dense.getSplatValue<FloatAttr>();
  if (rule.precedence == Precedence::Additive && number &&
      number.getValue().isNegative() && !number.getValue().isNaN()) {
    // x + (-1) is x - 1.
    spelling = spelling == "+" ? "-" : "+";
    right = literal(FloatAttr::get(number.getType(), -number.getValue()), type,
                    LiteralForm::Plain);
  } else {
    right = takeSide(b, constantB);
  }
  if (type.isVector() && !left.type.isVector() && !right.type.isVector())
    left = convert(std::move(left), type);
  return binary(std::move(left), spelling, rule.precedence, std::move(right),
                type);
}

FailureOr<Expression> Emitter::floatNegate(Operation *op) {
  MSLType type = typeOf(op->getResult(0), true);
  Expression expression = takeTyped(op->getOperand(0), type);
  return unary("-", std::move(expression), type);
}

/// The library computes in `half` and `float` only.
static MSLType getComputed(MSLType type) {
  return type.kind == Kind::BFloat ? kFloat.withLanes(type.lanes) : type;
}

FailureOr<Expression> Emitter::floatCall(Operation *op) {
  MSLType type = typeOf(op->getResult(0), true);
  SmallVector<Expression, 3> arguments;
  for (Value operand : op->getOperands()) {
    MSLType argumentType = typeOf(operand, true);
    arguments.push_back(
        convert(takeTyped(operand, argumentType), getComputed(argumentType)));
  }
  return convert(call(findRule(op)->spelling, arguments, getComputed(type)),
                 type);
}

FailureOr<Expression> Emitter::metalCall(Operation *op) {
  if (op->getNumResults() != 1)
    return refuse(op) << "a call that is no expression";
  auto metal = cast<MSLCallOpInterface>(op);
  // The result of a call without operands is no signed integer.
  bool isSigned =
      op->getNumOperands() != 0 && signs.isSigned(op->getOperand(0));
  SmallVector<Expression, 4> arguments;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    bool isLikeFirst = operand.getType() == op->getOperand(0).getType();
    bool isRead = metal.getOperandIsSigned(i).value_or(
        isLikeFirst ? isSigned : signs.isSigned(operand));
    MSLType type = typeOf(operand, isRead);
    arguments.push_back(convert(takeTyped(operand, type), getComputed(type)));
  }
  MSLType type =
      typeOf(op->getResult(0), metal.getResultIsSigned().value_or(isSigned));
  Expression result =
      call(metal.getMSLFunction(), arguments, getComputed(type));
  // Votes are of a class that wants to be asked for its bits.
  if (isa<SimdBallotOp, QuadBallotOp, SimdActiveThreadsMaskOp,
          QuadActiveThreadsMaskOp>(op))
    return castTo(std::move(result), type);
  return convert(std::move(result), type);
}

/// A function that there is for `float` and vectors of it.
FailureOr<Expression> Emitter::singleCall(Operation *op) {
  StringRef spelling = findRule(op)->spelling;
  if (spelling.starts_with("enigma_"))
    ownFunctions.insert(spelling);
  SmallVector<Expression, 2> arguments;
  for (Value operand : op->getOperands()) {
    MSLType type = typeOf(operand, /*isSigned=*/false);
    Expression argument = takeTyped(operand, type);
    if (!type.isInteger())
      argument = convert(std::move(argument), kFloat.withLanes(type.lanes));
    arguments.push_back(std::move(argument));
  }
  MSLType type = typeOf(op->getResult(0), true);
  return convert(call(spelling, arguments, kFloat.withLanes(type.lanes)), type);
}

FailureOr<Expression> Emitter::compareFloats(Operation *op) {
  auto compare = cast<arith::CmpFOp>(op);
  using Predicate = arith::CmpFPredicate;
  Value a = compare.getLhs(), b = compare.getRhs();
  MSLType type = typeOf(a, true);
  MSLType resultType = kBool.withLanes(type.lanes);
  auto takeBoth = [&] {
    Expression left = takeTyped(a, type);
    return std::make_pair(std::move(left), takeTyped(b, type));
  };
  auto plain = [&](StringRef spelling, Precedence precedence) {
    auto [left, right] = takeBoth();
    Expression result = binary(std::move(left), spelling, precedence,
                               std::move(right), resultType);
    // The opposite of an order of floats holds for NaN as well.
    if (precedence == Precedence::Equality && !type.isVector())
      setOpposite(result);
    return result;
  };
  auto inverse = [&](StringRef spelling) {
    return unary("!", plain(spelling, Precedence::Relational), resultType);
  };
  auto lessOrGreater = [&] {
    auto [left, right] = takeBoth();
    left = takeRepeated(a, std::move(left));
    right = takeRepeated(b, std::move(right));
    Expression less =
        binary(left, "<", Precedence::Relational, right, resultType);
    Expression greater =
        binary(left, ">", Precedence::Relational, right, resultType);
    if (type.isVector())
      return binary(std::move(less), "|", Precedence::BitOr, std::move(greater),
                    resultType);
    return binary(std::move(less), "||", Precedence::LogicalOr,
                  std::move(greater), resultType);
  };
  auto orderTest = [&](bool isOrdered) {
    auto test = [&](Value value) {
      Expression argument = takeTyped(value, type);
      if (type.kind == Kind::BFloat)
        argument = convert(std::move(argument), kFloat.withLanes(type.lanes));
      Expression result = call("isnan", argument, resultType);
      return isOrdered ? negate(std::move(result)) : std::move(result);
    };
    auto constant = dyn_cast_or_null<FloatAttr>(getConstant(b));
    if (a == b || (constant && !constant.getValue().isNaN()))
      return test(a);
    Expression left = test(a), right = test(b);
    if (type.isVector())
      return binary(std::move(left), isOrdered ? "&" : "|",
                    isOrdered ? Precedence::BitAnd : Precedence::BitOr,
                    std::move(right), resultType);
    return combine(std::move(left), std::move(right), /*isAnd=*/isOrdered);
  };
  switch (compare.getPredicate()) {
  case Predicate::OEQ:
    return plain("==", Precedence::Equality);
  case Predicate::UNE:
    return plain("!=", Precedence::Equality);
  case Predicate::OLT:
    return plain("<", Precedence::Relational);
  case Predicate::OLE:
    return plain("<=", Precedence::Relational);
  case Predicate::OGT:
    return plain(">", Precedence::Relational);
  case Predicate::OGE:
    return plain(">=", Precedence::Relational);
  case Predicate::ULT:
    return inverse(">=");
  case Predicate::ULE:
    return inverse(">");
  case Predicate::UGT:
    return inverse("<=");
  case Predicate::UGE:
    return inverse("<");
  case Predicate::ONE:
    return lessOrGreater();
  case Predicate::UEQ:
    return unary("!", lessOrGreater(), resultType);
  case Predicate::ORD:
    return orderTest(/*isOrdered=*/true);
  case Predicate::UNO:
    return orderTest(/*isOrdered=*/false);
  case Predicate::AlwaysFalse:
  case Predicate::AlwaysTrue:
    break;
  }
  return refuse(op) << "a comparison with a constant result";
}

FailureOr<Expression> Emitter::convertFloat(Operation *op) {
  Value source = op->getOperand(0);
  MSLType from = typeOf(source, true);
  MSLType type = typeOf(op->getResult(0), true);
  return castTo(takeTyped(source, from), type);
}

FailureOr<Expression> Emitter::castSign(Operation *op) {
  auto cast = llvm::cast<SignCastOp>(op);
  bool isSigned = !cast.getIsUnsigned();
  return takeTyped(cast.getValue(), typeOf(cast.getResult(), isSigned));
}

FailureOr<Expression> Emitter::integerToFloat(Operation *op) {
  Value source = op->getOperand(0);
  bool isSigned = findRule(op)->reading == Reading::Signed;
  MSLType from = typeOf(source, isSigned);
  MSLType type = typeOf(op->getResult(0), true);
  Expression expression = takeReading(source, isSigned);
  expression = castTo(std::move(expression), type);
  // The sign of a single set bit is minus one.
  if (from.kind == Kind::Bool && isSigned)
    return unary("-", std::move(expression), type);
  return expression;
}

FailureOr<Expression> Emitter::floatToInteger(Operation *op) {
  Value source = op->getOperand(0);
  bool isSigned = findRule(op)->reading == Reading::Signed;
  MSLType from = typeOf(source, true);
  MSLType type = typeOf(op->getResult(0), isSigned);
  if (type.kind == Kind::Bool)
    return refuse(op) << "a truncation to booleans; compare with zero";
  return castTo(takeTyped(source, from), type);
}

//===----------------------------------------------------------------------===//
// Any type
//===----------------------------------------------------------------------===//

FailureOr<Expression> Emitter::bitcast(Operation *op) {
  Value source = op->getOperand(0);
  MSLType type = typeOf(op->getResult(0), signs.isSigned(op->getResult(0)));
  MSLType from = typeOf(source, signs.isSigned(source));
  if (type.kind == Kind::Bool || from.kind == Kind::Bool)
    return refuse(op) << "the bits of booleans";
  // A vector of 3 takes the space of 4.
  bool hasPadding =
      type.lanes != from.lanes && (type.lanes == 3 || from.lanes == 3);
  if (type.bits * type.lanes != from.bits * from.lanes || hasPadding)
    return refuse(op) << "a change of " << source.getType() << " to "
                      << op->getResult(0).getType();
  Expression expression = takeTyped(source, from);
  if (from.isInteger() && type.isInteger() && from.lanes == type.lanes)
    return expression;
  return call("as_type<" + type.str() + ">", expression, type);
}

FailureOr<Expression> Emitter::selectValue(Operation *op) {
  auto select = cast<arith::SelectOp>(op);
  Value a = select.getTrueValue(), b = select.getFalseValue();
  MSLType type = typeOf(a, signs.isSigned(select.getResult()));
  MSLType conditionType = typeOf(select.getCondition(), false);
  Expression condition = takeTyped(select.getCondition(), conditionType);
  if (conditionType.isVector()) {
    Expression left = takeTyped(a, type), right = takeTyped(b, type);
    SmallVector<Expression, 3> arguments = {right, left, condition};
    return call("select", arguments, type);
  }
  return choose(std::move(condition), a, b, type);
}

Expression Emitter::choose(Expression condition, Value a, Value b,
                           MSLType type) {
  // Constants take the type of the other side.
  bool hasPlainConstants =
      type.isInteger() && !type.isVector() && type.bits <= 32;
  LiteralForm form =
      hasPlainConstants ? LiteralForm::Plain : LiteralForm::Typed;
  Expression left = takeTyped(a, type, form);
  Expression right = takeTyped(b, type, form);
  MSLType resultType =
      left.type == right.type || !type.isInteger() || type.isVector()
          ? left.type
          : getUsualType(left.type, right.type);
  auto interval = Interval::unite(getInterval(left), getInterval(right));
  Expression result = conditional(std::move(condition), std::move(left),
                                  std::move(right), resultType);
  if (interval && interval->fits(resultType))
    result.interval = interval;
  return result;
}

FailureOr<Expression> Emitter::conditionalIf(scf::IfOp op) {
  MSLType type = typeOf(op.getResult(0), true);
  Expression condition = takeTyped(op.getCondition(), kBool);
  ++expressionDepth;
  auto emitArm = [&](Region &region) -> FailureOr<Value> {
    for (Operation &nested : region.front().without_terminator())
      if (failed(emitOperation(nested)))
        return failure();
    return region.front().getTerminator()->getOperand(0);
  };
  FailureOr<Value> a = emitArm(op.getThenRegion());
  if (failed(a))
    return failure();
  FailureOr<Value> b = emitArm(op.getElseRegion());
  if (failed(b))
    return failure();
  Expression result;
  auto combineWith = [&](bool negated, bool isAnd, Value value) {
    if (negated)
      condition = negate(std::move(condition));
    return combine(std::move(condition), takeTyped(value, type), isAnd);
  };
  auto isConstant = [](Value value, bool wanted) {
    return wanted ? matchPattern(value, m_One())
                  : matchPattern(value, m_Zero());
  };
  if (type == kBool && isConstant(*b, false))
    result = combineWith(/*negated=*/false, /*isAnd=*/true, *a);
  else if (type == kBool && isConstant(*a, true))
    result = combineWith(/*negated=*/false, /*isAnd=*/false, *b);
  else if (type == kBool && isConstant(*a, false))
    result = combineWith(/*negated=*/true, /*isAnd=*/true, *b);
  else if (type == kBool && isConstant(*b, true))
    result = combineWith(/*negated=*/true, /*isAnd=*/false, *a);
  else
    result = choose(std::move(condition), *a, *b,
                    type.withSign(signs.isSigned(op.getResult(0))));
  --expressionDepth;
  return result;
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

FailureOr<Expression> Emitter::makeVector(Operation *op) {
  MSLType type = typeOf(op->getResult(0), signs.isSigned(op->getResult(0)));
  SmallVector<Expression, 4> lanes;
  for (Value operand : op->getOperands())
    lanes.push_back(takeAssigned(operand, type.element()));
  if (llvm::all_equal(op->getOperands()) && isAtom(lanes.front().text))
    lanes.truncate(1);
  return call(type.str(), lanes, type);
}

FailureOr<Expression> Emitter::extractLane(Operation *op) {
  auto extract = cast<vector::ExtractOp>(op);
  Value vector = extract.getSource();
  MSLType type = typeOf(extract.getResult(), signs.isSigned(vector));
  if (type.isVector() || extract.getStaticPosition().size() != 1)
    return refuse(op) << "an extraction of more than a lane";
  Expression expression = takeTyped(vector, typeOf(vector, type.isSigned));
  if (!extract.getDynamicPosition().empty()) {
    Expression index = takeIndex(extract.getDynamicPosition().front());
    expression.text =
        operand(expression, Precedence::Postfix, /*isRight=*/false) + "[" +
        index.text + "]";
    expression.precedence = Precedence::Postfix;
    expression.type = type;
    expression.leftEnd = expression.rightBegin = 0;
    mergeReads(expression, index.reads);
    return expression;
  }
  int64_t lane = std::max<int64_t>(extract.getStaticPosition().front(), 0);
  return member(std::move(expression), kLanes.substr(lane, 1), type);
}

FailureOr<Expression> Emitter::insertLane(Operation *op) {
  auto insert = cast<vector::InsertOp>(op);
  Value scalar = insert.getValueToStore(), vector = insert.getDest();
  if (isa<VectorType>(scalar.getType()) ||
      insert.getStaticPosition().size() != 1)
    return refuse(op) << "an insertion of more than a lane";
  if (!insert.getDynamicPosition().empty())
    return refuse(op) << "an insertion at a lane that is not constant";
  MSLType type = typeOf(vector, signs.isSigned(vector));
  Expression source = takeTyped(vector, type);
  unsigned lane = std::max<int64_t>(insert.getStaticPosition().front(), 0);
  bool isRepeated = lane != 0 && lane + 1u != type.lanes;
  if (isRepeated)
    source = takeRepeated(vector, std::move(source));
  SmallVector<Expression, 3> parts;
  auto addLanes = [&](unsigned begin, unsigned end) {
    if (begin != end)
      parts.push_back(member(source, kLanes.slice(begin, end),
                             type.withLanes(end - begin)));
  };
  addLanes(0, lane);
  parts.push_back(takeAssigned(scalar, type.element()));
  addLanes(lane + 1, type.lanes);
  return call(type.str(), parts, type);
}

FailureOr<Expression> Emitter::broadcast(Operation *op) {
  Value source = op->getOperand(0);
  bool isSigned = signs.isSigned(source);
  MSLType type = typeOf(op->getResult(0), isSigned);
  MSLType from = typeOf(source, isSigned);
  if (from.isVector() && from.lanes != type.lanes)
    return refuse(op) << "a broadcast of a vector";
  // A scalar stands for a vector of equal lanes.
  return takeTyped(source, from);
}

FailureOr<Expression> Emitter::shuffle(Operation *op) {
  auto shuffle = cast<vector::ShuffleOp>(op);
  Value a = shuffle.getV1(), b = shuffle.getV2();
  bool isSigned = signs.isSigned(op->getResult(0));
  MSLType type = typeOf(op->getResult(0), isSigned);
  MSLType typeA = typeOf(a, isSigned), typeB = typeOf(b, isSigned);
  // Runs of lanes from one side.
  SmallVector<std::pair<bool, std::string>, 4> runs;
  for (int64_t lane : shuffle.getMask()) {
    if (lane < 0)
      lane = 0;
    bool isSecond = lane >= typeA.lanes;
    if (runs.empty() || runs.back().first != isSecond)
      runs.push_back({isSecond, ""});
    runs.back().second += kLanes[isSecond ? lane - typeA.lanes : lane];
  }
  Expression left = takeTyped(a, typeA), right = takeTyped(b, typeB);
  unsigned runsOfSecond =
      llvm::count_if(runs, [](const auto &run) { return run.first; });
  if (runs.size() - runsOfSecond > 1)
    left = takeRepeated(a, std::move(left));
  if (runsOfSecond > 1)
    right = takeRepeated(b, std::move(right));
  SmallVector<Expression, 4> parts;
  for (auto &[isSecond, lanes] : runs) {
    const Expression &side = isSecond ? right : left;
    parts.push_back(member(side, lanes, type.withLanes(lanes.size())));
  }
  if (parts.size() == 1)
    return parts.front();
  return call(type.str(), parts, type);
}

FailureOr<Expression> Emitter::reduce(Operation *op) {
  auto reduction = cast<vector::ReductionOp>(op);
  using Kind = vector::CombiningKind;
  Value vector = reduction.getVector();
  bool isSigned = signs.isSigned(vector);
  StringRef spelling;
  bool isCall = false;
  Precedence precedence = Precedence::Primary;
  switch (reduction.getKind()) {
  case Kind::ADD:
    spelling = "+";
    precedence = Precedence::Additive;
    break;
  case Kind::MUL:
    spelling = "*";
    precedence = Precedence::Multiplicative;
    break;
  case Kind::AND:
    spelling = "&";
    precedence = Precedence::BitAnd;
    break;
  case Kind::OR:
    spelling = "|";
    precedence = Precedence::BitOr;
    break;
  case Kind::XOR:
    spelling = "^";
    precedence = Precedence::BitXor;
    break;
  case Kind::MAXSI:
  case Kind::MINSI:
    isSigned = true;
    isCall = true;
    spelling = reduction.getKind() == Kind::MAXSI ? "max" : "min";
    break;
  case Kind::MAXUI:
  case Kind::MINUI:
    isSigned = false;
    isCall = true;
    spelling = reduction.getKind() == Kind::MAXUI ? "max" : "min";
    break;
  case Kind::MAXNUMF:
  case Kind::MINNUMF:
    isCall = true;
    spelling = reduction.getKind() == Kind::MAXNUMF ? "fmax" : "fmin";
    break;
  default:
    return refuse(op) << "a reduction that propagates NaN";
  }
  MSLType type = typeOf(vector, isSigned);
  if (!type.isVector())
    return refuse(op) << "a reduction of a scalar";
  Expression source = takeTyped(vector, type);
  if (type.kind == msl::Kind::Bool) {
    if (reduction.getAcc() || reduction.getKind() == Kind::XOR)
      return refuse(op) << "this reduction of booleans";
    return call(reduction.getKind() == Kind::AND ? "all" : "any", source,
                type.element());
  }
  source = takeRepeated(vector, std::move(source));
  bool isBFloat = type.kind == msl::Kind::BFloat;
  SmallVector<Expression, 5> parts;
  if (Value start = reduction.getAcc())
    parts.push_back(takeTyped(start, type.element()));
  for (unsigned lane = 0; lane < type.lanes; ++lane)
    parts.push_back(member(source, kLanes.substr(lane, 1), type.element()));
  MSLType partType = type.element();
  if (isCall && isBFloat) {
    partType = kFloat;
    for (Expression &part : parts)
      part = convert(std::move(part), kFloat);
  }
  Expression result = parts.front();
  for (Expression &part : llvm::drop_begin(parts)) {
    if (isCall) {
      result = call(spelling, {result, part}, partType);
      continue;
    }
    result =
        partType.isInteger()
            // The order of the lanes is ours: a part may overflow where the
            // whole does not.
            ? integer(std::move(result), spelling, precedence, part, partType,
                      /*isExact=*/precedence <= Precedence::BitAnd)
            : binary(std::move(result), spelling, precedence, part, partType);
  }
  return convert(std::move(result),
                 result.type.isInteger() ? result.type : type.element());
}
