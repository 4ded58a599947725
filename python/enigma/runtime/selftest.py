# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Run the examples on a device, compare them with NumPy, and print a report to send.

    python -m enigma.runtime.selftest [EXAMPLE...] [--device NAME]

The report goes to the standard output; what is running is shown on the standard error, if that is
a terminal. The exit code is 0 if all is well, 1 if an example failed, 2 if there was nothing to
run, and 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import statistics
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from enigma._version import __version__
from enigma.errors import EnigmaError
from enigma.limits import MSL_VERSIONS
from enigma.runtime.device import Device, find_device
from enigma.runtime.timing import as_time

#: The examples, which the package brings along.
EXAMPLES = Path(__file__).parents[1] / "examples"

# Modules of the examples that are none themselves.
_HELPERS = ("demo", "launch")


@dataclass(frozen=True)
class Failure:
    """What went wrong.

    Attributes
    ----------
    title : str
        What was launched.
    log : str
        What was said about it.
    text : str
        The MSL that was launched, if there is one.
    """

    title: str
    log: str
    text: str = ""


@dataclass
class Outcome:
    """How the launches of an example went.

    Attributes
    ----------
    launches : int
        How many there were.
    difference : float
        The largest one from what NumPy computes.
    seconds : float
        What all of it took, compilation included.
    device_seconds : list of float
        What each launch took when it ran again, by the clock of the device.
    failures : list of Failure
        What went wrong.
    """

    launches: int = 0
    difference: float = 0.0
    seconds: float = 0.0
    device_seconds: list[float] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __str__(self) -> str:
        launches = f"{self.launches} launch{'' if self.launches == 1 else 'es'}"
        if self.failures:
            return f"{len(self.failures)} of {launches} failed"
        middle = as_time(statistics.median(self.device_seconds))
        return (
            f"{launches:<12} {self.seconds:6.2f} s in all, {middle} the one in the middle, "
            f"difference {self.difference:.1g}"
        )


class Progress:
    """A line that says what is running, on a terminal alone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def show(self, text: str) -> None:
        """Write over the line."""
        if self._stream is not None:
            self._stream.write(f"\r\x1b[K{text[:79]}")
            self._stream.flush()


def names_of_examples() -> list[str]:
    """Give the names of the examples, in order."""
    return sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem not in _HELPERS)


def _helpers() -> Any:
    """Import what the examples share."""
    if str(EXAMPLES) not in sys.path:
        sys.path.insert(0, str(EXAMPLES))
    return importlib.import_module("launch")


def run(name: str, device: Device, progress: Progress) -> Outcome:
    """Run an example: each launch once to compare, and once more to measure."""
    check = _helpers().check
    outcome = Outcome()
    start = time.perf_counter()
    for launch in _launches(name, outcome):
        outcome.launches += 1
        progress.show(f"{name}: {launch.title}")
        try:
            difference = check(launch, device)
            before = device.seconds
            check(launch, device)
        except Exception as error:
            text = launch.kernel.metal_source
            outcome.failures.append(Failure(launch.title, _log(error), text))
            continue
        outcome.device_seconds.append(device.seconds - before)
        outcome.difference = max(outcome.difference, difference)
    outcome.seconds = time.perf_counter() - start
    return outcome


def _launches(name: str, outcome: Outcome) -> Iterator[Any]:
    """Give the launches of an example until one does not compile."""
    try:
        yield from importlib.import_module(name).launches()
    except Exception as error:
        outcome.launches += 1
        outcome.failures.append(Failure(f"{name}, compiled", _log(error)))


def _log(error: Exception) -> str:
    if isinstance(error, (EnigmaError, AssertionError)):
        return f"{type(error).__name__}: {error}".strip()
    return "".join(traceback.format_exception(error)).strip()


def heading(device: Device) -> str:
    """Say what runs where."""
    lines = {
        "Enigma": f"{__version__}, MSL up to {MSL_VERSIONS[-1]}",
        "system": f"{platform.platform()}, {platform.machine()}",
        "Python": f"{platform.python_version()}, NumPy {np.__version__}",
        "device": f"{device.kind}, {device.name}",
        "limits": ", ".join(f"{name} {value}" for name, value in device.described().items()),
        "time": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
    }
    return "\n".join(f"{name:<8}{value}" for name, value in lines.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m enigma.runtime.selftest",
        description="Run the examples on a device, compare them with NumPy, and print a report.",
    )
    parser.add_argument("examples", nargs="*", metavar="EXAMPLE", help="by default all of them")
    parser.add_argument(
        "--device", metavar="NAME", help="metal or cpu; by default the GPU of a Mac"
    )
    options = parser.parse_args(arguments)
    known = names_of_examples()
    unknown = [name for name in options.examples if name not in known]
    if unknown or not known:
        missing = ", ".join(unknown) or f"at all in {EXAMPLES}"
        print(f"there is no example {missing}\nthere are: {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        device = find_device(options.device)
    except EnigmaError as error:
        print(f"{error.summary}\n{error.help or ''}".strip(), file=sys.stderr)
        return 2

    print(heading(device), end="\n\n", flush=True)
    progress = Progress(sys.stderr)
    names = options.examples or known
    failures: list[Failure] = []
    failed = 0
    number, name = 1, names[0]
    # Ctrl-C may come between two examples as well.
    try:
        for number, name in enumerate(names, 1):
            progress.show(f"{number} of {len(names)}: {name}")
            outcome = run(name, device, progress)
            failures += outcome.failures
            failed += bool(outcome.failures)
            progress.show("")
            print(f"{'FAILED' if outcome.failures else 'ok':<8}{name:<19} {outcome}", flush=True)
    except KeyboardInterrupt:
        progress.show("")
        print(f"interrupted in {name}, {number} of {len(names)}")
        _print_failures(failures)
        return 130
    _print_failures(failures)
    print(f"\n{len(names) - failed} of {len(names)} examples passed on {device.name}.")
    return 1 if failed else 0


def _print_failures(failures: Sequence[Failure]) -> None:
    for number, failure in enumerate(failures, 1):
        print(f"\n[{number}] {failure.title}\n{failure.log}")
        if failure.text:
            print(f"\n{failure.text.strip()}")


if __name__ == "__main__":
    sys.exit(main())
