# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs compiled kernels on the CPU device of Enigma, instead of their MSL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import enigma
from enigma.runtime.arrays import scalar_of, view_of
from enigma.runtime.launching import executable

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
    """Run a kernel as `harness.run` does; arrays that it writes are updated in place."""
    device = enigma.device("cpu")
    parameters = sorted(compiled.parameters, key=lambda parameter: parameter.index)
    if len(parameters) != len(args):
        raise TypeError(f"{compiled.kernel_name} takes {len(parameters)} arguments")
    values, views = {}, []
    for parameter, argument in zip(parameters, args, strict=True):
        name = compiled.kernel_name
        if parameter.kind == "scalar":
            if parameter.dtype == "bf16" and isinstance(argument, np.uint16):
                values[parameter.name] = argument.tobytes()
            else:
                values[parameter.name] = scalar_of(name, parameter, argument)
        else:
            view = view_of(name, parameter, argument)
            views.append(view)
            values[parameter.name] = device.wrap(view.address, view.nbytes)
    size = _triple(block)
    if threads is None:
        assert grid is not None
        x, y, z = (count * each for count, each in zip(_triple(grid), size, strict=True))
        whole = (x, y, z)
    else:
        whole = _triple(threads)
    arguments = [values[parameter.name] for parameter in compiled.parameters]
    executable(compiled, device).launch(arguments, whole, size)
