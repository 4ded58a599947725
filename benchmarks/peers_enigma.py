# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of `peers.py`, written as the peers write them: subscripts by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import enigma
from enigma import f32
from enigma.compiler.compilations import forget

LOWEST = -3.0e38


@enigma.kernel
def vector_add(X: f32, Y: f32, Z: f32):
    i = enigma.thread_position_in_grid
    Z[i] = X[i] + Y[i]


@enigma.kernel
def bounded_add(X: f32, Y: f32, Z: f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        Z[i] = X[i] + Y[i]


def make_matmul(size: Any) -> Any:
    """One thread computes one element; the size is an argument or known."""

    @enigma.kernel
    def matmul(A: f32, B: f32, C: f32, n: size):
        place = enigma.thread_position_in_grid
        total = 0.0
        for k in enigma.range(n):
            total += A[place.y * n + k] * B[k * n + place.x]
        C[place.y * n + place.x] = total

    return matmul


def make_gemm(size: Any) -> Any:
    """Tiles of 16 x 16 in threadgroup memory, a sum a thread; sizes are multiples of 16."""

    @enigma.kernel
    def gemm(A: f32, B: f32, C: f32, n: size, k: size):
        local = enigma.thread_position_in_threadgroup
        group = enigma.threadgroup_position_in_grid
        x, y = local.x, local.y
        row, col = group.y * 16 + y, group.x * 16 + x
        tile_a = enigma.threadgroup_alloc(f32, 256)
        tile_b = enigma.threadgroup_alloc(f32, 256)
        total = 0.0
        for t in enigma.range(0, k, 16):
            tile_a[y * 16 + x] = A[row * k + t + x]
            tile_b[y * 16 + x] = B[(t + y) * n + col]
            enigma.barrier()
            for i in enigma.range(16):
                total += tile_a[y * 16 + i] * tile_b[i * 16 + x]
            enigma.barrier()
        C[row * n + col] += total

    return gemm


@enigma.func
def over_threadgroup(value, across_simdgroup, join, identity, scratch):
    """Join a value of each of 128 threads; all threads get the result."""
    value = across_simdgroup(value)
    if enigma.thread_index_in_simdgroup == 0:
        scratch[enigma.simdgroup_index_in_threadgroup] = value
    enigma.barrier()
    joined = identity
    for g in enigma.range(4):
        joined = join(joined, scratch[g])
    enigma.barrier()
    return joined


@enigma.func
def plus(a, b):
    return a + b


def make_softmax(size: Any) -> Any:
    """Three passes over a row: the greatest, the sum of powers, the quotients."""

    @enigma.kernel
    def softmax(X: f32, Y: f32, n: size):
        row = enigma.threadgroup_position_in_grid.x
        tid = enigma.thread_position_in_threadgroup.x
        scratch = enigma.threadgroup_alloc(f32, 4)
        greatest = LOWEST
        for i in enigma.range(tid, n, 128):
            greatest = enigma.fmax(greatest, X[row * n + i])
        greatest = over_threadgroup(greatest, enigma.simd_max, enigma.fmax, LOWEST, scratch)
        total = 0.0
        for i in enigma.range(tid, n, 128):
            total += enigma.exp(X[row * n + i] - greatest)
        total = over_threadgroup(total, enigma.simd_sum, plus, 0.0, scratch)
        for i in enigma.range(tid, n, 128):
            Y[row * n + i] = enigma.exp(X[row * n + i] - greatest) / total

    return softmax


# Of up to 1024 elements, two times four neighbours of each of 128 threads.
OWNED = enigma.Layout((128, (4, 2)), (4, (1, 512)))


@enigma.kernel
def softmax_kernel(X, Y):
    """A row of up to 1024 elements as a fragment: eight in the registers of each thread."""
    row = enigma.threadgroup_position_in_grid.x
    tid = enigma.thread_position_in_threadgroup.x
    columns = enigma.make_identity_tensor(1024)
    x, y, places = [
        enigma.composition(t, OWNED)[tid, None] for t in (X[row, None], Y[row, None], columns)
    ]
    inside = enigma.in_bounds(places, X.shape[1])
    part = x.load(inside, default=LOWEST)
    powers = enigma.exp(part - enigma.threadgroup_max(part.reduce("max")))
    y.store(powers / enigma.threadgroup_sum(powers.reduce("add")), inside)


@enigma.kernel
def whole_softmax_kernel(X, Y):
    """The same of a row of 1024 elements."""
    row = enigma.threadgroup_position_in_grid.x
    tid = enigma.thread_position_in_threadgroup.x
    x, y = [enigma.composition(t[row, None], OWNED)[tid, None] for t in (X, Y)]
    part = x.load()
    powers = enigma.exp(part - enigma.threadgroup_max(part.reduce("max")))
    y.store(powers / enigma.threadgroup_sum(powers.reduce("add")))


def softmax_in_registers(kernel: Any) -> Any:
    @enigma.jit
    def softmax(X, Y):
        kernel(X, Y).launch(grid=(X.shape[0], 1, 1), block=(128, 1, 1))

    return softmax


def compile_softmax(softmax: Any, columns: Any) -> enigma.CompiledKernel:
    layout = enigma.Layout((enigma.dyn("rows"), columns), (columns, 1))
    return enigma.compile(
        softmax, *(enigma.Tensor(name, i, "float", layout) for i, name in enumerate("XY"))
    )


def make_transpose(size: Any) -> Any:
    """Tiles of 32 x 32 through threadgroup memory, in rows of 33; whole tiles."""

    @enigma.kernel
    def transpose(A: f32, B: f32, m: size, n: size):
        local = enigma.thread_position_in_threadgroup
        group = enigma.threadgroup_position_in_grid
        x, y = local.x, local.y
        left, top = group.x * 32, group.y * 32
        tile = enigma.threadgroup_alloc(f32, 32 * 33)
        for j in enigma.range(0, 32, 8):
            tile[(y + j) * 33 + x] = A[(top + y + j) * n + left + x]
        enigma.barrier()
        for j in enigma.range(0, 32, 8):
            B[(left + y + j) * m + top + x] = tile[x * 33 + y + j]

    return transpose


@enigma.kernel
def transpose_in_registers(
    A: f32, B: f32, m: enigma.Scalar(enigma.u32), n: enigma.Scalar(enigma.u32)
):
    """Whole tiles of 32 x 32, of which each thread moves two rows of four."""
    tid = enigma.thread_position_in_threadgroup.x
    group = enigma.threadgroup_position_in_grid
    rows = [group.y * 32 + tid // 8 + 16 * i for i in range(2)]
    cols = [group.x * 32 + tid % 8 * 4 + j for j in range(4)]
    tile = [[A[row * n + col] for col in cols] for row in rows]
    for row, values in zip(rows, tile, strict=True):
        for col, value in zip(cols, values, strict=True):
            B[col * m + row] = value


@enigma.kernel
def attention(
    Q: f32,
    K: f32,
    V: f32,
    Y: f32,
    queries: enigma.Scalar(enigma.u32),
    keys: enigma.Scalar(enigma.u32),
):
    """A SIMD group a query of 64 elements, two of them in each thread; the softmax online."""
    lane = enigma.thread_index_in_simdgroup
    group = enigma.threadgroup_position_in_grid
    row, head = group.x, group.y
    query = (head * queries + row) * 64 + lane
    first, second = Q[query] * 0.125, Q[query + 32] * 0.125
    greatest, total = LOWEST, 0.0
    out, out_2 = 0.0, 0.0
    for key in enigma.range(keys):
        place = (head * keys + key) * 64 + lane
        score = enigma.simd_sum(first * K[place] + second * K[place + 32])
        larger = enigma.fmax(greatest, score)
        weight, correction = enigma.exp(score - larger), enigma.exp(greatest - larger)
        total = total * correction + weight
        out = out * correction + weight * V[place]
        out_2 = out_2 * correction + weight * V[place + 32]
        greatest = larger
    Y[query] = out / total
    Y[query + 32] = out_2 / total


GROUPS = enigma.Layout((2, 2), (2, 1))


@enigma.kernel
def matrix_gemm_kernel(A, B, C):
    """C = A B on the matrices of SIMD groups, by staged tiles of 32 x 32."""
    mma = enigma.make_tiled_mma(enigma.simdgroup_mma("float", "float"), GROUPS)
    tid = enigma.thread_index_in_threadgroup()
    x, y, _ = enigma.arch.block_idx()
    mine = mma.get_slice(tid)
    order, over = enigma.Layout((32, 32), (32, 1)), enigma.Layout((4, 32), (32, 1))
    from_a = enigma.local_tile(A, (32, 32), (y, None))
    from_b = enigma.local_tile(B, (32, 32), (None, x))
    a, b, c = [
        enigma.make_tensor(enigma.threadgroup_alloc("float", 32 * 32), order) for _ in range(3)
    ]
    parts_a, parts_b = mine.partition_A(a), mine.partition_B(enigma.select(b, 1, 0))
    sums = mine.make_fragment_C(mine.partition_C(c))
    for tile in enigma.range(enigma.size(from_a, mode=[2])):
        for source, target in ((from_a, a), (from_b, b)):
            part = enigma.local_partition(source[None, None, tile], over, tid)
            enigma.copy(part, enigma.local_partition(target, over, tid))
        enigma.barrier()
        enigma.gemm(mma, sums, parts_a, parts_b, sums)
        enigma.barrier()
    enigma.copy(mma, sums, mine.partition_C(c))
    enigma.barrier()
    to_c = enigma.local_tile(C, (32, 32), (y, x))
    enigma.copy(enigma.local_partition(c, over, tid), enigma.local_partition(to_c, over, tid))


@enigma.jit
def matrix_gemm(A, B, C):
    m, n = C.shape
    matrix_gemm_kernel(A, B, C).launch(
        grid=(enigma.ceil_div(n, 32), enigma.ceil_div(m, 32), 1), block=(128, 1, 1)
    )


def compile_matrix_gemm(m: Any, n: Any, k: Any) -> enigma.CompiledKernel:
    tensors = [
        enigma.Tensor(name, i, "float", enigma.Layout((rows, columns), (columns, 1)))
        for i, (name, rows, columns) in enumerate((("A", m, k), ("B", k, n), ("C", m, n)))
    ]
    return enigma.compile(matrix_gemm, *tensors)


def anew(build: Callable[..., enigma.CompiledKernel], *arguments: Any) -> Callable[[], str]:
    """Give what compiles a kernel anew: nothing is kept but what its function was rewritten to."""

    def compile_anew() -> str:
        forget()
        return build(*arguments).metal_source

    return compile_anew


def by_hand(kernel: Any, **constants: int) -> Callable[[], str]:
    return anew(lambda: enigma.compile(kernel, constants=constants or None))


GIVEN, KNOWN = enigma.Scalar(enigma.u32), enigma.constexpr
KERNELS: dict[str, Callable[[], str]] = {
    "vector add": by_hand(vector_add),
    "vector add, any size": by_hand(bounded_add),
    "naive matmul": by_hand(make_matmul(GIVEN)),
    "naive matmul of 256": by_hand(make_matmul(KNOWN), n=256),
    "tiled GEMM": by_hand(make_gemm(GIVEN)),
    "tiled GEMM of 256": by_hand(make_gemm(KNOWN), n=256, k=256),
    "matrix GEMM, any size": anew(compile_matrix_gemm, *map(enigma.dyn, "mnk")),
    "matrix GEMM of 256": anew(compile_matrix_gemm, 256, 256, 256),
    "softmax": by_hand(make_softmax(GIVEN)),
    "softmax of 1024": by_hand(make_softmax(KNOWN), n=1024),
    "softmax in registers": anew(
        compile_softmax, softmax_in_registers(softmax_kernel), enigma.dyn("n")
    ),
    "softmax of 1024 in registers": anew(
        compile_softmax, softmax_in_registers(whole_softmax_kernel), 1024
    ),
    "transpose": by_hand(make_transpose(GIVEN)),
    "transpose of 512 x 256": by_hand(make_transpose(KNOWN), m=512, n=256),
    "transpose in registers": by_hand(transpose_in_registers),
    "attention": by_hand(attention),
}
