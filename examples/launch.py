# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an example launches, and what it expects of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import enigma

Argument = np.ndarray | float
Extent = tuple[int, int, int]


@dataclass(frozen=True)
class Step:
    """One kernel with all that its launch needs."""

    kernel: enigma.CompiledKernel
    arguments: Sequence[Argument]
    grid: Extent
    block: Extent


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

    def steps(self, arguments: Mapping[int, Argument]) -> Iterator[Step]:
        """The one kernel on ``arguments``."""
        yield Step(self.kernel, list(arguments.values()), self.grid, self.block)


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
        Arrays for tensors and numbers for symbolic sizes, by their names.
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

    def steps(self, arguments: Mapping[str, Argument]) -> Iterator[Step]:
        """The kernels in their order, each on those of ``arguments`` that it takes."""
        sizes = {name: a for name, a in arguments.items() if not isinstance(a, np.ndarray)}
        if isinstance(self.kernel, enigma.CompiledProgram):
            kernels, grids = self.kernel.kernels, self.kernel.launch_grids(**sizes)
        else:
            kernels, grids = [self.kernel], [self.kernel.launch_grid(**sizes)]
        for kernel, grid in zip(kernels, grids, strict=True):
            taken = [arguments[name] for name in kernel.param_names]
            yield Step(kernel, taken, grid, kernel.block)


def copied(argument: Argument) -> Argument:
    """A copy of an array; a number as it is."""
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def groups(elements: int, kernel: enigma.CompiledKernel, block: int) -> Extent:
    """Threadgroups that cover ``elements`` when each has ``block`` threads."""
    return (-(-elements // (kernel.elements_per_thread * block)), 1, 1)
