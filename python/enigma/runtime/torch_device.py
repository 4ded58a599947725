# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors of torch in the memory of a Mac's GPU: kernels are launched through torch.

`torch.mps.compile_shader` puts a launch behind all that torch was asked to do so far, and before
what it is asked for later. torch is never imported here: who has such a tensor has imported it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from enigma._arrays import Memory
from enigma._host_calls import host_class
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import CompilationError, LaunchFailed
from enigma.runtime.array_memory import is_on_gpu
from enigma.runtime.binding import Argument
from enigma.runtime.device import (
    ONLY_METAL_CHECKS,
    Constants,
    Device,
    Executable,
    Kind,
    find_device,
)
from enigma.tracing.launches import Extent


class TorchExecutable(Executable):
    """A kernel that torch has built."""

    def __init__(self, device: TorchDevice, kernel: CompiledKernel, function: Any) -> None:
        self.kernel = kernel
        self.max_threads = function.max_threads_per_threadgroup
        self._device = device
        self._function = function
        self._indices = [parameter.index for parameter in kernel.parameters]

    def launch(
        self, arguments: Sequence[Argument], grid: Extent, block: Extent, *, is_threads: bool
    ) -> None:
        """Put the kernel into torch's stream."""
        # What has no parameter is not looked at.
        given: list[Any] = [0] * (max(self._indices, default=-1) + 1)
        casts = {}
        for index, argument in zip(self._indices, arguments, strict=True):
            if isinstance(argument, Memory):
                given[index] = argument.owner
                continue
            # The bits of a number as those of an integer, of which the kernel reads the first.
            assert isinstance(argument, bytes)
            given[index] = int.from_bytes(argument, "little", signed=len(argument) >= 4)
            if len(argument) <= 4:
                casts[index] = "int32"
        if not is_threads:
            grid = (grid[0] * block[0], grid[1] * block[1], grid[2] * block[2])
        self._device.begin()
        try:
            self._function(*given, threads=list(grid), group_size=list(block), arg_casts=casts)
        except RuntimeError as error:
            raise LaunchFailed(f"torch cannot launch {self.kernel.kernel_name}: {error}") from None


@host_class
class TorchDevice(Device):
    """The GPU of a Mac as torch sees it; launches return before they are done."""

    kind = place = "mps"

    def __init__(self) -> None:
        super().__init__()
        self.name = "the GPU of torch"
        self._torch: Any = sys.modules["torch"]
        self._spent = 0.0
        self._since: float | None = None

    def load(self, kernel: CompiledKernel, constants: Constants) -> TorchExecutable:
        """Build the kernel from its text."""
        open_arrays = [p.name for p in kernel.threadgroup_params if p.size is None]
        if constants or kernel.function_constants:
            what, remedy = "function constants", "make them compile-time parameters"
        elif open_arrays:
            what, remedy = "threadgroup arrays whose length a launch chooses", "give them a length"
        elif not kernel.fast_math:
            what, remedy = "fast_math=False", "launch it on arrays of the host, or compile it anew"
        else:
            try:
                library = self._torch.mps.compile_shader(kernel.metal_source)
                return TorchExecutable(self, kernel, getattr(library, kernel.kernel_name))
            except (RuntimeError, SyntaxError) as error:
                raise CompilationError(
                    f"torch cannot build {kernel.kernel_name}: {error}",
                    location=None,
                    remedy=ONLY_METAL_CHECKS,
                ) from None
        raise CompilationError(
            f"{kernel.kernel_name} has {what}, which torch.mps.compile_shader does not take",
            location=None,
            remedy=remedy,
        )

    def begin(self) -> None:
        """Count the time from here, if nothing runs."""
        if self._since is None:
            self._since = time.perf_counter()

    def synchronize(self) -> None:
        """Wait for everything that torch was asked for."""
        self._torch.mps.synchronize()
        if self._since is not None:
            self._spent += time.perf_counter() - self._since
            self._since = None

    @property
    def seconds(self) -> float:
        """What launches took until they were done, by the clock of the host."""
        self.synchronize()
        return self._spent


_DEVICE = Kind("mps", TorchDevice)


def device_for(asked: str | Device | None, arguments: Iterable[object]) -> Device:
    """Give the device of a launch: the one that is asked for, or where its arrays are.

    Parameters
    ----------
    asked : str or Device, optional
        As of `enigma.device`.
    arguments : iterable
        What the launch is given.
    """
    device = find_device(asked)
    if "torch" not in sys.modules or (asked is not None and device.kind != "metal"):
        return device
    return _DEVICE.device() if any(map(is_on_gpu, arguments)) else device
