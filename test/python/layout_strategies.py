# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random layouts of every kind, and the definitions that results are compared with.

Nothing here calls the implementation: a layout is a pair of nested tuples, and its function is
computed by the definition.
"""

from __future__ import annotations

import itertools
import os
from functools import cache
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st

from enigma.layout import Layout

#: How many times as many cases as usual to test.
EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))
#: Reproducible, and without a time limit a case: the machine may be busy.
many = settings(max_examples=300 * EFFORT, deadline=None, derandomize=True)
more = settings(many, max_examples=1000 * EFFORT)


def leaves(x: Any) -> list[Any]:
    return [leaf for mode in x for leaf in leaves(mode)] if isinstance(x, tuple) else [x]


def nest(profile: Any, flat: list[Any]) -> Any:
    """`flat` in the nesting of `profile`, consumed from the front."""
    if isinstance(profile, tuple):
        return tuple(nest(mode, flat) for mode in profile)
    return flat.pop(0)


def prod(numbers: Any) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


def evaluate(shape: Any, stride: Any, index: int) -> int:
    """The layout function by definition: digits from the left, the last leaf takes the rest."""
    extents, steps = leaves(shape), leaves(stride)
    offset = 0
    for extent, step in zip(extents[:-1], steps[:-1], strict=True):
        offset += index % extent * step
        index //= extent
    return offset + index * steps[-1]


def table(layout: Layout) -> list[int]:
    """The offsets of all coordinates, in order."""
    shape, stride = layout.shape, layout.stride
    return [evaluate(shape, stride, i) for i in range(prod(leaves(shape)))]


def coordinates(shape: Any) -> list[Any]:
    """All coordinates of a shape, in order."""
    ranges = [range(extent) for extent in reversed(leaves(shape))]
    return [nest(shape, list(reversed(digits))) for digits in itertools.product(*ranges)]


def injective(layout: Layout) -> bool:
    offsets = table(layout)
    return len(set(offsets)) == len(offsets)


def moving(layout: Layout) -> Layout:
    """The layout without the modes that add no offset: those of stride 0 and of extent 1."""
    pairs = zip(leaves(layout.shape), leaves(layout.stride), strict=True)
    modes = [(extent, step) for extent, step in pairs if extent > 1 and step != 0]
    return Layout(tuple(s for s, _ in modes), tuple(d for _, d in modes)) if modes else Layout(1, 0)


def tiling(image: list[int], n: int) -> list[int] | None:
    """Where copies of a set begin that cover [0, n) and all between them, each number once.

    There is one way at most: the smallest number left out is the smallest one of the next copy.
    """
    covered, begins = set(image), [0]
    while max(covered) - min(covered) + 1 != len(covered) or max(covered) < n - 1:
        hole = next(x for x in itertools.count(min(image)) if x not in covered)
        begin = hole - min(image)
        copy = {begin + x for x in image}
        if copy & covered:
            return None
        covered |= copy
        begins.append(begin)
    return begins


@cache
def is_layout_table(f: tuple[int, ...]) -> bool:
    """Whether some layout has these offsets: tries every factorization of the size."""
    if f[0] != 0:
        return False
    if len(f) == 1:
        return True
    for first in range(2, len(f) + 1):
        if len(f) % first:
            continue
        outer = f[::first]
        if all(f[c] == c % first * f[1] + outer[c // first] for c in range(len(f))) and (
            first == len(f) or is_layout_table(outer)
        ):
            return True
    return False


def fewest_modes(f: tuple[int, ...]) -> int:
    """The fewest modes of a flat layout with these offsets."""
    if len(f) == 1:
        return 1
    best = len(f)
    for first in range(2, len(f) + 1):
        if len(f) % first == 0:
            outer = f[::first]
            if all(f[c] == c % first * f[1] + outer[c // first] for c in range(len(f))):
                best = min(best, 1 if first == len(f) else 1 + fewest_modes(outer))
    return best


# Hypothesis takes longer to make a strategy, and find out what it can draw, than to draw from it.
integers = cache(st.integers)
sampled_from = cache(st.sampled_from)
booleans = st.booleans()


def profile(draw: Any, count: int, depth: int = 3) -> Any:
    """A nesting of `count` leaves."""
    if count == 1 and (depth == 0 or draw(integers(0, 5)) > 0):
        return 0
    modes = []
    while count:
        part = draw(integers(1, count)) if depth else 1
        modes.append(profile(draw, part, depth - 1) if depth else 0)
        count -= part
    return tuple(modes)


@st.composite
def layouts(draw: Any, max_size: int = 60, kinds: str = "crpgbna", max_leaves: int = 4) -> Layout:
    """A layout of at most `max_size` elements.

    Kinds: (c)olumn-major, (r)ow-major, (p)added, with (g)aps of whole blocks, (b)roadcast, with
    (n)egative strides, with (a)ny strides. Extents of 1 occur in all.
    """
    count = draw(integers(1, max_leaves))
    extents: list[int] = []
    for _ in range(count):
        room = max_size // prod(extents)
        extents.append(draw(integers(1, max(1, min(6, room)))))
    kind = draw(sampled_from(kinds))
    order = list(range(count))
    if kind == "r":
        order.reverse()
    elif kind != "c":
        order = draw(st.permutations(order))
    steps = [0] * count
    following = 1
    for leaf in order:
        steps[leaf] = following
        following *= extents[leaf]
        if kind == "p":
            following += draw(integers(0, 5))
        elif kind == "g":
            following *= draw(integers(1, 3))
    for leaf in range(count):
        if kind == "b" and draw(booleans):
            steps[leaf] = 0
        elif kind == "n" and draw(booleans):
            steps[leaf] = -steps[leaf]
        elif kind == "a":
            steps[leaf] = draw(integers(-12, 14))
    nesting = profile(draw, count)
    return Layout(nest(nesting, extents), nest(nesting, steps))


@st.composite
def huge_layouts(draw: Any) -> Layout:
    """A layout of up to 2^60 elements, in any order, with gaps, broadcast or backwards."""
    extents, room = [], 60
    for _ in range(draw(integers(1, 5))):
        bits = draw(integers(0, room) | integers(0, min(room, 3)))
        extents.append(max(1, 2**bits - draw(st.sampled_from([0, 0, 0, 1]))))
        room -= bits
    steps, following = [0] * len(extents), 1
    for leaf in draw(st.permutations(range(len(extents)))):
        steps[leaf] = following * draw(st.sampled_from([1, 1, 1, 1, -1, 0]))
        following *= extents[leaf]
        if following < 2**55:
            following += draw(st.sampled_from([0, 0, 0, 1, following]))
    # A layout spans less than 2^62 elements.
    assume(following < 2**62)
    return Layout(tuple(extents), tuple(steps))


@st.composite
def slicing_coordinates(draw: Any, shape: Any) -> Any:
    """A coordinate of a shape, or weaker, with integers and `None`s."""
    if isinstance(shape, tuple) and draw(st.booleans()):
        return tuple(draw(slicing_coordinates(mode)) for mode in shape)
    return draw(st.none() | st.integers(0, prod(leaves(shape)) - 1))


# --- Trees that are no tuples of the algebra ------------------------------------------------------


def endless() -> list[Any]:
    """A list that is its own mode."""
    tree: list[Any] = []
    tree.append(tree)
    return tree


def deep() -> Any:
    tree: Any = 1
    for _ in range(100000):
        tree = (tree,)
    return tree


def wide() -> Any:
    """A tuple of 2^60 leaves, each level of which is one tuple twice."""
    tree: Any = 1
    for _ in range(60):
        tree = (tree, tree)
    return tree


ENDLESS = [endless(), [1, endless()], [(), endless(), ()], deep(), (2, deep()), wide(), [wide()]]
