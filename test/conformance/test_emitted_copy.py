# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.copy` between buffers: stretches of all lengths, loops, widths and masks."""

import re

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Kernels, dtype_of, sample
from enigma.errors import DTypeMismatch, IndexRangeError, InvalidOption, OperandError
from refusals import check_said

THREADS = 3
SPACE = 64
WIDTHS = (1, 2, 4)
COUNTS = (0, 1, 7, 8, 61)
COUNT_TYPES = ("i8", "u16", "i32", "i64")
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


def mixed_copy(width, count):
    @enigma.kernel
    def stretch(
        A: enigma.f32,
        B: enigma.f32,
        n: enigma.Scalar(count),
        start: enigma.Scalar(enigma.u8),
        to: enigma.Scalar(enigma.i64),
    ):
        t = enigma.thread_position_in_grid
        enigma.copy(A, B, n, start, to + t * SPACE, coalesced_width=width)

    return stretch


def halo_copy(width):
    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32):
        t = enigma.thread_position_in_grid
        enigma.copy(A, B, SPACE + 6, -3, t * SPACE, lambda i: (i > 3) & (i < SPACE), width)

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
    kernels.add(("halo", width), halo_copy(width))
    for name in COUNT_TYPES:
        kernels.add(("mixed", name, width), mixed_copy(width, dtype_of(name)))
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
@pytest.mark.parametrize("name", COUNT_TYPES)
def test_numbers_of_several_types(width, name):
    counts = (-5, -4, -1, 0, 1, 6, 50) if name.startswith("i") else (0, 1, 6, 50)
    source = sample("f32", THREADS * SPACE + 1, np.random.default_rng(3))
    for count in counts:
        expected = np.ones_like(source)
        for t in range(THREADS):
            copied = source[8 : 8 + max(count, 0)]
            expected[t * SPACE + 1 : t * SPACE + 1 + len(copied)] = copied
        written = run(kernels["mixed", name, width], source, count, 8, 1)
        np.testing.assert_array_equal(written, expected)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_mask_leaves_out_need_not_exist(width):
    source = sample("f32", THREADS * SPACE, np.random.default_rng(4))
    expected = np.ones_like(source)
    for t in range(THREADS):
        expected[t * SPACE + 4 : (t + 1) * SPACE] = source[1 : SPACE - 3]
    np.testing.assert_array_equal(run(kernels["halo", width], source), expected)


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


@pytest.mark.parametrize(("count", "asked"), [(0, []), (13, list(range(13))), (99, [None])])
def test_a_mask_function_is_asked_for_each_of_a_few_elements(count, asked):
    numbers = []

    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32):
        enigma.copy(A, B, count, mask_fn=ask, coalesced_width=2)

    def ask(number):
        numbers.append(number if isinstance(number, int) else None)
        return number != 3

    enigma.compile(stretch, emit_only=True)
    assert numbers == asked


@pytest.mark.parametrize(
    ("arguments", "error", "parts"),
    [
        ({"count": -1}, InvalidOption, ("count of enigma.copy", "not negative", "-1")),
        ({"count": 2.5}, OperandError, ("enigma.copy", "count", "2.5", "an integer")),
        ({"count": "n"}, OperandError, ("enigma.copy", "count")),
        ({"count": 2**64}, OperandError, ("enigma.copy", "count", "an integer")),
        ({"src_offset": 1.5}, OperandError, ("enigma.copy", "src_offset", "1.5", "an integer")),
        ({"dst_offset": None}, OperandError, ("enigma.copy", "dst_offset", "None")),
        ({"src_offset": -1}, IndexRangeError, ("from element -1 on", "A has elements from 0 on")),
        ({"dst_offset": 63}, IndexRangeError, ("2 elements from element 63", "64", "fewer")),
        ({"count": 65}, IndexRangeError, ("65 elements", "to element 64", "memory larger")),
        ({"coalesced_width": 3}, InvalidOption, ("coalesced_width", "1, 2 or 4", "3")),
        ({"mask": True}, InvalidOption, ("mask of enigma.copy", "mask_fn")),
        ({"mask_fn": lambda i: 1.0}, OperandError, ("enigma.copy", "mask_fn", "expected a bool")),
        (
            {"count": 99, "mask_fn": lambda i: i},
            OperandError,
            ("enigma.copy", "mask_fn", "expected a bool"),
        ),
    ],
)
def test_bad_arguments(arguments, error, parts):
    arguments = {"count": 2, **arguments}

    @enigma.kernel
    def stretch(A: enigma.f32):
        memory = enigma.threadgroup_alloc(enigma.f32, 64)
        enigma.copy(A, memory, **arguments)

    with pytest.raises(error) as caught:
        enigma.compile(stretch, emit_only=True)
    check_said(caught.value, *parts)
    assert "enigma.copy(A, memory, **arguments)" in str(caught.value)


def test_traced_numbers_are_integers():
    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32):
        enigma.copy(A, B, A[0])

    with pytest.raises(OperandError, match=r"enigma.copy.* count.*traced f32"):
        enigma.compile(stretch, emit_only=True)


@pytest.mark.parametrize(
    ("source", "target", "found", "remedy"),
    [
        (enigma.f32, enigma.i32, "f32, B of i32", r"B\[i\] = A\[i\].to\(enigma.i32\)"),
        ("float4", "half4", "f32x4, B of f16x4", r"B\[i\] = A\[i\].to\(enigma.f16\)"),
        ("packed_float3", "float3", "packed_f32x3, B of f32x3", r"B\[i\] = A\[i\]$"),
        ("float4", "float3", "f32x4, B of f32x3", "as many lanes"),
    ],
)
def test_element_types_must_agree(source, target, found, remedy):
    @enigma.kernel
    def stretch(A: source, B: target):
        enigma.copy(A, B, 0)

    with pytest.raises(DTypeMismatch, match=f"A has elements of {found}") as caught:
        enigma.compile(stretch, emit_only=True)
    assert re.search(remedy, caught.value.help)


def test_constant_memory_is_not_written():
    @enigma.kernel
    def stretch(A, B):
        enigma.copy(A, B)

    @enigma.jit
    def run(A, B):
        stretch(A, B).launch(grid=1, block=1)

    tensors = [
        enigma.Tensor("A", 0, "float", enigma.Layout(8)),
        enigma.Tensor("B", 1, "float", enigma.Layout(8), address_space="constant"),
    ]
    with pytest.raises(enigma.EnigmaError, match="B is in the constant address space"):
        enigma.compile(run, *tensors, emit_only=True)


def test_what_a_mask_function_makes_stays_in_it():
    kept = []

    @enigma.kernel
    def stretch(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
        enigma.copy(A, B, n, mask_fn=keep)
        B[kept[0]] = 1.0

    def keep(number):
        kept.append(number)
        return number > 3

    with pytest.raises(enigma.EnigmaError, match=r"in the mask_fn of enigma\.copy"):
        enigma.compile(stretch, emit_only=True)
