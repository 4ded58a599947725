# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The CPU of this machine: kernels as machine code, threadgroups spread over threads."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from enigma import _cache
from enigma._arrays import Memory
from enigma._host_calls import host_class
from enigma._process import STARTED
from enigma._version import __version__
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import CompilationError
from enigma.limits import METAL
from enigma.runtime.binding import Argument
from enigma.runtime.checking import kernel_fault
from enigma.runtime.device import Constants, Device, Executable, register
from enigma.runtime.told import text_of
from enigma.tracing.launches import Extent, Origins

if TYPE_CHECKING:
    from enigma._jit import Message, Program


# What the cache calls machine code.
_KIND = "cpu"


class CpuExecutable(Executable):
    """A kernel as machine code, made for a size of threadgroups when it is launched with it."""

    max_threads = METAL.threads

    def __init__(
        self,
        device: CpuDevice,
        kernel: CompiledKernel,
        constants: Constants,
        program: Program,
    ) -> None:
        self.kernel = kernel
        self._device = device
        self._constants = constants
        self._program = program
        # The extents of the last launch, whose code is loaded.
        self._ready: tuple[Extent, Extent] | None = None

    def _load(self, block: Extent, ragged: bool) -> None:
        """Load the code for a size of threadgroups, from the cache if it is there."""
        options = repr((self._constants, block, ragged))
        built_by = _built_by()
        key = built_by and _cache.key_of(*built_by, options, self.kernel.flat_ir)
        code = _cache.find(_KIND, key) if key else None
        if code is None:
            code = self._program.compile(block, ragged)
            if key:
                _cache.keep(_KIND, key, code)
        self._program.load(block, ragged, code)

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
        if self._ready != (grid, block):
            for ragged in self._program.missing(grid, block):
                with self._errors():
                    self._load(block, ragged)
            self._ready = grid, block
        messages: list[Message] = []
        try:
            self._program.launch(given, grid, block, messages)
        finally:
            self._device.spent += time.perf_counter() - start
            self._log(messages)

    def _log(self, messages: list[Message]) -> None:
        for message in messages:
            self._device.log(message.level, text_of(message))

    def code(self, form: str, block: Extent, origins: Origins | None) -> str:
        """Give the code for full threadgroups of a size: its form is "llvm_ir" or "assembly"."""
        printed = self._program.assembly if form == "assembly" else self._program.llvm_ir
        with self._errors():
            return printed(block, origins=origins)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say of which kernel it is that there is no code."""
        try:
            yield
        except RuntimeError as error:
            raise CompilationError(
                f"{self.kernel.kernel_name} cannot be built for the CPU: {error}",
                location=None,
                remedy="launch it on a GPU; or keep a variant without that for the CPU (if it is "
                "check=True that cannot be done, launch it without)",
            ) from None

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
        messages: list[Message] = []
        last: list[Message] = []
        fault = None
        try:
            with self._errors():
                fault = self._program.check(given, sizes, grid, block, messages)
        finally:
            if fault is not None and fault["kind"] == "assertion":
                # The threads whose assertion stopped the launch told it last.
                first = len(messages) - cast("int", fault["value"])
                last = messages[first:]
                del messages[first:]
            self._log(sorted(messages, key=lambda told: (told.threadgroup, told.thread)))
        if fault is not None:
            assertion = text_of(last[0]) if last else ""
            raise kernel_fault(self.kernel.kernel_name, fault, assertion)


@functools.cache
def _built_by() -> tuple[str, str] | None:
    """Give what code depends on besides its kernel: the build of Enigma, and the CPU.

    None where an upgrade has replaced what this process runs.
    """
    from enigma import _jit

    try:
        status = os.stat(_jit.__file__)
    except OSError:
        return None
    if status.st_ctime_ns >= STARTED:
        return None
    return f"{__version__} {status.st_size} {status.st_mtime_ns}", _jit.host_cpu()


def _write(level: str, text: str) -> None:
    print(text, file=sys.stderr)


@host_class
class CpuDevice(Device):
    """The CPU.

    Attributes
    ----------
    log : callable
        Takes what kernels write with `enigma.print` ("info") and `enigma.assert_` ("fault"), when a
        launch is done or stopped, thread after thread: the level and the text. By default it writes
        the text to ``sys.stderr``.
    """

    kind = "cpu"

    def __init__(self) -> None:
        import platform

        super().__init__()
        self.name = platform.machine()
        self.spent = 0.0
        self.log: Callable[[str, str], object] = _write

    def load(self, kernel: CompiledKernel, constants: Constants) -> CpuExecutable:
        """Load a kernel; LLVM is loaded with the first one."""
        from enigma._jit import Program

        values = [(index, value) for _, index, value in constants]
        return CpuExecutable(self, kernel, constants, Program(kernel.flat_ir, values))

    def described(self) -> dict[str, str]:
        """Give the limits, and over how many threads the CPU spreads threadgroups."""
        from enigma._jit import num_threads

        return {**super().described(), "threads of the CPU": str(num_threads())}

    def synchronize(self) -> None:
        """Return at once: a launch returns when it is done."""

    @property
    def seconds(self) -> float:
        """How long the launches took."""
        return self.spent


register("cpu", CpuDevice)
