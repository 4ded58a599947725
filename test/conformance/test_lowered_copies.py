# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accesses to whole views touch what the definitions say, and nothing else.

Random tensors are cut into the tiles or partitions of threads, which may overhang them; a mask of
`enigma.in_bounds` keeps what overhangs from being accessed, or the compiler does by itself. Buffers
end where the last element that may be accessed does, and all that is in them is compared.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from layout_cases import map_leaves
from layout_ir import create, ir, parsed
from layout_strategies import EFFORT, coordinates, prod

import enigma.layout as el
from conformance.layout_kernels import (
    Batch,
    int_tuple,
    make_tensor,
    op,
    position,
)
from enigma.layout import Layout, Swizzle, SwizzledLayout

COUNT = 16 * EFFORT
ELEMENTS = {
    "f32": np.float32,
    "f16": np.float16,
    "ui8": np.uint8,
    "si64": np.int64,
    "i1": np.bool_,
}
#: What a place holds that no kernel touches, and what `fill` writes.
UNTOUCHED, FILLED = 77, 5


@dataclass
class Side:
    """A tensor in a buffer."""

    layout: Any
    base: int

    def place(self, coord: tuple[int, ...]) -> int:
        """The place of an element, even of one beyond the tensor."""
        plain = self.layout.layout if isinstance(self.layout, SwizzledLayout) else self.layout
        offset = sum(c * d for c, d in zip(coord, plain.stride, strict=True))
        if isinstance(self.layout, SwizzledLayout):
            offset = self.layout.swizzle(offset)
        return self.base + offset


def random_side(rng: random.Random, shape: tuple[int, ...], kinds: str) -> Side:
    """A tensor: (c)olumn-major, (r)ow-major, (p)added, (b)roadcast, (n)egative or (s)wizzled."""
    kind = rng.choice(kinds)
    order = list(range(len(shape)))
    if kind == "r" or (kind != "c" and rng.random() < 0.5):
        order.reverse()
    strides, following = [0] * len(shape), 1
    for mode in order:
        strides[mode] = following
        following = following * shape[mode] + (rng.choice([0, 1, 4]) if kind == "p" else 0)
    for mode in order:
        if kind == "b" and rng.random() < 0.5:
            strides[mode] = 0
        elif kind == "n" and rng.random() < 0.5:
            strides[mode] = -strides[mode]
    layout: Any = Layout(shape, tuple(strides))
    base = sum((s - 1) * -min(d, 0) for s, d in zip(shape, strides, strict=True))
    if kind == "s":
        swizzle = rng.choice([Swizzle(1, 2, 1), Swizzle(2, 2, 3), Swizzle(2, 0, 2)])
        layout = SwizzledLayout(swizzle, 0, layout)
    return Side(layout, base + rng.choice([0, 0, 3, 8]))


class Access:
    """One kernel: every thread accesses one view of the tensors as a whole."""

    def __init__(self, rng: random.Random, batch: Batch, operation: str, element: str) -> None:
        self.rng = rng
        self.operation = operation
        self.element = element
        self.shape = tuple(rng.randint(1, 7) for _ in range(rng.randint(1, 3)))
        self.is_partition = rng.random() < 0.3
        self.is_dynamic = rng.random() < 0.5 and not self.is_partition
        self.unit = tuple(rng.randint(1, min(s, 4)) for s in self.shape)
        self.counts = tuple(-(-s // u) for s, u in zip(self.shape, self.unit, strict=True))
        self.is_masked = rng.random() < 0.5
        self.source = random_side(rng, self.shape, "crpbns")
        # Several threads may not write to one place.
        alone = self.operation in ("store", "fill", "update") and self.num_threads == 1
        self.destination = random_side(rng, self.shape, "crpnsb" if alone else "crpns")
        self.kernel = batch.kernel(element, element, element)
        with self.kernel.building():
            self.build()

    # The threads own tiles of the shape `unit`, or have a place each in every such tile.
    @property
    def num_threads(self) -> int:
        return prod(self.unit if self.is_partition else self.counts)

    @property
    def num_lanes(self) -> int:
        return prod(self.counts if self.is_partition else self.unit)

    def owned(self, number: int) -> list[tuple[int, ...]]:
        """The coordinates of a thread's elements, in the order of lanes."""
        units, tiles = coordinates(self.unit), coordinates(self.counts)
        pairs = (
            [(units[number], tile) for tile in tiles]
            if self.is_partition
            else [(inner, tiles[number]) for inner in units]
        )
        return [
            tuple(i + u * t for i, u, t in zip(inner, self.unit, tile, strict=True))
            for inner, tile in pairs
        ]

    def is_inside(self, coord: tuple[int, ...]) -> bool:
        return all(c < s for c, s in zip(coord, self.shape, strict=True))

    # --- Building ---------------------------------------------------------------------------------

    def view(self, whole: ir.Value) -> ir.Value:
        """The part of a tensor that the thread owns."""
        number = int_tuple("?", self.number)
        if self.is_partition:
            return create("local_partition", whole, self.static(Layout(self.unit)), number)[0]
        return create("local_tile", whole, self.static(self.unit), number)[0]

    def static(self, x: Any) -> ir.Value:
        return self.kernel.builder({}).value(x)

    def operand(self, x: Any) -> ir.Value:
        """A shape or layout, whose integers are scalars of the kernel if it is dynamic."""
        values: dict[str, int] = {}

        def forget(leaf: int) -> Any:
            if not self.is_dynamic or leaf == 0 or self.rng.random() < 0.3:
                return leaf
            name = f"v{len(values)}"
            values[name] = leaf
            return el.dyn(name, div=abs(leaf) if self.rng.random() < 0.5 else 1)

        if isinstance(x, SwizzledLayout):
            changed: Any = SwizzledLayout(x.swizzle, 0, map_leaves(x.layout, forget))
        else:
            changed = map_leaves(x, forget)
        return self.kernel.builder(values).value(changed)

    def tensor(self, buffer: ir.Value, side: Side) -> ir.Value:
        return make_tensor(buffer, self.operand(side.layout), side.base)

    def dense(self, buffer: ir.Value) -> ir.Value:
        """All lanes of a thread, one behind the other."""
        layout = Layout((self.num_lanes, self.num_threads))
        whole = make_tensor(buffer, self.static(layout), 0)
        return create("slice", whole, int_tuple("(None,?)", self.number))[0]

    def build(self) -> None:
        source, destination, lanes = list(self.kernel.arguments)[:3]
        shared = self.operation == "shared"
        self.number = position(
            "threadgroup_position_in_grid" if shared else "thread_position_in_grid"
        )
        mask = []
        if self.is_masked:
            shape = self.operand(self.shape)
            identity = create("make_identity_tensor", shape)[0]
            mask = create("in_bounds", self.view(identity), shape)
        from_view = self.view(self.tensor(source, self.source))
        to_view = self.view(self.tensor(destination, self.destination))
        if self.operation == "load":
            (fragment,) = create("load_fragment", from_view, *mask)
            op("enigma.store_fragment", fragment, self.dense(lanes))
        elif self.operation == "store":
            (fragment,) = create("load_fragment", self.dense(lanes))
            op("enigma.store_fragment", fragment, to_view, *mask)
        elif self.operation == "update":
            (fragment,) = create("load_fragment", self.dense(lanes))
            (old,) = create("load_fragment", to_view, *mask)
            kind = self.element[0] if self.element != "i1" else "i1"
            add = {"f": "arith.addf", "u": "arith.addi", "s": "arith.addi", "i1": "arith.xori"}
            new = op(add[kind], old, fragment, result=old.type)
            op("enigma.store_fragment", new, to_view, *mask)
        elif self.operation == "fill":
            op("enigma.fill", self.value(FILLED), to_view, *mask)
        elif self.operation == "copy":
            op("enigma.copy", from_view, to_view, *mask)
        else:
            self.build_shared(from_view, to_view, lanes, mask)

    def build_shared(
        self, from_view: ir.Value, to_view: ir.Value, lanes: ir.Value, mask: list[ir.Value]
    ) -> None:
        """Through a tile in threadgroup memory, all of which is read back."""
        shape = self.counts if self.is_partition else self.unit
        self.tile = random_side(self.rng, shape, "crpns")
        self.reach = 1 + max(map(self.tile.place, coordinates(shape)))
        type = parsed(f"!enigma.buffer<{self.reach}x{self.element}, threadgroup>")
        buffer = op("enigma.alloc", result=type)
        raw = make_tensor(buffer, self.static(Layout(self.reach)), 0)
        op("enigma.fill", self.value(UNTOUCHED), raw)
        tile = make_tensor(buffer, self.static(self.tile.layout), self.tile.base)
        op("enigma.copy", from_view, tile, *mask)
        op("enigma.copy", tile, to_view, *mask)
        rows = make_tensor(lanes, self.static(Layout((self.reach, self.num_threads))), 0)
        row = create("slice", rows, int_tuple("(None,?)", self.number))[0]
        op("enigma.copy", raw, row)

    def value(self, number: int) -> ir.Value:
        if self.element.startswith("f"):
            type = parsed(self.element)
            return op("arith.constant", result=type, value=ir.Attribute.real(type, number))
        width = 1 if self.element == "i1" else int(self.element[2:])
        type = parsed(f"i{width}")
        number = number % 2 if width == 1 else number
        return op("arith.constant", result=type, value=ir.Attribute.integer(type, number))

    # --- Running ----------------------------------------------------------------------------------

    def buffer(self, side: Side) -> Any:
        """What holds exactly the elements of a tensor."""
        count = 1 + max(map(side.place, coordinates(self.shape)))
        return self.numbers(np.arange(count))

    def numbers(self, values: Any) -> Any:
        dtype = ELEMENTS[self.element]
        return (values % 2 if dtype is np.bool_ else values % 127).astype(dtype)

    def check(self) -> None:
        shared = self.operation == "shared"
        source, destination = self.buffer(self.source), self.buffer(self.destination)
        width = self.reach if shared else self.num_lanes
        lanes = self.numbers(np.arange(width * self.num_threads) + 31)
        expected, expected_lanes = destination.copy(), lanes.copy().reshape(-1, width)
        for number, row in enumerate(expected_lanes):
            self.before = expected.copy()
            if shared:
                row[:] = self.numbers(np.array(UNTOUCHED))
            for lane, coord in enumerate(self.owned(number)):
                self.expect(number, lane, coord, source, expected, row)
        launch: dict[str, Any] = {"threads": self.num_threads, "block": self.num_threads}
        if shared:
            launch = {"grid": self.num_threads}
        results = destination.copy(), lanes.copy()
        self.kernel.run([source, *results], guard=self.rng.choice(["end", "start"]), **launch)
        np.testing.assert_array_equal(results[0], expected)
        np.testing.assert_array_equal(results[1], expected_lanes.reshape(-1))

    def expect(
        self, number: int, lane: int, coord: tuple[int, ...], source: Any, to: Any, row: Any
    ) -> None:
        """Do what the kernel should do to one element."""
        tile = self.counts if self.is_partition else self.unit
        if not self.is_inside(coord):
            if self.operation == "load":
                row[lane] = 0
            elif self.operation == "shared" and not self.is_masked:
                row[self.tile.place(coordinates(tile)[lane])] = 0
            return
        at = self.destination.place(coord)
        if self.operation == "load":
            row[lane] = source[self.source.place(coord)]
        elif self.operation == "store":
            to[at] = row[lane]
        elif self.operation == "update":
            old = self.before[at]
            to[at] = old ^ row[lane] if self.element == "i1" else old + row[lane]
        elif self.operation == "fill":
            to[at] = self.numbers(np.array(FILLED))
        else:
            to[at] = source[self.source.place(coord)]
        if self.operation == "shared":
            row[self.tile.place(coordinates(tile)[lane])] = source[self.source.place(coord)]


OPERATIONS = ("load", "store", "update", "fill", "copy", "shared")
PARAMETERS = [(operation, element) for operation in OPERATIONS for element in ELEMENTS]
ACCESSES: dict[Any, list[Access]] = {}


def build_all() -> None:
    for operation, element in PARAMETERS:
        rng = random.Random(f"{operation} of {element}")
        batch = Batch(f"{operation}_{element}")
        ACCESSES[operation, element] = [
            Access(rng, batch, operation, element) for _ in range(COUNT)
        ]
        batch.finish()


@pytest.mark.parametrize(("operation", "element"), PARAMETERS)
def test_accesses(operation: str, element: str) -> None:
    # The first test builds all kernels, so that they are compiled together.
    if not ACCESSES:
        build_all()
    for access in ACCESSES[operation, element]:
        access.check()
