// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expressions over symbols as plain tuples of Python, for pickles.

#ifndef ENIGMA_BINDINGS_EXPRESSIONS_H
#define ENIGMA_BINDINGS_EXPRESSIONS_H

#include "enigma/Layout/Int.h"

#include <nanobind/nanobind.h>

namespace enigma::layout {

/// A dynamic leaf as a tuple of nodes, operands before their users, each node
/// once. A node is `(kind, name, divisor)` for a symbol, else `(kind, lhs,
/// rhs)`; an operand is a number, or `(node, divisor)`. The last entry is the
/// leaf as an operand, or the divisor alone of one that is anonymous.
nanobind::tuple toNodes(const Int &leaf);

/// The leaf of such a list.
///
/// \throws nanobind::value_error if it is none.
Int fromNodes(ExprPool &pool, nanobind::handle nodes);

} // namespace enigma::layout

#endif // ENIGMA_BINDINGS_EXPRESSIONS_H
