# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of `peers.py` as tinygrad has them: written in its UOps, of sizes that are known.

They are what `Tensor.custom_kernel` takes: neither the scheduler nor the search for a faster form
has a part in them, so what is timed is the lowering and the rendering alone.
"""

from collections.abc import Callable
from typing import Any

from tinygrad import dtypes
from tinygrad.codegen import do_to_program
from tinygrad.dtype import AddrSpace
from tinygrad.helpers import Target
from tinygrad.renderer.cstyle import CStyleLanguage, MetalRenderer
from tinygrad.uop.ops import AxisType, KernelInfo, Ops, UOp


class TextRenderer(MetalRenderer):
    """Renders Metal without its compiler, which only macOS has."""

    def __init__(self, target: Target) -> None:
        CStyleLanguage.__init__(self, target)


RENDERER = TextRenderer(Target("METAL", arch="Apple9"))


def buffer(size: int, slot: int, space: AddrSpace = AddrSpace.GLOBAL) -> Any:
    return UOp.placeholder((size,), dtypes.float, slot, space)


def across_simdgroup(name: str, value: Any) -> Any:
    # What is reduced lies in an array of one.
    return UOp(Ops.CUSTOM, dtypes.float, src=(value,), arg=f"{name}(*{{0}})")


def vector_add() -> Any:
    X, Y, Z = (buffer(4096, i) for i in range(3))
    i = UOp.special(32, "gidx0") * 128 + UOp.special(128, "lidx0")
    return Z[i].store(X[i].load() + Y[i].load())


def matmul() -> Any:
    A, B, C = (buffer(256 * 256, i) for i in range(3))
    row = UOp.special(16, "gidx1") * 16 + UOp.special(16, "lidx1")
    col = UOp.special(16, "gidx0") * 16 + UOp.special(16, "lidx0")
    k = UOp.range(256, 0, AxisType.REDUCE)
    total = (A[row * 256 + k].load() * B[k * 256 + col].load()).reduce(k, arg=Ops.ADD)
    return C[row * 256 + col].store(total)


def gemm() -> Any:
    A, B, C = (buffer(256 * 256, i) for i in range(3))
    tile_a, tile_b = (buffer(256, i, AddrSpace.LOCAL) for i in range(2))
    x, y = UOp.special(16, "lidx0"), UOp.special(16, "lidx1")
    row, col = UOp.special(16, "gidx1") * 16 + y, UOp.special(16, "gidx0") * 16 + x
    t = UOp.range(16, 0, AxisType.REDUCE)
    stores = (
        tile_a[y * 16 + x].store(A[row * 256 + t * 16 + x].load()),
        tile_b[y * 16 + x].store(B[(t * 16 + y) * 256 + col].load()),
    )
    a, b = tile_a.after(*stores), tile_b.after(*stores)
    k = UOp.range(16, 1, AxisType.REDUCE)
    total = (a[y * 16 + k].load() * b[k * 16 + x].load()).reduce(k, t, arg=Ops.ADD)
    return C[row * 256 + col].store(C[row * 256 + col].load() + total)


def over_threadgroup(value: Any, name: str, join: Ops, axis: int) -> Any:
    scratch, tid = buffer(4, axis, AddrSpace.LOCAL), UOp.special(128, "lidx0")
    place = (tid // 32).valid((tid % 32).eq(0))
    store = scratch[place].store(across_simdgroup(name, value))
    g = UOp.range(4, axis, AxisType.REDUCE)
    return scratch.after(store)[g].load().reduce(g, arg=join)


def softmax() -> Any:
    X, Y = (buffer(64 * 1024, i) for i in range(2))
    row, tid = UOp.special(64, "gidx0"), UOp.special(128, "lidx0")
    i, j = (UOp.range(8, axis, AxisType.REDUCE) for axis in (0, 1))
    k = UOp.range(8, 2, AxisType.LOOP)
    x, x_2, x_3 = (X[row * 1024 + axis * 128 + tid].load() for axis in (i, j, k))
    greatest = over_threadgroup(x.reduce(i, arg=Ops.MAX), "simd_max", Ops.MAX, 3)
    powers = (x_2 - greatest).exp()
    total = over_threadgroup(powers.reduce(j, arg=Ops.ADD), "simd_sum", Ops.ADD, 4)
    return Y[row * 1024 + k * 128 + tid].store((x_3 - greatest).exp() / total).end(k)


def transpose() -> Any:
    A, B = (buffer(512 * 256, i) for i in range(2))
    tile = buffer(32 * 33, 0, AddrSpace.LOCAL)
    x, y = UOp.special(32, "lidx0"), UOp.special(8, "lidx1")
    left, top = UOp.special(8, "gidx0") * 32, UOp.special(16, "gidx1") * 32
    j, k = (UOp.range(4, axis, AxisType.LOOP) for axis in (0, 1))
    value = A[(top + y + j * 8) * 256 + left + x].load()
    filled = tile.after(tile[(y + j * 8) * 33 + x].store(value).end(j))
    place = (left + y + k * 8) * 512 + top + x
    return B[place].store(filled[x * 33 + y + k * 8].load()).end(k)


def anew(make: Callable[[], Any]) -> Callable[[], str]:
    """Give what builds a kernel, lowers it and renders it; `do_to_program` looks in no cache."""

    def compile_anew() -> str:
        kernel = make().sink(arg=KernelInfo(name=make.__name__, opts_to_apply=()))
        program = do_to_program(kernel, RENDERER)
        return next(part.arg for part in program.src if part.op is Ops.SOURCE)

    return compile_anew


KERNELS: dict[str, Callable[[], str]] = {
    "vector add": anew(vector_add),
    "naive matmul of 256": anew(matmul),
    "tiled GEMM of 256": anew(gemm),
    "softmax of 1024": anew(softmax),
    "transpose of 512 x 256": anew(transpose),
}
