# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of `peers.py` as locomp has them: subscripts by hand, sizes as arguments."""

from collections.abc import Callable
from typing import Any

import locomp
from locomp.backends.metal_codegen import compile_to_metal
from locomp.frontend import compile_kernel
from locomp.optimizer import optimize


def vector_add(X: locomp.Tensor, Y: locomp.Tensor, Z: locomp.Tensor, N: locomp.constexpr):
    i = locomp.program_id(0)
    locomp.store(Z + i, locomp.load(X + i) + locomp.load(Y + i))


def bounded_add(X: locomp.Tensor, Y: locomp.Tensor, Z: locomp.Tensor, N: locomp.constexpr):
    i = locomp.program_id(0)
    if i < N:
        locomp.store(Z + i, locomp.load(X + i) + locomp.load(Y + i))


def naive_matmul(A: locomp.Tensor, B: locomp.Tensor, C: locomp.Tensor, N: locomp.constexpr):
    row = locomp.program_id(1)
    col = locomp.program_id(0)
    total = 0.0
    for k in range(N):
        total = total + locomp.load(A + (row * N + k)) * locomp.load(B + (k * N + col))
    locomp.store(C + (row * N + col), total)


def tiled_gemm(
    A: locomp.Tensor, B: locomp.Tensor, C: locomp.Tensor, N: locomp.constexpr, K: locomp.constexpr
):
    x = locomp.local_id(0)
    y = locomp.local_id(1)
    row = locomp.program_id(1) * 16 + y
    col = locomp.program_id(0) * 16 + x
    tile_a = locomp.shared_memory(256)
    tile_b = locomp.shared_memory(256)
    total = 0.0
    for t in range(0, K, 16):
        locomp.shared_store(tile_a, y * 16 + x, locomp.load(A + (row * K + t + x)))
        locomp.shared_store(tile_b, y * 16 + x, locomp.load(B + ((t + y) * N + col)))
        locomp.barrier()
        for k in range(16):
            a = locomp.shared_load(tile_a, y * 16 + k)
            b = locomp.shared_load(tile_b, k * 16 + x)
            total = total + a * b
        locomp.barrier()
    locomp.store(C + (row * N + col), locomp.load(C + (row * N + col)) + total)


def softmax(X: locomp.Tensor, Y: locomp.Tensor, N: locomp.constexpr):
    row = locomp.program_id(0)
    tid = locomp.local_id(0)
    scratch = locomp.shared_memory(4)
    greatest = -3.0e38
    for i in range(tid, N, 128):
        greatest = locomp.max(greatest, locomp.load(X + (row * N + i)))
    greatest = locomp.simd_max(greatest)
    if locomp.simd_lane_id() == 0:
        locomp.shared_store(scratch, locomp.simd_group_id(), greatest)
    locomp.barrier()
    joined = -3.0e38
    for g in range(4):
        joined = locomp.max(joined, locomp.shared_load(scratch, g))
    locomp.barrier()
    total = 0.0
    for i in range(tid, N, 128):
        total = total + locomp.exp(locomp.load(X + (row * N + i)) - joined)
    total = locomp.simd_sum(total)
    if locomp.simd_lane_id() == 0:
        locomp.shared_store(scratch, locomp.simd_group_id(), total)
    locomp.barrier()
    whole = 0.0
    for g in range(4):
        whole = whole + locomp.shared_load(scratch, g)
    locomp.barrier()
    for i in range(tid, N, 128):
        y = locomp.exp(locomp.load(X + (row * N + i)) - joined) / whole
        locomp.store(Y + (row * N + i), y)


def transpose(A: locomp.Tensor, B: locomp.Tensor, M: locomp.constexpr, N: locomp.constexpr):
    x = locomp.local_id(0)
    y = locomp.local_id(1)
    left = locomp.program_id(0) * 32
    top = locomp.program_id(1) * 32
    tile = locomp.shared_memory(1056)
    for j in range(0, 32, 8):
        value = locomp.load(A + ((top + y + j) * N + left + x))
        locomp.shared_store(tile, (y + j) * 33 + x, value)
    locomp.barrier()
    for j in range(0, 32, 8):
        value = locomp.shared_load(tile, x * 33 + y + j)
        locomp.store(B + ((left + y + j) * M + top + x), value)


def attention(
    Q: locomp.Tensor,
    K: locomp.Tensor,
    V: locomp.Tensor,
    Y: locomp.Tensor,
    QUERIES: locomp.constexpr,
    KEYS: locomp.constexpr,
):
    lane = locomp.simd_lane_id()
    head = locomp.program_id(1)
    query = (head * QUERIES + locomp.program_id(0)) * 64 + lane
    first = locomp.load(Q + query) * 0.125
    second = locomp.load(Q + (query + 32)) * 0.125
    greatest = -3.0e38
    total = 0.0
    out = 0.0
    out_2 = 0.0
    for key in range(KEYS):
        place = (head * KEYS + key) * 64 + lane
        score = locomp.simd_sum(
            first * locomp.load(K + place) + second * locomp.load(K + (place + 32))
        )
        larger = locomp.max(greatest, score)
        weight = locomp.exp(score - larger)
        correction = locomp.exp(greatest - larger)
        total = total * correction + weight
        out = out * correction + weight * locomp.load(V + place)
        out_2 = out_2 * correction + weight * locomp.load(V + (place + 32))
        greatest = larger
    locomp.store(Y + query, out / total)
    locomp.store(Y + (query + 32), out_2 / total)


def anew(function: Callable[..., Any]) -> Callable[[], str]:
    """Give what compiles a kernel as locomp's launches do, but for their cache."""
    return lambda: compile_to_metal(optimize(compile_kernel(function), target="metal"))[0]


KERNELS: dict[str, Callable[[], str]] = {
    "vector add": anew(vector_add),
    "vector add, any size": anew(bounded_add),
    "naive matmul": anew(naive_matmul),
    "tiled GEMM": anew(tiled_gemm),
    "softmax": anew(softmax),
    "transpose": anew(transpose),
    "attention": anew(attention),
}
