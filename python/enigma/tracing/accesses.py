# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accesses to memory that are made where a condition holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from enigma.errors import EnigmaError
from enigma.tracing.buffers import Element
from enigma.tracing.builder import Builder
from enigma.tracing.conversions import truth
from enigma.tracing.values import Value, use, wrap


def both(condition: bool | Value, exists: bool | Value) -> bool | Value:
    """Give the condition of an access to an element that there may not be."""
    if exists is True:
        return condition
    return truth(condition) & exists if isinstance(condition, Value) else exists


def when(
    builder: Builder,
    condition: Value,
    what: str,
    access: Callable[[], tuple[Value, ...]],
    others: tuple[Value, ...],
) -> list[Value]:
    """Make an access where a condition holds.

    Parameters
    ----------
    builder : Builder
        Where to build.
    condition : Value
        The condition.
    what : str
        The function of the language, for messages.
    access : callable
        Makes the access, and gives its results.
    others : tuple of Value
        What the results are where the condition does not hold.
    """
    types = tuple(use(other).type for other in others)
    operation = builder.op("scf.if", types, (use(truth(condition)),), None, 2)
    outer = builder.scope
    try:
        scope, _ = builder.push_block(operation, 0, f"in {what}")
        builder.op("scf.yield", (), tuple(map(use, access())))
        builder.pop(scope)
        if others:
            scope, _ = builder.push_block(operation, 1, f"in {what}")
            builder.op("scf.yield", (), tuple(map(use, others)))
            builder.pop(scope)
    except EnigmaError:
        # Whoever catches it finds the kernel as it was.
        while builder.scope is not outer:
            builder.pop(builder.scope)
        builder.bury(operation)
        raise
    values = []
    for ir, other in zip(operation.results, others, strict=True):
        value = wrap(builder, ir, other.dtype, other.lanes)
        value.operation = operation
        values.append(value)
    return values


def load_where(
    builder: Builder, element: Element, condition: bool | Value, other: Value, what: str
) -> Value:
    """Load an element where a condition holds and the element exists.

    Parameters
    ----------
    builder : Builder
        Where to build.
    element : Element
        The element.
    condition : bool or Value
        The condition.
    other : Value
        What is given elsewhere.
    what : str
        The function of the language, for messages.
    """
    condition = both(condition, element.exists)
    if not isinstance(condition, Value):
        return element.load()
    return when(builder, condition, what, lambda: (element.load(),), (other,))[0]


def store_where(
    builder: Builder, element: Element, condition: bool | Value, value: Value, what: str
) -> None:
    """Store an element where a condition holds and the element exists; as `load_where`."""
    _store(builder, both(condition, element.exists), what, lambda: element.store(value))


def store_lanes_where(
    builder: Builder, element: Element, lanes: Mapping[int, Value], what: str
) -> None:
    """Store lanes of an element that is a vector, where it exists; as `load_where`."""
    _store(builder, element.exists, what, lambda: element.store_lanes(lanes))


def _store(builder: Builder, condition: bool | Value, what: str, store: Callable[[], None]) -> None:
    if not isinstance(condition, Value):
        store()
        return

    def access() -> tuple[Value, ...]:
        store()
        return ()

    when(builder, condition, what, access, ())
