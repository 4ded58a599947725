// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of tiles whose sums SIMD groups hold together.

#include "enigma/IR/CooperativeOps.h"
#include "enigma/IR/EnigmaOps.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace enigma;

/// The most SIMD groups that a threadgroup has.
static constexpr int64_t kMaxSimdgroups = 32;

static bool isFactor(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() ||
         type.isSignedInteger(8);
}

/// Whether products of such factors are summed as \p element.
static bool isSumOf(Type element, Type left, Type right) {
  if (left.isSignedInteger(8) && right.isSignedInteger(8))
    return element.isSignedInteger(32);
  if (element.isF32())
    return true;
  if (!element.isF16() && !element.isBF16())
    return false;
  return !left.isF32() && !right.isF32() &&
         (left == element || right == element);
}

LogicalResult CooperativeTensorType::verify(
    function_ref<InFlightDiagnostic()> emitError, int64_t m, int64_t n,
    int64_t k, Type left, Type right, Type element, bool transposeLeft,
    bool transposeRight, bool relaxedPrecision, int64_t simdgroups) {
  if (m <= 0 || n <= 0 || k <= 0 || m % 8 != 0 || n % 8 != 0 ||
      (m % 16 != 0 && n % 16 != 0) || k % 16 != 0)
    return emitError() << "expected m and n to be multiples of 8, one of them "
                          "of 16, and k of 16; found "
                       << m << ", " << n << " and " << k;
  for (Type factor : {left, right})
    if (!isFactor(factor))
      return emitError() << "expected factors of f16, bf16, f32 or si8, found "
                         << factor;
  if (!isSumOf(element, left, right))
    return emitError() << "products of " << left << " and " << right
                       << " are not summed as " << element;
  if (simdgroups < 1 || simdgroups > kMaxSimdgroups)
    return emitError() << "expected 1 to " << kMaxSimdgroups
                       << " SIMD groups, found " << simdgroups;
  return success();
}

/// Whether memory, in either form, holds such elements: of its flat form the
/// signedness is not told.
static LogicalResult verifyMemory(Operation *op, Type memory, Type element) {
  std::optional<AddressSpace> space;
  bool holds;
  if (auto buffer = dyn_cast<BufferType>(memory)) {
    space = buffer.getAddressSpace();
    holds = buffer.getElementType() == element;
  } else {
    auto memref = cast<MemRefType>(memory);
    if (auto given =
            dyn_cast_or_null<AddressSpaceAttr>(memref.getMemorySpace()))
      space = given.getValue();
    holds = memref.getElementType() == BufferType::getValueType(element);
  }
  if (!holds)
    return op->emitOpError()
           << "accesses " << memory << "; expected elements of " << element;
  if (space != AddressSpace::Device && space != AddressSpace::Threadgroup)
    return op->emitOpError()
           << "accesses device or threadgroup memory, found " << memory;
  return success();
}

LogicalResult CooperativeTensorLoadOp::verify() {
  return verifyMemory(*this, getBuffer().getType(), getType().getElement());
}

LogicalResult CooperativeTensorStoreOp::verify() {
  return verifyMemory(*this, getBuffer().getType(),
                      getTensor().getType().getElement());
}

LogicalResult CooperativeTensorMakeOp::verify() {
  if (getValue() && getValue().getType() != getType().getValueType())
    return emitOpError() << "expected a value of " << getType().getValueType()
                         << ", found " << getValue().getType();
  return success();
}

LogicalResult Matmul2dOp::verify() {
  if (failed(verifyMemory(*this, getA().getType(), getType().getLeft())))
    return failure();
  return verifyMemory(*this, getB().getType(), getType().getRight());
}
