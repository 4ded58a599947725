// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices that the threads of a SIMD group hold together.

#include "enigma/IR/MatrixOps.h"
#include "enigma/IR/EnigmaOps.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace enigma;

LogicalResult
SimdgroupMatrixType::verify(function_ref<InFlightDiagnostic()> emitError,
                            Type elementType) {
  if (!elementType.isF16() && !elementType.isBF16() && !elementType.isF32())
    return emitError() << "element type of a matrix of a SIMD group must be "
                          "f16, bf16 or f32, found "
                       << elementType;
  return success();
}

VectorType enigma::getMatrixElementsType(Type matrix) {
  return VectorType::get(2, cast<SimdgroupMatrixType>(matrix).getElementType());
}

/// The address space of memory, in either form.
static std::optional<AddressSpace> getAddressSpace(Type memory) {
  if (auto buffer = dyn_cast<BufferType>(memory))
    return buffer.getAddressSpace();
  auto space = dyn_cast_or_null<AddressSpaceAttr>(
      cast<MemRefType>(memory).getMemorySpace());
  if (!space)
    return std::nullopt;
  return space.getValue();
}

static LogicalResult verifyAccess(Operation *op, Type memory,
                                  SimdgroupMatrixType matrix) {
  auto buffer = dyn_cast<BufferType>(memory);
  Type element = buffer ? buffer.getValueType()
                        : cast<MemRefType>(memory).getElementType();
  if (element != matrix.getElementType())
    return op->emitOpError()
           << "accesses " << memory << " as " << matrix
           << "; expected elements of " << matrix.getElementType();
  std::optional<AddressSpace> space = getAddressSpace(memory);
  if (space != AddressSpace::Device && space != AddressSpace::Threadgroup)
    return op->emitOpError()
           << "accesses device or threadgroup memory, found " << memory;
  return success();
}

LogicalResult SimdgroupMatrixLoadOp::verify() {
  return verifyAccess(*this, getBuffer().getType(), getType());
}

LogicalResult SimdgroupMatrixStoreOp::verify() {
  return verifyAccess(*this, getBuffer().getType(), getMatrix().getType());
}

LogicalResult SimdgroupMatrixMultiplyAccumulateOp::verify() {
  Type factor = getA().getType().getElementType();
  Type sum = getC().getType().getElementType();
  if (sum != factor && !sum.isF32())
    return emitOpError() << "adds products of " << factor << " in " << sum
                         << "; expected " << factor << " or f32";
  return success();
}

OpFoldResult SimdgroupMatrixFromElementsOp::fold(FoldAdaptor) {
  auto elements = getElements().getDefiningOp<SimdgroupMatrixElementsOp>();
  if (!elements || elements.getMatrix().getType() != getType())
    return {};
  return elements.getMatrix();
}
