# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random tables, function constants, and memory that threads share."""

from __future__ import annotations

from collections.abc import Callable

from conformance.random_kernels.elements import Elements
from conformance.random_kernels.machine import GIVEN_SIZE
from conformance.random_kernels.numbers import FLOATS, limits
from conformance.random_kernels.terms import Expr, Interval, Var, whole_range

_NUMPY = {"f32": "float32", "f16": "float16", "b1": "bool_"}
_COPIES = ("async 1d", "async 2d", "async back", "count", "mask", "views")
_LOCAL = "enigma.thread_index_in_threadgroup"


class Memories(Elements):
    """Tables, function constants, threadgroup memory."""

    # Tables.

    def tables(self) -> None:
        """Read tables of numbers."""
        for _ in range(self.random.randint(1, 3)):
            dtype = self.random.choice([name for name in self.dtypes if name != "bf16"] or ["i32"])
            shape = self.random.choice([(5,), (2, 3), (3, 2, 2)])
            home: Interval = (-9.0, 9.0) if dtype in FLOATS else (limits(dtype)[0] // 8, 100)
            name = self.fresh("TABLE")
            self._table(name, dtype, shape, home)
            for _ in range(self.random.randint(1, 3)):
                self._read_table(name, dtype, shape, home)

    def _table(self, name: str, dtype: str, shape: tuple[int, ...], home: Interval) -> None:
        def nested(extents: tuple[int, ...]) -> str:
            if not extents:
                return self.number(dtype, home).text.strip("()")
            return f"[{', '.join(nested(extents[1:]) for _ in range(extents[0]))}]"

        kind = self.random.randrange(3)
        if kind == 0:
            numpy = _NUMPY.get(dtype, dtype.replace("u", "uint").replace("i", "int", 1))
            if dtype[0] == "u":
                numpy = f"uint{dtype[1:]}"
            self.mark("captured array")
            self.preludes.append(
                f"import numpy\n{name} = numpy.array({nested(shape)}, numpy.{numpy})"
            )
        elif kind == 1:
            self.mark("constant_array of the module")
            self.preludes.append(f"{name} = enigma.constant_array({nested(shape)}, enigma.{dtype})")
        else:
            self.mark("constant_array of the kernel")
            self.emit(f"{name} = enigma.constant_array({nested(shape)}, enigma.{dtype})")

    def _read_table(self, name: str, dtype: str, shape: tuple[int, ...], home: Interval) -> None:
        kind = self.random.choice(["traced", "traced", "known", "part", "view"])
        self.mark(f"table: {kind}")
        target = self.slot(dtype)
        if kind == "traced":
            parts = [self.position(extent) for extent in shape]
            parts[-1] = self.index(shape[-1])
            self.emit(f"{target} = {name}[{', '.join(parts)}]")
            new = self.fresh("s")
            self.emit(f"{new} = enigma.metal_cast({name}[{', '.join(parts)}], enigma.{dtype})")
            self.scope.variables.append(Var(new, dtype, 1, home))
        elif kind == "known":
            parts = [str(self.random.randrange(-extent, extent)) for extent in shape]
            number = Expr(f"{name}[{', '.join(parts)}]", dtype, 1, home, False)
            self.emit(f"{target} = {self.typed(number).text}")
        elif kind == "part":
            if len(shape) == 1:
                begin = self.random.randrange(shape[0] - 1)
                part = f"{name}[{begin}:]"
                last = shape[0] - begin
                self.emit(f"{target} = {part}[{self.index(last)}]")
                return
            rest = ", ".join(self.position(extent) for extent in shape[1:-1])
            last_index = self.index(shape[-1])
            subscript = f"{rest}, {last_index}" if rest else last_index
            self.emit(f"{target} = {name}[{self.position(shape[0])}][{subscript}]")
        else:
            columns = shape[-1]
            flat = 1
            for extent in shape[:-1]:
                flat *= extent
            view = f"enigma.make_tensor({name}, enigma.Layout(({flat}, {columns}), ({columns}, 1)))"
            if name.startswith("TABLE"):
                # An array of NumPy is a table where it is one of Enigma's.
                view = view.replace(name, f"enigma.constant_array({name}, enigma.{dtype})", 1)
            self.emit(f"{target} = {view}[{self.position(flat)}, {self.index(columns)}]")

    # Function constants.

    def function_constant(self) -> None:
        """Read a number that the host sets, or does not."""
        self.mark("function constant")
        dtype = self.random.choice([*self.dtypes, "b1"])
        name = self.fresh("k")
        index = len(self.declared)
        self.declared.append(name)
        default = ""
        number = bool(self.random.randrange(2)) if dtype == "b1" else self.random.choice([2, 5])
        if self.chance(0.5):
            self.mark("default of a function constant")
            other = True if dtype == "b1" else 3
            default = f", default={other!r}"
        if not default or self.chance(0.5):
            self.constants[index] = number
        self.emit(f"{name} = enigma.function_constant(enigma.{dtype}, {index}{default})")
        self.scope.variables.append(Var(name, dtype, 1, (0, 1) if dtype == "b1" else (2, 5)))

    def function_constants(self) -> None:
        """Decide by function constants."""
        for _ in range(self.random.randint(1, 3)):
            self.function_constant()
        name = self.random.choice(self.declared)
        self.mark("condition on a function constant")
        dtype = next(v.dtype for v in self.scope.variables if v.name == name)
        self.emit(f"if {name if dtype == 'b1' else f'{name} > 2'}:")
        self.inner(2)

    # Memory that threads share.

    def shared_number(self, dtype: str) -> Expr:
        """What a thread writes."""
        return self.typed(self.of(dtype, 1, 2))

    def read_shared(self, array: str, dtype: str, size: int) -> None:
        """Read an element that some thread has written."""
        index = self.random.choice(
            [f"{size - 1} - {_LOCAL}" if size == self.block else self.index(size), self.index(size)]
        )
        new = self.fresh("h")
        self.emit(f"{new} = {array}[{index}]")
        self.scope.variables.append(Var(new, dtype, 1, whole_range(dtype)))
        self.emit(f"{self.slot(dtype)} = {new}")

    def pipeline_(self) -> None:
        """Fill a stage of a ring while another one is read, in a loop that is not unrolled."""
        if self.chance(0.4):
            self.given_array()
        dtype = self.random.choice(self.dtypes)
        pipe, lap = self.fresh("b"), self.fresh("j")
        stages = self.random.choice((2, 3, 4))
        self.mark("pipeline")
        self.emit(f"{pipe} = enigma.pipeline(enigma.{dtype}, {self.block}, stages={stages})")
        for stage in range(stages - 1):
            value = self.shared_number(dtype)
            self.emit(f"{pipe}.stage({stage})[{_LOCAL}] = {value.text}")
        laps = self.random.choice(["3", "5", "A[0] % 4 + 2"])
        total = self.fresh("s")
        interval = whole_range(dtype)
        self.emit(f"{total} = {self.typed(self.of(dtype, 1, 1)).text}")
        self.emit(f"for {lap} in enigma.range({laps}):")
        self.indent += 1
        self.emit("enigma.barrier()")
        value = self.shared_number(dtype)
        # The stage at the back is not read by anybody.
        self.emit(f"{pipe}.back()[{_LOCAL}] = {value.text}")
        position = self.random.choice(
            [f"{self.block - 1} - {_LOCAL}", f"({_LOCAL} + 5) % {self.block}"]
        )
        self.emit(f"{total} = {pipe}.front()[{position}]")
        self.emit(f"{pipe}.{'swap' if stages == 2 and self.chance(0.5) else 'advance'}()")
        self.indent -= 1
        self.scope.variables.append(Var(total, dtype, 1, interval))
        self.emit(f"{self.slot(dtype)} = {total}")

    def given_array(self) -> None:
        """Share an array that is a parameter."""
        dtype = self.random.choice(self.dtypes)
        name = self.fresh("shared")
        self.given.append(f"{name}: enigma.Threadgroup(enigma.{dtype})")
        self.mark("threadgroup parameter")
        for part in range(GIVEN_SIZE // self.block):
            self.emit(f"{name}[{_LOCAL} + {part * self.block}] = {self.shared_number(dtype).text}")
        self.emit("enigma.barrier()")
        self.read_shared(name, dtype, GIVEN_SIZE)

    def copies(self) -> None:
        """Copy to shared memory, and back."""
        readable = [dtype for dtype in self.dtypes if dtype in self.reads]
        if not readable:
            return self.given_array()
        dtype = self.random.choice(readable)
        source, array, size = f"in_{dtype}", self.fresh("b"), self.block
        self.emit(f"{array} = enigma.threadgroup_alloc(enigma.{dtype}, {size})")
        kind = self.turn(_COPIES)
        self.mark(f"copy: {kind}")
        if kind == "async 1d":
            start = self.random.randint(0, self.threads + 8 - size)
            self.emit(f"w = enigma.async_copy_1d_d2t({array}, 0, {source}, {start}, {size})")
            self.emit("enigma.async_copy_wait(w)")
        elif kind == "async 2d":
            self.emit(
                f"w = enigma.async_copy_2d_d2t({array}, 0, 8, {source}, 3, 9, 8, {size // 8})"
            )
            self.emit("enigma.async_copy_wait(w)")
        elif kind == "async back":
            self.emit(f"{array}[{_LOCAL}] = {self.shared_number(dtype).text}")
            self.emit("enigma.barrier()")
            # Into the elements that the first thread has for it.
            first, count = self.slots.get(dtype, 0), self.random.choice((1, 3, 4))
            self.slots[dtype] = first + count
            start = self.random.choice(["5", "A[0] % 3 + 3"])
            self.emit(
                f"w = enigma.async_copy_1d_t2d(out_{dtype}, {first}, {array}, {start}, {count})"
            )
            self.emit("enigma.async_copy_wait(w)")
        elif kind == "count":
            width = self.random.choice((1, 2, 4))
            text = f"4, {_LOCAL} // 4 * 4, {_LOCAL} // 4 * 4, coalesced_width={width}"
            self.emit(f"if {_LOCAL} % 4 == 0:")
            self.emit(f"    enigma.copy({source}, {array}, {text})")
        elif kind == "mask":
            self.emit(f"{array}[{_LOCAL}] = {self.shared_number(dtype).text}")
            limit = self.random.randint(0, 4)
            self.emit("enigma.barrier()")
            text = f"4, {_LOCAL}, {_LOCAL} * 4, mask_fn=lambda k: k < {limit}"
            self.emit(f"if {_LOCAL} < {size // 4}:")
            self.emit(f"    enigma.copy({source}, {array}, {text})")
        else:
            # Each thread copies its part; read turned, through a swizzle.
            shape = "(4, 8), (8, 1)"
            layout = f"enigma.Layout({shape})"
            swizzled = f"enigma.swizzle({layout}, 2, 0, 3)"
            tile, threads = (
                self.fresh("b"),
                self.random.choice(["(2, 8), (8, 1)", "(4, 4), (1, 4)"]),
            )
            self.mark("swizzle of a layout")
            self.emit(f"{tile} = enigma.make_tensor({array}, {swizzled})")
            parts = [
                f"enigma.local_partition({view}, enigma.Layout({threads}), {_LOCAL} % 16)"
                for view in (f"enigma.make_tensor({source}, {layout}, 2)", tile)
            ]
            self.emit(f"enigma.copy({', '.join(parts)})")
            self.emit("enigma.barrier()")
            turned = f"enigma.select({tile}, 1, 0)"
            self.emit(f"{self.slot(dtype)} = {turned}[{_LOCAL} // 4, {_LOCAL} % 4]")
        self.emit("enigma.barrier()")
        self.read_shared(array, dtype, size)
        return None


def _views(kernel: Memories) -> None:
    for _ in range(kernel.random.randint(3, 6)):
        kernel.view_statement()


def _nothing(kernel: Memories) -> None:
    pass


TOPICS: dict[str, Callable[[Memories], None]] = {
    "views": _views,
    "matrices": Memories.matrices,
    "group matrices": Memories.group_matrices,
    "tiled products": Memories.tiled_products,
    "vector elements": Memories.vector_elements,
    "tables": Memories.tables,
    "function constants": Memories.function_constants,
    "pipeline": Memories.pipeline_,
    "copies": Memories.copies,
    "nothing": _nothing,
}
