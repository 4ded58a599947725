// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Literals.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

using namespace mlir;
using namespace enigma::msl;

std::string MSLType::str() const {
  std::string name;
  switch (kind) {
  case Kind::Bool:
    name = "bool";
    break;
  case Kind::Half:
    name = "half";
    break;
  case Kind::BFloat:
    name = "bfloat";
    break;
  case Kind::Float:
    name = "float";
    break;
  case Kind::Integer:
    if (!isSigned)
      name = "u";
    name += bits == 8    ? "char"
            : bits == 16 ? "short"
            : bits == 32 ? "int"
                         : "long";
    break;
  }
  if (lanes > 1)
    name += std::to_string(lanes);
  return name;
}

std::optional<MSLType> enigma::msl::getMSLType(Type type, bool isSigned) {
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.getRank() != 1 || vector.isScalable() ||
        vector.getNumElements() < 2 || vector.getNumElements() > 4 ||
        isa<VectorType>(vector.getElementType()))
      return std::nullopt;
    std::optional<MSLType> element =
        getMSLType(vector.getElementType(), isSigned);
    if (!element)
      return std::nullopt;
    return element->withLanes(vector.getNumElements());
  }
  if (type.isF16())
    return MSLType{Kind::Half, 16, true, 1};
  if (type.isBF16())
    return MSLType{Kind::BFloat, 16, true, 1};
  if (type.isF32())
    return MSLType{Kind::Float, 32, true, 1};
  if (type.isIndex())
    return MSLType{Kind::Integer, 64, isSigned, 1};
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  switch (integer.getWidth()) {
  case 1:
    return MSLType{Kind::Bool, 1, false, 1};
  case 8:
  case 16:
  case 32:
  case 64:
    return MSLType{Kind::Integer, static_cast<uint8_t>(integer.getWidth()),
                   isSigned, 1};
  default:
    return std::nullopt;
  }
}

static std::string hexadecimal(uint64_t value) {
  return "0x" + llvm::utohexstr(value, /*LowerCase=*/true);
}

Literal enigma::msl::integerLiteral(const llvm::APInt &value, MSLType type,
                                    LiteralForm form) {
  if (type.kind == Kind::Bool)
    return {value.isZero() ? "false" : "true", Precedence::Primary, type};

  const MSLType intType{Kind::Integer, 32, true, 1};
  bool isTyped = form == LiteralForm::Typed;
  if (!type.isSigned) {
    uint64_t bits = value.getZExtValue();
    bool isMask = form == LiteralForm::Mask && bits > 9;
    // Numbers near the top are masks or negative numbers in disguise; their
    // pattern says more than their value.
    bool isHigh = type.bits >= 32 && bits >> (type.bits - 1);
    std::string text =
        isMask || isHigh ? hexadecimal(bits) : std::to_string(bits);
    if (type.bits < 32) {
      if (isTyped)
        return {type.str() + "(" + text + ")", Precedence::Primary, type};
      return {text, Precedence::Primary, intType};
    }
    if (!isTyped && bits <= INT32_MAX)
      return {text, Precedence::Primary, intType};
    return {text + (type.bits == 64 ? "ul" : "u"), Precedence::Primary, type};
  }

  int64_t number = value.getSExtValue();
  if (number == INT32_MIN && type.bits >= 32 && !(isTyped && type.bits == 64))
    return {"INT_MIN", Precedence::Primary, intType};
  if (number == INT64_MIN)
    return {"LONG_MIN", Precedence::Primary, type};
  std::string text = form == LiteralForm::Mask && number > 9
                         ? hexadecimal(number)
                         : std::to_string(number);
  Precedence precedence = number < 0 ? Precedence::Unary : Precedence::Primary;
  bool fitsInt = number >= INT32_MIN && number <= INT32_MAX;
  if (fitsInt && (!isTyped || type.bits == 32))
    return {text, precedence, intType};
  if (type.bits == 64)
    return {text + "l", precedence, type};
  return {type.str() + "(" + text + ")", Precedence::Primary, type};
}

/// The shortest decimal number that `semantics` reads as `value`.
static std::string shortestDecimal(const llvm::APFloat &value,
                                   const llvm::fltSemantics &literalSemantics) {
  llvm::SmallString<32> text;
  for (unsigned digits = 2; digits <= 9; ++digits) {
    text.clear();
    value.toString(text, digits, /*FormatMaxPadding=*/5);
    llvm::APFloat parsed(literalSemantics);
    auto status =
        parsed.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
    if (!status) {
      llvm::consumeError(status.takeError());
      continue;
    }
    bool losesInfo;
    parsed.convert(value.getSemantics(), llvm::APFloat::rmNearestTiesToEven,
                   &losesInfo);
    if (parsed.bitwiseIsEqual(value))
      break;
  }
  size_t exponent = text.find('E');
  std::string mantissa = text.str().take_front(exponent).str();
  if (mantissa.find('.') == std::string::npos)
    mantissa += ".0";
  if (exponent == llvm::StringRef::npos)
    return mantissa;
  StringRef power = text.str().drop_front(exponent + 1);
  power.consume_front("+");
  return mantissa + "e" + power.str();
}

Literal enigma::msl::floatLiteral(const llvm::APFloat &value, MSLType type) {
  type = type.element();
  std::string name = type.str();
  if (value.isNaN()) {
    llvm::APFloat plain = llvm::APFloat::getNaN(value.getSemantics());
    if (value.bitwiseIsEqual(plain)) {
      if (type.kind == Kind::Float)
        return {"NAN", Precedence::Primary, type};
      return {name + "(NAN)", Precedence::Primary, type};
    }
    llvm::APInt bits = value.bitcastToAPInt();
    std::string pattern = hexadecimal(bits.getZExtValue());
    pattern = type.bits == 32 ? pattern + "u" : "ushort(" + pattern + ")";
    return {"as_type<" + name + ">(" + pattern + ")", Precedence::Primary,
            type};
  }
  std::string sign = value.isNegative() ? "-" : "";
  llvm::APFloat magnitude = llvm::abs(value);
  std::string text;
  if (value.isInfinity())
    text = "INFINITY";
  else if (type.kind == Kind::Half)
    // The suffix makes the compiler round to half at once.
    return {sign + shortestDecimal(magnitude, llvm::APFloat::IEEEhalf()) + "h",
            value.isNegative() ? Precedence::Unary : Precedence::Primary, type};
  else
    text = shortestDecimal(magnitude, llvm::APFloat::IEEEsingle()) + "f";
  if (type.kind != Kind::Float)
    return {name + "(" + sign + text + ")", Precedence::Primary, type};
  return {sign + text,
          value.isNegative() ? Precedence::Unary : Precedence::Primary, type};
}
