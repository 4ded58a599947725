// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Literals.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

using namespace enigma::msl;
using llvm::StringRef;

static std::string hexadecimal(uint64_t value) {
  return "0x" + llvm::utohexstr(value, /*LowerCase=*/true);
}

std::string Literal::str() const {
  std::string result;
  for (const std::string &conversion : conversions)
    result += conversion + "(";
  return result + text + std::string(conversions.size(), ')');
}

Literal enigma::msl::integerLiteral(const llvm::APInt &value, MSLType type,
                                    LiteralForm form) {
  if (type.kind == Kind::Bool)
    return {value.isZero() ? "false" : "true", type};

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
        return {text, type, /*isNegative=*/false, {type.str()}};
      return {text, kInt};
    }
    if (!isTyped && bits <= INT32_MAX)
      return {text, kInt};
    return {text + (type.bits == 64 ? "ul" : "u"), type};
  }

  int64_t number = value.getSExtValue();
  if (number == INT32_MIN && type.bits >= 32 && !(isTyped && type.bits == 64))
    return {"INT_MIN", kInt};
  if (number == INT64_MIN)
    return {"LONG_MIN", type};
  std::string text = form == LiteralForm::Mask && number > 9
                         ? hexadecimal(number)
                         : std::to_string(number);
  bool isNegative = number < 0;
  bool fitsInt = number >= INT32_MIN && number <= INT32_MAX;
  if (fitsInt && (!isTyped || type.bits == 32))
    return {text, kInt, isNegative};
  if (type.bits == 64)
    return {text + "l", type, isNegative};
  return {text, type, isNegative, {type.str()}};
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
        return {"NAN", type};
      return {"NAN", type, /*isNegative=*/false, {name}};
    }
    llvm::APInt bits = value.bitcastToAPInt();
    std::string pattern = hexadecimal(bits.getZExtValue());
    std::string conversion = "as_type<" + name + ">";
    if (type.bits == 32)
      return {pattern + "u", type, /*isNegative=*/false, {conversion}};
    return {pattern, type, /*isNegative=*/false, {conversion, "ushort"}};
  }
  std::string sign = value.isNegative() ? "-" : "";
  llvm::APFloat magnitude = llvm::abs(value);
  std::string text;
  if (value.isInfinity())
    text = "INFINITY";
  else if (type.kind == Kind::Half)
    // The suffix makes the compiler round to half at once.
    return {sign + shortestDecimal(magnitude, llvm::APFloat::IEEEhalf()) + "h",
            type, value.isNegative()};
  else
    text = shortestDecimal(magnitude, llvm::APFloat::IEEEsingle()) + "f";
  Literal literal = {sign + text, type, value.isNegative()};
  if (type.kind != Kind::Float)
    literal.conversions = {name};
  return literal;
}
