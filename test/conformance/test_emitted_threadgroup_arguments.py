# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Threadgroup arrays that are arguments: their lengths are chosen at launch."""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

import pickle

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import FLOATS, INTEGERS, Kernels, dtype_of, sample
from enigma import Scalar, Threadgroup, f32, i32, u32

KERNELS = Kernels()
DTYPES = (*FLOATS, *INTEGERS, "b1")


def reversing(name):
    dtype = dtype_of(name)

    @enigma.kernel
    def reverse(A: dtype, tile: Threadgroup(dtype), B: dtype):
        i = enigma.thread_position_in_grid
        local = enigma.thread_index_in_threadgroup()
        tile[local] = A[i]
        enigma.barrier()
        B[i] = tile[enigma.threads_per_threadgroup.x - 1 - local]

    return reverse


for name in DTYPES:
    KERNELS.add(name, reversing(name))


@pytest.mark.parametrize("block", [1, 24, 64])
@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype(name, block):
    kernel = KERNELS[name]
    assert kernel.param_names == ("A", "B", "tile")
    (tile,) = kernel.threadgroup_params
    assert (tile.name, tile.index, tile.dtype, tile.size) == ("tile", 0, dtype_of(name), None)
    metal = dtype_of(name).metal_name
    assert f"threadgroup {metal}* tile [[threadgroup(0)]]" in kernel.metal_source
    a = sample(name, 100, np.random.default_rng(1))
    b = np.zeros_like(a)
    harness.run(
        kernel,
        args=[a, b],
        threads=100,
        block=block,
        threadgroup_memory={0: block * dtype_of(name).nbytes},
    )
    expected = [a[k : k + block][::-1] for k in range(0, 100, block)]
    assert b.tobytes() == np.concatenate(expected).tobytes()


@enigma.kernel
def uses(counts: Threadgroup(u32), sums: Threadgroup(f32), A: u32, B: f32):
    i = enigma.thread_index_in_threadgroup()
    own = enigma.threadgroup_alloc(f32, 64)
    if i < 8:
        counts[i] = 0
    sums[i] = 1.0
    own[i] = i.to(f32)
    enigma.barrier()
    if i % 8 == 7:
        counts.atomic_fetch_max(7, 1000)
    else:
        enigma.atomic_fetch_add(counts, i % 8, i)
    enigma.atomic_fetch_add(sums, 0, 0.5)
    enigma.barrier()
    if i < 8:
        A[i] = counts[i]
    view = enigma.make_tensor(sums, enigma.Layout((8, 8), (8, 1)))
    B[i] = view[i // 8, i % 8] + own[63 - i]
    enigma.barrier()
    if enigma.simdgroup_index_in_threadgroup() == 0:
        matrix = enigma.simdgroup_matrix_load(sums, 8)
        enigma.simdgroup_matrix_store(matrix, B, 8, offset=64)


KERNELS.add("uses", uses)


@pytest.mark.parametrize("order", ["forward", "reverse", "shuffled:3"])
def test_atomics_views_and_matrices(order):
    a, b = np.zeros(8, np.uint32), np.zeros(128, np.float32)
    harness.run(
        KERNELS["uses"],
        args=[a, b],
        grid=1,
        block=64,
        order=order,
        threadgroup_memory={0: 32, 1: 64 * 4},
    )
    i = np.arange(64)
    assert a.tolist() == [*(i[k::8].sum() for k in range(7)), 1000]
    sums = np.float32([33, *[1] * 63])
    np.testing.assert_array_equal(b[:64], sums + i[::-1])
    np.testing.assert_array_equal(b[64:], sums)


@enigma.kernel
def scaled_kernel(A, tile: Threadgroup(f32), B, factor, *, spare: Threadgroup("half")):
    i = enigma.thread_index_in_threadgroup()
    tile[i] = A[i] * factor
    spare[i] = 2.0
    enigma.barrier()
    B[i] = tile[len(tile) - 1 - i] + spare[i].to(f32)


@enigma.jit
def scaled(A, B, factor):
    scaled_kernel(A, B, factor).launch(
        grid=1, block=32, threadgroup_memory={"tile": 32, "spare": 33}
    )


def tensors(*names):
    return [enigma.Tensor(name, index, "float", shape=32) for index, name in enumerate(names)]


def test_a_launch_gives_the_lengths():
    kernel = enigma.compile(scaled, *tensors("A", "B"), 3.0, emit_only=True)
    assert kernel.param_names == ("A", "B", "tile", "spare")
    assert [p.kind for p in kernel.parameters] == ["buffer", "buffer", "threadgroup", "threadgroup"]
    assert [(p.name, p.index, p.size, p.nbytes) for p in kernel.threadgroup_params] == [
        ("tile", 0, 32, 128),
        # Metal takes multiples of 16 bytes.
        ("spare", 1, 33, 80),
    ]
    for again in (
        pickle.loads(pickle.dumps(kernel)),
        enigma.CompiledKernel.from_json(kernel.to_json()),
    ):
        assert again.parameters == kernel.parameters
    a = np.arange(32, dtype=np.float32)
    b = np.zeros(32, np.float32)
    harness.run(
        kernel,
        args=[a, b],
        grid=kernel.grid,
        block=kernel.block,
        threadgroup_memory={p.index: p.nbytes for p in kernel.threadgroup_params},
    )
    np.testing.assert_array_equal(b, 3 * a[::-1] + 2)


@enigma.kernel
def keeps(A, tile: Threadgroup(f32)):
    i = enigma.thread_index_in_threadgroup()
    tile[i] = A[i]
    A[i] = tile[i] + 1


@enigma.kernel
def plain(A):
    i = enigma.thread_index_in_threadgroup()
    A[i] = A[i] * 2


@enigma.jit
def several(A):
    keeps(A).launch(grid=1, block=32, threadgroup_memory={"tile": 32})
    plain(A).launch(grid=1, block=32)
    keeps(A).launch(grid=1, block=32, threadgroup_memory={"tile": 64})


def test_a_program():
    program = enigma.compile(several, *tensors("A"), emit_only=True)
    sizes = [[p.size for p in kernel.threadgroup_params] for kernel in program.kernels]
    assert sizes == [[32], [], [64]]
    a = np.zeros(32, np.float32)
    for kernel in program.kernels:
        harness.run(
            kernel,
            args=[a],
            grid=1,
            block=32,
            threadgroup_memory={p.index: p.nbytes for p in kernel.threadgroup_params},
        )
    assert set(a) == {3.0}


def launching(**options):
    @enigma.jit
    def launches(A):
        keeps(A).launch(grid=1, block=32, **options)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(launches, *tensors("A"))
    assert "test_emitted_threadgroup_arguments.py:" in str(caught.value)
    return f"{caught.value.summary}; {caught.value.help}"


def test_launches_that_are_refused():
    assert "gives its threadgroup array 'tile' no length" in launching()
    memory = {"tile": 32}
    assert "did you mean 'tile'?" in launching(threadgroup_memory={**memory, "tiel": 3})
    assert "its threadgroup arrays are: tile" in launching(threadgroup_memory={**memory, "x": 3})
    for length in (0, -1, 1.5, True, "32", None):
        assert "is no positive int" in launching(threadgroup_memory={"tile": length})
    assert "is no mapping" in launching(threadgroup_memory=32)
    assert "take 32784 bytes" in launching(threadgroup_memory={"tile": 8193})

    @enigma.jit
    def gives_it(A):
        keeps(A, A).launch(grid=1, block=1, threadgroup_memory={"tile": 1})

    with pytest.raises(enigma.EnigmaError, match="too many positional arguments") as caught:
        enigma.compile(gives_it, *tensors("A"))
    assert "its parameters are: A" in caught.value.help

    @enigma.jit
    def namesakes(tile):
        keeps(tile).launch(grid=1, block=1, threadgroup_memory={"tile": 1})

    with pytest.raises(enigma.EnigmaError, match="has the name of a tensor"):
        enigma.compile(namesakes, *tensors("tile"))

    @enigma.kernel
    def too_much(A, tile: Threadgroup(f32)):
        own = enigma.threadgroup_alloc(f32, 2)
        own[0] = tile[0] = A[0]

    @enigma.jit
    def whole(A):
        too_much(A).launch(grid=1, block=1, threadgroup_memory={"tile": 8191})

    with pytest.raises(enigma.EnigmaError, match="take 32776 bytes"):
        enigma.compile(whole, *tensors("A"))

    @enigma.kernel
    def outside(A, tile: Threadgroup(f32)):
        A[0] = tile[32]

    @enigma.jit
    def reads_outside(A):
        outside(A).launch(grid=1, block=1, threadgroup_memory={"tile": 32})

    with pytest.raises(enigma.EnigmaError, match="tile has 32 elements and is indexed by 32"):
        enigma.compile(reads_outside, *tensors("A"))


def test_kernels_that_are_refused():
    @enigma.kernel
    def default(A: f32, tile: Threadgroup(f32) = 3):
        A[0] = tile[0]

    with pytest.raises(enigma.EnigmaError, match="has a default value"):
        enigma.compile(default)

    with pytest.raises(enigma.EnigmaError, match="doble"):
        Threadgroup("doble")

    @enigma.kernel
    def unsized(A: f32, tile: Threadgroup(f32)):
        A[0] = len(tile)

    with pytest.raises(enigma.EnigmaError, match="number of elements of tile is not known"):
        enigma.compile(unsized)

    namespace = {"enigma": enigma}
    names = [f"t{k}: enigma.Threadgroup('float')" for k in range(32)]
    source = f"def many(A: 'float', {', '.join(names)}):\n    A[0] = t0[0]\n"
    exec(source, namespace)
    with pytest.raises(enigma.EnigmaError, match="has 32 threadgroup arrays; Metal has 31"):
        enigma.compile(enigma.kernel(namespace["many"]))

    assert Threadgroup(f32) == Threadgroup("float") != Scalar(f32)
    assert repr(Threadgroup(i32)) == "Threadgroup(i32)"
