# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls what the tensors of a kernel offer, at random, with arguments that fit and that do not.

Only errors of Enigma may come out, and each names a line of this file. Run as
``tensor_fuzz.py SEED COUNT [OPTIONS]``; it prints each seed first, so that the last line of a
process that died tells which one it was.
"""

from __future__ import annotations

import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import enigma
from enigma import Layout
from enigma.tracing.values import Value

SYMBOLS = (enigma.dyn("n", div=4), enigma.dyn("m"))
DTYPES = ("float", "float", "float", "half", "int", "uint", "b1")

JUNK: tuple[Any, ...] = (
    None, "x", "", b"x", 1.5, -1, 0, 2**31, 2**63, 2**80, True, (), [], {}, (0,), ((),), [[0], 1],
    object(), lambda: 0, int, enigma.f32, enigma.Layout, enigma, np.ones(3), np.float32(2),
    slice(1), Ellipsis, 1j, float("nan"), float("inf"), enigma.dyn(None), enigma.dyn("stranger"),
    Layout((3, 5), (7, 1)), Layout((2, (2, 2)), (1, (8, 2))), Layout(4, -1),
    enigma.SwizzledLayout(enigma.Swizzle(1, 0, 2), 0, Layout((4, 4))), enigma.Swizzle(1, 0, 1),
    enigma.make_identity_layout((4, 4)), enigma.Tensor("Z", 9, "float", Layout((4, 4))),
    range(3), {1, 2}, "float", "add", enigma.i32,
)  # fmt: skip


class Fuzz:
    """One kernel: the things it has so far, by kind, and the choices that it takes."""

    def __init__(self, seed: int, wrong: float) -> None:
        self.rng = random.Random(seed)
        self.wrong = wrong
        self.log: list[str] = []
        self.refused: list[enigma.EnigmaError] = []
        self.things: dict[str, list[Any]] = {}

    def keep(self, thing: Any) -> None:
        """Put a result where later steps find it."""
        if isinstance(thing, enigma.Tensor):
            kind = "tensor"
        elif isinstance(thing, enigma.IdentityTensor):
            kind = "identity"
        elif isinstance(thing, enigma.Fragment):
            kind = "mask" if thing.dtype is enigma.b1 else "fragment"
        elif isinstance(thing, (Layout, enigma.SwizzledLayout)):
            kind = "layout"
        elif isinstance(thing, tuple):
            for part in thing:
                self.keep(part)
            return
        elif isinstance(thing, Value) and thing.lanes == 1:
            kind = "integer" if thing.dtype.kind in "iu" else "scalar"
        else:
            return
        self.things.setdefault(kind, []).append(thing)

    def pick(self, *kinds: str) -> Any:
        """Choose one of the things of some kinds, junk now and then."""
        if self.rng.random() < self.wrong:
            return self.anything()
        known = [thing for kind in kinds for thing in self.things.get(kind, ())]
        return self.rng.choice(known) if known else self.anything()

    def sure(self, *kinds: str) -> Any:
        """Choose one of the things of some kinds, which have the methods that a step calls."""
        return self.rng.choice([thing for kind in kinds for thing in self.things.get(kind, ())])

    def anything(self) -> Any:
        """Choose anything at all."""
        everything = [thing for things in self.things.values() for thing in things]
        return self.rng.choice(JUNK if self.rng.random() < 0.6 or not everything else everything)

    # Arguments.

    def integer(self, limit: int = 5) -> Any:
        chance = self.rng.random()
        if chance < self.wrong:
            return self.anything()
        if chance < 0.8:
            return self.rng.randrange(limit)
        if chance < 0.9:
            return self.rng.choice(SYMBOLS)
        return self.pick("integer")

    def extent(self) -> Any:
        chance = self.rng.random()
        if chance < self.wrong / 2:
            return self.anything()
        if chance < 0.9:
            return self.rng.choice((1, 2, 2, 3, 4, 4, 8))
        return self.rng.choice(SYMBOLS) if chance < 0.95 else self.pick("integer")

    def shape(self, depth: int = 0) -> Any:
        if depth == 2 or self.rng.random() < 0.3:
            return self.extent()
        return tuple(self.shape(depth + 1) for _ in range(self.rng.randint(1, 3)))

    def layout(self) -> Any:
        chance = self.rng.random()
        if chance < self.wrong:
            return self.anything()
        if chance < 0.2:
            return self.pick("layout")
        shape = self.shape()
        if chance < 0.6:
            return Layout(shape)
        order = random.Random(self.rng.random())
        plain = Layout(shape)
        stride = mapped(plain.stride, lambda d: order.choice((d, d, 0, 1, 4, -1)))
        made = Layout(plain.shape, stride)
        return enigma.swizzle(made, 1, 0, 2) if chance > 0.95 else made

    def tiler(self) -> Any:
        chance = self.rng.random()
        if chance < self.wrong:
            return self.anything()
        if chance < 0.5:
            return tuple(self.tile() for _ in range(self.rng.choice((1, 2, 2, 3))))
        return self.tile()

    def tile(self) -> Any:
        chance = self.rng.random()
        if chance < 0.7:
            return self.extent()
        return None if chance < 0.8 else self.layout()

    def coordinate(self, shape: Any) -> Any:
        chance = self.rng.random()
        if chance < self.wrong:
            return self.anything()
        if isinstance(shape, tuple) and chance < 0.9:
            return tuple(self.coordinate(mode) for mode in shape)
        return None if chance < 0.5 else self.integer(3)

    def element(self, shape: Any) -> Any:
        """A coordinate without None."""
        if isinstance(shape, tuple) and self.rng.random() < 0.9:
            return tuple(self.element(mode) for mode in shape)
        return self.integer(3)

    def mask(self) -> Any:
        return None if self.rng.random() < 0.7 else self.pick("mask")

    def value(self) -> Any:
        return self.pick("fragment", "scalar", "integer", "mask")

    def shape_of(self, thing: Any) -> Any:
        return getattr(thing, "shape", 4)

    # Steps.

    def step(self) -> tuple[str, Callable[..., Any], tuple[Any, ...]]:
        """Choose a function and its arguments."""
        rng = self.rng
        name = rng.choice(STEPS)
        t = self.pick("tensor", "identity") if rng.random() < 0.5 else self.pick("tensor")
        shape = self.shape_of(t)
        simple: dict[str, Callable[[], tuple[Any, ...]]] = {
            "local_tile": lambda: (t, self.tiler(), self.coordinate((4, 4))),
            "local_partition": lambda: (t, self.layout(), self.integer()),
            "tensor_composition": lambda: (t, self.layout(), shape),
            "composition": lambda: (t, self.layout() if rng.random() < 0.5 else self.tiler()),
            "coalesce": lambda: (t, rng.choice((None, self.shape()))),
            "flatten": lambda: (t,),
            "group_modes": lambda: (t, self.integer(3), self.integer(3)),
            "take": lambda: (t, self.integer(2), self.integer(4)),
            "select": lambda: (t, *[self.integer(3) for _ in range(rng.randint(0, 3))]),
            "get": lambda: (t, *[self.integer(2) for _ in range(rng.randint(0, 2))]),
            "size": lambda: (t, rng.choice((None, [self.integer(2)], self.integer(2)))),
            "cosize": lambda: (t,),
            "rank": lambda: (t,),
            "slice": lambda: (t, self.coordinate(shape)),
            "make_tensor": lambda: (
                self.pick("memory"),
                self.layout(),
                *([] if rng.random() < 0.5 else [self.integer()]),
            ),
            "make_identity_tensor": lambda: (self.shape(),),
            "in_bounds": lambda: (
                i := self.pick("identity"),
                mapped(getattr(getattr(i, "root", i), "shape", 4), lambda _: self.extent()),
            ),
            "make_fragment": lambda: (
                self.shape(),
                rng.choice(DTYPES) if rng.random() > self.wrong else self.anything(),
                rng.choice((0, 1)) if rng.random() < 0.6 else self.value(),
            ),
            "copy": lambda: (t, self.pick("tensor"), self.mask()),
            "load_if": lambda: (t, self.element(shape), self.condition(), self.number()),
            "store_if": lambda: (t, self.element(shape), self.value(), self.condition()),
            "where": lambda: (self.value(), self.value(), self.pick("mask", "mask", "scalar")),
            "fma": lambda: (self.value(), self.value(), self.value()),
            "sqrt": lambda: (self.value(),),
            "imin": lambda: (self.value(), self.value()),
            "clamp": lambda: (self.value(), self.number(), self.number()),
            "crd2idx": lambda: (self.element(shape), getattr(t, "layout", t)),
            "idx2crd": lambda: (self.integer(9), shape),
            "Layout": lambda: (self.shape(), rng.choice((None, self.shape()))),
            "zipped_product": lambda: (self.layout(), self.tiler()),
            "make_layout_tv": lambda: (self.layout(), self.layout()),
            "recast_layout": lambda: (rng.choice((8, 16, 32)), 16, self.layout()),
            "max_common_vector": lambda: (self.layout(), self.layout()),
            "threadgroup_alloc": lambda: (rng.choice(DTYPES), self.extent()),
            "register_tensor": lambda: (self.extent(), rng.choice(DTYPES), 0),
            "atomic_fetch_add": lambda: (t, self.element(shape), self.value()),
            "atomic_store": lambda: (t, self.element(shape), self.value()),
        }
        if name.endswith("_divide"):
            return name, getattr(enigma, name), (t, self.tiler())
        if name in simple:
            return name, getattr(enigma, name), simple[name]()
        t = self.sure("tensor", "tensor", "identity")
        shape = t.shape
        member: dict[str, Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]] = {
            "[]": lambda: (lambda a, c: a[c], (t, self.coordinate(shape))),
            "[]=": lambda: (assign, (t, self.coordinate(shape), self.value())),
            ".load": lambda: (lambda a, m: a.load(m), (t, self.mask())),
            ".store": lambda: (lambda a, v, m: a.store(v, m), (t, self.value(), self.mask())),
            ".element": lambda: (lambda a, c: a[c], (t, self.element(shape))),
            ".size": lambda: (lambda a, m: a.size(m), (t, rng.choice((None, self.integer(3))))),
            ".call": lambda: (lambda a, c: a.layout(c), (t, self.element(shape))),
            "f[]": lambda: (
                lambda f, c: f[c],
                (f := self.sure("fragment"), self.element(f.shape)),
            ),
            ".to": lambda: (
                lambda f, d: f.to(d),
                (self.sure("fragment", "integer"), rng.choice(DTYPES)),
            ),
            ".reduce": lambda: (
                lambda f, o: f.reduce(o),
                (self.sure("fragment"), rng.choice(("add", "mul", "min", "max", "sum", None))),
            ),
            "operator": lambda: (
                rng.choice(OPERATORS),
                (
                    self.sure("fragment", "integer", "tensor"),
                    self.value() if rng.random() < 0.8 else self.number(),
                ),
            ),
            "integers": lambda: (
                rng.choice(OPERATORS),
                (rng.choice((*SYMBOLS, self.sure("integer"))), self.integer(9)),
            ),
        }
        return name, *member[name]()

    def condition(self) -> Any:
        return self.rng.random() < 0.5 if self.rng.random() < 0.5 else self.pick("mask", "scalar")

    def number(self) -> Any:
        return self.rng.choice((0, 1, 2, 0.5)) if self.rng.random() < 0.8 else self.value()

    def block(self, steps: int, depth: int) -> None:
        """Take some steps, some of them in loops and branches."""
        for _ in range(steps):
            chance = self.rng.random()
            if depth < 2 and chance < 0.06:
                self.log.append(f"{'  ' * depth}for")
                with enigma.for_range(0, self.integer(), 1) as i:
                    self.keep(i)
                    self.block(steps // 2, depth + 1)
            elif depth < 2 and chance < 0.12:
                self.log.append(f"{'  ' * depth}if")
                with enigma.if_(self.pick("scalar", "integer")) as (then, other):
                    with then:
                        self.block(steps // 2, depth + 1)
                    with other:
                        self.block(steps // 3, depth + 1)
            else:
                name, function, arguments = self.step()
                self.log.append(f"{'  ' * depth}{name} {short(arguments)}")
                try:
                    self.keep(function(*arguments))
                except enigma.EnigmaError as error:
                    # What is refused leaves no trace in the kernel.
                    self.refused.append(error)

    def compile(self) -> Any:
        """Make a kernel and compile it."""
        rng = self.rng
        tensors = []
        for index in range(rng.randint(1, 4)):
            layout = rng.choice(LAYOUTS)
            space = "constant" if rng.random() < 0.1 else "device"
            tensors.append(enigma.Tensor(f"T{index}", index, rng.choice(DTYPES), layout, 0, space))
        names = enigma.Tensor("N", 8, "int", Layout(SYMBOLS, (SYMBOLS[1], 1)))

        @enigma.kernel
        def kernel(tensors, names):
            for tensor in tensors:
                self.keep(tensor)
            self.keep(names)
            self.keep(enigma.make_identity_tensor((8, 8)))
            self.keep(enigma.arch.thread_idx())
            self.keep(names[0, 0] > 0)
            self.keep(enigma.make_fragment((4, 4)))
            self.things["memory"] = [
                enigma.threadgroup_alloc("float", 64),
                enigma.register_tensor(32),
            ]
            self.block(rng.randint(1, 14), 0)

        @enigma.jit
        def run(tensors, names):
            kernel(tensors, names).launch(grid=1, block=32)

        return enigma.compile(run, tensors, names, vec_width=rng.choice((0, 0, 2, 4)))


def assign(thing: Any, position: Any, value: Any) -> None:
    """Assign an element or a part."""
    thing[position] = value


def mapped(tree: Any, function: Callable[[Any], Any]) -> Any:
    """Change the leaves of a nested tuple."""
    if isinstance(tree, tuple):
        return tuple(mapped(mode, function) for mode in tree)
    return function(tree)


def short(thing: Any) -> str:
    """Show arguments, as far as they can be."""
    try:
        return repr(thing)[:200]
    except Exception:
        return "..."


OPERATORS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a // b,
    lambda a, b: a % b,
    lambda a, b: a & b,
    lambda a, b: a << b,
    lambda a, b: a**b,
    lambda a, b: a < b,
    lambda a, b: a >= b,
    lambda a, b: a == b,
    lambda a, b: a != b,
    lambda a, b: -a if b is None else abs(a),
)

LAYOUTS = (
    Layout((8, 8), (8, 1)),
    Layout((8, 8)),
    Layout(32),
    Layout((10, 6), (6, 1)),
    Layout((4, 4, 4), (16, 4, 1)),
    Layout(((2, 4), 8), ((1, 16), 2)),
    Layout((4, 4), (0, 1)),
    Layout((SYMBOLS[0], 8), (8, 1)),
    Layout((SYMBOLS[0], SYMBOLS[1]), (SYMBOLS[1], 1)),
    enigma.swizzle(Layout((8, 8), (8, 1)), 2, 0, 3),
)

STEPS = """
    zipped_divide logical_divide tiled_divide flat_divide tensor_zipped_divide local_tile
    local_partition tensor_composition composition coalesce flatten group_modes take select get
    size cosize rank slice make_tensor make_identity_tensor in_bounds make_fragment copy load_if
    store_if where fma sqrt imin clamp crd2idx idx2crd Layout zipped_product make_layout_tv
    recast_layout max_common_vector threadgroup_alloc register_tensor atomic_fetch_add
    atomic_store [] [] []= .load .load .store .store .element .size .call f[] .to .reduce operator
    operator integers
""".split()  # noqa: SIM905


def run(seed: int, count: int, verbose: bool = False, summary: bool = False) -> int:
    """Fuzz; give the number of kernels that raised what they must not."""
    failures = 0
    outcomes: Counter[str] = Counter()
    for number in range(seed, seed + count):
        print(f"seed {number}", flush=True)
        fuzz = Fuzz(number, 0.02 if number % 2 else 0.15)
        try:
            fuzz.compile()
            outcomes["compiled"] += 1
        except enigma.EnigmaError as error:
            fuzz.refused.append(error)
        except Exception:
            failures += 1
            print(*fuzz.log, traceback.format_exc(), sep="\n")
        for error in fuzz.refused:
            outcomes[f"{type(error).__name__}: {error.summary[:70]}" if summary else "refused"] += 1
            named = error.location is not None and error.location.filename == __file__
            failures += not named
            if verbose or not named:
                print(*fuzz.log, error, sep="\n")
    for outcome, times in sorted(outcomes.items()):
        print(times, outcome)
    return failures


if __name__ == "__main__":
    options = sys.argv[3:]
    sys.exit(1 if run(int(sys.argv[1]), int(sys.argv[2]), "-v" in options, "-s" in options) else 0)
