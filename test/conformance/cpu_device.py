# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs compiled kernels on the CPU device of Enigma, instead of their MSL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import enigma
from enigma.runtime.binding import Argument, binder_of, pack

Size = int | Sequence[int]


def _triple(size: Size) -> tuple[int, int, int]:
    values = [size] if isinstance(size, int) else [int(value) for value in size]
    x, y, z = values + [1] * (3 - len(values))
    return x, y, z


def run(
    compiled: enigma.CompiledKernel,
    args: Sequence[Any],
    *,
    grid: Size | None,
    block: Size,
    threads: Size | None,
) -> None:
    """Run a kernel as `harness.run` does; arrays that it writes are updated in place.

    The arguments are those of Metal's table, sizes of tensors among them.
    """
    device = enigma.device("cpu")
    parameters = sorted(compiled.parameters, key=lambda parameter: parameter.index)
    if len(parameters) != len(args):
        raise TypeError(f"{compiled.kernel_name} takes {len(parameters)} arguments")
    binder = binder_of(compiled)
    values: dict[str, Argument] = {}
    for parameter, argument in zip(parameters, args, strict=True):
        if parameter.dtype == enigma.bf16 and isinstance(argument, np.uint16):
            values[parameter.name] = argument.tobytes()
        elif parameter.is_symbol:
            values[parameter.name] = pack(int(argument), parameter.dtype)
        else:
            # What has the layout of a tensor is given as its bare memory.
            flat = argument.reshape(-1) if isinstance(argument, np.ndarray) else argument
            bare = replace(parameter, shape=None, stride=None)
            values[parameter.name] = binder.converter(bare)(flat, device)
    arguments = [values[parameter.name] for parameter in compiled.parameters]
    count = threads if threads is not None else grid
    assert count is not None
    device.loaded(compiled).executable().launch(
        arguments, _triple(count), _triple(block), is_threads=threads is not None
    )
