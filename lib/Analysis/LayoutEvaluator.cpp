// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Analysis/LayoutEvaluator.h"

#include "enigma/IR/LayoutEvaluation.h"
#include "enigma/IR/LayoutOps.h"
#include "enigma/IR/MathOps.h"
#include "enigma/Utils/Constants.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Names.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace enigma;
using layout::Expr;
using layout::Int;
using layout::IntTuple;
using OverflowOp = arith::ArithIntegerOverflowFlagsInterface;

bool enigma::isLayoutType(Type type) {
  return isa<EnigmaDialect>(type.getDialect()) &&
         isa<IntTupleType, LayoutType, TilerType, ViewType, CoordViewType>(
             type);
}

int64_t LinearForm::Term::getDivisor() const {
  int64_t product;
  if (__builtin_mul_overflow(std::abs(factor), atom.divisor(), &product))
    return std::abs(factor);
  return product;
}

int64_t LinearForm::getTermsDivisor() const {
  int64_t divisor = 0;
  for (const Term &term : terms)
    divisor = std::gcd(divisor, term.getDivisor());
  return divisor;
}

/// A power of two that divides the value, however its arithmetic wraps.
static int64_t getDivisor(Value value, unsigned depth = 0) {
  constexpr unsigned maxDepth = 16;
  constexpr int64_t most = int64_t(1) << 30;
  APInt constant;
  if (isConstant(value, constant))
    return constant.isZero() ? most
                             : std::min(most, int64_t(1) << std::min<unsigned>(
                                                  constant.countr_zero(), 30));
  Operation *op = value.getDefiningOp();
  if (!op || depth == maxDepth)
    return 1;
  auto operand = [&](unsigned i) {
    return getDivisor(op->getOperand(i), depth + 1);
  };
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(op))
    return operand(0);
  if (isa<arith::MulIOp>(op))
    return std::min(most, operand(0) * operand(1));
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return std::min(operand(0), operand(1));
  if (isa<arith::AndIOp>(op))
    return std::max(operand(0), operand(1));
  if (auto shift = dyn_cast<arith::ShLIOp>(op)) {
    APInt amount;
    if (isConstant(shift.getRhs(), amount) && amount.ult(31))
      return std::min(most, operand(0) << amount.getZExtValue());
  }
  return 1;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

LayoutEvaluator::LayoutEvaluator(KernelOp kernel)
    : kernel(kernel), builder(kernel.getContext()),
      noFlags(arith::IntegerOverflowFlagsAttr::get(
          kernel.getContext(), arith::IntegerOverflowFlags::none)),
      signedLess(arith::CmpIPredicateAttr::get(kernel.getContext(),
                                               arith::CmpIPredicate::slt)),
      unsignedLess(arith::CmpIPredicateAttr::get(kernel.getContext(),
                                                 arith::CmpIPredicate::ult)) {}

void LayoutEvaluator::forgetBuilt() {
  ranges.clear();
  atoms.clear();
  constants.clear();
  binaries.clear();
  sums.clear();
  conditions.clear();
  built.clear();
  ends.clear();
  places.clear();
}

LogicalResult LayoutEvaluator::run() {
  if (isEvaluated) {
    forgetBuilt();
    return success();
  }
  isEvaluated = true;
  WalkResult result = kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Region &region : op->getRegions())
      for (BlockArgument argument : region.getArguments())
        if (isLayoutType(argument.getType())) {
          op->emitOpError("carries ")
              << argument.getType()
              << ", which is not known where the kernel is compiled; carry the "
                 "integers that it is made of instead";
          return WalkResult::interrupt();
        }
    return WalkResult(evaluate(op));
  });
  return failure(result.wasInterrupted());
}

Int LayoutEvaluator::getLeaf(Value index) {
  auto known = leaves.find(index);
  if (known != leaves.end())
    return known->second;
  // What an operation of the algebra measures is no symbol: the operation goes.
  auto measured = values.find(index);
  if (measured != values.end())
    return measured->second->tuple.leaf(0);
  Int leaf;
  APInt constant;
  if (isConstant(index, constant) && constant.isSignedIntN(62)) {
    leaf = Int(constant.getSExtValue());
  } else {
    leaf = pool.symbol(llvm::utostr(symbols.size()), getDivisor(index));
    symbols.push_back(index);
  }
  leaves[index] = leaf;
  return leaf;
}

template <typename... Parts>
LayoutValue &LayoutEvaluator::set(Value value, Parts &&...parts) {
  LayoutValue &found = known.emplace_back(std::forward<Parts>(parts)...);
  values[value] = &found;
  return found;
}

const LayoutValue &LayoutEvaluator::get(Value value) {
  auto found = values.find(value);
  if (found != values.end())
    return *found->second;
  if (isa<IndexType>(value.getType()))
    return set(value, getLeaf(value));
  if (value.getDefiningOp<StaticOp>())
    return set(value, LayoutValue::get(value.getType(),
                                       [](const Int &leaf) { return leaf; }));
  LayoutValue &opaque = set(value);
  opaque.elementType = value.getType();
  opaque.buffer = value;
  return opaque;
}

LogicalResult LayoutEvaluator::evaluate(Operation *op) {
  if (auto tuple = dyn_cast<MakeIntTupleOp>(op)) {
    unsigned next = 0;
    set(tuple, LayoutValue::get(tuple.getType(), [&](const Int &leaf) {
          Int actual = getLeaf(tuple.getLeaves()[next++]);
          // Both the type and the operation may know what divides the leaf.
          if (actual.isDynamic() && actual.divisor() % leaf.divisor() != 0) {
            int64_t divisor = std::lcm(actual.divisor(), leaf.divisor());
            actual = Int::dynamic(divisor, actual.exprRef());
          }
          return actual.withBasis(leaf.basis());
        }));
    return success();
  }
  // Its type tells all, when it is asked for.
  if (isa<StaticOp>(op))
    return success();
  if (!isa<LayoutOpInterface>(op)) {
    for (Value result : op->getResults())
      if (isLayoutType(result.getType()))
        return op->emitOpError("chooses ")
               << result.getType()
               << " at run time; choose between the integers that it is made "
                  "of instead";
    return success();
  }
  auto evaluated = evaluateForTypes(op);
  if (!evaluated)
    return attachRemedy(op->emitOpError(evaluated.message()),
                        evaluated.error());
  LeafSubstitution actual(**evaluated);
  for (Value operand : op->getOperands())
    actual.add(get(operand));
  for (auto [result, value] :
       llvm::zip_equal(op->getResults(), (*evaluated)->results)) {
    LayoutValue &resolved = set(result, value);
    actual.resolve(resolved);
    bool isInvalid = false, isTooDeep = false;
    visitLeaves(resolved, [&](const Int &leaf) {
      isInvalid |= leaf.isInvalid();
      isTooDeep |= leaf.isTooDeep();
    });
    if (isInvalid)
      return op->emitOpError("leaves the range of 64-bit integers");
    if (isTooDeep) {
      InFlightDiagnostic error = op->emitOpError();
      error << "is computed in thousands of steps";
      error.attachNote() << "help: compute it in the kernel, and make a layout "
                            "or a coordinate of the result";
      return error;
    }
    if (resolved.isView())
      resolved.buffer =
          get(op->getOperand(isa<RecastTensorOp>(op) ? 1 : 0)).buffer;
  }
  setIndexBits(op);
  if (auto recast = dyn_cast<RecastTensorOp>(op))
    return checkRecast(recast);
  return success();
}

LogicalResult LayoutEvaluator::checkRecast(RecastTensorOp op) {
  ViewType from = op.getTensor().getType();
  auto to = cast<ViewType>(op.getType());
  int64_t old = BufferType::getElementBytes(from.getElementType()),
          wanted = BufferType::getElementBytes(to.getElementType());
  int64_t whole = wanted / std::gcd(old, wanted);
  const LayoutValue &view = get(op.getTensor());
  if (layout::divides(whole, view.tuple.leaf(0)))
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError();
  diagnostic << "begins at an element of " << from.getElementType()
             << " whose number is not known to be a multiple of " << whole
             << ": no element of " << to.getElementType() << " begins there";
  diagnostic.attachNote() << "help: recast the whole tensor, and slice what "
                             "that gives";
  return diagnostic;
}

void LayoutEvaluator::setIndexBits(Operation *op) {
  if (op->getNumResults() != 1 || !isa<ViewType>(op->getResult(0).getType()))
    return;
  if (!isa<MakeTensorOp>(op)) {
    // Elements of a part are elements of the whole.
    auto whole = indexBits.find(op->getOperand(0));
    if (whole == indexBits.end())
      return;
    unsigned bits = whole->second;
    if (auto recast = dyn_cast<RecastTensorOp>(op)) {
      int64_t old = BufferType::getElementBytes(
                  recast.getTensor().getType().getElementType()),
              wanted = BufferType::getElementBytes(
                  cast<ViewType>(recast.getType()).getElementType());
      bits += llvm::Log2_64_Ceil(llvm::divideCeil(old, wanted));
    }
    indexBits[op->getResult(0)] = bits;
    return;
  }
  const LayoutValue &view = get(op->getResult(0));
  if (!view.layout.layout().isStatic() || !view.layout.offset().isStatic() ||
      !view.tuple.isStatic())
    return;
  // Strides that go back reach as far as those that go on.
  uint64_t last = std::abs(view.tuple.leaf(0).value());
  last += std::abs(view.layout.offset().value());
  for (auto [extent, stride] : llvm::zip_equal(view.layout.layout().shapes(),
                                               view.layout.layout().strides()))
    last += (extent.value() - 1) * std::abs(stride.value());
  const layout::Swizzle &swizzle = view.layout.swizzle();
  last |= swizzle.sourceMask() | swizzle.targetMask();
  unsigned bits = llvm::Log2_64(last | 1) + 1;
  // A tile that overhangs is less than twice as large as what it tiles. What
  // does not fit 32 bits then is out of bounds.
  indexBits[op->getResult(0)] = bits < 32 ? bits + 1 : bits;
}

std::optional<unsigned> LayoutEvaluator::getIndexBits(Value tensor) const {
  auto known = indexBits.find(tensor);
  if (known == indexBits.end())
    return std::nullopt;
  return known->second;
}

ArrayRef<LinearForm> LayoutEvaluator::getOffsets(const LayoutValue &view) {
  auto [known, isNew] = offsetsOf.try_emplace(&view);
  SmallVector<LinearForm, 0> &offsets = known->second;
  if (!isNew)
    return offsets;
  const layout::Layout &elements = view.layout.layout();
  SmallVector<LinearForm, 4> steps;
  for (const Int &stride : elements.strides())
    steps.push_back(linearize(stride));
  LinearForm start =
      linearize(view.isSwizzled() ? view.layout.offset() : view.tuple.leaf(0));
  offsets.assign(elements.size().value(), start);
  for (auto [element, offset] : llvm::enumerate(offsets)) {
    int64_t rest = element;
    for (auto [extent, step] : llvm::zip_equal(elements.shapes(), steps)) {
      if (int64_t digit = rest % extent.value())
        add(offset, step, digit);
      rest /= extent.value();
    }
    joinDigits(offset);
  }
  return offsets;
}

LinearForm LayoutEvaluator::getBase(const LayoutValue &view) {
  if (view.isSwizzled())
    return linearize(view.tuple.leaf(0));
  return {};
}

//===----------------------------------------------------------------------===//
// Linear forms
//===----------------------------------------------------------------------===//

LinearForm LayoutEvaluator::linearize(const Int &leaf) {
  LinearForm form;
  if (leaf.isStatic()) {
    form.constant = leaf.value();
    return form;
  }
  const Expr *expr = leaf.expr();
  assert(expr && "every dynamic leaf of a kernel is an expression");
  auto known = forms.find(expr);
  if (known != forms.end())
    return known->second;
  switch (expr->kind()) {
  case Expr::Kind::Add:
    form = linearizeSum(expr->lhs(), expr->rhs());
    break;
  case Expr::Kind::Mul:
    if (expr->rhs().isStatic()) {
      add(form, linearize(expr->lhs()), expr->rhs().value());
      break;
    }
    form = multiply(leaf);
    break;
  default:
    form = simplifyAtom(leaf);
    break;
  }
  forms[expr] = form;
  return form;
}

LinearForm LayoutEvaluator::linearizeSum(const Int &a, const Int &b) {
  LinearForm form = linearize(a);
  add(form, linearize(b), 1);
  joinDigits(form);
  return form;
}

// Addresses wrap in 64 bits, as the arithmetic that is built does.
static int64_t product(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) * uint64_t(b));
}
static int64_t plus(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) + uint64_t(b));
}

LinearForm LayoutEvaluator::multiply(const Int &leaf) {
  const Expr *expr = leaf.expr();
  LinearForm lhs = linearize(expr->lhs()), rhs = linearize(expr->rhs());
  LinearForm form;
  if (lhs.terms.empty() || rhs.terms.empty()) {
    if (lhs.terms.empty())
      add(form, rhs, lhs.constant);
    else
      add(form, lhs, rhs.constant);
    return form;
  }
  // Numbers go to the front, so that x * (n * 4) shares x * n with others.
  int64_t factor = 1;
  auto getAtom = [&](const LinearForm &side, const Int &whole) {
    if (side.terms.size() != 1 || side.constant != 0)
      return whole;
    factor = product(factor, side.terms[0].factor);
    return side.terms[0].atom;
  };
  Int atom = layout::mul(getAtom(lhs, expr->lhs()), getAtom(rhs, expr->rhs()));
  LinearForm::Term term = {atom, factor};
  if (!atom.isDynamic() || term.getDivisor() % leaf.divisor() != 0)
    term = {leaf.withoutBasis(), 1};
  form.terms.push_back(term);
  return form;
}

void LayoutEvaluator::add(LinearForm &sum, const LinearForm &form,
                          int64_t factor) {
  sum.constant = plus(sum.constant, product(form.constant, factor));
  if (form.terms.empty())
    return;
  for (const LinearForm::Term &term : form.terms) {
    auto *same = llvm::find_if(sum.terms, [&](const LinearForm::Term &other) {
      return other.atom.expr() == term.atom.expr();
    });
    int64_t scaled = product(term.factor, factor);
    if (same == sum.terms.end())
      sum.terms.push_back({term.atom, scaled});
    else
      same->factor = plus(same->factor, scaled);
  }
  llvm::erase_if(sum.terms,
                 [](const LinearForm::Term &term) { return !term.factor; });
  auto isBefore = [](const LinearForm::Term &a, const LinearForm::Term &b) {
    return a.atom.expr()->id() < b.atom.expr()->id();
  };
  if (!llvm::is_sorted(sum.terms, isBefore))
    llvm::sort(sum.terms, isBefore);
}

void LayoutEvaluator::joinDigits(LinearForm &sum) {
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i = 0; i < sum.terms.size() && !changed; ++i) {
      LinearForm::Term low = sum.terms[i];
      const Expr *mod = low.atom.expr();
      if (mod->kind() != Expr::Kind::FloorMod || !mod->rhs().isStatic())
        continue;
      for (unsigned j = 0; j < sum.terms.size(); ++j) {
        const Expr *div = sum.terms[j].atom.expr();
        int64_t factor;
        if (div->kind() != Expr::Kind::FloorDiv || div->rhs() != mod->rhs() ||
            div->lhs().expr() != mod->lhs().expr() ||
            __builtin_mul_overflow(low.factor, mod->rhs().value(), &factor) ||
            factor != sum.terms[j].factor)
          continue;
        Int whole = mod->lhs();
        sum.terms.erase(sum.terms.begin() + std::max(i, j));
        sum.terms.erase(sum.terms.begin() + std::min(i, j));
        add(sum, linearize(whole), low.factor);
        changed = true;
        break;
      }
    }
  }
}

LinearForm LayoutEvaluator::simplifyAtom(const Int &leaf) {
  const Expr *expr = leaf.expr();
  switch (expr->kind()) {
  case Expr::Kind::FloorMod:
  case Expr::Kind::FloorDiv:
    if (expr->rhs().isStatic())
      return simplifyDivision(leaf);
    break;
  case Expr::Kind::And:
  case Expr::Kind::Xor:
    return simplifyBitwise(leaf);
  default:
    break;
  }
  LinearForm form;
  form.terms.push_back({leaf.withoutBasis(), 1});
  return form;
}

Int LayoutEvaluator::toInt(const LinearForm &form) {
  Int sum(form.constant);
  for (const LinearForm::Term &term : llvm::reverse(form.terms))
    sum = layout::add(layout::mul(term.atom, term.factor), sum);
  return sum;
}

LinearForm LayoutEvaluator::simplifyDivision(const Int &leaf) {
  const Expr *expr = leaf.expr();
  bool isDiv = expr->kind() == Expr::Kind::FloorDiv;
  int64_t divisor = expr->rhs().value();
  // Multiples of the divisor are no part of a remainder, and leave a quotient
  // as they are.
  LinearForm multiple, rest, dividend = linearize(expr->lhs());
  for (const LinearForm::Term &term : dividend.terms) {
    if (term.factor % divisor == 0)
      multiple.terms.push_back({term.atom, term.factor / divisor});
    else
      rest.terms.push_back(term);
  }
  multiple.constant = layout::floorDiv(dividend.constant, divisor);
  rest.constant = layout::floorMod(dividend.constant, divisor);
  LinearForm form = isDiv ? multiple : LinearForm();
  Range range = getRange(rest);
  if (range.min >= 0 && range.max < divisor) {
    if (!isDiv)
      form = rest;
    return form;
  }
  Int remaining = leaf.withoutBasis();
  if (!multiple.terms.empty() || multiple.constant != 0)
    remaining = isDiv ? layout::floorDiv(toInt(rest), divisor)
                      : layout::floorMod(toInt(rest), divisor);
  if (remaining.isDynamic() && remaining.expr()->kind() == expr->kind()) {
    LinearForm atom;
    atom.terms.push_back({remaining, 1});
    add(form, atom, 1);
  } else {
    add(form, linearize(remaining), 1);
  }
  return form;
}

LinearForm LayoutEvaluator::simplifyBitwise(const Int &leaf) {
  const Expr *expr = leaf.expr();
  LinearForm a = linearize(expr->lhs()), b = linearize(expr->rhs());
  LinearForm form;
  if (!hasDisjointBits(a) || !hasDisjointBits(b)) {
    form.terms.push_back({leaf.withoutBasis(), 1});
    return form;
  }
  // No sum has a carry, so each bit depends on the same bits of terms alone.
  uint64_t bitsA = getBits(a), bitsB = getBits(b);
  if (expr->kind() == Expr::Kind::And) {
    // Only what the other side may let through counts.
    auto restrict = [&](LinearForm &side, uint64_t bits) {
      llvm::erase_if(side.terms, [&](const LinearForm::Term &term) {
        return (getBits(term) & bits) == 0;
      });
      side.constant &= bits;
    };
    restrict(a, bitsB);
    restrict(b, bitsA);
    if (!b.terms.empty()) {
      form.terms.push_back({leaf.withoutBasis(), 1});
      return form;
    }
    uint64_t mask = b.constant;
    form.constant = a.constant & mask;
    LinearForm masked;
    for (const LinearForm::Term &term : a.terms)
      ((getBits(term) & ~mask) == 0 ? form : masked).terms.push_back(term);
    if (!masked.terms.empty()) {
      LinearForm atom;
      atom.terms.push_back({layout::bitAnd(toInt(masked), int64_t(mask)), 1});
      add(form, atom, 1);
    }
    return form;
  }
  // What meets no bit of the other side stands beside it.
  uint64_t constant = a.constant ^ b.constant;
  a.constant = b.constant = 0;
  auto takeApart = [&](LinearForm &side, uint64_t bits) {
    llvm::erase_if(side.terms, [&](const LinearForm::Term &term) {
      if ((getBits(term) & bits) != 0)
        return false;
      form.terms.push_back(term);
      return true;
    });
  };
  takeApart(a, bitsB);
  takeApart(b, bitsA);
  LinearForm mixed;
  uint64_t bitsMixed = getBits(a) | getBits(b);
  mixed.constant = constant & bitsMixed;
  Int joined =
      layout::bitXor(layout::bitXor(toInt(a), toInt(b)), mixed.constant);
  LinearForm atom;
  if (joined.isDynamic() && joined.expr()->kind() == Expr::Kind::Xor)
    atom.terms.push_back({joined, 1});
  else
    atom = linearize(joined);
  add(form, atom, 1);
  form.constant += constant & ~bitsMixed;
  return form;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

LayoutEvaluator::Range LayoutEvaluator::anything() {
  return {std::numeric_limits<int64_t>::min(),
          std::numeric_limits<int64_t>::max()};
}

LayoutEvaluator::Range LayoutEvaluator::getRange(Value value, unsigned depth) {
  constexpr unsigned maxDepth = 32;
  auto known = ranges.find(value);
  if (known != ranges.end())
    return known->second;
  if (depth > maxDepth || !value.getType().isIntOrIndex())
    return anything();
  unsigned width = ConstantIntRanges::getStorageBitwidth(value.getType());
  auto fromRange = [](const ConstantIntRanges &range) -> Range {
    if (range.smin().getBitWidth() > 64)
      return anything();
    return {range.smin().getSExtValue(), range.smax().getSExtValue()};
  };
  auto toRange = [&](Value operand) {
    unsigned bits = ConstantIntRanges::getStorageBitwidth(operand.getType());
    Range range = getRange(operand, depth + 1);
    if (range.min == anything().min || range.max == anything().max)
      return ConstantIntRanges::maxRange(bits);
    return ConstantIntRanges::fromSigned(
        APInt(bits, range.min, /*isSigned=*/true, /*implicitTrunc=*/true),
        APInt(bits, range.max, /*isSigned=*/true, /*implicitTrunc=*/true));
  };
  Range result = fromRange(ConstantIntRanges::maxRange(width));
  APInt constant;
  if (isConstant(value, constant)) {
    if (constant.getBitWidth() <= 64)
      result = {constant.getSExtValue(), constant.getSExtValue()};
  } else if (auto known = KernelOp::getArgRange(value)) {
    result = fromRange(*known);
  } else if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (loop && argument == loop.getInductionVar() && !loop.getUnsignedCmp()) {
      Range lower = getRange(loop.getLowerBound(), depth + 1);
      Range upper = getRange(loop.getUpperBound(), depth + 1);
      if (lower.min < upper.max)
        result = {lower.min, upper.max - 1};
    }
  } else if (auto cast = value.getDefiningOp<arith::IndexCastUIOp>()) {
    // Queries of threads have numbers up to 2^32 - 1.
    Value source = cast.getIn();
    Range range = getRange(source, depth + 1);
    unsigned bits = ConstantIntRanges::getStorageBitwidth(source.getType());
    if (bits < 64)
      result =
          range.min >= 0 ? range : Range{0, int64_t((uint64_t(1) << bits) - 1)};
  } else if (auto op = value.getDefiningOp<InferIntRangeInterface>()) {
    if (llvm::all_of(op->getOperandTypes(),
                     [](Type type) { return type.isIntOrIndex(); })) {
      SmallVector<ConstantIntRanges> operands;
      for (Value operand : op->getOperands())
        operands.push_back(toRange(operand));
      op.inferResultRanges(operands,
                           [&](Value inferred, const ConstantIntRanges &range) {
                             if (inferred == value)
                               result = fromRange(range);
                           });
    }
  }
  ranges[value] = result;
  return result;
}

static int64_t clampedAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return a < 0 ? std::numeric_limits<int64_t>::min()
                 : std::numeric_limits<int64_t>::max();
  return sum;
}

static int64_t clampedMul(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return (a < 0) != (b < 0) ? std::numeric_limits<int64_t>::min()
                              : std::numeric_limits<int64_t>::max();
  return product;
}

LayoutEvaluator::Range LayoutEvaluator::getRange(const Int &atom) {
  if (atom.isStatic())
    return {atom.value(), atom.value()};
  const Expr *expr = atom.expr();
  switch (expr->kind()) {
  case Expr::Kind::Symbol: {
    unsigned number = 0;
    expr->name().getAsInteger(10, number);
    return getRange(symbols[number]);
  }
  case Expr::Kind::FloorMod:
    if (expr->rhs().isStatic())
      return {0, expr->rhs().value() - 1};
    return {0, std::numeric_limits<int64_t>::max()};
  case Expr::Kind::FloorDiv: {
    Range dividend = getRange(linearize(expr->lhs()));
    if (expr->rhs().isStatic())
      return {layout::floorDiv(dividend.min, expr->rhs().value()),
              layout::floorDiv(dividend.max, expr->rhs().value())};
    if (dividend.isNonNegative())
      return {0, dividend.max};
    return anything();
  }
  case Expr::Kind::CeilDiv: {
    Range dividend = getRange(linearize(expr->lhs()));
    if (dividend.isNonNegative())
      return {dividend.min > 0 ? 1 : 0, dividend.max};
    return anything();
  }
  case Expr::Kind::Mul: {
    Range a = getRange(linearize(expr->lhs()));
    Range b = getRange(linearize(expr->rhs()));
    if (a.isNonNegative() && b.isNonNegative())
      return {clampedMul(a.min, b.min), clampedMul(a.max, b.max)};
    return anything();
  }
  case Expr::Kind::Abs:
    return {0, std::numeric_limits<int64_t>::max()};
  case Expr::Kind::And:
  case Expr::Kind::Xor: {
    Range a = getRange(linearize(expr->lhs()));
    Range b = getRange(linearize(expr->rhs()));
    bool isAnd = expr->kind() == Expr::Kind::And;
    if (isAnd && (a.isNonNegative() || b.isNonNegative()))
      return {0, !a.isNonNegative()   ? b.max
                 : !b.isNonNegative() ? a.max
                                      : std::min(a.max, b.max)};
    if (isAnd || !a.isNonNegative() || !b.isNonNegative())
      return anything();
    // No bit above the highest one of either.
    return {0, int64_t(llvm::maskTrailingOnes<uint64_t>(
                   llvm::Log2_64((a.max | b.max) | 1) + 1))};
  }
  case Expr::Kind::Add:
    return anything();
  }
  llvm_unreachable("unknown kind of expression");
}

LayoutEvaluator::Range LayoutEvaluator::getRange(const LinearForm &form) {
  Range sum = {form.constant, form.constant};
  for (const LinearForm::Term &term : form.terms) {
    Range range = getRange(term.atom);
    int64_t a = clampedMul(range.min, term.factor);
    int64_t b = clampedMul(range.max, term.factor);
    sum = {clampedAdd(sum.min, std::min(a, b)),
           clampedAdd(sum.max, std::max(a, b))};
  }
  return sum;
}

/// The bits from the lowest one of `divisor` to the highest one of `max`.
static uint64_t getBitsBetween(int64_t divisor, int64_t max) {
  unsigned high = max == 0 ? 0 : llvm::Log2_64(max) + 1;
  uint64_t below = (uint64_t(divisor) & -uint64_t(divisor)) - 1;
  return (high == 64 ? ~uint64_t(0) : (uint64_t(1) << high) - 1) & ~below;
}

uint64_t LayoutEvaluator::getBits(const Int &atom) {
  Range range = getRange(atom);
  if (!range.isNonNegative())
    return ~uint64_t(0);
  uint64_t bits = getBitsBetween(atom.divisor(), range.max);
  const Expr *expr = atom.expr();
  if (expr->kind() == Expr::Kind::And)
    bits &= getBits(linearize(expr->lhs())) & getBits(linearize(expr->rhs()));
  else if (expr->kind() == Expr::Kind::Xor)
    bits &= getBits(linearize(expr->lhs())) | getBits(linearize(expr->rhs()));
  return bits;
}

uint64_t LayoutEvaluator::getBits(const LinearForm::Term &term) {
  Range range = getRange(term.atom);
  if (!range.isNonNegative() || term.factor < 0)
    return ~uint64_t(0);
  if (llvm::isPowerOf2_64(term.factor))
    return getBits(term.atom) << llvm::Log2_64(term.factor);
  return getBitsBetween(term.getDivisor(), clampedMul(range.max, term.factor));
}

uint64_t LayoutEvaluator::getBits(const LinearForm &form) {
  if (hasDisjointBits(form)) {
    uint64_t bits = form.constant;
    for (const LinearForm::Term &term : form.terms)
      bits |= getBits(term);
    return bits;
  }
  Range range = getRange(form);
  if (!range.isNonNegative())
    return ~uint64_t(0);
  int64_t divisor = std::gcd(form.getTermsDivisor(), form.constant);
  return getBitsBetween(divisor, range.max);
}

bool LayoutEvaluator::hasDisjointBits(const LinearForm &form) {
  if (form.constant < 0)
    return form.terms.empty();
  uint64_t taken = form.constant;
  for (const LinearForm::Term &term : form.terms) {
    uint64_t bits = getBits(term);
    if (bits & taken)
      return false;
    taken |= bits;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

LayoutEvaluator::Place LayoutEvaluator::getPlace(Operation *op) const {
  auto place = places.find(op);
  return place != places.end() ? place->second : Place{op, 0, 0};
}

void LayoutEvaluator::setPlace(Operation *op) {
  Place place = {nullptr, -static_cast<int64_t>(places.size()), 0};
  if (Operation *before = op->getPrevNode()) {
    place = getPlace(before);
    ++place.number;
  }
  places[op] = place;
}

bool LayoutEvaluator::isDeeper(Value a, Value b) const {
  Block *blockA = a.getParentBlock(), *blockB = b.getParentBlock();
  if (blockA == blockB) {
    Operation *opA = a.getDefiningOp(), *opB = b.getDefiningOp();
    if (!opA || !opB)
      return opA != nullptr;
    Place placeA = getPlace(opA), placeB = getPlace(opB);
    if (placeA.after == placeB.after)
      return std::tie(placeA.front, placeA.number) >
             std::tie(placeB.front, placeB.number);
    if (!placeA.after || !placeB.after)
      return placeA.after != nullptr;
    return placeB.after->isBeforeInBlock(placeA.after);
  }
  // Both are visible at one place: one block is inside the other.
  return blockB->findAncestorOpInBlock(blockA->back()) != nullptr;
}

void LayoutEvaluator::setInsertionPointAfter(Value a, Value b) {
  Value last = isDeeper(a, b) ? a : b;
  Operation *op = last.getDefiningOp();
  // What was asked for before comes before.
  Operation *&previous =
      ends[op ? static_cast<void *>(op) : last.getParentBlock()];
  Block *block = last.getParentBlock();
  Block::iterator place = previous ? std::next(previous->getIterator())
                          : op     ? std::next(op->getIterator())
                                   : block->begin();
  for (; place != block->end() && built.contains(&*place); ++place)
    previous = &*place;
  builder.setInsertionPoint(block, place);
}

Value LayoutEvaluator::constant(int64_t value) {
  Value &known = constants[value];
  if (!known) {
    builder.setInsertionPointToStart(&kernel.getBody().front());
    arith::ConstantOp::Properties properties;
    properties.value = builder.getIndexAttr(value);
    known = createOp<arith::ConstantOp>(builder, withoutName(kernel.getLoc()),
                                        builder.getIndexType(), {}, properties);
    setPlace(known.getDefiningOp());
  }
  return known;
}

template <typename OpT>
Value LayoutEvaluator::buildBinary(Value a, Value b, Location loc) {
  Value &known = binaries[{OpT::getOperationName().data(),
                           a.getAsOpaquePointer(), b.getAsOpaquePointer()}];
  if (!known) {
    setInsertionPointAfter(a, b);
    PropertiesOf<OpT> properties = {};
    if constexpr (OpT::template hasTrait<OverflowOp::Trait>())
      properties.overflowFlags = noFlags;
    known = createOp<OpT>(builder, loc, a.getType(), {a, b}, properties);
    built.insert(known.getDefiningOp());
    setPlace(known.getDefiningOp());
  }
  return known;
}

Value LayoutEvaluator::buildCompare(arith::CmpIPredicateAttr predicate, Value a,
                                    Value b, Location loc) {
  Value &known = binaries[{predicate.getAsOpaquePointer(),
                           a.getAsOpaquePointer(), b.getAsOpaquePointer()}];
  if (!known) {
    setInsertionPointAfter(a, b);
    arith::CmpIOp::Properties properties;
    properties.predicate = predicate;
    known = createOp<arith::CmpIOp>(builder, loc, builder.getI1Type(), {a, b},
                                    properties);
    built.insert(known.getDefiningOp());
    setPlace(known.getDefiningOp());
  }
  return known;
}

Value LayoutEvaluator::buildAll(ArrayRef<Value> conditions, Location loc) {
  Value all;
  for (Value condition : conditions) {
    if (!all || all == condition)
      all = condition;
    else
      all = buildBinary<arith::AndIOp>(all, condition, withoutName(loc));
  }
  return all;
}

Value LayoutEvaluator::buildDivisor(const Int &extent, Location loc) {
  LinearForm divisor = linearize(extent);
  Value value = build(divisor, loc);
  Range range = getRange(divisor);
  if (range.min > 0)
    return value;
  return range.isNonNegative()
             ? buildBinary<arith::MaxUIOp>(value, constant(1), loc)
             : buildBinary<arith::MaxSIOp>(value, constant(1), loc);
}

Value LayoutEvaluator::buildAtom(const Int &atom, Location loc) {
  const Expr *expr = atom.expr();
  auto known = atoms.find(expr);
  if (known != atoms.end())
    return known->second;
  Value result;
  auto rhsConstant = [&](int64_t value) { return constant(value); };
  switch (expr->kind()) {
  case Expr::Kind::Symbol: {
    unsigned number = 0;
    expr->name().getAsInteger(10, number);
    result = symbols[number];
    break;
  }
  case Expr::Kind::Add:
    result = build(atom, loc);
    break;
  case Expr::Kind::Mul:
    result = buildBinary<arith::MulIOp>(build(expr->lhs(), loc),
                                        build(expr->rhs(), loc), loc);
    break;
  case Expr::Kind::FloorDiv:
  case Expr::Kind::FloorMod: {
    bool isDiv = expr->kind() == Expr::Kind::FloorDiv;
    LinearForm dividend = linearize(expr->lhs());
    bool isNonNegative = getRange(dividend).isNonNegative();
    Value a = build(dividend, loc);
    const Int &divisor = expr->rhs();
    if (divisor.isStatic() && llvm::isPowerOf2_64(divisor.value())) {
      int64_t bits = llvm::Log2_64(divisor.value());
      if (!isDiv)
        result = buildBinary<arith::AndIOp>(a, rhsConstant(divisor.value() - 1),
                                            loc);
      else if (isNonNegative)
        result = buildBinary<arith::ShRUIOp>(a, rhsConstant(bits), loc);
      else
        result = buildBinary<arith::ShRSIOp>(a, rhsConstant(bits), loc);
      break;
    }
    Value b = buildDivisor(divisor, loc);
    if (isNonNegative)
      result = isDiv ? buildBinary<arith::DivUIOp>(a, b, loc)
                     : buildBinary<arith::RemUIOp>(a, b, loc);
    else
      result = isDiv ? buildBinary<arith::FloorDivSIOp>(a, b, loc)
                     : buildBinary<FloormodOp>(a, b, loc);
    break;
  }
  case Expr::Kind::CeilDiv: {
    LinearForm dividend = linearize(expr->lhs());
    Value a = build(dividend, loc), b = buildDivisor(expr->rhs(), loc);
    result = getRange(dividend).isNonNegative()
                 ? buildBinary<arith::CeilDivUIOp>(a, b, loc)
                 : buildBinary<arith::CeilDivSIOp>(a, b, loc);
    break;
  }
  case Expr::Kind::And:
    result = buildBinary<arith::AndIOp>(build(expr->lhs(), loc),
                                        build(expr->rhs(), loc), loc);
    break;
  case Expr::Kind::Xor:
    result = buildBinary<arith::XOrIOp>(build(expr->lhs(), loc),
                                        build(expr->rhs(), loc), loc);
    break;
  case Expr::Kind::Abs: {
    Value a = build(expr->lhs(), loc);
    result = buildBinary<arith::MaxSIOp>(
        a, buildBinary<arith::SubIOp>(constant(0), a, loc), loc);
    break;
  }
  }
  atoms[expr] = result;
  return result;
}

/// How many loops and branches a value is in.
static unsigned getDepth(Value value) {
  unsigned depth = 0;
  for (Operation *op = value.getParentBlock()->getParentOp();
       !isa<KernelOp>(op); op = op->getParentOp())
    ++depth;
  return depth;
}

void LayoutEvaluator::joinProducts(SmallVectorImpl<Summand> &summands,
                                   Location loc) {
  // What is multiplied by one number known at run time is summed before, unless
  // a loop would have to sum what does not change in it.
  struct Group {
    const Expr *by;
    unsigned depth;
    SmallVector<unsigned, 2> members;
    LinearForm sum;
  };
  SmallVector<Group, 2> groups;
  auto addTo = [&](const Int &by, const Int &other, unsigned i) {
    LinearForm rest = linearize(other);
    unsigned depth = 0;
    for (const LinearForm::Term &term : rest.terms)
      depth = std::max(depth, getDepth(buildAtom(term.atom, loc)));
    auto *group = llvm::find_if(groups, [&](const Group &known) {
      return known.by == by.expr() && known.depth == depth;
    });
    if (group == groups.end()) {
      groups.push_back({by.expr(), depth, {}, {}});
      group = &groups.back();
    }
    group->members.push_back(i);
    add(group->sum, rest, summands[i].factor);
  };
  for (auto [i, summand] : llvm::enumerate(summands)) {
    const Expr *expr = summand.atom.expr();
    if (expr->kind() != Expr::Kind::Mul)
      continue;
    addTo(expr->lhs(), expr->rhs(), i);
    if (expr->lhs().expr() != expr->rhs().expr())
      addTo(expr->rhs(), expr->lhs(), i);
  }
  llvm::stable_sort(groups, [](const Group &a, const Group &b) {
    return a.members.size() > b.members.size();
  });
  if (groups.empty() || groups[0].members.size() < 2)
    return;
  Group &largest = groups[0];
  Int by = summands[largest.members[0]].atom.expr()->lhs();
  if (by.expr() != largest.by)
    by = summands[largest.members[0]].atom.expr()->rhs();
  Value joined =
      buildBinary<arith::MulIOp>(build(largest.sum, loc), build(by, loc), loc);
  for (unsigned i : llvm::reverse(ArrayRef(largest.members).drop_front()))
    summands.erase(summands.begin() + i);
  Summand &first = summands[largest.members[0]];
  first.value = joined;
  first.factor = 1;
}

Value LayoutEvaluator::buildSum(Value sum, ArrayRef<LinearForm::Term> terms,
                                Location loc) {
  if (terms.empty())
    return sum;
  Value &known = sums[{sum.getAsOpaquePointer(), LinearForm::getKey(terms)}];
  if (!known)
    known = buildNewSum(sum, terms, loc);
  return known;
}

Value LayoutEvaluator::buildNewSum(Value sum, ArrayRef<LinearForm::Term> terms,
                                   Location loc) {
  SmallVector<Summand, 4> summands;
  for (const LinearForm::Term &term : terms)
    summands.push_back({term.atom, term.factor, {}});
  joinProducts(summands, loc);
  for (Summand &summand : summands)
    if (!summand.value)
      summand.value = buildAtom(summand.atom, loc);
  // What is defined further out first, so that loops keep only what varies;
  // then in the order in which a person writes: large steps first.
  auto key = [](const Summand &summand) {
    bool isProduct = summand.atom.expr()->kind() == Expr::Kind::Mul;
    int64_t step = std::abs(summand.factor);
    return std::make_tuple(getDepth(summand.value), !isProduct, -step);
  };
  llvm::stable_sort(summands, [&](const Summand &a, const Summand &b) {
    return key(a) < key(b);
  });
  for (const Summand &summand : summands) {
    Value value = summand.value;
    if (summand.factor != 1)
      value = buildBinary<arith::MulIOp>(value, constant(summand.factor), loc);
    sum = sum ? buildBinary<arith::AddIOp>(sum, value, loc) : value;
  }
  return sum;
}

Value LayoutEvaluator::addConstant(Value sum, int64_t number, Location loc) {
  if (!sum)
    return constant(number);
  if (number == 0)
    return sum;
  return buildBinary<arith::AddIOp>(sum, constant(number), loc);
}

Value LayoutEvaluator::build(const LinearForm &form, Location loc) {
  loc = withoutName(loc);
  return addConstant(buildSum({}, form.terms, loc), form.constant, loc);
}

Value LayoutEvaluator::buildFrom(const LinearForm &start,
                                 const LinearForm &form, Location loc) {
  // What the elements of a view have in common is summed once.
  SmallVector<LinearForm::Term, 4> common, own;
  for (const LinearForm::Term &term : form.terms)
    (llvm::is_contained(start.terms, term) ? common : own).push_back(term);
  Value sum = buildSum({}, common, loc);
  return addConstant(buildSum(sum, own, loc), form.constant, loc);
}

Value LayoutEvaluator::buildSubscript(const LayoutValue &view,
                                      const IntTuple &coord, Location loc) {
  LinearForm start = linearize(view.tuple.leaf(0));
  // Those of a view that was accessed as a whole are known.
  if (auto known = offsetsOf.find(&view);
      known != offsetsOf.end() && !view.isSwizzled() && coord.isLeaf() &&
      coord.leaf(0).isStatic() &&
      uint64_t(coord.leaf(0).value()) < known->second.size())
    return buildFrom(start, known->second[coord.leaf(0).value()],
                     withoutName(loc));
  // The access was verified against the type, which has the same structure.
  layout::Result<IntTuple> offset = layout::crd2idx(coord, view.layout);
  Int sum = offset ? offset->leaf(0) : Int::invalid();
  if (sum.isInvalid() || sum.isTooDeep())
    return {};
  return buildFrom(start, linearizeSum(view.tuple.leaf(0), sum),
                   withoutName(loc));
}

Value LayoutEvaluator::buildLess(const Int &leaf, const Int &bound,
                                 Location loc) {
  auto [known, isNew] =
      conditions.try_emplace({getNumber(leaf), getNumber(bound)});
  if (isNew)
    known->second = buildNewLess(leaf, bound, loc);
  return known->second;
}

Value LayoutEvaluator::buildNewLess(const Int &leaf, const Int &bound,
                                    Location loc) {
  LinearForm index = linearize(leaf), limit = linearize(bound);
  Range indices = getRange(index), limits = getRange(limit);
  if (indices.max < limits.min)
    return {};
  // x + c < n says the same as x + c' < n for c' = c rounded down to a number
  // that divides x and n: elements share a condition where they can.
  int64_t divisor = std::gcd(index.getTermsDivisor(),
                             std::gcd(limit.getTermsDivisor(), limit.constant));
  if (divisor > 1)
    index.constant = layout::floorDiv(index.constant, divisor) * divisor;
  bool isUnsigned = indices.isNonNegative() && limits.isNonNegative();
  // f * x + c < n says the same as x < (n - c) / f, rounded up.
  if (index.terms.size() == 1 && index.terms[0].factor > 1 &&
      limit.terms.empty()) {
    int64_t &factor = index.terms[0].factor, difference;
    if (!__builtin_sub_overflow(limit.constant, index.constant, &difference)) {
      limit.constant = -layout::floorDiv(-difference, factor);
      index.constant = 0;
      factor = 1;
      // Where c is above n, no x is small enough.
      isUnsigned &= getRange(index).isNonNegative();
      if (isUnsigned)
        limit.constant = std::max<int64_t>(limit.constant, 0);
    }
  }
  Value a = build(index, loc), b = build(limit, loc);
  return buildCompare(isUnsigned ? unsignedLess : signedLess, a, b,
                      withoutName(loc));
}

void LayoutEvaluator::buildInside(const IntTuple &coord, const IntTuple &bounds,
                                  Location loc,
                                  SmallVectorImpl<Value> &conditions) {
  for (auto [index, bound] : llvm::zip_equal(coord.leaves(), bounds.leaves()))
    if (Value inside = buildLess(index, bound, loc))
      if (!llvm::is_contained(conditions, inside))
        conditions.push_back(inside);
}

void LayoutEvaluator::buildInside(InBoundsOp op, int64_t element, Location loc,
                                  SmallVectorImpl<Value> &conditions) {
  const LayoutValue &view = get(op.getTensor());
  // The algebra gave the layout its type, so the coordinate fits it.
  layout::Result<IntTuple> step =
      layout::crd2idx(IntTuple(Int(element)), view.layout.layout());
  IntTuple coord =
      addCoordinates(view.tuple, step ? *step : IntTuple(Int::invalid()));
  buildInside(coord, get(op.getShape()).tuple, loc, conditions);
}
