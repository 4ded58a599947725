# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Other names of thread queries. All of these are `u32`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from enigma._functions import (
    thread_position_in_grid,
    thread_position_in_threadgroup,
    threadgroup_position_in_grid,
    threadgroups_per_grid,
    threads_per_threadgroup,
)
from enigma.errors import UnknownAttribute
from enigma.language.queries import PositionQuery
from enigma.spelling import closest
from enigma.tracing.values import Value

grid_size = PositionQuery("grid_size", "threads_per_grid")


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

    if not TYPE_CHECKING:
        # To a type checker it would have every attribute.

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            close = closest(name, [each for each in dir(self) if not each.startswith("_")])
            raise UnknownAttribute(
                found="enigma.arch",
                name=name,
                remedy=f"did you mean enigma.arch.{close}()?"
                if close
                else "it has thread_idx(), block_idx(), block_dim() and grid_dim()",
            )

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
