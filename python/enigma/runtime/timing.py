# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long kernels run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from enigma._host_calls import host_class, host_function
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import InvalidOption, UnexpectedArguments
from enigma.runtime.binding import binder_of, written
from enigma.runtime.launching import launch
from enigma.runtime.torch_device import device_for

_UNITS = (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9))
_PREFIXES = (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0))


@host_class
@dataclass(frozen=True)
class Timing:
    """How long launches of a kernel ran.

    Attributes
    ----------
    seconds : tuple of float
        Of each launch, by the clock of the device: without the launch itself.
    host_seconds : tuple of float
        Of each launch, as the host waited for it.
    device : str
        What ran it.
    bytes : int or None
        What one launch reads and writes.
    operations : int or None
        What one launch computes.
    """

    seconds: tuple[float, ...]
    host_seconds: tuple[float, ...]
    device: str
    bytes: int | None = None
    operations: int | None = None

    @property
    def median(self) -> float:
        """Seconds of the launch in the middle."""
        # Imported late, as it brings decimals, fractions and random numbers with it.
        import statistics

        return statistics.median(self.seconds)

    @property
    def minimum(self) -> float:
        """Seconds of the fastest launch."""
        return min(self.seconds)

    def quantile(self, fraction: float) -> float:
        """Give the seconds that a fraction of the launches took at most.

        Parameters
        ----------
        fraction : float
            From 0 to 1; 0.5 is the median.
        """
        if not 0 <= fraction <= 1:
            raise InvalidOption(
                option="fraction",
                expected="a number from 0 to 1",
                found=fraction,
                remedy="0.5 gives the median, 0.95 what 95 of 100 launches take at most",
            )
        ordered = sorted(self.seconds)
        place = fraction * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    @property
    def bytes_per_second(self) -> float | None:
        """The bandwidth of the launch in the middle."""
        return None if self.bytes is None else self.bytes / self.median

    @property
    def operations_per_second(self) -> float | None:
        """The rate of the launch in the middle."""
        return None if self.operations is None else self.operations / self.median

    def __str__(self) -> str:
        parts = [
            f"{as_time(self.median)} on {self.device} (median of {len(self.seconds)}, fastest "
            f"{as_time(self.minimum)}, 90 % within {as_time(self.quantile(0.9))})"
        ]
        if self.bytes_per_second is not None:
            parts.append(f"{_rate(self.bytes_per_second)}B/s")
        if self.operations_per_second is not None:
            parts.append(f"{_rate(self.operations_per_second)}op/s")
        return ", ".join(parts)


def as_time(seconds: float) -> str:
    """Write a time with the unit that fits."""
    unit, size = next(((u, s) for u, s in _UNITS if seconds >= s), _UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def _rate(rate: float) -> str:
    prefix, size = next(((p, s) for p, s in _PREFIXES if rate >= s), _PREFIXES[-1])
    return f"{rate / size:.3g} {prefix}"


@host_function()
def benchmark(
    compiled: CompiledKernel | CompiledProgram,
    *arguments: object,
    seconds: float = 0.2,
    launches: int | None = None,
    bytes: int | None = None,
    operations: int | None = None,
    threads: int | Sequence[int] | None = None,
    grid: int | Sequence[int] | None = None,
    block: int | Sequence[int] | None = None,
    device: Any = None,
    **named: object,
) -> Timing:
    """Launch a kernel again and again, and measure it.

    Two launches come first that do not count: the first one builds the kernel for the device.

    Parameters
    ----------
    compiled : CompiledKernel or CompiledProgram
        What `enigma.compile` gave.
    *arguments, threads, grid, block, device, **named
        As of `CompiledKernel.launch`.
    seconds : float
        For how long, in all.
    launches : int, optional
        How often, instead.
    bytes : int, optional
        What one launch reads and writes, for the bandwidth. By default that of a kernel's arrays,
        each one once for reading and once for writing.
    operations : int, optional
        What one launch computes, for the rate.

    Returns
    -------
    Timing
        The median, the minimum and quantiles; printed, a line of them.

    Raises
    ------
    EnigmaError
        When the launch is wrong, or an option is.
    """
    if launches is not None and (type(launches) is not int or launches < 1):
        raise InvalidOption(
            option="launches",
            expected="an int of at least 1",
            found=launches,
            remedy="leave it out, and as many are made as a fair measurement needs",
        )
    if not isinstance(compiled, (CompiledKernel, CompiledProgram)):
        raise UnexpectedArguments(
            f"enigma.benchmark measures a compiled kernel, and was given a "
            f"{type(compiled).__name__}",
            remedy="give it what enigma.compile returned",
        )
    opened = device_for(device, (*arguments, *named.values()))

    def run() -> tuple[float, float]:
        before, start = opened.seconds, time.perf_counter()
        launch(compiled, arguments, named, threads=threads, grid=grid, block=block, device=opened)
        return opened.seconds - before, time.perf_counter() - start

    run()
    run()
    end = time.perf_counter() + seconds
    measured = [run()]
    while len(measured) < launches if launches is not None else time.perf_counter() < end:
        measured.append(run())
    if bytes is None and isinstance(compiled, CompiledKernel):
        bytes = _bytes_of(compiled, arguments, named)
    ran, waited = zip(*measured, strict=True)
    return Timing(ran, waited, opened.name, bytes, operations)


def _bytes_of(kernel: CompiledKernel, arguments: Sequence[object], named: dict[str, object]) -> int:
    """Give the bytes that a kernel reads and writes if it does so once."""
    total = 0
    for parameter, memory in binder_of(kernel).arrays(arguments, named):
        times = (parameter.access != "write") + written(parameter)
        total += memory.elements * memory.item_bytes * times
    return total
