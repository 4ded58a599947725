// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors and their lanes.

#include "Lowering.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

static FailureOr<Expression> makeVector(Lowering &lowering, Operation *op,
                                        const Rule &) {
  MSLType type = lowering.typeOf(op->getResult(0));
  SmallVector<Expression, 4> lanes;
  for (Value operand : op->getOperands())
    lanes.push_back(lowering.takeAssigned(operand, type.element()));
  if (llvm::all_equal(op->getOperands()) && lanes.front().node->isAtom)
    lanes.truncate(1);
  return lowering.build.call(type.str(), lanes, type);
}

static FailureOr<Expression> extractLane(Lowering &lowering, Operation *op,
                                         const Rule &) {
  auto extract = cast<vector::ExtractOp>(op);
  Value vector = extract.getSource();
  bool isSigned = lowering.signs.isSigned(vector);
  MSLType type = Lowering::typeOf(extract.getResult(), isSigned);
  if (type.isVector() || extract.getStaticPosition().size() != 1)
    return lowering.refuse(op) << "an extraction of more than a lane";
  Expression source =
      lowering.takeTyped(vector, Lowering::typeOf(vector, isSigned));
  if (!extract.getDynamicPosition().empty())
    return lowering.build.subscript(
        std::move(source),
        lowering.takeIndex(extract.getDynamicPosition().front()), type);
  int64_t lane = std::max<int64_t>(extract.getStaticPosition().front(), 0);
  return lowering.build.member(std::move(source), kLanes.substr(lane, 1), type);
}

static FailureOr<Expression> insertLane(Lowering &lowering, Operation *op,
                                        const Rule &) {
  ExpressionBuilder &build = lowering.build;
  auto insert = cast<vector::InsertOp>(op);
  Value scalar = insert.getValueToStore(), vector = insert.getDest();
  if (isa<VectorType>(scalar.getType()) ||
      insert.getStaticPosition().size() != 1)
    return lowering.refuse(op) << "an insertion of more than a lane";
  if (!insert.getDynamicPosition().empty())
    return lowering.refuse(op) << "an insertion at a lane that is not constant";
  MSLType type = lowering.typeOf(vector);
  Expression source = lowering.takeTyped(vector, type);
  unsigned lane = std::max<int64_t>(insert.getStaticPosition().front(), 0);
  bool isRepeated = lane != 0 && lane + 1u != type.lanes;
  if (isRepeated)
    source = lowering.takeRepeated(vector, std::move(source));
  SmallVector<Expression, 3> parts;
  auto addLanes = [&](unsigned begin, unsigned end) {
    if (begin != end)
      parts.push_back(build.member(source, kLanes.slice(begin, end),
                                   type.withLanes(end - begin)));
  };
  addLanes(0, lane);
  parts.push_back(lowering.takeAssigned(scalar, type.element()));
  addLanes(lane + 1, type.lanes);
  return build.call(type.str(), parts, type);
}

static FailureOr<Expression> broadcast(Lowering &lowering, Operation *op,
                                       const Rule &) {
  Value source = op->getOperand(0);
  bool isSigned = lowering.signs.isSigned(source);
  MSLType type = Lowering::typeOf(op->getResult(0), isSigned);
  MSLType from = Lowering::typeOf(source, isSigned);
  if (from.isVector() && from.lanes != type.lanes)
    return lowering.refuse(op) << "a broadcast of a vector";
  // A scalar stands for a vector of equal lanes.
  return lowering.takeTyped(source, from);
}

static FailureOr<Expression> shuffle(Lowering &lowering, Operation *op,
                                     const Rule &) {
  auto shuffle = cast<vector::ShuffleOp>(op);
  Value a = shuffle.getV1(), b = shuffle.getV2();
  bool isSigned = lowering.signs.isSigned(op->getResult(0));
  MSLType type = Lowering::typeOf(op->getResult(0), isSigned);
  MSLType typeA = Lowering::typeOf(a, isSigned),
          typeB = Lowering::typeOf(b, isSigned);
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
  Expression left = lowering.takeTyped(a, typeA),
             right = lowering.takeTyped(b, typeB);
  unsigned runsOfSecond =
      llvm::count_if(runs, [](const auto &run) { return run.first; });
  if (runs.size() - runsOfSecond > 1)
    left = lowering.takeRepeated(a, std::move(left));
  if (runsOfSecond > 1)
    right = lowering.takeRepeated(b, std::move(right));
  SmallVector<Expression, 4> parts;
  for (auto &[isSecond, lanes] : runs) {
    const Expression &source = isSecond ? right : left;
    bool isWhole = lanes == kLanes.take_front((isSecond ? typeB : typeA).lanes);
    parts.push_back(isWhole ? source
                            : lowering.build.member(
                                  source, lanes, type.withLanes(lanes.size())));
  }
  if (parts.size() == 1)
    return parts.front();
  return lowering.build.call(type.str(), parts, type);
}

namespace {
/// How two lanes are combined: by an operator or a function.
struct Combination {
  std::optional<Operator> op;
  StringRef function = {};
};
} // namespace

static std::optional<Combination> getCombination(vector::CombiningKind kind) {
  switch (kind) {
  case vector::CombiningKind::ADD:
    return Combination{Operator::Add};
  case vector::CombiningKind::MUL:
    return Combination{Operator::Multiply};
  case vector::CombiningKind::AND:
    return Combination{Operator::BitAnd};
  case vector::CombiningKind::OR:
    return Combination{Operator::BitOr};
  case vector::CombiningKind::XOR:
    return Combination{Operator::BitXor};
  case vector::CombiningKind::MAXSI:
  case vector::CombiningKind::MAXUI:
    return Combination{std::nullopt, "max"};
  case vector::CombiningKind::MINSI:
  case vector::CombiningKind::MINUI:
    return Combination{std::nullopt, "min"};
  case vector::CombiningKind::MAXNUMF:
    return Combination{std::nullopt, "fmax"};
  case vector::CombiningKind::MINNUMF:
    return Combination{std::nullopt, "fmin"};
  default:
    return std::nullopt;
  }
}

static bool getSign(vector::CombiningKind kind, bool isSigned) {
  switch (kind) {
  case vector::CombiningKind::MAXSI:
  case vector::CombiningKind::MINSI:
    return true;
  case vector::CombiningKind::MAXUI:
  case vector::CombiningKind::MINUI:
    return false;
  default:
    return isSigned;
  }
}

static FailureOr<Expression> reduce(Lowering &lowering, Operation *op,
                                    const Rule &) {
  ExpressionBuilder &build = lowering.build;
  auto reduction = cast<vector::ReductionOp>(op);
  Value vector = reduction.getVector();
  std::optional<Combination> combination = getCombination(reduction.getKind());
  if (!combination)
    return lowering.refuse(op) << "a reduction that propagates NaN";
  std::optional<Operator> which = combination->op;
  MSLType type = Lowering::typeOf(
      vector, getSign(reduction.getKind(), lowering.signs.isSigned(vector)));
  if (!type.isVector())
    return lowering.refuse(op) << "a reduction of a scalar";
  Expression source = lowering.takeTyped(vector, type);
  if (type.isBool()) {
    if (reduction.getAcc() || which == Operator::BitXor)
      return lowering.refuse(op) << "this reduction of booleans";
    return build.call(which == Operator::BitAnd ? "all" : "any", source,
                      type.element());
  }
  source = lowering.takeRepeated(vector, std::move(source));
  SmallVector<Expression, 5> parts;
  if (Value start = reduction.getAcc())
    parts.push_back(lowering.takeTyped(start, type.element()));
  for (unsigned lane = 0; lane < type.lanes; ++lane)
    parts.push_back(
        build.member(source, kLanes.substr(lane, 1), type.element()));
  MSLType partType = type.element();
  if (!which && type.kind == Kind::BFloat) {
    // The library computes in `float`.
    partType = kFloat;
    for (Expression &part : parts)
      part = build.convert(std::move(part), kFloat);
  }
  // The order of the lanes is ours: a part of a sum may overflow where the
  // whole does not.
  bool isExact = which && isBitwise(*which);
  Expression result = parts.front();
  for (Expression &part : llvm::drop_begin(parts)) {
    if (!which)
      result = build.call(combination->function, {result, part}, partType);
    else if (partType.isInteger())
      result =
          build.integer(std::move(result), *which, part, partType, isExact);
    else
      result = build.binary(std::move(result), *which, part, partType);
  }
  return build.convert(std::move(result),
                       result.type.isInteger() ? result.type : type.element());
}

static LogicalResult lowerElements(Lowering &lowering, Operation *op) {
  if (failed(lowering.checkTypes(op)))
    return failure();
  auto elements = cast<vector::ToElementsOp>(op);
  Value source = elements.getSource();
  MSLType type = lowering.typeOf(source);
  Expression vector = lowering.takeTyped(source, type);
  if (op->getNumResults() > 1)
    vector = lowering.takeRepeated(source, std::move(vector));
  for (auto [i, element] : llvm::enumerate(elements.getElements()))
    if (!element.use_empty())
      lowering.define(
          element,
          lowering.build.member(vector, kLanes.substr(i, 1), type.element()));
  return success();
}

/// The words of a part of what one access takes; nothing if these are not
/// whole.
static std::optional<MSLType> getPartWords(VectorType part) {
  int64_t bits =
      part.getElementType().getIntOrFloatBitWidth() * part.getNumElements();
  if (bits % 32 != 0)
    return std::nullopt;
  return kUInt.withLanes(bits / 32);
}

/// Vectors of what one access took: `as_type<half4>(words.xy)`.
static LogicalResult splitAccess(Lowering &lowering, Operation *op) {
  auto split = cast<SplitAccessOp>(op);
  Value whole = split.getWhole();
  std::optional<unsigned> numWords =
      getNumWords(cast<VectorType>(whole.getType()));
  std::optional<MSLType> part =
      getPartWords(cast<VectorType>(split.getParts().front().getType()));
  if (!numWords || !part)
    return lowering.refuse(op) << "an access to " << whole.getType();
  Expression words = lowering.takeRepeated(
      whole, lowering.takeTyped(whole, kUInt.withLanes(*numWords)));
  for (auto [i, result] : llvm::enumerate(split.getParts())) {
    if (result.use_empty())
      continue;
    MSLType type = lowering.typeOf(result);
    Expression lanes = lowering.build.member(
        words, kLanes.substr(i * part->lanes, part->lanes), *part);
    lowering.define(result, lowering.build.call("as_type<" + type.str() + ">",
                                                lanes, type));
  }
  return success();
}

/// What one access stores: `uint4(as_type<uint2>(a), as_type<uint2>(b))`.
static FailureOr<Expression> joinAccess(Lowering &lowering, Operation *op,
                                        const Rule &) {
  auto join = cast<JoinAccessOp>(op);
  auto type = cast<VectorType>(join.getType());
  std::optional<unsigned> numWords = getNumWords(type);
  std::optional<MSLType> part =
      getPartWords(cast<VectorType>(join.getParts().front().getType()));
  if (!numWords || !part)
    return lowering.refuse(op) << "an access to " << type;
  SmallVector<Expression, 4> parts;
  for (Value operand : join.getParts())
    parts.push_back(lowering.build.call(
        "as_type<" + part->str() + ">",
        lowering.takeTyped(operand, lowering.typeOf(operand)), *part));
  MSLType whole = kUInt.withLanes(*numWords);
  return lowering.build.call(whole.str(), parts, whole);
}

void enigma::msl::addVectorRules(Rules &rules) {
  rules.add<vector::FromElementsOp>(makeVector);
  rules.add<vector::ExtractOp>(extractLane);
  rules.add<vector::InsertOp>(insertLane);
  rules.add<vector::BroadcastOp>(broadcast);
  rules.add<vector::ShuffleOp>(shuffle);
  rules.add<JoinAccessOp>(joinAccess);
  rules.add<vector::ReductionOp>(reduce);
  rules.addStatement<vector::ToElementsOp>(lowerElements);
  rules.addStatement<SplitAccessOp>(splitAccess);
}
