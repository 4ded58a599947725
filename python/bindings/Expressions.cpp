// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Expressions.h"

#include "llvm/ADT/DenseMap.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>

#include <string>
#include <tuple>
#include <vector>

namespace nb = nanobind;
using namespace enigma::layout;

namespace {
/// Collects the nodes of one leaf. Expressions may be deep, so it does not
/// recurse.
class Writer {
public:
  void add(const Int &leaf) {
    std::vector<const Int *> stack{&leaf};
    while (!stack.empty()) {
      const Int &value = *stack.back();
      const Expr &expr = *value.expr();
      bool isReady = true;
      for (const Int *operand : {&expr.lhs(), &expr.rhs()})
        if (operand->isDynamic() && !numbers.contains(operand->expr())) {
          stack.push_back(operand);
          isReady = false;
        }
      if (!isReady)
        continue;
      stack.pop_back();
      if (!numbers.try_emplace(&expr, nb::len(nodes)).second)
        continue;
      int kind = static_cast<int>(expr.kind());
      if (expr.kind() == Expr::Kind::Symbol)
        nodes.append(nb::make_tuple(
            kind, nb::str(expr.name().data(), expr.name().size()),
            value.divisor()));
      else
        nodes.append(
            nb::make_tuple(kind, reference(expr.lhs()), reference(expr.rhs())));
    }
  }

  nb::object reference(const Int &value) {
    if (value.isStatic())
      return nb::int_(value.value());
    return nb::make_tuple(numbers.lookup(value.expr()), value.divisor());
  }

  nb::list nodes;

private:
  llvm::DenseMap<const Expr *, size_t> numbers;
};
} // namespace

nb::tuple enigma::layout::toNodes(const Int &leaf) {
  Writer writer;
  nb::object last = nb::int_(leaf.divisor());
  if (leaf.expr()) {
    writer.add(leaf);
    last = writer.reference(leaf);
  }
  writer.nodes.append(last);
  return nb::tuple(writer.nodes);
}

[[noreturn]] static void refuse() {
  throw nb::value_error("this is no pickle of a symbolic integer");
}

/// An operand that refers to the nodes before it.
static Int readOperand(llvm::ArrayRef<ExprRef> known, nb::handle object) {
  if (nb::isinstance<nb::int_>(object))
    return nb::cast<int64_t>(object);
  if (!nb::isinstance<nb::tuple>(object) || nb::len(object) != 2)
    refuse();
  auto index = nb::cast<size_t>(object[0]);
  auto divisor = nb::cast<int64_t>(object[1]);
  if (index >= known.size() || divisor < 1)
    refuse();
  return Int::dynamic(divisor, known[index]);
}

Int enigma::layout::fromNodes(ExprPool &pool, nb::handle nodes) {
  if (!nb::isinstance<nb::tuple>(nodes) || nb::len(nodes) == 0)
    refuse();
  size_t last = nb::len(nodes) - 1;
  std::vector<ExprRef> known;
  try {
    for (size_t i = 0; i < last; ++i) {
      auto [number, lhs, rhs] =
          nb::cast<std::tuple<int, nb::object, nb::object>>(nodes[i]);
      if (number < 0 || number > static_cast<int>(Expr::Kind::Xor))
        refuse();
      auto kind = static_cast<Expr::Kind>(number);
      if (kind != Expr::Kind::Symbol) {
        known.push_back(
            pool.get(kind, readOperand(known, lhs), readOperand(known, rhs)));
        continue;
      }
      auto divisor = nb::cast<int64_t>(rhs);
      if (divisor < 1)
        refuse();
      known.push_back(
          pool.symbol(nb::cast<std::string>(lhs), divisor).exprRef());
    }
    nb::object leaf = nodes[last];
    if (!nb::isinstance<nb::int_>(leaf))
      return readOperand(known, leaf);
    auto divisor = nb::cast<int64_t>(leaf);
    if (divisor < 1)
      refuse();
    return Int::dynamic(divisor);
  } catch (const nb::cast_error &) {
    refuse();
  }
}
