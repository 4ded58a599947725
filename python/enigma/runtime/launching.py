# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launching kernels: from what a user gives to what a device takes."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from enigma._arrays import View
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import InvalidLaunch, ResourceLimitError, UnexpectedArguments
from enigma.runtime import processor as _processor  # noqa: F401
from enigma.runtime.arrays import scalar_of, view_of
from enigma.runtime.devices import Device, Executable, Extent
from enigma.runtime.devices import device as find_device

#: Threads of a threadgroup where nobody says: along x, and along x and y.
DEFAULT_BLOCK = 256
DEFAULT_ROW = 32
LARGEST = 2**32 - 1

_loaded: WeakKeyDictionary[CompiledKernel, dict[str, Executable]] = WeakKeyDictionary()


def launch(compiled: CompiledKernel, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Run a kernel, as `CompiledKernel.launch` says."""
    threads = options.pop("threads", None)
    grid = options.pop("grid", None)
    block = options.pop("block", None)
    where = options.pop("device", None)
    bound = _bind(compiled, arguments, options)
    launch_bound(compiled, bound, threads=threads, grid=grid, block=block, device=where)


def launch_bound(
    compiled: CompiledKernel,
    arguments: Sequence[Any],
    *,
    threads: Any = None,
    grid: Any = None,
    block: Any = None,
    device: str | None = None,
    strided: bool = False,
) -> None:
    """Run a kernel with an argument for each parameter; arrays may be strided if it says so."""
    where = find_device(device)
    extents, size = _extents(compiled, threads, grid, block, where, arguments)
    values: list[Any] = []
    # Views keep the memory of the arrays where it is.
    views: list[View] = []
    for parameter, argument in zip(compiled.parameters, arguments, strict=True):
        if parameter.kind == "scalar":
            values.append(scalar_of(compiled.kernel_name, parameter, argument))
            continue
        view = view_of(compiled.kernel_name, parameter, argument, strided)
        views.append(view)
        values.append(where.wrap(view.address, view.nbytes))
    executable(compiled, where).launch(values, extents, size)


def executable(compiled: CompiledKernel, where: Device) -> Executable:
    """Give a kernel as a device has loaded it; that happens once."""
    found = _loaded.setdefault(compiled, {})
    if where.name not in found:
        found[where.name] = where.load(compiled)
    return found[where.name]


def _bind(
    compiled: CompiledKernel, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    names = compiled.param_names
    if not named and len(arguments) == len(names):
        return arguments
    shown = f"{compiled.kernel_name}({', '.join(names)})"
    if len(arguments) > len(names):
        raise UnexpectedArguments(
            f"{shown} takes {len(names)} arguments, found {len(arguments)}",
            remedy="give one for each parameter",
        )
    bound = dict(zip(names, arguments, strict=False))
    for name, value in named.items():
        if name not in names:
            raise UnexpectedArguments(
                f"{shown} has no parameter {name!r}",
                remedy="a launch has besides: threads, grid, block, device",
            )
        if name in bound:
            raise UnexpectedArguments(f"{shown}: {name} is given twice", remedy="give it once")
        bound[name] = value
    missing = [name for name in names if name not in bound]
    if missing:
        raise UnexpectedArguments(
            f"{shown}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not given",
            remedy="give an array for each buffer and a number for each scalar",
        )
    return tuple(bound[name] for name in names)


def _triple(name: str, given: Any) -> Extent:
    extents = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if not 1 <= len(extents) <= 3:
        raise InvalidLaunch(f"{name}={given!r} has {len(extents)} extents; a launch has 1 to 3")
    for extent in extents:
        if isinstance(extent, bool) or not isinstance(extent, numbers.Integral):
            raise InvalidLaunch(
                f"{name}={given!r}: {extent!r} is no int",
                remedy="divide with `//`: `-(-n // 256)` rounds up",
            )
        if not 1 <= int(extent) <= LARGEST:
            raise InvalidLaunch(
                f"{name}={given!r}: every extent must be from 1 to {LARGEST}",
                remedy="do not launch where there is nothing to do",
            )
    x, y, z = (*map(int, extents), 1, 1)[:3]
    return x, y, z


def _default_block(threads: Extent) -> Extent:
    if threads[1] == 1 and threads[2] == 1:
        return min(DEFAULT_BLOCK, threads[0]), 1, 1
    row = min(DEFAULT_ROW, threads[0])
    return row, min(DEFAULT_BLOCK // row, threads[1]), 1


def _extents(
    compiled: CompiledKernel,
    threads: Any,
    grid: Any,
    block: Any,
    where: Device,
    bound: Sequence[Any],
) -> tuple[Extent, Extent]:
    """Give the threads of the grid, and those of a threadgroup."""
    name = compiled.kernel_name
    if threads is not None and grid is not None:
        raise InvalidLaunch(
            f"{name} is given both threads and grid",
            remedy="threads counts all threads, grid threadgroups: give one of them",
        )
    if compiled.block is not None:
        if block is not None and _triple("block", block) != tuple(compiled.block):
            raise InvalidLaunch(
                f"{name} was compiled for threadgroups of {compiled.block} threads, found "
                f"block={block!r}",
                remedy="leave block out",
            )
        block = compiled.block
    if threads is None and grid is None:
        if compiled.grid is None:
            raise InvalidLaunch(
                f"{name} is not told how many threads to run",
                remedy="give threads=n, or threadgroups with grid= and block=",
            )
        values = dict(zip(compiled.param_names, bound, strict=True))
        sizes = {each: values[each] for each in compiled.sizes if each in values}
        grid = compiled.launch_grid(**sizes)
    if threads is not None:
        x, y, z = _triple("threads", threads)
        # A thread owns some elements of those that are counted.
        whole = (-(-x // compiled.elements_per_thread), y, z)
        size = _default_block(whole) if block is None else _triple("block", block)
    else:
        size = (DEFAULT_BLOCK, 1, 1) if block is None else _triple("block", block)
        groups = _triple("grid", grid)
        whole = (groups[0] * size[0], groups[1] * size[1], groups[2] * size[2])
    if math.prod(size) > where.limits.threads:
        raise ResourceLimitError(
            f"block={size} has {math.prod(size)} threads; a threadgroup has at most "
            f"{where.limits.threads}",
            remedy="launch more threadgroups of fewer threads",
        )
    if max(whole) > LARGEST:
        raise InvalidLaunch(
            f"{name}: the grid has {whole} threads; positions in it have 32 bits",
            remedy="launch several times",
        )
    return whole, size
