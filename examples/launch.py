# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an example launches, and what it expects of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import enigma

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
    """

    title: str
    kernel: enigma.CompiledKernel
    arguments: Sequence[np.ndarray | float]
    grid: Extent
    block: Extent
    expected: Mapping[int, np.ndarray]


def groups(elements: int, kernel: enigma.CompiledKernel, block: int) -> Extent:
    """Threadgroups that cover ``elements`` when each has ``block`` threads."""
    return (-(-elements // (kernel.elements_per_thread * block)), 1, 1)
