# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of whole vectors, in every dtype and every number of lanes."""

import itertools

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import FLOATS, NUMPY, Kernels, dtype_of, empty, launch, rounded, values_of

COUNT = 64
KERNELS = Kernels()
SCALARS = ("dot", "length", "length_squared", "distance", "distance_squared")
ARITY = {"length": 1, "length_squared": 1, "normalize": 1, "faceforward": 3, "refract": 3}
EPSILON = {"f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}
# What a sum of four products and a root lose, in units of the dtype.
UNITS = 4


def geometry(name, dtype, lanes):
    """A kernel that stores a function of vectors of consecutive elements."""
    element, function = dtype_of(dtype), getattr(enigma, name)
    arity = ARITY.get(name, 2)

    @enigma.kernel
    def apply(A: element, B: element, C: element, out: element):
        i = enigma.thread_position_in_grid
        a, b, c = (enigma.make_vec(*[X[lanes * i + k] for k in range(lanes)]) for X in (A, B, C))
        third = C[lanes * i] if name == "refract" else c
        result = function(*(a, b, third)[:arity])
        if name in SCALARS:
            out[i] = result
        else:
            for k in range(lanes):
                out[lanes * i + k] = result[k]

    return apply


def lanes_of(name):
    return (3,) if name == "cross" else (2, 3, 4)


CASES = [
    (name, dtype, lanes)
    for name, dtype in itertools.product(reference.GEOMETRY, FLOATS)
    for lanes in lanes_of(name)
]
for case in CASES:
    KERNELS.add(case, geometry(*case))


def stored(dtype, values):
    return harness.to_bfloat(values) if dtype == "bf16" else values.astype(NUMPY[dtype])


def run(name, dtype, lanes, *inputs):
    """What the kernel gives for rows of vectors, as numbers."""
    count = len(inputs[0])
    out = empty(dtype, count * (1 if name in SCALARS else lanes))
    given = [*inputs, *[inputs[0]] * (3 - len(inputs))]
    launch(KERNELS[name, dtype, lanes], *(v.reshape(-1) for v in given), out, threads=count)
    result = values_of(dtype, out).astype(np.float64)
    return result if name in SCALARS else result.reshape(count, lanes)


def inputs_of(name, lanes, rng):
    """Vectors that a function is defined for, and far from where its result jumps."""
    vectors = [rng.uniform(-3, 3, (COUNT, lanes)) for _ in range(3)]
    if name == "normalize":
        vectors[0][:, 0] += 4
    if name in ("reflect", "refract"):
        vectors[1] /= reference.length(vectors[1])[:, None]
    if name == "refract":
        vectors[0] /= reference.length(vectors[0])[:, None]
        vectors[2][:] = rng.uniform(0.3, 0.8, (COUNT, 1))
    if name == "faceforward":
        vectors[1][:, 0] += 4
        vectors[2] = vectors[1] * rng.choice([-1, 1], (COUNT, 1))
    return vectors


@pytest.mark.parametrize(("name", "dtype", "lanes"), CASES)
def test_geometry(name, dtype, lanes):
    inputs = [stored(dtype, v) for v in inputs_of(name, lanes, np.random.default_rng(0))]
    out = run(name, dtype, lanes, *inputs)
    given = [values_of(dtype, v).astype(np.float64) for v in inputs][: ARITY.get(name, 2)]
    if name == "refract":
        given[2] = given[2][:, 0]
    function, terms = reference.GEOMETRY[name]
    error = np.abs(out - function(*given))
    assert (error <= UNITS * EPSILON[dtype] * terms(*given)).all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("lanes", [2, 3, 4])
def test_edges_of_dot_products_and_lengths(dtype, lanes):
    zeros, ones = np.zeros((1, lanes)), np.ones((1, lanes))
    infinite, missing, signed = ones.copy(), ones.copy(), -zeros
    infinite[0, -1], missing[0, 0] = np.inf, np.nan
    cases = {name: stored(dtype, v) for name, v in locals().items() if isinstance(v, np.ndarray)}

    def given(function, *names):
        return run(function, dtype, lanes, *(cases[name] for name in names))[0]

    assert given("dot", "zeros", "ones") == 0
    assert given("dot", "ones", "ones") == lanes
    assert given("dot", "infinite", "ones") == np.inf
    assert np.isnan(given("dot", "infinite", "zeros"))
    assert np.isnan(given("dot", "ones", "missing"))
    assert given("length", "zeros") == given("length", "signed") == 0
    assert given("length", "infinite") == np.inf
    assert np.isnan(given("length", "missing"))
    assert given("distance", "ones", "ones") == 0
    assert np.isnan(given("distance", "infinite", "infinite"))
    assert (given("faceforward", "ones", "ones", "zeros") == -1).all()


def test_half_overflows_where_it_must():
    big = np.full((1, 4), 200, np.float16)
    assert run("dot", "f16", 4, big, big)[0] == np.inf
    wide = harness.to_bfloat(np.full((1, 4), 200.0))
    assert run("dot", "bf16", 4, wide, wide)[0] == rounded("bf16", np.array(160000.0))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("lanes", [2, 3, 4])
def test_total_reflection(dtype, lanes):
    incident, normal, eta = np.zeros((3, 1, lanes))
    incident[0, :2], normal[0, 1], eta[:] = [0.9375, -0.34375], 1, 1.5
    out = run("refract", dtype, lanes, *(stored(dtype, v) for v in (incident, normal, eta)))
    np.testing.assert_array_equal(out, np.zeros((1, lanes)))


def test_parallel_vectors_have_no_cross_product():
    a = np.array([[1.0, -2.0, 4.0]], np.float32)
    np.testing.assert_array_equal(run("cross", "f32", 3, a, 2 * a), [[0, 0, 0]])
