// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types of MSL.

#ifndef ENIGMA_LIB_TARGET_MSL_TYPES_H
#define ENIGMA_LIB_TARGET_MSL_TYPES_H

#include "enigma/IR/EnigmaEnums.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>
#include <string>

namespace enigma::msl {

enum class Kind : uint8_t { Bool, Integer, Half, BFloat, Float };

/// A scalar, vector or matrix type of MSL.
struct MSLType {
  Kind kind = Kind::Integer;
  uint8_t bits = 32;
  bool isSigned = true;
  /// Of a matrix, the rows.
  uint8_t lanes = 1;
  /// Of a matrix of a SIMD group, the others say what its elements are.
  bool isMatrix = false;
  /// Of a matrix of a thread.
  uint8_t columns = 0;

  bool operator==(const MSLType &other) const {
    return kind == other.kind && bits == other.bits &&
           isSigned == other.isSigned && lanes == other.lanes &&
           isMatrix == other.isMatrix && columns == other.columns;
  }
  bool operator!=(const MSLType &other) const { return !(*this == other); }

  bool isBool() const { return kind == Kind::Bool; }
  bool isInteger() const { return kind == Kind::Integer; }
  bool isFloat() const { return kind >= Kind::Half; }
  bool isVector() const { return lanes > 1 && columns == 0; }
  MSLType withSign(bool sign) const { return {kind, bits, sign, lanes}; }
  MSLType withLanes(unsigned count) const {
    return {kind, bits, isSigned, static_cast<uint8_t>(count)};
  }
  MSLType element() const { return withLanes(1); }

  /// The name in MSL: `float4`.
  std::string str() const;
};

inline constexpr MSLType kBool{Kind::Bool, 1, false, 1};
inline constexpr MSLType kInt{Kind::Integer, 32, true, 1};
inline constexpr MSLType kUInt{Kind::Integer, 32, false, 1};
inline constexpr MSLType kFloat{Kind::Float, 32, true, 1};

/// The type of a declaration or of a cast of pointers, with what Metal wants to
/// know of the memory: `device const packed_float4*`.
struct DeclaredType {
  enum Indirection : uint8_t { None, Pointer, Reference };

  MSLType type;
  /// None for a variable of a thread.
  std::optional<AddressSpace> space = std::nullopt;
  Indirection indirection = None;
  bool isConst = false;
  /// Whether vectors are aligned like their elements.
  bool isPacked = false;
  bool isAtomic = false;
  /// Where it is another one than that of the type.
  std::optional<int64_t> alignment = std::nullopt;

  std::string str() const;
};

/// The `uint`s, 2 or 4, that hold what one access takes of narrow elements:
/// more than a vector has lanes. Nothing for another type.
std::optional<unsigned> getNumWords(mlir::VectorType type);

/// The MSL type of values of \p type; nothing if MSL has none. \p isSigned
/// matters for integers only. `index` is an integer of 64 bits.
std::optional<MSLType> getMSLType(mlir::Type type, bool isSigned);

/// The type that C++ computes in for operands of \p type.
MSLType getPromoted(MSLType type);

/// The type of a binary operator on integers of these types, as C++ has it.
MSLType getUsualType(MSLType left, MSLType right);

/// The type that the library computes in: it has no functions of `bfloat`.
MSLType getComputed(MSLType type);

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_TYPES_H
