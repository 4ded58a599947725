# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The product with bias and activation of the examples, in every dtype and order, of any size."""

import itertools

import numpy as np
import pytest

import mma_gemm
from conformance import harness
from conformance.emitted import NUMPY, dtype_of, values_of

EPSILON = {"f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}
ORDERS = list(itertools.product((False, True), repeat=2))
RNG = np.random.default_rng(30)
# Smaller than a tile, and random ones.
SHAPES = [(1, 1, 1), (3, 40, 17), *map(tuple, RNG.integers(1, 80, (3, 3)).tolist())]
CASES = [
    (elem, transposed, bool(number % 2))
    for elem in EPSILON
    for number, transposed in enumerate(ORDERS)
]


@pytest.fixture(scope="module")
def kernels():
    compiled = {}
    for case in CASES:
        elem, transposed, gelu = case
        kernel = mma_gemm.compile_gemm(dtype_of(elem).metal_name, transposed, gelu)
        compiled[case] = kernel
        harness.declare(kernel)
    return compiled


def given(elem, values):
    return harness.to_bfloat(values) if elem == "bf16" else values.astype(NUMPY[elem])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", CASES)
def test_gemm(kernels, case, shape):
    elem, transposed, gelu = case
    m, n, k = shape
    # Small numbers, whose products and sums are exact.
    a, b = RNG.integers(-4, 5, (m, k)) / 8, RNG.integers(-4, 5, (k, n)) / 8
    bias = RNG.integers(-9, 10, n).astype(np.float32)
    stored = [
        given(elem, np.ascontiguousarray(x.T if turned else x))
        for x, turned in zip((a, b), transposed, strict=True)
    ]
    out = np.zeros((m, n), NUMPY[elem])
    kernel = kernels[case]
    sizes = {"m": m, "n": n, "k": k}
    arguments = {"A": stored[0], "B": stored[1], "bias": bias, "C": out, **sizes}
    harness.run(
        kernel,
        args=[arguments[name] for name in kernel.param_names],
        grid=kernel.launch_grid(**sizes),
        block=kernel.block,
    )
    x = a @ b + bias
    wanted = mma_gemm.reference(a, b, bias, gelu)
    # A result is rounded once; 1 and the tangent, which GELU adds, may cancel before.
    bound = EPSILON[elem] * np.abs(wanted) + 16 * EPSILON["f32"] * np.abs(x)
    assert (np.abs(values_of(elem, out) - wanted) <= bound).all()
