# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs compiled kernels on the CPU device of Enigma, instead of their MSL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import enigma
from enigma.runtime.binding import Argument, binder_of, pack
from enigma.runtime.cpu_device import CpuDevice, CpuExecutable

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
    constants: Mapping[int | str, Any],
    threadgroup_memory: Mapping[int, int],
    check: bool = False,
) -> list[tuple[str, str]]:
    """Run a kernel as `harness.run` does; arrays that it writes are updated in place.

    The arguments are those of Metal's table, sizes of tensors among them. Gives the levels and
    texts of messages.
    """
    device = enigma.device("cpu")
    assert isinstance(device, CpuDevice)
    shared = {parameter.name: parameter.index for parameter in compiled.threadgroup_params}
    parameters = sorted(
        (parameter for parameter in compiled.parameters if not parameter.is_threadgroup),
        key=lambda parameter: parameter.index,
    )
    if len(parameters) != len(args):
        raise TypeError(f"{compiled.kernel_name} takes {len(parameters)} arguments")
    binder = binder_of(compiled)
    values: dict[str, Argument] = {
        name: threadgroup_memory[index] for name, index in shared.items()
    }
    for parameter, argument in zip(parameters, args, strict=True):
        if parameter.is_scalar and isinstance(argument, (np.ndarray, np.uint16)):
            # Memory that holds a scalar, or the bits of a bfloat.
            values[parameter.name] = argument.tobytes()
        elif parameter.is_symbol:
            values[parameter.name] = pack(int(argument), parameter.dtype.scalar)
        else:
            # What has the layout of a tensor, or vectors, is given as its bare memory.
            flat = argument.reshape(-1) if isinstance(argument, np.ndarray) else argument
            bare = replace(parameter, dtype=parameter.dtype.scalar, shape=None, stride=None)
            values[parameter.name] = binder.converter(bare)(flat, device)
    arguments = [values[parameter.name] for parameter in compiled.parameters]
    count = threads if threads is not None else grid
    assert count is not None
    names = {constant.index: constant.name for constant in compiled.function_constants}
    given = {names.get(key, key): value for key, value in constants.items()}
    executable = device.loaded(compiled).executable(binder.constants(given))
    assert isinstance(executable, CpuExecutable)
    run_it = executable.check if check else executable.launch
    messages: list[tuple[str, str]] = []
    before, device.log = device.log, lambda level, text: messages.append((level, text))
    try:
        run_it(arguments, _triple(count), _triple(block), is_threads=threads is not None)
    finally:
        device.log = before
    return messages
