// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers that may be known only at run time.
//
// The leaves of shapes and strides. A leaf is a number, or it is dynamic: known
// at run time only, with a divisibility fact. All operations of the algebra are
// written against the arithmetic of this file, so one implementation serves
//
//   - static layouts: plain 64-bit arithmetic, checked for overflow;
//   - types, whose dynamic leaves are anonymous: the result says which leaves
//     are dynamic and what divides them;
//   - lowering, whose dynamic leaves are symbols of an ExprPool: the result's
//     dynamic leaves are expressions over these symbols, to be built as
//     operations once each, since equal expressions are one node.
//
// A decision of an algorithm depends on static values and divisibility alone,
// unless two leaves are the same expression.

#ifndef ENIGMA_LAYOUT_INT_H
#define ENIGMA_LAYOUT_INT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace enigma::layout {

class Expr;
class ExprPool;

/// What a leaf has of its expression, or null. It counts as a user where the
/// pool keeps what is used, and is a plain address where the pool keeps all.
class ExprRef {
public:
  ExprRef() = default;
  ExprRef(const ExprRef &other) : bits(other.bits) { retain(); }
  ExprRef(ExprRef &&other) noexcept : bits(std::exchange(other.bits, 0)) {}
  ExprRef &operator=(ExprRef other) noexcept {
    std::swap(bits, other.bits);
    return *this;
  }
  ~ExprRef() {
    if (isCounted())
      release();
  }

  operator const Expr *() const { return address(); }

private:
  friend class ExprPool;
  ExprRef(const Expr &expr, bool isCounted)
      : bits(reinterpret_cast<uintptr_t>(&expr) | uintptr_t(isCounted)) {
    retain();
  }
  bool isCounted() const { return bits & 1; }
  const Expr *address() const {
    return reinterpret_cast<const Expr *>(bits & ~uintptr_t(1));
  }
  void retain() const;
  void release() const;
  /// Leaves it to the caller to release the expression.
  const Expr *take() {
    const Expr *expr = address();
    bits = 0;
    return expr;
  }

  /// The address, and in its lowest bit whether it is counted. That is not
  /// asked of the expression, which may be gone with its pool.
  uintptr_t bits = 0;
};

/// A leaf of an integer tuple.
class Int {
public:
  enum class Kind : uint8_t {
    /// A number.
    Static,
    /// Known at run time only.
    Dynamic,
    /// The placeholder `None` of a coordinate: "keep this mode".
    None,
    /// The outcome of arithmetic that has no value: it left 64 bits, it added
    /// steps along different coordinates, or its expression is too deep.
    Invalid
  };

  /// The deepest path, and the largest index in one, that a basis can hold.
  static constexpr unsigned maxBasisDepth = 4, maxBasisIndex = 254;

  Int() = default;
  Int(int64_t value) : bits(value) {}
  static Int none() { return Int(0, {}, 0, Kind::None); }
  static Int invalid() { return Int(0, {}, 0, Kind::Invalid); }
  /// A dynamic leaf that is a multiple of `div`.
  static Int dynamic(int64_t div = 1, ExprRef expr = {}) {
    return Int(div, std::move(expr), 0, Kind::Dynamic);
  }
  /// This leaf as a step along the coordinate at `path`, written `1@0.1`.
  Int along(llvm::ArrayRef<unsigned> path) const;

  Kind kind() const { return kindOf; }
  bool isStatic() const { return kindOf == Kind::Static; }
  bool isDynamic() const { return kindOf == Kind::Dynamic; }
  bool isNone() const { return kindOf == Kind::None; }
  bool isInvalid() const { return kindOf == Kind::Invalid; }
  /// Is this leaf statically `value`, and no step along a coordinate?
  bool is(int64_t value) const {
    return isStatic() && bits == value && basisPath == 0;
  }
  /// Is this leaf statically 0? A zero step has no direction.
  bool isZero() const { return isStatic() && bits == 0; }

  /// The value of a static leaf.
  int64_t value() const {
    assert(isStatic() && "only a static leaf has a value");
    return bits;
  }
  /// A positive number that divides this leaf; 0 for the static 0.
  int64_t divisor() const;
  /// The expression of a dynamic leaf, or null if it is anonymous.
  const Expr *expr() const { return node; }
  /// Is the expression one of too many levels for what walks over it?
  bool isTooDeep() const;
  /// The same, for another leaf.
  const ExprRef &exprRef() const { return node; }

  /// The path of the coordinate that this leaf steps along, encoded; 0 for a
  /// plain integer.
  uint32_t basis() const { return basisPath; }
  llvm::SmallVector<unsigned, maxBasisDepth> path() const;
  /// The same leaf as a plain integer.
  Int withoutBasis() const { return Int(bits, node, 0, kindOf); }
  Int withBasis(uint32_t basis) const {
    return Int(bits, node, isZero() ? 0 : basis, kindOf);
  }

  /// The same spelling. Two anonymous dynamic leaves compare equal though their
  /// values may differ; see `sameValue`.
  friend bool operator==(const Int &a, const Int &b) {
    return a.bits == b.bits && a.expr() == b.expr() &&
           a.basisPath == b.basisPath && a.kindOf == b.kindOf;
  }
  friend bool operator!=(const Int &a, const Int &b) { return !(a == b); }
  friend llvm::hash_code hash_value(const Int &a) {
    return llvm::hash_combine(a.bits, a.expr(), a.basisPath,
                              static_cast<uint8_t>(a.kindOf));
  }

  void print(llvm::raw_ostream &os) const;
  std::string str() const;

private:
  friend class ExprPool;
  Int(int64_t bits, ExprRef node, uint32_t basisPath, Kind kind)
      : bits(bits), node(std::move(node)), basisPath(basisPath), kindOf(kind) {}

  int64_t bits = 0; // the value, or the divisor of a dynamic leaf
  ExprRef node;
  uint32_t basisPath = 0; // one byte a level, index + 1, outermost lowest
  Kind kindOf = Kind::Static;
};

/// An expression over symbols, owned by an ExprPool; equal ones are one node.
class Expr {
public:
  enum class Kind : uint8_t {
    Symbol,
    Add,
    Mul,
    /// Quotient rounded to minus infinity, of a positive divisor.
    FloorDiv,
    /// Quotient rounded to plus infinity, of a positive divisor.
    CeilDiv,
    /// Remainder in [0, divisor), of a positive divisor.
    FloorMod,
    Abs,
    /// Of the bits of two's complement.
    And,
    Xor
  };

  /// The deepest expression that may be walked over: such walks recur.
  static constexpr unsigned maxDepth = 4096;

  Kind kind() const { return kindOf; }
  /// How many expressions are in one another here; 1 for a symbol.
  unsigned depth() const { return levels; }
  /// The name of a symbol.
  llvm::StringRef name() const { return symbolName; }
  /// The operands of an operation; `rhs` is unused by Abs.
  const Int &lhs() const { return left; }
  const Int &rhs() const { return right; }
  ExprPool *pool() const { return owner; }
  /// Position in the order of creation: operands precede their users.
  uint64_t id() const { return number; }
  /// The hash that was kept here, so that it is computed once; 0 if none was.
  uint64_t keptHash() const { return hash.load(std::memory_order_relaxed); }
  void keepHash(uint64_t value) const {
    hash.store(value, std::memory_order_relaxed);
  }

  void print(llvm::raw_ostream &os) const;

private:
  friend class ExprPool;
  Kind kindOf = Kind::Symbol;
  Int left, right;
  llvm::StringRef symbolName;
  int64_t symbolDivisor = 1;
  ExprPool *owner = nullptr;
  uint64_t number = 0;
  unsigned levels = 1;
  mutable std::atomic<uint64_t> hash = 0;
  friend class ExprRef;
  /// Of those that are counted.
  mutable std::atomic<size_t> numUsers = 0;
};

inline bool Int::isTooDeep() const {
  return expr() && expr()->depth() > Expr::maxDepth;
}

/// Owner of expressions.
///
/// As a pass, a task of its own, needs it, a pool keeps all expressions until
/// it goes itself, so that they may be known by their address, and is for one
/// thread at a time. The pass looks whether what it is given is too deep.
///
/// One that a process has for the time that it runs keeps an expression while a
/// leaf refers to it, and has none that are too deep. Each leaf that does so
/// holds an `ExprRef`, and so do the operands of other expressions. There are
/// no other owners, and no cycles, since operands are there before their users.
/// Threads may make, copy and drop leaves at once: the first reference to an
/// expression is given out, and the last one taken back, under one lock. Who
/// remembers an expression for longer than a call has to hold a leaf, since
/// another one may get its address later.
class ExprPool {
public:
  enum class Keeps { All, Used };

  explicit ExprPool(Keeps keeps = Keeps::All)
      : isCounted(keeps == Keeps::Used) {}
  ExprPool(const ExprPool &) = delete;
  ExprPool &operator=(const ExprPool &) = delete;
  ~ExprPool() { assert((!isCounted || !size()) && "a leaf outlives its pool"); }

  /// The symbol of that name and divisor, a dynamic leaf.
  Int symbol(llvm::StringRef name, int64_t div = 1);
  /// The node of an operation, without any simplification.
  ExprRef get(Expr::Kind kind, const Int &lhs, const Int &rhs);
  /// Whether leaves may have that expression.
  bool allows(const Expr &expr) const {
    return !isCounted || expr.depth() <= Expr::maxDepth;
  }
  /// The number of expressions.
  size_t size() const;

private:
  using Symbol = std::pair<std::string, int64_t>;
  using Operand = std::tuple<int64_t, const Expr *>;
  using Operation = std::tuple<Expr::Kind, Operand, Operand>;
  static Operation keyOf(Expr::Kind kind, const Int &lhs, const Int &rhs);
  void number(Expr &node);

  friend class ExprRef;
  void release(const Expr &node);
  /// No other thread has to be kept away from a pool of one thread.
  std::unique_lock<std::mutex> hold() const {
    return isCounted ? std::unique_lock(mutex) : std::unique_lock<std::mutex>();
  }

  const bool isCounted;
  mutable std::mutex mutex;
  uint64_t numMade = 0;
  /// Each in one place as long as it is there.
  std::map<Symbol, Expr> symbols;
  std::map<Operation, Expr> operations;
};

inline void ExprRef::retain() const {
  if (isCounted())
    address()->numUsers.fetch_add(1, std::memory_order_relaxed);
}

inline void ExprRef::release() const { address()->owner->release(*address()); }

/// The value of a leaf when `valueOf(symbol)` gives that of each symbol; none
/// where that is unknown or the arithmetic has no value.
std::optional<int64_t>
evaluate(const Int &leaf,
         llvm::function_ref<std::optional<int64_t>(const Expr &)> valueOf);

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//
// Of static operands, checked for overflow; with a dynamic one, an expression
// over those operands that have one. Divisors are positive.

Int add(const Int &a, const Int &b);
Int sub(const Int &a, const Int &b);
/// At most one operand may be a step along a coordinate.
Int mul(const Int &a, const Int &b);
Int floorDiv(const Int &a, const Int &b);
Int ceilDiv(const Int &a, const Int &b);
Int floorMod(const Int &a, const Int &b);
Int abs(const Int &a);
/// Of plain integers, as numbers of two's complement.
Int bitAnd(const Int &a, const Int &b);
Int bitXor(const Int &a, const Int &b);

/// Rounded to minus infinity, as an index beyond the end of a layout needs.
inline int64_t floorDiv(int64_t a, int64_t b) {
  int64_t q = a / b;
  return q - ((a % b != 0) && ((a < 0) != (b < 0)));
}
inline int64_t floorMod(int64_t a, int64_t b) {
  int64_t r = a % b;
  return r < 0 ? r + b : r;
}

//===----------------------------------------------------------------------===//
// What is known of leaves; false where it is unknown
//===----------------------------------------------------------------------===//

/// Are the two certainly the same number (or step)?
bool sameValue(const Int &a, const Int &b);
/// Does the positive `a` certainly divide `b`?
bool divides(const Int &a, const Int &b);
/// Is the positive `a` certainly at most the positive `b`?
bool knownAtMost(const Int &a, const Int &b);

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_INT_H
