# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Questions of a thread where it is in the grid, and how large the grid is."""

from __future__ import annotations

from typing import Any

from enigma._process import import_late
from enigma.errors import InvalidOption
from enigma.limits import METAL
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.counts import counted
from enigma.tracing.values import Nameable, Operand, Value, name_value, wrap
from enigma.types import u32


def _query(builder: Builder, mnemonic: str, dimension: str) -> Value:
    """Build a query once for each kernel, at its top."""
    key = (mnemonic, dimension)
    known: Value | None = builder.queries.get(key)
    if known is not None:
        return known
    session = builder.session
    attributes = None
    if dimension:
        attributes = {"dimension": session.attribute(f"#enigma<dimension {dimension}>")}
    operation, ir = builder.value_at_entry(
        f"enigma.{mnemonic}", session.value_type(u32), attributes
    )
    value = wrap(builder, ir, u32, 1, builder.entry)
    value.operation = operation
    builder.queries[key] = value
    return counted(value, *_RANGES.get(mnemonic, (0, None)))


# What a query gives at least and at most, where that is less than its dtype holds.
_RANGES: dict[str, tuple[int, int | None]] = {
    "thread_index_in_simdgroup": (0, METAL.simdgroup_threads - 1),
    "thread_index_in_threadgroup": (0, METAL.threads - 1),
    "thread_position_in_threadgroup": (0, METAL.threads - 1),
    "threads_per_simdgroup": (1, METAL.simdgroup_threads),
    "threads_per_threadgroup": (1, METAL.threads),
    "simdgroup_index_in_threadgroup": (0, METAL.threads - 1),
    "simdgroups_per_threadgroup": (1, METAL.threads),
    "threadgroups_per_grid": (1, None),
    "threads_per_grid": (1, None),
}


class ThreadQuery(Operand, Nameable):
    """A scalar query, such as `thread_index_in_simdgroup`; a value itself, and callable.

    Parameters
    ----------
    name : str
        The name in Python.
    mnemonic : str, optional
        The operation, named as Metal's attribute, if that is another name.
    """

    __slots__ = ("_mnemonic", "_name")

    _dimension = ""

    def __init__(self, name: str, mnemonic: str = "") -> None:
        self._name = name
        self._mnemonic = mnemonic or name

    def __repr__(self) -> str:
        return f"enigma.{self._name}"

    @property
    def __signature__(self) -> Any:
        """What tools show of it, which would else compare it with what they know."""
        return import_late("inspect").signature(type(self).__call__.__get__(self))

    def _component(self, dimension: str) -> Value:
        return _query(require_builder(f"enigma.{self._name}"), self._mnemonic, dimension)

    def _as_value(self) -> Value:
        value = self._component(self._dimension)
        name = value.builder.query_names.get(self._mnemonic)
        if name is not None:
            name_value(value, name)
        return value

    def __call__(self) -> Value:
        """Give the value."""
        return self._as_value()

    def _take_name(self, name: str) -> None:
        # Until it is used as a value, `pos` may well be there for `pos.y` alone.
        builder = require_builder(f"enigma.{self._name}")
        builder.query_names.setdefault(self._mnemonic, name)


class PositionQuery(ThreadQuery):
    """A query with three components: ``.x .y .z``, or called with one; as a value it is its x."""

    __slots__ = ()

    _dimension = "x"

    def __call__(self, dim: str = "x") -> Value:
        """Give one component.

        Parameters
        ----------
        dim : {"x", "y", "z"}
            Which one.
        """
        if not isinstance(dim, str) or dim not in ("x", "y", "z"):
            raise InvalidOption(
                option=f"the dimension of enigma.{self._name}",
                expected="'x', 'y' or 'z'",
                found=dim,
                remedy="components are .x, .y and .z, too",
            )
        return self._component(dim)

    @property
    def x(self) -> Value:
        """The component x."""
        return self._component("x")

    @property
    def y(self) -> Value:
        """The component y."""
        return self._component("y")

    @property
    def z(self) -> Value:
        """The component z."""
        return self._component("z")
