# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Grids that depend on symbolic sizes: their numbers, and their limits in the IR."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import enigma
from enigma.tracing.intervals import Interval, maximum

NAMES = ("m", "n")
SYMBOLS = {"m": Interval(1, 50), "n": Interval(-20, 7)}


def combine(children):
    pairs = st.tuples(
        st.sampled_from([operator.add, operator.sub, operator.mul]), children, children
    )
    divisions = st.tuples(
        st.sampled_from([operator.floordiv, operator.mod]), children, st.integers(1, 9)
    )
    return (pairs | divisions).map(lambda parts: parts[0](parts[1], parts[2]))


EXPRESSIONS = st.recursive(
    st.sampled_from([enigma.dyn(name) for name in NAMES]) | st.integers(-9, 9), combine
)


@given(EXPRESSIONS, st.integers(1, 50), st.integers(-20, 7))
def test_no_value_exceeds_the_maximum(expression, m, n):
    value = expression
    if not isinstance(expression, int):
        value = expression.evaluate({"m": m, "n": n})
    assert value <= maximum(expression, SYMBOLS)


def test_the_maximum_is_tight_for_a_count_of_tiles():
    tiles = enigma.size(enigma.zipped_divide(enigma.Layout(enigma.dyn("m")), 16), mode=[1])
    assert maximum(tiles, SYMBOLS) == 4


@enigma.kernel
def fill_kernel(A):
    enigma.zipped_divide(A, 64)[None, enigma.arch.block_idx()[0]].store(1)


@enigma.jit
def fill(A, rest):
    tiles = enigma.size(enigma.zipped_divide(A, 64), mode=[1])
    fill_kernel(A).launch(grid=(tiles, *rest), block=1)


def compiled(*rest, **options):
    tensor = enigma.Tensor("A", 0, "float", enigma.Layout(enigma.dyn("n")))
    return enigma.compile(fill, tensor, rest, emit_only=True, **options)


def test_launch_grid(capsys):
    kernel = compiled(3, dump_mlir=True)
    assert "grid_limit = array<i64: 33554432, 3, 1>" in kernel.mlir_source
    assert kernel.launch_grid(n=100) == (2, 3, 1)
    assert kernel.launch_grid(n=64) == (1, 3, 1)
    assert "ulong" not in kernel.metal_source


def test_a_size_is_missing():
    with pytest.raises(enigma.EnigmaError, match="n is not given"):
        compiled().launch_grid()


def test_a_limit_has_32_bits(capsys):
    n = enigma.dyn("n")
    kernel = compiled(n * n * 8, n - 7, dump_mlir=True)
    assert "grid_limit = array<i64: 33554432, 4294967295, 2147483640>" in kernel.mlir_source
