// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers that may be known only at run time.

#include "enigma/Layout/Int.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>
#include <numeric>

using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// Int
//===----------------------------------------------------------------------===//

Int Int::along(llvm::ArrayRef<unsigned> path) const {
  assert(path.size() <= maxBasisDepth && "the path is too deep");
  uint32_t encoded = 0;
  for (auto [level, index] : llvm::enumerate(path)) {
    assert(index <= maxBasisIndex && "the index is too large");
    encoded |= (index + 1) << (8 * level);
  }
  return withBasis(encoded);
}

llvm::SmallVector<unsigned, Int::maxBasisDepth> Int::path() const {
  llvm::SmallVector<unsigned, maxBasisDepth> result;
  for (uint32_t rest = basisPath; rest; rest >>= 8)
    result.push_back((rest & 0xff) - 1);
  return result;
}

int64_t Int::divisor() const {
  if (isDynamic())
    return bits;
  if (isStatic() && bits != std::numeric_limits<int64_t>::min())
    return bits < 0 ? -bits : bits;
  return 1;
}

void Int::print(llvm::raw_ostream &os) const {
  switch (kindOf) {
  case Kind::Static:
    os << bits;
    break;
  case Kind::Dynamic:
    os << '?';
    if (bits != 1)
      os << "{div=" << bits << '}';
    break;
  case Kind::None:
    os << "None";
    break;
  case Kind::Invalid:
    os << "<invalid>";
    break;
  }
  char separator = '@';
  for (unsigned index : path()) {
    os << separator << index;
    separator = '.';
  }
}

std::string Int::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}

//===----------------------------------------------------------------------===//
// Expr
//===----------------------------------------------------------------------===//

static void printOperand(const Int &operand, llvm::raw_ostream &os) {
  if (operand.isDynamic() && operand.expr())
    return operand.expr()->print(os);
  operand.withoutBasis().print(os);
}

void Expr::print(llvm::raw_ostream &os) const {
  llvm::StringRef infix;
  switch (kindOf) {
  case Kind::Symbol:
    os << symbolName;
    return;
  case Kind::Abs:
    os << "abs(";
    printOperand(left, os);
    os << ')';
    return;
  case Kind::CeilDiv:
    os << "ceildiv(";
    printOperand(left, os);
    os << ", ";
    printOperand(right, os);
    os << ')';
    return;
  case Kind::Add:
    infix = " + ";
    break;
  case Kind::Mul:
    infix = "*";
    break;
  case Kind::FloorDiv:
    infix = "//";
    break;
  case Kind::FloorMod:
    infix = "%";
    break;
  case Kind::And:
    infix = " & ";
    break;
  case Kind::Xor:
    infix = " ^ ";
    break;
  }
  os << '(';
  printOperand(left, os);
  os << infix;
  printOperand(right, os);
  os << ')';
}

//===----------------------------------------------------------------------===//
// ExprPool
//===----------------------------------------------------------------------===//

void ExprPool::number(Expr &node) {
  node.owner = this;
  node.number = numMade++;
}

Int ExprPool::symbol(llvm::StringRef name, int64_t div) {
  std::unique_lock<std::mutex> held = hold();
  auto [entry, isNew] = symbols.try_emplace({name.str(), div});
  Expr &node = entry->second;
  if (isNew) {
    number(node);
    node.symbolName = entry->first.first;
    node.symbolDivisor = div;
  }
  return Int::dynamic(div, ExprRef(node, isCounted));
}

ExprPool::Operation ExprPool::keyOf(Expr::Kind kind, const Int &lhs,
                                    const Int &rhs) {
  // A dynamic operand is its node; the divisor would only split equal nodes.
  auto key = [](const Int &operand) -> Operand {
    return {operand.isDynamic() ? 0 : operand.value(), operand.expr()};
  };
  return {kind, key(lhs), key(rhs)};
}

ExprRef ExprPool::get(Expr::Kind kind, const Int &lhs, const Int &rhs) {
  assert((!lhs.expr() || lhs.expr()->pool() == this) &&
         (!rhs.expr() || rhs.expr()->pool() == this) &&
         "an operand of another pool");
  std::unique_lock<std::mutex> held = hold();
  auto [entry, isNew] = operations.try_emplace(keyOf(kind, lhs, rhs));
  Expr &node = entry->second;
  if (isNew) {
    number(node);
    node.kindOf = kind;
    node.left = lhs;
    node.right = rhs;
    for (const Int *operand : {&lhs, &rhs})
      if (const Expr *expr = operand->expr())
        node.levels = std::max(node.levels, expr->depth() + 1);
  }
  return ExprRef(node, isCounted);
}

size_t ExprPool::size() const {
  std::unique_lock<std::mutex> held = hold();
  return symbols.size() + operations.size();
}

void ExprPool::release(const Expr &node) {
  // Only the last user has to take the lock.
  size_t users = node.numUsers.load(std::memory_order_relaxed);
  while (users > 1)
    if (node.numUsers.compare_exchange_weak(users, users - 1,
                                            std::memory_order_release,
                                            std::memory_order_relaxed))
      return;
  std::unique_lock<std::mutex> held = hold();
  // This holds a lock, so it does not recurse into operands.
  llvm::SmallVector<const Expr *> released{&node};
  while (!released.empty()) {
    const Expr *next = released.pop_back_val();
    if (next->numUsers.fetch_sub(1, std::memory_order_acq_rel) != 1)
      continue;
    if (next->kindOf == Expr::Kind::Symbol) {
      symbols.erase({next->symbolName.str(), next->symbolDivisor});
      continue;
    }
    auto entry = operations.find(keyOf(next->kindOf, next->left, next->right));
    for (Int *operand : {&entry->second.left, &entry->second.right})
      if (const Expr *expr = operand->node.take())
        released.push_back(expr);
    operations.erase(entry);
  }
}

std::optional<int64_t> enigma::layout::evaluate(
    const Int &leaf,
    llvm::function_ref<std::optional<int64_t>(const Expr &)> valueOf) {
  if (leaf.isStatic())
    return leaf.value();
  if (!leaf.isDynamic() || !leaf.expr())
    return std::nullopt;
  const Expr &expr = *leaf.expr();
  if (expr.kind() == Expr::Kind::Symbol)
    return valueOf(expr);
  std::optional<int64_t> lhs = evaluate(expr.lhs(), valueOf);
  std::optional<int64_t> rhs = expr.kind() == Expr::Kind::Abs
                                   ? std::optional<int64_t>(0)
                                   : evaluate(expr.rhs(), valueOf);
  if (!lhs || !rhs)
    return std::nullopt;
  Int result;
  switch (expr.kind()) {
  case Expr::Kind::Symbol:
    break;
  case Expr::Kind::Add:
    result = add(*lhs, *rhs);
    break;
  case Expr::Kind::Mul:
    result = mul(*lhs, *rhs);
    break;
  case Expr::Kind::FloorDiv:
  case Expr::Kind::CeilDiv:
  case Expr::Kind::FloorMod:
    if (*rhs <= 0)
      return std::nullopt;
    result = expr.kind() == Expr::Kind::FloorDiv  ? floorDiv(Int(*lhs), *rhs)
             : expr.kind() == Expr::Kind::CeilDiv ? ceilDiv(*lhs, *rhs)
                                                  : floorMod(Int(*lhs), *rhs);
    break;
  case Expr::Kind::Abs:
    result = abs(Int(*lhs));
    break;
  case Expr::Kind::And:
    result = bitAnd(*lhs, *rhs);
    break;
  case Expr::Kind::Xor:
    result = bitXor(*lhs, *rhs);
    break;
  }
  if (!result.isStatic())
    return std::nullopt;
  return result.value();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// The dynamic leaf for `kind` of two operands, one of them dynamic: anonymous
/// when an operand is.
static Int build(Expr::Kind kind, const Int &a, const Int &b, int64_t div,
                 uint32_t basis = 0) {
  auto nameless = [](const Int &x) { return x.isDynamic() && !x.expr(); };
  ExprRef expr;
  if (!nameless(a) && !nameless(b)) {
    ExprPool *pool = (a.expr() ? a.expr() : b.expr())->pool();
    expr = pool->get(kind, a.withoutBasis(), b.withoutBasis());
    if (!pool->allows(*expr))
      return Int::invalid();
  }
  return Int::dynamic(std::max<int64_t>(div, 1), std::move(expr))
      .withBasis(basis);
}

/// A product of divisors; a smaller one where it would not fit, which is still
/// true.
static int64_t productOfDivisors(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? a : product;
}

static bool isValue(const Int &a) { return a.isStatic() || a.isDynamic(); }

Int enigma::layout::add(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b))
    return Int::invalid();
  if (a.isZero())
    return b;
  if (b.isZero())
    return a;
  if (a.basis() != b.basis())
    return Int::invalid();
  if (a.isStatic() && b.isStatic()) {
    int64_t sum;
    if (__builtin_add_overflow(a.value(), b.value(), &sum))
      return Int::invalid();
    return Int(sum).withBasis(a.basis());
  }
  // Constants go right and are gathered there: (x + 1) + 2 is x + 3.
  if (a.isStatic())
    return add(b, a);
  if (const Expr *expr = a.expr())
    if (b.isStatic() && expr->kind() == Expr::Kind::Add &&
        expr->rhs().isStatic())
      return add(expr->lhs(), add(expr->rhs(), b.withoutBasis()))
          .withBasis(a.basis());
  return build(Expr::Kind::Add, a, b, std::gcd(a.divisor(), b.divisor()),
               a.basis());
}

Int enigma::layout::sub(const Int &a, const Int &b) {
  return add(a, mul(b, Int(-1)));
}

/// Whether an expression comes before another one in a product: an order that
/// does not depend on what the process computed before.
static bool comesBefore(const Expr *a, const Expr *b) {
  while (a != b) {
    if (a->kind() != b->kind())
      return a->kind() < b->kind();
    if (a->kind() == Expr::Kind::Symbol) {
      // The symbols of traced values are made in the order of the kernel, but
      // numbered in that of the process.
      bool aIsTraced = a->name().starts_with("%");
      bool bIsTraced = b->name().starts_with("%");
      if (aIsTraced != bIsTraced)
        return bIsTraced;
      if (!aIsTraced && a->name() != b->name())
        return a->name() < b->name();
      return a->id() < b->id();
    }
    const Int &left = sameValue(a->lhs(), b->lhs()) ? a->rhs() : a->lhs();
    const Int &right = sameValue(a->lhs(), b->lhs()) ? b->rhs() : b->lhs();
    if (left.isStatic() || right.isStatic()) {
      if (left.isStatic() && right.isStatic())
        return left.value() < right.value();
      return right.isStatic();
    }
    a = left.expr();
    b = right.expr();
    if (!a || !b)
      return a != nullptr;
  }
  return false;
}

Int enigma::layout::mul(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b) || (a.basis() && b.basis()))
    return Int::invalid();
  uint32_t basis = a.basis() | b.basis();
  if (a.isStatic() && b.isStatic()) {
    int64_t product;
    if (__builtin_mul_overflow(a.value(), b.value(), &product))
      return Int::invalid();
    return Int(product).withBasis(basis);
  }
  if (a.isStatic())
    return mul(b, a);
  if (b.isStatic()) {
    if (b.value() == 0)
      return Int(0);
    if (b.value() == 1)
      return a.withBasis(basis);
    if (const Expr *expr = a.expr()) {
      // (x * 2) * 3 is x * 6, and (x // 4) * 4 is x where 4 divides x.
      if (expr->kind() == Expr::Kind::Mul && expr->rhs().isStatic())
        return mul(expr->lhs(), mul(expr->rhs(), b.withoutBasis()))
            .withBasis(basis);
      if (expr->kind() == Expr::Kind::FloorDiv && expr->rhs().is(b.value()) &&
          divides(expr->rhs(), expr->lhs()))
        return expr->lhs().withBasis(basis);
    }
  } else if (a.expr() && b.expr() && comesBefore(b.expr(), a.expr())) {
    return mul(b, a);
  }
  return build(Expr::Kind::Mul, a, b,
               productOfDivisors(a.divisor(), b.divisor()), basis);
}

Int enigma::layout::floorDiv(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b) || b.basis() || b.is(0))
    return Int::invalid();
  if (b.is(1) || a.isZero())
    return a;
  if (a.isStatic() && b.isStatic())
    return Int(floorDiv(a.value(), b.value())).withBasis(a.basis());
  if (sameValue(a.withoutBasis(), b))
    return Int(1).withBasis(a.basis());
  int64_t div = 1;
  if (b.isStatic() && a.divisor() % b.value() == 0) {
    div = a.divisor() / b.value();
    // (x * 12) // 4 is x * 3.
    if (const Expr *expr = a.expr())
      if (expr->kind() == Expr::Kind::Mul && expr->rhs().isStatic() &&
          expr->rhs().value() % b.value() == 0)
        return mul(expr->lhs(), Int(expr->rhs().value() / b.value()))
            .withBasis(a.basis());
  }
  return build(Expr::Kind::FloorDiv, a, b, div, a.basis());
}

Int enigma::layout::ceilDiv(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b) || b.basis() || b.is(0))
    return Int::invalid();
  if (divides(b, a.withoutBasis()))
    return floorDiv(a, b);
  if (a.isStatic() && b.isStatic())
    return Int(-floorDiv(-a.value(), b.value())).withBasis(a.basis());
  return build(Expr::Kind::CeilDiv, a, b, 1, a.basis());
}

Int enigma::layout::floorMod(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b) || a.basis() || b.basis() || b.is(0))
    return Int::invalid();
  if (divides(b, a))
    return Int(0);
  if (a.isStatic() && b.isStatic())
    return Int(floorMod(a.value(), b.value()));
  return build(Expr::Kind::FloorMod, a, b, std::gcd(a.divisor(), b.divisor()));
}

Int enigma::layout::abs(const Int &a) {
  if (!isValue(a))
    return Int::invalid();
  if (a.isStatic()) {
    if (a.value() == std::numeric_limits<int64_t>::min())
      return Int::invalid();
    return Int(a.value() < 0 ? -a.value() : a.value());
  }
  return build(Expr::Kind::Abs, a.withoutBasis(), Int(0), a.divisor());
}

/// The largest power of two that certainly divides `a`.
static int64_t powerOfTwoIn(const Int &a) {
  int64_t divisor = a.divisor();
  return divisor & -divisor;
}

Int enigma::layout::bitAnd(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b) || a.basis() || b.basis())
    return Int::invalid();
  if (a.isStatic() && b.isStatic())
    return Int(a.value() & b.value());
  if (a.isStatic())
    return bitAnd(b, a);
  if (b.isZero())
    return b;
  return build(Expr::Kind::And, a, b,
               std::max(powerOfTwoIn(a), powerOfTwoIn(b)));
}

Int enigma::layout::bitXor(const Int &a, const Int &b) {
  if (!isValue(a) || !isValue(b) || a.basis() || b.basis())
    return Int::invalid();
  if (a.isStatic() && b.isStatic())
    return Int(a.value() ^ b.value());
  if (a.isStatic())
    return bitXor(b, a);
  if (b.isZero())
    return a;
  if (sameValue(a, b))
    return Int(0);
  return build(Expr::Kind::Xor, a, b,
               std::min(powerOfTwoIn(a), powerOfTwoIn(b)));
}

//===----------------------------------------------------------------------===//
// What is known of leaves
//===----------------------------------------------------------------------===//

bool enigma::layout::sameValue(const Int &a, const Int &b) {
  if (a.isStatic() && b.isStatic())
    return a.value() == b.value() && (a.isZero() || a.basis() == b.basis());
  return a.isDynamic() && b.isDynamic() && a.expr() && a.expr() == b.expr() &&
         a.basis() == b.basis();
}

bool enigma::layout::divides(const Int &a, const Int &b) {
  if (a.is(1) || b.isZero() || sameValue(a, b))
    return true;
  if (a.isStatic())
    return a.value() != 0 && (b.isStatic() || b.isDynamic()) &&
           b.divisor() % a.value() == 0;
  // A dynamic divisor divides a product that it is a factor of.
  if (const Expr *expr = b.expr())
    if (a.isDynamic() && expr->kind() == Expr::Kind::Mul)
      return divides(a, expr->lhs()) || divides(a, expr->rhs());
  return false;
}

bool enigma::layout::knownAtMost(const Int &a, const Int &b) {
  if (a.isStatic())
    return a.value() <= (b.isStatic() ? b.value() : b.divisor());
  return sameValue(a, b);
}
