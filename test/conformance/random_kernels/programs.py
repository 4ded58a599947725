# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random jit functions, which launch several kernels over tensors with layouts.

The kernels are those of the generator: a tensor of one mode stands wherever a buffer does. Later
ones read what earlier ones have written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.random_kernels.generator import PRELUDE, Generator
from conformance.random_kernels.layouts import extent
from conformance.random_kernels.terms import Expr, Scope, ViewVar, given_range, whole_range

# So many tensors beside the inputs and outputs.
_MOST_TENSORS = 8


@dataclass
class HostTensor:
    """A tensor that the jit function is given."""

    dtype: str
    # None where only a launch knows it.
    shape: tuple[Any, ...] | None
    # As text.
    layout: str
    start: int


class Programs(Generator):
    """One jit function."""

    def _module(self) -> str:
        self.group = self.atomics = False
        self.views = True
        self.threads = 16
        self.dtypes = self.random.sample(self.dtypes, 3)
        self.tensors: dict[str, HostTensor] = {}
        # What is known when it is launched.
        self.sizes: dict[str, int] = {}
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
        if self.chance(0.5):
            self.mark("size of an array")
            self.sizes["count"] = room
            for name in ("A", *inputs):
                layouts[name] = 'enigma.Layout(enigma.dyn("count"))'
        for name, tensor in self.tensors.items():
            sizes[name] = tensor.dtype, room
            layouts[name] = f"{tensor.layout}, base_offset={tensor.start}"
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
                f"SIZES = {self.sizes!r}",
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
        known = [name for name, tensor in self.tensors.items() if tensor.shape]
        if known and self.chance(0.7):
            view = self._of_host(self.random.choice(known))
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
        tensor = self.tensors[name]
        assert tensor.shape is not None
        self.known = True
        view = self.derived(ViewVar(name, tensor.dtype, tensor.shape, given_range(tensor.dtype)))
        self.known = False
        return view

    # What is of tensors here.

    def position(self, size: int) -> str:
        """A coordinate: the host knows them all."""
        return str(self.random.randrange(size)) if self.known else super().position(size)

    def _moved(self, view: ViewVar) -> tuple[str, tuple[Any, ...], bool] | None:
        # It is for kernels.
        return None if self.known else super()._moved(view)

    def of_shape(self, dtype: str, shape: tuple[Any, ...]) -> ViewVar:
        """A tensor: a new one, or one that there is."""
        interval = given_range(dtype)
        for name, tensor in self.tensors.items():
            if (tensor.dtype, tensor.shape) == (dtype, shape):
                return ViewVar(name, dtype, shape, interval)
        if len(self.tensors) == _MOST_TENSORS:
            # All of an input, by modes.
            self.mark("composition")
            text = f"enigma.composition(in_{dtype}, enigma.Layout({shape}))"
            return ViewVar(text, dtype, shape, interval)
        self.mark("tensor with a layout")
        stride, start = self.strides(shape, self.threads + 8)
        name = self._tensor(HostTensor(dtype, shape, f"enigma.Layout({shape}, {stride})", start))
        return ViewVar(name, dtype, shape, interval)

    def _tensor(self, tensor: HostTensor) -> str:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = tensor
        return name

    def view_text(self, memory: str, layout: str, start: str) -> str:
        """A view of a buffer: of a tensor of one mode."""
        return f"enigma.composition(enigma.domain_offset({start}, {memory}), {layout})"

    # Sizes that only a launch knows.

    def view_statement(self) -> None:
        """A statement about views."""
        if self.function or len(self.tensors) == _MOST_TENSORS or not self.chance(0.2):
            return super().view_statement()
        return self._sized()

    def _sized(self) -> None:
        """Read a tensor whose sizes the host knows."""
        self.mark("tensor with a size of the host")
        shape = self.random.choice([(4, 4), (3, 5), (5, 4), (2, 8)])
        sized, size = self.random.randrange(2), self.fresh("size")
        self.sizes[size] = shape[sized]
        modes = list(map(str, shape))
        modes[sized] = f'enigma.dyn("{size}")'
        stride = self.random.choice([f"{modes[1]}, 1", f"1, {modes[0]}"])
        layout = f"enigma.Layout(({', '.join(modes)}), ({stride}))"
        dtype = self.random.choice(self.dtypes)
        start = self.random.randint(0, self.threads + 8 - extent(shape))
        name = self._tensor(HostTensor(dtype, None, layout, start))
        places = ", ".join(map(self.position, shape))
        self.emit(f"{self.slot(dtype)} = {name}[{places}]")
        text = self.random.choice([f"{name}.shape[{sized}]", f"enigma.size({name}, {sized})"])
        self.emit(f"{self.slot('i32')} = enigma.metal_cast({text}, enigma.i32)")
        places = ", ".join(self.position(mode + 2) for mode in shape)
        self.emit(f"{self.slot('b1')} = enigma.elem_less(({places}), {name}.shape)")
        # What is known of its tiles is known of those of others.
        tile = self._local_tile(ViewVar(name, dtype, shape, given_range(dtype)), sized)
        assert tile is not None
        text, tile_shape, overhangs = tile
        # Of no tile of more is it known whether it divides the mode.
        overhangs = overhangs or tile_shape[sized] > 1
        if extent(tile_shape) > 1:
            view = ViewVar(text, dtype, tile_shape, given_range(dtype), False, overhangs)
            self.scope.views.append(self.named(view))


def program(seed: int) -> Programs:
    """The jit function of a seed."""
    return Programs(seed)
