# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of `peers.py` as enceladus has them: operations on tiles, in Triton's way.

Its extension, which talks to Metal, is built on macOS alone; its compiler is Python. A module of
the extension's name is all that the import needs elsewhere: nothing here calls it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Extension(ModuleType):
    """Has a class of every name, for annotations and `except`."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


if sys.platform != "darwin":
    sys.modules["enceladus._C"] = Extension("enceladus._C")

import enceladus
import enceladus.language as tl
import numpy as np
from enceladus.compiler.pipeline import compile_module


@enceladus.jit
def vector_add(X, Y, Z):
    i = tl.program_id(0) * 128 + tl.arange(0, 128)
    tl.store(Z + i, tl.load(X + i) + tl.load(Y + i))


@enceladus.jit
def bounded_add(X, Y, Z, n):
    i = tl.program_id(0) * 128 + tl.arange(0, 128)
    inside = i < n
    tl.store(Z + i, tl.load(X + i, mask=inside) + tl.load(Y + i, mask=inside), mask=inside)


@enceladus.jit
def matmul(A, B, C, n):
    row = tl.program_id(1)
    col = tl.program_id(0) * 128 + tl.arange(0, 128)
    total = tl.zeros((128,), tl.float32)
    for k in range(n):
        total += tl.load(A + row * n + k) * tl.load(B + k * n + col)
    tl.store(C + row * n + col, total)


@enceladus.jit
def matrix_gemm(A, B, C, m, n, k):
    rows = tl.program_id(1) * 32 + tl.arange(0, 32)
    cols = tl.program_id(0) * 32 + tl.arange(0, 32)
    depth = tl.arange(0, 32)
    from_a = A + rows[:, None] * k + depth[None, :]
    from_b = B + depth[:, None] * n + cols[None, :]
    sums = tl.zeros((32, 32), tl.float32)
    for t in range(0, k, 32):
        a = tl.load(from_a, mask=(rows[:, None] < m) & (depth[None, :] + t < k), other=0.0)
        b = tl.load(from_b, mask=(depth[:, None] + t < k) & (cols[None, :] < n), other=0.0)
        sums = tl.dot(a, b, sums)
        from_a += 32
        from_b += 32 * n
    to_c = C + rows[:, None] * n + cols[None, :]
    tl.store(to_c, sums, mask=(rows[:, None] < m) & (cols[None, :] < n))


@enceladus.jit
def softmax(X, Y, n):
    row = tl.program_id(0)
    cols = tl.arange(0, 1024)
    inside = cols < n
    x = tl.load(X + row * n + cols, mask=inside, other=-3.0e38)
    powers = tl.exp(x - tl.max(x, axis=0))
    tl.store(Y + row * n + cols, powers / tl.sum(powers, axis=0), mask=inside)


@enceladus.jit
def whole_softmax(X, Y):
    place = tl.program_id(0) * 1024 + tl.arange(0, 1024)
    x = tl.load(X + place)
    powers = tl.exp(x - tl.max(x, axis=0))
    tl.store(Y + place, powers / tl.sum(powers, axis=0))


@enceladus.jit
def transpose(A, B, m, n):
    rows = tl.program_id(1) * 32 + tl.arange(0, 32)
    cols = tl.program_id(0) * 32 + tl.arange(0, 32)
    tile = tl.load(A + rows[:, None] * n + cols[None, :])
    tl.store(B + cols[:, None] * m + rows[None, :], tl.trans(tile))


@enceladus.jit
def attention(Q, K, V, Y, queries, keys):
    head = tl.program_id(1)
    parts = tl.arange(0, 64)
    query = (head * queries + tl.program_id(0)) * 64 + parts
    q = tl.load(Q + query) * 0.125
    greatest = -3.0e38
    total = 0.0
    out = tl.zeros((64,), tl.float32)
    for key in range(keys):
        place = (head * keys + key) * 64 + parts
        score = tl.sum(q * tl.load(K + place), axis=0)
        larger = tl.maximum(greatest, score)
        weight = tl.exp(score - larger)
        correction = tl.exp(greatest - larger)
        total = total * correction + weight
        out = out * correction + weight * tl.load(V + place)
        greatest = larger
    tl.store(Y + query, out / total)


ARRAY = np.zeros(1024, np.float32)


def anew(function: Any, arrays: int, sizes: int = 0, simdgroups: int = 4) -> Callable[[], str]:
    """Give what compiles a kernel as its launches do for arrays and sizes, which say no more."""
    arguments = [ARRAY] * arrays + [1001] * sizes

    def compile_anew() -> str:
        module = function.ir(*arguments, num_warps=simdgroups)
        module.attrs["apple_family"] = 9
        text: str = compile_module(module).source
        return text

    return compile_anew


KERNELS: dict[str, Callable[[], str]] = {
    "vector add": anew(vector_add, 3),
    "vector add, any size": anew(bounded_add, 3, 1),
    "naive matmul": anew(matmul, 3, 1),
    "matrix GEMM, any size": anew(matrix_gemm, 3, 3),
    "softmax in registers": anew(softmax, 2, 1),
    "softmax of 1024 in registers": anew(whole_softmax, 2),
    "transpose in registers": anew(transpose, 2, 2),
    "attention": anew(attention, 4, 2, simdgroups=1),
}
