# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""y = W x with weights of 8 or 4 bits that share a scale in groups of 32: a SIMD group a row."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

GROUP = 32  # weights that share a scale
SIMDGROUPS = 4  # of a threadgroup


@enigma.func
def signed_fields(word, bits):
    """The signed numbers of ``bits`` bits in a word, lowest first."""
    return [
        enigma.extract_bits(enigma.as_type(word, enigma.i32), i, bits).to(enigma.f32)
        for i in range(0, 32, bits)
    ]


@enigma.kernel
def matvec_kernel(W, scales, x, y, bits):
    """W has a row of words for each of y, and scales a row of halves."""
    lane = enigma.thread_index_in_simdgroup
    group = enigma.threadgroup_position_in_grid.x
    row = group * SIMDGROUPS + enigma.simdgroup_index_in_threadgroup
    rows, words = W.shape
    if row >= rows:
        return
    fields = 32 // bits
    total = 0.0
    for i in enigma.range(lane, words, 32):
        first = i * fields
        part = 0.0
        for k, weight in enumerate(signed_fields(W[row, i], bits)):
            part = enigma.fma(weight, x[first + k].to(enigma.f32), part)
        total = enigma.fma(scales[row, first // GROUP].to(enigma.f32), part, total)
    total = enigma.simd_sum(total)
    if lane == 0:
        y[row] = total


@enigma.jit
def matvec(W, scales, x, y, bits):
    matvec_kernel(W, scales, x, y, bits).launch(
        grid=enigma.ceil_div(W.shape[0], SIMDGROUPS), block=32 * SIMDGROUPS
    )


def any_size(bits: int) -> enigma.CompiledKernel:
    """Compile for matrices of all sizes; rows are multiples of a group."""
    rows, groups = enigma.dyn("rows"), enigma.dyn("groups")
    columns = groups * GROUP
    words = columns * bits // 32
    return enigma.compile(
        matvec,
        Tensor("W", 0, "uint", Layout((rows, words), (words, 1))),
        Tensor("scales", 1, "half", Layout((rows, groups), (groups, 1))),
        Tensor("x", 2, "half", Layout(columns)),
        Tensor("y", 3, "float", Layout(rows)),
        bits,
    )


def quantized(weights: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Packed words, scales, and what the two stand for."""
    largest = 2 ** (bits - 1) - 1
    groups = weights.reshape(len(weights), -1, GROUP)
    scales = (np.abs(groups).max(axis=-1) / largest).astype(np.float16)
    numbers = np.rint(groups / scales[..., None].astype(np.float64)).clip(-largest - 1, largest)
    fields = (numbers.astype(np.int64) % 2**bits).reshape(len(weights), -1, 32 // bits)
    words = (fields << np.arange(0, 32, bits)).sum(axis=-1).astype(np.uint32)
    return words, scales, (numbers * scales[..., None]).reshape(weights.shape)


def launches() -> Iterator[JitLaunch]:
    """One group and many, in 8 and in 4 bits."""
    rng = np.random.default_rng(23)
    for bits in (8, 4):
        kernel = any_size(bits)
        for rows, groups in ((1, 1), (5, 3), (7, 40)):
            words, scales, weights = quantized(rng.standard_normal((rows, groups * GROUP)), bits)
            x = rng.standard_normal(groups * GROUP).astype(np.float16)
            yield JitLaunch(
                title=f"product of {rows} x {groups * GROUP} weights of {bits} bits and a vector",
                kernel=kernel,
                arguments={
                    "W": words,
                    "scales": scales,
                    "x": x,
                    "y": np.zeros(rows, np.float32),
                    "rows": rows,
                    "groups": groups,
                },
                expected={"y": weights @ x.astype(np.float64)},
                rtol=1e-4,
                atol=1e-4,
            )


if __name__ == "__main__":
    print(any_size(4).metal_source)
    show(launches())
