# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies of tiles shared by thread/value layouts, from Python to numbers."""

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Kernels
from conformance.tensors import values
from enigma import Layout, Tensor
from refusals import check_refusal

KERNELS = Kernels()
TILE = (16, 32)
COPIES = {
    "scalars": enigma.make_tiled_copy(Layout((4, 32), (32, 1)), Layout((1, 1))),
    "vectors": enigma.make_tiled_copy(Layout((8, 8), (8, 1)), Layout((1, 4))),
    "blocks": enigma.make_tiled_copy(Layout((4, 8)), Layout((2, 2), (2, 1))),
}


def mover(tiled):
    @enigma.kernel
    def kernel(A, B, limit):
        x, y, _ = enigma.arch.block_idx()
        mine = tiled.get_slice(enigma.thread_index_in_threadgroup())
        shared = enigma.make_tensor(
            enigma.threadgroup_alloc(A.element_type, 512), Layout(TILE, (32, 1))
        )
        source = mine.partition_S(enigma.local_tile(A, TILE, (y, x)))
        enigma.copy(tiled, source, mine.partition_D(shared))
        enigma.barrier()
        # Out of threadgroup memory, by a mask: only the rows below the limit.
        where = enigma.local_tile(enigma.make_identity_tensor(A.shape), TILE, (y, x))
        mask = enigma.in_bounds(mine.partition_S(where), (limit, 1 << 20))
        target = mine.partition_D(enigma.local_tile(B, TILE, (y, x)))
        enigma.copy(tiled, mine.partition_S(shared), target, mask=mask)

    @enigma.jit
    def run(A, B, limit):
        rows, columns = enigma.ceil_div(A.shape, TILE)
        kernel(A, B, limit).launch(grid=(columns, rows, 1), block=tiled.size)

    return run


SHAPES = {"whole": (32, 64), "ragged": (37, 41)}
CASES = [(what, elem, shape) for what in COPIES for elem in ("f32", "f16") for shape in SHAPES]
for case in CASES:
    what, elem, shape = case
    m, n = SHAPES[shape]
    matrices = [Tensor(name, i, elem, Layout((m, n), (n, 1))) for i, name in enumerate("AB")]
    KERNELS.add(case, mover(COPIES[what]), *matrices, enigma.dyn("limit"))


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_copy(case):
    _, elem, shape = case
    kernel = KERNELS[case]
    a = values(elem, *SHAPES[shape])
    b = np.full(a.shape, 77, NUMPY[elem])
    args = [a.ravel(), b.reshape(-1), 21]
    harness.run(kernel, args=args, grid=kernel.grid, block=kernel.block)
    np.testing.assert_array_equal(b[:21], a[:21])
    assert (b[21:] == 77).all()


WIDE = enigma.make_tiled_copy(Layout(4), Layout(4))


@enigma.kernel
def each_tile(A, B):
    mine = WIDE.get_slice(enigma.thread_index_in_threadgroup())
    for tile in range(2):
        source, target = (enigma.local_tile(t, 32, tile) for t in (A, B))
        enigma.copy(WIDE, mine.partition_S(source), mine.partition_D(target))


@enigma.jit
def of_each_tile(A, B):
    each_tile(A, B).launch(grid=1, block=4)


REACHES = (33, 38, 40, 47, 50)
for reach in REACHES:
    KERNELS.add(
        reach, of_each_tile, *(Tensor(n, i, "f32", Layout(reach)) for i, n in enumerate("AB"))
    )


@pytest.mark.parametrize("reach", REACHES)
def test_repetitions_that_no_thread_has(reach):
    """Those of the last tile begin beyond the tensor, by more than a thread takes at once."""
    a = values("f32", reach)
    b = np.zeros_like(a)
    harness.run(KERNELS[reach], args=[a, b], grid=1, block=4)
    np.testing.assert_array_equal(b, a)


def test_values_that_are_contiguous_are_vectors():
    assert "float4" in KERNELS["vectors", "f32", "whole"].metal_source


def refused(body, *parts):
    @enigma.kernel
    def kernel(A):
        body(COPIES["vectors"].get_slice(enigma.thread_index_in_threadgroup()), A)

    @enigma.jit
    def run(A):
        kernel(A).launch(grid=1, block=64)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(run, Tensor("A", 0, "float", Layout((16, 32), (32, 1))))
    check_refusal(caught.value, __file__, *parts)


def test_bad_tiles():
    refused(lambda p, A: p.partition_S(3), "ThrCopy.partition_S", "of 2 modes", "local_tile")
    refused(lambda p, A: p.partition_D(A[0, None]), "ThrCopy.partition_D", "of 2 modes")
    refused(lambda p, A: p.partition_S(enigma.local_tile(A, (4, 4), (0, 0))), "tiler exceeds")
    refused(
        lambda p, A: enigma.copy(
            COPIES["vectors"],
            p.partition_S(A),
            p.partition_D(enigma.local_tile(A, (8, 32), (0, 0))),
        ),
        "enigma.copy",
        "the same shape",
    )


def test_bad_layouts():
    for make in (
        lambda: enigma.make_tiled_copy(4, Layout(4)),
        lambda: enigma.make_tiled_copy(Layout(4), Layout(enigma.dyn("n"))),
    ):
        with pytest.raises(enigma.EnigmaError, match="a layout of numbers") as caught:
            make()
        assert str(caught.value).startswith(f"{__file__}:")
