// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What Metal's compiler may assume not to be there, unless it is told
// `-fno-fast-math`.

#include "enigma/IR/EnigmaOps.h"
#include "enigma/Target/MSL/TranslateToMSL.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;

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

/// Looks at the numbers of `op`: one, those of a table, or none.
static void checkNumbers(Operation *op, Attribute value) {
  bool isInfinite = false, isNaN = false;
  auto check = [&](const APFloat &number) {
    isInfinite |= number.isInfinity();
    isNaN |= number.isNaN();
  };
  if (auto number = dyn_cast_or_null<FloatAttr>(value))
    check(number.getValue());
  else if (auto numbers = dyn_cast_or_null<DenseFPElementsAttr>(value))
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
        .Case([](arith::ConstantOp op) { checkNumbers(op, op.getValue()); })
        .Case([](ConstantArrayOp op) { checkNumbers(op, op.getValues()); })
        .Case([](FunctionConstantOp op) {
          checkNumbers(op, op.getDefaultValueAttr());
        })
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
