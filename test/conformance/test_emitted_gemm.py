# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The product with bias and activation of the examples, in every dtype and order, of any size."""

import numpy as np
import pytest

import mma_gemm
from conformance import harness
from conformance.emitted import NUMPY, dtype_of, values_of

EPSILON = {"f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}
# What rounds a result, and what the activation loses before it.
UNITS = {"f32": 16, "f16": 1, "bf16": 1}
RNG = np.random.default_rng(30)
CASES = [
    (elem, transposed, bool(number % 2), tuple(RNG.integers(1, 80, 3).tolist()))
    for elem in EPSILON
    for number, transposed in enumerate(("NN", "TT", "NT", "TN"))
]


@pytest.fixture(scope="module")
def kernels():
    compiled = {}
    for elem, transposed, gelu, shape in CASES:
        kernel = mma_gemm.of_size(*shape, dtype_of(elem).metal_name, transposed, gelu)
        compiled[elem, transposed] = kernel
        harness.declare(kernel)
    return compiled


@pytest.mark.parametrize(("elem", "transposed", "gelu", "shape"), CASES)
def test_gemm(kernels, elem, transposed, gelu, shape):
    m, n, k = shape
    rng = np.random.default_rng(m * n * k)
    # Small numbers, whose products and sums are exact.
    a, b = rng.integers(-4, 5, (m, k)) / 8, rng.integers(-4, 5, (k, n)) / 8
    bias = rng.integers(-9, 10, n).astype(np.float32)
    stored = [x.T if order == "T" else x for x, order in zip((a, b), transposed, strict=True)]
    to_elem = harness.to_bfloat if elem == "bf16" else np.dtype(NUMPY[elem]).type
    given = [np.ascontiguousarray(to_elem(x)) for x in stored]
    out = np.zeros((m, n), NUMPY[elem])
    kernel = kernels[elem, transposed]
    harness.run(kernel, args=[*given, bias, out], grid=kernel.grid, block=kernel.block)
    wanted = mma_gemm.reference(a, b, bias, gelu)
    # The activation is a product: what it adds of 1 and of tanh may cancel.
    bound = EPSILON[elem] * UNITS[elem] * np.abs(wanted) + EPSILON["f32"] * 16 * np.abs(
        a @ b + bias
    )
    assert (np.abs(values_of(elem, out) - wanted) <= bound).all()
