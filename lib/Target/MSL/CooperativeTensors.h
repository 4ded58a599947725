// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the text of a file has in front of its kernels for products of tiles by
// Metal Performance Primitives.

#ifndef ENIGMA_LIB_TARGET_MSL_COOPERATIVETENSORS_H
#define ENIGMA_LIB_TARGET_MSL_COOPERATIVETENSORS_H

#include "enigma/IR/EnigmaOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

namespace enigma::msl {

/// The name of a type of cooperative tensors, and of the product that it is of.
std::string getCooperativeName(CooperativeTensorType type);
std::string getProductName(CooperativeTensorType type);

/// The name of the type of an element in memory, as Metal's headers ask for it.
llvm::StringRef getTileElement(mlir::Type element);

/// Includes what such types need; nothing where there are none.
void printCooperativeIncludes(llvm::raw_ostream &os,
                              llvm::ArrayRef<CooperativeTensorType> types);

/// Defines the types, and the functions on them.
void printCooperativeTypes(llvm::raw_ostream &os,
                           llvm::ArrayRef<CooperativeTensorType> types);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_COOPERATIVETENSORS_H
