# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels built of operations on layouts, lowered, translated, and run together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from layout_ir import (
    Builder,
    Place,
    at,
    at_end,
    build,
    context,
    create,
    integer,
    ir,
    parsed,
)

from conformance import harness
from enigma.layout import Dyn

PIPELINE = "builtin.module(enigma-clean,enigma-to-flat)"
#: Buffer indices that are left for scalars when a kernel has two or three buffers.
MAX_SCALARS = 27
KERNELS_PER_TEXT = 12


@dataclass
class Kernel:
    """A kernel that is being built, or has been; integers of its leaves are its scalars."""

    name: str
    operation: ir.Operation
    place: Place
    num_buffers: int
    scalars: list[int] = field(default_factory=list)
    source: str = ""

    @property
    def arguments(self) -> Sequence[ir.Value]:
        return self.operation.body.arguments

    def leaf(self, values: Mapping[str, int], dyn: Dyn) -> ir.Value:
        """A scalar that will hold the value of a leaf, as an `index`."""
        value = values[dyn.name or ""]
        if value not in self.scalars:
            self.scalars.append(value)
        scalar = self.arguments[self.num_buffers + self.scalars.index(value)]
        return cast("index_cast", scalar, parsed("index"))

    @contextmanager
    def building(self) -> Iterator[None]:
        """Build operations at the end of the kernel."""
        with self.place, at_end(self.operation.body):
            yield

    def builder(self, values: Mapping[str, int]) -> Builder:
        return Builder(lambda dyn: self.leaf(values, dyn))

    def run(self, arrays: Sequence[Any], **launch: Any) -> None:
        padded = self.scalars + [1] * (MAX_SCALARS - len(self.scalars))
        harness.run(self.source, self.name, [*arrays, *padded], **launch)


class Batch:
    """Kernels that are compiled together: `kernel` makes one, `finish` ends them all."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.kernels: list[Kernel] = []
        self._modules: list[ir.Operation] = []
        self._place = Place()

    def kernel(self, *buffers: str) -> Kernel:
        """A kernel with buffers of these element types."""
        with self._place:
            if len(self.kernels) % KERNELS_PER_TEXT == 0:
                self._modules.append(ir.Operation.parse("module {}", context()))
            name = f"{self.label}_{len(self.kernels)}"
            arguments = [f"!enigma.buffer<{element}, device>" for element in buffers]
            arguments += ["i32"] * MAX_SCALARS
            text = ", ".join(
                f"%a{i}: {type} {{enigma.index = {i} : i32"
                + (", enigma.dtype = si32}" if type == "i32" else "}")
                for i, type in enumerate(arguments)
            )
            module = ir.Operation.parse(
                f"enigma.kernel @{name}({text}) {{ enigma.return }}", context()
            )
            operation = module.body.operations[0]
            self._modules[-1].body.append(operation)
            kernel = Kernel(name, operation, self._place, len(buffers))
            self.kernels.append(kernel)
            return kernel

    def finish(self) -> None:
        """Lower and translate all kernels, and have their text compiled when one runs."""
        with self._place:
            pipeline = ir.Pipeline(PIPELINE, context())
            for number, module in enumerate(self._modules):
                pipeline.run(module)
                source = ir.translate_to_msl(module)
                harness.declare(source, self.label)
                first = number * KERNELS_PER_TEXT
                for kernel in self.kernels[first : first + KERNELS_PER_TEXT]:
                    kernel.source = source
        self._modules.clear()


# --- Operations of kernels ------------------------------------------------------------------------


def op(name: str, *operands: ir.Value, result: ir.Type | None = None, **attributes: Any) -> Any:
    """The result of an operation, or the operation itself if it has none."""
    built = build(name, operands, [] if result is None else [result], attributes)
    return built if result is None else built.result


def cast(name: str, value: ir.Value, to: ir.Type) -> ir.Value:
    return op(f"arith.{name}", value, result=to)


def constant(value: int) -> ir.Value:
    return op("arith.constant", result=parsed("index"), value=integer("index", value))


def position(query: str) -> ir.Value:
    """The x of a query such as `thread_position_in_grid`, an `index`."""
    i32 = parsed("i32")
    x = ir.Attribute.parse("#enigma<dimension x>", context())
    return cast("index_castui", op(f"enigma.{query}", result=i32, dimension=x), parsed("index"))


@contextmanager
def if_less(a: ir.Value, bound: int) -> Iterator[None]:
    """What is built inside is done where `a`, not negative, is less than `bound`."""
    predicate = integer("i64", 6)
    i1 = parsed("i1")
    condition = op("arith.cmpi", a, constant(bound), result=i1, predicate=predicate)
    branch = build("scf.if", [condition], regions=2)
    _, point, _ = ir.append_block(branch, 0, (), ())
    with at(point):
        yield
        op("scf.yield")


def int_tuple(text: str, *leaves: ir.Value) -> ir.Value:
    return op("enigma.make_int_tuple", *leaves, result=parsed(f"!enigma.int_tuple<{text}>"))


def make_tensor(buffer: ir.Value, layout: ir.Value, offset: int) -> ir.Value:
    return create("make_tensor", buffer, layout, constant(offset))[0]


def sample(count: int) -> Any:
    """Numbers that tell where they stand."""
    return np.arange(count, dtype=np.int32)
