# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of tiles by Metal Performance Primitives, from Python to numbers of their model."""

import warnings

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels
from conformance.tiled_products import check, factors, product, tensors
from enigma import Layout, Tensor
from refusals import check_refusal, check_said

KERNELS = Kernels()
SHAPE = (64, 64, 64)
SMALL = (16, 32, 16)


def orders_of(majors):
    """Which of A, B and C lie in rows; those of C do."""
    return "".join("r" if major == "K" else "c" for major in majors) + "r"


# Every combination that the header lists.
DTYPES = [
    (left, right, sums)
    for left in ("f16", "bf16", "f32", "i8")
    for right in ("f16", "bf16", "f32", "i8")
    for sums in ("f16", "bf16", "f32", "i32")
    if (sums == "i32") == (left == right == "i8")
    and (sums in ("f32", "i32") or (sums in (left, right) and "f32" not in (left, right)))
]


def add(key, atom, layout, tile, dtypes, majors, shape=SHAPE, values=(1, 1), **options):
    mma = enigma.make_tiled_mma(atom, layout, values)
    jit = product(mma, tile, **options)
    KERNELS.add(key, jit, *tensors(dtypes, orders_of(majors), shape), metal_std="4.0")


def atom_of(dtypes, majors=("K", "N"), shape=(16, 32, 16), **options):
    left, right, sums = dtypes
    return enigma.matmul2d_mma(
        shape, left, sums, dtype_b=right, a_major=majors[0], b_major=majors[1], **options
    )


for dtypes in DTYPES:
    # Sums of small numbers, which all of the dtypes have.
    add(
        ("dtypes", *dtypes),
        atom_of(dtypes),
        Layout((1, 1)),
        SMALL,
        dtypes,
        "KN",
        SMALL,
    )

HALF = ("f16", "f16", "f32")
SHAPES = {
    "one group": ((16, 32, 16), Layout((1, 1)), (32, 32, 32), (1, 1), {}),
    "groups": ((16, 8, 32), Layout((2, 2)), (32, 32, 32), (1, 2), {}),
    "together": ((32, 64, 32), Layout((1, 1)), (32, 64, 64), (1, 1), {"simdgroups": 4}),
    "relaxed": ((8, 16, 16), Layout((1, 2)), (8, 32, 16), (1, 1), {"relaxed_precision": True}),
}
MAJORS = ("KK", "KN", "MK", "MN")
for what, (shape, layout, tile, side, options) in SHAPES.items():
    for majors in MAJORS:
        atom = atom_of(HALF, majors, shape, **options)
        add((what, majors), atom, layout, tile, HALF, majors, values=side)
add("start", atom_of(HALF, "KK"), Layout((2, 1)), (32, 32, 16), HALF, "KK", start=True)
add(
    "shared",
    atom_of(HALF, "KK"),
    Layout((1, 1, 2)),
    (16, 32, 32),
    HALF,
    "KK",
    start=True,
    reduce=True,
)


def relu(x):
    return enigma.fmax(x * 0.5, 0.0)


ROUNDED = ("f16", "f16", "f16")
KERNELS.add(
    "epilogue",
    product(
        enigma.make_tiled_mma(enigma.matmul2d_mma((16, 32, 16)), Layout((2, 1))),
        (32, 32, 32),
        relu,
        enigma.f16,
    ),
    *tensors(ROUNDED, "rrr", SHAPE),
    metal_std="4.0",
)


@pytest.mark.parametrize("dtypes", DTYPES, ids="-".join)
def test_dtypes(dtypes):
    check(KERNELS[("dtypes", *dtypes)], dtypes, orders_of("KN"), SMALL)


@pytest.mark.parametrize("placement", [0, 1])
@pytest.mark.parametrize("majors", MAJORS)
@pytest.mark.parametrize("what", SHAPES)
def test_shapes(what, majors, placement):
    check(KERNELS[what, majors], HALF, orders_of(majors), SHAPE, matrix_placement=placement)


@pytest.mark.parametrize("order", ["forward", "reverse"])
@pytest.mark.parametrize("what", ["start", "shared"])
def test_sums_that_start_with_c(what, order):
    start = np.random.default_rng(4).integers(-9, 9, SHAPE[:2]).astype(np.float32)
    check(KERNELS[what], HALF, "rrr", SHAPE, start=start, order=order)


@pytest.mark.parametrize("placement", [0, 1])
def test_epilogue(placement):
    check(
        KERNELS["epilogue"],
        ROUNDED,
        "rrr",
        SHAPE,
        expected=lambda c: np.maximum(c * 0.5, 0),
        matrix_placement=placement,
    )


MMA = enigma.make_tiled_mma(enigma.matmul2d_mma((16, 32, 16)), Layout((1, 1)))


@enigma.kernel
def staged_kernel(A, B, bias, C, counts):
    """Tiles in threadgroup memory; sums that loops carry and branches choose, with others."""
    tid = enigma.thread_index_in_threadgroup()
    n = counts[0]
    mine = MMA.get_slice(tid)
    shared_a, shared_b = [
        enigma.make_tensor(
            enigma.threadgroup_alloc("half", 16 * count), Layout((count, 16), (16, 1))
        )
        for count in (16, 32)
    ]
    for source, target in ((A, shared_a), (B, shared_b)):
        threads = Layout((2, 16), (16, 1))
        part = enigma.local_partition(source, threads, tid)
        enigma.copy(part, enigma.local_partition(target, threads, tid))
    enigma.barrier()
    a, b, c = mine.partition_A(shared_a), mine.partition_B(shared_b), mine.partition_C(C)
    sums, line = mine.make_fragment_C(c), mine.make_fragment_C(c)
    enigma.copy(MMA, mine.partition_C(bias), line)
    for _ in enigma.range(n):
        enigma.gemm(MMA, sums, a, b, sums)
    if n > 1:
        sums[0][0] = sums[0][0] + line[0][0]
    else:
        sums[0][0] = sums[0][0] * 2.0
    enigma.copy(MMA, sums, c)


@enigma.jit
def staged(A, B, bias, C, counts):
    staged_kernel(A, B, bias, C, counts).launch(grid=1, block=MMA.size)


KERNELS.add(
    "staged",
    staged,
    *tensors(HALF, "rrr", SMALL)[:2],
    Tensor("bias", 2, "float", Layout((16, 32), (32, 1))),
    Tensor("C", 3, "float", Layout((16, 32), (32, 1))),
    Tensor("counts", 4, "int", Layout(1)),
    metal_std="4.0",
)


@pytest.mark.parametrize("count", [1, 3])
def test_sums_are_values(count):
    a, b = factors(HALF, SMALL)
    bias = np.random.default_rng(5).integers(-9, 9, (16, 32)).astype(np.float32)
    c = np.zeros(16 * 32, np.float32)
    counts = np.array([count], np.int32)
    args = [a.ravel(), b.ravel(), bias.ravel(), c, counts]
    harness.run(KERNELS["staged"], args=args, grid=1, block=32)
    wanted = count * (a.astype(np.float32) @ b.astype(np.float32).T)
    wanted = wanted + bias if count > 1 else wanted * 2
    np.testing.assert_array_equal(c.reshape(16, 32), wanted)


def test_text():
    kernel = KERNELS["groups", "KN"]
    text = kernel.metal_source
    assert "#include <metal_tensor>\n" in text
    assert "#include <MetalPerformancePrimitives/MetalPerformancePrimitives.h>\n" in text
    assert "mpp::tensor_ops::matmul2d_descriptor(" in text
    assert "execution_simdgroups<1>" in text
    assert kernel.metal_std == "4.0"
    assert "execution_simdgroups<4>" in KERNELS["together", "KK"].metal_source


# Bad input.


def small(body, mma=MMA, majors="KK", rows=32):
    """Compile what `body` does with the part of a thread and tensors."""

    @enigma.kernel
    def kernel(A, B, C):
        body(mma.get_slice(enigma.thread_index_in_threadgroup()), A, B, C)

    @enigma.jit
    def run(A, B, C):
        kernel(A, B, C).launch(grid=1, block=mma.size)

    return run, tensors(HALF, orders_of(majors), (rows, 32, 16))


def refused(body, *parts, mma=MMA, majors="KK", rows=32, metal_std="4.0"):
    run, given = small(body, mma, majors, rows)
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(run, *given, metal_std=metal_std)
    check_refusal(caught.value, __file__, *parts)


def multiplied(p, A, B, C):
    tile_a, tile_c = enigma.local_tile(A, (16, 16), (0, 0)), enigma.local_tile(C, (16, 32), (0, 0))
    c = p.partition_C(tile_c)
    sums = p.make_fragment_C(c)
    enigma.gemm(MMA, sums, p.partition_A(tile_a), p.partition_B(B), sums)
    return sums, c


def test_an_older_version_is_refused():
    def body(p, A, B, C):
        sums, c = multiplied(p, A, B, C)
        enigma.copy(MMA, sums, c)

    refused(body, "4.0", "3.2", metal_std="3.2")


def test_the_cpu_device_refuses_them():
    kernel = KERNELS["dtypes", "f16", "f16", "f32"]
    a, b = factors(HALF, SMALL)
    c = np.zeros(SMALL[:2], np.float32)
    with pytest.raises(enigma.EnigmaError) as caught:
        kernel.launch(a, np.asfortranarray(b), c, device=enigma.device("cpu"))
    check_said(caught.value, "a cooperative tensor", "matrices of a SIMD group")


SMALLER = enigma.make_tiled_mma(enigma.matmul2d_mma((8, 16, 16)), Layout((1, 1)))


def smaller(p):
    """The part of a thread in a product of smaller tiles."""
    return SMALLER.get_slice(enigma.thread_index_in_threadgroup())


BAD = {
    "sums stored to a part of another product": (
        lambda p, A, B, C: enigma.copy(
            MMA,
            multiplied(p, A, B, C)[0],
            smaller(p).partition_C(enigma.local_tile(C, (8, 16), (0, 0))),
        ),
        "enigma.copy: the sums",
        "(8,16)",
        "16 x 32",
        "of the same product",
    ),
    "sums loaded from a part of another product": (
        lambda p, A, B, C: enigma.copy(
            MMA,
            smaller(p).partition_C(enigma.local_tile(C, (8, 16), (0, 0))),
            multiplied(p, A, B, C)[0],
        ),
        "enigma.copy: the sums",
        "16 x 32",
    ),
    "sums that another product stores": (
        lambda p, A, B, C: enigma.copy(
            SMALLER,
            multiplied(p, A, B, C)[0],
            smaller(p).partition_C(enigma.local_tile(C, (8, 16), (0, 0))),
        ),
        "enigma.copy: the sums",
        "16 x 32",
    ),
    "a factor of another product": (
        lambda p, A, B, C: enigma.gemm(
            MMA,
            (s := p.make_fragment_C(p.partition_C(enigma.local_tile(C, (16, 32), (0, 0))))),
            smaller(p).partition_A(enigma.local_tile(A, (8, 16), (0, 0))),
            p.partition_B(B),
            s,
        ),
        "enigma.gemm: a",
        "16 x 16",
    ),
    "the other factor of another product": (
        lambda p, A, B, C: enigma.gemm(
            MMA,
            (s := p.make_fragment_C(p.partition_C(enigma.local_tile(C, (16, 32), (0, 0))))),
            p.partition_A(enigma.local_tile(A, (16, 16), (0, 0))),
            smaller(p).partition_B(enigma.local_tile(B, (16, 16), (0, 0))),
            s,
        ),
        "enigma.gemm: b",
        "16 x 32",
    ),
    "factors in registers": (
        lambda p, A, B, C: p.make_fragment_A(p.partition_A(enigma.local_tile(A, (16, 16), (0, 0)))),
        "stay in memory",
        "give enigma.gemm the partitions",
    ),
    "a tile that overhangs": (
        lambda p, A, B, C: enigma.gemm(
            MMA,
            (s := p.make_fragment_C(p.partition_C(enigma.local_tile(C, (16, 32), (1, 0))))),
            p.partition_A(enigma.local_tile(A, (16, 16), (1, 0))),
            p.partition_B(B),
            s,
        ),
        "reaches beyond its tensor",
        "threadgroup memory",
    ),
    "fragments of others": (
        lambda p, A, B, C: enigma.gemm(
            MMA,
            [[enigma.make_filled_simdgroup_matrix(0.0)]],
            p.partition_A(enigma.local_tile(A, (16, 16), (0, 0))),
            p.partition_B(B),
            [[enigma.make_filled_simdgroup_matrix(0.0)]],
        ),
        "enigma.gemm",
        "make_fragment_C",
    ),
    "sums of another dtype": (
        lambda p, A, B, C: multiplied(p, A, B, C)[0][0][0].map(lambda x: x.to(enigma.i32)),
        "f32 or f16",
        ".to(enigma.f32)",
    ),
    "a map of no function": (
        lambda p, A, B, C: multiplied(p, A, B, C)[0][0][0].map("x"),
        "CooperativeTensor.map: function is a str ('x'); expected a function",
    ),
    "a number that does not fit": (
        lambda p, A, B, C: multiplied(p, A, B, C)[0][0][0].map(lambda x: 1e39),
        "does not fit f32",
    ),
    "a mask": (
        lambda p, A, B, C: enigma.copy(MMA, *multiplied(p, A, B, C), mask=True),
        "mask",
        "threadgroup memory",
    ),
    "another dtype in memory": (
        lambda p, A, B, C: enigma.copy(
            MMA, multiplied(p, A, B, C)[0], p.partition_C(enigma.local_tile(A, (16, 32), (0, 0)))
        ),
        "tensor A",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_operands(what):
    body, *parts = BAD[what]
    # 24 rows are no whole tiles.
    refused(body, *parts, rows=24 if what == "a tile that overhangs" else 32)


def test_other_orders_are_refused():
    refused(multiplied, "contiguous rows", "a_major", majors="MK")
    refused(multiplied, "contiguous columns", "b_major", majors="KN")


@pytest.mark.parametrize("distance", [0, 1, 15])
@pytest.mark.parametrize("operand", "ABC")
@pytest.mark.parametrize("majors", ["KK", "MN"])
def test_rows_that_overlap_are_refused(operand, majors, distance):
    """The strides of Metal's tensors grow, each by the extent before it."""

    @enigma.func
    def body(p, A, B, C):
        tile_a = enigma.local_tile(A, (16, 16), (0, 0))
        c = p.partition_C(enigma.local_tile(C, (16, 32), (0, 0)))
        sums = p.make_fragment_C(c)
        enigma.copy(mma, c, sums)
        enigma.gemm(mma, sums, p.partition_A(tile_a), p.partition_B(B), sums)

    mma = enigma.make_tiled_mma(
        enigma.matmul2d_mma((16, 32, 16), a_major=majors[0], b_major=majors[1]), Layout((1, 1))
    )
    run, given = small(body, mma, majors)
    place = "ABC".index(operand)
    (rows, columns), by_rows = given[place].layout.shape, operand == "C" or majors == "KK"
    strides = (distance, 1) if by_rows else (1, distance)
    given[place] = Tensor(operand, place, HALF[place], Layout((rows, columns), strides))
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(run, *given, metal_std="4.0")
    lines = "columns" if operand == ("B" if majors == "KK" else "A") else "rows"
    check_refusal(caught.value, __file__, f"{lines} that do not overlap", "threadgroup memory")


def test_divergent_products_are_warned_of():
    @enigma.func
    def body(p, A, B, C):
        sums, c = multiplied(p, A, B, C)
        if enigma.thread_index_in_threadgroup() < 7:
            enigma.copy(MMA, sums, c)

    run, given = small(body)
    with pytest.warns(enigma.EnigmaWarning, match="multiply or move tiles together"):
        enigma.compile(run, *given, metal_std="4.0")


def test_products_of_simd_groups_are_not():
    mma = enigma.make_tiled_mma(enigma.matmul2d_mma((16, 32, 16)), Layout((2, 1, 2)))
    jit = product(mma, (32, 32, 32), start=True, reduce=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enigma.compile(jit, *tensors(HALF, "rrr", SHAPE), metal_std="4.0")


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: enigma.matmul2d_mma((8, 8, 16)), ("multiples of 8", "(16, 32, 16)")),
        (lambda: enigma.matmul2d_mma((16, 12, 16)), ("multiples of 8",)),
        (lambda: enigma.matmul2d_mma((16, 32, 8)), ("K of 16",)),
        (lambda: enigma.matmul2d_mma((16, 32)), ("extents M, N and K",)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), "int"), ('"char"', "scalar_mma")),
        (lambda: enigma.matmul2d_mma((16, 32, 16), "half", "bfloat"), ("f32 or f16",)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), "float", "half"), ("f32",)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), "char", "float"), ("i32",)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), dtype_b="uchar"), ("dtype_b",)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), a_major="N"), ('"M" or "K"', "contiguous")),
        (lambda: enigma.matmul2d_mma((16, 32, 16), b_major="M"), ('"N" or "K"',)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), relaxed_precision=1), ("True or False",)),
        (lambda: enigma.matmul2d_mma((16, 32, 16), simdgroups=0), ("1 to 32",)),
        (
            lambda: enigma.make_tiled_mma(
                enigma.matmul2d_mma((16, 32, 16), simdgroups=2), Layout((2, 1))
            ),
            ("all SIMD groups of the threadgroup", "simdgroups=1"),
        ),
    ],
)
def test_bad_atoms(make, parts):
    with pytest.raises(enigma.EnigmaError) as caught:
        make()
    check_refusal(caught.value, __file__, *parts)
