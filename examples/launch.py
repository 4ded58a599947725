# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an example launches, and what it expects of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import enigma

Argument = np.ndarray | float
Extent = tuple[int, int, int]


@dataclass(frozen=True)
class Launch:
    """A compiled kernel with its arguments, and the numbers it has to compute.

    Attributes
    ----------
    title
        What is launched, for a person.
    kernel
        The compiled kernel.
    arguments
        Arrays for buffers and numbers for scalars, in the order of the parameters.
    grid
        Threadgroups of the grid.
    block
        Threads of a threadgroup.
    expected
        For each array that the kernel writes, its index in ``arguments`` and the
        contents it must have afterwards.
    rtol, atol
        How far from ``expected`` a result may be, as in ``numpy.testing.assert_allclose``.
    """

    title: str
    kernel: enigma.CompiledKernel
    arguments: Sequence[Argument]
    grid: Extent
    block: Extent
    expected: Mapping[int, np.ndarray]
    rtol: float = 1e-5
    atol: float = 1e-6

    def fresh_arguments(self) -> dict[int, Argument]:
        """The arguments by their indices, with copies of the arrays."""
        return dict(enumerate(copied(a) for a in self.arguments))

    def run(self, arguments: Mapping[int, Argument], device: enigma.Device | None = None) -> None:
        """Launch the kernel on ``arguments``."""
        self.kernel.launch(*arguments.values(), grid=self.grid, block=self.block, device=device)


@dataclass(frozen=True)
class JitLaunch:
    """What a ``@enigma.jit`` function compiled to, which knows its grid, or grids.

    Attributes
    ----------
    title, rtol, atol
        As those of `Launch`.
    kernel
        A kernel, or a program of several.
    arguments
        Arrays for tensors by their names. Their shapes have the symbolic sizes, which may be given
        as numbers too.
    expected
        For each array that is written, its name and the contents it must have afterwards.
    """

    title: str
    kernel: enigma.CompiledKernel | enigma.CompiledProgram
    arguments: Mapping[str, Argument]
    expected: Mapping[str, np.ndarray]
    rtol: float = 1e-5
    atol: float = 1e-6

    def fresh_arguments(self) -> dict[str, Argument]:
        """The arguments by their names, with copies of the arrays."""
        return {name: copied(a) for name, a in self.arguments.items()}

    def run(self, arguments: Mapping[str, Argument], device: enigma.Device | None = None) -> None:
        """Launch the kernel, or all of them, on ``arguments``."""
        self.kernel.launch(**arguments, device=device)


def memory_of(array: np.ndarray) -> np.ndarray:
    """The elements from the first to the last one in memory, between them those of no element."""
    steps = [stride // array.itemsize for stride in array.strides]
    last = sum((extent - 1) * step for extent, step in zip(array.shape, steps, strict=True))
    return np.lib.stride_tricks.as_strided(array, (last + 1,), (array.itemsize,))


def copied(argument: Argument) -> Argument:
    """A copy of an array with the same strides; a number as it is."""
    if not isinstance(argument, np.ndarray):
        return argument
    memory = memory_of(argument).copy()
    return np.lib.stride_tricks.as_strided(memory, argument.shape, argument.strides)


def check(launch: Launch | JitLaunch, device: enigma.Device | None = None) -> float:
    """Launch and compare; gives the largest difference.

    Raises
    ------
    AssertionError
        When the kernel computes something else.
    """
    arguments = launch.fresh_arguments()
    launch.run(arguments, device)
    return difference(launch, arguments)


def difference(launch: Launch | JitLaunch, arguments: Mapping[str | int, Argument]) -> float:
    """Compare what was computed with what is expected; gives the largest difference."""
    largest = 0.0
    for name, expected in launch.expected.items():
        np.testing.assert_allclose(arguments[name], expected, launch.rtol, launch.atol)
        # In double precision: integers may not have the difference.
        apart = np.abs(np.subtract(arguments[name], expected, dtype=np.float64))
        largest = max(largest, float(apart.max()))
    return largest


def show(launches: Iterable[Launch | JitLaunch]) -> None:
    """Launch on the default device, compare with NumPy, and print a line for each."""
    for launch in launches:
        print(f"ok  {launch.title}: equal to NumPy (largest difference {check(launch):.1g})")


def groups(elements: int, kernel: enigma.CompiledKernel, block: int) -> Extent:
    """Threadgroups that cover ``elements`` when each has ``block`` threads."""
    return (-(-elements // (kernel.elements_per_thread * block)), 1, 1)
