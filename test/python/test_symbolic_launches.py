# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Grids that depend on symbolic sizes: their numbers, and their limits in the IR."""

import operator

import numpy as np
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


@enigma.kernel
def move_kernel(A, B):
    i = enigma.thread_position_in_grid
    if i < A.shape[0]:
        for j in enigma.range(A.shape[1]):
            B[i, j] = A[i, j]


@enigma.jit
def move(A, B):
    move_kernel(A, B).launch(grid=-(-A.shape[0] // 64), block=64)


def moving(**options):
    m, n = enigma.dyn("m"), enigma.dyn("n")
    strides = (n, 1), (1, m)
    tensors = (
        enigma.Tensor(name, i, "u8", enigma.Layout((m, n), stride))
        for i, (name, stride) in enumerate(zip("AB", strides, strict=True))
    )
    return enigma.compile(move, *tensors, emit_only=True, **options)


def test_subscripts_of_symbolic_sizes_have_32_bits():
    kernel = moving()
    assert "ulong" not in kernel.metal_source
    assert [p.max_elements for p in kernel.parameters] == [2**31, 2**31, None, None]
    assert kernel.launch_grid(m=2**16, n=2**15) == (2**10, 1, 1)
    wide = moving(index_bits=64)
    assert "ulong" in wide.metal_source
    assert {p.max_elements for p in wide.parameters} == {None}
    assert wide.launch_grid(m=2**16, n=2**16) == (2**10, 1, 1)


@pytest.mark.parametrize("sizes", [(2**16, 2**15 + 1), (2**31 - 1, 2)])
def test_more_elements_than_subscripts_reach(sizes):
    kernel = moving()
    m, n = sizes
    message = f"A spans {m * n} elements, and enigma_kernel_move reaches {2**31} of them"
    with pytest.raises(enigma.EnigmaError, match=message) as raised:
        kernel.launch_grid(m=m, n=n)
    assert "index_bits=64" in str(raised.value)
    one = np.zeros(1, np.uint8)
    array = np.lib.stride_tricks.as_strided(one, (m, n), (n, 1), writeable=False)
    with pytest.raises(enigma.EnigmaError, match=f"2147483648 elements .* spans {m * n}"):
        kernel.launch(array, array)


def test_memory_of_a_kernel_viewed_by_traced_sizes():
    @enigma.kernel
    def kernel(A: enigma.u8, B: enigma.u8, n: enigma.Scalar(enigma.i32)):
        i = enigma.thread_position_in_grid
        view = enigma.make_tensor(A, enigma.Layout((n, n), (n, 1)))
        B[i] = view[i, i]

    compiled = enigma.compile(kernel, emit_only=True)
    assert "ulong" not in compiled.metal_source
    assert [p.max_elements for p in compiled.parameters] == [2**31, None, None]
    long = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (2**31 + 1,), (1,))
    with pytest.raises(enigma.EnigmaError, match=r"'A' takes .* found one that spans 2147483649"):
        compiled.launch(long, np.zeros(4, np.uint8), 2, threads=1)


@pytest.mark.parametrize("bits", [16, 33, "32", None, 64.0, np.array([32, 64])])
def test_no_such_subscripts(bits):
    with pytest.raises(ValueError, match="index_bits must be 32 or 64"):
        moving(index_bits=bits)
