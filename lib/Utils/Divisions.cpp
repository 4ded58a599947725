// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/Divisions.h"

#include "enigma/IR/MathOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

bool enigma::mayDivideByZero(Operation *op) {
  if (!isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
           arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp,
           FloormodOp>(op))
    return false;
  Value divisor = op->getOperand(1);
  if (!getElementTypeOrSelf(divisor.getType()).isIntOrIndex())
    return false;
  Attribute constant;
  if (!matchPattern(divisor, m_Constant(&constant)))
    return true;
  if (auto number = dyn_cast<IntegerAttr>(constant))
    return number.getValue().isZero();
  auto numbers = dyn_cast<DenseIntElementsAttr>(constant);
  return !numbers ||
         llvm::any_of(numbers.getValues<APInt>(),
                      [](const APInt &number) { return number.isZero(); });
}
