# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the compiler remarks on divisions that round down, and on which it does not."""

import warnings

import pytest

import enigma

SIGNED = {
    "//": lambda a, b, n: a // b,
    "// by a parameter": lambda a, b, n: a // n,
    "// by a number": lambda a, b, n: a // 3,
    "// by a negative number": lambda a, b, n: a // -3,
    "%": lambda a, b, n: a % b,
    "% by a number": lambda a, b, n: a % 7,
    "divmod": lambda a, b, n: divmod(a, 5)[1],
}
PLAIN = {
    "a power of two": lambda a, b, n: a // 4 + a % 8,
    "minus one": lambda a, b, n: a // -1,
    "unsigned": lambda a, b, n: (a.to(enigma.u32) // 3 % n.to(enigma.u32)).to(enigma.i32),
    "truncated": lambda a, b, n: enigma.idiv(a, b),
    "never negative": lambda a, b, n: (a & 63) // 3 + (a & 63) % 7,
}


def remarks_of(make, **options):
    @enigma.kernel
    def divide(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.i32)):
        i = enigma.thread_position_in_grid
        B[i] = make(A[i], B[i], n)

    return enigma.compile(divide, emit_only=True, **options).remarks


@pytest.mark.parametrize("case", SIGNED)
def test_corrections_are_remarked(case):
    remarks = remarks_of(SIGNED[case])
    symbol = "%" if case == "divmod" else case.split()[0]
    assert any(f"'{symbol}' of signed integers rounds down" in each for each in remarks)
    assert all(each.startswith(f"{__file__}:") and "use u32" in each for each in remarks)


@pytest.mark.parametrize("case", PLAIN)
def test_what_needs_no_correction_is_not_remarked(case):
    assert remarks_of(PLAIN[case]) == ()


def test_only_vectors_that_failed_are_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(remarks_of(SIGNED["//"], vec_width=4)) >= 1
    with pytest.warns(enigma.EnigmaWarning) as caught:
        remarks_of(lambda a, b, n: a // enigma.simd_sum(b), vec_width=4)
    assert all("is not vectorized" in str(each.message) for each in caught)
