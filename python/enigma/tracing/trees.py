# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Containers that hold containers, as a user hands them over."""

from __future__ import annotations

import dataclasses
from typing import Any

from enigma.locations import is_own_class
from enigma.tracing.classes import Classes, said_by

# Classes that have no fields, of Python and of Enigma; they are many, and to look for fields of a
# class that has none takes long.
_without_fields = Classes((bool, int, float, str, type(None)))


def leaves(tree: object) -> list[Any]:
    """Give what stands in tuples, lists, dicts and dataclasses, in order.

    What a container holds is given once: it may contain itself, or stand in many places.
    """
    # It also keeps them alive, and with that their ids.
    seen: dict[int, Any] = {}
    found = []
    stack = [tree]
    while stack:
        part = stack.pop()
        parts = None if id(type(part)) in _without_fields else _parts(part)
        if parts is None:
            found.append(part)
        elif id(part) not in seen:
            seen[id(part)] = part
            # Mostly it holds no containers.
            if _without_fields.hold_all_of(parts):
                found += parts
            else:
                stack += reversed(parts)
    return found


def _parts(part: Any) -> list[Any] | None:
    # What an object says is its class may be another one.
    kind = type(part)
    if issubclass(kind, (tuple, list)):
        return [*part]
    if issubclass(kind, dict):
        return [*part.values()]
    if said_by(kind, "__dataclass_fields__") is not None:
        fields = dataclasses.fields(part)
        return [getattr(part, each.name) for each in fields if hasattr(part, each.name)]
    if is_own_class(kind):
        _without_fields.add(kind)
    return None
