# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a jit function launches."""

from __future__ import annotations

import numbers
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from enigma._host_calls import host_class, host_function
from enigma._layout import Dyn
from enigma._process import import_late
from enigma.errors import InvalidLaunch, LaunchCountError, ResourceLimitError
from enigma.limits import METAL
from enigma.locations import function_location
from enigma.spelling import closest
from enigma.tracing.classes import is_any_of

if TYPE_CHECKING:
    from enigma.tracing.functions import Kernel

#: Extents in x, y and z; those of a grid may be known only when the kernel is launched.
Extent = tuple[Any, Any, Any]


#: The options of a launch on a device.
LAUNCH_OPTIONS = (
    *("threads", "grid", "block", "device", "stream", "constants", "threadgroup_memory", "check"),
)


def _of_device_launches(option: str, args: Sequence[object]) -> str:
    if option in LAUNCH_OPTIONS:
        return f"a jit function says grid= and block=; {option}= is for launches on a device"
    return ""


@host_class
class Launch:
    """A kernel with its arguments, waiting for its grid."""

    def __init__(
        self,
        launches: list[Launch],
        kernel: Kernel,
        args: tuple[object, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self._launches = launches
        self.kernel = kernel
        self.args = args
        self.kwargs = kwargs
        self.grid: Extent = (1, 1, 1)
        self.block: Extent = (1, 1, 1)
        self.threadgroup_memory: dict[str, int] = {}

    @host_function(_of_device_launches, "launch of a kernel")
    def launch(
        self,
        grid: int | Sequence[int] | None = None,
        block: int | Sequence[int] | None = None,
        threadgroup_memory: Mapping[str, int] | None = None,
    ) -> None:
        """Launch the kernel.

        Parameters
        ----------
        grid : int or sequence of up to 3 ints
            Threadgroups in x, y and z; integers of symbolic layouts may stand among them.
        block : int or sequence of up to 3 ints
            Threads of a threadgroup in x, y and z, at most 1024 together.
        threadgroup_memory : mapping, optional
            The number of elements of each parameter that is a threadgroup array, by its name.

        Raises
        ------
        InvalidLaunch
            When an extent is not positive or no int, or a threadgroup array has no such length.
        ResourceLimitError
            When a threadgroup has too many threads.
        """
        self.grid = _extent("grid", grid)
        self.block = _extent("block", block)
        for extent in self.block:
            if isinstance(extent, Dyn):
                raise InvalidLaunch(
                    f"block={block!r}: {extent} is known only when the kernel is launched",
                    remedy="threads of a threadgroup are Python ints; let the grid depend on sizes",
                )
        threads = self.block[0] * self.block[1] * self.block[2]
        if threads > METAL.threads:
            raise ResourceLimitError(
                f"block={self.block} has {threads} threads; a threadgroup has at most "
                f"{METAL.threads}",
                remedy="launch more threadgroups of fewer threads",
            )
        self.threadgroup_memory = _lengths(self.kernel, threadgroup_memory)
        self._launches.append(self)


def _lengths(kernel: Kernel, given: Mapping[str, int] | None) -> dict[str, int]:
    """Check the lengths of the threadgroup arrays of a kernel."""
    known = kernel.threadgroup_arrays
    if given is not None and not is_any_of(given, Mapping):
        raise InvalidLaunch(
            f"threadgroup_memory={given!r} is no mapping",
            remedy='it gives the elements of each array: threadgroup_memory={"tile": 256}',
        )
    lengths: dict[str, int] = {}
    for name, length in (given or {}).items():
        if name not in known:
            close = closest(name, known)
            raise InvalidLaunch(
                f"threadgroup_memory names {name!r}, which is no threadgroup array of kernel "
                f"{kernel.name}",
                remedy=f"did you mean {close!r}?"
                if close
                else f"its threadgroup arrays are: {', '.join(known) or 'none'}; one is declared "
                "as `tile: enigma.Threadgroup(enigma.f32)`",
            )
        if isinstance(length, bool) or not is_any_of(length, numbers.Integral) or length < 1:
            raise InvalidLaunch(
                f"threadgroup_memory={{{name!r}: {length!r}}} is no positive int",
                remedy="it is the number of elements, known while the kernel is compiled",
            )
        lengths[name] = int(length)
    missing = [name for name in known if name not in lengths]
    if missing:
        raise InvalidLaunch(
            f"the launch of kernel {kernel.name} gives its threadgroup array {missing[0]!r} no "
            "length",
            remedy=f"launch(..., threadgroup_memory={{{missing[0]!r}: elements}})",
        )
    return lengths


def _extent(name: str, given: object) -> Extent:
    if given is None:
        raise InvalidLaunch(
            f"a kernel is launched without {name}=",
            remedy="a jit function says both: grid=, the threadgroups, and block=, the threads of "
            "each one",
        )
    return extent_of(name, given, is_symbolic=True)


def extent_of(name: str, given: object, *, is_symbolic: bool) -> Extent:
    """Give what a launch was given by that name, a number or up to three, as three.

    Parameters
    ----------
    name : str
        What messages call it.
    given : int, or tuple or list of int
        The threads or threadgroups along x, y and z.
    is_symbolic : bool
        Whether sizes that the launch will know are as good as ints.
    """
    extents = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if not 1 <= len(extents) <= 3:
        raise InvalidLaunch(
            f"{name}={given!r} has {len(extents)} extents, not 1 to 3",
            remedy="give one to three, of which the last is the product of what would come after "
            "it",
        )
    for extent in extents:
        if is_symbolic and isinstance(extent, Dyn):
            if not extent.symbols:
                raise InvalidLaunch(
                    f"{name}={given!r}: {extent!r} has no name, by which its value could be given",
                    remedy='name the sizes of tensors, as in enigma.dyn("n")',
                )
            continue
        if type(extent) is not int and (
            isinstance(extent, bool) or not is_any_of(extent, numbers.Integral)
        ):
            raise InvalidLaunch(
                f"{name}={given!r}: {extent!r} is no int",
                remedy="divide with `//`: `-(-n // 256)` rounds up",
            )
        if not 1 <= int(extent) <= METAL.threadgroups:
            raise InvalidLaunch(
                f"{name}={given!r}: every extent must be from 1 to {METAL.threadgroups}",
                remedy="do not launch where there is nothing to do",
            )
    whole = [extent if isinstance(extent, Dyn) else int(extent) for extent in extents]
    x, y, z = (*whole, 1, 1)[:3]
    return x, y, z


#: Of lines of a text, counted from 1, the file, line and column that they come from.
Origins = dict[int, tuple[str, int, int]]


class _OnDevice:
    """What devices do, of which nothing is known here.

    Attributes
    ----------
    module : str
        The module that installs the others, as the package says; it is imported when one of them is
        asked for.
    launch : callable
        Launches a function or what was compiled from it, given that, its arguments, those by name,
        and the options of a launch.
    print_code : callable
        Gives the code of a kernel for the CPU, given the kernel, the form of the code, and options.
    """

    module = "enigma"
    launch: Callable[..., None]
    print_code: Callable[..., str]

    def __getattr__(self, name: str) -> Any:
        # A program that only compiles needs no devices.
        import_late(self.module)
        return object.__getattribute__(self, name)

    def install(self, launch: Callable[..., None], print_code: Callable[..., str]) -> None:
        """Say what these are."""
        self.launch = launch
        self.print_code = print_code


on_device = _OnDevice()


class _Current(threading.local):
    launches: list[Launch] | None = None


_current = _Current()


def current_launches() -> list[Launch] | None:
    """Give the launches of the jit function that this thread runs, if any."""
    return _current.launches


def run_jit(
    function: Callable[..., Any], args: tuple[object, ...], named: Mapping[str, object]
) -> list[Launch]:
    """Run a jit function and give its launches, in order.

    Raises
    ------
    LaunchCountError
        When it launches nothing.
    """
    launches: list[Launch] = []
    previous, _current.launches = _current.launches, launches
    try:
        function(*args, **named)
    finally:
        _current.launches = previous
    if not launches:
        raise LaunchCountError(
            f"jit function {function.__name__} launches nothing",
            location=function_location(function),
            remedy=(
                "call a kernel and launch it: `my_kernel(A, B).launch(grid=(8, 1, 1), "
                "block=(128, 1, 1))`"
            ),
        )
    return launches
