// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Folds of the integer functions.

#include "enigma/IR/IntegerOps.h"
#include "enigma/IR/EnigmaOps.h"

#include "mlir/Dialect/CommonFolders.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace enigma;

using Unary = function_ref<APInt(const APInt &)>;
using Binary = function_ref<APInt(const APInt &, const APInt &)>;

static OpFoldResult foldUnary(Attribute x, Unary function) {
  return constFoldUnaryOp<IntegerAttr>(
      {x}, [&](const APInt &value) { return function(value); });
}

static OpFoldResult foldBinary(ArrayRef<Attribute> operands, Binary function) {
  return constFoldBinaryOp<IntegerAttr>(
      operands, [&](const APInt &x, const APInt &y) { return function(x, y); });
}

/// The lanes of a constant; none if it is not one.
static SmallVector<APInt> getLanes(Attribute constant) {
  if (auto integer = dyn_cast_or_null<IntegerAttr>(constant))
    return {integer.getValue()};
  if (auto dense = dyn_cast_or_null<DenseIntElementsAttr>(constant))
    return llvm::to_vector(dense.getValues<APInt>());
  return {};
}

static OpFoldResult foldTernary(
    ArrayRef<Attribute> operands, Type type,
    function_ref<APInt(const APInt &, const APInt &, const APInt &)> function) {
  SmallVector<APInt> x = getLanes(operands[0]), y = getLanes(operands[1]),
                     z = getLanes(operands[2]);
  if (x.empty() || x.size() != y.size() || x.size() != z.size())
    return {};
  SmallVector<APInt> results;
  for (auto [a, b, c] : llvm::zip_equal(x, y, z))
    results.push_back(function(a, b, c));
  if (auto shaped = dyn_cast<ShapedType>(type))
    return DenseElementsAttr::get(shaped, results);
  return IntegerAttr::get(type, results.front());
}

static Attribute getZero(Type type) {
  return Builder(type.getContext()).getZeroAttr(type);
}

OpFoldResult ReverseBitsOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<ReverseBitsOp>())
    return inner.getX();
  return foldUnary(adaptor.getX(),
                   [](const APInt &x) { return x.reverseBits(); });
}

OpFoldResult RotateOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getY(), m_Zero()))
    return getX();
  return foldBinary(adaptor.getOperands(),
                    [](const APInt &x, const APInt &y) { return x.rotl(y); });
}

OpFoldResult AbsDiffOp::fold(FoldAdaptor adaptor) {
  if (getX() == getY())
    return getZero(getType());
  bool isUnsigned = getIsUnsigned();
  return foldBinary(adaptor.getOperands(), [&](const APInt &x, const APInt &y) {
    return isUnsigned ? llvm::APIntOps::abdu(x, y) : llvm::APIntOps::abds(x, y);
  });
}

OpFoldResult AddSatOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getY(), m_Zero()))
    return getX();
  if (matchPattern(adaptor.getX(), m_Zero()))
    return getY();
  bool isUnsigned = getIsUnsigned();
  return foldBinary(adaptor.getOperands(), [&](const APInt &x, const APInt &y) {
    return isUnsigned ? x.uadd_sat(y) : x.sadd_sat(y);
  });
}

OpFoldResult SubSatOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getY(), m_Zero()))
    return getX();
  if (getX() == getY())
    return getZero(getType());
  bool isUnsigned = getIsUnsigned();
  return foldBinary(adaptor.getOperands(), [&](const APInt &x, const APInt &y) {
    return isUnsigned ? x.usub_sat(y) : x.ssub_sat(y);
  });
}

OpFoldResult HaddOp::fold(FoldAdaptor adaptor) {
  if (getX() == getY())
    return getX();
  bool isUnsigned = getIsUnsigned();
  return foldBinary(adaptor.getOperands(), [&](const APInt &x, const APInt &y) {
    return isUnsigned ? llvm::APIntOps::avgFloorU(x, y)
                      : llvm::APIntOps::avgFloorS(x, y);
  });
}

OpFoldResult RhaddOp::fold(FoldAdaptor adaptor) {
  if (getX() == getY())
    return getX();
  bool isUnsigned = getIsUnsigned();
  return foldBinary(adaptor.getOperands(), [&](const APInt &x, const APInt &y) {
    return isUnsigned ? llvm::APIntOps::avgCeilU(x, y)
                      : llvm::APIntOps::avgCeilS(x, y);
  });
}

static APInt multiplyHigh(const APInt &x, const APInt &y, bool isUnsigned) {
  return isUnsigned ? llvm::APIntOps::mulhu(x, y) : llvm::APIntOps::mulhs(x, y);
}

OpFoldResult MulHiOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getX(), m_Zero()) ||
      matchPattern(adaptor.getY(), m_Zero()))
    return getZero(getType());
  bool isUnsigned = getIsUnsigned();
  return foldBinary(adaptor.getOperands(), [&](const APInt &x, const APInt &y) {
    return multiplyHigh(x, y, isUnsigned);
  });
}

OpFoldResult MadHiOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getX(), m_Zero()) ||
      matchPattern(adaptor.getY(), m_Zero()))
    return getZ();
  bool isUnsigned = getIsUnsigned();
  return foldTernary(adaptor.getOperands(), getType(),
                     [&](const APInt &x, const APInt &y, const APInt &z) {
                       return multiplyHigh(x, y, isUnsigned) + z;
                     });
}

OpFoldResult MadSatOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getX(), m_Zero()) ||
      matchPattern(adaptor.getY(), m_Zero()))
    return getZ();
  bool isUnsigned = getIsUnsigned();
  return foldTernary(
      adaptor.getOperands(), getType(),
      [&](const APInt &x, const APInt &y, const APInt &z) {
        // Wide enough for the largest product and sum.
        unsigned width = x.getBitWidth(), wide = 2 * width + 1;
        if (isUnsigned)
          return (x.zext(wide) * y.zext(wide) + z.zext(wide)).truncUSat(width);
        return (x.sext(wide) * y.sext(wide) + z.sext(wide)).truncSSat(width);
      });
}

/// Where a field lies; nothing if that is not known, or not within \p type.
static std::optional<std::pair<unsigned, unsigned>>
getPlace(Attribute offset, Attribute count, Type type) {
  auto first = dyn_cast_or_null<IntegerAttr>(offset);
  auto bits = dyn_cast_or_null<IntegerAttr>(count);
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  if (!first || !bits ||
      first.getValue().getZExtValue() + bits.getValue().getZExtValue() > width)
    return std::nullopt;
  return std::make_pair<unsigned, unsigned>(first.getValue().getZExtValue(),
                                            bits.getValue().getZExtValue());
}

/// Folds an operation on a stretch of bits: `none` of them, all of them
/// (`whole`), or those at a known place, of which `foldAt` knows more.
template <typename Adaptor>
static OpFoldResult
foldBits(Adaptor adaptor, Type type, OpFoldResult none, OpFoldResult whole,
         function_ref<OpFoldResult(unsigned offset, unsigned count)> foldAt) {
  if (matchPattern(adaptor.getCount(), m_Zero()))
    return none;
  auto place = getPlace(adaptor.getOffset(), adaptor.getCount(), type);
  if (!place)
    return {};
  auto [offset, count] = *place;
  if (count == getElementTypeOrSelf(type).getIntOrFloatBitWidth())
    return whole;
  return foldAt(offset, count);
}

OpFoldResult ExtractBitsOp::fold(FoldAdaptor adaptor) {
  return foldBits(adaptor, getType(), getZero(getType()), getX(),
                  [&](unsigned offset, unsigned count) {
                    return foldUnary(adaptor.getX(), [&](const APInt &x) {
                      APInt bits = x.extractBits(count, offset);
                      return getIsUnsigned() ? bits.zext(x.getBitWidth())
                                             : bits.sext(x.getBitWidth());
                    });
                  });
}

OpFoldResult InsertBitsOp::fold(FoldAdaptor adaptor) {
  return foldBits(adaptor, getType(), getX(), getField(),
                  [&](unsigned offset, unsigned count) {
                    return foldBinary({adaptor.getX(), adaptor.getField()},
                                      [&](const APInt &x, const APInt &y) {
                                        APInt result = x;
                                        result.insertBits(y.trunc(count),
                                                          offset);
                                        return result;
                                      });
                  });
}
