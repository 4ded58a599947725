# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products by tiles, with atoms of SIMD groups and of threads, from Python to numbers."""

import warnings

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels
from conformance.tiled_products import check, factors, product, tensors
from enigma import Layout, Tensor
from refusals import check_refusal

KERNELS = Kernels()
SHAPE = (64, 32, 32)

GROUPS = enigma.simdgroup_mma
SCALAR = enigma.scalar_mma
MMAS = {
    "one group": (lambda e: enigma.make_tiled_mma(GROUPS(e), Layout((1, 1))), (16, 8, 8)),
    "groups in rows": (
        lambda e: enigma.make_tiled_mma(GROUPS(e), Layout((2, 2), (2, 1))),
        (32, 32, 16),
    ),
    "groups in columns": (
        lambda e: enigma.make_tiled_mma(GROUPS(e), Layout((2, 1)), (2, 2)),
        (64, 16, 8),
    ),
    "threads": (
        lambda e: enigma.make_tiled_mma(SCALAR(e, "float"), Layout((8, 4), (4, 1))),
        (16, 16, 8),
    ),
    "threads with values": (
        lambda e: enigma.make_tiled_mma(SCALAR(e, "float"), Layout((4, 8)), (2, 4)),
        (16, 32, 4),
    ),
}
ELEMENTS = ("f32", "f16", "bf16")
ORDERS = ("rrr", "rcr", "crc", "ccc")
for what, (make, tile) in MMAS.items():
    for elem in ELEMENTS:
        mma = make(elem)
        for orders in ORDERS if elem == "f16" else ORDERS[1:2]:
            KERNELS.add(
                (what, elem, orders),
                product(mma, tile),
                *tensors((elem, elem, "f32"), orders, SHAPE),
            )
CASES = [
    (what, elem, orders)
    for what in MMAS
    for elem in ELEMENTS
    for orders in (ORDERS if elem == "f16" else ORDERS[1:2])
]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_product(case):
    _, elem, orders = case
    check(KERNELS[case], (elem, elem, "f32"), orders, SHAPE)


def test_sums_stay_in_registers():
    text = KERNELS["groups in rows", "f16", "rrr"].metal_source
    assert text.count("simdgroup_multiply_accumulate(") == 2 * 2 * 2
    assert "threadgroup " not in text


def relu(x):
    return enigma.fmax(x * 0.5, 0.0)


HALVES = ("f16", "f16", "f16")
KERNELS.add(
    "epilogue",
    product(MMAS["groups in rows"][0]("f16"), (32, 32, 16), relu, enigma.f16),
    *tensors(HALVES, "rcr", SHAPE),
)


@pytest.mark.parametrize("placement", [0, 1])
def test_epilogue(placement):
    check(
        KERNELS["epilogue"],
        HALVES,
        "rcr",
        SHAPE,
        lambda c: np.maximum(c * 0.5, 0),
        matrix_placement=placement,
    )


# Tiles of threads that overhang: nothing is accessed outside. A tile is no larger than its matrix.
SIZES = np.random.default_rng(20).integers((16, 16, 8), 50, (len(ELEMENTS) * len(ORDERS), 3))
SIZES = SIZES.tolist()
RAGGED = [
    (elem, orders, tuple(SIZES.pop()))
    for elem in ELEMENTS
    for orders in (ORDERS if elem == "f16" else ORDERS[:2])
]
for elem, orders, shape in RAGGED:
    KERNELS.add(
        ("ragged", elem, orders),
        product(MMAS["threads"][0](elem), (16, 16, 8)),
        *tensors((elem, elem, "f32"), orders, shape),
    )


@pytest.mark.parametrize(("elem", "orders", "shape"), RAGGED)
def test_ragged_product_of_threads(elem, orders, shape):
    check(KERNELS["ragged", elem, orders], (elem, elem, "f32"), orders, shape)


MMA = MMAS["groups in rows"][0]("f32")


@enigma.kernel
def fragments_kernel(A, B, bias, C):
    mine = MMA.get_slice(enigma.thread_index_in_threadgroup())
    a, b = mine.partition_A(A), mine.partition_B(B)
    c, line = mine.partition_C(C), mine.partition_C(bias)
    left, right = mine.make_fragment_A(a), mine.make_fragment_B(b)
    start, sums = mine.make_fragment_C(line), mine.make_fragment_C(c)
    enigma.copy(MMA, a, left)
    enigma.copy(MMA, b, right)
    enigma.copy(MMA, line, start)
    enigma.gemm(MMA, sums, left, right, start)
    enigma.copy(MMA, sums, c)


@enigma.jit
def fragments(A, B, bias, C):
    fragments_kernel(A, B, bias, C).launch(grid=1, block=MMA.size)


SMALL = (32, 32, 16)
FLOATS = ("f32", "f32", "f32")
small = tensors(FLOATS, "rrr", SMALL)
KERNELS.add(
    "fragments",
    fragments,
    *small[:2],
    Tensor("bias", 2, "float", Layout((32, 32), (0, 1))),
    Tensor("C", 3, "float", Layout((32, 32), (32, 1))),
)


def test_fragments_and_a_bias():
    a, b = factors(FLOATS, SMALL)
    bias = np.arange(32, dtype=np.float32)
    c = np.zeros((32, 32), np.float32)
    args = [a.ravel(), b.ravel(), bias, c.reshape(-1)]
    harness.run(KERNELS["fragments"], args=args, grid=1, block=128)
    np.testing.assert_array_equal(c, a @ b.T + bias)


# Groups along K: each multiplies its part, and the parts are added.

SHARED = {
    "groups": (lambda e: enigma.make_tiled_mma(GROUPS(e), Layout((1, 1, 2))), (16, 16, 16)),
    "groups in any order": (
        lambda e: enigma.make_tiled_mma(GROUPS(e), Layout((2, 1, 4), (4, 8, 1)), (1, 2)),
        (16, 16, 32),
    ),
    "threads": (
        lambda e: enigma.make_tiled_mma(SCALAR(e, "float"), Layout((8, 4, 2))),
        (16, 16, 8),
    ),
    "threads that alternate": (
        lambda e: enigma.make_tiled_mma(SCALAR(e, "float"), Layout((4, 4, 3), (3, 12, 1)), (2, 2)),
        (16, 8, 6),
    ),
}


def shared_shape(what):
    # K of threads need not be a multiple of what they take.
    return SHAPE if "groups" in what else (37, 29, 19)


for what, (make, tile) in SHARED.items():
    for elem in ELEMENTS:
        for orders in ORDERS if elem == "f16" else ORDERS[1:2]:
            KERNELS.add(
                ("shared", what, elem, orders),
                product(make(elem), tile, start=True, reduce=True),
                *tensors((elem, elem, "f32"), orders, shared_shape(what)),
            )
SHARED_CASES = [
    (what, elem, orders)
    for what in SHARED
    for elem in ELEMENTS
    for orders in (ORDERS if elem == "f16" else ORDERS[1:2])
]


@pytest.mark.parametrize("order", [None, "reverse"])
@pytest.mark.parametrize("case", SHARED_CASES, ids="-".join)
def test_groups_along_k(case, order):
    what, elem, orders = case
    shape = shared_shape(what)
    start = np.random.default_rng(3).integers(-9, 9, shape[:2]).astype(np.float32)
    kernel = KERNELS[("shared", *case)]
    check(kernel, (elem, elem, "f32"), orders, shape, start=start, order=order)


def test_groups_along_k_part_no_simd_group():
    mma = enigma.make_tiled_mma(GROUPS("half"), Layout((2, 1, 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enigma.compile(
            product(mma, (16, 8, 16), start=True, reduce=True),
            *tensors(("f16", "f16", "f32"), "rrr", SHAPE),
        )


def test_layouts_of_groups_along_k():
    mma = enigma.make_tiled_mma(GROUPS(), Layout((2, 1, 4)), (1, 2))
    assert mma.tile == (16, 16, 32)
    assert mma.size == 8 * 32


# Bad input.


def refused(body, *parts, mma=MMA):
    """Compile what `body` does with the part of a thread and tensors; give the error."""

    @enigma.kernel
    def kernel(A, B, C):
        body(mma.get_slice(enigma.thread_index_in_threadgroup()), A, B, C)

    @enigma.jit
    def run(A, B, C):
        kernel(A, B, C).launch(grid=1, block=mma.size)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(run, *tensors(FLOATS, "rrr", (40, 32, 16)))
    check_refusal(caught.value, __file__, *parts)


def test_tiles_that_overhang_are_refused():
    def body(mine, A, B, C):
        a = mine.partition_A(enigma.local_tile(A, (32, 16), (1, 0)))
        enigma.copy(MMA, a, mine.make_fragment_A(a))

    refused(body, "reaches beyond its tensor", "threadgroup memory")


BAD = {
    "too small": (lambda p, A, B, C: p.partition_A(enigma.local_tile(A, (8, 16), (0, 0))), "tiler"),
    "no tensor": (lambda p, A, B, C: p.partition_A(3), "(M, K)", "local_tile"),
    "tiles left": (
        lambda p, A, B, C: p.make_fragment_A(
            p.partition_A(enigma.local_tile(A, (32, 8), (0, None)))
        ),
        "three modes",
        "part[None",
    ),
    "a tensor for sums": (
        lambda p, A, B, C: enigma.gemm(
            MMA, p.partition_C(C), p.partition_A(A), p.partition_B(B), p.partition_C(C)
        ),
        "enigma.gemm",
        "make_fragment_C",
    ),
    "other shapes": (
        lambda p, A, B, C: enigma.gemm(
            MMA,
            [[enigma.make_filled_simdgroup_matrix(0.0)]],
            p.partition_A(A),
            p.partition_B(B),
            [[enigma.make_filled_simdgroup_matrix(0.0)]],
        ),
        "d has 1 x 1 atoms",
        "the rows of d",
    ),
    "a mask": (
        lambda p, A, B, C: enigma.copy(MMA, p.partition_B(B), [], mask=True),
        "mask",
        "threadgroup memory",
    ),
    "two tensors": (
        lambda p, A, B, C: enigma.copy(MMA, p.partition_B(B), p.partition_B(B)),
        "a partition of a tensor and a fragment",
        "make_fragment_A",
    ),
    "another dtype": (
        lambda p, A, B, C: enigma.copy(
            MMA, p.partition_B(B), [[enigma.make_filled_simdgroup_matrix(0, "half")] * 2] * 2
        ),
        "elements of f32, the fragment of f16",
        "an atom of f32",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_operands(what):
    body, *parts = BAD[what]
    refused(body, *parts)


def multiplied(p, mma, A, B, C):
    """The sums of groups along K."""
    c = p.partition_C(enigma.local_tile(C, (8, 8), (0, 0)))
    sums = p.make_fragment_C(c)
    a = p.partition_A(enigma.local_tile(A, (8, 16), (0, 0)))
    b = p.partition_B(enigma.local_tile(B, (8, 16), (0, 0)))
    enigma.gemm(mma, sums, a, b, sums)
    return sums, c


BAD_SHARED = {
    "not added": (
        lambda p, mma, A, B, C: enigma.copy(mma, *multiplied(p, mma, A, B, C)),
        "parts of sums",
        "reduce_K",
    ),
    "no fragment": (
        lambda p, mma, A, B, C: p.reduce_K(multiplied(p, mma, A, B, C)[1]),
        "ThrMma.reduce_K",
        "a fragment of C",
        "make_fragment_C",
    ),
    "no partition of C": (
        lambda p, mma, A, B, C: enigma.copy(
            mma,
            multiplied(p, mma, A, B, C)[0],
            p.partition_A(enigma.local_tile(C, (8, 16), (0, 0))),
        ),
        "a partition of C",
        "partition_C",
    ),
}


@pytest.mark.parametrize("atom", [GROUPS(), SCALAR()], ids=["groups", "threads"])
@pytest.mark.parametrize("what", BAD_SHARED)
def test_bad_groups_along_k(what, atom):
    body, *parts = BAD_SHARED[what]
    layout = Layout((1, 1, 2)) if atom.threads > 1 else Layout((8, 8, 2))
    mma = enigma.make_tiled_mma(atom, layout)
    refused(lambda p, A, B, C: body(p, mma, A, B, C), *parts, mma=mma)


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: enigma.simdgroup_mma("int"), ('"bfloat"', "scalar_mma")),
        (lambda: enigma.simdgroup_mma("half", "bfloat"), ("f32 or f16", "sum in f32")),
        (lambda: enigma.scalar_mma("int"), ("a float", "operators")),
        (lambda: enigma.make_tiled_mma("half", Layout((1, 1))), ("an atom", "simdgroup_mma")),
        (
            lambda: enigma.make_tiled_mma(GROUPS(), Layout(4)),
            ("two or three modes", "Layout(4, 1)"),
        ),
        (lambda: enigma.make_tiled_mma(GROUPS(), Layout((1, 1, 1, 1))), ("two or three modes",)),
        (lambda: enigma.make_tiled_mma(GROUPS(), Layout((2, 2), (4, 1))), ("compact",)),
        (lambda: enigma.make_tiled_mma(GROUPS(), Layout((2, 1, 2), (2, 2, 2))), ("compact",)),
        (lambda: enigma.make_tiled_mma(GROUPS(), Layout((1, 1)), 2), ("two positive integers",)),
    ],
)
def test_bad_products(make, parts):
    with pytest.raises(enigma.EnigmaError) as caught:
        make()
    check_refusal(caught.value, __file__, *parts)
