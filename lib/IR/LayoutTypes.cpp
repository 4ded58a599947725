// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Types that hold values of the layout algebra. Their text is read by the
// algebra's own parser.

#include "enigma/IR/EnigmaDialect.h"

#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace enigma;

namespace {
/// The text of a type's last parameter, which is not in MLIR's tokens: a
/// dialect type's parser is given the whole text, and need not consume it.
class Body {
public:
  /// The text from the token after the current one, or from the current one, to
  /// the bracket that closes the type.
  Body(AsmParser &parser, bool afterToken) : parser(parser) {
    StringRef whole =
        static_cast<DialectAsmParser &>(parser).getFullSymbolSpec();
    const char *begin =
        parser.getCurrentLocation().getPointer() + (afterToken ? 1 : 0);
    const char *end = whole.data() + whole.size() - 1;
    if (whole.ends_with(">") && begin <= end)
      text = StringRef(begin, end - begin);
    else
      text = StringRef(end, 0);
  }

  /// The value that `T::parse` reads; a diagnostic at the offending column if
  /// there is none.
  template <typename T> std::optional<T> parse() {
    layout::Result<T> value = T::parse(text);
    if (value)
      return *value;
    StringRef message = value.message();
    size_t column = 1;
    message.consume_front("column ");
    message.consumeInteger(10, column);
    message.consume_front(": ");
    const char *at =
        text.data() + std::min(std::max<size_t>(column, 1) - 1, text.size());
    parser.emitError(SMLoc::getFromPointer(at), message);
    return std::nullopt;
  }

  /// A layout, swizzled or not.
  std::optional<layout::ComposedLayout> parseLayout() {
    if (text.ltrim().starts_with("Sw"))
      return parse<layout::ComposedLayout>();
    std::optional<layout::Layout> plain = parse<layout::Layout>();
    if (!plain)
      return std::nullopt;
    return layout::ComposedLayout().with(*plain);
  }

  /// Splits off the text before the first comma outside of parentheses.
  Body takeUntilComma() {
    Body part = *this;
    int64_t open = 0;
    for (auto [i, c] : llvm::enumerate(text)) {
      if (open == 0 && c == ',') {
        part.text = text.take_front(i);
        text = text.drop_front(i + 1);
        return part;
      }
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    text = text.drop_front(text.size());
    return part;
  }

private:
  AsmParser &parser;
  StringRef text;
};
} // namespace

/// Checks that a '<' follows, which stays the current token: what stands behind
/// it need not be a token.
static ParseResult checkLess(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (*loc.getPointer() != '<')
    return parser.emitError(loc, "expected '<'");
  return success();
}

/// Symbols of the evaluation of one operation must not outlive it.
static bool hasExpr(ArrayRef<layout::Int> leaves) {
  return llvm::any_of(leaves, [](const layout::Int &x) { return x.expr(); });
}

static bool hasInvalid(ArrayRef<layout::Int> leaves) {
  return llvm::any_of(leaves,
                      [](const layout::Int &x) { return x.isInvalid(); });
}

static LogicalResult verifyLeaves(function_ref<InFlightDiagnostic()> emitError,
                                  const layout::Layout &layout) {
  assert(!hasExpr(layout.shapes()) && !hasExpr(layout.strides()));
  if (hasInvalid(layout.shapes()) || hasInvalid(layout.strides()))
    return emitError() << "the layout leaves the range of 64-bit integers";
  return success();
}

static void printLayout(AsmPrinter &printer,
                        const layout::ComposedLayout &layout) {
  if (layout.swizzle().isIdentity() && layout.offset().isZero())
    printer << layout.layout().str();
  else
    printer << layout.str();
}

//===----------------------------------------------------------------------===//
// IntTupleType
//===----------------------------------------------------------------------===//

LogicalResult IntTupleType::verify(function_ref<InFlightDiagnostic()> emitError,
                                   layout::IntTuple tuple) {
  assert(!hasExpr(tuple.leaves()));
  if (hasInvalid(tuple.leaves()))
    return emitError() << "the tuple leaves the range of 64-bit integers";
  return success();
}

Type IntTupleType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (checkLess(parser))
    return {};
  auto tuple = Body(parser, /*afterToken=*/true).parse<layout::IntTuple>();
  if (!tuple)
    return {};
  return parser.getChecked<IntTupleType>(loc, parser.getContext(), *tuple);
}

void IntTupleType::print(AsmPrinter &printer) const {
  printer << '<' << getTuple().str() << '>';
}

//===----------------------------------------------------------------------===//
// LayoutType
//===----------------------------------------------------------------------===//

LogicalResult LayoutType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 layout::ComposedLayout layout) {
  assert(!layout.offset().expr());
  return verifyLeaves(emitError, layout.layout());
}

Type LayoutType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (checkLess(parser))
    return {};
  auto layout = Body(parser, /*afterToken=*/true).parseLayout();
  if (!layout)
    return {};
  return parser.getChecked<LayoutType>(loc, parser.getContext(), *layout);
}

void LayoutType::print(AsmPrinter &printer) const {
  printer << '<';
  printLayout(printer, getLayout());
  printer << '>';
}

//===----------------------------------------------------------------------===//
// TilerType
//===----------------------------------------------------------------------===//

static LogicalResult verifyTiler(function_ref<InFlightDiagnostic()> emitError,
                                 const layout::Tiler &tiler) {
  if (tiler.isLayout())
    return verifyLeaves(emitError, tiler.layout());
  for (const layout::Tiler &mode : tiler.modes())
    if (failed(verifyTiler(emitError, mode)))
      return failure();
  return success();
}

LogicalResult TilerType::verify(function_ref<InFlightDiagnostic()> emitError,
                                layout::Tiler tiler) {
  return verifyTiler(emitError, tiler);
}

Type TilerType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (checkLess(parser))
    return {};
  auto tiler = Body(parser, /*afterToken=*/true).parse<layout::Tiler>();
  if (!tiler)
    return {};
  return parser.getChecked<TilerType>(loc, parser.getContext(), *tiler);
}

void TilerType::print(AsmPrinter &printer) const {
  printer << '<' << getTiler().str() << '>';
}

//===----------------------------------------------------------------------===//
// ViewType
//===----------------------------------------------------------------------===//

LogicalResult ViewType::verify(function_ref<InFlightDiagnostic()> emitError,
                               Type elementType, AddressSpace,
                               layout::ComposedLayout layout) {
  if (!BufferType::isValidElementType(elementType))
    return emitError()
           << "element type of a tensor must be f16, bf16, f32, i1, or an "
              "integer of 8, 16, 32 or 64 bits with signedness (si32, ui8), "
              "found "
           << elementType;
  if (layout.layout().hasBasis())
    return emitError() << "the offsets of " << layout.layout().str()
                       << " are coordinates; a tensor of coordinates is an "
                          "!enigma.coord_tensor";
  return verifyLeaves(emitError, layout.layout());
}

Type ViewType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  Type elementType;
  FailureOr<AddressSpace> space = failure();
  if (parser.parseLess() || parser.parseType(elementType) ||
      parser.parseComma() ||
      failed(space = FieldParser<AddressSpace>::parse(parser)))
    return {};
  // The comma stays the current token.
  if (SMLoc comma = parser.getCurrentLocation(); *comma.getPointer() != ',') {
    parser.emitError(comma, "expected ',' and a layout");
    return {};
  }
  auto layout = Body(parser, /*afterToken=*/true).parseLayout();
  if (!layout)
    return {};
  return parser.getChecked<ViewType>(loc, parser.getContext(), elementType,
                                     *space, *layout);
}

void ViewType::print(AsmPrinter &printer) const {
  printer << '<' << getElementType() << ", "
          << stringifyAddressSpace(getAddressSpace()) << ", ";
  printLayout(printer, getLayout());
  printer << '>';
}

//===----------------------------------------------------------------------===//
// CoordViewType
//===----------------------------------------------------------------------===//

LogicalResult
CoordViewType::verify(function_ref<InFlightDiagnostic()> emitError,
                      layout::IntTuple origin, layout::Layout layout) {
  assert(!hasExpr(origin.leaves()));
  for (const layout::Int &leaf : origin.leaves())
    if (leaf.isNone() || leaf.basis() != 0)
      return emitError() << "the origin " << origin.str()
                         << " must be a coordinate of integers";
  if (hasInvalid(origin.leaves()))
    return emitError() << "the origin leaves the range of 64-bit integers";
  return verifyLeaves(emitError, layout);
}

Type CoordViewType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (checkLess(parser))
    return {};
  Body body(parser, /*afterToken=*/true);
  auto origin = body.takeUntilComma().parse<layout::IntTuple>();
  if (!origin)
    return {};
  auto layout = body.parse<layout::Layout>();
  if (!layout)
    return {};
  return parser.getChecked<CoordViewType>(loc, parser.getContext(), *origin,
                                          *layout);
}

void CoordViewType::print(AsmPrinter &printer) const {
  printer << '<' << getOrigin().str() << ", " << getLayout().str() << '>';
}
