# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rotary position embedding: pairs of a head turn by angles that grow with the position."""

import math
from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

BLOCK = (16, 4, 1)
BASE = 10000.0


@enigma.kernel
def rope_kernel(X, Y, cosines, sines):
    """Element k of a head and the one half a head further on are a pair."""
    k, head, token = (enigma.thread_position_in_grid(dim) for dim in "xyz")
    _, heads, size = X.shape
    half = size // 2
    if k >= half or head >= heads:
        return
    a, b = X[token, head, k].to(enigma.f32), X[token, head, k + half].to(enigma.f32)
    c, s = cosines[token, k], sines[token, k]
    Y[token, head, k] = (a * c - b * s).to(Y.element_type)
    Y[token, head, k + half] = (a * s + b * c).to(Y.element_type)


@enigma.kernel
def angles_kernel(cosines, sines):
    """Angles are large; what is left of them after whole turns is what is passed to `cos`."""
    k, token = enigma.thread_position_in_grid.x, enigma.thread_position_in_grid.y
    half = cosines.shape[1]
    if k >= half:
        return
    frequency = enigma.exp2(k.to(enigma.f32) * (-math.log2(BASE) / half))
    angle = token.to(enigma.f32) * frequency
    turns = enigma.rint(angle * (0.5 / math.pi))
    angle = enigma.fma(turns, -2 * math.pi, angle)
    cosines[token, k] = enigma.cos(angle)
    sines[token, k] = enigma.sin(angle)


@enigma.jit
def rope(X, Y, cosines, sines):
    tokens, heads, size = X.shape
    columns = enigma.ceil_div(size, 2 * BLOCK[0])
    angles_kernel(cosines, sines).launch(grid=(columns, tokens, 1), block=(BLOCK[0], 1, 1))
    rope_kernel(X, Y, cosines, sines).launch(
        grid=(columns, enigma.ceil_div(heads, BLOCK[1]), tokens), block=BLOCK
    )


def compile_rope(size: int, dtype: str = "float") -> enigma.CompiledProgram:
    """Compile for heads of a known size, and any number of heads and tokens."""
    tokens, heads = enigma.dyn("tokens"), enigma.dyn("heads")
    X, Y = (
        Tensor(name, i, dtype, Layout((tokens, heads, size), (heads * size, size, 1)))
        for i, name in enumerate("XY")
    )
    cosines, sines = (
        Tensor(name, i, "float", Layout((tokens, size // 2), (size // 2, 1)))
        for i, name in enumerate(("cosines", "sines"), 2)
    )
    return enigma.compile(rope, X, Y, cosines, sines)


def reference(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The angles of all tokens and pairs, and what they make of ``x``; in double precision."""
    tokens, _, size = x.shape
    angle = np.arange(tokens)[:, None] * BASE ** (-2 * np.arange(size // 2) / size)
    a, b = np.split(x.astype(np.float64), 2, axis=-1)
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return angle, np.concatenate((a * c - b * s, a * s + b * c), axis=-1)


def launches() -> Iterator[JitLaunch]:
    """Heads of several sizes, in float and in half."""
    rng = np.random.default_rng(15)
    for size, dtype in ((64, np.float32), (80, np.float16), (6, np.float32)):
        program = compile_rope(size, "float" if dtype is np.float32 else "half")
        for tokens, heads in ((1, 1), (9, 5)):
            x = rng.standard_normal((tokens, heads, size)).astype(dtype)
            angle, expected = reference(x)
            yield JitLaunch(
                title=f"rotary embedding of {tokens} x {heads} heads of {size} {x.dtype}",
                kernel=program,
                arguments={
                    "X": x,
                    "Y": np.zeros_like(x),
                    "cosines": np.zeros(angle.shape, np.float32),
                    "sines": np.zeros(angle.shape, np.float32),
                    "tokens": tokens,
                    "heads": heads,
                },
                expected={"Y": expected, "cosines": np.cos(angle), "sines": np.sin(angle)},
                rtol=1e-5 if dtype is np.float32 else 1e-3,
                atol=1e-5,
            )


if __name__ == "__main__":
    print(compile_rope(64).metal_source)
    show(launches())
