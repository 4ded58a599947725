# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random products of matrices by tiles, which the threads of a threadgroup share."""

from __future__ import annotations

from conformance.random_kernels.numbers import FLOATS
from conformance.random_kernels.products import SIZE, Products

_LOCAL = "enigma.thread_index_in_threadgroup"
# How 32 threads lie along M, N and K.
_THREADS = ((4, 8), (8, 4), (2, 16), (4, 4, 2), (2, 8, 2))


class Tilings(Products):
    """Products by tiles."""

    def tiled_products(self) -> None:
        """Multiply matrices in the memory of a threadgroup; all sums are small whole numbers."""
        kind = self.turn(("simdgroup_mma", "scalar_mma"))
        dtype = self.random.choice(FLOATS)
        sums = self.random.choice([dtype, "f32"] if kind == "simdgroup_mma" else FLOATS)
        groups = (1, 1) if kind == "simdgroup_mma" else self.random.choice(_THREADS)
        values = self.random.choice([(1, 1), (2, 1), (1, 2)])
        atom = SIZE if kind == "simdgroup_mma" else 1
        rows, columns = (
            atom * value * group for value, group in zip(values, groups[:2], strict=True)
        )
        if self.chance(0.3) and rows * columns <= 128:
            self.mark("tiled product: several tiles of a partition")
            rows *= 2
        depth = atom * self.random.choice([1, 2] if atom > 1 else [1, 2, 3]) * (*groups, 1)[2]
        tiles = self.random.choice((1, 1, 2))
        mma, mine = self.fresh("mma"), self.fresh("mine")
        self.mark(f"tiled product: {kind}")
        layout = self._arrangement(groups)
        self.emit(
            f"{mma} = enigma.make_tiled_mma(enigma.{kind}(enigma.{dtype}, enigma.{sums}), "
            f"{layout}, {values})"
        )
        a = self._factor(dtype, rows, depth, tiles)
        b = self._factor(dtype, columns, depth, tiles)
        memory, c = self._matrix_in_threadgroup(sums, rows, columns)
        self.emit("enigma.barrier()")
        self.emit(f"{mine} = {mma}.get_slice({_LOCAL})")
        parts = {"A": a, "B": b, "C": c}
        for letter, tensor in parts.items():
            parts[letter] = self.fresh(f"part_{letter.lower()}")
            self.emit(f"{parts[letter]} = {mine}.partition_{letter}({tensor})")
        total = self.fresh("total")
        self.emit(f"{total} = {mine}.make_fragment_C({parts['C']})")
        if self.chance(0.5):
            self.mark("tiled product: sums that begin with C")
            self.emit(f"enigma.copy({mma}, {parts['C']}, {total})")
        self._multiply(mma, mine, parts, total, tiles)
        if len(groups) == 3:
            self.mark("tiled product: reduce_K")
            self.emit(f"{mine}.reduce_K({total})")
        self.emit(f"enigma.copy({mma}, {total}, {parts['C']})")
        self.emit("enigma.barrier()")
        for _ in range(4):
            place = self.random.choice([_LOCAL, f"{rows * columns - 1} - {_LOCAL}"])
            place = place if rows * columns >= self.block else str(rows * columns - 1)
            self.emit(f"{self.slot(sums)} = {memory}[{place}] + 0.0")

    def _arrangement(self, groups: tuple[int, ...]) -> str:
        """A layout that numbers the threads, or the one SIMD group."""
        order = list(range(len(groups)))
        self.random.shuffle(order)
        stride, step = [0] * len(groups), 1
        for position in order:
            stride[position] = step
            step *= groups[position]
        return f"enigma.Layout({groups}, {tuple(stride)})"

    def _matrix_in_threadgroup(self, dtype: str, rows: int, columns: int) -> tuple[str, str]:
        """Memory full of whole numbers from -1 to 1, and a tensor of it."""
        memory = self.fresh("b")
        laps = -(-rows * columns // self.block)
        self.emit(f"{memory} = enigma.threadgroup_alloc(enigma.{dtype}, {laps * self.block})")
        value = self.random.choice(["A[(lap * 3 + i) % 32]", "(i + lap).to(enigma.i32) * 5"])
        self.emit(f"for lap in enigma.range({laps}):")
        element = f"enigma.metal_cast(({value}) % 3 - 1, enigma.{dtype})"
        self.emit(f"    {memory}[lap * {self.block} + {_LOCAL}] = {element}")
        stride = self.random.choice([(columns, 1), (1, rows)])
        layout = f"enigma.Layout(({rows}, {columns}), {stride})"
        return memory, f"enigma.make_tensor({memory}, {layout})"

    def _factor(self, dtype: str, rows: int, depth: int, tiles: int) -> str:
        """A matrix of so many columns a tile."""
        _, tensor = self._matrix_in_threadgroup(dtype, rows, depth * tiles)
        if tiles == 1:
            return tensor
        return f"enigma.local_tile({tensor}, ({rows}, {depth}), (0, None))"

    def _multiply(self, mma: str, mine: str, parts: dict[str, str], total: str, tiles: int) -> None:
        """Add the products of all tiles."""
        indent, place = "", ""
        if tiles > 1:
            self.mark("tiled product: a loop over tiles")
            counter = self.fresh("tile")
            self.emit(f"for {counter} in enigma.range(enigma.size({parts['A']}, mode=[3])):")
            indent, place = "    ", f"[None, None, None, {counter}]"
        factors = [f"{parts[letter]}{place}" for letter in "AB"]
        for position, letter in enumerate("AB"):
            if self.chance(0.4):
                self.mark("tiled product: fragments of factors")
                held = self.fresh("held")
                self.emit(f"{indent}{held} = {mine}.make_fragment_{letter}({factors[position]})")
                self.emit(f"{indent}enigma.copy({mma}, {factors[position]}, {held})")
                factors[position] = held
        for _ in range(self.random.choice((1, 1, 2))):
            self.emit(f"{indent}enigma.gemm({mma}, {total}, {', '.join(factors)}, {total})")
