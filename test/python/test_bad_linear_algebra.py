# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices of 2 to 4 columns and rows that cannot be: what was found, where, and what to do."""

import operator
import runpy

import pytest

import enigma
from refusals import check_refusal


def refused(body, *parts, error=enigma.EnigmaError):
    """Compile what `body` does with matrices, a vector, an integer and a buffer; give the error."""

    @enigma.kernel
    def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32), x: enigma.Scalar(enigma.f32)):
        v = enigma.make_vec(A[0], A[1])
        m = enigma.make_matrix(v, v)
        w = enigma.make_matrix(v, v, v)
        body(m, w, v, n, x, A)

    with pytest.raises(error) as caught:
        enigma.compile(kernel, emit_only=True)
    check_refusal(caught.value, __file__, *parts)


def assign(where, what):
    """Assign to a matrix of the function itself."""

    @enigma.func
    def body(m, w, v, n, x, A):
        m = enigma.make_matrix(*m)
        if where == "column":
            m[n] = what(m, w, v, n, x, A)
        elif where == "beyond":
            m[2] = what(m, w, v, n, x, A)
        elif where == "row":
            m[0][2] = what(m, w, v, n, x, A)
        elif where == "traced row":
            m[0][n] = what(m, w, v, n, x, A)
        elif where == "lanes":
            m[0].xyz = what(m, w, v, n, x, A)
        else:
            m[0, 1] = what(m, w, v, n, x, A)

    return body


@enigma.func
def of_another_function(m, w, v, n, x, A):
    m[0] = v


BAD = {
    "no columns": (lambda m, w, v, n, x, A: enigma.make_matrix(), "2 to 4 vectors", "none"),
    "one column": (lambda m, w, v, n, x, A: enigma.make_matrix(v), "2 to 4 vectors", "1 of"),
    "five columns": (lambda m, w, v, n, x, A: enigma.make_matrix(*[v] * 5), "5 of the lengths"),
    "lengths": (
        lambda m, w, v, n, x, A: enigma.make_matrix(v, enigma.make_vec(v, x)),
        "of one length",
        "lengths 2, 3",
    ),
    "a scalar": (lambda m, w, v, n, x, A: enigma.make_matrix(v, x), "column 1", "make_vec"),
    "a string": (lambda m, w, v, n, x, A: enigma.make_matrix(v, "v"), "column 1", "a str"),
    "a matrix": (lambda m, w, v, n, x, A: enigma.make_matrix(v, m), "column 1"),
    "bf16": (
        lambda m, w, v, n, x, A: enigma.make_matrix(*[v.to(enigma.bf16)] * 2),
        "f32 or f16",
        "not bf16",
        ".to(enigma.f32)",
    ),
    "bool": (lambda m, w, v, n, x, A: enigma.make_matrix(v > 0, v > 1), "f32 or f16"),
    "its dtype": (lambda m, w, v, n, x, A: enigma.make_matrix(v, v, dtype="int"), "f32 or f16"),
    "another shape": (
        lambda m, w, v, n, x, A: enigma.make_float2x3(v, v),
        "2 columns of 3, or 6 scalars",
        "make_float2x2",
    ),
    "elements": (lambda m, w, v, n, x, A: enigma.make_float2x2(x, x, x), "column 0"),
    "shapes": (lambda m, w, v, n, x, A: m + w, "2 columns", "3 columns", "`@`"),
    "shapes of products of elements": (lambda m, w, v, n, x, A: m * w, "element by element"),
    "a vector by elements": (lambda m, w, v, n, x, A: m * v, "a scalar", "`@`"),
    "by elements of a vector": (lambda m, w, v, n, x, A: v * m, "traced value", "m.map"),
    "a list": (lambda m, w, v, n, x, A: operator.add(m, [1, 2]), "a list"),
    "bf16 beside": (lambda m, w, v, n, x, A: m.map(lambda c: c.to(enigma.bf16)), "f16 or f32"),
    "its conversion": (lambda m, w, v, n, x, A: m.to(enigma.i32), "f16 or f32", ".to(enigma.f32)"),
    "a map of the wrong length": (
        lambda m, w, v, n, x, A: w.map(lambda c: enigma.make_vec(c, x)),
        "a vector of 2 or a scalar",
        "give as many elements as the function is given",
    ),
    "a map of no function": (
        lambda m, w, v, n, x, A: m.map(None),
        "Matrix.map: function is None; expected a function",
        "give what elements become",
    ),
    "a map of a number that does not fit": (
        lambda m, w, v, n, x, A: m.to(enigma.f16).map(lambda c: 1e9),
        "1000000000.0 does not fit f16",
    ),
    "power": (lambda m, w, v, n, x, A: m**2, "m.map(function)"),
    "remainder": (lambda m, w, v, n, x, A: m % 2, "m.map(function)"),
    "comparison": (lambda m, w, v, n, x, A: m < 2, "m.map(function)"),
    "inversion": (lambda m, w, v, n, x, A: ~m, "~"),
    "a function": (lambda m, w, v, n, x, A: enigma.sin(m), "m.map(function)"),
    "a condition": (lambda m, w, v, n, x, A: v if m else x, "truth value"),
    "a choice": (lambda m, w, v, n, x, A: enigma.where(m, m, x > 0), "m.map(function)"),
    "an index": (lambda m, w, v, n, x, A: A[m], "m.map(function)"),
    "a store": (lambda m, w, v, n, x, A: A.__setitem__(0, m), "stored value"),
    "product": (lambda m, w, v, n, x, A: w @ w, "3 columns", "2 rows"),
    "product with a vector": (lambda m, w, v, n, x, A: w @ v, "3 columns", "a column"),
    "product of a row": (
        lambda m, w, v, n, x, A: enigma.make_vec(v, x) @ m,
        "a row of 3",
        "2 rows",
    ),
    "product of vectors": (lambda m, w, v, n, x, A: v @ v, "enigma.dot"),
    "product with a scalar": (lambda m, w, v, n, x, A: m @ x, "the right operand", "`*`"),
    "product with a number": (lambda m, w, v, n, x, A: 2 @ m, "the left operand", "`*`"),
    "product of scalars": (lambda m, w, v, n, x, A: x @ x, "the left operand", "`*`"),
    "product by name": (lambda m, w, v, n, x, A: enigma.matmul(m, 2), "enigma.matmul", "`*`"),
    "product with one of a SIMD group": (
        lambda m, w, v, n, x, A: m @ enigma.make_filled_simdgroup_matrix(0.0),
        "SIMD group",
    ),
    "one of a SIMD group": (
        lambda m, w, v, n, x, A: enigma.make_filled_simdgroup_matrix(0.0) @ m,
        "SIMD group",
    ),
    "elements of one of a SIMD group": (
        lambda m, w, v, n, x, A: enigma.make_filled_simdgroup_matrix(0.0) + m,
        "m.map(function)",
    ),
    "transpose": (lambda m, w, v, n, x, A: enigma.transpose(v), "make_matrix"),
    "determinant": (lambda m, w, v, n, x, A: enigma.determinant(w), "as many rows as columns"),
    "determinant of a vector": (lambda m, w, v, n, x, A: enigma.determinant(v), "make_matrix"),
    "column": (lambda m, w, v, n, x, A: m[2], "column 2", "m[1]"),
    "column from behind": (lambda m, w, v, n, x, A: m[-3], "column -3"),
    "row": (lambda m, w, v, n, x, A: m[0][2], "lane 2", "v[1]"),
    "two subscripts": (lambda m, w, v, n, x, A: m[0, 1], "m[column][row]"),
    "a float": (lambda m, w, v, n, x, A: m[0.5], "a float"),
    "a traced float": (lambda m, w, v, n, x, A: m[x], "expected an integer"),
    "a slice": (lambda m, w, v, n, x, A: m[0:1], "expected one integer"),
    "assigned column": (assign("column", lambda m, w, v, *_: enigma.make_vec(v, 1)), "a vector of"),
    "assigned matrix": (assign("column", lambda m, *_: m), "the assigned value"),
    "assigned dtype": (assign("column", lambda m, w, v, n, x, A: "v"), "the assigned value"),
    "assigned column beyond": (assign("beyond", lambda m, w, v, *_: v), "column 2", "m[1]"),
    "assigned row beyond": (assign("row", lambda m, w, v, n, x, A: x), "row 2", "m[column][1]"),
    "assigned traced row": (assign("traced row", lambda m, w, v, n, x, A: x), "while the kernel"),
    "assigned lanes": (assign("lanes", lambda m, w, v, n, x, A: x), ".xyz"),
    "assigned by two": (assign("two", lambda m, w, v, n, x, A: x), "m[column][row]"),
    "of another function": (of_another_function, "make_matrix(*m)"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_matrices(what):
    body, *parts = BAD[what]
    refused(body, *parts)


# Assignments to a matrix that the function has made, and what is said of them.
STATEMENT = ("this assignment to a column", "as a statement of its own")
COLUMNS = ("expected one integer, the number of a column", "for each column")
ASSIGNMENTS = {
    "m[:] = m": COLUMNS,
    "m[0:1] = v": COLUMNS,
    "m[None] = v": COLUMNS,
    "m[[0, 1]] = v": COLUMNS,
    "x = m[0:1]": COLUMNS,
    "m[0], m[1] = m[1], m[0]": STATEMENT,
    "m[0] = m[1] = v": STATEMENT,
    "m[0]: enigma.f32 = v": STATEMENT,
    "for m[0] in [v]: pass": STATEMENT,
    "m.__setitem__(0, v)": STATEMENT,
    "[m.__setitem__(c, v) for c in range(2)]": STATEMENT,
    "ms = [m]; ms[0][1] = v": STATEMENT,
    "ms = {'a': m}; ms['a'][1] = v": STATEMENT,
    "m.x = 1.0": ("a matrix has no attribute 'x'", "columns, as in m[0]"),
    "m[2] = v": ("column 2 is beyond the 2 columns", "m[1]"),
    "m[0] = (1.0, 2.0)": ("the assigned value is a tuple", "one by one"),
    "A.x = 1.0": ("a buffer has no attribute 'x'", "elements, as in `A[i]`"),
}


@pytest.mark.parametrize("statement", ASSIGNMENTS)
def test_assignments(tmp_path, statement):
    path = tmp_path / "kernels.py"
    path.write_text(
        "import enigma\n@enigma.kernel\ndef kernel(A: enigma.f32):\n"
        "    v = enigma.make_vec(A[0], A[1])\n    m = enigma.make_matrix(v, v)\n"
        f"    {statement}\n    A[0] = m[0][0]\n"
    )
    kernel = runpy.run_path(str(path))["kernel"]
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True)
    check_refusal(caught.value, str(path), *ASSIGNMENTS[statement])
    assert caught.value.location.source_line == statement


def test_variables_of_different_shapes():
    @enigma.kernel
    def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32)):
        v = enigma.make_vec(A[0], A[1])
        if n > 0:
            m = enigma.make_matrix(v, v)
        else:
            m = enigma.make_matrix(v, v)
            m = enigma.make_matrix(v, v, v)
        A[0] = m[0][0]

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True)
    text = str(caught.value)
    assert text.startswith(f"{__file__}:")
    assert "'m'" in text
    assert "2 columns" in text
    assert "3 columns" in text
