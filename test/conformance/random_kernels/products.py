# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random matrices, of a thread and of a SIMD group, whose elements are small whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.random_kernels.numbers import FLOATS
from conformance.random_kernels.terms import Var
from conformance.random_kernels.views import Views

# Up to here a float has all whole numbers.
_WHOLE = {"f32": 1 << 22, "f16": 1 << 10, "bf16": 1 << 7}
_NAMES = {"f32": "float", "f16": "half"}
_OPERATORS = ("+", "-", "*", "number", "scalar", "map", "map of two", "-m")
_PRODUCTS = ("@", "matmul", "@ column", "row @", "transpose", "det", "@")
_GROUP_OPERATORS = ("+", "-", "*", "number", "map", "map of two", "to")
SIZE = 8


@dataclass
class MatrixVar:
    """A matrix whose elements are whole numbers up to a bound."""

    name: str
    dtype: str
    columns: int
    rows: int
    bound: int
    # Whether the function makes it, so that parts of it may be assigned.
    is_made: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """How many columns and rows."""
        return self.columns, self.rows


class Products(Views):
    """Matrices."""

    def whole(self, dtype: str, lanes: int = 1) -> str:
        """A whole number from -3 to 3, of the kernel."""
        if self.chance(0.3) and lanes == 1:
            return str(float(self.random.randint(-3, 3)))
        value = self.typed(self.of(dtype, lanes, 1, (-3.0, 3.0)))
        return f"enigma.rint({value.text})"

    # Matrices of a thread.

    def matrices(self) -> None:
        """Make matrices, compute with them, and store their elements."""
        found = [self.matrix() for _ in range(self.random.randint(2, 3))]
        for make, kinds in ((self._with_another, _OPERATORS), (self._product, _PRODUCTS)):
            made = make(found, self.turn(kinds))
            found += [made] if made is not None else []
        for _ in range(self.random.randint(4, 8)):
            made = self.random.choice(
                [self._with_another, self._product, self._changed, self._carried, self._chosen]
            )(found)
            if made is not None:
                found.append(made)
        for matrix in found[-3:]:
            self._stored(matrix)

    def matrix(self, dtype: str = "", columns: int = 0, rows: int = 0) -> MatrixVar:
        """Make a matrix of its columns, or of its elements."""
        dtype = dtype or self.random.choice(("f32", "f16"))
        columns, rows = columns or self.random.choice((2, 3, 4)), rows or self.random.choice((2, 3))
        name = self.fresh("m")
        kind = self.random.randrange(3)
        parts = [[self.whole(dtype) for _ in range(rows)] for _ in range(columns)]
        tuples = ", ".join(f"({', '.join(part)})" for part in parts)
        maker = f"make_{_NAMES[dtype]}{columns}x{rows}"
        if kind == 0:
            self.mark("make_matrix")
            self.emit(f"{name} = enigma.make_matrix({tuples}, dtype=enigma.{dtype})")
        elif kind == 1:
            self.mark("make_float2x3 of columns")
            first = self.whole(dtype, rows)
            others = ", ".join(f"({', '.join(part)})" for part in parts[1:])
            self.emit(f"{name} = enigma.{maker}({first}, {others})")
        else:
            self.mark("make_float2x3 of elements")
            elements = ", ".join(element for part in parts for element in part)
            self.emit(f"{name} = enigma.{maker}({elements})")
        return MatrixVar(name, dtype, columns, rows, 3, is_made=True)

    def _assigned(self, text: str, like: MatrixVar, bound: int) -> MatrixVar | None:
        if bound > _WHOLE[like.dtype]:
            return None
        name = self.fresh("m")
        self.emit(f"{name} = {text}")
        return MatrixVar(name, like.dtype, like.columns, like.rows, bound)

    def _with_another(self, found: list[MatrixVar], kind: str = "") -> MatrixVar | None:
        """An operator on each element."""
        a = self.random.choice(found)
        same = [m for m in found if (m.dtype, m.shape) == (a.dtype, a.shape)]
        other = self.random.choice(same)
        kind = kind or self.random.choice(_OPERATORS)
        bound = {"*": a.bound * other.bound, "number": 3 * a.bound, "scalar": a.bound + 3}.get(
            kind, a.bound + other.bound + 2
        )
        if bound > _WHOLE[a.dtype]:
            return None
        self.mark(f"matrix {kind}")
        if kind in "+-*":
            text = f"({a.name} {kind} {other.name})"
        elif kind == "number":
            left, right = a.name, str(self.random.choice([-2, 2.0, 3]))
            text = f"{left} * {right}" if self.chance(0.5) else f"{right} * {left}"
        elif kind == "scalar":
            scalar = f"{self.whole(a.dtype)}"
            text = self.random.choice([f"{a.name} + {scalar}", f"{scalar} - {a.name}"])
        elif kind == "map":
            text = f"{a.name}.map(lambda c: enigma.abs(c) + 1.0)"
        elif kind == "map of two":
            text = f"{a.name}.map(lambda c, d: c - d, {other.name})"
        else:
            text = f"-{a.name}"
        return self._assigned(text, a, bound)

    def _product(self, found: list[MatrixVar], kind: str = "") -> MatrixVar | None:
        """A product, a transpose or a determinant."""
        a = self.random.choice(found)
        kind = kind or self.random.choice(_PRODUCTS)
        self.mark(f"matrix {kind}")
        if kind == "transpose":
            turned = MatrixVar("", a.dtype, a.rows, a.columns, 0)
            return self._assigned(f"enigma.transpose({a.name})", turned, a.bound)
        if kind == "det":
            if a.bound > 12:
                a = self.matrix("f32", 2, 2)
            if a.columns != a.rows or a.dtype != "f32":
                a = self.matrix("f32", a.rows, a.rows)
            self.emit(f"{self.slot('f32')} = enigma.determinant({a.name}) + 0.0")
            return None
        if kind in ("@ column", "row @"):
            if 3 * a.bound * 4 > _WHOLE[a.dtype]:
                return None
            inner, outer = (a.columns, a.rows) if kind == "@ column" else (a.rows, a.columns)
            vector, new = self.whole(a.dtype, inner), self.fresh("w")
            text = f"{a.name} @ {vector}" if kind == "@ column" else f"{vector} @ {a.name}"
            self.emit(f"{new} = ({text}) + 0.0")
            for lane in range(outer):
                self.emit(f"{self.slot(a.dtype)} = {new}[{lane}]")
            return None
        fitting = [m for m in found if m.rows == a.columns]
        b = self.random.choice(fitting) if fitting else self.matrix(a.dtype, 2, a.columns)
        dtype = "f32" if "f32" in (a.dtype, b.dtype) else "f16"
        like = MatrixVar("", dtype, b.columns, a.rows, 0)
        text = f"{a.name} @ {b.name}" if kind == "@" else f"enigma.matmul({a.name}, {b.name})"
        return self._assigned(text, like, a.columns * a.bound * b.bound)

    def _changed(self, found: list[MatrixVar]) -> MatrixVar | None:
        """Assign to a part of one; a second name stays what it was."""
        a = self.random.choice([matrix for matrix in found if matrix.is_made])
        if 3 * a.bound > _WHOLE[a.dtype]:
            return None
        other = self._assigned(a.name, a, a.bound)
        assert other is not None
        column, row = self.position(a.columns), self.random.randrange(a.rows)
        kind = self.random.choice(["column", "element", "swizzle", "augmented"])
        self.mark(f"store to a matrix: {kind}")
        if kind == "column":
            self.emit(f"{a.name}[{column}] = {self.whole(a.dtype, a.rows)}")
        elif kind == "element":
            self.emit(f"{a.name}[{column}][{row}] = {self.whole(a.dtype)}")
        elif kind == "swizzle":
            self.emit(f"{a.name}[{column}].yx = {self.whole(a.dtype, 2)}")
        else:
            self.emit(f"{a.name}[{column}] *= {self.random.choice([2.0, -3])}")
            a.bound *= 3
        a.bound = max(a.bound, 3)
        return other

    def _carried(self, found: list[MatrixVar]) -> MatrixVar | None:
        """Carry one around a loop."""
        a = self.random.choice(found)
        same = [m for m in found if (m.dtype, m.shape) == (a.dtype, a.shape) and m is not a]
        if not same or a.bound + 4 * same[0].bound > _WHOLE[a.dtype]:
            return None
        self.mark("matrix in a loop")
        stop = self.typed(self.of("u32", 1, 1, (0, 4)))
        self.emit(f"for {self.fresh('j')} in enigma.range({stop.text}):")
        symbol = self.random.choice(["+=", "-="])
        if self.chance(0.5):
            self.emit(f"    if {self.condition().text}:")
            self.emit("        break")
        self.emit(f"    {a.name} {symbol} {same[0].name}")
        a.bound += 4 * same[0].bound
        return None

    def _chosen(self, found: list[MatrixVar]) -> MatrixVar | None:
        """Choose between two."""
        a = self.random.choice(found)
        same = [m for m in found if (m.dtype, m.shape) == (a.dtype, a.shape) and m is not a]
        if not same:
            return None
        b = same[0]
        bound = max(a.bound, b.bound)
        self.mark("choice of matrices")
        condition = self.condition().text
        if self.chance(0.5):
            return self._assigned(f"{a.name} if {condition} else {b.name}", a, bound)
        self.emit(f"if {condition}:")
        self.emit(f"    {a.name}, {b.name} = {b.name}, {a.name}")
        a.bound = b.bound = bound
        return None

    def _stored(self, matrix: MatrixVar) -> None:
        """Store all elements. Which of two zeros one is depends on the order of a sum."""
        kind = self.random.randrange(3)
        self.mark(("elements of a matrix", "unpacked columns", "column at a computed index")[kind])
        if kind == 0:
            for column in range(matrix.columns):
                for row in range(matrix.rows):
                    slot = self.slot(matrix.dtype)
                    self.emit(f"{slot} = {matrix.name}[{column}][{row}] + 0.0")
            return
        names = [self.fresh("v") for _ in range(matrix.columns if kind == 1 else 1)]
        if kind == 1:
            self.emit(f"{', '.join(names)} = {matrix.name}")
        else:
            self.emit(f"{names[0]} = {matrix.name}[{self.index(matrix.columns)}]")
        bounds = (-float(matrix.bound), float(matrix.bound))
        for name in names:
            self.emit(f"{name} = {name} + 0.0")
            self.scope.variables.append(Var(name, matrix.dtype, matrix.rows, bounds))

    # Matrices of a SIMD group.

    def group_matrices(self) -> None:
        """Load matrices that all threads hold, compute with them, and read them again."""
        dtype = self.random.choice(FLOATS)
        memory = self.fresh("b")
        row = 8 if self.chance(0.5) else 18
        size = SIZE * row
        local = "enigma.thread_index_in_threadgroup"
        self.mark("simdgroup_matrix_load")
        self.emit(f"{memory} = enigma.threadgroup_alloc(enigma.{dtype}, {2 * size})")
        count = 2 * size // self.block
        self.emit(f"for lap in enigma.range({count}):")
        value = self.random.choice(
            ["A[(lap * 3 + i) % 32]", "A[lap + 3] - A[i]", "(i + lap).to(enigma.i32) * 5"]
        )
        element = f"enigma.metal_cast(({value}) % 3 - 1, enigma.{dtype})"
        self.emit(f"    {memory}[lap * {self.block} + {local}] = {element}")
        self.emit("enigma.barrier()")
        found = [self.group_matrix(dtype, memory, row) for _ in range(2)]
        made = self._group_operator(found, self.turn(_GROUP_OPERATORS))
        found += [made] if made is not None else []
        for _ in range(self.random.randint(2, 5)):
            made = self.random.choice(
                [self._group_product, self._group_operator, self._group_made, self._group_loop]
            )(found)
            if made is not None:
                found.append(made)
        self._group_stored(found[-1])

    def uniform_number(self, dtype: str) -> str:
        """A number that all threads have."""
        return str(float(self.random.randint(-2, 3)))

    def group_matrix(self, dtype: str, memory: str, row: int) -> MatrixVar:
        """Load a matrix."""
        name = self.fresh("m")
        options = ["transpose=True"] if self.chance(0.4) else []
        kind = self.random.randrange(3)
        if kind == 1 and row > SIZE:
            self.mark("origin of a matrix")
            options.append(f"origin=({self.random.randint(0, row - SIZE)}, 3)")
        elif kind == 2:
            self.mark("offset of a matrix")
            options.append(f"offset={self.random.choice([1, row, 5 + row])}")
        elif kind == 0 and self.chance(0.5):
            self.mark("matrix of a tensor")
            view = f"enigma.make_tensor({memory}, enigma.Layout((8, 8), ({row}, 1)))"
            given = ", ".join([view, *options])
            self.emit(f"{name} = enigma.simdgroup_matrix_load({given})")
            return MatrixVar(name, dtype, SIZE, SIZE, 1)
        if options and "transpose=True" in options:
            self.mark("transposed matrix")
        given = ", ".join([memory, str(row), *options])
        self.emit(f"{name} = enigma.simdgroup_matrix_load({given})")
        return MatrixVar(name, dtype, SIZE, SIZE, 1)

    def _group_product(self, found: list[MatrixVar]) -> MatrixVar | None:
        a = self.random.choice(found)
        same = [m for m in found if m.dtype == a.dtype]
        b, c = self.random.choice(same), self.random.choice(found)
        bound = SIZE * a.bound * b.bound
        kind = self.random.choice(["@", "simdgroup_multiply", "simdgroup_multiply_accumulate"])
        if c.dtype not in (a.dtype, "f32"):
            c = a
        if kind.endswith("accumulate"):
            if bound + c.bound > _WHOLE[c.dtype]:
                return None
            self.mark(f"function {kind}")
            text = f"enigma.{kind}({a.name}, {b.name}, {c.name})"
            return self._assigned(text, c, bound + c.bound)
        if bound > _WHOLE[a.dtype]:
            return None
        self.mark(f"function {kind}" if kind != "@" else "group matrix @")
        text = f"{a.name} @ {b.name}" if kind == "@" else f"enigma.{kind}({a.name}, {b.name})"
        return self._assigned(text, a, bound)

    def _group_operator(self, found: list[MatrixVar], kind: str = "") -> MatrixVar | None:
        a = self.random.choice(found)
        b = self.random.choice([m for m in found if m.dtype == a.dtype])
        kind = kind or self.random.choice(_GROUP_OPERATORS)
        bound = {"*": a.bound * b.bound, "number": 3 * a.bound}.get(kind, a.bound + b.bound + 2)
        dtype = self.random.choice(FLOATS) if kind == "to" else a.dtype
        if bound > min(_WHOLE[dtype], _WHOLE[a.dtype]):
            return None
        self.mark(f"group matrix {kind}")
        if kind in "+-*":
            text = f"{a.name} {kind} {b.name}"
        elif kind == "number":
            text = f"{a.name} * {self.uniform_number(dtype)}"
        elif kind == "map":
            text = f"{a.name}.map(lambda e: enigma.abs(e) + 1.0)"
        elif kind == "map of two":
            text = f"{a.name}.map(lambda e, f: e - f, {b.name})"
        else:
            text = f"{a.name}.to(enigma.{dtype})"
            a = MatrixVar("", dtype, SIZE, SIZE, 0)
        return self._assigned(text, a, bound)

    def _group_made(self, found: list[MatrixVar]) -> MatrixVar | None:
        kind = self.random.choice(["filled", "diagonal"])
        like = self.random.choice(found)
        self.mark(f"function make_{kind}_simdgroup_matrix")
        number = self.uniform_number(like.dtype)
        text = f"enigma.make_{kind}_simdgroup_matrix({number}, enigma.{like.dtype})"
        return self._assigned(text, like, 3)

    def _group_loop(self, found: list[MatrixVar]) -> MatrixVar | None:
        a = self.random.choice(found)
        b = self.random.choice([m for m in found if m.dtype == a.dtype])
        c = self.random.choice([m for m in found if m.dtype == a.dtype])
        bound = c.bound + 3 * SIZE * a.bound * b.bound
        if bound > _WHOLE[a.dtype]:
            return None
        self.mark("group matrix in a loop")
        total = self._assigned(c.name, c, bound)
        assert total is not None
        self.emit(
            f"for {self.fresh('j')} in enigma.range({self.random.choice(['3', 'A[0] % 4'])}):"
        )
        product = f"enigma.simdgroup_multiply_accumulate({a.name}, {b.name}, {total.name})"
        self.emit(f"    {total.name} = {product}")
        return total

    def _group_stored(self, matrix: MatrixVar) -> None:
        memory = self.fresh("b")
        dtype = matrix.dtype
        self.mark("simdgroup_matrix_store")
        self.emit(f"{memory} = enigma.threadgroup_alloc(enigma.{dtype}, 128)")
        options = self.random.choice(["8", "8, transpose=True", "16, origin=(4, 0)", "8, offset=3"])
        target = memory
        local = "enigma.thread_index_in_threadgroup"
        for part in range(4):
            self.emit(
                f"{memory}[{self.block * part} + {local}] = {self.number(dtype, (0.0, 3.0)).text}"
            )
        self.emit("enigma.barrier()")
        self.emit(f"enigma.simdgroup_matrix_store({matrix.name}, {target}, {options})")
        self.emit("enigma.simd_barrier()")
        for _ in range(4):
            at = self.random.choice([f"{local} + 32", f"{local} * 3", f"127 - {local}", local])
            self.emit(f"{self.slot(dtype)} = {memory}[{at}] + 0.0")
