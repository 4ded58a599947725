// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Building operations of which all parts are known.

#ifndef ENIGMA_UTILS_CREATION_H
#define ENIGMA_UTILS_CREATION_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

namespace enigma {

/// What an operation has besides its operands; nothing for most.
template <typename OpT>
using PropertiesOf = typename OpT::template InferredProperties<OpT>;

/// Builds an operation as `OpT::create` does, which first gathers its parts in
/// a state, sorts its attributes and looks its name up: that takes longer than
/// the operation itself. Its regions have no blocks.
template <typename OpT>
OpT createOp(mlir::OpBuilder &builder, mlir::Location loc,
             mlir::TypeRange results, mlir::ValueRange operands,
             PropertiesOf<OpT> properties = {}, unsigned numRegions = 0) {
  mlir::MLIRContext *context = builder.getContext();
  auto name =
      mlir::RegisteredOperationName::lookup(mlir::TypeID::get<OpT>(), context);
  assert(name && "the dialect of an operation that is built is loaded");
  mlir::OpaqueProperties opaque(nullptr);
  if constexpr (OpT::hasProperties())
    opaque = mlir::OpaqueProperties(&properties);
  return llvm::cast<OpT>(builder.insert(mlir::Operation::create(
      loc, *name, results, operands, mlir::DictionaryAttr::get(context), opaque,
      /*successors=*/{}, numRegions)));
}

} // namespace enigma

#endif // ENIGMA_UTILS_CREATION_H
