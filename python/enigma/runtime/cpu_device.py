# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The CPU of this machine: kernels as machine code, threadgroups spread over threads."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from enigma._arrays import Memory
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import CompilationError
from enigma.limits import METAL
from enigma.runtime.binding import Argument
from enigma.runtime.device import Device, Executable, register
from enigma.tracing.launches import Extent

if TYPE_CHECKING:
    from enigma._jit import Program


class CpuExecutable(Executable):
    """A kernel as machine code, made for a size of threadgroups when it is launched with it."""

    max_threads = METAL.threads

    def __init__(self, device: CpuDevice, kernel: CompiledKernel, program: Program) -> None:
        self.kernel = kernel
        self._device = device
        self._program = program

    def launch(
        self, arguments: Sequence[Argument], grid: Extent, block: Extent, *, is_threads: bool
    ) -> None:
        """Run the kernel to its end."""
        given = [
            argument.address if isinstance(argument, Memory) else argument for argument in arguments
        ]
        if not is_threads:
            grid = (grid[0] * block[0], grid[1] * block[1], grid[2] * block[2])
        start = time.perf_counter()
        try:
            self._program.launch(given, grid, block)
        except RuntimeError as error:
            raise CompilationError(
                f"{self.kernel.kernel_name} cannot be built for the CPU: {error}", location=None
            ) from None
        self._device.spent += time.perf_counter() - start

    def llvm_ir(self, block: Extent) -> str:
        """Give the optimized LLVM IR for threadgroups of a size."""
        return self._program.llvm_ir(block)

    def assembly(self, block: Extent) -> str:
        """Give the assembly for threadgroups of a size."""
        return self._program.assembly(block)


class CpuDevice(Device):
    """The CPU."""

    kind = "cpu"

    def __init__(self) -> None:
        super().__init__()
        self.name = platform.machine()
        self.spent = 0.0

    def load(self, kernel: CompiledKernel, constants: Mapping[str, Any]) -> CpuExecutable:
        """Load a kernel; LLVM is loaded with the first one."""
        from enigma._jit import Program

        return CpuExecutable(self, kernel, Program(kernel.flat_ir))

    def synchronize(self) -> None:
        """Return at once: a launch returns when it is done."""

    @property
    def seconds(self) -> float:
        """How long the launches took."""
        return self.spent


register("cpu", CpuDevice)
