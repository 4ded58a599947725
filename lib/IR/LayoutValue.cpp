// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/EnigmaDialect.h"
#include "enigma/IR/LayoutEvaluation.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;
using layout::Int;
using layout::IntTuple;

using Change = function_ref<Int(const Int &)>;

static void changeLeaves(layout::ComposedLayout &value, Change change) {
  if (!value.swizzle().isIdentity() || !value.offset().isZero()) {
    // The offset of a layout is set by adding to that of one that starts at 0.
    layout::Result<layout::ComposedLayout> swizzled =
        layout::ComposedLayout::make(value.swizzle(), change(value.offset()),
                                     layout::Layout());
    value =
        (swizzled ? *swizzled : layout::ComposedLayout()).with(value.layout());
  }
  value.changeLeaves(change);
}

static layout::Tiler mapLeaves(const layout::Tiler &value, Change change) {
  if (value.isNone())
    return value;
  if (value.isLayout()) {
    layout::Layout whole = value.layout();
    whole.changeLeaves(change);
    return layout::Tiler(std::move(whole));
  }
  std::vector<layout::Tiler> modes;
  for (const layout::Tiler &mode : value.modes())
    modes.push_back(mapLeaves(mode, change));
  return layout::Tiler::tuple(std::move(modes));
}

using Visitor = function_ref<void(const Int &)>;

static void visitLeaves(const layout::Layout &value, Visitor visitor) {
  llvm::for_each(value.strides(), visitor);
  llvm::for_each(value.shapes(), visitor);
}

static void visitLeaves(const layout::Tiler &value, Visitor visitor) {
  if (value.isNone())
    return;
  if (value.isLayout())
    return visitLeaves(value.layout(), visitor);
  for (const layout::Tiler &mode : value.modes())
    visitLeaves(mode, visitor);
}

static bool isStaticTiler(const layout::Tiler &value) {
  if (value.isLayout())
    return value.layout().isStatic();
  return llvm::all_of(value.modes(), isStaticTiler);
}

/// The value of a type, with leaves as they are in it.
static LayoutValue getAnonymous(Type type) {
  return llvm::TypeSwitch<Type, LayoutValue>(type)
      .Case([](IntTupleType type) { return LayoutValue(type.getTuple()); })
      .Case([](LayoutType type) { return LayoutValue(type.getLayout()); })
      .Case([](TilerType type) { return LayoutValue(type.getTiler()); })
      .Case([](ViewType type) {
        LayoutValue view(type.getLayout());
        view.kind = LayoutValue::Kind::View;
        view.tuple = IntTuple(Int::dynamic());
        view.elementType = type.getElementType();
        view.space = type.getAddressSpace();
        return view;
      })
      .Case([](CoordViewType type) {
        LayoutValue view(type.getLayout());
        view.kind = LayoutValue::Kind::CoordView;
        view.tuple = type.getOrigin();
        return view;
      })
      .Case([](IndexType) { return LayoutValue(Int::dynamic()); })
      .Default([](Type type) {
        LayoutValue opaque;
        opaque.elementType = type;
        return opaque;
      });
}

LayoutValue LayoutValue::get(Type type, Change fresh) {
  LayoutValue value = getAnonymous(type);
  if (!isStaticLayoutType(type))
    value.changeLeaves(
        [&](const Int &leaf) { return leaf.isDynamic() ? fresh(leaf) : leaf; });
  return value;
}

void LayoutValue::changeLeaves(Change change) {
  if (isTuple() || isView() || isCoordView())
    tuple.changeLeaves(change);
  if (hasLayout())
    ::changeLeaves(layout, change);
  if (isTiler())
    tiler = mapLeaves(*tiler, change);
}

void enigma::visitLeaves(const LayoutValue &value, Visitor visitor) {
  if (value.isTuple() || value.isView() || value.isCoordView())
    llvm::for_each(value.tuple.leaves(), visitor);
  if (value.hasLayout()) {
    visitor(value.layout.offset());
    ::visitLeaves(value.layout.layout(), visitor);
  }
  if (value.isTiler())
    ::visitLeaves(*value.tiler, visitor);
}

Type LayoutValue::getType(MLIRContext *context,
                          function_ref<InFlightDiagnostic()> emitError) const {
  LayoutValue value = *this;
  value.changeLeaves(anonymous);
  switch (kind) {
  case Kind::Tuple:
    return IntTupleType::getChecked(emitError, context, value.tuple);
  case Kind::Layout:
    return LayoutType::getChecked(emitError, context, value.layout);
  case Kind::Tiler:
    return TilerType::getChecked(emitError, context, *value.tiler);
  case Kind::View:
    return ViewType::getChecked(emitError, context, elementType, space,
                                value.layout);
  case Kind::CoordView:
    return CoordViewType::getChecked(emitError, context, value.tuple,
                                     value.layout.layout());
  case Kind::Opaque:
    return elementType;
  }
  llvm_unreachable("unknown kind of layout value");
}

SmallVector<layout::Numbers>
enigma::getNumbers(const layout::Operation &operation,
                   DictionaryAttr attributes) {
  SmallVector<layout::Numbers> numbers;
  for (const layout::Attribute &attribute : operation.attributes) {
    Attribute given = attributes ? attributes.get(attribute.name) : Attribute();
    layout::Numbers &found = numbers.emplace_back();
    if (auto list = dyn_cast_if_present<DenseI64ArrayAttr>(given))
      found.emplace(list.asArrayRef());
    else if (auto number = dyn_cast_if_present<IntegerAttr>(given))
      found.emplace({number.getInt()});
  }
  return numbers;
}

InFlightDiagnostic enigma::attachRemedy(InFlightDiagnostic diagnostic,
                                        const layout::Error &error) {
  diagnostic.attachNote() << "help: " << error.remedy();
  return diagnostic;
}

static bool hasDynamic(ArrayRef<Int> leaves) {
  return llvm::any_of(leaves, [](const Int &leaf) { return leaf.isDynamic(); });
}

bool enigma::isStaticLayoutType(Type type) {
  return llvm::TypeSwitch<Type, bool>(type)
      .Case([](IntTupleType type) {
        return !hasDynamic(type.getTuple().leaves());
      })
      .Case([](LayoutType type) {
        return type.getLayout().layout().isStatic() &&
               type.getLayout().offset().isStatic();
      })
      .Case([](TilerType type) { return isStaticTiler(type.getTiler()); })
      .Default([](Type) { return false; });
}

Int enigma::anonymous(const Int &leaf) {
  if (!leaf.isDynamic())
    return leaf;
  return Int::dynamic(leaf.divisor()).withBasis(leaf.basis());
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

LayoutValue LayoutEvaluation::symbolize(Type type) {
  LayoutValue value = getAnonymous(type);
  visitLeaves(value,
              [&](const Int &leaf) { isOpen.push_back(leaf.isDynamic()); });
  // What the type leaves open is a symbol, even where the actual leaf is known:
  // decisions are to be those that were made for the type.
  value.changeLeaves([&](const Int &leaf) {
    if (!leaf.isDynamic())
      return leaf;
    return pool.symbol(llvm::utostr(pool.size()), leaf.divisor())
        .withBasis(leaf.basis());
  });
  return value;
}

void LeafSubstitution::add(const LayoutValue &actual) {
  visitLeaves(actual, [&](const Int &leaf) {
    if (evaluation.isOpen[next++])
      leaves.push_back(leaf.withoutBasis());
  });
}

void LeafSubstitution::resolve(LayoutValue &value) {
  value.changeLeaves([&](const Int &leaf) { return resolve(leaf); });
}

Int LeafSubstitution::resolve(const Int &leaf) {
  if (!leaf.isDynamic() || !leaf.expr())
    return leaf;
  const layout::Expr *expr = leaf.expr();
  if (expr->kind() == layout::Expr::Kind::Symbol)
    return leaves[expr->id()].withBasis(leaf.basis());
  auto known = resolved.find(expr);
  if (known != resolved.end())
    return known->second.withBasis(leaf.basis());
  Int result;
  switch (expr->kind()) {
  case layout::Expr::Kind::Symbol:
    llvm_unreachable("a symbol is one of the leaves");
  case layout::Expr::Kind::Add:
    result = layout::add(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  case layout::Expr::Kind::Mul:
    result = layout::mul(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  case layout::Expr::Kind::FloorDiv:
    result = layout::floorDiv(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  case layout::Expr::Kind::CeilDiv:
    result = layout::ceilDiv(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  case layout::Expr::Kind::FloorMod:
    result = layout::floorMod(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  case layout::Expr::Kind::Abs:
    result = layout::abs(resolve(expr->lhs()));
    break;
  case layout::Expr::Kind::And:
    result = layout::bitAnd(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  case layout::Expr::Kind::Xor:
    result = layout::bitXor(resolve(expr->lhs()), resolve(expr->rhs()));
    break;
  }
  resolved[expr] = result;
  return result.withBasis(leaf.basis());
}
