# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The parts of objects that a loop is expected to change."""

from __future__ import annotations

from collections.abc import Sequence

from enigma.tracing.boxes import Box
from enigma.tracing.objects import Objects
from enigma.tracing.values import Value


def predicted_parts(
    objects: Objects, place: object, expected: Sequence[object]
) -> list[tuple[Box, int]]:
    """Give the parts that the body of a loop most likely changes.

    These are the parts that the same loop was found to change when it was traced before, and
    the floats and traced values in what it is expected to change. Where that is wrong, the body
    is traced once more.

    Parameters
    ----------
    objects : Objects
        What is within reach before the loop.
    place
        Tells the loops of the source apart.
    expected : sequence
        Lists and dicts of which the body most likely changes elements.
    """
    found: dict[tuple[int, int], tuple[Box, int]] = {}
    for thing, kind, position in objects.builder.changed_parts.get(place, ()):
        box = objects.find(thing, kind)
        if box is not None and position < len(box.values):
            found[id(box), position] = box, position
    stack, seen = list(expected), set()
    while stack:
        box = objects.boxes.get(id(stack.pop()))
        if box is None or id(box) in seen:
            continue
        seen.add(id(box))
        for position, value in enumerate(box.values):
            if isinstance(value, (float, Value)):
                found[id(box), position] = box, position
            elif isinstance(value, (list, dict)):
                stack.append(value)
    return list(found.values())
