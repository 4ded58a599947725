# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A GPU of Apple's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from enigma import _metal
from enigma._arrays import Memory
from enigma._host_calls import host_class
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import CompilationError, DeviceUnavailable, LaunchFailed, ResourceLimitError
from enigma.limits import METAL
from enigma.runtime.binding import Argument, written
from enigma.runtime.device import ONLY_METAL_CHECKS, Constants, Device, Executable, register
from enigma.tracing.launches import Extent

OBJECTIVE_C = "/usr/lib/libobjc.A.dylib"
METAL_FRAMEWORK = "/System/Library/Frameworks/Metal.framework/Metal"


def _copy(to: int, origin: int, length: int) -> None:
    """Copy bytes from address to address."""
    import ctypes

    ctypes.memmove(to, origin, length)


class MetalExecutable(Executable):
    """A kernel with its pipeline state."""

    def __init__(
        self, device: MetalDevice, kernel: CompiledKernel, pipeline: _metal.Pipeline
    ) -> None:
        self.kernel = kernel
        self.max_threads = pipeline.max_threads
        self._device = device
        self._pipeline = pipeline
        self._indices = [parameter.index for parameter in kernel.parameters]
        self._written = [written(parameter) for parameter in kernel.parameters]

    def launch(
        self, arguments: Sequence[Argument], grid: Extent, block: Extent, *, is_threads: bool
    ) -> None:
        """Run the kernel, and wait where it works on arrays of the host, as all of them are."""
        opened = self._device.opened
        given: list[tuple[int, _metal.Buffer | bytes | int]] = []
        copies = []
        for index, argument, is_written in zip(
            self._indices, arguments, self._written, strict=True
        ):
            if isinstance(argument, Memory):
                buffer, is_copy = self._device.buffer(argument)
                if is_copy and is_written:
                    copies.append((argument, buffer))
                given.append((index, buffer))
            else:
                given.append((index, argument))
        # Ctrl-C ends the wait, and not what runs: that needs its memory.
        self._device.running.append(arguments)
        opened.launch(self._pipeline, given, grid, block, is_threads)
        self._device.synchronize()
        for memory, buffer in copies:
            _copy(memory.address, buffer.address, memory.span_bytes)


@host_class
class MetalDevice(Device):
    """The default GPU, through Metal.

    Parameters
    ----------
    objective_c, metal : str
        The libraries of the Objective-C runtime and of Metal.

    Raises
    ------
    DeviceUnavailable
        When there is no Metal here.
    """

    kind = "metal"

    def __init__(self, objective_c: str = OBJECTIVE_C, metal: str = METAL_FRAMEWORK) -> None:
        super().__init__()
        try:
            self.opened = _metal.open_device(objective_c, metal)
        except _metal.MetalError as error:
            raise DeviceUnavailable(kind="metal", why=error.args[1]) from None
        self.name = self.opened.name
        #: The arguments of what may be running.
        self.running: list[Sequence[Argument]] = []

    def load(self, kernel: CompiledKernel, constants: Constants) -> MetalExecutable:
        """Build the pipeline state: from the Metal library if there is one, else from the text."""
        try:
            if kernel.metallib_bytes is not None:
                library = self.opened.load(kernel.metallib_bytes)
            else:
                major, minor = map(int, kernel.metal_std.split("."))
                library = self.opened.compile(
                    kernel.metal_source, kernel.fast_math, (major << 16) + minor
                )
            return MetalExecutable(self, kernel, library.pipeline(kernel.kernel_name, constants))
        except _metal.MetalError as error:
            raise CompilationError(
                f"Metal cannot build {kernel.kernel_name}: {explained(kernel, error.args[1])}",
                location=None,
                remedy=ONLY_METAL_CHECKS,
            ) from None

    def described(self) -> dict[str, str]:
        """Give the limits that Metal tells."""
        return {
            **super().described(),
            "bytes of threadgroup memory": str(self.opened.max_threadgroup_bytes),
            "bytes of a buffer": str(self.opened.max_buffer_bytes),
        }

    def buffer(self, memory: Memory) -> tuple[_metal.Buffer, bool]:
        """Give a buffer for memory of the host, and whether it is a copy."""
        # Metal has no buffer of nothing.
        length = memory.span_bytes or METAL.access_bytes
        # A kernel may access vectors of a buffer that begins where the target says it does.
        if memory.address % METAL.access_bytes == 0:
            buffer = self.opened.wrap(memory.address, length)
            if buffer is not None:
                return buffer, False
        try:
            buffer = self.opened.allocate(length)
        except _metal.MetalError as error:
            raise ResourceLimitError(
                error.args[1],
                remedy="launch it on parts of the array, one after the other; "
                "`python -m enigma.runtime.selftest` tells how large a buffer may be",
            ) from None
        _copy(buffer.address, memory.address, memory.span_bytes)
        return buffer, True

    def synchronize(self) -> None:
        """Wait for everything that was launched."""
        seen = len(self.running)
        try:
            self.opened.synchronize()
        except _metal.MetalError as error:
            del self.running[:seen]
            raise LaunchFailed(error.args[1]) from None
        del self.running[:seen]

    @contextmanager
    def capture(self, path: str | os.PathLike[str]) -> Iterator[None]:
        """Record the launches of a `with` block into a ``.gputrace``, which Xcode opens.

        Parameters
        ----------
        path : str or path
            The file to write, which must not be there.

        Raises
        ------
        LaunchFailed
            When Metal cannot capture: the environment has no ``MTL_CAPTURE_ENABLED=1``, or the file
            cannot be written.
        """
        try:
            self.opened.start_capture(os.fspath(path))
        except _metal.MetalError as error:
            raise LaunchFailed(
                f"cannot capture into {os.fspath(path)}: {error.args[1]}",
                location=None,
                remedy="run with MTL_CAPTURE_ENABLED=1 in the environment, and name a file that "
                "ends in .gputrace and is not there",
            ) from None
        try:
            yield
            self.synchronize()
        finally:
            self.opened.stop_capture()

    @property
    def seconds(self) -> float:
        """What the GPU spent, by its own clock."""
        return self.opened.seconds


def explained(kernel: CompiledKernel, message: str) -> str:
    """Name the lines of Python that an error of Metal's compiler is about."""
    lines = []
    for line in message.splitlines():
        lines.append(line)
        parts = line.split(":")
        if len(parts) > 2 and parts[0] == "program_source" and parts[1].isdecimal():
            location = kernel.source_map.get(int(parts[1]))
            if location is not None:
                lines.append(f"  from {location}: {location.source_line.strip()}")
    return "\n".join(lines)


register("metal", MetalDevice)
