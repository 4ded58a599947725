# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels built of operations on layouts, lowered, translated, and run together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from layout_ir import Builder, create, ir, make_context

from conformance import harness
from enigma._mlir._mlir_libs import _enigma
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
    num_buffers: int
    scalars: list[int] = field(default_factory=list)
    source: str = ""

    @property
    def arguments(self) -> Sequence[ir.Value]:
        return self.operation.regions[0].blocks[0].arguments

    def leaf(self, values: Mapping[str, int], dyn: Dyn) -> ir.Value:
        """A scalar that will hold the value of a leaf, as an `index`."""
        value = values[dyn.name or ""]
        if value not in self.scalars:
            self.scalars.append(value)
        scalar = self.arguments[self.num_buffers + self.scalars.index(value)]
        return cast("index_cast", scalar, ir.IndexType.get())

    @contextmanager
    def building(self) -> Iterator[None]:
        """Build operations at the end of the kernel."""
        block = self.operation.regions[0].blocks[0]
        with (
            self.operation.context,
            ir.Location.unknown(),
            ir.InsertionPoint.at_block_terminator(block),
        ):
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
        self._modules: list[ir.Module] = []
        self._context = make_context()

    def kernel(self, *buffers: str) -> Kernel:
        """A kernel with buffers of these element types."""
        with self._context, ir.Location.unknown():
            if len(self.kernels) % KERNELS_PER_TEXT == 0:
                self._modules.append(ir.Module.create())
            name = f"{self.label}_{len(self.kernels)}"
            arguments = [f"!enigma.buffer<{element}, device>" for element in buffers]
            arguments += ["i32"] * MAX_SCALARS
            text = ", ".join(
                f"%a{i}: {type} {{enigma.index = {i} : i32"
                + (", enigma.dtype = si32}" if type == "i32" else "}")
                for i, type in enumerate(arguments)
            )
            operation = ir.Operation.parse(
                f"enigma.kernel @{name}({text}) {{ enigma.return }}"
            ).operation
            self._modules[-1].body.append(operation)
            kernel = Kernel(name, operation, len(buffers))
            self.kernels.append(kernel)
            return kernel

    def finish(self) -> None:
        """Lower and translate all kernels, and have their text compiled when one runs."""
        with self._context:
            pipeline = _enigma.Pipeline(PIPELINE)
            for number, module in enumerate(self._modules):
                pipeline.run(module.operation)
                source = _enigma.translate_to_msl(module.operation)
                harness.declare(source, self.label)
                first = number * KERNELS_PER_TEXT
                for kernel in self.kernels[first : first + KERNELS_PER_TEXT]:
                    kernel.source = source
        self._modules.clear()


# --- Operations of kernels ------------------------------------------------------------------------


def op(name: str, *operands: ir.Value, result: ir.Type | None = None, **attributes: Any) -> Any:
    """The result of an operation, or the operation itself if it has none."""
    built = ir.Operation.create(
        name,
        results=[] if result is None else [result],
        operands=list(operands),
        attributes=attributes,
    )
    return built if result is None else built.result


def cast(name: str, value: ir.Value, to: ir.Type) -> ir.Value:
    return op(f"arith.{name}", value, result=to)


def constant(value: int) -> ir.Value:
    index = ir.IndexType.get()
    return op("arith.constant", result=index, value=ir.IntegerAttr.get(index, value))


def position(query: str) -> ir.Value:
    """The x of a query such as `thread_position_in_grid`, an `index`."""
    i32 = ir.IntegerType.get_signless(32)
    x = ir.Attribute.parse("#enigma<dimension x>")
    return cast("index_castui", op(f"enigma.{query}", result=i32, dimension=x), ir.IndexType.get())


@contextmanager
def if_less(a: ir.Value, bound: int) -> Iterator[None]:
    """What is built inside is done where `a`, not negative, is less than `bound`."""
    predicate = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), 6)
    i1 = ir.IntegerType.get_signless(1)
    condition = op("arith.cmpi", a, constant(bound), result=i1, predicate=predicate)
    branch = ir.Operation.create("scf.if", operands=[condition], regions=2)
    block = branch.regions[0].blocks.append()
    with ir.InsertionPoint(block):
        yield
        op("scf.yield")


def int_tuple(text: str, *leaves: ir.Value) -> ir.Value:
    return op("enigma.make_int_tuple", *leaves, result=ir.Type.parse(f"!enigma.int_tuple<{text}>"))


def make_tensor(buffer: ir.Value, layout: ir.Value, offset: int) -> ir.Value:
    return create("make_tensor", buffer, layout, constant(offset))[0]


def sample(count: int) -> Any:
    """Numbers that tell where they stand."""
    return np.arange(count, dtype=np.int32)
