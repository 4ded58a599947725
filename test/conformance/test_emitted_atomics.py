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
KINDS = [(kind, dtype) for kind in FOLDS for dtype in ("i32", "u32")]
KINDS += [("add", "f32"), ("sub", "f32")]

kernels = Kernels()


def fetch_kernel(kind, dtype):
    element = dtype_of(dtype)
    fetch = getattr(enigma, f"atomic_fetch_{kind}")

    @enigma.kernel
    def change(A: element, B: element):
        i = enigma.thread_position_in_grid
        fetch(B, i % 3, A[i])

    return change


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


SPACES = ("device", "threadgroup")


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
            for k in range(2):
                enigma.atomic_store(tile, k, B[k])
            enigma.barrier()
            seen[i] = enigma.atomic_update(tile, 0, lambda old: old + 1)
            enigma.atomic_update(tile, 1, larger)
            enigma.barrier()
            for k in range(2):
                B[k] = enigma.atomic_load(tile, k)

    return update


for case in [(dtype, space) for dtype in ("i32", "u32", "f32") for space in SPACES]:
    kernels.add(("update", *case), updating(*case))


@enigma.kernel
def exchange_tile(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.f32, 1)
    enigma.atomic_store(tile, 0, B[0])
    enigma.barrier()
    C[i] = enigma.atomic_exchange(tile, 0, A[i])
    enigma.barrier()
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


@pytest.mark.parametrize(("kind", "dtype"), KINDS)
def test_fetch(kind, dtype):
    a, b = numbers(dtype), numbers(dtype, 3)
    expected = b.copy()
    with np.errstate(over="ignore"):
        for i in range(3):
            expected[i] = functools.reduce(FOLDS[kind], a[i::3], b[i])
    harness.run(kernels[kind, dtype], args=[a, b], threads=THREADS, block=BLOCK)
    np.testing.assert_array_equal(b, expected)


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
    largest = refused(enigma.f32, enigma.atomic_fetch_max, 1)
    assert "f32 in device memory; expected elements of i32 or u32" in largest
    assert "enigma.atomic_update" in largest
    order = refused(enigma.i32, enigma.atomic_load, order="seq_cst")
    assert "order of enigma.atomic_load must be 'relaxed'" in order
    assert "-1 does not fit u32" in refused(enigma.u32, enigma.atomic_store, -1)

    @enigma.kernel
    def threadgroup_floats(A: enigma.f32):
        tile = enigma.threadgroup_alloc(enigma.f32, 4)
        A[0] = enigma.atomic_fetch_add(tile, 0, 1.0)

    with pytest.raises(enigma.EnigmaError, match="f32 in threadgroup memory") as caught:
        enigma.compile(threadgroup_floats)
    assert "enigma.atomic_update" in caught.value.help


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
