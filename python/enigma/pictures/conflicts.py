# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bank conflicts in threadgroup memory."""

from __future__ import annotations

from collections.abc import Iterable

from enigma.errors import EnigmaError
from enigma.layout import Basis, Layout, SwizzledLayout, flatten, rank, size
from enigma.limits import METAL

#: Threadgroup memory: so many banks, each so wide, serve one word at a time.
BANKS = 32
BANK_BITS = 32
#: All of it.
MEMORY_BITS = 8 * METAL.threadgroup_bytes
#: Threads of a SIMD group, which access memory together.
SIMD = 32


def steps_along_coordinates(layout: Layout | SwizzledLayout) -> bool:
    """Whether offsets are coordinates."""
    return any(isinstance(step, Basis) for step in flatten((layout.stride,)))


def check_bits(bits: int) -> None:
    """Refuse elements of no bits, or wider than all banks together."""
    if not 1 <= bits <= BANKS * BANK_BITS:
        raise EnigmaError(
            f"an element has at least 1 bit, and at most the {BANKS * BANK_BITS} of all banks, "
            f"not {bits}",
            remedy="give the bits of one element: 32 for f32",
        )


def check_size(what: Layout | SwizzledLayout) -> None:
    """Refuse more elements than threadgroup memory may have."""
    if size(what) > MEMORY_BITS:
        raise EnigmaError(
            f"{what} has {size(what)} elements, and threadgroup memory {MEMORY_BITS} bits",
            remedy="show a layout that fits threadgroup memory",
        )


def turns(offsets: Iterable[int], bits: int) -> int:
    """The most words that any bank must serve for accesses at the same time."""
    words: dict[int, set[int]] = {}
    for offset in offsets:
        first = offset * bits
        for word in range(first // BANK_BITS, (first + bits - 1) // BANK_BITS + 1):
            words.setdefault(word % BANKS, set()).add(word)
    return max(map(len, words.values()))


def bank_conflicts(
    layout: Layout | SwizzledLayout, access: Layout | None = None, bits: int = 32
) -> list[int]:
    """Count how often threadgroup memory is accessed in turn for one access of a SIMD group.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
        Of the threadgroup array, in elements.
    access : Layout, optional
        From ``(thread, step)`` to a 1-D coordinate of `layout`; of at most 32 threads. By default,
        32 threads access neighbouring coordinates in each step.
    bits : int
        Of an element.

    Returns
    -------
    list of int
        For each step, the most words of 4 bytes that any of the 32 banks must serve: 1 is free of
        conflicts, as ``bits / 32`` is for wider elements. Threads that access one word share it.

    Raises
    ------
    EnigmaError
        If the access has more than 32 threads, or goes beyond the layout; or the layout has offsets
        that are no numbers, or more elements than threadgroup memory has bits.

    Examples
    --------
    >>> bank_conflicts(Layout((32, 2), (32, 1)))
    [32, 32]
    >>> bank_conflicts(Layout((32, 2), (33, 1)))
    [1, 1]
    """
    if not layout.is_static or steps_along_coordinates(layout):
        raise EnigmaError(
            f"the elements of {layout} have no banks: its offsets are no numbers",
            remedy="show a layout whose strides are numbers",
        )
    check_bits(bits)
    check_size(layout)
    if access is None:
        offsets = [layout(index) for index in range(size(layout))]
        groups = [offsets[first : first + SIMD] for first in range(0, len(offsets), SIMD)]
        return [turns(group, bits) for group in groups]
    if not access.is_static or rank(access) != 2 or size(access, mode=[0]) > SIMD:
        raise EnigmaError(
            f"the access {access} is no layout of at most {SIMD} threads and their steps",
            remedy="its modes are the threads of a SIMD group and the steps of each",
        )
    check_size(access)
    ways = []
    for step in range(size(access, mode=[1])):
        offsets = []
        for thread in range(size(access, mode=[0])):
            index = access((thread, step))
            if not 0 <= index < size(layout):
                raise EnigmaError(
                    f"thread {thread} accesses coordinate {index} in step {step}, outside of the "
                    f"{size(layout)} of {layout}",
                    remedy="let the access map to coordinates of the layout",
                )
            offsets.append(layout(index))
        ways.append(turns(offsets, bits))
    return ways
