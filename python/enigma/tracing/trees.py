# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Containers that hold containers, as a user hands them over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def leaves(tree: object) -> Iterator[Any]:
    """Give what stands in tuples, lists and dicts, in order.

    What a container holds is given once: it may contain itself, or stand in many places.
    """
    # It also keeps them alive, and with that their ids.
    seen: dict[int, Any] = {}
    stack = [tree]
    while stack:
        part = stack.pop()
        if not isinstance(part, (tuple, list, dict)):
            yield part
        elif id(part) not in seen:
            seen[id(part)] = part
            stack += reversed([*(part.values() if isinstance(part, dict) else part)])
