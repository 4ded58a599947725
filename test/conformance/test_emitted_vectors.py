# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Vectors of every dtype and number of lanes: construction, operators, comparisons, swizzles."""

import itertools
import operator

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    dtype_of,
    empty,
    launch,
    rounded,
    sample,
    small_sample,
    values_of,
)

COUNT = 48
KERNELS = Kernels()
LANES = (2, 3, 4)
DTYPES = (*FLOATS, *INTEGERS)


def stored(dtype, values):
    return harness.to_bfloat(values) if dtype == "bf16" else values.astype(NUMPY[dtype])


def vector_of(buffer, i, lanes):
    return enigma.make_vec(*[buffer[lanes * i + k] for k in range(lanes)])


def elementwise(function, dtype, result, lanes, is_scalar=(False, False)):
    """A kernel that stores the lanes of a function of two vectors, or of a scalar and one."""
    element, target = dtype_of(dtype), dtype_of(result)

    @enigma.kernel
    def apply(A: element, B: element, out: target):
        i = enigma.thread_position_in_grid
        a, b = (
            X[lanes * i] if scalar else vector_of(X, i, lanes)
            for X, scalar in zip((A, B), is_scalar, strict=True)
        )
        v = function(a, b)
        for k in range(lanes):
            out[lanes * i + k] = v[k]

    return apply


def run(key, dtype, result, lanes, a, b):
    out = empty(result, COUNT * lanes)
    launch(KERNELS[key], a, b, out, threads=COUNT)
    return values_of(result, out).reshape(COUNT, lanes)


def operands(dtype, lanes, is_scalar=(False, False)):
    """Buffers, and the rows of numbers that a kernel reads of them."""
    rng = np.random.default_rng(0)
    buffers = [small_sample(dtype, COUNT * lanes, rng) for _ in range(2)]
    rows = []
    for buffer, scalar in zip(buffers, is_scalar, strict=True):
        values = values_of(dtype, buffer).reshape(COUNT, lanes)
        rows.append(np.repeat(values[:, :1], lanes, axis=1) if scalar else values)
    return buffers, rows


# Construction: a vector of all scalars, of a vector and scalars, of numbers.


def constructions(a, b, lanes):
    """The ways to make a vector of the lanes of `a`, but for the last one, which is 1."""
    made = [
        enigma.make_vec(*list(a)[:-1], 1),
        enigma.make_vec(*[a[k] for k in range(lanes - 1)], 1, dtype=a.dtype),
    ]
    if lanes > 2:
        made.append(enigma.make_vec(a.x, a.yz if lanes == 4 else a.y, 1))
        made.append(enigma.make_vec(a.xy, *([a.z] if lanes == 4 else []), 1))
    return made


WAYS = {2: 2, 3: 4, 4: 4}
MADE = [(dtype, lanes, way) for dtype in DTYPES for lanes in LANES for way in range(WAYS[lanes])]
for dtype, lanes, way in MADE:
    KERNELS.add(
        ("make", dtype, lanes, way),
        elementwise(lambda a, b, n=lanes, w=way: constructions(a, b, n)[w], dtype, dtype, lanes),
    )


@pytest.mark.parametrize(("dtype", "lanes", "way"), MADE)
def test_construction(dtype, lanes, way):
    buffers, (a, _) = operands(dtype, lanes)
    out = run(("make", dtype, lanes, way), dtype, dtype, lanes, *buffers)
    expected = a.copy()
    expected[:, -1] = 1
    np.testing.assert_array_equal(out, expected)


def test_construction_of_bools():
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.b1):
        i = enigma.thread_position_in_grid
        v = enigma.make_vec(A[i] > 0, True, A[i] < 0)
        v.z = ~v.x
        for k in range(3):
            out[3 * i + k] = v[k]

    a, out = np.linspace(-1, 1, 8).astype(np.float32), empty("b1", 24)
    launch(enigma.compile(kernel, emit_only=True), a, out, threads=8)
    np.testing.assert_array_equal(out.reshape(8, 3).T, [a > 0, a == a, ~(a > 0)])


# Operators, of two vectors, and of a vector and a scalar on either side.

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}
DIVISIONS = {"//": operator.floordiv, "%": operator.mod}
BITS = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
SHIFTS = {"<<": operator.lshift, ">>": operator.rshift}
SIDES = [(False, False), (True, False), (False, True)]


def operators_of(dtype):
    if dtype in FLOATS:
        return ARITHMETIC | {"/": operator.truediv}
    return ARITHMETIC | DIVISIONS | BITS | SHIFTS


APPLIED = [
    (dtype, symbol, lanes, sides)
    for dtype in DTYPES
    for symbol in operators_of(dtype)
    for lanes, sides in itertools.product(LANES, SIDES)
    if sides == (False, False) or lanes == 3
]
for dtype, symbol, lanes, sides in APPLIED:
    kernel = elementwise(operators_of(dtype)[symbol], dtype, dtype, lanes, sides)
    KERNELS.add((symbol, dtype, lanes, sides), kernel)


@pytest.mark.parametrize(("dtype", "symbol", "lanes", "sides"), APPLIED)
def test_operators(dtype, symbol, lanes, sides):
    buffers, _ = operands(dtype, lanes, sides)
    if symbol in ("/", *DIVISIONS):
        buffers[1][values_of(dtype, buffers[1]) == 0] = 3 if dtype != "bf16" else 0x4040
    if symbol in SHIFTS:
        bits = buffers[1].itemsize * 8
        buffers[1] = (
            np.random.default_rng(1).integers(0, bits - 1, COUNT * lanes).astype(NUMPY[dtype])
        )
        # What is shifted out of a signed number is undefined.
        buffers[0] = (np.abs(buffers[0].astype(np.int64)) & 1).astype(NUMPY[dtype])
    rows = [values_of(dtype, v).reshape(COUNT, lanes) for v in buffers]
    rows = [
        np.repeat(v[:, :1], lanes, axis=1) if scalar else v
        for v, scalar in zip(rows, sides, strict=True)
    ]
    out = run((symbol, dtype, lanes, sides), dtype, dtype, lanes, *buffers)
    with np.errstate(all="ignore"):
        expected = operators_of(dtype)[symbol](*rows)
    np.testing.assert_array_equal(out, rounded(dtype, expected))


# Comparisons give vectors of bools, and `where` chooses by them, lane by lane.

COMPARED = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}
for dtype, symbol, lanes in itertools.product(DTYPES, COMPARED, LANES):
    compare = COMPARED[symbol]
    KERNELS.add((symbol, dtype, lanes), elementwise(compare, dtype, "b1", lanes))
for dtype, lanes in itertools.product(DTYPES, LANES):
    KERNELS.add(
        ("where", dtype, lanes),
        elementwise(lambda a, b: enigma.where(a, b, (a > b) | ~(a != b)), dtype, dtype, lanes),
    )
    KERNELS.add(
        ("where scalar", dtype, lanes),
        elementwise(lambda a, b: enigma.where(a, 1, a.x > b), dtype, dtype, lanes),
    )


def compared(dtype, lanes):
    buffers, _ = operands(dtype, lanes)
    buffers[1][::3] = buffers[0][::3]
    if dtype in ("f32", "f16"):
        buffers[0][:2], buffers[1][1] = np.nan, np.nan
    return buffers, [values_of(dtype, v).reshape(COUNT, lanes) for v in buffers]


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("symbol", COMPARED)
@pytest.mark.parametrize("dtype", DTYPES)
def test_comparisons(dtype, symbol, lanes):
    buffers, rows = compared(dtype, lanes)
    out = run((symbol, dtype, lanes), dtype, "b1", lanes, *buffers)
    np.testing.assert_array_equal(out, COMPARED[symbol](*rows))


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_where(dtype, lanes):
    buffers, (a, b) = compared(dtype, lanes)
    out = run(("where", dtype, lanes), dtype, dtype, lanes, *buffers)
    np.testing.assert_array_equal(out, np.where((a > b) | ~(a != b), b, a))
    out = run(("where scalar", dtype, lanes), dtype, dtype, lanes, *buffers)
    np.testing.assert_array_equal(out, np.where(a[:, :1] > b, 1, a).astype(a.dtype))


# Swizzles that are read: all letters, and all pairs of them.


def read_names(lanes):
    letters = "xyzw"[:lanes]
    names = [*letters, *map("".join, itertools.product(letters, repeat=2)), letters[::-1] * 2]
    return [name[:4] for name in (*names, "rgba"[:lanes], "gr")]


PLACE = {letter: at for letters in ("xyzw", "rgba") for at, letter in enumerate(letters)}
READ = {lanes: "".join(read_names(lanes)) for lanes in LANES}


def reading(dtype, lanes):
    element, names, count = dtype_of(dtype), read_names(lanes), len(READ[lanes])

    @enigma.kernel
    def apply(A: element, out: element):
        i = enigma.thread_position_in_grid
        a = vector_of(A, i, lanes)
        lane = 0
        for name in names:
            v = getattr(a, name)
            for part in [v] if len(name) == 1 else v:
                out[count * i + lane] = part
                lane += 1

    return apply


for dtype, lanes in itertools.product(DTYPES, LANES):
    KERNELS.add(("read", dtype, lanes), reading(dtype, lanes))


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_swizzles_that_are_read(dtype, lanes):
    (a, _), (rows, _) = operands(dtype, lanes)
    out = empty(dtype, COUNT * len(READ[lanes]))
    launch(KERNELS["read", dtype, lanes], a, out, threads=COUNT)
    expected = rows[:, [PLACE[letter] for letter in READ[lanes]]]
    np.testing.assert_array_equal(values_of(dtype, out).reshape(expected.shape), expected)


# Swizzles that are written. A vector is a value: another name of it stays what it was.


@enigma.func
def write_x(v, w):
    v.x = w.x
    return v


@enigma.func
def write_y(v, w):
    v.y = w.x
    return v


@enigma.func
def write_z(v, w):
    v.z = w.x
    return v


@enigma.func
def write_w(v, w):
    v.w = w.x
    return v


@enigma.func
def write_r(v, w):
    v.r = w.x
    return v


@enigma.func
def write_xy(v, w):
    v.xy = w.xy
    return v


@enigma.func
def write_yx(v, w):
    v.yx = w.xy
    return v


@enigma.func
def write_zw(v, w):
    v.zw = w.xy
    return v


@enigma.func
def write_wy(v, w):
    v.wy = w.xy
    return v


@enigma.func
def write_ab(v, w):
    v.ab = w.xy
    return v


@enigma.func
def write_xyz(v, w):
    v.xyz = w.xyz
    return v


@enigma.func
def write_zyx(v, w):
    v.zyx = w.xyz
    return v


@enigma.func
def write_bgr(v, w):
    v.bgr = w.xyz
    return v


@enigma.func
def write_wyx(v, w):
    v.wyx = w.xyz
    return v


@enigma.func
def write_xyzw(v, w):
    v.xyzw = w.xyzw
    return v


@enigma.func
def write_wzyx(v, w):
    v.wzyx = w.xyzw
    return v


@enigma.func
def write_yxwz(v, w):
    v.yxwz = w.xyzw
    return v


WRITERS = [globals()[name] for name in list(globals()) if name.startswith("write_")]
WRITTEN = [
    (writer.__name__.removeprefix("write_"), dtype, lanes)
    for writer in WRITERS
    for dtype, lanes in itertools.product(DTYPES, LANES)
    if max(PLACE[letter] for letter in writer.__name__.removeprefix("write_")) < lanes
]
for name, dtype, lanes in WRITTEN:
    kernel = elementwise(globals()[f"write_{name}"], dtype, dtype, lanes)
    KERNELS.add(("write", name, dtype, lanes), kernel)


@pytest.mark.parametrize(("name", "dtype", "lanes"), WRITTEN)
def test_swizzles_that_are_written(name, dtype, lanes):
    buffers, (a, b) = operands(dtype, lanes)
    out = run(("write", name, dtype, lanes), dtype, dtype, lanes, *buffers)
    expected = a.copy()
    expected[:, [PLACE[letter] for letter in name]] = b[:, : len(name)]
    np.testing.assert_array_equal(out, expected)


def carried(dtype):
    """Lanes that are assigned in a loop, a branch and with an operator."""
    element = dtype_of(dtype)

    @enigma.kernel
    def apply(A: element, B: element, out: element):
        i = enigma.thread_position_in_grid
        v = vector_of(A, i, 3)
        before = v
        w = vector_of(B, i, 3)
        for _ in enigma.range(3):
            v.y += 1
            if w.x > w.y:
                v.zx = w.xy
            else:
                v.x = 1
        v.g -= before.y
        for k in range(3):
            out[3 * i + k] = v[k]

    return apply


for dtype in DTYPES:
    KERNELS.add(("carried", dtype), carried(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_swizzles_in_control_flow(dtype):
    buffers, _ = operands(dtype, 3)
    if dtype in FLOATS:
        # Whole numbers, of which sums are exact.
        buffers = [np.round(values_of(dtype, v)) for v in buffers]
        buffers = [stored(dtype, v) for v in buffers]
    else:
        buffers[0] = np.clip(buffers[0], 0, 100)
    a, b = (values_of(dtype, v).reshape(COUNT, 3) for v in buffers)
    out = run(("carried", dtype), dtype, dtype, 3, *buffers)
    is_larger = b[:, 0] > b[:, 1]
    expected = [
        np.where(is_larger, b[:, 1], 1),
        np.full(COUNT, 3),
        np.where(is_larger, b[:, 0], a[:, 2]),
    ]
    np.testing.assert_array_equal(out, np.stack([v.astype(a.dtype) for v in expected], axis=1))


# Lanes by numbers that the kernel computes; Python's own functions of vectors.


def computed_lanes(dtype, lanes):
    element = dtype_of(dtype)

    @enigma.kernel
    def kernel(A: element, out: element):
        i = enigma.thread_position_in_grid
        v = vector_of(A, i, lanes)
        k = i % lanes
        w = enigma.vec_insert(v, k, v[lanes - 1 - k])
        w = enigma.vec_insert(w, 0, enigma.vec_extract(w, k))
        for j in enigma.range(lanes):
            out[lanes * i + j] = w[j]

    return kernel


for dtype, lanes in itertools.product(DTYPES, LANES):
    KERNELS.add(("computed", dtype, lanes), computed_lanes(dtype, lanes))


@pytest.mark.parametrize(("dtype", "lanes"), itertools.product(DTYPES, LANES))
def test_computed_lanes(dtype, lanes):
    (a, _b), (rows, _) = operands(dtype, lanes)
    out = empty(dtype, COUNT * lanes)
    launch(KERNELS["computed", dtype, lanes], a, out, threads=COUNT)
    i = np.arange(COUNT)
    expected = rows.copy()
    expected[i, i % lanes] = rows[i, lanes - 1 - i % lanes]
    expected[:, 0] = expected[i, i % lanes]
    np.testing.assert_array_equal(values_of(dtype, out).reshape(COUNT, lanes), expected)


@pytest.mark.parametrize("lanes", LANES)
def test_functions_of_python(lanes):
    @enigma.kernel
    def kernel(A: enigma.i32, out: enigma.i32):
        i = enigma.thread_position_in_grid
        v = vector_of(A, i, lanes)
        first, *rest = v
        out[6 * i] = enigma.where(0, 1, any(v > 5))
        out[6 * i + 1] = enigma.where(0, 1, all(v > 5))
        out[6 * i + 2] = sum(v) + len(v)
        out[6 * i + 3] = max(v) - min(v)
        out[6 * i + 4] = first - sum(rest)
        vectors = [v, v + 1]
        v.x = 100
        out[6 * i + 5] = vectors[0].x + vectors[1].y

    a = np.random.default_rng(0).integers(0, 10, (COUNT, lanes), np.int32)
    out = np.zeros((COUNT, 6), np.int32)
    launch(enigma.compile(kernel, emit_only=True), a.reshape(-1), out.reshape(-1), threads=COUNT)
    expected = [
        (a > 5).any(1), (a > 5).all(1), a.sum(1) + lanes, a.max(1) - a.min(1),
        2 * a[:, 0] - a.sum(1), a[:, 0] + a[:, 1] + 1,
    ]  # fmt: skip
    np.testing.assert_array_equal(out.T, expected)


@pytest.mark.parametrize("lanes", LANES)
def test_dequantized_vectors(lanes):
    @enigma.kernel
    def kernel(A: enigma.i8, S: enigma.f16, out: enigma.f16):
        i = enigma.thread_position_in_grid
        scale = vector_of(S, i, lanes)
        v = enigma.dequantize_int8(vector_of(A, i, lanes), scale, -3)
        w = enigma.dequantize_int8(vector_of(A, i, lanes), S[i], 2)
        for k in range(lanes):
            out[lanes * i + k] = v[k] + w[k]

    rng = np.random.default_rng(1)
    a = rng.integers(-128, 128, (COUNT, lanes), np.int8)
    scale = rng.standard_normal((COUNT, lanes)).astype(np.float16)
    out = np.zeros((COUNT, lanes), np.float16)
    launch(enigma.compile(kernel, emit_only=True), a, scale, out, threads=COUNT)
    wide = a.astype(np.float32)
    first = ((wide + 3) * scale).astype(np.float16)
    single = scale.reshape(-1)[:COUNT, None].astype(np.float32)
    second = ((wide - 2) * single).astype(np.float16)
    np.testing.assert_array_equal(out, first + second)


@enigma.kernel
def choose_swizzles(A: enigma.f32, B: enigma.f32, out: enigma.f32):
    i = enigma.thread_position_in_grid
    v, w = vector_of(A, i, 3), vector_of(B, i, 3)
    chosen = v.zxx if v.x < w.x else w.yyx
    for k in range(3):
        out[3 * i + k] = chosen[k]


KERNELS.add("choose_swizzles", choose_swizzles)


def test_a_choice_between_swizzles():
    buffers, (a, b) = operands("f32", 3)
    out = run("choose_swizzles", "f32", "f32", 3, *buffers)
    expected = np.where((a[:, 0] < b[:, 0])[:, None], a[:, [2, 0, 0]], b[:, [1, 1, 0]])
    np.testing.assert_array_equal(out, expected)


# A variable holds a product that wraps, and then what is combined with signed lanes.

WRAPPING = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def shared_variable(symbol, bits):
    function = WRAPPING[symbol]
    signed, unsigned = dtype_of(f"i{bits}"), dtype_of(f"u{bits}")

    @enigma.kernel
    def apply(A: signed, B: unsigned, out: unsigned):
        i = enigma.thread_position_in_grid
        v = function(vector_of(B, i, 2), B[2 * i])
        out[4 * i] = v.x
        out[4 * i + 1] = v.y
        v = ~(v | vector_of(A, i, 2))
        out[4 * i + 2] = v.x
        out[4 * i + 3] = v.y

    return apply


for symbol, bits in itertools.product(WRAPPING, (8, 16, 32, 64)):
    KERNELS.add(("shared", symbol, bits), shared_variable(symbol, bits))


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("symbol", WRAPPING)
def test_lanes_that_wrap_in_a_variable_of_signed_ones(symbol, bits):
    rng = np.random.default_rng(3)
    a, b = sample(f"i{bits}", 2 * COUNT, rng), sample(f"u{bits}", 2 * COUNT, rng)
    out = empty(f"u{bits}", 4 * COUNT)
    launch(KERNELS["shared", symbol, bits], a, b, out, threads=COUNT)
    b = b.reshape(COUNT, 2)
    first = WRAPPING[symbol](b, b[:, :1])
    second = ~(first | a.view(b.dtype).reshape(COUNT, 2))
    np.testing.assert_array_equal(out.reshape(COUNT, 4), np.concatenate([first, second], axis=1))
