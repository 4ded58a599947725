# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launching: of what was compiled, and of what is compiled for the arguments at hand."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import InvalidLaunch, ResourceLimitError, UnexpectedArguments
from enigma.limits import METAL
from enigma.runtime.binding import binder_of
from enigma.runtime.device import Device, Executable
from enigma.runtime.device import device as find_device
from enigma.runtime.kept import kept_jit, kept_kernel
from enigma.tracing.functions import Jit, Kernel
from enigma.tracing.launches import Extent, install_launcher

#: Launches of different extents that are kept for a kernel.
EXTENTS = 256

# What a threadgroup has where nobody says it, by the modes of a grid.
_BLOCKS = {1: (256, 1, 1), 2: (32, 8, 1), 3: (32, 4, 2)}


def launch_compiled(
    compiled: CompiledKernel | CompiledProgram,
    arguments: Sequence[object],
    named: Mapping[str, object],
    *,
    threads: object = None,
    grid: object = None,
    block: object = None,
    device: str | Device | None = None,
) -> None:
    """Launch what `enigma.compile` gave; `CompiledKernel.launch` says what the arguments are."""
    opened = device if isinstance(device, Device) else find_device(device)
    if isinstance(compiled, CompiledProgram):
        launch_program(compiled, arguments, named, opened, threads, grid, block)
        return
    loaded = opened.loaded(compiled)
    values, sizes = loaded.binder.bind(opened, arguments, named)
    executable = loaded.executable()
    if grid is None and block is None and (threads is None or type(threads) is int):
        key = (threads, *sizes.values())
        known = loaded.extents.get(key)
        if known is None:
            known = extents(compiled, executable, sizes, threads, grid, block)
            if len(loaded.extents) < EXTENTS:
                loaded.extents[key] = known
    else:
        known = extents(compiled, executable, sizes, threads, grid, block)
    extent, shape, is_threads = known
    executable.launch(values, extent, shape, is_threads=is_threads)


def launch_program(
    program: CompiledProgram,
    arguments: Sequence[object],
    named: Mapping[str, object],
    opened: Device,
    threads: object,
    grid: object,
    block: object,
) -> None:
    """Launch the kernels of a program one after the other, each with those that it has."""
    parameters = {
        parameter.index: parameter.name
        for kernel in program.kernels
        for parameter in binder_of(kernel).given
    }
    names = [parameters[index] for index in sorted(parameters)]
    if len(arguments) > len(names):
        raise UnexpectedArguments(
            f"{program.name} takes {len(names)} arguments, and was given {len(arguments)}",
            remedy=f"its parameters are: {', '.join(names) or 'none'}",
        )
    known = dict(zip(names, arguments, strict=False))
    sizes = {symbol.name for kernel in program.kernels for symbol in kernel.symbols}
    for name, value in named.items():
        if name in known or name not in {*names, *sizes}:
            problem = "was given twice" if name in known else "is no parameter of it"
            raise UnexpectedArguments(
                f"{program.name}: {name!r} {problem}",
                remedy=f"its parameters are: {', '.join(names) or 'none'}",
            )
        known[name] = value
    bound = []
    for kernel in program.kernels:
        taken = {*kernel.param_names}
        values, found = binder_of(kernel).bind(
            opened, (), {name: value for name, value in known.items() if name in taken}
        )
        executable = opened.loaded(kernel).executable()
        bound.append(
            (executable, values, *extents(kernel, executable, found, threads, grid, block))
        )
    for executable, values, extent, shape, is_threads in bound:
        executable.launch(values, extent, shape, is_threads=is_threads)


def extents(
    kernel: CompiledKernel,
    executable: Executable,
    sizes: Mapping[str, int],
    threads: object,
    grid: object,
    block: object,
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
    if kernel.grid is not None:
        given = {"threads": threads, "grid": grid, "block": block}
        for option, value in given.items():
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
        raise InvalidLaunch(
            f"{name} was given {'neither' if threads is None else 'both'} threads and grid"
            if threads is not None
            else f"{name} was given neither threads nor grid",
            remedy="give threads=..., the number of threads, or grid=..., that of threadgroups",
        )
    is_threads = threads is not None
    x, y, z = _extent(name, "threads" if is_threads else "grid", threads if is_threads else grid)
    if is_threads:
        x = -(-x // kernel.elements_per_thread)
    if block is not None:
        shape = _extent(name, "block", block)
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
    x, y, z = _BLOCKS[modes]
    while x * y * z > most:
        x, y, z = (x, y // 2, z) if y > 1 else (x, y, z // 2) if z > 1 else (x // 2, y, z)
    return x, min(y, grid[1]), min(z, grid[2])


def _extent(kernel: str, name: str, given: object) -> Extent:
    parts = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if not 1 <= len(parts) <= 3:
        raise InvalidLaunch(f"{kernel}: {name}={given!r} has {len(parts)} extents, not 1 to 3")
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, numbers.Integral):
            raise InvalidLaunch(
                f"{kernel}: {name}={given!r}: {part!r} is no int",
                remedy="divide with `//`: `-(-n // 256)` rounds up",
            )
        if not 1 <= int(part) <= METAL.threadgroups:
            raise InvalidLaunch(
                f"{kernel}: {name}={given!r}: every extent must be from 1 to {METAL.threadgroups}",
                remedy="do not launch where there is nothing to do",
            )
    x, y, z = (*(int(part) for part in parts), 1, 1)[:3]
    return x, y, z


def launch(
    what: Any,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    *,
    constants: Any = None,
    **options: Any,
) -> None:
    """Launch a function, compiled for its arguments, or what `enigma.compile` gave."""
    if isinstance(what, Kernel):
        what = kept_kernel(what, {} if constants is None else constants)
    elif isinstance(what, Jit):
        what, named = kept_jit(what, arguments, named)
        arguments = ()
    launch_compiled(what, arguments, named, **options)


install_launcher(launch)
