# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Atomic accesses from Python: every kind, on buffers, threadgroup memory and tensors."""

import functools

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Kernels, dtype_of

THREADS = 96
BLOCK = 32
FOLDS = {
    "add": np.add,
    "sub": np.subtract,
    "min": np.minimum,
    "max": np.maximum,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
}
SPACES = ("device", "threadgroup")
KINDS = [(kind, dtype) for kind in FOLDS for dtype in ("i32", "u32")]
# Of floats in threadgroup memory, and of the order of floats, Metal has none: they are loops.
KINDS += [(kind, "f32") for kind in ("add", "sub", "min", "max")]
KINDS = [(*case, space) for case in KINDS for space in SPACES]
LOOPS = [
    case for case in KINDS if case[1] == "f32" and (case[2] == "threadgroup" or case[0] in "minmax")
]

kernels = Kernels()


def fetch_kernel(kind, dtype, space):
    element = dtype_of(dtype)
    fetch = getattr(enigma, f"atomic_fetch_{kind}")

    @enigma.kernel
    def change(A: element, B: element, C: element):
        i = enigma.thread_position_in_grid
        C[i] = fetch(B, i % 3, A[i])

    @enigma.kernel
    def change_tile(A: element, B: element, C: element):
        tile = enigma.threadgroup_alloc(element, 3)
        i = enigma.thread_index_in_threadgroup()
        if i < 3:
            tile[i] = B[i]
        enigma.barrier()
        C[i] = fetch(tile, i % 3, A[i])
        enigma.barrier()
        if i < 3:
            B[i] = tile[i]

    return change if space == "device" else change_tile


for case in KINDS:
    kernels.add(case, fetch_kernel(*case))


@enigma.kernel
def exchange(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    i = enigma.thread_position_in_grid
    # Every value leaves the place once, but for the last, which stays.
    C[i] = enigma.atomic_exchange(B, 0, A[i])


@enigma.kernel
def largest(A: enigma.f32, B: enigma.f32):
    value = A[enigma.thread_position_in_grid]
    old = enigma.atomic_load(B, 0)
    while old < value:
        old, done = enigma.atomic_compare_exchange_weak(B, 0, old, value)
        if done:
            old = value


@enigma.kernel
def histogram(A: enigma.u32, H: enigma.u32):
    counts = enigma.threadgroup_alloc(enigma.u32, 8)
    local = enigma.thread_index_in_threadgroup()
    if local < 8:
        enigma.atomic_store(counts, local, 0)
    enigma.barrier()
    enigma.atomic_fetch_add(counts, A[enigma.thread_position_in_grid] % 8, 1)
    enigma.barrier()
    if local < 8:
        enigma.atomic_fetch_add(H, local, enigma.atomic_load(counts, local))


@enigma.kernel
def count_tiles(T):
    tile = enigma.zipped_divide(T, 16)[None, enigma.arch.block_idx()[0]]
    local = enigma.thread_index_in_threadgroup() % 16
    tile.atomic_fetch_add(local, 2)


@enigma.jit
def count_overhanging(T):
    count_tiles(T).launch(grid=4, block=32)


def updating(dtype, space):
    """Each thread halves the largest and adds: no other atomic access does that."""
    element = dtype_of(dtype)

    @enigma.kernel
    def update(A: element, B: element, seen: element):
        i = enigma.thread_position_in_grid
        x = A[i]

        def larger(old):
            if old > x:
                return old
            return x

        if space == "device":
            seen[i] = enigma.atomic_update(B, 0, lambda old: old + 1)
            enigma.atomic_update(B, 1, larger)
        else:
            tile = enigma.threadgroup_alloc(element, 2)
            if i < 2:
                enigma.atomic_store(tile, i, B[i])
            enigma.barrier()
            seen[i] = enigma.atomic_update(tile, 0, lambda old: old + 1)
            enigma.atomic_update(tile, 1, larger)
            enigma.barrier()
            if i < 2:
                B[i] = enigma.atomic_load(tile, i)

    return update


for case in [(dtype, space) for dtype in ("i32", "u32", "f32") for space in SPACES]:
    kernels.add(("update", *case), updating(*case))


@enigma.kernel
def exchange_tile(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.f32, 1)
    if i == 0:
        enigma.atomic_store(tile, 0, B[0])
    enigma.barrier()
    C[i] = enigma.atomic_exchange(tile, 0, A[i])
    enigma.barrier()
    if i == 0:
        B[0] = enigma.atomic_load(tile, 0)


@enigma.kernel
def replace_nan(A: enigma.f32, B: enigma.f32):
    x = A[enigma.thread_position_in_grid]
    enigma.atomic_update(B, 0, lambda old: enigma.where(old + x, x, old != old))


kernels.add("exchange", exchange)
kernels.add("exchange_tile", exchange_tile)
kernels.add("replace_nan", replace_nan)
kernels.add("largest", largest)
kernels.add("histogram", histogram)


def numbers(dtype, count=THREADS):
    rng = np.random.default_rng(5)
    if dtype == "f32":
        # Whole numbers, whose sums are exact in every order.
        return rng.integers(-8, 8, count).astype(np.float32)
    info = np.iinfo(NUMPY[dtype])
    return rng.integers(info.min, info.max, count, NUMPY[dtype], endpoint=True)


@pytest.mark.parametrize("case", KINDS, ids="-".join)
def test_fetch(case):
    kind, dtype, _ = case
    a, b = numbers(dtype), numbers(dtype, 3)
    expected, seen = b.copy(), np.zeros_like(a)
    before = np.zeros_like(a)
    with np.errstate(over="ignore"):
        for i in range(THREADS):
            before[i] = expected[i % 3]
            expected[i % 3] = FOLDS[kind](expected[i % 3], a[i])
    # Threads come in the order of their numbers.
    harness.run(kernels[case], args=[a, b, seen], threads=THREADS, block=THREADS)
    np.testing.assert_array_equal(b, expected)
    np.testing.assert_array_equal(seen, before)
    loops = "while (true)" in kernels[case].metal_source
    assert loops == (case in LOOPS) == ("compare_exchange" in kernels[case].metal_source)


def reduce_kernel(kind, dtype, space):
    element = dtype_of(dtype)
    reduce = getattr(enigma, f"atomic_{kind}")

    @enigma.kernel
    def change(A: element, B: element):
        i = enigma.thread_position_in_grid
        reduce(B, i % 3, A[i])

    @enigma.kernel
    def change_tile(A: element, B: element):
        tile = enigma.threadgroup_alloc(element, 3)
        i = enigma.thread_index_in_threadgroup()
        if i < 3:
            tile[i] = B[i]
        enigma.barrier()
        reduce(tile, i % 3, A[i])
        enigma.barrier()
        if i < 3:
            B[i] = tile[i]

    return change if space == "device" else change_tile


REDUCTIONS = [
    (kind, dtype, space)
    for kind in ("min", "max")
    for dtype in ("i32", "u32", "f32")
    for space in SPACES
]
REDUCTIONS += [("min", "u64", "device"), ("max", "u64", "device")]
for case in REDUCTIONS:
    kernels.add(("reduce", *case), reduce_kernel(*case))


@pytest.mark.parametrize("case", REDUCTIONS, ids="-".join)
def test_reductions_that_give_nothing(case):
    kind, dtype, _ = case
    a, b = numbers(dtype), numbers(dtype, 3)
    expected = [functools.reduce(FOLDS[kind], a[i::3], b[i]) for i in range(3)]
    kernel = kernels[("reduce", *case)]
    harness.run(kernel, args=[a, b], threads=THREADS, block=THREADS)
    np.testing.assert_array_equal(b, expected)
    if dtype == "u64":
        assert f"atomic_{kind}_explicit((device atomic_ulong*)&B[i % 3]" in kernel.metal_source


@enigma.kernel
def methods(A: enigma.u32, B: enigma.u64, C: enigma.f32):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.u32, 1)
    if i == 0:
        tile.atomic_store(0, 0)
    enigma.barrier()
    tile.atomic_fetch_add(0, i)
    A.atomic_max(1, i)
    B.atomic_min(0, enigma.u64(3))
    C.atomic_update(0, lambda old: old + 1)
    enigma.barrier()
    if i == 0:
        A[0] = tile.atomic_load(0)


kernels.add("methods", methods)


def test_methods_of_buffers():
    a, b, c = np.zeros(2, np.uint32), np.uint64([2**64 - 1]), np.zeros(1, np.float32)
    harness.run(kernels["methods"], args=[a, b, c], threads=THREADS, block=THREADS)
    assert a.tolist() == [sum(range(THREADS)), THREADS - 1]
    assert (b[0], c[0]) == (3, THREADS)


@pytest.mark.parametrize("key", ["exchange", "exchange_tile"])
def test_exchange(key):
    a, b, c = np.arange(THREADS, dtype=np.float32), np.float32([-1]), np.zeros(THREADS, np.float32)
    harness.run(kernels[key], args=[a, b, c], threads=THREADS, block=THREADS)
    assert sorted([*c, *b]) == [-1, *a]


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled:7"])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("dtype", ["i32", "u32", "f32"])
def test_update(dtype, space, order):
    a = numbers(dtype)
    b, seen = np.array([5, a[3]], a.dtype), np.zeros_like(a)
    harness.run(
        kernels["update", dtype, space],
        args=[a, b, seen],
        threads=THREADS,
        block=THREADS,
        order=order,
    )
    assert b.tolist() == [5 + THREADS, a.max()]
    # Each thread replaced another number.
    assert sorted(seen.tolist()) == list(range(5, 5 + THREADS))


def test_an_update_compares_bits():
    a, b = np.ones(THREADS, np.float32), np.float32([np.nan])
    harness.run(kernels["replace_nan"], args=[a, b], threads=THREADS, block=BLOCK)
    assert b[0] == THREADS


@enigma.kernel
def update_tiles(T):
    tile = enigma.zipped_divide(T, 16)[None, enigma.arch.block_idx()[0]]
    tile.atomic_update(enigma.thread_index_in_threadgroup() % 16, lambda old: old * 3)


@enigma.jit
def update_overhanging(T):
    update_tiles(T).launch(grid=4, block=32)


def test_update_of_an_overhanging_tensor():
    kernel = enigma.compile(
        update_overhanging, enigma.Tensor("T", 0, "int", enigma.Layout(50, 2)), emit_only=True
    )
    t = np.full(128, 2, np.int32)
    harness.run(kernel, args=[t], grid=kernel.grid, block=kernel.block)
    expected = np.full(128, 2)
    expected[: 2 * 50 : 2] = 2 * 3 * 3
    np.testing.assert_array_equal(t, expected)


def test_compare_exchange():
    a, b = numbers("f32"), np.float32([-100])
    harness.run(kernels["largest"], args=[a, b], threads=THREADS, block=BLOCK)
    assert b[0] == a.max()


def test_threadgroup_memory():
    a, h = numbers("u32"), np.zeros(8, np.uint32)
    harness.run(kernels["histogram"], args=[a, h], threads=THREADS, block=BLOCK)
    np.testing.assert_array_equal(h, np.bincount(a % 8, minlength=8))


def test_overhanging_tensor():
    kernel = enigma.compile(
        count_overhanging, enigma.Tensor("T", 0, "int", enigma.Layout(50, 2)), emit_only=True
    )
    t = np.full(128, -7, np.int32)
    harness.run(kernel, args=[t], grid=kernel.grid, block=kernel.block)
    expected = np.full(128, -7)
    # Two threads add 2 to each element.
    expected[: 2 * 50 : 2] = -3
    np.testing.assert_array_equal(t, expected)


def refused(element, function, *args, **options):
    @enigma.kernel
    def kernel(A: element):
        function(A, 0, *args, **options)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel)
    assert "test_emitted_atomics.py" in str(caught.value)
    return str(caught.value)


def test_what_is_refused():
    assert "memory of f16" in refused(enigma.f16, enigma.atomic_fetch_add, 1)
    bits = refused(enigma.f32, enigma.atomic_fetch_xor, 1)
    assert "memory of f32; expected elements of i32 or u32" in bits
    assert "accumulate in f32" in refused(enigma.bf16, enigma.atomic_fetch_add, 1)
    for narrow in (enigma.i8, enigma.u8, enigma.i16, enigma.u16, enigma.b1):
        assert "elements of 32 bits" in refused(narrow, enigma.atomic_fetch_add, 1)
    for function in (enigma.atomic_fetch_add, enigma.atomic_exchange, enigma.atomic_fetch_min):
        wide = refused(enigma.u64, function, 1)
        assert "memory of u64; expected elements of i32, u32" in wide
        assert "enigma.atomic_min and enigma.atomic_max" in wide
    assert "expected elements of i32, u32, f32 or u64" in refused(enigma.i64, enigma.atomic_min, 1)
    assert "memory of f16" in refused(enigma.f16, enigma.atomic_max, 1)
    assert "must be 'relaxed'" in refused(enigma.u64, enigma.atomic_max, 1, order="seq_cst")
    order = refused(enigma.i32, enigma.atomic_load, order="seq_cst")
    assert "order of enigma.atomic_load must be 'relaxed'" in order
    assert "-1 does not fit u32" in refused(enigma.u32, enigma.atomic_store, -1)

    @enigma.kernel
    def wide_tile(A: enigma.u64):
        tile = enigma.threadgroup_alloc(enigma.u64, 4)
        enigma.atomic_max(tile, 0, A[0])

    with pytest.raises(enigma.EnigmaError, match="u64 in threadgroup memory") as caught:
        enigma.compile(wide_tile)
    assert "reduction" in caught.value.help

    @enigma.kernel
    def read_only(A: enigma.i32, table: enigma.constexpr):
        A[0] = enigma.atomic_fetch_add(table, 0, 1)

    with pytest.raises(enigma.EnigmaError, match="i32 in constant memory") as caught:
        enigma.compile(read_only, constants={"table": enigma.constant_array([1, 2])})
    assert "where it is written" in caught.value.help


def test_what_is_refused_of_updates():
    update = enigma.atomic_update
    assert "fn is an int (3); expected a function" in refused(enigma.i32, update, 3)
    assert "the stored value is None" in refused(enigma.i32, update, lambda old: None)
    lossy = refused(enigma.i32, update, lambda old: old.to(enigma.f32))
    assert "convert it with .to(enigma.i32)" in lossy
    assert "memory of f16" in refused(enigma.f16, update, lambda old: old)
    assert "must be 'relaxed'" in refused(enigma.i32, update, lambda old: old, order="seq_cst")

    @enigma.kernel
    def changes_a_list(A: enigma.i32):
        olds = [0]

        def note(old):
            olds[0] = old
            return old + 1

        enigma.atomic_update(A, 0, note)
        A[1] = olds[0]

    with pytest.raises(enigma.EnigmaError, match="olds cannot be changed here") as caught:
        enigma.compile(changes_a_list)
    assert "its parameter only" in caught.value.help

    @enigma.kernel
    def registers(A: enigma.i32):
        own = enigma.register_tensor(4, enigma.i32)
        enigma.atomic_update(own, 0, lambda old: old + 1)

    with pytest.raises(enigma.EnigmaError, match="thread memory") as caught:
        enigma.compile(registers)
    assert "without atomics" in caught.value.help
