// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `enigma` dialect: its attributes, types and interfaces.

#ifndef ENIGMA_IR_ENIGMADIALECT_H
#define ENIGMA_IR_ENIGMADIALECT_H

#include "enigma/IR/EnigmaEnums.h"
#include "enigma/IR/KnownLaunch.h"
#include "enigma/IR/LayoutValue.h"
#include "enigma/IR/Limits.h"
#include "enigma/Layout/Swizzle.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "enigma/IR/EnigmaDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "enigma/IR/EnigmaAttributes.h.inc"

#define GET_TYPEDEF_CLASSES
#include "enigma/IR/EnigmaTypes.h.inc"

#include "enigma/IR/EnigmaInterfaces.h.inc"

namespace enigma {
// Registers the operations of a family.
#define ENIGMA_FAMILY(name) void register##name(mlir::Dialect &dialect);
#include "enigma/IR/EarlyFamilies.inc"
#include "enigma/IR/LateFamilies.inc"
#undef ENIGMA_FAMILY
} // namespace enigma

#endif // ENIGMA_IR_ENIGMADIALECT_H
