# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a device is, and which there are."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from enigma.compiler.kernel import CompiledKernel
from enigma.errors import UnknownDevice
from enigma.limits import Limits

Extent = tuple[int, int, int]


class Executable(ABC):
    """A kernel that a device has loaded. Threads may share it."""

    @abstractmethod
    def launch(self, arguments: Sequence[Any], threads: Extent, block: Extent) -> None:
        """Run the threads of a grid, and return when their results are there.

        Parameters
        ----------
        arguments : sequence
            What `Device.wrap` made of each array, and the bytes of each scalar.
        threads : tuple of 3 ints
            Threads of the grid. Where `block` does not divide them, the last threadgroups have
            fewer.
        block : tuple of 3 ints
            Threads of a threadgroup.

        Raises
        ------
        DeviceError
            When the device cannot run the kernel.
        """


class Device(ABC):
    """What runs kernels.

    Attributes
    ----------
    name : str
        By which `enigma.device` knows it.
    limits : Limits
        Of a launch.
    """

    name: ClassVar[str]
    limits: ClassVar[Limits]

    @classmethod
    @abstractmethod
    def is_there(cls) -> bool:
        """Whether this machine has one."""

    @abstractmethod
    def load(self, compiled: CompiledKernel) -> Executable:
        """Load a kernel."""

    @abstractmethod
    def wrap(self, address: int, nbytes: int) -> Any:
        """Give what a launch takes for an array of the host."""

    @abstractmethod
    def synchronize(self) -> None:
        """Wait until all launches are done."""

    def __repr__(self) -> str:
        return f"<device {self.name}>"


#: Devices by name, the best one first.
KINDS: dict[str, type[Device]] = {}
_made: dict[str, Device] = {}


def devices() -> tuple[Device, ...]:
    """Give the devices of this machine, the default one first."""
    found = [device(name) for name, kind in KINDS.items() if kind.is_there()]
    default = device()
    return (default, *(other for other in found if other is not default))


def device(name: str | None = None) -> Device:
    """Give a device.

    Parameters
    ----------
    name : str, optional
        Its name, by default what the environment says with ``ENIGMA_DEVICE``, or the best one.

    Raises
    ------
    UnknownDevice
        When this machine has none of that name.
    """
    there = [each for each, kind in KINDS.items() if kind.is_there()]
    if name is None:
        name = os.environ.get("ENIGMA_DEVICE") or there[0]
    if name not in there:
        raise UnknownDevice(
            name=name,
            known=" and ".join(map(repr, there)),
            remedy=f"launch with device={there[0]!r}, or name none",
        )
    if name not in _made:
        _made[name] = KINDS[name]()
    return _made[name]
