# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Errors about matrices of a SIMD group: each names its line, and what is to be done."""

import inspect

import pytest

import enigma

LOAD = enigma.simdgroup_matrix_load
CASES = {
    "no matrices of integers": (
        lambda A, H, N: LOAD(N, 8),
        'must be "float", "half" or "bfloat"',
        "convert them to half",
    ),
    "another dtype than the memory": (
        lambda A, H, N: LOAD(A, 8, elem="half"),
        "the matrix has elements of f16, and the memory of f32",
        "convert the matrix with .to",
    ),
    "another size": (lambda A, H, N: LOAD(A, 8, rows=16), "the only size", "several"),
    "no distance of rows": (lambda A, H, N: LOAD(A), "elements_per_row", "give the distance"),
    "no memory": (
        lambda A, H, N: LOAD(3, 8),
        "expected a buffer or a tensor",
        "memory comes first",
    ),
    "a traced transpose": (
        lambda A, H, N: LOAD(A, 8, transpose=A[0] > 0),
        "must be True or False",
        "constexpr",
    ),
    "an origin of one number": (
        lambda A, H, N: LOAD(A, 8, origin=3),
        "a column and a row",
        "(column, row)",
    ),
    "a float as a distance": (lambda A, H, N: LOAD(A, 8.5), "8.5", ""),
    "memory of another dtype": (
        lambda A, H, N: enigma.simdgroup_matrix_store(LOAD(A, 8), H, 8),
        "elements of f32, and the memory of f16",
        ".to(enigma.f16)",
    ),
    "a number stored": (
        lambda A, H, N: enigma.simdgroup_matrix_store(1.0, A, 8),
        "expected a matrix of a SIMD group",
        "simdgroup_matrix_load",
    ),
    "factors of two dtypes": (
        lambda A, H, N: enigma.simdgroup_multiply(LOAD(A, 8), LOAD(H, 8)),
        "expected elements of f32, as a has",
        ".to(enigma.f32)",
    ),
    "a narrow sum": (
        lambda A, H, N: enigma.simdgroup_multiply_accumulate(
            LOAD(A, 8), LOAD(A, 8), enigma.make_filled_simdgroup_matrix(0, "half")
        ),
        "expected elements of f32",
        "accumulate in f32",
    ),
    "a factor that is none": (
        lambda A, H, N: LOAD(A, 8) @ 2.0,
        "expected a matrix of a SIMD group",
        "simdgroup_matrix_load",
    ),
    "a function of numbers": (
        lambda A, H, N: enigma.exp(LOAD(A, 8)),
        "enigma.exp",
        "matrix.map(function)",
    ),
    "a comparison": (lambda A, H, N: LOAD(A, 8) < 1.0, "matrix", "matrix.map(function)"),
    "an element stored": (lambda A, H, N: A.__setitem__(0, LOAD(A, 8)), "matrix", ""),
    "a subscript": (lambda A, H, N: LOAD(A, 8)[0], "matrix of a SIMD group", ""),
    "a map that gives no float": (
        lambda A, H, N: LOAD(A, 8).map(lambda x: x > 0),
        "expected f16, bf16 or f32",
        ".to(enigma.f32)",
    ),
    "a map that gives nothing": (
        lambda A, H, N: LOAD(A, 8).map(lambda x: None),
        "what the function gives is None",
        "give as many elements as the function is given",
    ),
    "a map of no function": (
        lambda A, H, N: LOAD(A, 8).map(1),
        "SimdgroupMatrix.map: function is an int (1); expected a function",
        "give what elements become",
    ),
    "memory of integers to store to": (
        lambda A, H, N: enigma.simdgroup_matrix_store(LOAD(A, 8), N, 8),
        "the matrix has elements of f32, and the memory of i32",
        "store it to memory of f32, f16 or bf16",
    ),
    "a map that gives three": (
        lambda A, H, N: LOAD(A, 8).map(lambda x: enigma.make_float3(1.0)),
        "what the function gives is a traced f32x3",
        "give as many elements as the function is given",
    ),
    "a map that gives a number that does not fit": (
        lambda A, H, N: LOAD(H, 8).map(lambda x: 1e9),
        "SimdgroupMatrix.map: 1000000000.0 does not fit f16",
        "write a number that fits",
    ),
    "a map that decides for both elements at once": (
        lambda A, H, N: LOAD(A, 8).map(magnitude),
        "a condition must be a scalar, not a traced b1x2",
        "choose lane by lane with enigma.where",
    ),
    "a vector to fill with": (
        lambda A, H, N: enigma.make_filled_simdgroup_matrix(enigma.make_float2(1.0, 2.0)),
        "expected a scalar",
        "the same one",
    ),
    "a number that does not fit": (
        lambda A, H, N: enigma.make_filled_simdgroup_matrix(1e9, "half"),
        "1000000000",
        "",
    ),
}


@enigma.func
def magnitude(x):
    return x if x > 0.0 else -x


@pytest.mark.parametrize("name", CASES)
def test_refused(name):
    use, message, remedy = CASES[name]

    @enigma.kernel
    def kernel(A: enigma.f32, H: enigma.f16, N: enigma.i32):
        use(A, H, N)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel)
    text = str(caught.value)
    # Not in the line of the source, where they may stand as well.
    assert message in caught.value.summary
    assert remedy in caught.value.help
    assert "f32 or f32" not in text
    first = inspect.getsourcelines(use)[1]
    assert f"{__file__}:" in text
    line = int(text.split(f"{__file__}:")[1].split(":")[0])
    assert line >= first or line == inspect.getsourcelines(kernel.function)[1] + 2
