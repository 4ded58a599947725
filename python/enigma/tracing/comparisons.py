# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the comparisons of Python build."""

from __future__ import annotations

from functools import partial
from typing import Any

from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import fold_numbers
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_traced, is_plain, with_their_dtypes
from enigma.tracing.counts import are_counts, as_bits, compared, may_be_negative, term
from enigma.tracing.decided import decide
from enigma.tracing.meeting import unify
from enigma.tracing.operations import operations
from enigma.tracing.values import Operand, Value, constant, known_number, result, use
from enigma.types import DType, b1


def compare(comparison: ops.Comparison, left: Any, right: Any) -> Value:
    """Build a comparison; its result is a `b1`."""
    if left.__class__ is not Value:
        left = as_traced(left)
    if right.__class__ is not Value:
        right = as_traced(right)
    are_plain = is_plain(left) and is_plain(right)
    if not are_plain:
        left, right = with_their_dtypes(left, right)
        folded = fold_numbers(comparison.symbol, (left, right), partial(compare, comparison))
        if folded is not None:
            return folded
    given = None
    if are_counts(left, right):
        given = left, right
        left, right = as_bits(left, right), as_bits(right, left)
    if not (
        are_plain
        and left.__class__ is Value
        and right.__class__ is Value
        and left.dtype is right.dtype
        and left.dtype is not b1
    ):
        left, right, _ = unify(comparison.text, left, right, comparison.keeps_bool)
    builder: Builder = left.builder
    kind = left.dtype.kind
    if given is not None and kind == "u" and left.lanes == 1:
        exact = compared(comparison, term(given[0], left), term(given[1], right))
        if exact is not None:
            return exact if isinstance(exact, Value) else constant(builder, b1, exact)
    name, predicate = comparison.ops[kind]
    attributes = {"predicate": builder.session.attribute(predicate)}
    return result(builder, name, b1, left.lanes, (use(left), use(right)), attributes)


def compare_written(comparison: ops.Comparison, left: object, right: object) -> Value:
    """Build a comparison that the function which calls this was asked for.

    Where its dtypes decide it, the author is warned, and a number that the dtype does not hold is
    compared as Python does.
    """
    decided = decide_written(comparison, left, right, depth=4)
    return compare(comparison, left, right) if decided is None else decided


def decide_written(
    comparison: ops.Comparison, left: object, right: object, depth: int = 3
) -> Value | None:
    """Warn if dtypes decide a comparison; give its value where `compare` would have none.

    The warning is for the function that is `depth` calls up from `decide`, if it is the user's.
    """
    mirrored = not isinstance(left, Operand)
    value, other = (right, left) if mirrored else (left, right)
    if not isinstance(value, Operand) or not isinstance(other, (int, Value)):
        return None
    value = value._as_value()
    known: DType | None = None
    number: int | None
    if isinstance(other, Value):
        number = None if other.dtype.is_float else known_number(other)
        known = other.dtype
    else:
        number = int(other)
    if number is None or value.dtype.is_float or value.unsettled is not None:
        return None
    if may_be_negative(value) and -value.dtype.maximum <= number <= 0:
        return None
    always, notice = decide(comparison.symbol, value.dtype, number, mirrored, known, depth)
    if notice is not None:
        value.builder.notices.add(notice, value.builder.scope.block.owner)
    if always is None or value.dtype.why_not(number) is None:
        return None
    return constant(value.builder, b1, always, value.lanes)


operations.compare_written = compare_written
