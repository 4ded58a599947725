# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a launch is asked for besides its arguments, and the extents that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from enigma.compiler.kernel import CompiledKernel
from enigma.errors import InvalidLaunch, ResourceLimitError
from enigma.runtime.device import Executable
from enigma.tracing.launches import Extent, extent_of

#: What a threadgroup has where nobody says it, by the modes of a grid.
BLOCKS = {1: (256, 1, 1), 2: (32, 8, 1), 3: (32, 4, 2)}


class Asked(NamedTuple):
    """What a launch is asked for besides its arguments, as `CompiledKernel.launch` describes it."""

    threads: object = None
    grid: object = None
    block: object = None
    threadgroup_memory: Mapping[str, object] | None = None
    constants: Mapping[str, Any] | None = None


def extents(
    kernel: CompiledKernel, executable: Executable, sizes: Mapping[str, int], asked: Asked
) -> tuple[Extent, Extent, bool]:
    """Give the grid and the threads of a threadgroup, and whether the grid counts threads.

    Raises
    ------
    InvalidLaunch
        When something is missing, given twice, or no positive int.
    ResourceLimitError
        When a threadgroup has too many threads.
    """
    name = kernel.kernel_name
    threads, grid, block = asked[:3]
    if kernel.grid is not None:
        for option, value in {"threads": threads, "grid": grid, "block": block}.items():
            if value is not None:
                raise InvalidLaunch(
                    f"{name} has a launch of its own, and was given {option}={value!r}",
                    remedy=f"leave {option} out: the jit function says how it is launched",
                )
        assert kernel.block is not None
        needed = {key: size for key, size in sizes.items() if key in kernel.sizes}
        chosen = kernel.launch_grid(**needed)
        check_block(kernel, executable, kernel.block)
        return chosen, kernel.block, False
    if (threads is None) == (grid is None):
        given = "neither threads nor grid" if threads is None else "both threads and grid"
        raise InvalidLaunch(
            f"{name} was given {given}",
            remedy="give threads=..., the number of threads, or grid=..., that of threadgroups",
        )
    is_threads = threads is not None
    x, y, z = extent(name, "threads" if is_threads else "grid", threads if is_threads else grid)
    if is_threads:
        each = kernel.elements_per_thread
        if x % each and not kernel.is_guarded:
            raise InvalidLaunch(
                f"{name} was given threads={threads!r}; each of its threads has {each} elements, "
                "and no condition keeps the last one from those that are too many",
                remedy=f"launch a multiple of {each}; or put what the kernel accesses behind a "
                "condition, as `if i < n:`; or compile it without vec_width",
            )
        x = -(-x // each)
    if block is not None:
        shape = extent(name, "block", block)
    elif kernel.block is not None:
        shape = kernel.block
    else:
        shape = _default_block((x, y, z), executable.max_threads)
    check_block(kernel, executable, shape)
    return (x, y, z), shape, is_threads


def check_block(kernel: CompiledKernel, executable: Executable, block: Extent) -> None:
    """Refuse a threadgroup that the device cannot run."""
    size = block[0] * block[1] * block[2]
    if size > executable.max_threads:
        raise ResourceLimitError(
            f"block={block} has {size} threads; a threadgroup of {kernel.kernel_name} has at most "
            f"{executable.max_threads} on this device",
            remedy="launch more threadgroups of fewer threads",
        )


def _default_block(grid: Extent, most: int) -> Extent:
    """Choose the threads of a threadgroup: a few SIMD groups, no more than there is to do."""
    modes = 3 if grid[2] > 1 else 2 if grid[1] > 1 else 1
    x, y, z = BLOCKS[modes]
    while x * y * z > most:
        x, y, z = (x, y // 2, z) if y > 1 else (x, y, z // 2) if z > 1 else (x // 2, y, z)
    return x, min(y, grid[1]), min(z, grid[2])


def extent(kernel: str, name: str, given: object) -> Extent:
    """Give what a kernel was given by that name, an int or up to three, as three."""
    return extent_of(f"{kernel}: {name}", given, is_symbolic=False)
