// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operations of the algebra by name: one table that the dialect and Python
// use alike.
//
// Names, operands and attributes are those of the dialect's records; what an
// operation computes stands in lib/Layout/Operations.cpp.

#ifndef ENIGMA_LAYOUT_OPERATIONS_H
#define ENIGMA_LAYOUT_OPERATIONS_H

#include "enigma/Layout/Swizzle.h"

namespace enigma::layout {

/// A value of the algebra, as an operation takes and gives it.
struct Value {
  enum class Kind : uint8_t {
    Tuple,
    Layout,
    Tiler,
    /// A layout that begins at `tuple`, as a view of memory does: an integer,
    /// to which the offset of a swizzled layout is added once it is swizzled.
    View,
    /// A layout of coordinates that begins at the coordinate `tuple`.
    CoordView,
    /// What the algebra does not know.
    Opaque
  };

  Kind kind = Kind::Opaque;
  IntTuple tuple;
  ComposedLayout layout;
  /// Of a tiler only.
  std::optional<Tiler> tiler;

  Value() = default;
  Value(IntTuple tuple) : kind(Kind::Tuple), tuple(std::move(tuple)) {}
  Value(Int leaf) : Value(IntTuple(leaf)) {}
  Value(ComposedLayout layout)
      : kind(Kind::Layout), layout(std::move(layout)) {}
  Value(Layout layout) : Value(ComposedLayout(std::move(layout))) {}
  Value(Tiler tiler) : kind(Kind::Tiler), tiler(std::move(tiler)) {}

  /// The same kind of value, at the same place, with another layout.
  Value with(ComposedLayout layout) const {
    Value result(tuple);
    result.kind = kind;
    result.layout = std::move(layout);
    result.tiler = tiler;
    return result;
  }

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
};

/// The results of an operation.
using Values = llvm::SmallVector<Value, 1>;

/// What an operand may be.
enum class OperandKind : uint8_t {
  /// A layout, swizzled or not.
  Layout,
  /// A layout or a view.
  LayoutLike,
  /// The same, or a tuple.
  LayoutOrTuple,
  /// A tiler, a layout, or extents.
  Tiler,
  Tuple,
  /// One integer.
  Int
};

struct Operand {
  llvm::StringLiteral name;
  OperandKind kind;
  bool isOptional;
};

/// A number, or a list of numbers, that is no operand.
struct Attribute {
  llvm::StringLiteral name;
  bool isList;
  bool isOptional;
};

/// The numbers of an attribute; nothing where it is left out.
using Numbers = std::optional<llvm::SmallVector<int64_t, 4>>;

/// An operation of the algebra.
struct Operation {
  llvm::StringLiteral name;
  llvm::ArrayRef<Operand> operands;
  llvm::ArrayRef<Attribute> attributes;
  /// Is the result a part of the first operand, which begins elsewhere?
  bool isPart;
  /// What `compute` gives for operands and attributes that are all there.
  Result<Values> (*evaluate)(llvm::ArrayRef<Value> operands,
                             llvm::ArrayRef<Numbers> attributes);

  /// The results, checked; an error where operands or attributes are missing.
  Result<Values> compute(llvm::ArrayRef<Value> operands,
                         llvm::ArrayRef<Numbers> attributes) const;
};

/// All of them, by name.
llvm::ArrayRef<Operation> getOperations();
/// The operation of that name, which exists.
const Operation &getOperation(llvm::StringRef name);

/// A value as a tiler: a tuple of extents acts by mode.
Result<Tiler> asTiler(const Value &value);
/// The view of that shape whose elements are their own coordinates.
Result<Value> makeIdentityView(const IntTuple &shape);
/// The layout as a view that begins at 0: then parts of it tell where they do.
Value placed(const Value &layout);
/// The sum of coordinates of one shape; a mode that one of them lacks is 0.
IntTuple addCoordinates(const IntTuple &a, const IntTuple &b);

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_OPERATIONS_H
