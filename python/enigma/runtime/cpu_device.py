# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The CPU of this machine: kernels as machine code, threadgroups spread over threads."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from enigma._arrays import Memory
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import CompilationError
from enigma.limits import METAL
from enigma.runtime.binding import Argument
from enigma.runtime.checking import kernel_fault
from enigma.runtime.device import Constants, Device, Executable, register
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

    def check(
        self, arguments: Sequence[Argument], grid: Extent, block: Extent, *, is_threads: bool
    ) -> None:
        """Run the kernel with checks, one threadgroup after the other.

        Raises
        ------
        KernelFault
            At the first fault: arrays hold what was written until then.
        """
        given = [
            argument.address if isinstance(argument, Memory) else argument for argument in arguments
        ]
        sizes = [
            argument.span_bytes
            if isinstance(argument, Memory)
            else len(argument)
            if isinstance(argument, bytes)
            else argument
            for argument in arguments
        ]
        if not is_threads:
            grid = (grid[0] * block[0], grid[1] * block[1], grid[2] * block[2])
        try:
            fault = self._program.check(given, sizes, grid, block)
        except RuntimeError as error:
            raise CompilationError(
                f"{self.kernel.kernel_name} cannot be built for the CPU: {error}", location=None
            ) from None
        if fault is not None:
            raise kernel_fault(self.kernel.kernel_name, fault)

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

    def load(self, kernel: CompiledKernel, constants: Constants) -> CpuExecutable:
        """Load a kernel; LLVM is loaded with the first one."""
        refused = [
            f"the threadgroup array {parameter.name!r}, whose length its launch chooses"
            for parameter in kernel.threadgroup_params
            if parameter.size is None
        ]
        if kernel.function_constants:
            refused.append("function constants")
        if refused:
            raise CompilationError(
                f"{kernel.kernel_name} has {refused[0]}, which the CPU device does not take",
                location=None,
                remedy="make it a compile-time parameter (enigma.constexpr), or an array of "
                "enigma.threadgroup_alloc",
            )
        from enigma._jit import Program

        return CpuExecutable(self, kernel, Program(kernel.flat_ir))

    def synchronize(self) -> None:
        """Return at once: a launch returns when it is done."""

    @property
    def seconds(self) -> float:
        """How long the launches took."""
        return self.spent


register("cpu", CpuDevice)
