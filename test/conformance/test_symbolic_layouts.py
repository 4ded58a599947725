# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Views whose sizes and strides come with the launch, against their definition in Python.

`ENIGMA_TEST_EFFORT` multiplies how many there are.
"""

from __future__ import annotations

import linecache
import math
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import enigma
from conformance import harness
from enigma.errors import LayoutError

EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))
SEEDS = range(40 * EFFORT)
# The modes of each layout, and of how many leaves each mode is.
MODES = [(1,), (1, 1), (1, 1, 1), (2, 1), (1, 2), (2, 2), (1, 3)]
STRIDES = [0, 1, 2, 3, 5, 8, -1, -3]
# Of the kernels, more than this that are refused would be too many that say nothing: tiles of a
# mode of several leaves, one of which is not known, may be none.
MOST_REFUSED = 0.25


def digits(index: int, sizes: list[int]) -> list[int]:
    """The coordinate of a number, the last leaf unbounded."""
    found = []
    for size in sizes[:-1]:
        found.append(index % size)
        index //= size
    return [*found, index]


@dataclass
class Symbolic:
    """A kernel that reads a view, what it is launched with, and what each thread finds."""

    seed: int
    lines: list[str] = field(default_factory=list)
    scalars: dict[str, tuple[str, int]] = field(default_factory=dict)
    expected: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        modes = self.random.choice(MODES)
        self.sizes = [[self.random.randint(1, 4) for _ in range(n)] for n in modes]
        self.strides = [[self.random.choice(STRIDES) for _ in range(n)] for n in modes]
        self.extents = [math.prod(sizes) for sizes in self.sizes]
        reach = [
            (size - 1) * stride
            for sizes, strides in zip(self.sizes, self.strides, strict=True)
            for size, stride in zip(sizes, strides, strict=True)
        ]
        self.base = -sum(step for step in reach if step < 0)
        self.span = self.base + sum(step for step in reach if step > 0) + 1
        shape = self.text(self.sizes, ("i32", "u32"))
        stride = self.text(self.strides, ("i32",))
        self.lines = [f"v = enigma.make_tensor(A, enigma.Layout({shape}, {stride}), {self.base})"]
        self.random.choice([self.element, self.coordinate, self.part, self.tiles])()

    def number(self, value: int, dtypes: tuple[str, ...]) -> str:
        """A number of the text, or of the launch."""
        if self.random.random() < 0.5:
            return str(value)
        name = f"n{len(self.scalars)}"
        self.scalars[name] = self.random.choice(dtypes), value
        return name

    def text(self, numbers: list[list[int]], dtypes: tuple[str, ...]) -> str:
        modes = [[self.number(value, dtypes) for value in mode] for mode in numbers]
        parts = [mode[0] if len(mode) == 1 else f"({', '.join(mode)})" for mode in modes]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"

    def offset(self, position: list[int]) -> int:
        """The element at a coordinate of one number for each mode."""
        offset = self.base
        for index, sizes, strides in zip(position, self.sizes, self.strides, strict=True):
            offset += sum(a * b for a, b in zip(digits(index, sizes), strides, strict=True))
        return offset

    def positions(self, extents: list[int]) -> Iterator[list[int]]:
        return (digits(index, extents) for index in range(math.prod(extents)))

    # What is read.

    def element(self) -> None:
        self.lines.append("B[i] = v[i]")
        self.expected = [self.offset(each) for each in self.positions(self.extents)]

    def coordinate(self) -> None:
        below = [math.prod(self.extents[:k]) for k in range(len(self.extents))]
        places = [f"i // {b} % {e}" for b, e in zip(below, self.extents, strict=True)]
        self.lines.append(f"B[i] = v[{', '.join(places)}]")
        self.expected = [self.offset(each) for each in self.positions(self.extents)]

    def part(self) -> None:
        if len(self.extents) == 1:
            return self.element()
        kept = self.random.randrange(len(self.extents))
        fixed = [extent - 1 for extent in self.extents]
        places = ["None" if k == kept else str(place) for k, place in enumerate(fixed)]
        self.lines += [f"part = v[{', '.join(places)}]", "B[i] = part[i]"]
        self.expected = [
            self.offset([*fixed[:kept], index, *fixed[kept + 1 :]])
            for index in range(self.extents[kept])
        ]
        return None

    def tiles(self) -> None:
        """Tiles that need not divide the view: what is beyond it is 0."""
        tile = [self.random.randint(1, extent) for extent in self.extents]
        rest = [-(-extent // of) for extent, of in zip(self.extents, tile, strict=True)]
        tiler = ", ".join(self.number(of, ("i32", "u32")) for of in tile)
        size = math.prod(tile)
        self.lines.append(f"tiles = enigma.zipped_divide(v, ({tiler},))")
        self.lines.append(f"B[i] = tiles[i % {size}, i // {size}]")
        for outer in self.positions(rest):
            for inner in self.positions(tile):
                place = [a + of * b for a, of, b in zip(inner, tile, outer, strict=True)]
                exists = all(a < b for a, b in zip(place, self.extents, strict=True))
                self.expected.append(self.offset(place) if exists else 0)

    # What becomes of it.

    @property
    def source(self) -> str:
        given = "".join(f", {n}: enigma.Scalar(enigma.{d})" for n, (d, _) in self.scalars.items())
        body = "\n    ".join(["i = enigma.thread_position_in_grid", *self.lines])
        return f"@enigma.kernel\ndef kernel(A: enigma.i32, B: enigma.i32{given}):\n    {body}\n"

    def compiled(self) -> enigma.CompiledKernel | None:
        """The kernel; None where it is refused for a leaf that has to be known."""
        name = f"<symbolic layout {self.seed}>"
        lines = self.source.splitlines(keepends=True)
        linecache.cache[name] = len(self.source), None, lines, name
        names: dict[str, Any] = {"enigma": enigma}
        exec(compile(self.source, name, "exec"), names)
        try:
            kernel: enigma.CompiledKernel = enigma.compile(names["kernel"], emit_only=True)
        except LayoutError as error:
            refusal = error
        else:
            harness.declare(kernel)
            return kernel
        assert self.scalars, refusal
        assert refusal.location is not None
        assert refusal.location.filename == name
        return None


@pytest.fixture(scope="module")
def kernels():
    made = [Symbolic(seed) for seed in SEEDS]
    return [(each, each.compiled()) for each in made]


@pytest.mark.parametrize("seed", SEEDS)
def test_symbolic_layout(kernels, seed):
    case, kernel = kernels[seed]
    if kernel is None:
        return
    found = np.full(len(case.expected), -7, np.int32)
    given = [value for _, value in case.scalars.values()]
    arguments = [np.arange(case.span, dtype=np.int32), found, *given]
    harness.run(kernel, args=arguments, threads=len(found), block=min(len(found), 16))
    assert found.tolist() == case.expected, f"{case.source}{given}\n{kernel.metal_source}"


def test_most_symbolic_layouts_are_not_refused(kernels):
    refused = [case.source for case, kernel in kernels if kernel is None]
    assert len(refused) <= MOST_REFUSED * len(kernels), refused
