// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements of buffers and arrays.

#ifndef ENIGMA_LIB_TARGET_MSL_LOWERMEMORY_H
#define ENIGMA_LIB_TARGET_MSL_LOWERMEMORY_H

#include "Lowering.h"

namespace enigma::msl {

/// What an access names.
struct Place {
  Expression element;
  AddressSpace space = AddressSpace::Device;
  /// The thing that `Expression::reads` names; nothing for memory that does not
  /// change.
  std::optional<unsigned> memory;
  /// Whether it is a vector that is aligned like a lane.
  bool isPacked = false;
};

FailureOr<Place> getElement(Lowering &lowering, mlir::Operation *op,
                            mlir::Value memory, mlir::Value index);

/// The address of the element at \p index.
const Expr *getAddress(Lowering &lowering, const Place &place,
                       mlir::Value index);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_LOWERMEMORY_H
