# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.copy` between buffers: stretches of all lengths, loops, widths and masks."""

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Kernels, dtype_of, sample

THREADS = 3
SPACE = 64
WIDTHS = (1, 2, 4)
COUNTS = (0, 1, 7, 8, 61)
SIGNED = ("i8", "i32", "i64")
DTYPES = ("f32", "f16", "u8", "i64", "b1")

kernels = Kernels()


def static_copy(name, count, width):
    kind = dtype_of(name)

    @enigma.kernel
    def stretch(A: kind, B: kind):
        t = enigma.thread_position_in_grid
        enigma.copy(A, B, count, t * SPACE, t * SPACE + 2, coalesced_width=width)

    return stretch


def traced_copy(width):
    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
        t = enigma.thread_position_in_grid
        enigma.copy(A, B, n, t * SPACE, t * SPACE, coalesced_width=width)

    return stretch


def signed_copy(width, count):
    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(count)):
        t = enigma.thread_position_in_grid
        enigma.copy(A, B, n, t * SPACE + 8, t * SPACE + 8, coalesced_width=width)

    return stretch


def masked_copy(width):
    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32):
        t = enigma.thread_position_in_grid
        enigma.copy(
            A, B, 30, t * SPACE, t * SPACE, lambda i: (i + t) % 3 != 0, coalesced_width=width
        )

    return stretch


for width in WIDTHS:
    kernels.add(("traced", width), traced_copy(width))
    kernels.add(("masked", width), masked_copy(width))
    for name in SIGNED:
        kernels.add(("signed", name, width), signed_copy(width, dtype_of(name)))
    for count in COUNTS:
        kernels.add(("f32", count, width), static_copy("f32", count, width))
    for name in DTYPES[1:]:
        kernels.add((name, 13, width), static_copy(name, 13, width))


def run(kernel, source, *scalars):
    written = np.full_like(source, 1)
    harness.run(kernel, args=[source, written, *scalars], threads=THREADS, block=1)
    return written


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "count"), [("f32", count) for count in COUNTS] + [(name, 13) for name in DTYPES[1:]]
)
def test_static_count(name, count, width):
    source = sample(name, THREADS * SPACE + 2, np.random.default_rng(0))
    expected = np.ones(len(source), NUMPY[name])
    for t in range(THREADS):
        begin = t * SPACE
        expected[begin + 2 : begin + 2 + count] = source[begin : begin + count]
    np.testing.assert_array_equal(run(kernels[name, count, width], source), expected)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", COUNTS)
def test_traced_count(width, count):
    source = sample("f32", THREADS * SPACE, np.random.default_rng(1))
    expected = np.ones_like(source)
    for begin in range(0, THREADS * SPACE, SPACE):
        expected[begin : begin + count] = source[begin : begin + count]
    written = run(kernels["traced", width], source, count)
    np.testing.assert_array_equal(written, expected)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize("count", [-8, -5, -4, -1, 0, 1, 6, 50])
def test_nothing_is_copied_by_a_negative_count(count, name, width):
    source = sample("f32", THREADS * SPACE, np.random.default_rng(3))
    expected = np.ones_like(source)
    for begin in range(8, THREADS * SPACE, SPACE):
        end = begin + max(count, 0)
        expected[begin:end] = source[begin:end]
    written = run(kernels["signed", name, width], source, count)
    np.testing.assert_array_equal(written, expected)


@pytest.mark.parametrize("width", WIDTHS)
def test_mask(width):
    source = sample("f32", THREADS * SPACE, np.random.default_rng(2))
    expected = np.ones_like(source)
    for t in range(THREADS):
        copied = [t * SPACE + i for i in range(30) if (i + t) % 3]
        expected[copied] = source[copied]
    np.testing.assert_array_equal(run(kernels["masked", width], source), expected)


def test_aligned_stretches_are_copied_by_vectors():
    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32):
        t = enigma.thread_position_in_grid
        enigma.copy(A, B, 8, t * 8, t * 8, coalesced_width=4)

    text = enigma.compile(stretch).metal_source
    assert text.count("float4*)(A") == 2
    assert text.count("float4*)(B") == 2
    assert "A[" not in text
