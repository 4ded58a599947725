# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a device has to say for itself, and the devices that there are."""

from __future__ import annotations

import os
import sys
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from enigma._arrays import Memory
from enigma._host_calls import host_class, host_function
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import DeviceUnavailable, InvalidLaunch, UnknownDevice
from enigma.limits import METAL, Limits
from enigma.runtime.binding import Argument, OfKernel, binder_of
from enigma.tracing.launches import Extent

#: Values of function constants: for each one Metal's name of its type, its index and its bytes.
Constants = tuple[tuple[str, int, bytes], ...]

#: What to do where Metal's compiler rejects a text.
ONLY_METAL_CHECKS = (
    "see whether a text of enigma.inline_msl is at fault, which Metal alone checks; a kernel "
    'without any runs on enigma.device("cpu")'
)


class Executable(OfKernel, ABC):
    """A compiled kernel that is loaded on a device.

    Attributes
    ----------
    max_threads : int
        The most threads of a threadgroup.
    """

    max_threads: int

    @abstractmethod
    def launch(
        self, arguments: Sequence[Argument], grid: Extent, block: Extent, *, is_threads: bool
    ) -> None:
        """Run the kernel.

        Parameters
        ----------
        arguments : sequence
            One for each of the kernel's parameters, checked.
        grid : tuple of 3 ints
            Threads or threadgroups in x, y and z.
        block : tuple of 3 ints
            Threads of a threadgroup.
        is_threads : bool
            Whether `grid` counts threads: the last threadgroups may then be smaller.
        """


class Loaded:
    """A kernel on a device.

    Attributes
    ----------
    binder : Binder
        Checks what the kernel is given.
    extents : dict
        What launches were found to be, by what they were asked for.
    """

    def __init__(self, device: Device, kernel: CompiledKernel) -> None:
        self.binder = binder_of(kernel)
        self.extents: dict[Any, tuple[Extent, Extent, bool]] = {}
        self._device = weakref.ref(device)
        self._kernel = weakref.ref(kernel)
        self._executables: dict[Constants, Executable] = {}

    def executable(self, constants: Constants = ()) -> Executable:
        """Give the kernel built for the device, once for each set of function constants.

        Raises
        ------
        EnigmaError
            When the device cannot build it.
        """
        found = self._executables.get(constants)
        if found is None:
            device, kernel = self._device(), self._kernel()
            assert device is not None
            assert kernel is not None
            found = self._executables[constants] = device.load(kernel, constants)
        return found


@host_class
class Device(ABC):
    """Something that runs kernels.

    Attributes
    ----------
    kind : str
        By which `enigma.device` knows it: ``"metal"``, ``"cpu"``.
    name : str
        What it calls itself.
    limits : Limits
        What it can take.
    """

    kind: ClassVar[str]
    #: The device that `Memory` names where kernels can work on it.
    place: ClassVar[str] = "cpu"
    name: str
    limits: Limits = METAL

    def __init__(self) -> None:
        # By identity, until the kernel goes.
        self._loaded: dict[int, tuple[weakref.ref[CompiledKernel], Loaded]] = {}

    def __repr__(self) -> str:
        return f"<enigma device {self.kind}: {self.name}>"

    def __copy__(self) -> Device:
        # It is what is there, and what it has loaded cannot be copied.
        return self

    def __deepcopy__(self, memo: object) -> Device:
        return self

    def __reduce__(self) -> tuple[Callable[[str], Device], tuple[str]]:
        # In another process it is the device of this kind there.
        return find_device, (self.kind,)

    def loaded(self, kernel: CompiledKernel) -> Loaded:
        """Give what the device knows of a kernel."""
        key = id(kernel)
        found = self._loaded.get(key)
        if found is None:
            known = self._loaded
            kept = weakref.ref(kernel, lambda _: known.pop(key, None))
            found = known[key] = kept, Loaded(self, kernel)
        return found[1]

    @abstractmethod
    def load(self, kernel: CompiledKernel, constants: Constants) -> Executable:
        """Build a kernel for the device, with values of its function constants."""

    def described(self) -> dict[str, str]:
        """Give what a report tells of the device besides its name."""
        return {
            "threads of a threadgroup": str(self.limits.threads),
            "bytes of threadgroup memory": str(self.limits.threadgroup_bytes),
        }

    def check_stream(self, stream: object) -> None:
        """Refuse a stream that a launch is to join, where the device has none to choose from."""
        raise InvalidLaunch(
            f"the {self.kind} device has one stream, and the launch was given stream={stream!r}",
            remedy="leave stream out: launches on a framework's GPU join its stream",
        )

    def accepts(self, memory: Memory) -> bool:
        """Whether kernels can work on memory where it is."""
        return memory.device == self.place

    @abstractmethod
    def synchronize(self) -> None:
        """Wait for everything that was launched.

        Raises
        ------
        EnigmaError
            When a kernel faulted.
        """

    @property
    @abstractmethod
    def seconds(self) -> float:
        """What the device spent on kernels that are done, since it was opened."""


class Kind:
    """A kind of device, which is opened when it is asked for.

    Parameters
    ----------
    name : str
        Its name.
    opened : callable
        Opens the device; a `DeviceUnavailable` says why there is none.
    """

    def __init__(self, name: str, opened: Callable[[], Device]) -> None:
        self.name = name
        self._open = opened
        self._device: Device | None = None

    def device(self) -> Device:
        """Give the device."""
        if self._device is None:
            self._device = self._open()
        return self._device


_KINDS: dict[str, Kind] = {}


def register(name: str, opened: Callable[[], Device]) -> None:
    """Make a kind of device known."""
    _KINDS[name] = Kind(name, opened)


@host_function()
def device(name: str | Device | None = None) -> Device:
    """Give a device.

    Parameters
    ----------
    name : {"metal", "cpu"}, optional
        The kind. By default what the environment variable ``ENIGMA_DEVICE`` says, else Metal on a
        Mac that has a GPU, else the CPU.

    Raises
    ------
    UnknownDevice
        When there is no such kind.
    DeviceUnavailable
        When this machine has none of that kind.
    """
    return find_device(name)


def find_device(name: str | Device | None) -> Device:
    """Give a device as `device` does, for launches, in which the checks of its call are felt."""
    if name is not None and isinstance(name, Device):
        return name
    asked = os.environ.get("ENIGMA_DEVICE") or None if name is None else name
    if asked is not None:
        kind = _KINDS.get(asked) if isinstance(asked, str) else None
        if kind is None:
            known = ", ".join(map(repr, _KINDS))
            source = " (from ENIGMA_DEVICE)" if name is None else ""
            raise UnknownDevice(found=asked, source=source, known=known)
        return kind.device()
    global _default
    if _default is None:
        _default = _find_default()
    return _default


# The default device, once it is found.
_default: Device | None = None


def _find_default() -> Device:
    failures = []
    for kind in sorted(_KINDS.values(), key=lambda kind: kind.name != _PREFERRED):
        try:
            return kind.device()
        except DeviceUnavailable as error:
            failures.append(error.summary)
    raise DeviceUnavailable(kind="any", why="; ".join(failures))


_PREFERRED = "metal" if sys.platform == "darwin" else "cpu"


@host_function()
def devices() -> tuple[Device, ...]:
    """Give the devices of this machine, the default one first."""
    found = []
    for kind in sorted(_KINDS.values(), key=lambda kind: kind.name != _PREFERRED):
        try:
            found.append(kind.device())
        except DeviceUnavailable:
            continue
    return tuple(found)
