# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layouts: throughput of the algebra from Python, and what the tiled examples cost.

`ninja layout-benchmark` in a build tree measures the throughput from C++. Of each tiled example
there are the time that a warm compile takes and the integer operations for each element in the MSL,
beside those of a flat kernel whose subscripts are written by hand.
"""

from __future__ import annotations

import os
import pathlib
import sys
import timeit
from collections.abc import Callable
from typing import Any

import enigma
import enigma.layout as el
import flat_kernels
import integer_operations
from enigma import Tensor
from enigma.compiler.compilations import forget
from enigma.layout import Layout

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))

import im2col
import permute
import tiled_add
import tiled_gemm
import tiled_stencil
import tiled_transpose

IMAGES = (2, 8, 16, 32)


def compiled(jit: Any, *layouts: Layout) -> enigma.CompiledKernel:
    """Compile a function of tensors, named as its parameters."""
    names = jit.function.__code__.co_varnames
    tensors = [Tensor(names[i], i, "float", layout) for i, layout in enumerate(layouts)]
    return enigma.compile(jit, *tensors, emit_only=True)


def row_major(m: int, n: int) -> Layout:
    """The layout of an m x n matrix by rows."""
    return Layout((m, n), (n, 1))


# Of each example: how it is compiled, and the elements that one thread computes (of the product:
# the multiplications); then the same of the flat kernel.
TILED: dict[str, tuple[Callable[[], Any], int, Any, int]] = {
    "add": (
        lambda: compiled(tiled_add.tiled_add, *[row_major(256, 512)] * 3),
        16,
        enigma.compile(flat_kernels.add, vec_width=4, emit_only=True),
        4,
    ),
    "transpose": (
        lambda: compiled(tiled_transpose.tiled_transpose, row_major(96, 64), row_major(64, 96)),
        4,
        enigma.compile(flat_kernels.transpose, emit_only=True),
        1,
    ),
    "stencil": (
        lambda: compiled(tiled_stencil.tiled_stencil, *[row_major(64, 64)] * 2),
        4,
        enigma.compile(flat_kernels.stencil, emit_only=True),
        1,
    ),
    "permute": (
        lambda: compiled(
            permute.permute, permute.channels_last(*IMAGES), permute.channels_first(*IMAGES)
        ),
        16,
        enigma.compile(flat_kernels.permute, emit_only=True),
        1,
    ),
    "im2col": (
        lambda: compiled(im2col.im2col, row_major(66, 66), row_major(9, 64 * 64)),
        9,
        enigma.compile(flat_kernels.im2col, emit_only=True),
        9,
    ),
    "gemm": (
        lambda: compiled(tiled_gemm.tiled_gemm, *[row_major(128, 128)] * 3),
        16 * 128,
        enigma.compile(flat_kernels.gemm, emit_only=True),
        128,
    ),
}


def main() -> None:
    os.environ["ENIGMA_CACHE"] = "0"  # else the disk keeps what is forgotten
    measure_algebra()
    print()
    measure_tiled()


def measure_tiled() -> None:
    """Print compile times and counts of operations."""
    print(f"{'example':<12}{'compile ms':>12}{'operations':>12}{'by hand':>12}")
    for name, (compile_tiled, elements, flat, flat_elements) in TILED.items():
        source = compile_tiled().metal_source
        seconds = min(timeit.repeat(compile_tiled, forget, number=1, repeat=50))
        tiled = integer_operations.count(source) / elements
        by_hand = integer_operations.count(flat.metal_source) / flat_elements
        print(f"{name:<12}{seconds * 1e3:>12.2f}{tiled:>12.2f}{by_hand:>12.2f}")


def measure_algebra() -> None:
    """Print how many operations on layouts of rank 4 there are in a second."""
    row_major = Layout((8, 16, 4, 32), (2048, 128, 32, 1))
    selection = Layout((4, 8, 2, 16), (2, 8, 128, 512))
    tile = Layout((2, 4, 2, 8))
    dynamic = Layout((el.dyn("m"), el.dyn("n", div=128)), (el.dyn("n", div=128), 1))
    operations: dict[str, Callable[[], object]] = {
        "Layout": lambda: Layout((8, 16, 4, 32), (2048, 128, 32, 1)),
        "composition": lambda: el.composition(row_major, selection),
        "coalesce": lambda: el.coalesce(row_major),
        "complement": lambda: el.complement(tile, 4096),
        "right_inverse": lambda: el.right_inverse(row_major),
        "zipped_divide": lambda: el.zipped_divide(row_major, (4, 4, 2, 8)),
        "zipped_divide, dynamic": lambda: el.zipped_divide(dynamic, (16, 128)),
        "raked_product": lambda: el.raked_product(tile, row_major),
        "call with an index": lambda: row_major(12345),
        "call with a coordinate": lambda: row_major((1, 2, 3, 4)),
        "str": lambda: str(row_major),
        "parse": lambda: Layout.parse("(8,16,4,32):(2048,128,32,1)"),
    }
    for name, operation in operations.items():
        timer = timeit.Timer(operation)
        runs, seconds = timer.autorange()
        seconds = min([seconds, *timer.repeat(repeat=2, number=runs)])
        print(f"{name:<28}{runs / seconds:>14,.0f} / s")


if __name__ == "__main__":
    main()
