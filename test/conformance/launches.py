# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A process that launches kernels, for the one that runs the tests.

A launch is a fork (`launcher/launcher.cpp`), and what that takes grows with the memory of the
process: that of the tests has hundreds of megabytes, this one a few. It imports nothing that it
does not need.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

TEST = Path(__file__).resolve().parent.parent
STACK_SIZE = 256 * 1024
# Behind the value of a function constant stands whether the host has set it.
CONSTANT_SIZE = 16


class ServerEnded(Exception):
    """The process ended before it had answered."""


class Buffer(NamedTuple):
    """The memory of an argument.

    Attributes
    ----------
    name
        What errors call it.
    data
        What is in it.
    element
        The bytes of an element.
    alignment
        Of its start, in bytes.
    is_writable
        Whether the kernel may write into it.
    """

    name: str
    data: bytes
    element: int
    alignment: int
    is_writable: bool


class Constant(NamedTuple):
    """A function constant: the symbol of its storage, the bytes in it, and whether it is set."""

    symbol: str
    data: bytes
    is_set: bool


class Launch(NamedTuple):
    """A kernel and all that it is launched with.

    Attributes
    ----------
    library
        The path of the shared object.
    entry
        The symbol of the kernel's entry.
    constants
        The function constants.
    computed
        The functions that compute what follows from the constants.
    buffers
        The memory of the arguments.
    arguments
        Which of the buffers each argument is.
    shared
        The bytes of each threadgroup argument.
    threads
        Threads of the grid in x, y, z.
    block
        Threads of a threadgroup in x, y, z.
    order
        In which order threads run: forward, reverse or shuffled.
    seed
        Of that order.
    spurious_failures
        Whether every third weak compare-exchange fails.
    matrix_placement
        Which elements of a simdgroup matrix a thread holds.
    exact_end
        Whether buffers end at a guard, rather than begin there.
    timeout
        Milliseconds of the processor.
    """

    library: str
    entry: str
    constants: Sequence[Constant]
    computed: Sequence[str]
    buffers: Sequence[Buffer]
    arguments: Sequence[int]
    shared: Sequence[int]
    threads: tuple[int, int, int]
    block: tuple[int, int, int]
    order: int
    seed: int
    spurious_failures: bool
    matrix_placement: int
    exact_end: bool
    timeout: int


class Report(NamedTuple):
    """What became of a launch.

    Attributes
    ----------
    outcome
        0, or which fault (`enigma_outcome` of the launcher).
    message
        What the fault was.
    thread
        The position of the thread at fault in the grid, if there is one.
    contents
        What is in the buffers afterwards, if there was no fault.
    strays
        For each buffer: the byte of a write beside it, relative to its start, or 0.
    log
        What the kernel wrote into the log: levels and texts in turn, each ended by a null byte.
    """

    outcome: int
    message: str
    thread: tuple[int, ...] | None
    contents: list[bytes]
    strays: list[int]
    log: bytes


# In the process that launches.


class _Region(ctypes.Structure):
    _fields_ = (
        ("base", ctypes.c_void_p),
        ("size", ctypes.c_ulong),
        ("element", ctypes.c_ulong),
        ("pages", ctypes.c_void_p),
        ("pages_size", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
        ("reserved_size", ctypes.c_ulong),
        ("name", ctypes.c_char_p),
        ("writable", ctypes.c_int),
    )


class _Launch(ctypes.Structure):
    _fields_ = (
        ("entry", ctypes.c_void_p),
        ("set_runtime", ctypes.c_void_p),
        ("arguments", ctypes.POINTER(ctypes.c_void_p)),
        ("regions", ctypes.POINTER(_Region)),
        ("region_count", ctypes.c_uint),
        ("threads_per_grid", ctypes.c_uint * 3),
        ("threads_per_threadgroup", ctypes.c_uint * 3),
        ("order", ctypes.c_uint),
        ("seed", ctypes.c_uint),
        ("spurious_failures", ctypes.c_uint),
        ("matrix_placement", ctypes.c_uint),
        ("timeout_ms", ctypes.c_uint),
        ("stack_size", ctypes.c_ulong),
    )


class _Report(ctypes.Structure):
    _fields_ = (
        ("outcome", ctypes.c_int),
        ("has_thread", ctypes.c_int),
        ("thread_position_in_grid", ctypes.c_uint * 3),
        ("message", ctypes.c_char * 1024),
    )


@functools.cache
def _library(path: str) -> ctypes.CDLL:
    return ctypes.CDLL(path)


def _set_constants(library: ctypes.CDLL, launch: Launch) -> None:
    for constant in launch.constants:
        storage = (ctypes.c_ubyte * (2 * CONSTANT_SIZE)).in_dll(library, constant.symbol)
        ctypes.memmove(storage, constant.data, len(constant.data))
        storage[CONSTANT_SIZE] = constant.is_set
    for symbol in launch.computed:
        getattr(library, symbol)()


def _run(launcher: ctypes.CDLL, launch: Launch) -> Report:
    library = _library(launch.library)
    _set_constants(library, launch)
    regions = (_Region * max(1, len(launch.buffers)))()
    with contextlib.ExitStack() as allocated:
        for region, buffer in zip(regions, launch.buffers, strict=False):
            region.size = len(buffer.data)
            region.element = buffer.element
            region.name = buffer.name.encode()
            region.writable = buffer.is_writable
            failed = launcher.enigma_allocate(
                ctypes.byref(region), ctypes.c_ulong(buffer.alignment), int(launch.exact_end)
            )
            if failed:
                raise MemoryError(os.strerror(failed))
            allocated.callback(launcher.enigma_free, ctypes.byref(region))
            ctypes.memmove(region.base, buffer.data, len(buffer.data))
        return _run_over(launcher, library, launch, regions)


def _run_over(
    launcher: ctypes.CDLL, library: ctypes.CDLL, launch: Launch, regions: ctypes.Array[_Region]
) -> Report:
    shared = [ctypes.c_ulong(size) for size in launch.shared]
    arguments = (ctypes.c_void_p * max(1, len(launch.arguments) + len(shared)))(
        *(regions[i].base for i in launch.arguments), *map(ctypes.addressof, shared)
    )
    info = _Launch(
        entry=ctypes.cast(getattr(library, launch.entry), ctypes.c_void_p),
        set_runtime=ctypes.cast(library.enigma_set_runtime, ctypes.c_void_p),
        arguments=arguments,
        regions=regions,
        region_count=len(launch.buffers),
        threads_per_grid=launch.threads,
        threads_per_threadgroup=launch.block,
        order=launch.order,
        seed=launch.seed,
        spurious_failures=launch.spurious_failures,
        matrix_placement=launch.matrix_placement,
        timeout_ms=launch.timeout,
        stack_size=STACK_SIZE,
    )
    report = _Report()
    launcher.enigma_launch(ctypes.byref(info), ctypes.byref(report))
    contents, strays, log = [], [], b""
    if report.outcome == 0:
        used = regions[: len(launch.buffers)]
        strays = [launcher.enigma_stray_write(ctypes.byref(region)) for region in used]
        contents = [
            ctypes.string_at(region.base, region.size) if region.writable else b""
            for region in used
        ]
        size = ctypes.c_ulong()
        address = launcher.enigma_messages(ctypes.byref(size))
        log = ctypes.string_at(address, size.value) if size.value else b""
    thread = tuple(report.thread_position_in_grid) if report.has_thread else None
    message = report.message.decode(errors="replace")
    return Report(report.outcome, message, thread, contents, strays, log)


def serve(launcher_path: str) -> None:
    """Answer what is asked on standard input, until that ends."""
    # An interrupt is for the process that asks, which then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Kernels find their runtime functions in it by name.
    launcher = ctypes.CDLL(launcher_path, mode=ctypes.RTLD_GLOBAL)
    launcher.enigma_stray_write.restype = ctypes.c_long
    launcher.enigma_messages.restype = ctypes.c_void_p
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer: Any = None
        try:
            if isinstance(asked, Launch):
                answer = _run(launcher, asked)
            else:
                _library(asked)
        except Exception as error:
            answer = error
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


# In the process of the tests.

_SERVER = (
    "import sys; sys.path.insert(0, sys.argv[1]); from conformance.launches import serve; "
    "serve(sys.argv[2])"
)


class Server:
    """A process that launches kernels, started again when it ended."""

    def __init__(self, launcher: Path) -> None:
        self._launcher = launcher
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, launch: Launch) -> Report:
        """Launch a kernel.

        Raises
        ------
        ServerEnded
            Where the process ended instead.
        MemoryError
            Where there is no room for the buffers.
        """
        report: Report = self._ask(launch)
        return report

    def load(self, library: Path) -> None:
        """Load a shared object; raises `OSError` where that fails."""
        self._ask(str(library))

    def _ask(self, what: Launch | str) -> Any:
        if self._process is None:
            # Isolated, and without `site`: nothing but Python's own library is needed.
            command = [sys.executable, "-I", "-S", "-c", _SERVER, str(TEST), str(self._launcher)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(what, process.stdin)
            process.stdin.flush()
            answer = pickle.load(process.stdout)
        except (EOFError, BrokenPipeError):
            status = process.wait()
            self.stop()
            raise ServerEnded(f"the process that launches ended with status {status}") from None
        except BaseException:
            # What it still answers is not for the next to ask.
            self.stop()
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


@functools.cache
def server(launcher: Path) -> Server:
    """The process that launches by a launcher."""
    started = Server(launcher)
    atexit.register(started.stop)
    return started
