# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of `peers.py` as tilelang has them; of any size where a size is `T.dynamic`."""

from collections.abc import Callable
from typing import Any

import tilelang
import tilelang.language as T
from tvm.target import Target

LOWEST = -3.0e38


def vector_add() -> Any:
    @T.prim_func
    def vector_add(
        X: T.Tensor((4096,), "float32"),
        Y: T.Tensor((4096,), "float32"),
        Z: T.Tensor((4096,), "float32"),
    ):
        with T.Kernel(32, threads=128) as block:
            for i in T.Parallel(128):
                Z[block * 128 + i] = X[block * 128 + i] + Y[block * 128 + i]

    return vector_add


def bounded_add() -> Any:
    n = T.dynamic("n")

    @T.prim_func
    def bounded_add(
        X: T.Tensor((n,), "float32"), Y: T.Tensor((n,), "float32"), Z: T.Tensor((n,), "float32")
    ):
        with T.Kernel(T.ceildiv(n, 128), threads=128) as block:
            for i in T.Parallel(128):
                Z[block * 128 + i] = X[block * 128 + i] + Y[block * 128 + i]

    return bounded_add


def matmul() -> Any:
    @T.prim_func
    def matmul(
        A: T.Tensor((256, 256), "float32"),
        B: T.Tensor((256, 256), "float32"),
        C: T.Tensor((256, 256), "float32"),
    ):
        with T.Kernel(16, 16, threads=(16, 16)) as (bx, by):
            row = by * 16 + T.get_thread_binding(1)
            col = bx * 16 + T.get_thread_binding(0)
            total = T.alloc_local((1,), "float32")
            total[0] = 0.0
            for k in T.serial(256):
                total[0] += A[row, k] * B[k, col]
            C[row, col] = total[0]

    return matmul


def gemm() -> Any:
    @T.prim_func
    def gemm(
        A: T.Tensor((256, 256), "float32"),
        B: T.Tensor((256, 256), "float32"),
        C: T.Tensor((256, 256), "float32"),
    ):
        with T.Kernel(16, 16, threads=(16, 16)) as (bx, by):
            x = T.get_thread_binding(0)
            y = T.get_thread_binding(1)
            tile_a = T.alloc_shared((16, 16), "float32", scope="shared")
            tile_b = T.alloc_shared((16, 16), "float32", scope="shared")
            total = T.alloc_local((1,), "float32")
            total[0] = 0.0
            for t in T.serial(16):
                tile_a[y, x] = A[by * 16 + y, t * 16 + x]
                tile_b[y, x] = B[t * 16 + y, bx * 16 + x]
                T.sync_threads()
                for k in T.serial(16):
                    total[0] += tile_a[y, k] * tile_b[k, x]
                T.sync_threads()
            C[by * 16 + y, bx * 16 + x] += total[0]

    return gemm


def matrix_gemm() -> Any:
    # Of a known size: of any, its stores of matrices would write beyond the edges.
    @T.prim_func
    def matrix_gemm(
        A: T.Tensor((256, 256), "float32"),
        B: T.Tensor((256, 256), "float32"),
        C: T.Tensor((256, 256), "float32"),
    ):
        with T.Kernel(8, 8, threads=128) as (bx, by):
            tile_a = T.alloc_shared((32, 32), "float32", scope="shared")
            tile_b = T.alloc_shared((32, 32), "float32", scope="shared")
            sums = T.alloc_fragment((32, 32), "float32")
            T.clear(sums)
            for t in T.serial(8):
                T.copy(A[by * 32, t * 32], tile_a)
                T.copy(B[t * 32, bx * 32], tile_b)
                T.gemm(tile_a, tile_b, sums)
            T.copy(sums, C[by * 32, bx * 32])

    return matrix_gemm


def softmax() -> Any:
    @T.prim_func
    def softmax(X: T.Tensor((64, 1024), "float32"), Y: T.Tensor((64, 1024), "float32")):
        with T.Kernel(64, threads=128) as row:
            tid = T.get_thread_binding(0)
            scratch = T.alloc_shared((4,), "float32", scope="shared")
            greatest = T.alloc_local((1,), "float32")
            total = T.alloc_local((1,), "float32")
            greatest[0] = LOWEST
            for i in T.serial(8):
                greatest[0] = T.max(greatest[0], X[row, i * 128 + tid])
            greatest[0] = T.call_extern("float32", "simd_max", greatest[0])
            if tid % 32 == 0:
                scratch[tid // 32] = greatest[0]
            T.sync_threads()
            greatest[0] = LOWEST
            for g in T.serial(4):
                greatest[0] = T.max(greatest[0], scratch[g])
            T.sync_threads()
            total[0] = 0.0
            for i in T.serial(8):
                total[0] += T.exp(X[row, i * 128 + tid] - greatest[0])
            total[0] = T.call_extern("float32", "simd_sum", total[0])
            if tid % 32 == 0:
                scratch[tid // 32] = total[0]
            T.sync_threads()
            total[0] = 0.0
            for g in T.serial(4):
                total[0] += scratch[g]
            T.sync_threads()
            for i in T.serial(8):
                Y[row, i * 128 + tid] = T.exp(X[row, i * 128 + tid] - greatest[0]) / total[0]

    return softmax


def transpose() -> Any:
    @T.prim_func
    def transpose(A: T.Tensor((512, 256), "float32"), B: T.Tensor((256, 512), "float32")):
        with T.Kernel(8, 16, threads=(32, 8)) as (bx, by):
            x = T.get_thread_binding(0)
            y = T.get_thread_binding(1)
            tile = T.alloc_shared((32, 33), "float32", scope="shared")
            for j in T.serial(4):
                tile[y + j * 8, x] = A[by * 32 + y + j * 8, bx * 32 + x]
            T.sync_threads()
            for j in T.serial(4):
                B[bx * 32 + y + j * 8, by * 32 + x] = tile[x, y + j * 8]

    return transpose


def attention() -> Any:
    heads, queries, keys = T.dynamic("heads, queries, keys")

    @T.prim_func
    def attention(
        Q: T.Tensor((heads, queries, 64), "float32"),
        K: T.Tensor((heads, keys, 64), "float32"),
        V: T.Tensor((heads, keys, 64), "float32"),
        Y: T.Tensor((heads, queries, 64), "float32"),
    ):
        with T.Kernel(queries, heads, threads=32) as (row, head):
            lane = T.get_thread_binding(0)
            first = Q[head, row, lane] * 0.125
            second = Q[head, row, lane + 32] * 0.125
            state = T.alloc_local((4,), "float32")  # greatest, total, and two of the result
            state[0] = LOWEST
            state[1] = 0.0
            state[2] = 0.0
            state[3] = 0.0
            for key in T.serial(keys):
                part = first * K[head, key, lane] + second * K[head, key, lane + 32]
                score = T.call_extern("float32", "simd_sum", part)
                larger = T.max(state[0], score)
                weight = T.exp(score - larger)
                correction = T.exp(state[0] - larger)
                state[1] = state[1] * correction + weight
                state[2] = state[2] * correction + weight * V[head, key, lane]
                state[3] = state[3] * correction + weight * V[head, key, lane + 32]
                state[0] = larger
            Y[head, row, lane] = state[2] / state[1]
            Y[head, row, lane + 32] = state[3] / state[1]

    return attention


TARGET = Target("metal")


def anew(make: Callable[[], Any]) -> Callable[[], str]:
    """Give what traces a kernel, lowers it and gives its text, as `tilelang.compile` does first."""

    def compile_anew() -> str:
        with tilelang.transform.PassContext(opt_level=3), TARGET:
            return str(tilelang.lower(make(), target=TARGET).kernel_source)

    return compile_anew


KERNELS: dict[str, Callable[[], str]] = {
    "vector add": anew(vector_add),
    "vector add, any size": anew(bounded_add),
    "naive matmul of 256": anew(matmul),
    "tiled GEMM of 256": anew(gemm),
    "matrix GEMM of 256": anew(matrix_gemm),
    "softmax of 1024": anew(softmax),
    "transpose of 512 x 256": anew(transpose),
    "attention": anew(attention),
}
