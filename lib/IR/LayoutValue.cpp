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

static SmallVector<Int, 8> mapLeaves(ArrayRef<Int> leaves, Change change) {
  SmallVector<Int, 8> changed;
  for (const Int &leaf : leaves)
    changed.push_back(change(leaf));
  return changed;
}

static IntTuple mapLeaves(const IntTuple &tuple, Change change) {
  return IntTuple(tuple.profile(), mapLeaves(tuple.leaves(), change));
}

static layout::Layout mapLeaves(const layout::Layout &value, Change change) {
  SmallVector<Int, 8> strides = mapLeaves(value.strides(), change);
  return layout::Layout::unchecked(value.profile(),
                                   mapLeaves(value.shapes(), change), strides);
}

static layout::ComposedLayout mapLeaves(const layout::ComposedLayout &value,
                                        Change change) {
  if (value.swizzle().isIdentity() && value.offset().isZero())
    return layout::ComposedLayout(mapLeaves(value.layout(), change));
  // The offset of a layout is set by adding to that of one that starts at 0.
  layout::Result<layout::ComposedLayout> swizzled =
      layout::ComposedLayout::make(value.swizzle(), change(value.offset()),
                                   layout::Layout());
  return (swizzled ? *swizzled : layout::ComposedLayout())
      .with(mapLeaves(value.layout(), change));
}

static layout::Tiler mapLeaves(const layout::Tiler &value, Change change) {
  if (value.isNone())
    return value;
  if (value.isLayout())
    return layout::Tiler(mapLeaves(value.layout(), change));
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

LayoutValue LayoutValue::get(Type type, Change fresh) {
  auto change = [&](const Int &leaf) {
    return leaf.isDynamic() ? fresh(leaf) : leaf;
  };
  return llvm::TypeSwitch<Type, LayoutValue>(type)
      .Case([&](IntTupleType type) {
        return LayoutValue(mapLeaves(type.getTuple(), change));
      })
      .Case([&](LayoutType type) {
        return LayoutValue(mapLeaves(type.getLayout(), change));
      })
      .Case([&](TilerType type) {
        return LayoutValue(mapLeaves(type.getTiler(), change));
      })
      .Case([&](ViewType type) {
        LayoutValue view(mapLeaves(type.getLayout(), change));
        view.kind = Kind::View;
        view.tuple = IntTuple(fresh(Int::dynamic()));
        view.elementType = type.getElementType();
        view.space = type.getAddressSpace();
        return view;
      })
      .Case([&](CoordViewType type) {
        LayoutValue view(mapLeaves(type.getLayout(), change));
        view.kind = Kind::CoordView;
        view.tuple = mapLeaves(type.getOrigin(), change);
        return view;
      })
      .Case([&](IndexType) { return LayoutValue(fresh(Int::dynamic())); })
      .Default([&](Type type) {
        LayoutValue opaque;
        opaque.elementType = type;
        return opaque;
      });
}

LayoutValue LayoutValue::map(Change change) const {
  LayoutValue result;
  result.kind = kind;
  result.elementType = elementType;
  result.space = space;
  result.buffer = buffer;
  if (isTuple() || isView() || isCoordView())
    result.tuple = mapLeaves(tuple, change);
  if (hasLayout())
    result.layout = mapLeaves(layout, change);
  if (isTiler())
    result.tiler = mapLeaves(*tiler, change);
  return result;
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
  LayoutValue value = map(anonymous);
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
  LayoutValue value =
      LayoutValue::get(type, [](const Int &leaf) { return leaf; });
  visitLeaves(value,
              [&](const Int &leaf) { isOpen.push_back(leaf.isDynamic()); });
  // What the type leaves open is a symbol, even where the actual leaf is known:
  // decisions are to be those that were made for the type.
  return value.map([&](const Int &leaf) {
    if (!leaf.isDynamic())
      return leaf;
    return pool.symbol(llvm::utostr(pool.size()), leaf.divisor())
        .withBasis(leaf.basis());
  });
}

void LeafSubstitution::add(const LayoutValue &actual) {
  visitLeaves(actual, [&](const Int &leaf) {
    if (evaluation.isOpen[next++])
      leaves.push_back(leaf.withoutBasis());
  });
}

LayoutValue LeafSubstitution::resolve(const LayoutValue &value) {
  return value.map([&](const Int &leaf) { return resolve(leaf); });
}

Int LeafSubstitution::resolve(const Int &leaf) {
  if (!leaf.isDynamic() || !leaf.expr())
    return leaf;
  const layout::Expr *expr = leaf.expr();
  auto known = resolved.find(expr);
  if (known != resolved.end())
    return known->second.withBasis(leaf.basis());
  Int result;
  switch (expr->kind()) {
  case layout::Expr::Kind::Symbol:
    result = leaves[expr->id()];
    break;
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
