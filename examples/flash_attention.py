# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention in one pass over keys and values: a SIMD group a query, the softmax online."""

import math
from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

SIMDGROUPS = 4  # of a threadgroup
LOWEST = -3.0e38


@enigma.kernel
def attention_kernel(Q, K, V, Y, causal):
    """Q and Y are (heads, queries, size), K and V (heads, keys, size)."""
    lane = enigma.thread_index_in_simdgroup
    group = enigma.threadgroup_position_in_grid
    head, row = group.y, group.x * SIMDGROUPS + enigma.simdgroup_index_in_threadgroup
    _, queries, size = Q.shape
    keys = K.shape[1]
    if row >= queries:
        return

    # Each thread has every 32nd element of the head; where 32 does not divide it, some have less.
    parts = range(enigma.ceil_div(size, 32))
    scale = 1.0 / math.sqrt(size)
    q = [part(Q, head, row, lane, k) * scale for k in parts]
    out = [0.0 for _ in parts]
    greatest, total = LOWEST, 0.0
    # Causal: of at least as many keys as queries, the last query sees all, the one before it all
    # but the last, and so on.
    seen = keys - queries + row + 1 if causal else keys
    for key in enigma.range(seen):
        score = enigma.simd_sum(sum(q[k] * part(K, head, key, lane, k) for k in parts))
        larger = enigma.fmax(greatest, score)
        weight, correction = enigma.exp(score - larger), enigma.exp(greatest - larger)
        total = total * correction + weight
        for k in parts:
            out[k] = out[k] * correction + weight * part(V, head, key, lane, k)
        greatest = larger

    for k in parts:
        if k * 32 + lane < size:
            Y[head, row, k * 32 + lane] = (out[k] / total).to(Y.element_type)


@enigma.func
def part(tensor, head, row, lane, k):
    """An element of a row, as a float; 0 beyond its end."""
    col = k * 32 + lane
    return tensor[head, row, col].to(enigma.f32) if col < tensor.shape[2] else 0.0


@enigma.jit
def attention(Q, K, V, Y, causal):
    heads, queries, _ = Q.shape
    attention_kernel(Q, K, V, Y, causal).launch(
        grid=(enigma.ceil_div(queries, SIMDGROUPS), heads, 1), block=(32 * SIMDGROUPS, 1, 1)
    )


def compile_attention(size: int, causal: bool, dtype: str = "float") -> enigma.CompiledKernel:
    """Compile for heads of a known size; any number of heads, queries and keys."""
    heads, queries, keys = map(enigma.dyn, ("heads", "queries", "keys"))
    rows = {"Q": queries, "K": keys, "V": keys, "Y": queries}
    tensors = [
        Tensor(name, i, dtype, Layout((heads, n, size), (n * size, size, 1)))
        for i, (name, n) in enumerate(rows.items())
    ]
    return enigma.compile(attention, *tensors, causal)


def reference(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool) -> np.ndarray:
    """All scores at once, in double precision."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
    if causal:
        hidden = np.triu(np.ones(scores.shape[1:], bool), 1 + k.shape[1] - q.shape[1])
        scores[:, hidden] = -np.inf
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ v


def launches() -> Iterator[JitLaunch]:
    """Heads of three sizes, causal and not, in float and in half."""
    rng = np.random.default_rng(22)
    for size, dtype in ((64, np.float32), (80, np.float16), (128, np.float16)):
        for causal in (False, True):
            kernel = compile_attention(size, causal, "float" if dtype is np.float32 else "half")
            for heads, queries, keys in ((1, 1, 1), (2, 6, 9), (1, 37, 37)):
                q = rng.standard_normal((heads, queries, size)).astype(dtype)
                k, v = rng.standard_normal((2, heads, keys, size)).astype(dtype)
                arguments = {"Q": q, "K": k, "V": v, "Y": np.zeros_like(q)}
                yield JitLaunch(
                    title=f"{'causal ' if causal else ''}attention of {heads} x {queries} queries "
                    f"to {keys} keys of {size} {q.dtype}",
                    kernel=kernel,
                    arguments={**arguments, "heads": heads, "queries": queries, "keys": keys},
                    expected={"Y": reference(q, k, v, causal)},
                    rtol=1e-4 if dtype is np.float32 else 1e-3,
                    atol=1e-6 if dtype is np.float32 else 1e-3,
                )


if __name__ == "__main__":
    print(compile_attention(80, True, "half").metal_source)
    show(launches())
