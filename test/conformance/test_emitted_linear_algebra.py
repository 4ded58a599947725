# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices of 2 to 4 columns and rows, of every shape, from Python to numbers.

An array of matrices has the axes (matrix, column, row), as they lie in memory.
"""

import itertools

import numpy as np
import pytest

import enigma
from conformance.emitted import NUMPY, Kernels, dtype_of, launch

ELEMENTS = ("f32", "f16")
EXTENTS = (2, 3, 4)
SHAPES = list(itertools.product(EXTENTS, EXTENTS))
EPSILON = {"f32": 2.0**-23, "f16": 2.0**-10}
# What sums of four products, and of their products, lose in units of the sum of their magnitudes.
PRODUCT_UNITS, DETERMINANT_UNITS = 4, 8
COUNT = 8
MAKERS = {
    (elem, *shape): f"make_{dtype_of(elem).metal_name}{shape[0]}x{shape[1]}"
    for elem, shape in itertools.product(ELEMENTS, SHAPES)
}
KERNELS = Kernels()


@enigma.func
def load(A, columns, rows):
    """The matrix of a thread."""
    first = enigma.thread_position_in_grid * (columns * rows)
    return enigma.make_matrix(
        *[enigma.make_vec(*[A[first + c * rows + r] for r in range(rows)]) for c in range(columns)]
    )


@enigma.func
def load_vector(A, lanes):
    i = enigma.thread_position_in_grid
    return enigma.make_vec(*[A[i * lanes + r] for r in range(lanes)])


@enigma.func
def store(m, out, place=0, places=1):
    """Write a matrix behind those of `place` others."""
    first = (enigma.thread_position_in_grid * places + place) * (m.columns * m.rows)
    for c in range(m.columns):
        for r in range(m.rows):
            out[first + c * m.rows + r] = m[c][r]


def sample(dtype, *shape, seed=0):
    """Small numbers of a few bits, of which products and sums of products are exact in f32."""
    return (np.random.default_rng(seed).integers(-32, 33, shape) / 8).astype(NUMPY[dtype])


def run(key, *arrays, **options):
    launch(
        KERNELS[key], *(np.reshape(a, -1) for a in arrays), threads=COUNT, block=COUNT, **options
    )


# Elements.

OPERATIONS = {
    "a + b": (lambda a, b, x: a + b),
    "a - b": (lambda a, b, x: a - b),
    "a * b": (lambda a, b, x: a * b),
    "a / b": (lambda a, b, x: a / b),
    "x + a": (lambda a, b, x: x + a),
    "x - a": (lambda a, b, x: x - a),
    "a * x": (lambda a, b, x: a * x),
    "x * a": (lambda a, b, x: x * a),
    "2 / b": (lambda a, b, x: 2 / b),
    "a - 1": (lambda a, b, x: a - 1),
    "-a": (lambda a, b, x: -a),
    "abs": (lambda a, b, x: abs(a)),
}


def elementwise(elem, columns, rows):
    dtype = dtype_of(elem)

    @enigma.kernel
    def kernel(A: dtype, B: dtype, X: dtype, out: dtype):
        a, b = load(A, columns, rows), load(B, columns, rows)
        x = X[enigma.thread_position_in_grid]
        for place, operation in enumerate(OPERATIONS.values()):
            store(operation(a, b, x), out, place, len(OPERATIONS))

    return kernel


ALL = [(elem, *shape) for elem in ELEMENTS for shape in SHAPES]
for case in ALL:
    KERNELS.add(("elementwise", *case), elementwise(*case))


@pytest.mark.parametrize("case", ALL)
def test_operators_act_on_elements(case):
    elem, columns, rows = case
    a, b = (sample(elem, COUNT, columns, rows, seed=seed) for seed in (1, 2))
    b[b == 0] = 1
    x = sample(elem, COUNT, seed=3)
    out = np.zeros((COUNT, len(OPERATIONS), columns, rows), NUMPY[elem])
    run(("elementwise", *case), a, b, x, out)
    for place, (name, operation) in enumerate(OPERATIONS.items()):
        wanted = operation(a, b, x[:, None, None])
        np.testing.assert_array_equal(out[:, place], wanted, err_msg=name)


# Columns, rows and elements that are read and written.


def places(elem, columns, rows):
    dtype = dtype_of(elem)

    @enigma.kernel
    def kernel(A: dtype, V: dtype, out: dtype, which: enigma.Scalar(enigma.u32)):
        m, v = load(A, columns, rows), load_vector(V, rows)
        store(enigma.make_matrix(*[m[which] for _ in range(columns)]), out, 0, 5)
        n = enigma.make_matrix(*m)
        n[which] = v
        store(n, out, 1, 5)
        n = enigma.make_matrix(*m)
        n[-1] = v
        n[0][rows - 1] = 5
        n[1].yx = n[0].xy
        store(n, out, 2, 5)
        n[which] += 2 * v
        n[0][0] -= 1
        n[-1].x *= 3
        store(n, out, 3, 5)
        n = enigma.make_matrix(*m)
        if which == 1:
            n[0] = 7
        else:
            n[which][-1] = v[0]
        for c in enigma.range(columns):
            n[c] = n[c] * 2
            n[c][0] = n[c][0] + 1
        store(n, out, 4, 5)

    return kernel


for case in ALL:
    KERNELS.add(("places", *case), places(*case))


@pytest.mark.parametrize("case", ALL)
def test_columns_and_elements(case):
    elem, columns, rows = case
    m, v = sample(elem, COUNT, columns, rows, seed=4), sample(elem, COUNT, rows, seed=5)
    for which in range(columns):
        out = np.zeros((COUNT, 5, columns, rows), NUMPY[elem])
        run(("places", *case), m, v, out, np.uint32(which))
        wanted = np.stack([m] * 5, axis=1)
        wanted[:, 0] = m[:, which, None]
        wanted[:, 1, which] = v
        for place in (2, 3):
            wanted[:, place, -1] = v
            wanted[:, place, 0, -1] = 5
            wanted[:, place, 1, :2] = wanted[:, place, 0, 1::-1]
        wanted[:, 3, which] += 2 * v
        wanted[:, 3, 0, 0] -= 1
        wanted[:, 3, -1, 0] *= 3
        if which == 1:
            wanted[:, 4, 0] = 7
        else:
            wanted[:, 4, which, -1] = v[:, 0]
        wanted[:, 4] *= 2
        wanted[:, 4, :, 0] += 1
        np.testing.assert_array_equal(out, wanted)


# Products, transposes, determinants.


def products(elem, columns, inner, rows):
    """A matrix of `inner` columns and `rows` rows, times one of `columns` and `inner`."""
    dtype = dtype_of(elem)

    @enigma.kernel
    def kernel(A: dtype, B: dtype, out: dtype):
        a, b = load(A, inner, rows), load(B, columns, inner)
        store(enigma.matmul(a, b), out, 0, 2)
        store(enigma.transpose(enigma.transpose(b) @ enigma.transpose(a)), out, 1, 2)

    return kernel


PRODUCTS = list(itertools.product(ELEMENTS, EXTENTS, EXTENTS, EXTENTS))
for case in PRODUCTS:
    KERNELS.add(("product", *case), products(*case))


@pytest.mark.parametrize("case", PRODUCTS)
def test_products_of_matrices(case):
    elem, columns, inner, rows = case
    a, b = sample(elem, COUNT, inner, rows, seed=6), sample(elem, COUNT, columns, inner, seed=7)
    out = np.zeros((COUNT, 2, columns, rows), NUMPY[elem])
    run(("product", *case), a, b, out)
    x, y = a.astype(np.float64), b.astype(np.float64)
    bound = PRODUCT_UNITS * EPSILON[elem] * (np.abs(y) @ np.abs(x))
    for place in range(2):
        assert (np.abs(out[:, place] - y @ x) <= bound).all()


def vectors(elem, columns, rows):
    dtype = dtype_of(elem)

    @enigma.kernel
    def kernel(A: dtype, V: dtype, W: dtype, right: dtype, left: dtype):
        m = load(A, columns, rows)
        v, w = load_vector(V, columns), load_vector(W, rows)
        store(enigma.make_matrix(m @ v, enigma.matmul(m, v)), right)
        store(enigma.make_matrix(w @ m, enigma.matmul(w, m)), left)

    return kernel


for case in ALL:
    KERNELS.add(("vectors", *case), vectors(*case))


@pytest.mark.parametrize("case", ALL)
def test_products_with_vectors(case):
    elem, columns, rows = case
    m = sample(elem, COUNT, columns, rows, seed=8)
    v, w = sample(elem, COUNT, columns, seed=9), sample(elem, COUNT, rows, seed=10)
    right, left = (np.zeros((COUNT, 2, n), NUMPY[elem]) for n in (rows, columns))
    run(("vectors", *case), m, v, w, right, left)
    m, v, w = (x.astype(np.float64) for x in (m, v, w))
    for out, terms in ((right, v[:, :, None] * m), (left, (m * w[:, None]).swapaxes(1, 2))):
        bound = PRODUCT_UNITS * EPSILON[elem] * np.abs(terms).sum(1)
        for place in range(2):
            assert (np.abs(out[:, place] - terms.sum(1)) <= bound).all()


def transposed(elem, columns, rows):
    dtype, make = dtype_of(elem), getattr(enigma, MAKERS[elem, columns, rows])

    @enigma.kernel
    def kernel(A: dtype, out: dtype):
        first = enigma.thread_position_in_grid * (columns * rows)
        m = make(*[A[first + place] for place in range(columns * rows)])
        store(enigma.transpose(m), out)

    return kernel


for case in ALL:
    KERNELS.add(("transpose", *case), transposed(*case))


@pytest.mark.parametrize("case", ALL)
def test_transpose(case):
    elem, columns, rows = case
    m = sample(elem, COUNT, columns, rows, seed=11)
    out = np.zeros((COUNT, rows, columns), NUMPY[elem])
    run(("transpose", *case), m, out)
    np.testing.assert_array_equal(out, m.swapaxes(1, 2))


def determinants(elem, extent):
    dtype = dtype_of(elem)

    @enigma.kernel
    def kernel(A: dtype, out: dtype):
        out[enigma.thread_position_in_grid] = enigma.determinant(load(A, extent, extent))

    return kernel


SQUARE = list(itertools.product(ELEMENTS, EXTENTS))
for case in SQUARE:
    KERNELS.add(("determinant", *case), determinants(*case))


def leibniz(m):
    """The terms of a determinant, by permutations."""
    extent = m.shape[-1]
    terms = []
    for order in itertools.permutations(range(extent)):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        terms.append((-1) ** inversions * np.prod([m[:, c, order[c]] for c in range(extent)], 0))
    return np.stack(terms, 1)


@pytest.mark.parametrize("case", SQUARE)
def test_determinant(case):
    elem, extent = case
    m = sample(elem, COUNT, extent, extent, seed=12)
    m[0] = np.eye(extent)
    m[1, 0] = m[1, 1]
    out = np.zeros(COUNT, NUMPY[elem])
    run(("determinant", *case), m, out)
    terms = leibniz(m.astype(np.float64))
    bound = DETERMINANT_UNITS * EPSILON[elem] * np.abs(terms).sum(1)
    assert (np.abs(out - terms.sum(1)) <= bound).all()
    assert out[0] == 1


# Matrices of one dtype from others, and of scalars.


@enigma.kernel
def made(A: enigma.f16, B: enigma.f32, n: enigma.Scalar(enigma.i32), out: enigma.f32):
    i = enigma.thread_position_in_grid
    h = enigma.make_half2x2(A[4 * i], A[4 * i + 1], A[4 * i + 2], A[4 * i + 3])
    x = B[i]
    f = enigma.make_float2x2((x, 1), enigma.make_vec(0.5, x))
    whole = enigma.make_matrix(enigma.make_vec(n, 1), (2, 3))
    store(h + f, out, 0, 5)
    store(h @ f, out, 1, 5)
    store(h.to(enigma.f32) * n, out, 2, 5)
    store(whole, out, 3, 5)
    store(f.map(lambda c, d: enigma.fmax(c, d), h), out, 4, 5)


KERNELS.add("made", made)


def test_dtypes_meet():
    a, b = sample("f16", COUNT, 2, 2, seed=13), sample("f32", COUNT, seed=14)
    out = np.zeros((COUNT, 5, 2, 2), np.float32)
    run("made", a, b, np.int32(3), out)
    h = a.astype(np.float32)
    f = np.zeros((COUNT, 2, 2), np.float32)
    f[:, 0, 0] = f[:, 1, 1] = b
    f[:, 0, 1], f[:, 1, 0] = 1, 0.5
    whole = np.broadcast_to(np.array([[3, 1], [2, 3]]), h.shape)
    wanted = [h + f, f @ h, h * 3, whole, np.maximum(f, h)]
    np.testing.assert_array_equal(out, np.stack(wanted, 1))


# Matrices as values.


@enigma.func
def power(m, n):
    """Leave early, or by a loop."""
    if n == 0:
        return enigma.make_float3x3(1, 0, 0, 0, 1, 0, 0, 0, 1)
    p = m
    for _ in enigma.range(1, n):
        p = p @ m
    return p


@enigma.kernel
def control(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32), out: enigma.f32):
    a, b = load(A, 3, 3), load(B, 3, 3)
    store(power(a, n), out, 0, 6)
    # A conditional expression, and a branch.
    store(a @ b if n > 1 else b, out, 1, 6)
    if n % 2 == 0:
        m = a + b
    elif n == 3:
        m = enigma.transpose(b)
    else:
        m = a
        m = m - 1
    store(m, out, 2, 6)
    # Swapped in a while loop, with an exit.
    x, y, i = a, b, 0
    while i < n:
        x, y = y, x
        i += 1
        if i == 3:
            break
    store(x - y, out, 3, 6)
    # In a list and in a tuple.
    pair = [a, b]
    both = (a, b)
    for _ in enigma.range(n):
        pair[0] = pair[0] + both[1]
        both = (both[1], pair[0])
        pair.reverse()
    store(pair[0] - both[0], out, 4, 6)
    # Assigned column by column in a loop that has branches.
    c = enigma.make_matrix(*a)
    d = c
    for k in enigma.range(3):
        if k < n:
            c[k] = b[k]
            c[2 - k][1] = 0
    store(c - d, out, 5, 6)


KERNELS.add("control", control)


@pytest.mark.parametrize("n", range(5))
def test_matrices_are_values(n):
    a, b = (np.round(sample("f32", COUNT, 3, 3, seed=seed)) for seed in (15, 16))
    out = np.zeros((COUNT, 6, 3, 3), np.float32)
    run("control", a, b, np.int32(n), out)
    wanted = [np.broadcast_to(np.linalg.matrix_power(a, n) if n else np.eye(3), a.shape)]
    wanted.append(b @ a if n > 1 else b)
    wanted.append(a + b if n % 2 == 0 else b.swapaxes(1, 2) if n == 3 else a - 1)
    x, y = (a, b) if min(n, 3) % 2 == 0 else (b, a)
    wanted.append(x - y)
    pair, both = [a, b], (a, b)
    for _ in range(n):
        pair[0] = pair[0] + both[1]
        both = (both[1], pair[0])
        pair.reverse()
    wanted.append(pair[0] - both[0])
    c = a.copy()
    for k in range(min(n, 3)):
        c[:, k] = b[:, k]
        c[:, 2 - k, 1] = 0
    wanted.append(c - a)
    np.testing.assert_array_equal(out, np.stack(wanted, 1))


@enigma.kernel
def augmented(A: enigma.f32, which: enigma.Scalar(enigma.u32), out: enigma.f32):
    m = enigma.make_matrix(*load(A, 2, 2))
    places = iter((enigma.imin(which, 1), 1, 0))
    m[next(places)] += m[0]
    m[next(places)][enigma.constant_array([0, 1])[1]] *= 2
    m[next(places)].yx -= m[enigma.imin(which, 1)]
    store(m, out)


KERNELS.add("augmented", augmented)


@pytest.mark.parametrize("which", range(2))
def test_subscripts_of_an_augmented_assignment_are_computed_once(which):
    m = sample("f32", COUNT, 2, 2, seed=17)
    out = np.zeros_like(m)
    run("augmented", m, np.uint32(which), out)
    m[:, which] = m[:, which] + m[:, 0]
    m[:, 1, 1] *= 2
    m[:, 0, ::-1] = m[:, 0, ::-1] - m[:, which]
    np.testing.assert_array_equal(out, m)
