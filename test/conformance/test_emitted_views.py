# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where kernels find the elements of random views, in every way to give layouts and coordinates.

A tensor of the numbers 1, 2, 3, ... tells which elements a view has: what is
read is the place of what was read, and 0 where nothing was. What is expected
is computed from the definitions, by digits of coordinates.
"""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

import itertools
import math
import os
import random
from dataclasses import dataclass

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels
from conformance.tensors import leaves, places, start_of
from enigma import Layout, dyn

EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))
DIVIDES = ("zipped", "tiled", "flat", "logical", "local_tile")
MEMBERS = ("whole", "tv", "partition", "compose")
# What leaves elements in their order.
RESHAPES = {
    "none": lambda view: view,
    "flatten": enigma.flatten,
    "coalesce": enigma.coalesce,
    "group": lambda view: enigma.group_modes(view, 0, enigma.rank(view.layout)),
}


def nest(profile, flat):
    """Arrange leaves as a nested tuple has its own."""
    if isinstance(profile, tuple):
        return tuple(nest(mode, flat) for mode in profile)
    return next(flat)


def digits(index, extents):
    """A coordinate of a 1-D index: the last digit takes the rest."""
    found = []
    for extent in extents[:-1]:
        found.append(index % extent)
        index //= extent
    return (*found, index)


def value(layout, index):
    """The offset of a 1-D index."""
    coords = digits(index, leaves(layout.shape))
    return sum(c * d for c, d in zip(coords, leaves(layout.stride), strict=True))


@dataclass(frozen=True)
class View:
    """A way to divide a tensor among threadgroups and threads."""

    layout: Layout
    tiler: tuple[int | Layout, ...]
    divide: str
    member: str
    threads: Layout
    tv: Layout
    reshape: str
    uneven: bool

    @property
    def tile(self):
        """The extents of a tile."""
        return tuple(enigma.size(mode) if isinstance(mode, Layout) else mode for mode in self.tiler)

    @property
    def extents(self):
        """The extents of the modes of the tensor."""
        return tuple(math.prod(leaves(mode)) for mode in self.layout.shape)

    @property
    def rest(self):
        """The tiles of each mode."""
        return tuple(map(enigma.size, self._rests()))

    def _rests(self):
        for mode, extent in zip(self.tiler, self.extents, strict=True):
            if isinstance(mode, Layout):
                yield enigma.complement(mode, extent)
            else:
                yield Layout(-(-extent // mode), mode)

    @property
    def blocks(self):
        return math.prod(self.rest)

    @property
    def thread_count(self):
        if self.member == "whole":
            return 1
        if self.member == "partition":
            return enigma.size(self.threads)
        return enigma.size(self.tv, mode=[0])

    @property
    def value_count(self):
        if self.member == "partition":
            return math.prod(
                -(-tile // math.prod(leaves(mode)))
                for tile, mode in zip(self.tile, self.threads.shape, strict=True)
            )
        return math.prod(self.tile) if self.member == "whole" else enigma.size(self.tv, mode=[1])

    def apply(self, tensor, thread, block):
        """What a thread has of a tensor."""
        whole = (None,) * len(self.tiler)
        crd = []
        for extent in self.rest[:-1]:
            crd.append(block % extent)
            block = block // extent
        crd.append(block)
        if self.divide == "zipped":
            tile = enigma.zipped_divide(tensor, self.tiler)[(whole, tuple(crd))]
        elif self.divide == "tiled":
            tile = enigma.tiled_divide(tensor, self.tiler)[(whole, *crd)]
        elif self.divide == "flat":
            tile = enigma.flat_divide(tensor, self.tiler)[(*whole, *crd)]
        elif self.divide == "logical":
            tile = enigma.logical_divide(tensor, self.tiler)[tuple((None, c) for c in crd)]
        else:
            tile = enigma.local_tile(tensor, self.tiler, tuple(crd))
        if self.member == "partition":
            tile = enigma.local_partition(tile, self.threads, thread)
        elif self.member != "whole":
            tile = enigma.composition(tile, self.tv)[(thread, None)]
        return RESHAPES[self.reshape](tile)

    def coordinate(self, thread, block, v):
        """Where a value of a thread is in the tensor, leaf by leaf, and whether it exists."""
        if self.member == "partition":
            found = next(
                index for index in range(self.thread_count) if value(self.threads, index) == thread
            )
            sizes = tuple(math.prod(leaves(mode)) for mode in self.threads.shape)
            rests = tuple(-(-t // s) for t, s in zip(self.tile, sizes, strict=True))
            inside = tuple(
                t + r * s
                for t, r, s in zip(digits(found, sizes), digits(v, rests), sizes, strict=True)
            )
        else:
            index = v
            if self.member != "whole":
                index = value(self.tv, thread + self.thread_count * v)
            inside = digits(index, self.tile)
        outside = zip(self._rests(), digits(block, self.rest), strict=True)
        modes = [
            (value(tile, c) if isinstance(tile, Layout) else c) + value(rest, b)
            for tile, c, (rest, b) in zip(self.tiler, inside, outside, strict=True)
        ]
        coords = [
            digit
            for c, mode in zip(modes, self.layout.shape, strict=True)
            for digit in digits(c, leaves(mode))
        ]
        exists = all(c < e for c, e in zip(coords, leaves(self.layout.shape), strict=True))
        return coords, exists and all(c < e for c, e in zip(inside, self.tile, strict=True))


def random_layout(rng, rank):
    """A layout of rank 1 to 3, of any kind."""
    shape = []
    for _ in range(rank):
        if rng.random() < 0.25:
            shape.append((rng.randint(2, 4), rng.randint(1, 5)))
        else:
            shape.append(rng.randint(1, 4) * rng.randint(1, 4) + rng.randint(0, 1))
    extents = leaves(tuple(shape))
    order = rng.sample(range(len(extents)), len(extents))
    strides, step = [0] * len(extents), rng.choice((1, 1, 1, 2))
    for leaf in order:
        strides[leaf] = rng.choice((1, 1, 1, 1, -1, 0)) * step
        step = step * extents[leaf] + rng.choice((0, 0, 1, 3))
    return Layout(tuple(shape), nest(tuple(shape), iter(strides)))


def stacked_layout(rng, rank):
    """A layout of nested modes, whose leaves follow each other as those of a flat one."""
    shape = tuple(
        tuple(rng.randint(2, 5) for _ in range(rng.randint(2, 3)))
        if rng.random() < 0.7
        else rng.randint(2, 12)
        for _ in range(rank)
    )
    strides, step = [0] * rank, rng.choice((1, 1, 2))
    for mode in rng.sample(range(rank), rank):
        strides[mode] = tuple(step * s for s in leaves(Layout(shape[mode]).stride))
        step = step * math.prod(leaves(shape[mode])) + rng.choice((0, 0, 0, 3))
    return Layout(shape, nest(shape, iter(leaves(tuple(strides)))))


def composes(layout, tiler, member, threads, tv):
    """Whether a layout has the tiles, and the part of each that a thread has."""
    try:
        tiles = enigma.zipped_divide(layout, tiler)
        if member == "partition":
            enigma.zipped_divide(enigma.get(tiles, 0), threads.shape)
        if member in ("compose", "tv"):
            enigma.composition(enigma.get(tiles, 0), tv)
    except enigma.EnigmaError:
        return False
    return True


def random_view(rng, uneven=False):
    """A view of at most 16 values a thread, 8 threads and 40 threadgroups.

    If it is uneven, tiles cross the modes that a mode consists of: no layout has the coordinates of
    the elements.
    """
    while True:
        make = stacked_layout if uneven else random_layout
        layout = make(rng, rng.choice((1, 2, 2, 2, 3)))
        extents = [math.prod(leaves(mode)) for mode in layout.shape]
        tiler = tuple(rng.randint(1, min(extent, 6)) for extent in extents)
        if rng.random() < 0.2:
            # Every second element of twice as many.
            tiler = tuple(
                Layout(tile, 2) if extent % (2 * tile) == 0 else tile
                for tile, extent in zip(tiler, extents, strict=True)
            )
        member = rng.choice(MEMBERS)
        if uneven and rng.random() < 0.5:
            # Elements that follow each other across modes, some at a time.
            slowest = max(range(len(extents)), key=lambda i: max(leaves(layout.stride[i])))
            tiler = tuple(
                tile if i == slowest else extent
                for i, (tile, extent) in enumerate(zip(tiler, extents, strict=True))
            )
            member = "compose"
        tile = tuple(enigma.size(mode) if isinstance(mode, Layout) else mode for mode in tiler)
        threads = Layout(1)
        tv = Layout((1, 1))
        if member == "partition":
            shape = tuple(rng.randint(1, min(extent, 3)) for extent in tile)
            order = tuple(rng.sample(range(len(shape)), len(shape)))
            threads = enigma.make_ordered_layout(shape, order)
        elif member == "tv":
            shape = tuple(
                rng.choice([d for d in range(1, extent + 1) if extent % d == 0]) for extent in tile
            )
            values = tuple(t // s for t, s in zip(tile, shape, strict=True))
            orders = [tuple(rng.sample(range(len(shape)), len(shape))) for _ in range(2)]
            _, tv = enigma.make_layout_tv(
                enigma.make_ordered_layout(shape, orders[0]),
                enigma.make_ordered_layout(values, orders[1]),
            )
        elif member == "compose":
            count = math.prod(tile)
            t, v = rng.randint(1, 4), rng.randint(1, 8)
            tv = Layout((t, v), (rng.randint(0, 3), rng.randint(0, 3)))
            if enigma.cosize(tv) > count:
                continue
        # Coordinates are the hardest to compose: none have a common stride.
        coordinates = enigma.make_identity_layout(layout.shape)
        how = (tiler, member, threads, tv)
        if composes(coordinates, *how) == uneven or not composes(layout, *how):
            continue
        divide, reshape = rng.choice(DIVIDES), rng.choice((*RESHAPES,))
        view = View(layout, tiler, divide, member, threads, tv, reshape, uneven)
        if view.value_count <= 16 and view.thread_count <= 8 and view.blocks <= 40:
            return view


def observe(view, A, D, out, thread, block):
    """Write where the elements of a view are: as loaded at once, one by one, and by coordinates."""
    values = view.apply(A, thread, block)
    loaded = values.load()
    view.apply(D, thread, block).store(loaded)
    positions = None
    if not view.uneven:
        positions = view.apply(enigma.make_identity_tensor(A.shape), thread, block)
    count = view.value_count
    total = count * view.thread_count * view.blocks
    for v in range(count):
        slot = v + count * (thread + view.thread_count * block)
        out[slot] = loaded[v]
        out[slot + total] = values[v]
        if positions is not None:
            out[slot + 2 * total] = A.layout(positions[v])


def of_tensors(view, fixed):
    """A jit function over tensors; with coordinates that are numbers, if `fixed`."""

    @enigma.kernel
    def kernel(A, D, out):
        if fixed:
            for block in range(view.blocks):
                for thread in range(view.thread_count):
                    observe(view, A, D, out, thread, block)
        else:
            thread = enigma.thread_index_in_threadgroup()
            block = enigma.threadgroup_position_in_grid.x
            observe(view, A, D, out, thread, block)

    @enigma.jit
    def launch(A, D, out):
        if fixed:
            kernel(A, D, out).launch(grid=1, block=1)
        else:
            kernel(A, D, out).launch(grid=view.blocks, block=view.thread_count)

    return launch


def inner(layout):
    """Whether each extent is that of an inner leaf, on which tiles depend."""
    for mode in layout.shape:
        extents = leaves(mode)
        yield from [True] * (len(extents) - 1)
        yield False


def of_buffers(view, start, known, layout_of=lambda layout: layout):
    """A kernel that makes the tensors, of extents and strides that it reads."""
    static = [*inner(view.layout), *(n in known for n in leaves(view.layout.stride))]

    @enigma.kernel
    def kernel(A: enigma.i32, D: enigma.i32, out: enigma.i32, numbers: enigma.i32):
        flat = (*leaves(view.layout.shape), *leaves(view.layout.stride))
        flat = iter([n if static[i] else numbers[i] for i, n in enumerate(flat)])
        shape = nest(view.layout.shape, flat)
        layout = layout_of(Layout(shape, nest(view.layout.stride, flat)))
        thread = enigma.thread_index_in_threadgroup()
        block = enigma.threadgroup_position_in_grid.x
        tensors = [enigma.make_tensor(memory, layout, start) for memory in (A, D)]
        observe(view, *tensors, out, thread, block)

    return kernel


def symbolic(rng, layout):
    """A layout with symbols for some of its numbers, and what they are."""
    sizes = {}

    def symbol(number, name, static=False):
        if static or number in (0, 1, -1) or rng.random() < 0.3:
            return number
        sizes[name] = number
        divisors = [d for d in range(1, abs(number) + 1) if number % d == 0]
        return dyn(name, div=rng.choice(divisors))

    numbers = zip(leaves(layout.shape), inner(layout), strict=True)
    shape = [symbol(n, f"e{i}", static) for i, (n, static) in enumerate(numbers)]
    stride = [symbol(n, f"s{i}") for i, n in enumerate(leaves(layout.stride))]
    return Layout(nest(layout.shape, iter(shape)), nest(layout.stride, iter(stride))), sizes


BITS, BASE, SHIFT = 2, 1, 3


def swizzled(layout):
    return enigma.swizzle(layout, BITS, BASE, SHIFT)


def swizzled_offset(offset):
    """The offset by definition: some bits change by those that lie above them."""
    return offset ^ (offset & (((1 << BITS) - 1) << (BASE + SHIFT))) >> SHIFT


RANDOM = random.Random(13)
VIEWS = [random_view(RANDOM) for _ in range(100 * EFFORT)]
SYMBOLS = [symbolic(RANDOM, view.layout) for view in VIEWS]
# Sizes that are known at run time only do not tell that leaves follow each other.
VIEWS += [random_view(random.Random(seed), uneven=True) for seed in range(60 * EFFORT)]
# Three elements at a time of a tile that overhangs, whose columns have four.
VIEWS += [
    View(layout, tiler, divide, "compose", Layout(1), tv, reshape, True)
    for layout, tiler, tv in (
        (Layout((4, 5)), (4, 3), Layout((4, 3), (3, 1))),
        (Layout((2, (2, 2), 3)), (2, 4, 2), Layout((2, 5), (5, 1))),
    )
    for divide, reshape in itertools.product(DIVIDES, RESHAPES)
]


def unrolled(view):
    return view.blocks * view.thread_count * view.value_count


def is_swizzled(view):
    """Whether the view is seen through a swizzle too, which needs offsets that are not negative."""
    return min(leaves(view.layout.stride)) >= 0


KERNELS = Kernels()
CASES = []


def add(number, way, kernel, *tensors):
    KERNELS.add((number, way), kernel, *tensors)
    CASES.append((number, way))


for number, view in enumerate(VIEWS):
    start = start_of(view.layout)

    def tensors(layout, start=start, view=view):
        return (
            enigma.Tensor("A", 0, "int", layout, base_offset=start),
            enigma.Tensor("D", 1, "int", layout, base_offset=start),
            enigma.Tensor("out", 2, "int", Layout(3 * unrolled(view))),
        )

    add(number, "static", of_tensors(view, False), *tensors(view.layout))
    if unrolled(view) <= 64:
        add(number, "fixed", of_tensors(view, True), *tensors(view.layout))
    if not view.uneven:
        add(number, "symbolic", of_tensors(view, False), *tensors(SYMBOLS[number][0]))
        add(number, "traced", of_buffers(view, start, ()))
        add(number, "partly traced", of_buffers(view, start, (0, 1, -1)))
    if is_swizzled(view):
        add(number, "swizzled", of_tensors(view, False), *tensors(swizzled(view.layout)))
    if is_swizzled(view) and not view.uneven:
        add(number, "swizzled traced", of_buffers(view, start, (), swizzled))


@pytest.mark.parametrize(("number", "way"), CASES)
def test_elements_of_views(number, way):
    view = VIEWS[number]
    kernel = KERNELS[number, way]
    start = start_of(view.layout)
    last = start + int(places(view.layout).max())
    # A swizzle moves elements within blocks.
    a = np.arange(1, last + 2 + (1 << (BASE + BITS + SHIFT)), dtype=np.int32)
    d = np.zeros_like(a)
    out = np.full(3 * unrolled(view), -1, np.int32)
    flat = (*leaves(view.layout.shape), *leaves(view.layout.stride))
    arguments = [a, d, out]
    if "traced" in way:
        arguments.append(np.array(flat, np.int32))
    elif way == "symbolic":
        arguments += [SYMBOLS[number][1][name] for name in kernel.scalar_params]
    once = way == "fixed"
    harness.run(
        kernel,
        args=arguments,
        grid=1 if once else view.blocks,
        block=1 if once else view.thread_count,
    )

    strides = leaves(view.layout.stride)
    expected, offsets, written = [], [], np.zeros_like(a)
    for block, thread, v in itertools.product(
        range(view.blocks), range(view.thread_count), range(view.value_count)
    ):
        coords, inside = view.coordinate(thread, block, v)
        offset = sum(c * s for c, s in zip(coords, strides, strict=True))
        if "swizzled" in way:
            offset = swizzled_offset(offset)
        offsets.append(offset if inside else None)
        expected.append(start + offset + 1 if inside else 0)
        if inside:
            written[start + offset] = start + offset + 1
    loaded, elements, of_positions = out.reshape(3, -1)
    np.testing.assert_array_equal(loaded, expected)
    np.testing.assert_array_equal(elements, expected)
    if view.uneven:
        np.testing.assert_array_equal(d, written)
        return
    of_positions = [
        o if o1 is not None else None for o, o1 in zip(of_positions, offsets, strict=True)
    ]
    assert of_positions == offsets
    np.testing.assert_array_equal(d, written)
