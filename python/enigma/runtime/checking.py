# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a checked launch found, as an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enigma.errors import FaultSide, KernelFault
from enigma.locations import SourceLocation

_ADVICE = {
    "out_of_bounds": "guard the access (`if i < n:`), or launch as many threads as there are "
    "elements",
    "uninitialized": "write it before, and let enigma.barrier() stand between",
    "misaligned": "begin the vector at a multiple of its elements",
    "race": "let enigma.barrier() stand between them, with the mem_flags of this memory; give each "
    "thread elements of its own; or use atomic operations",
    "divergent_barrier": "move the barrier out of the branch or loop that some threads leave, and "
    "guard the accesses instead",
    "division_by_zero": "guard it (`if n != 0:`), or divide by enigma.where(n, 1, n == 0)",
    "division_overflow": "guard the division: the quotient does not fit into its type",
    "shift_out_of_range": "shift by less than the bits of the type",
    "assertion": "",
}
_BETWEEN_GROUPS = (
    "nothing orders the threadgroups of a launch: give each one elements of its own, use atomic "
    "operations, or launch a second kernel"
)


def _side(found: Mapping[str, Any]) -> FaultSide:
    location = None
    if found["file"]:
        location = SourceLocation(found["file"], found["line"], found["column"])
    return FaultSide(location, found["access"], found["thread"], found["threadgroup"])


def _who(side: FaultSide) -> str:
    return f"thread {side.thread} of threadgroup {side.threadgroup}"


def _race(side: FaultSide, other: FaultSide, element: str) -> str:
    text = (
        f"race for {element}: {_who(side)} {side.access} it; {_who(other)}, which is not ordered "
        f"with it, {other.access} it too"
    )
    if other.location is None or other.location == side.location:
        return text
    source = other.location.source_line
    return f"{text}, in line {other.location.line}" + (f": `{source}`" if source else "")


def kernel_fault(kernel: str, found: Mapping[str, Any], assertion: str = "") -> KernelFault:
    """Make the error for a fault.

    Parameters
    ----------
    kernel : str
        The kernel.
    found : mapping
        What the checker gave.
    assertion : str, optional
        What an assertion that does not hold says.
    """
    kind, value = found["kind"], found["value"]
    side = _side(found)
    other = _side(found["other"]) if "other" in found else None
    variable, size = found.get("variable"), found.get("size")
    advice = _ADVICE[kind]
    element = f"element {value} of {variable or 'an array'}"
    if kind == "out_of_bounds":
        message = f"out of bounds: {_who(side)} {side.access} {element}, which has {size}"
    elif kind == "uninitialized":
        whose = "it has not" if found["space"] == "thread" else "no thread of its threadgroup has"
        message = f"uninitialized: {_who(side)} reads {element}, which {whose} written"
    elif kind == "misaligned":
        message = (
            f"misaligned vector: {_who(side)} {side.access} {found['count']} elements from "
            f"{element} on, byte {value * found['element_bytes']}, which is no multiple of "
            f"{found['alignment']}"
        )
    elif kind == "race":
        assert other is not None
        message = _race(side, other, element)
        if other.threadgroup != side.threadgroup:
            advice = _BETWEEN_GROUPS
    elif kind == "divergent_barrier":
        assert other is not None
        rest = "" if value == 1 else f" ({value} threads do not)"
        message = (
            f"divergent barrier: {_who(side)} does not come to it{rest}, but thread "
            f"{other.thread} does"
        )
    elif kind == "division_by_zero":
        message = f"integer division by zero: {_who(side)} divides {value}"
    elif kind == "division_overflow":
        message = f"integer division of {value} by -1: {_who(side)}"
    elif kind == "shift_out_of_range":
        message = f"shift out of range: {_who(side)} shifts {found['count']} bits by {value}"
    else:
        message = f"assertion: {_who(side)}" + (f": {assertion}" if assertion else "")
    is_memory = variable is not None
    return KernelFault(
        kernel=kernel,
        kind=kind,
        message=message,
        advice=advice,
        side=side,
        other=other,
        variable=variable,
        index=value if is_memory else None,
        size=size if is_memory else None,
    )
