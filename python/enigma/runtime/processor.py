# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The CPU as a device: kernels as machine code, threadgroups spread over threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from enigma.compiler.kernel import CompiledKernel
from enigma.errors import DeviceError
from enigma.limits import METAL
from enigma.runtime.devices import KINDS, Device, Executable, Extent

if TYPE_CHECKING:
    from enigma._jit import Program


class Code(Executable):
    """A kernel as machine code, made for a size of threadgroups when it is first launched."""

    def __init__(self, name: str, program: Program) -> None:
        self._name = name
        self._program = program

    def launch(self, arguments: Sequence[Any], threads: Extent, block: Extent) -> None:
        """Run the threads of a grid."""
        try:
            self._program.launch(arguments, threads, block)
        except RuntimeError as error:
            raise DeviceError(f"{self._name} cannot be run on the CPU: {error}") from None

    def llvm_ir(self, block: Extent) -> str:
        """Give the optimized LLVM IR for threadgroups of a size."""
        return self._program.llvm_ir(block)

    def assembly(self, block: Extent) -> str:
        """Give the assembly for threadgroups of a size."""
        return self._program.assembly(block)


class Processor(Device):
    """The CPU of this machine."""

    name = "cpu"
    limits = METAL

    @classmethod
    def is_there(cls) -> bool:
        """Whether this machine has one: it has."""
        return True

    def load(self, compiled: CompiledKernel) -> Code:
        """Load a kernel."""
        # LLVM is loaded with the first kernel.
        from enigma._jit import Program

        return Code(compiled.kernel_name, Program(compiled.flat))

    def wrap(self, address: int, nbytes: int) -> int:
        """Give the address."""
        return address

    def synchronize(self) -> None:
        """Return at once: a launch returns when it is done."""


KINDS[Processor.name] = Processor
