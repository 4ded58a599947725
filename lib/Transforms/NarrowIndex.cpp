// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 64-bit integer arithmetic in 32 bits, where it gives the same numbers.

#include "enigma/Analysis/IntegerRanges.h"
#include "enigma/IR/MathOps.h"
#include "enigma/Transforms/Passes.h"
#include "enigma/Utils/Constants.h"
#include "enigma/Utils/Creation.h"
#include "enigma/Utils/Names.h"
#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/TypeSwitch.h"

namespace enigma {
#define GEN_PASS_DEF_ENIGMANARROWINDEX
#include "enigma/Transforms/Passes.h.inc"
} // namespace enigma

using namespace mlir;
using namespace enigma;

/// Scalars of 64 bits; `index` counts as such.
static bool isWide(Type type) { return type.isIndex() || type.isInteger(64); }

namespace {
class Narrower {
public:
  explicit Narrower(MLIRContext *context) : rewriter(context) {}

  void run(KernelOp kernel) {
    unsigned numOperations = 0;
    forEachOuterFirst(kernel.getBody(), [&](Operation *) { ++numOperations; });
    ranges.reserve(numOperations);
    visit(kernel.getBody().front());
    // What uses an operation comes after it, and is gone before.
    for (const auto &[op, extension] : llvm::reverse(replaced)) {
      Value result = op->getResult(0);
      if (!result.use_empty()) {
        loc = op->getLoc();
        rewriter.setInsertionPoint(op);
        result.replaceAllUsesWith(
            extend(narrowed.lookup(result), result.getType(), *extension));
      }
      op->erase();
    }
  }

private:
  void visit(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block))
      visit(&op);
  }

  void visit(Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      ranges.inferInductionVariable(loop);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        visit(block);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      ranges.inferResults(branch);
    if (auto load = dyn_cast<LoadOp>(op))
      return narrowSubscript(load);
    if (auto store = dyn_cast<StoreOp>(op))
      return narrowSubscript(store);
    if (op->getNumRegions() != 0 || op->getNumResults() != 1)
      return;
    ranges.infer(op);
    loc = op->getLoc();
    rewriter.setInsertionPoint(op);
    if (auto comparison = dyn_cast<arith::CmpIOp>(op);
        comparison && decide(comparison))
      return;
    op = useUnsignedDivision(op);
    narrow(op);
  }

  /// A subscript that fits 32 bits where the access is made needs the lower 32
  /// bits of what it is computed from, whatever that may be elsewhere.
  template <typename AccessOp> void narrowSubscript(AccessOp access) {
    unsigned bits = access.getIndexBits().value_or(64);
    if (BufferType buffer = access.getBuffer().getType();
        buffer.hasStaticSize())
      bits = std::min<unsigned>(bits, llvm::Log2_64_Ceil(buffer.getSize()));
    Value subscript = access.getIndex();
    if (bits > 32 || !getWideRing(subscript))
      return;
    // A signed number is extended with its sign.
    if (bits == 32 && getSigns(subscript).hasSigned)
      return;
    Subscript needed = {access, subscript, isMonotone(subscript), bits < 32};
    Value low = getLow(subscript, needed);
    Value &wide = subscripts[low];
    if (!wide) {
      rewriter.setInsertionPointAfterValue(low);
      wide = extend(low, subscript.getType(),
                    getSigns(subscript).isSigned() &&
                            isExactSigned(getWideRing(subscript), needed)
                        ? Extension::Sign
                        : Extension::Zero);
    }
    access.getIndexMutable().set(wide);
  }

  /// What an access needs the lower 32 bits of.
  struct Subscript {
    Operation *access;
    Value value;
    /// Whether no part of the sum is above it or negative.
    bool isMonotone;
    /// Whether it is below 2^31 where the access is made.
    bool fitsSigned;
  };

  /// Whether `op`, a part of a subscript, gives the same in signed numbers of
  /// 32 bits. What is computed in another block than the access may be computed
  /// without it, for a subscript that does not fit.
  bool isExactSigned(Operation *op, const Subscript &needed) const {
    if (isExactSigned(op))
      return true;
    bool isWhole = op->getResult(0) == needed.value;
    return needed.fitsSigned && op->getBlock() == needed.access->getBlock() &&
           (needed.isMonotone ||
            (isWhole && areSignExtended(op->getOperands())));
  }

  /// The lower 32 bits of a number, from those of what it is computed from.
  Value getLow(Value value, const Subscript &needed) {
    bool isMonotone = needed.isMonotone;
    auto known = narrowed.find(value);
    if (known != narrowed.end())
      return known->second;
    Operation *op = getWideRing(value);
    if (!op) {
      rewriter.setInsertionPointAfterValue(value);
      loc = value.getLoc();
      return lows[isMonotone][value] = truncate(value);
    }
    if (Value low = lows[isMonotone].lookup(value))
      return low;
    Value lhs = getLow(op->getOperand(0), needed);
    Value rhs = getLow(op->getOperand(1), needed);
    rewriter.setInsertionPoint(op);
    Value low =
        insertNarrow(op, lhs, rhs, isMonotone, isExactSigned(op, needed));
    lows[isMonotone][value] = low;
    return low;
  }

  /// Whether a number is a sum of parts none of which is above it or negative.
  bool isMonotone(Value value) {
    if (!ranges.isNonNegative(value))
      return false;
    Operation *op = getWideRing(value);
    if (!op)
      return true;
    auto known = monotone.find(op);
    if (known == monotone.end())
      known = monotone.try_emplace(op, hasMonotoneParts(op)).first;
    return known->second;
  }
  bool hasMonotoneParts(Operation *op) {
    if (isa<arith::AddIOp>(op))
      return isMonotone(op->getOperand(0)) && isMonotone(op->getOperand(1));
    APInt factor;
    return isa<arith::MulIOp, arith::ShLIOp>(op) &&
           isConstant(op->getOperand(1), factor) && !factor.isZero() &&
           isMonotone(op->getOperand(0));
  }

  /// The operations whose lower bits depend on the lower bits of their
  /// operands.
  static bool isRing(Operation *op) {
    if (auto shift = dyn_cast_or_null<arith::ShLIOp>(op)) {
      APInt amount;
      return isConstant(shift.getRhs(), amount) && amount.ult(32);
    }
    return isa_and_nonnull<arith::AddIOp, arith::SubIOp, arith::MulIOp,
                           arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op);
  }

  /// The operation of that kind that computes a number in 64 bits; null if
  /// another one does, or if 32 bits have taken its place.
  Operation *getWideRing(Value value) const {
    Operation *op = value.getDefiningOp();
    return isRing(op) && !narrowed.contains(value) ? op : nullptr;
  }

  /// Divisions of numbers that are not negative need no care for signs.
  Operation *useUnsignedDivision(Operation *op) {
    if (!isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
             arith::CeilDivSIOp, FloormodOp>(op) ||
        !op->getResult(0).getType().isIntOrIndex() ||
        !ranges.isNonNegative(op->getOperand(0)) ||
        !ranges.isNonNegative(op->getOperand(1)))
      return op;
    if (isa<arith::DivSIOp, arith::FloorDivSIOp>(op))
      return replaceBinary<arith::DivUIOp>(op);
    if (isa<arith::CeilDivSIOp>(op))
      return replaceBinary<arith::CeilDivUIOp>(op);
    return replaceBinary<arith::RemUIOp>(op);
  }
  template <typename Op> Operation *replaceBinary(Operation *op) {
    ConstantIntRanges range = ranges.get(op->getResult(0));
    auto replacement =
        Op::create(rewriter, loc, op->getOperand(0), op->getOperand(1));
    ranges.set(replacement, range);
    replace(op, replacement);
    rewriter.setInsertionPoint(replacement);
    return replacement;
  }

  void narrow(Operation *op) {
    if (auto comparison = dyn_cast<arith::CmpIOp>(op)) {
      if (isWide(comparison.getLhs().getType()))
        narrowComparison(comparison);
      return;
    }
    if (isa<arith::SIToFPOp, arith::UIToFPOp>(op)) {
      if (op->getOperand(0).getType().isInteger(64))
        narrowToFloat(op);
      return;
    }
    if (!isWide(op->getResult(0).getType()))
      return narrowTruncation(op);

    Value result = op->getResult(0);
    std::optional<Extension> extension = ranges.getExtension(result);
    if (!extension)
      return;
    if (*extension == Extension::Zero && isRing(op)) {
      // What both extensions give is read as its operands are. Beyond the
      // range of signed numbers those have to be read as unsigned.
      if (ranges.isSignExtended(result))
        extension = getSigns(result).isSigned() ? Extension::Sign : extension;
      else
        signs[result] = {/*hasSigned=*/false, /*hasUnsigned=*/true};
    }
    if (isRing(op))
      return narrowBinary(op, *extension);
    if (auto shift = dyn_cast<arith::ShLIOp>(op)) {
      if (ranges.get(shift.getRhs()).umax().ult(32))
        narrowBinary(op, *extension);
      return;
    }
    if (auto select = dyn_cast<arith::SelectOp>(op)) {
      Value ifTrue = truncate(select.getTrueValue());
      Value ifFalse = truncate(select.getFalseValue());
      return replaceWide(op,
                         arith::SelectOp::create(rewriter, place(),
                                                 select.getCondition(), ifTrue,
                                                 ifFalse),
                         *extension);
    }
    bool isShift = isa<arith::ShRUIOp, arith::ShRSIOp>(op);
    if (isShift && !ranges.get(op->getOperand(1)).umax().ult(32))
      return;
    if (isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp, arith::ShRUIOp,
            arith::MinUIOp, arith::MaxUIOp>(op)) {
      if (areZeroExtended(op->getOperands()) && *extension == Extension::Zero)
        narrowBinary(op, Extension::Zero);
      return;
    }
    if (isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
            arith::CeilDivSIOp, FloormodOp, arith::ShRSIOp, arith::MinSIOp,
            arith::MaxSIOp>(op)) {
      if (areSignExtended(op->getOperands()) && ranges.isSignExtended(result) &&
          !mayOverflow(op))
        narrowBinary(op, Extension::Sign);
      return;
    }
    // Conversions between types of 64 bits.
    if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op) &&
        isWide(op->getOperand(0).getType()))
      return replaceWide(op, truncate(op->getOperand(0)), *extension);
    // What enters the arithmetic: extensions of narrower numbers.
    if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtUIOp,
            arith::ExtSIOp>(op) &&
        op->getOperand(0).getType().isInteger(32))
      narrowed.try_emplace(result, op->getOperand(0));
  }

  /// -2^31 divided by -1 does not fit, and the remainder is undefined with it.
  bool mayOverflow(Operation *op) const {
    if (!isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
             arith::CeilDivSIOp, FloormodOp>(op))
      return false;
    ConstantIntRanges divisor = ranges.get(op->getOperand(1));
    return ranges.get(op->getOperand(0)).smin() ==
               APInt::getSignedMinValue(32).sext(64) &&
           divisor.smin().isNegative() && divisor.smax().sge(-1);
  }

  void narrowBinary(Operation *op, Extension extension) {
    Value lhs = truncate(op->getOperand(0));
    Value rhs = truncate(op->getOperand(1));
    bool isExact = ranges.isZeroExtended(op->getResult(0)) &&
                   areZeroExtended(op->getOperands());
    replaceWide(op, insertNarrow(op, lhs, rhs, isExact, isExactSigned(op)),
                extension);
  }

  /// Whether an operation gives the same in signed numbers of 32 bits, as all
  /// of its numbers fit them.
  bool isExactSigned(Operation *op) const {
    return ranges.isSignExtended(op->getResult(0)) &&
           areSignExtended(op->getOperands());
  }

  /// Inserts `op` on operands of 32 bits, which `isExact` for unsigned numbers
  /// and `isExactSigned` for signed ones. What is neither wraps.
  Value insertNarrow(Operation *op, Value lhs, Value rhs, bool isExact,
                     bool isExactSigned) {
    Operation *replacement = Operation::create(
        op->getLoc(), op->getName(), rewriter.getI32Type(), {lhs, rhs},
        op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
        BlockRange(), /*numRegions=*/0);
    // What was known not to overflow in 64 bits may do so in 32.
    using Flags = arith::IntegerOverflowFlags;
    Flags flags = Flags::none;
    if (isExact)
      flags = flags | Flags::nuw;
    if (isExactSigned)
      flags = flags | Flags::nsw;
    llvm::TypeSwitch<Operation *>(replacement)
        .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp>(
            [&](auto op) { op.setOverflowFlagsAttr(getAttribute(flags)); });
    rewriter.insert(replacement);
    return replacement->getResult(0);
  }

  arith::IntegerOverflowFlagsAttr
  getAttribute(arith::IntegerOverflowFlags flags) {
    arith::IntegerOverflowFlagsAttr &known =
        overflowFlags[static_cast<unsigned>(flags)];
    if (!known)
      known =
          arith::IntegerOverflowFlagsAttr::get(rewriter.getContext(), flags);
    return known;
  }

  /// The signs of the texts that a number in 32 bits is computed from: C++
  /// computes in unsigned numbers as soon as one of them is.
  struct Signs {
    bool hasSigned = false, hasUnsigned = false;
    bool isSigned() const { return hasSigned && !hasUnsigned; }
  };
  Signs getSigns(Value value) {
    while (auto cast = value.getDefiningOp<SignCastOp>())
      value = cast.getValue();
    auto known = signs.find(value);
    if (known != signs.end())
      return known->second;
    Signs result;
    Operation *op = value.getDefiningOp();
    if (isRing(op)) {
      Signs lhs = getSigns(op->getOperand(0)),
            rhs = getSigns(op->getOperand(1));
      result = {lhs.hasSigned || rhs.hasSigned,
                lhs.hasUnsigned || rhs.hasUnsigned};
    } else if (isa_and_nonnull<arith::IndexCastOp, arith::ExtSIOp>(op)) {
      result.hasSigned = true;
    } else if (!isa_and_nonnull<arith::ConstantOp>(op)) {
      result.hasUnsigned = true;
    }
    signs[value] = result;
    return result;
  }

  /// Replaces a comparison by what it gives for all numbers in the ranges.
  bool decide(arith::CmpIOp op) {
    if (!op.getType().isIntOrIndex())
      return false;
    std::optional<APInt> known = ranges.get(op).getConstantValue();
    if (!known)
      return false;
    replace(op, arith::ConstantOp::create(
                    rewriter, place(), rewriter.getBoolAttr(!known->isZero())));
    return true;
  }

  void narrowComparison(arith::CmpIOp op) {
    arith::CmpIPredicate predicate = op.getPredicate();
    bool isEquality = predicate == arith::CmpIPredicate::eq ||
                      predicate == arith::CmpIPredicate::ne;
    bool isUnsigned = predicate == arith::CmpIPredicate::ult ||
                      predicate == arith::CmpIPredicate::ule ||
                      predicate == arith::CmpIPredicate::ugt ||
                      predicate == arith::CmpIPredicate::uge;
    if (areZeroExtended(op->getOperands()))
      predicate = getUnsigned(predicate);
    else if (!areSignExtended(op->getOperands()) || (isUnsigned && !isEquality))
      return;
    op->setOperands({truncate(op.getLhs()), truncate(op.getRhs())});
    if (predicate != op.getPredicate())
      op.setPredicate(predicate);
  }

  static arith::CmpIPredicate getUnsigned(arith::CmpIPredicate predicate) {
    switch (predicate) {
    case arith::CmpIPredicate::slt:
      return arith::CmpIPredicate::ult;
    case arith::CmpIPredicate::sle:
      return arith::CmpIPredicate::ule;
    case arith::CmpIPredicate::sgt:
      return arith::CmpIPredicate::ugt;
    case arith::CmpIPredicate::sge:
      return arith::CmpIPredicate::uge;
    default:
      return predicate;
    }
  }

  void narrowToFloat(Operation *op) {
    Value operand = op->getOperand(0);
    Type type = op->getResult(0).getType();
    bool isSigned = isa<arith::SIToFPOp>(op);
    if (ranges.isZeroExtended(operand))
      replace(op,
              arith::UIToFPOp::create(rewriter, loc, type, truncate(operand)));
    else if (isSigned && ranges.isSignExtended(operand))
      replace(op,
              arith::SIToFPOp::create(rewriter, loc, type, truncate(operand)));
  }

  /// A truncation to 32 bits of what has 32 bits by now.
  void narrowTruncation(Operation *op) {
    if (!isa<arith::TruncIOp, arith::IndexCastOp, arith::IndexCastUIOp>(op) ||
        !op->getResult(0).getType().isInteger(32))
      return;
    Value source = op->getOperand(0);
    while (auto cast = source.getDefiningOp<SignCastOp>())
      source = cast.getValue();
    auto it = narrowed.find(source);
    if (it == narrowed.end())
      return;
    ranges.set(it->second, ranges.get(op->getResult(0)));
    replace(op, it->second);
  }

  bool areZeroExtended(OperandRange operands) const {
    return llvm::all_of(
        operands, [&](Value value) { return ranges.isZeroExtended(value); });
  }
  bool areSignExtended(OperandRange operands) const {
    return llvm::all_of(
        operands, [&](Value value) { return ranges.isSignExtended(value); });
  }

  /// The lower 32 bits of a number of 64.
  Value truncate(Value value) {
    // The operations that are made say how they read it.
    while (auto cast = value.getDefiningOp<SignCastOp>())
      value = cast.getValue();
    auto it = narrowed.find(value);
    if (it != narrowed.end())
      return it->second;
    Type type = rewriter.getI32Type();
    APInt constant;
    if (isConstant(value, constant)) {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointAfterValue(value);
      arith::ConstantOp::Properties properties;
      properties.value = rewriter.getIntegerAttr(type, constant.trunc(32));
      return narrowed[value] = createOp<arith::ConstantOp>(
                 rewriter, value.getLoc(), type, ValueRange(), properties);
    }
    // An extension of fewer bits ends at 32 of them.
    Operation *op = value.getDefiningOp();
    if (isa_and_nonnull<arith::ExtUIOp, arith::ExtSIOp, arith::IndexCastOp,
                        arith::IndexCastUIOp>(op) &&
        op->getOperand(0).getType().isInteger() &&
        op->getOperand(0).getType().getIntOrFloatBitWidth() < 32) {
      Value source = op->getOperand(0);
      if (isa<arith::ExtUIOp, arith::IndexCastUIOp>(op))
        return arith::ExtUIOp::create(rewriter, place(), type, source);
      return arith::ExtSIOp::create(rewriter, place(), type, source);
    }
    if (value.getType().isIndex())
      return createOp<arith::IndexCastUIOp>(rewriter, place(), type, value);
    return arith::TruncIOp::create(rewriter, place(), type, value);
  }

  Value extend(Value narrow, Type type, Extension extension) {
    if (type.isIndex())
      return extension == Extension::Zero
                 ? createOp<arith::IndexCastUIOp>(rewriter, place(), type,
                                                  narrow)
                       .getResult()
                 : createOp<arith::IndexCastOp>(rewriter, place(), type, narrow)
                       .getResult();
    return extension == Extension::Zero
               ? arith::ExtUIOp::create(rewriter, place(), type, narrow)
                     .getResult()
               : arith::ExtSIOp::create(rewriter, place(), type, narrow)
                     .getResult();
  }

  /// Lets `narrow`, which takes its name, stand for `op`. What still uses 64
  /// bits at the end uses an extension.
  void replaceWide(Operation *op, Value narrow, Extension extension) {
    if (Operation *made = narrow.getDefiningOp())
      passName(loc, made);
    Value wide = op->getResult(0);
    narrowed.try_emplace(wide, narrow);
    signs[wide] = {/*hasSigned=*/extension == Extension::Sign,
                   /*hasUnsigned=*/extension == Extension::Zero};
    replaced.emplace_back(op, extension);
  }

  /// Operations stay until the end, so that no other takes the address that
  /// they are known by.
  void replace(Operation *op, Value value) {
    op->getResult(0).replaceAllUsesWith(value);
    replaced.emplace_back(op, std::nullopt);
  }

  /// The place of the current operation, without its name.
  Location place() const { return withoutName(loc); }

  IRRewriter rewriter;
  /// The attributes of no flag, of either and of both.
  arith::IntegerOverflowFlagsAttr overflowFlags[4];
  Location loc = rewriter.getUnknownLoc();
  IntegerRanges ranges;
  /// Values of 64 bits and those that hold their lower 32.
  DenseMap<Value, Value> narrowed;
  /// The same, of what subscripts are computed from, as each of the two kinds
  /// of sums needs them; and the extensions of subscripts.
  DenseMap<Value, Value> lows[2];
  DenseMap<Value, Value> subscripts;
  DenseMap<Value, Signs> signs;
  /// Whether the sums that were asked about are monotone, which parts of others
  /// may be.
  DenseMap<Operation *, bool> monotone;
  /// The operations that are not needed any more, in order; and how what took
  /// their place is extended, where 64 bits are still asked for.
  SmallVector<std::pair<Operation *, std::optional<Extension>>> replaced;
};

struct NarrowIndex final : enigma::impl::EnigmaNarrowIndexBase<NarrowIndex> {
  void runOnOperation() override {
    Narrower(&getContext()).run(getOperation());
  }
};
} // namespace
