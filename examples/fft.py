# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fast Fourier transforms of power-of-two lengths (Stockham): a threadgroup a signal."""

import math
from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show


@enigma.kernel
def fft_kernel(X, Y, inverse):
    """X and Y are (signals, length, real and imaginary part)."""
    signal = enigma.threadgroup_position_in_grid.x
    tid = enigma.thread_index_in_threadgroup
    length = X.shape[1]
    half = length // 2
    real = enigma.threadgroup_alloc(enigma.f32, length)
    imaginary = enigma.threadgroup_alloc(enigma.f32, length)

    for i in (tid, tid + half):
        real[i], imaginary[i] = X[signal, i, 0], X[signal, i, 1]
    enigma.barrier()
    span = 1  # the length of the transforms so far
    while span < length:
        k = tid % span
        angle = k.to(enigma.f32) * ((1 if inverse else -1) * math.pi / span)
        c, s = enigma.cos(angle), enigma.sin(angle)
        a, b = real[tid], imaginary[tid]
        p, q = real[tid + half], imaginary[tid + half]
        x, y = p * c - q * s, p * s + q * c
        enigma.barrier()
        to = (tid - k) * 2 + k
        real[to], imaginary[to] = a + x, b + y
        real[to + span], imaginary[to + span] = a - x, b - y
        enigma.barrier()
        span *= 2

    scale = 1.0 / length if inverse else 1.0
    for i in (tid, tid + half):
        Y[signal, i, 0], Y[signal, i, 1] = real[i] * scale, imaginary[i] * scale


@enigma.jit
def fft(X, Y, inverse):
    signals, length, _ = X.shape
    fft_kernel(X, Y, inverse).launch(grid=signals, block=length // 2)


def compile_fft(length: int, inverse: bool = False) -> enigma.CompiledKernel:
    """Compile for any number of signals of ``length``, a power of two from 2 to 2048."""
    layout = Layout((enigma.dyn("signals"), length, 2), (2 * length, 2, 1))
    return enigma.compile(
        fft, Tensor("X", 0, "float", layout), Tensor("Y", 1, "float", layout), inverse
    )


def parts(signal: np.ndarray) -> np.ndarray:
    """Complex numbers as pairs of floats."""
    return np.stack((signal.real, signal.imag), axis=-1).astype(np.float32)


def launches() -> Iterator[JitLaunch]:
    """Transforms there and back."""
    rng = np.random.default_rng(24)
    for length in (2, 64, 1024):
        x = rng.standard_normal((3, length)) + 1j * rng.standard_normal((3, length))
        for inverse, expected in ((False, np.fft.fft(x)), (True, np.fft.ifft(x))):
            yield JitLaunch(
                title=f"{'inverse ' if inverse else ''}FFT of 3 signals of {length}",
                kernel=compile_fft(length, inverse),
                arguments={"X": parts(x), "Y": np.zeros((3, length, 2), np.float32), "signals": 3},
                expected={"Y": parts(expected)},
                rtol=1e-4,
                atol=1e-6 * length,
            )


if __name__ == "__main__":
    print(compile_fft(64).metal_source)
    show(launches())
