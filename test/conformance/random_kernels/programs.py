# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random jit functions, which launch several kernels over tensors with layouts.

The kernels are those of the generator: a tensor of one mode stands wherever a buffer does. Later
ones read what earlier ones have written.
"""

from __future__ import annotations

from typing import Any

from conformance.random_kernels.generator import PRELUDE, Generator
from conformance.random_kernels.layouts import extent
from conformance.random_kernels.numbers import FLOATS, limits
from conformance.random_kernels.terms import Expr, Interval, Scope, ViewVar, whole_range

# So many tensors beside the inputs and outputs.
_MOST_TENSORS = 8


class Programs(Generator):
    """One jit function."""

    def _module(self) -> str:
        self.group = self.atomics = False
        self.views = True
        self.threads = 16
        self.dtypes = self.random.sample(self.dtypes, 3)
        self.tensors: dict[str, tuple[str, str, int]] = {}
        self.known = False
        kernels: list[str] = []
        launches: list[str] = []
        count = self.random.randint(2, 3)
        for number in range(count):
            self._step(f"step{number}", kernels, launches)
        if self.chance(0.3):
            self.mark("a kernel that is launched again")
            launches.append(launches[0])
        self.mark("several launches")
        inputs = [f"in_{name}" for name in self.dtypes]
        outputs = [f"out_{name}" for name in self.slots]
        room = self.threads + 8
        sizes = {f"in_{name}": (name, room) for name in self.dtypes}
        sizes |= {f"out_{name}": (name, self.threads * n) for name, n in self.slots.items()}
        sizes["A"] = ("i32", room)
        layouts = {name: f"enigma.Layout({size})" for name, (_, size) in sizes.items()}
        for name, (dtype, layout, start) in self.tensors.items():
            sizes[name] = dtype, room
            layouts[name] = f"{layout}, base_offset={start}"
        names = ["A", *inputs, *outputs, *self.tensors]
        tensors = [
            f"    enigma.Tensor({name!r}, {index}, enigma.{sizes[name][0]}, {layouts[name]}),"
            for index, name in enumerate(names)
        ]
        every = ", ".join(names)
        text = "\n".join(
            [
                PRELUDE,
                f"THREADS, BLOCK = {self.threads}, {self.block}",
                f"OPTIONS = {self.options!r}",
                f"TENSORS = {sizes!r}",
                "ARGUMENTS = [",
                *tensors,
                "]",
                *kernels,
                "",
                "@enigma.jit",
                f"def kernel({every}):",
                *(f"    {line}" for line in launches),
                "",
            ]
        ).replace("EVERY", every)
        for name, number in self.slots.items():
            text = text.replace(f"COUNT_{name}", str(number))
        return text

    def _step(self, name: str, kernels: list[str], launches: list[str]) -> None:
        """One kernel, and its launch."""
        self.lines, self.indent = [], 1
        self.block = self.random.choice((4, 8, 16))
        self.scope = Scope()
        self.reads = list(self.dtypes)
        self.loops, self.uniform, self.left_early = [], True, False
        parameters, arguments = ["EVERY"], ["EVERY"]
        if self.chance(0.5):
            self.mark("number of the host")
            parameters.append("size")
            arguments.append(str(self.random.randint(1, 5)))
            self.scope.counters.append("size")
        if self.tensors and self.chance(0.7):
            view = self._of_host(self.random.choice(list(self.tensors)))
            if view is not None:
                self.mark("view of the host")
                part = self.fresh("b")
                parameters.append(part)
                arguments.append(view.name)
                self.scope.views.append(
                    ViewVar(part, view.dtype, view.shape, view.interval, False, view.overhangs)
                )
        written = dict(self.slots)
        self.declare(self.random.randint(2, 3))
        self.left = self.random.randint(4, 8)
        for _ in range(self.random.randint(2, 4)):
            self.view_statement()
        self.block_of(self.random.randint(1, 3))
        if written and not self.lines[-1].startswith("    return"):
            dtype = self.random.choice(list(written))
            self.mark("element that an earlier kernel has written")
            place = f"out_{dtype}[i * COUNT_{dtype} + {self.random.randrange(written[dtype])}]"
            earlier = Expr(place, dtype, 1, whole_range(dtype))
            self.emit(f"{self.slot(dtype)} = {self.typed(earlier).text}")
        self.finish()
        kernels += [
            "",
            "@enigma.kernel",
            f"def {name}({', '.join(parameters)}):",
            "    i = enigma.thread_position_in_grid",
            *self.lines,
        ]
        groups = self.threads // self.block
        grid, block = self.random.choice(
            [
                (f"{groups}", f"{self.block}"),
                (f"({groups}, 1, 1)", f"({self.block}, 1, 1)"),
                (f"enigma.ceil_div({self.threads}, {self.block})", f"{self.block}"),
            ]
        )
        launches.append(f"{name}({', '.join(arguments)}).launch(grid={grid}, block={block})")

    def _of_host(self, name: str) -> ViewVar | None:
        """A view that the jit function makes."""
        dtype, layout, _ = self.tensors[name]
        shape = self.shapes_of[layout]
        interval: Interval = (-8.0, 8.0) if dtype in FLOATS else limits(dtype)
        self.known = True
        view = self.derived(ViewVar(name, dtype, shape, interval))
        self.known = False
        return view

    # What is of tensors here.

    def position(self, size: int) -> str:
        """A coordinate: the host knows them all."""
        return str(self.random.randrange(size)) if self.known else super().position(size)

    def _moved(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        # It is for kernels.
        return None if self.known else super()._moved(view)

    @property
    def shapes_of(self) -> dict[str, tuple[Any, ...]]:
        """The shapes of the layouts that there are."""
        return self.__dict__.setdefault("_shapes_of", {})

    def of_shape(self, dtype: str, shape: tuple[Any, ...]) -> ViewVar:
        """A tensor: a new one, or one that there is."""
        interval: Interval = (-8.0, 8.0) if dtype in FLOATS else limits(dtype)
        for name, (own, layout, _) in self.tensors.items():
            if own == dtype and self.shapes_of[layout] == shape:
                return ViewVar(name, dtype, shape, interval)
        if len(self.tensors) == _MOST_TENSORS:
            # All of an input, by modes.
            self.mark("composition")
            text = f"enigma.composition(in_{dtype}, enigma.Layout({shape}))"
            return ViewVar(text, dtype, shape, interval)
        self.mark("tensor with a layout")
        stride, start = self.strides(shape, self.threads + 8)
        name, layout = f"t{len(self.tensors)}", f"enigma.Layout({shape}, {stride})"
        self.tensors[name] = dtype, layout, start
        self.shapes_of[layout] = shape
        return ViewVar(name, dtype, shape, interval)

    def slots_of(self, dtype: str, shape: tuple[Any, ...]) -> ViewVar:
        """Elements of an output, which only this thread has."""
        first = self.slots.get(dtype, 0)
        self.slots[dtype] = first + extent(shape)
        moved = f"enigma.domain_offset(i * COUNT_{dtype} + {first}, out_{dtype})"
        # The first elements, in an order.
        order = list(range(len(shape)))
        self.random.shuffle(order)
        found, step = [0] * len(shape), 1
        for position in order:
            found[position] = step
            step *= extent(shape[position])
        stride = tuple(self._nested(mode, s) for mode, s in zip(shape, found, strict=True))
        text = f"enigma.composition({moved}, enigma.Layout({shape}, {stride}))"
        return ViewVar(text, dtype, shape, whole_range(dtype), writable=True)


def program(seed: int) -> Programs:
    """The jit function of a seed."""
    return Programs(seed)
