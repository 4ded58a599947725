# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fast math: warnings of what means nothing under it, and variants of functions."""

from __future__ import annotations

import math
import warnings

import pytest

import enigma
from enigma import errors
from enigma._features import FEATURES

VARIANTS = [name for name in dir(enigma.fast)]


def elementwise(function, arity, dtype=enigma.f32):
    d = dtype

    @enigma.kernel
    def kernel(A: d, B: d, C: d, out: d):
        i = enigma.thread_position_in_grid
        out[i] = function(*[A[i], B[i], C[i]][:arity])

    return kernel


ARITY = {feature.name: feature.signature.count(",") + 1 for feature in FEATURES}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("variant", ["fast", "precise"])
@pytest.mark.parametrize("width", [0, 4])
def test_a_variant_is_called_whatever_the_compiler_is_told(name, variant, width):
    function = getattr(getattr(enigma, variant), name)
    kernel = elementwise(function, ARITY[name])
    text = enigma.compile(kernel, vec_width=width).metal_source
    assert f"{variant}::{name}(" in text
    assert text.count(f"{variant}::") == text.count("::")
    assert enigma.compile(kernel, vec_width=width, fast_math=False).metal_source == text


@pytest.mark.parametrize("dtype", [enigma.f16, enigma.bf16], ids=str)
def test_floats_of_16_bits_are_converted(dtype):
    text = enigma.compile(elementwise(enigma.precise.exp, 1, dtype)).metal_source
    assert f"{dtype.metal_name}(precise::exp(float(A[i])))" in text


def test_vectors_fragments_and_numbers():
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f32):
        i = enigma.thread_position_in_grid
        vector = enigma.make_float2(A[i], A[i + 1])
        out[i] = enigma.fast.sin(vector).x + enigma.fast.atan2(1, A[i]) + enigma.fast.exp(i)

    text = enigma.compile(kernel).metal_source
    assert "fast::sin(vector).x" in text
    assert "fast::atan2(1.0f, a)" in text
    assert "fast::exp(float(i))" in text

    @enigma.jit
    def of_fragments(A, B):
        of_a_fragment(A, B).launch(grid=(1, 1, 1), block=(1, 1, 1))

    @enigma.kernel
    def of_a_fragment(A, B):
        B.store(enigma.precise.tanh(A.load()))

    tensors = [enigma.Tensor(name, k, "float", enigma.Layout(8)) for k, name in enumerate("AB")]
    text = enigma.compile(of_fragments, *tensors).metal_source
    assert text.count("precise::tanh(") == 2


def test_two_variants_are_two_calls():
    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f32):
        i = enigma.thread_position_in_grid
        out[i] = enigma.fast.exp(A[i]) - enigma.precise.exp(A[i]) + enigma.exp(A[i])

    text = enigma.compile(kernel).metal_source
    assert [f"{each}exp(" in text for each in ("fast::", "precise::", " ")] == [True] * 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("expp", "did you mean exp?"),
        ("isnan", "call enigma.isnan, of which Metal has no variants"),
        ("erf", "call enigma.erf"),
        ("mix", "call enigma.mix"),
        ("qqq", "it has acos, acosh,"),
    ],
)
def test_functions_that_have_no_variants(name, said):
    for functions in (enigma.fast, enigma.precise):
        assert not hasattr(functions, name)
        with pytest.raises(AttributeError, match=f"has no function '{name}'") as caught:
            getattr(functions, name)
        assert said in str(caught.value)


@pytest.mark.needs_positions
def test_operands_of_variants_are_checked():
    def compiled(function):
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = function(A)

        enigma.compile(kernel)

    with pytest.raises(errors.OperandError, match=r"enigma\.fast\.exp"):
        compiled(enigma.fast.exp)
    with pytest.raises(errors.EnigmaError, match=r"call it as enigma\.fast\.atan2\(y, x\)"):
        compiled(lambda A: enigma.fast.atan2(A[0]))
    with pytest.raises(errors.EnigmaError, match=r"enigma\.precise\.exp"):
        enigma.precise.exp(1.0)


# Warnings.

USES = {
    "isnan": (lambda x: enigma.where(x, 0.0, enigma.isnan(x)), "`isnan`", "is NaN"),
    "isinf": (lambda x: enigma.where(x, 0.0, enigma.isinf(x)), "`isinf`", "is infinite"),
    "isfinite": (lambda x: enigma.where(0.0, x, enigma.isfinite(x)), "`isfinite`", "or NaN"),
    "infinity": (lambda x: enigma.where(-math.inf, x, x > 0), "an infinite constant", "infinite"),
    "fmax": (lambda x: enigma.fmax(-math.inf, x), "an infinite constant", "infinite"),
    "NaN": (lambda x: enigma.where(math.nan, x, x > 0), "a constant that is NaN", "is NaN"),
    "a vector": (
        lambda x: enigma.where(enigma.make_float2(math.inf, 1.0), x, x > 0).x,
        "an infinite constant",
        "infinite",
    ),
    "a table": (
        lambda x: enigma.constant_array([1.0, -math.inf])[x.to(enigma.i32)],
        "an infinite constant",
        "infinite",
    ),
    "a default": (
        lambda x: enigma.function_constant(enigma.f32, 0, default=math.nan) + x,
        "a constant that is NaN",
        "is NaN",
    ),
}


@pytest.mark.parametrize("name", USES)
def test_what_means_nothing_under_fast_math(name):
    function, what, assumed = USES[name]

    @enigma.kernel
    def kernel(A: enigma.f32, out: enigma.f32):
        out[0] = function(A[0])

    with pytest.warns(enigma.EnigmaWarning, match="under fast math") as caught:
        enigma.compile(kernel)
    (warning,) = caught
    text = str(warning.message)
    assert text.startswith(f"{what} under fast math")
    assert f"{assumed}\n  help: compile it with fast_math=False, or" in text
    assert warning.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enigma.compile(kernel, fast_math=False)


def test_the_line_is_that_of_the_constant():
    """A number has no line of its own before the kernel needs it: here, in the loop."""

    @enigma.kernel
    def kernel(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
        best = -math.inf
        for i in enigma.range(n):  # the best so far
            best = max(best, A[i])
        A[0] = best

    with pytest.warns(enigma.EnigmaWarning) as caught:
        enigma.compile(kernel)
    (warning,) = caught
    with open(__file__, encoding="utf-8") as file:
        assert "best" in file.read().splitlines()[warning.lineno - 1]


def test_what_is_no_infinity_is_quiet():
    @enigma.kernel
    def kernel(A: enigma.f32, H: enigma.f16):
        A[0] = enigma.fmax(A[0], -3.0e38) + enigma.where(0.0, 65504.0, H[0] > 0)
        A[1] = A[1] if A[1] == A[1] else 0.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enigma.compile(kernel)
