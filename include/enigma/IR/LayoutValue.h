// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of the layout types while an operation is evaluated.
//
// Type inference, folding and lowering evaluate an operation in the same way:
// each dynamic leaf of an operand's type becomes a symbol of its own, the
// algebra runs on these, and the result's leaves are expressions over them.
// Inference forgets the expressions; lowering puts the operands' leaves in the
// place of the symbols. So what is lowered has the structure that its type
// says.

#ifndef ENIGMA_IR_LAYOUTVALUE_H
#define ENIGMA_IR_LAYOUTVALUE_H

#include "enigma/IR/EnigmaEnums.h"
#include "enigma/Layout/Operations.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Types.h"
#include "mlir/IR/Value.h"

namespace enigma {

/// A value of a layout type, or of `index` (a tuple of one leaf): a value of
/// the algebra, and what it is of in MLIR.
struct LayoutValue : layout::Value {
  /// The element type and the address space of a view; the type of a value that
  /// the algebra does not know.
  mlir::Type elementType;
  AddressSpace space = AddressSpace::Device;
  /// The buffer of a view, in lowering.
  mlir::Value buffer;

  using layout::Value::Value;
  LayoutValue() = default;
  LayoutValue(layout::Value value) : layout::Value(std::move(value)) {}

  /// The value of that type whose dynamic leaves are what `fresh` gives for
  /// them.
  static LayoutValue
  get(mlir::Type type,
      llvm::function_ref<layout::Int(const layout::Int &)> fresh);

  /// Puts in the place of each leaf what `change` gives for it.
  void
  changeLeaves(llvm::function_ref<layout::Int(const layout::Int &)> change);

  /// The type of the value; null, with a diagnostic, where it has none.
  mlir::Type
  getType(mlir::MLIRContext *context,
          llvm::function_ref<mlir::InFlightDiagnostic()> emitError) const;
};

/// The results of an operation.
using LayoutValues = llvm::SmallVector<LayoutValue, 1>;

/// The leaf without its expression, as types hold it.
layout::Int anonymous(const layout::Int &leaf);

/// The attributes of an operation of the table, as it takes them.
llvm::SmallVector<layout::Numbers>
getNumbers(const layout::Operation &operation, mlir::DictionaryAttr attributes);

/// Adds what is to be done about an error of the algebra to its diagnostic: a
/// note that begins with `help: `.
mlir::InFlightDiagnostic attachRemedy(mlir::InFlightDiagnostic diagnostic,
                                      const layout::Error &error);

/// Whether all leaves of a layout type are known; false for views, whose place
/// is not in their type.
bool isStaticLayoutType(mlir::Type type);

} // namespace enigma

#endif // ENIGMA_IR_LAYOUTVALUE_H
