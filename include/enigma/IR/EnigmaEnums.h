// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The enumerations of the `enigma` dialect.

#ifndef ENIGMA_IR_ENIGMAENUMS_H
#define ENIGMA_IR_ENIGMAENUMS_H

#include "mlir/IR/OpDefinition.h"

#include "enigma/IR/EnigmaEnums.h.inc"

#endif // ENIGMA_IR_ENIGMAENUMS_H
