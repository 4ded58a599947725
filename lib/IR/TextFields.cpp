// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/TextFields.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace enigma;

/// The greatest width and precision.
static constexpr unsigned kMaxDigits = 999;

FailureOr<SmallVector<TextPiece>> enigma::parseFields(StringRef text,
                                                      EmitError emitError) {
  SmallVector<TextPiece> pieces(1);
  while (!text.empty()) {
    size_t brace = text.find_first_of("{}");
    pieces.back().text += text.take_front(brace);
    text = text.drop_front(std::min(brace, text.size()));
    if (text.empty())
      break;
    char first = text.front();
    if (text.size() > 1 && text[1] == first) {
      pieces.back().text += first;
      text = text.drop_front(2);
      continue;
    }
    size_t end = text.find('}');
    if (first == '}' || end == StringRef::npos ||
        text.slice(1, end).contains('{')) {
      emitError() << "has a '" << StringRef(&first, 1)
                  << "' that is no part of a field; a brace is doubled where "
                     "it stands for itself";
      return failure();
    }
    pieces.back().field = text.slice(1, end);
    pieces.emplace_back();
    text = text.drop_front(end + 1);
  }
  return pieces;
}

/// Reads a number of at most `kMaxDigits`; none is 0.
static std::optional<unsigned> takeNumber(StringRef &text) {
  StringRef digits = text.take_while(llvm::isDigit);
  text = text.drop_front(digits.size());
  unsigned number = 0;
  if (!digits.empty() &&
      (digits.getAsInteger(10, number) || number > kMaxDigits))
    return std::nullopt;
  return number;
}

/// Reads a format of any type, of which nothing may be left.
static std::optional<FormatSpec> takeSpec(StringRef text) {
  FormatSpec spec;
  spec.isLeft = text.consume_front("<");
  bool isAligned = spec.isLeft || text.consume_front(">");
  spec.hasPlus = text.consume_front("+");
  if (!spec.hasPlus && !text.consume_front("-"))
    spec.hasSpace = text.consume_front(" ");
  spec.hasPrefix = text.consume_front("#");
  spec.hasZeros = text.consume_front("0");
  std::optional<unsigned> width = takeNumber(text);
  if (!width)
    return std::nullopt;
  spec.width = *width;
  if (text.consume_front(".")) {
    bool isNumber = !text.empty() && llvm::isDigit(text.front());
    spec.precision = takeNumber(text);
    if (!isNumber || !spec.precision)
      return std::nullopt;
  }
  if (!text.empty()) {
    spec.type = text.front();
    text = text.drop_front();
  }
  // Of an aligned number Python has the zeros beside the sign, and C behind it.
  if (!text.empty() || (isAligned && spec.hasZeros))
    return std::nullopt;
  return spec;
}

FailureOr<FormatSpec> enigma::parseFormatSpec(StringRef text, Type dtype,
                                              EmitError emitError) {
  std::optional<FormatSpec> spec = takeSpec(text);
  bool isFloat = isa<FloatType>(dtype), isBool = dtype.isInteger(1);
  StringRef types = isFloat ? "eEfFgG" : isBool ? "" : "doxX";
  bool fits = spec.has_value();
  if (fits && spec->type)
    fits = types.contains(spec->type);
  if (fits && !isFloat)
    fits = !spec->precision;
  if (fits && spec->hasPrefix)
    fits = spec->type == 'x' || spec->type == 'X';
  // C writes the sign of a signed number alone, and bits have none.
  bool hasSign = fits && (spec->hasPlus || spec->hasSpace);
  if (hasSign && !isFloat && spec->type && spec->type != 'd')
    fits = false;
  // What stands in front of C's conversion stands in front of its spaces.
  if (fits && (spec->hasPrefix || (hasSign && dtype.isUnsignedInteger(64))))
    fits = spec->isLeft || spec->hasZeros || spec->width == 0;
  if (fits)
    return *spec;
  InFlightDiagnostic diagnostic = emitError();
  diagnostic << "has the format '" << text << "' for a value of type " << dtype;
  diagnostic.attachNote() << "help: "
                          << (isFloat ? "a float has [<|>][+| ][0][width]"
                                        "[.precision] and one of e, E, f, F, "
                                        "g, G, as in {:.3f}; 0 stands without "
                                        "< and >"
                              : isBool
                                  ? "a bool has [<|>][width]; it is 0 or 1"
                                  : "an integer has [<|>][+| ][#][0]"
                                    "[width] and one of d, o, x, X, as in "
                                    "{:08x}; 0 stands without < and >; only d "
                                    "has + and a space, and only x and X have "
                                    "#; # and the sign of a u64 go with < or 0 "
                                    "where there is a width");
  return failure();
}
