# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs MSL kernels on the CPU over NumPy arrays.

    harness.run(msl, "add", [a, b, c], grid=4, block=64)

compiles the text if it was not compiled before, launches kernel `add` over 4
threadgroups of 64 threads and writes the arrays it writes. Texts that are
declared first (`harness.declare`) are compiled together, which is much faster
than one by one.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

import enigma
from conformance import cpu_device, launches, msl_text, toolchain
from conformance.msl_text import CompileError
from conformance.toolchain import Text, ToolError, set_cache_folder

__all__ = [
    "ArithmeticFault",
    "CompileError",
    "DivergentBarrier",
    "KernelCrash",
    "KernelError",
    "LimitExceeded",
    "Message",
    "MisalignedAccess",
    "OutOfBounds",
    "StackOverflow",
    "TimedOut",
    "ToolError",
    "compile_only",
    "declare",
    "from_bfloat",
    "run",
    "set_cache_folder",
    "to_bfloat",
]

MAX_THREADS = 1024
GUARDS = ("end", "start")
ORDERS = ("forward", "reverse", "shuffled")

Size = int | Sequence[int]


class HasMetalSource(Protocol):
    """An `enigma.CompiledKernel`, or what looks like one."""

    @property
    def metal_source(self) -> str: ...

    @property
    def kernel_name(self) -> str: ...


class Message(NamedTuple):
    """What a kernel wrote into the log of the device."""

    level: str
    text: str


class KernelError(Exception):
    """A kernel did what Metal leaves undefined; the message says what."""


class OutOfBounds(KernelError):
    """An access outside of a buffer, threadgroup variable or local array."""


class DivergentBarrier(KernelError):
    """Threads wait at different barriers, or some have finished."""


class MisalignedAccess(KernelError):
    """An access through a pointer that is not aligned for its type."""


class TimedOut(KernelError):
    """The kernel was still running when its time was over."""


class ArithmeticFault(KernelError):
    """A division by zero, a shift by too much, or a signed integer that overflows."""


class StackOverflow(KernelError):
    """More local variables than a thread's stack holds, or a recursion."""


class LimitExceeded(KernelError):
    """More threadgroup memory than Metal has."""


class KernelCrash(KernelError):
    """The launch failed in another way."""


_OUTCOMES: dict[int, type[KernelError]] = {
    1: OutOfBounds,
    2: DivergentBarrier,
    3: MisalignedAccess,
    4: TimedOut,
    5: ArithmeticFault,
    6: StackOverflow,
    7: LimitExceeded,
    8: KernelCrash,
}


def to_bfloat(values: npt.ArrayLike) -> npt.NDArray[np.uint16]:
    """The bits of `values` (float32) rounded to bfloat, to nearest even."""
    bits = np.asarray(values, dtype=np.float32, order="C").view(np.uint32)
    rounded = (bits + (0x7FFF + ((bits >> 16) & 1))) >> 16
    nan = (bits & 0x7FFFFFFF) > 0x7F800000
    return np.where(nan, (bits >> 16) | 0x40, rounded).astype(np.uint16)


def from_bfloat(bits: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The values (float32) of bfloat bits (uint16)."""
    wide = np.asarray(bits, dtype=np.uint16, order="C").astype(np.uint32) << np.uint32(16)
    return np.asarray(wide).view(np.float32)


_pending: dict[str, Text] = {}
_read: dict[tuple[str, str], Text] = {}


def _text(source: str, label: str) -> Text:
    if (source, label) not in _read:
        _read[source, label] = toolchain.text_of(source, label)
    return _read[source, label]


def on_cpu_device() -> bool:
    """Whether compiled kernels run on the CPU device of Enigma, and not as MSL."""
    return os.environ.get("ENIGMA_CONFORMANCE_DEVICE") in ("cpu", "checked")


def is_checked() -> bool:
    """Whether they run there with ``check=True``."""
    return os.environ.get("ENIGMA_CONFORMANCE_DEVICE") == "checked"


def declare(source: str | HasMetalSource, label: str = "kernel") -> None:
    """Have `source` compiled together with all that is declared and not yet run.

    A text that Metal would refuse is no error here, but when it is run.
    """
    if not isinstance(source, str):
        if on_cpu_device():
            return
        label, source = source.kernel_name, source.metal_source
    try:
        text = _text(source, label)
    except CompileError:
        return
    _pending[text.key] = text


def _compiled(source: str, label: str) -> tuple[Text, Path]:
    text = _text(source, label)
    toolchain.compile_texts([*_pending.values(), text])
    _pending.clear()
    return text, toolchain.library_of(text)


def compile_only(source: str | HasMetalSource, label: str = "kernel") -> None:
    """Compile `source`.

    Raises
    ------
    CompileError
        With the diagnostics, where Metal would refuse the text.
    """
    if not isinstance(source, str):
        label, source = source.kernel_name, source.metal_source
    _, library = _compiled(source, label)
    launches.server(toolchain.launcher()).load(library)


def _size(name: str, size: Size) -> tuple[int, int, int]:
    values = [size] if isinstance(size, int) else [int(value) for value in size]
    if not 1 <= len(values) <= 3 or any(value < 1 for value in values):
        raise ValueError(f"{name} is 1 to 3 positive integers, found {size!r}")
    x, y, z = values + [1] * (3 - len(values))
    return x, y, z


def _check_array(parameter: msl_text.Parameter, value: Any) -> npt.NDArray[Any]:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"'{parameter.name}' is a buffer and needs a NumPy array")
    found = msl_text.scalar_of(parameter.element)
    assert found is not None
    expected = msl_text.SCALAR_DTYPES[found[0]]
    names = {expected, "bfloat16"} if found[0] == "bfloat" else {expected}
    if value.dtype.name not in names:
        raise TypeError(
            f"'{parameter.name}' is a buffer of {parameter.element} and needs an array "
            f"of {expected}, found {value.dtype}"
        )
    if not value.flags.c_contiguous:
        raise ValueError(f"the array for '{parameter.name}' is not C-contiguous")
    if parameter.writable and not value.flags.writeable:
        raise ValueError(f"the array for '{parameter.name}' is read-only")
    return value


def _scalar_array(parameter: msl_text.Parameter, value: Any) -> npt.NDArray[Any]:
    """The bytes of a scalar or vector passed by reference."""
    found = msl_text.scalar_of(parameter.element)
    assert found is not None
    scalar, count = found
    if scalar == "bfloat" and not isinstance(value, np.uint16):
        value = to_bfloat(value)
    array = np.asarray(value).astype(msl_text.SCALAR_DTYPES[scalar]).reshape(-1)
    if array.size != count:
        raise ValueError(f"'{parameter.name}' is a {parameter.element}, found {value!r}")
    whole = np.zeros(msl_text.size_of(parameter.element) // array.itemsize, array.dtype)
    whole[:count] = array
    return whole


class _Buffers:
    """The arguments of one launch."""

    def __init__(self, text: Text, kernel: msl_text.Kernel, args: Sequence[Any]) -> None:
        buffers = kernel.buffers
        if len(args) != len(buffers):
            raise TypeError(
                f"{kernel.name} takes {len(buffers)} arguments "
                f"({', '.join(p.name for p in buffers)}), found {len(args)}"
            )
        self.arrays: list[npt.NDArray[Any]] = []
        self.place: list[int] = []
        self.given: list[launches.Buffer] = []
        for parameter, value in zip(buffers, args, strict=True):
            is_buffer = parameter.is_pointer
            array = (
                _check_array(parameter, value)
                if is_buffer or isinstance(value, np.ndarray)
                else _scalar_array(parameter, value)
            )
            # An array that is passed twice is one buffer.
            known = [i for i, other in enumerate(self.arrays) if other is array]
            if known:
                self.place.append(known[0])
                first = self.given[known[0]]
                is_writable = first.is_writable or parameter.writable
                self.given[known[0]] = first._replace(is_writable=is_writable)
                continue
            self.place.append(len(self.arrays))
            self.arrays.append(array)
            # Only accesses to several elements may need more than an element's
            # alignment; a smaller one leaves no slack before the guard.
            own = msl_text.alignment_of(parameter.element)
            self.given.append(
                launches.Buffer(
                    name=parameter.name,
                    data=array.tobytes(),
                    element=msl_text.size_of(parameter.element),
                    alignment=max(own, 16) if text.program.wide or not is_buffer else own,
                    is_writable=parameter.writable,
                )
            )

    def copy_back(self, report: launches.Report) -> None:
        """Give the arrays what the kernel wrote."""
        for array, given, found, stray in zip(
            self.arrays, self.given, report.contents, report.strays, strict=True
        ):
            if stray:
                raise OutOfBounds(
                    f"out-of-bounds write of buffer '{given.name}' at byte "
                    f"{stray}: it has {len(given.data)} bytes"
                )
            if given.is_writable and array.flags.writeable:
                ctypes.memmove(array.ctypes.data, found, array.nbytes)


def _constants(text: Text, constants: Mapping[int | str, Any]) -> list[launches.Constant]:
    """What the function constants of a text are set to."""
    left = dict(constants)
    found = []
    for constant in text.program.constants:
        key: int | str = constant.index if constant.index in left else constant.name
        symbol = toolchain.constant_symbol(text, constant.index)
        if key in left:
            parameter = msl_text.Parameter(
                constant.name, constant.type, constant.type, "", True, False, True, "", -1
            )
            data = _scalar_array(parameter, left.pop(key)).tobytes()
            found.append(launches.Constant(symbol, data, is_set=True))
        elif f"is_function_constant_defined({constant.name})" in text.program.rewritten:
            unset = b"\xa5" * launches.CONSTANT_SIZE
            found.append(launches.Constant(symbol, unset, is_set=False))
        else:
            raise TypeError(f"function constant {constant.index} ('{constant.name}') has no value")
    if left:
        raise TypeError(f"{text.label} has no function constant {next(iter(left))!r}")
    return found


def _messages(log: bytes) -> list[Message]:
    """The messages of a launch."""
    parts = log.decode().split("\0")[:-1]
    return [Message(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]


def _order(order: str | None) -> tuple[int, int]:
    """The launcher's order and seed: `shuffled:3` is order `shuffled`, seed 3."""
    name = order or os.environ.get("ENIGMA_CONFORMANCE_ORDER") or "forward"
    name, _, seed = name.partition(":")
    if name not in ORDERS:
        raise ValueError(f"order is one of {', '.join(ORDERS)}, found {name!r}")
    return ORDERS.index(name), int(seed or 0)


def run(
    source: str | HasMetalSource,
    kernel_name: str | None = None,
    args: Sequence[Any] = (),
    *,
    grid: Size | None = None,
    block: Size = 1,
    threads: Size | None = None,
    constants: Mapping[int | str, Any] | None = None,
    threadgroup_memory: Mapping[int, int] | None = None,
    order: str | None = None,
    spurious_failures: bool = True,
    matrix_placement: int = 0,
    guard: str = "end",
    timeout: float = 60.0,
) -> list[Message]:
    """Run a kernel; arrays that it writes are updated in place.

    Parameters
    ----------
    source
        MSL text, or a compiled kernel with `metal_source` and `kernel_name`.
    kernel_name
        Which kernel of the text; may be left out if there is one.
    args
        Arrays and scalars, by buffer index. A `bfloat` buffer takes uint16 bits.
    grid
        Threadgroups in x, y, z; an int is x.
    block
        Threads per threadgroup in x, y, z.
    threads
        Threads of the whole grid, instead of `grid`: the last threadgroups are
        smaller where the block does not divide it.
    constants
        Function constants, by index or name.
    threadgroup_memory
        Bytes of each `[[threadgroup(i)]]` argument.
    order
        `forward`, `reverse` or `shuffled:SEED`: the order in which threads run
        between barriers. Default: `ENIGMA_CONFORMANCE_ORDER`, or `forward`.
    spurious_failures
        Whether every third weak compare-exchange fails, as Metal permits.
    matrix_placement
        0 or 1: which elements of a simdgroup matrix a thread holds.
    guard
        `end` or `start`: the side of every buffer where an access outside of it
        faults at once. On the other side there may be a part of a page that reads
        as NaN, and in which only writes are found.
    timeout
        Seconds of the processor after which the kernel is given up.

    Returns
    -------
    list of Message
        What it wrote into the log; threads write in the order in which they run.

    Raises
    ------
    CompileError
        Where Metal would refuse the text.
    KernelError
        If the kernel did what Metal leaves undefined.
    TypeError, ValueError
        For arguments that do not fit the kernel.
    """
    label = kernel_name or "kernel"
    if isinstance(source, enigma.CompiledKernel) and on_cpu_device():
        written = cpu_device.run(
            source,
            args,
            grid=grid,
            block=block,
            threads=threads,
            constants=constants or {},
            threadgroup_memory=threadgroup_memory or {},
            check=is_checked(),
        )
        return [Message(*message) for message in written]
    if not isinstance(source, str):
        kernel_name = kernel_name or source.kernel_name
        label, source = kernel_name, source.metal_source
    text, library = _compiled(source, label)
    kernels = {kernel.name: kernel for kernel in text.program.kernels}
    if kernel_name is None and len(kernels) == 1:
        kernel_name = next(iter(kernels))
    if kernel_name not in kernels:
        raise ValueError(f"no kernel {kernel_name!r} in the text, which has: {', '.join(kernels)}")
    kernel = kernels[kernel_name]
    per_group = _size("block", block)
    if per_group[0] * per_group[1] * per_group[2] > MAX_THREADS:
        raise ValueError(f"a threadgroup has at most {MAX_THREADS} threads, found {block!r}")
    if (grid is None) == (threads is None):
        raise TypeError("run() takes either grid (threadgroups) or threads")
    if grid is not None:
        groups = _size("grid", grid)
        x, y, z = (g * t for g, t in zip(groups, per_group, strict=True))
        total = x, y, z
    else:
        assert threads is not None
        total = _size("threads", threads)
    launch_order, seed = _order(order)
    if guard not in GUARDS:
        raise ValueError(f"guard is one of {', '.join(GUARDS)}, found {guard!r}")

    buffers = _Buffers(text, kernel, args)
    shared = [p.index for p in kernel.parameters if p.attribute == "threadgroup"]
    launch = launches.Launch(
        library=str(library),
        entry=toolchain.entry_symbol(text, kernel),
        constants=_constants(text, constants or {}),
        computed=[
            f"{toolchain.derived_symbol(text, number)}_compute"
            for number in range(text.program.derived)
        ],
        buffers=buffers.given,
        arguments=buffers.place,
        shared=[(threadgroup_memory or {})[index] for index in shared],
        threads=total,
        block=per_group,
        order=launch_order,
        seed=seed,
        spurious_failures=spurious_failures,
        matrix_placement=matrix_placement,
        exact_end=guard == "end",
        timeout=int(timeout * 1000),
    )
    try:
        report = launches.server(toolchain.launcher()).launch(launch)
    except launches.ServerEnded as error:
        raise KernelCrash(f"{kernel_name}: {error}") from None
    if report.outcome != 0:
        where = ""
        if report.thread is not None:
            x, y, z = report.thread
            where = f" (thread {x}, {y}, {z} of the grid)"
        raise _OUTCOMES.get(report.outcome, KernelCrash)(f"{kernel_name}: {report.message}{where}")
    buffers.copy_back(report)
    return _messages(report.log)
