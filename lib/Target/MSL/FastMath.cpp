// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What Metal's compiler may assume not to be there, unless it is told
// `-fno-fast-math`.

#include "enigma/Target/MSL/TranslateToMSL.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

static void warn(Location location, const Twine &what, StringRef assumed,
                 StringRef instead) {
  InFlightDiagnostic warning = emitWarning(location);
  warning << what << " under fast math, by which Metal's compiler may assume "
          << "that no float is " << assumed;
  warning.attachNote() << "help: compile it with fast_math=False, or "
                       << instead;
}

/// The line of a constant is that of its first use, if it has none.
static Location findLocation(Operation *op) {
  auto hasLine = [](Location location) {
    return location
        ->walk([](Location part) {
          return isa<FileLineColLoc>(part) ? WalkResult::interrupt()
                                           : WalkResult::advance();
        })
        .wasInterrupted();
  };
  if (!hasLine(op->getLoc()))
    for (Operation *user : op->getUsers())
      if (hasLine(user->getLoc()))
        return user->getLoc();
  return op->getLoc();
}

static void checkConstant(arith::ConstantOp op) {
  bool isInfinite = false, isNaN = false;
  auto check = [&](const APFloat &number) {
    isInfinite |= number.isInfinity();
    isNaN |= number.isNaN();
  };
  if (auto number = dyn_cast<FloatAttr>(op.getValue()))
    check(number.getValue());
  else if (auto numbers = dyn_cast<DenseFPElementsAttr>(op.getValue()))
    for (const APFloat &number : numbers)
      check(number);
  if (isInfinite)
    warn(findLocation(op), "an infinite constant", "infinite",
         "take a large finite number instead");
  else if (isNaN)
    warn(findLocation(op), "a constant that is NaN", "NaN",
         "take a number that does not occur instead");
}

void enigma::warnOfFastMath(Operation *op) {
  op->walk([](Operation *nested) {
    StringRef bits = "compare the bits, which enigma.as_type shows";
    llvm::TypeSwitch<Operation *>(nested)
        .Case(checkConstant)
        .Case([&](math::IsNaNOp op) {
          warn(op.getLoc(), "`isnan`", "NaN", bits);
        })
        .Case([&](math::IsInfOp op) {
          warn(op.getLoc(), "`isinf`", "infinite", bits);
        })
        .Case([&](math::IsFiniteOp op) {
          warn(op.getLoc(), "`isfinite`", "infinite or NaN", bits);
        });
  });
}
