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
#include "enigma/Layout/Swizzle.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Types.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"

namespace enigma {

/// A value of a layout type, or of `index` (a tuple of one leaf).
struct LayoutValue {
  enum class Kind {
    Tuple,
    Layout,
    Tiler,
    /// A view of a buffer: `tuple` is the offset at which the layout starts.
    /// The offset of a swizzled layout is its own.
    View,
    /// A view of coordinates: `tuple` is the origin.
    CoordView,
    /// Of another type, which the algebra does not know.
    Opaque
  };

  Kind kind = Kind::Opaque;
  layout::IntTuple tuple;
  layout::ComposedLayout layout;
  layout::Tiler tiler = layout::Tiler::none();
  /// The element type and the address space of a view.
  mlir::Type elementType;
  AddressSpace space = AddressSpace::Device;
  /// The buffer of a view, in lowering.
  mlir::Value buffer;

  LayoutValue() = default;
  LayoutValue(layout::IntTuple tuple)
      : kind(Kind::Tuple), tuple(std::move(tuple)) {}
  LayoutValue(layout::Int leaf) : LayoutValue(layout::IntTuple(leaf)) {}
  LayoutValue(layout::ComposedLayout layout)
      : kind(Kind::Layout), layout(std::move(layout)) {}
  LayoutValue(layout::Layout layout)
      : LayoutValue(layout::ComposedLayout().with(std::move(layout))) {}
  LayoutValue(layout::Tiler tiler)
      : kind(Kind::Tiler), tiler(std::move(tiler)) {}

  bool isTuple() const { return kind == Kind::Tuple; }
  bool isLeaf() const { return isTuple() && tuple.isLeaf(); }
  bool isLayout() const { return kind == Kind::Layout; }
  bool isTiler() const { return kind == Kind::Tiler; }
  bool isView() const { return kind == Kind::View; }
  bool isCoordView() const { return kind == Kind::CoordView; }
  /// Has it a layout?
  bool hasLayout() const { return isLayout() || isView() || isCoordView(); }
  bool isSwizzled() const {
    return !layout.swizzle().isIdentity() || !layout.offset().isZero();
  }

  /// The value of that type whose dynamic leaves are what `fresh` gives for
  /// them.
  static LayoutValue
  get(mlir::Type type,
      llvm::function_ref<layout::Int(const layout::Int &)> fresh);

  /// The value with `change` applied to each leaf.
  LayoutValue
  map(llvm::function_ref<layout::Int(const layout::Int &)> change) const;

  /// The type of the value; null, with a diagnostic, where it has none.
  mlir::Type
  getType(mlir::MLIRContext *context,
          llvm::function_ref<mlir::InFlightDiagnostic()> emitError) const;

  /// Is every leaf known, and the value no view?
  bool isStatic() const;
};

/// The results of an operation.
using LayoutValues = llvm::SmallVector<LayoutValue, 1>;

/// The leaf without its expression, as types hold it.
layout::Int anonymous(const layout::Int &leaf);

/// The sum of coordinates of one shape; a mode that one of them lacks is 0.
layout::IntTuple addCoordinates(const layout::IntTuple &a,
                                const layout::IntTuple &b);

/// Symbols for the leaves of the operands of one operation.
class OperandSymbols {
public:
  /// The value of that type, with a new symbol for each dynamic leaf.
  LayoutValue symbolize(mlir::Type type);
  /// The same, remembering the leaves of `actual` for the symbols.
  LayoutValue symbolize(mlir::Type type, const LayoutValue &actual);
  /// Puts the remembered leaves in the place of the symbols.
  LayoutValue resolve(const LayoutValue &value);

private:
  layout::Int resolve(const layout::Int &leaf);

  layout::ExprPool pool;
  llvm::SmallVector<layout::Int> leaves;
  llvm::DenseMap<const layout::Expr *, layout::Int> resolved;
};

/// Adds what is to be done about an error of the algebra to its diagnostic: a
/// note that begins with `help: `.
mlir::InFlightDiagnostic attachRemedy(mlir::InFlightDiagnostic diagnostic,
                                      const layout::Error &error);

/// Whether all leaves of a layout type are known; false for views, whose place
/// is not in their type.
bool isStaticLayoutType(mlir::Type type);

} // namespace enigma

#endif // ENIGMA_IR_LAYOUTVALUE_H
