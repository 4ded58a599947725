# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where a thread is in the grid, and how large the grid is. All of these are `u32`."""

from __future__ import annotations

from typing import Any

from enigma.errors import InvalidOption
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.values import Nameable, Operand, Value, name_value, wrap
from enigma.types import u32


def _query(builder: Builder, mnemonic: str, dimension: str) -> Value:
    """Build a query once for each kernel, at its top."""
    key = (mnemonic, dimension)
    known: Value | None = builder.queries.get(key)
    if known is not None:
        return known
    session = builder.session
    location = builder.location()
    attributes = None
    if dimension:
        attributes = {"dimension": session.attribute(f"#enigma<dimension {dimension}>")}
    operation = builder.at_entry(
        f"enigma.{mnemonic}", session.value_type(u32), attributes, location
    )
    value = wrap(builder, operation.result, u32, 1, builder.entry)
    value.operation = operation
    builder.queries[key] = value
    return value


class ThreadQuery(Operand, Nameable):
    """A scalar query, such as `thread_index_in_simdgroup`; a value itself, and callable.

    Parameters
    ----------
    name : str
        The name in Python.
    mnemonic : str
        The operation, named as Metal's attribute.
    """

    __slots__ = ("_mnemonic", "_name")

    _dimension = ""

    def __init__(self, name: str, mnemonic: str) -> None:
        self._name = name
        self._mnemonic = mnemonic

    def __repr__(self) -> str:
        return f"enigma.{self._name}"

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


def _position(name: str, mnemonic: str = "") -> PositionQuery:
    return PositionQuery(name, mnemonic or name)


thread_position_in_grid = _position("thread_position_in_grid")
thread_position_in_threadgroup = _position("thread_position_in_threadgroup")
threadgroup_position_in_grid = _position("threadgroup_position_in_grid")
threads_per_threadgroup = _position("threads_per_threadgroup")
threads_per_grid = _position("threads_per_grid")
threadgroups_per_grid = _position("threadgroups_per_grid")
grid_size = _position("grid_size", "threads_per_grid")

thread_index_in_threadgroup = ThreadQuery(
    "thread_index_in_threadgroup", "thread_index_in_threadgroup"
)
thread_index_in_simdgroup = ThreadQuery("thread_index_in_simdgroup", "thread_index_in_simdgroup")
simdgroup_index_in_threadgroup = ThreadQuery(
    "simdgroup_index_in_threadgroup", "simdgroup_index_in_threadgroup"
)
threads_per_simdgroup = ThreadQuery("threads_per_simdgroup", "threads_per_simdgroup")
simdgroups_per_threadgroup = ThreadQuery("simdgroups_per_threadgroup", "simdgroups_per_threadgroup")


def thread_position_in_grid_xyz(dim: str = "x") -> Value:
    """Give one component of the position of the thread in the grid.

    Parameters
    ----------
    dim : {"x", "y", "z"}
        Which one.

    Returns
    -------
    Value
        A `u32`.
    """
    return thread_position_in_grid(dim)


class Architecture:
    """Thread queries by the names that GPU programmers know from CUDA; each gives (x, y, z)."""

    @staticmethod
    def _xyz(query: PositionQuery) -> tuple[Any, Any, Any]:
        return query.x, query.y, query.z

    def thread_idx(self) -> tuple[Any, Any, Any]:
        """Give the position of the thread in its threadgroup, as (x, y, z)."""
        return self._xyz(thread_position_in_threadgroup)

    def block_idx(self) -> tuple[Any, Any, Any]:
        """Give the position of the threadgroup in the grid, as (x, y, z)."""
        return self._xyz(threadgroup_position_in_grid)

    def block_dim(self) -> tuple[Any, Any, Any]:
        """Give the extent of a threadgroup in threads, as (x, y, z)."""
        return self._xyz(threads_per_threadgroup)

    def grid_dim(self) -> tuple[Any, Any, Any]:
        """Give the extent of the grid in threadgroups, as (x, y, z)."""
        return self._xyz(threadgroups_per_grid)


arch = Architecture()
