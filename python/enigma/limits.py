# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a device can take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one kind of device.

    Attributes
    ----------
    arguments : int
        Buffers and scalars of a kernel.
    threads : int
        Threads of a threadgroup.
    threadgroups : int
        Threadgroups of a launch, in each dimension.
    threadgroup_bytes : int
        Memory of a threadgroup.
    """

    arguments: int
    threads: int
    threadgroups: int
    threadgroup_bytes: int


METAL = Limits(arguments=31, threads=1024, threadgroups=2**32 - 1, threadgroup_bytes=32 * 1024)
