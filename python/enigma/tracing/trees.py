# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Containers that hold containers, as a user hands them over."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any


def leaves(tree: object) -> Iterator[Any]:
    """Give what stands in tuples, lists, dicts and dataclasses, in order.

    What a container holds is given once: it may contain itself, or stand in many places.
    """
    # It also keeps them alive, and with that their ids.
    seen: dict[int, Any] = {}
    stack = [tree]
    while stack:
        part = stack.pop()
        parts = _parts(part)
        if parts is None:
            yield part
        elif id(part) not in seen:
            seen[id(part)] = part
            stack += reversed(parts)


def _parts(part: Any) -> list[Any] | None:
    if isinstance(part, (tuple, list)):
        return [*part]
    if isinstance(part, dict):
        return [*part.values()]
    # Most are none: `dataclasses` takes longer to find that.
    if hasattr(type(part), "__dataclass_fields__"):
        fields = dataclasses.fields(part)
        return [getattr(part, each.name) for each in fields if hasattr(part, each.name)]
    return None
