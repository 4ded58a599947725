# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What lowered kernels compute of layouts is what the definitions say, statically and dynamically.

Each thread writes, for its coordinate, the offsets of many layouts that the operations of the
algebra yield. All integers are known at compile time, or some are scalars of the kernel.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from layout_cases import OPERANDS, Case, cases, forget, known
from layout_ir import create, ir, parsed, spell
from layout_strategies import EFFORT, coordinates, evaluate, leaves, nest, prod

import enigma.layout as el
from conformance.layout_kernels import (
    MAX_SCALARS,
    Batch,
    Kernel,
    cast,
    constant,
    if_less,
    int_tuple,
    make_tensor,
    op,
    position,
    sample,
)
from enigma.errors import EnigmaError
from enigma.layout import Layout, SwizzledLayout

COUNT = 120 * EFFORT
ROWS_PER_KERNEL = 24
#: The most elements of a layout that is read, and so the threads of a launch.
MAX_SIZE = 256
#: The farthest element of a tensor that is read.
MAX_DATA = 1 << 16

#: Operations that work on tensors too, which keep the offset that layouts forget.
ON_TENSORS = [
    *("coalesce", "composition", "filter", "flat_divide", "flatten", "get", "group_modes"),
    *("local_partition", "local_tile", "logical_divide", "select", "slice", "take"),
    *("tiled_divide", "zipped_divide"),
]
#: Those whose results may hold more than the tensor does.
OVERHANGING = [
    *("composition", "flat_divide", "local_partition", "local_tile", "logical_divide"),
    *("tiled_divide", "zipped_divide"),
]
#: Those whose results on tensors of coordinates tell what a tile overhangs.
ON_COORDINATES = ["local_partition", "local_tile", "slice", "tiled_divide", "zipped_divide"]
#: A stride that no extent reaches: offsets of multiples of its powers are coordinates.
WIDE = 1000


def applied_to_tensor(case: Case) -> tuple[Any, int]:
    """The layout of the result on a tensor, and where it begins."""
    if case.name == "slice":
        return el.slice_and_offset(*case.operands)
    if case.name in ("local_tile", "local_partition"):
        return getattr(el, case.name)(*case.operands)
    return case.results()[0], 0


def offsets(layout: Any) -> list[int]:
    """The offsets of all coordinates, by definition."""
    if isinstance(layout, SwizzledLayout):
        inner = offsets(layout.layout)
        return [layout.swizzle(layout.offset + offset) for offset in inner]
    return [evaluate(layout.shape, layout.stride, i) for i in range(prod(leaves(layout.shape)))]


def check_readable(*results: Any) -> None:
    """Raise if a result is larger than what one launch reads."""
    for x in results:
        if isinstance(x, Layout | SwizzledLayout) and (
            el.size(x) > MAX_SIZE or el.cosize(x) > MAX_DATA
        ):
            raise EnigmaError(f"{x} is too large")


class Reader:
    """Builds what writes the numbers of results, and keeps what they should be."""

    def __init__(self, rng: random.Random, kernel: Kernel) -> None:
        self.rng = rng
        self.kernel = kernel
        self.data, self.out = kernel.arguments[0], kernel.arguments[1]
        with kernel.building():
            self.thread = position("thread_position_in_grid")
        self.expected: list[list[int]] = []
        self.num_data = 1

    def has_room(self, scalars: set[int]) -> bool:
        """Whether another case fits, that needs these scalars."""
        return (
            len(self.expected) < ROWS_PER_KERNEL
            and len(scalars.union(self.kernel.scalars)) <= MAX_SCALARS
        )

    def write(self, value: ir.Value, expected: list[int]) -> None:
        """Write what each thread has of a number: one row of the output."""
        row = constant(len(self.expected) * MAX_SIZE)
        place = op("arith.addi", row, self.thread, result=row.type)
        i64 = parsed("i64")
        if str(value.type) == "index":
            value = cast("index_cast", value, i64)
        elif value.type != i64:
            value = cast("extsi", value, i64)
        op("enigma.store", value, self.out, place)
        self.expected.append(expected)

    def coordinate(self, result: ir.Value) -> ir.Value:
        """The thread's coordinate: an index, one for each mode, or one for each leaf."""
        index = int_tuple("?", self.thread)
        kind = self.rng.choice(["index", "modes", "leaves"])
        if kind == "index":
            return index
        (shape,) = create("get_shape", result)
        if kind == "modes":
            # With integers that are not known the result may nest in another way.
            modes = Layout.parse(str(shape.type).removeprefix("!enigma.int_tuple<")[:-1])
            if modes.depth > 0:
                sizes = [create("size", result, mode=(i,))[0] for i in range(modes.rank)]
                shape = int_tuple(spell(el.repeat_like(el.dyn(None), sizes)), *sizes)
        return create("idx2crd", index, shape)[0]

    def tuple(self, result: ir.Value, expected: Any) -> None:
        """All integers of a tuple."""
        for leaf, number in enumerate(leaves(expected)):
            self.write(create("get_leaf", result, leaf=leaf)[0], [number])

    def layout(self, result: ir.Value, layout: Any) -> None:
        """The offsets of all coordinates of a layout."""
        swizzled = isinstance(layout, SwizzledLayout)
        if swizzled or self.rng.random() < 0.5:
            base = -min(0, *offsets(layout)) if el.size(layout) > 1 else 0
            base += self.rng.choice([0, 5, 16])
            self.tensor(make_tensor(self.data, result, base), layout, base)
            return
        self.plain(result, layout)

    def plain(self, result: ir.Value, layout: Layout) -> None:
        """The same, without any memory at those offsets."""
        expected = offsets(layout)
        with if_less(self.thread, len(expected)):
            offset = create("crd2idx", self.coordinate(result), result)[0]
            self.write(create("get_leaf", offset, leaf=0)[0], expected)

    def identity(self, result: ir.Value, layout: Layout) -> None:
        """The coordinates that an identity layout maps coordinates to: themselves."""
        expected = [leaves(coord) for coord in coordinates(layout.shape)]
        with if_less(self.thread, len(expected)):
            coord = create("crd2idx", self.coordinate(result), result)[0]
            for leaf, numbers in enumerate(zip(*expected, strict=True)):
                self.write(create("get_leaf", coord, leaf=leaf)[0], list(numbers))

    def tensor(
        self, view: ir.Value, layout: Any, base: int, exists: list[bool] | None = None
    ) -> None:
        """The places of all elements of a tensor, whose first one is at `base`.

        What is read of those that do not exist is 0.
        """
        expected = [base + offset for offset in offsets(layout)]
        i32 = parsed("i32")
        with if_less(self.thread, len(expected)):
            coord = self.coordinate(view)
            if isinstance(layout, SwizzledLayout) or self.rng.random() < 0.5:
                assert min(expected) >= 0
                self.num_data = max(self.num_data, *expected, 0) + 1
                found = expected
                if exists is not None:
                    found = [e if there else 0 for e, there in zip(expected, exists, strict=True)]
                self.write(op("enigma.load_element", view, coord, result=i32), found)
            else:
                self.write(create("element_offset", view, coord)[0], expected)

    def coordinates(self, view: ir.Value, wide: Layout, first: int, shape: Any) -> None:
        """The coordinates that a tensor of them holds; `wide` maps to what encodes them."""
        expected = [first + offset for offset in offsets(wide)]
        with if_less(self.thread, len(expected)):
            coord = create("element_coord", view, self.coordinate(view))[0]
            for leaf in range(len(leaves(shape))):
                digits = [value // WIDE**leaf % WIDE for value in expected]
                self.write(create("get_leaf", coord, leaf=leaf)[0], digits)

    def check(self) -> None:
        out = np.zeros((len(self.expected), MAX_SIZE), np.int64)
        threads = max(map(len, self.expected))
        self.kernel.run([sample(self.num_data), out], threads=threads, block=threads)
        for row, expected in zip(out, self.expected, strict=True):
            assert row[: len(expected)].tolist() == expected


def build_results(reader: Reader, case: Case, values: Any) -> None:
    """A case on layouts."""
    results = known(case.results(), values)
    check_readable(*results)
    built = reader.kernel.builder(values).case(case)
    for result, expected in zip(built, results, strict=True):
        if case.name == "make_identity_layout":
            reader.identity(result, expected)
        elif isinstance(expected, Layout | SwizzledLayout):
            reader.layout(result, expected)
        elif str(result.type) == "index":
            reader.write(result, [expected])
        else:
            reader.tuple(result, expected)


def build_on_tensor(reader: Reader, case: Case, values: Any) -> None:
    """A case whose first operand is a tensor of the layout."""
    layout, first = known(applied_to_tensor(case), values)
    check_readable(layout)
    base = reader.rng.choice([0, 3, 8]) - min(0, first + min(offsets(layout)))
    builder = reader.kernel.builder(values)
    tensor = make_tensor(reader.data, builder.value(case.operands[0]), base)
    others = map(builder.value, case.operands[1:])
    (view,) = create(case.name, tensor, *others, **case.attributes)
    exists = within(case, values, el.size(layout)) if case.name in OVERHANGING else None
    reader.tensor(view, layout, base + first, exists)


def within(case: Case, values: Any, count: int) -> list[bool]:
    """Which elements of a result do not stand beyond the tensor that the case is applied to.

    A coordinate before its first one is what negative strides ask for, and is not guarded.
    """
    shape = case.operands[0].shape
    powers = nest(shape, [WIDE**leaf for leaf in range(len(leaves(shape)))])
    # An operation decides by what it knows: a mode of extent 1 that is dropped where it is known is
    # part of the result where it is not.
    wide = Case(case.name, (Layout(shape, powers), *case.operands[1:]), case.attributes)
    layout, first = known(applied_to_tensor(wide), values)
    places = [first + offset for offset in offsets(layout)]
    extents = leaves(*known((shape,), values))
    assert len(places) == count
    return [
        place < 0 or all(place // WIDE**leaf % WIDE < extent for leaf, extent in enumerate(extents))
        for place in places
    ]


def build_on_coordinates(reader: Reader, case: Case, values: Any) -> None:
    """A case whose first operand is the tensor of the layout's own coordinates."""
    shape = case.operands[0].shape
    powers = nest(shape, [WIDE**leaf for leaf in range(len(leaves(shape)))])
    wide = Case(case.name, (Layout(shape, powers), *case.operands[1:]), case.attributes)
    layout, first = known(applied_to_tensor(wide), values)
    # Where one step goes along several coordinates there is no answer.
    Case(case.name, (el.make_identity_layout(shape), *case.operands[1:])).results()
    if el.size(layout) > MAX_SIZE:
        raise EnigmaError(f"{layout} is too large")
    builder = reader.kernel.builder(values)
    (tensor,) = create("make_identity_tensor", builder.value(shape))
    others = map(builder.value, case.operands[1:])
    (view,) = create(case.name, tensor, *others, **case.attributes)
    reader.coordinates(view, layout, first, shape)


BUILDERS = {
    "layout": (build_results, list(OPERANDS)),
    "tensor": (build_on_tensor, ON_TENSORS),
    "coordinates": (build_on_coordinates, ON_COORDINATES),
}
PARAMETERS = [
    (kind, name, variant)
    for kind, (_, names) in BUILDERS.items()
    for name in names
    for variant in ("static", "dynamic")
    # It needs all of its operands to be known.
    if (name, variant) != ("make_layout_tv", "dynamic")
]


class Readers:
    """The kernels that read the results of one operation."""

    def __init__(self, kind: str, name: str, variant: str) -> None:
        self.rng = random.Random(f"{kind} {name} {variant}")
        self.batch = Batch(f"{kind}_{name}_{variant}")
        self.readers: list[Reader] = []
        self.count = 0
        for case in cases(name, COUNT):
            for share in (1.0, 0.6, 0.3, 0.3) if variant == "dynamic" else (0.0,):
                if self.build(BUILDERS[kind][0], case, share):
                    self.count += 1
                    break
        self.batch.finish()

    def build(self, build: Any, case: Case, share: float) -> bool:
        """Build one case with a share of its integers dynamic, if there is an answer then."""
        changed, values = forget(case, lambda: self.rng.random() < share, self.rng.random() < 0.5)
        if share and not values:
            return False
        if not self.readers or not self.readers[-1].has_room(set(values.values())):
            self.readers.append(Reader(self.rng, self.batch.kernel("si32", "si64")))
        reader = self.readers[-1]
        try:
            with reader.kernel.building():
                build(reader, changed, values)
        except EnigmaError:
            return False
        return True


READERS: dict[Any, Readers] = {}


@pytest.mark.parametrize(("kind", "name", "variant"), PARAMETERS)
def test_lowered(kind: str, name: str, variant: str) -> None:
    # The first test builds all kernels, so that they are compiled together.
    if not READERS:
        READERS.update({parameters: Readers(*parameters) for parameters in PARAMETERS})
    found = READERS[kind, name, variant]
    assert found.count > COUNT // 6
    for reader in found.readers:
        if reader.expected:
            reader.check()


def test_offsets_beyond_32_bits() -> None:
    layouts = [
        Layout((4, 8, 2), (1 << 30, 3 << 33, 5)),
        Layout((3, (2, 4)), (-(1 << 40), ((1 << 31) - 1, 7))),
        Layout((4, 4), ((1 << 31) - 1, -(1 << 30))),
    ]
    dynamic = Layout((el.dyn("s"), 4), (el.dyn("d"), el.dyn("e")))
    values = {"s": 1 << 16, "d": (1 << 31) - 1, "e": -(1 << 31)}
    batch = Batch("wide")
    reader = Reader(random.Random(1), batch.kernel("si32", "si64"))
    with reader.kernel.building():
        for layout in layouts:
            reader.plain(reader.kernel.builder({}).value(layout), layout)
        reach = create("cosize", reader.kernel.builder(values).value(dynamic))[0]
        reader.write(reach, [el.cosize(dynamic.evaluate(values))])
    batch.finish()
    reader.check()
