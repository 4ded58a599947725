# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a device can take. The numbers are those of `#enigma.target`."""

from __future__ import annotations

from typing import NamedTuple

from enigma import _layout


class Limits(NamedTuple):
    """The limits of one kind of device.

    Attributes
    ----------
    arguments : int
        Buffers and scalars of a kernel.
    function_constants : int
        Constants that are fixed when the pipeline state is created.
    threads : int
        Threads of a threadgroup.
    threadgroups : int
        Threadgroups of a launch, in each dimension.
    simdgroup_threads : int
        Threads of the widest SIMD group.
    threadgroup_bytes : int
        Memory of a threadgroup.
    register_bytes : int
        What a thread holds, loads, stores or copies at once.
    lanes : int
        Lanes of a vector.
    access_bytes : int
        What one access to memory spans, and what the start of a buffer is a multiple of.
    """

    arguments: int
    function_constants: int
    threads: int
    threadgroups: int
    simdgroup_threads: int
    threadgroup_bytes: int
    register_bytes: int
    lanes: int
    access_bytes: int

    @property
    def widths(self) -> tuple[int, ...]:
        """The lanes that vectors in memory may have."""
        return tuple(1 << power for power in range(1, self.lanes.bit_length()))


METAL = Limits(**_layout.limits("metal"))

#: The versions of MSL that a text may be for, in order.
MSL_VERSIONS = _layout.versions("metal")
