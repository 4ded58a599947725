# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bringing together what two paths leave: one value of the IR for two."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from enigma._layout import Dyn
from enigma.tracing.alternatives import choose, joined_numbers
from enigma.tracing.builder import Builder
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import settle
from enigma.tracing.merges import Merge
from enigma.tracing.values import Value, name_value, use, wrap
from enigma.tracing.variables import ANYTHING, Join
from enigma.types import b1, is_number

if TYPE_CHECKING:
    from enigma import _mlir as ir


def materialize(builder: Builder, leaf: Any, join: Join) -> ir.Value:
    """Give the IR value of one leaf of a join, at the current insertion point."""
    if leaf.__class__ is Value and leaf.dtype is join.dtype:
        return use(leaf)
    if leaf is ANYTHING:
        return builder.constant(join.dtype, 0, join.lanes)
    if isinstance(leaf, Dyn):
        leaf = builder.symbols.value(leaf)
    if not isinstance(leaf, Value):
        return builder.constant(join.dtype, leaf, join.lanes)
    if leaf.dtype is not join.dtype:
        leaf = settle(leaf, join.dtype) if leaf.unsettled is not None else leaf
        leaf = cast(leaf, join.dtype)
    return use(leaf)


def joined(
    builder: Builder,
    ir: ir.Value,
    join: Join,
    name: str | None,
    operation: ir.Operation | None = None,
) -> Value:
    """Wrap a result of control flow; `name` is the variable that it carries."""
    value = wrap(builder, ir, join.dtype, join.lanes)
    value.unsettled = join.unsettled
    value.name = name
    value.operation = operation
    return joined_numbers(value, join.leaves) if join.of_numbers else value


def choose_numbers(
    builder: Builder,
    condition: ir.Value,
    merge: Merge,
    can_be_chosen: Callable[..., bool],
) -> tuple[list[Join], list[str]]:
    """Give joins of numbers their values, which are numbers still; gives the others, and names.

    `can_be_chosen` says of two leaves whether they are such.
    """
    joins, names = merge.joins, merge.names
    if not any([join.of_numbers for join in joins]):
        return joins, names
    others, other_names = [], []
    for join, name in zip(joins, names, strict=True):
        if join.of_numbers and can_be_chosen(*join.leaves):
            value = join.value = choose(wrap(builder, condition, b1), *join.leaves)
            if name:
                name_value(value, name)
        else:
            others.append(join)
            other_names.append(name)
    return others, other_names


def are_numbers(*leaves: object) -> bool:
    """Whether all leaves are numbers of Python."""
    return all(map(is_number, leaves))
