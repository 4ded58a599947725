# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`check=True` finds what kernels do wrong, and names the line, the memory and the thread."""

# Kernels are made with the dtypes of their tests, and fault on purpose.

import importlib.util
import pickle
import subprocess
import sys

import numpy as np
import pytest

import enigma
from enigma import Scalar, f32, i32, u32
from enigma.errors import FaultSide, InvalidLaunch, KernelFault

pytestmark = pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")


def floats(count, fill=None):
    if fill is None:
        return np.arange(count, dtype=np.float32)
    return np.full(count, fill, np.float32)


# ---- Kernels that fault, and what is found ------------------------------------------------


@enigma.kernel
def read_beyond(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[i] = A[i + 3]  # here


@enigma.kernel
def write_beyond(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[2 * i] = A[i]  # here


@enigma.kernel
def before_the_start(A: f32, B: f32):
    i = i32(enigma.thread_position_in_grid)
    B[i] = A[i - 5]  # here


@enigma.kernel
def far_away(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[i + 0x7FFFFF00] = A[i]  # here


@enigma.kernel
def beyond_tile(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 32)
    i = enigma.thread_position_in_grid
    tile[i] = A[i]  # here
    enigma.barrier()
    B[i] = tile[i]


@enigma.kernel
def beyond_registers(A: f32, B: f32, n: Scalar(i32)):
    mine = enigma.register_tensor(4, "float")
    i = enigma.thread_position_in_grid
    mine[n] = A[i]  # here
    B[i] = mine[0]


@enigma.kernel
def beyond_table(A: f32, B: f32):
    weights = enigma.constant_array([1.0, 2.0, 3.0], f32)
    i = enigma.thread_position_in_grid
    B[i] = A[i] * weights[i // 16]  # here


@enigma.kernel
def beyond_table_of_vectors(A: f32, B: f32):
    rows = enigma.constant_array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "float3")
    i = enigma.thread_position_in_grid
    B[i] = A[i] * rows[i // 16].z  # here


@enigma.kernel
def beyond_other_elements(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    shorts = enigma.recast_tensor(enigma.make_tensor(A, enigma.Layout(64)), enigma.u16)
    B[i] = f32(shorts[2 * i + 2])  # here


@enigma.kernel
def never_written(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    if i < 50:
        tile[i] = A[i]
    enigma.barrier()
    B[i] = tile[i]  # here


@enigma.kernel
def other_elements_never_written(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 64)
    shorts = enigma.recast_tensor(enigma.make_tensor(tile, enigma.Layout(64)), enigma.u16)
    i = enigma.thread_position_in_grid
    if i < 50:
        tile[i] = A[i]
    enigma.barrier()
    B[i] = f32(shorts[2 * i + 1])  # here


@enigma.kernel
def registers_never_written(A: f32, B: f32, n: Scalar(i32)):
    mine = enigma.register_tensor(4, "float", fill=None)
    i = enigma.thread_position_in_grid
    if i >= 20:
        mine[n] = A[i]
    B[i] = mine[n]  # here


@enigma.kernel
def registers_half_written(A: f32, B: f32, n: Scalar(i32)):
    mine = enigma.register_tensor(4, "uint", fill=None)
    shorts = enigma.recast_tensor(enigma.make_tensor(mine, enigma.Layout(4)), enigma.u16)
    i = enigma.thread_position_in_grid
    for k in enigma.range(0, 7):
        shorts[k] = k.to(enigma.u16)
    B[i] = f32(mine[n])  # here


@enigma.kernel
def no_barrier(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    tile[i] = A[i]  # here
    B[i] = tile[63 - i]  # there


@enigma.kernel
def no_barrier_before_other_elements(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 64)
    words = enigma.recast_tensor(enigma.make_tensor(tile, enigma.Layout(64)), enigma.u16)
    i = enigma.thread_position_in_grid
    tile[i] = A[i]  # here
    B[i] = f32(words[126 - 2 * i])  # there


@enigma.kernel
def no_second_barrier(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    tile[i] = A[i]
    enigma.barrier()
    x = tile[63 - i]  # here
    tile[i] = 2 * x  # there
    enigma.barrier()
    B[i] = tile[i]


@enigma.kernel
def wrong_flags(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[i] = A[i]  # there
    enigma.barrier()
    B[63 - i] = A[i]  # here


@enigma.kernel
def no_simd_barrier(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    tile[i] = A[i]  # there
    B[i] = tile[i ^ 1]  # here


@enigma.kernel
def all_write_one(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[0] = A[i]  # here there


@enigma.kernel
def groups_share(A: f32, B: f32):
    g = enigma.threadgroup_position_in_grid
    i = enigma.thread_position_in_threadgroup
    B[i] = A[32 * g + i]  # here there


@enigma.kernel
def group_reads_next(A: f32, B: f32):
    g = enigma.threadgroup_position_in_grid
    i = enigma.thread_position_in_threadgroup
    x = B[(32 * (g + 1) + i) % 64]  # here
    enigma.barrier("mem_device")
    B[32 * g + i] = x + A[i]  # there


@enigma.kernel
def plain_beside_atomic(A: f32, B: u32):
    i = enigma.thread_position_in_grid
    if i == 3:
        B[0] = 0  # there
    enigma.atomic_fetch_add(B, 0, 1)  # here


@enigma.kernel
def some_at_barrier(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    if i < 50:
        enigma.barrier()  # here
    B[i] = A[i]


@enigma.kernel
def loops_of_different_length(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    for _ in enigma.range(i // 32 + 1):
        enigma.barrier()  # here
    B[i] = A[i]


@enigma.kernel
def gone_before_barrier(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    if i >= 40:
        return
    enigma.barrier()  # here
    B[i] = A[i]


@enigma.kernel
def some_at_simd_barrier(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    if i % 2 == 0:
        enigma.simd_barrier()  # here
    B[i] = A[i]


@enigma.kernel
def by_zero(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    B[i] = f32(100 // (i - n))  # here


@enigma.kernel
def modulo_zero(A: f32, B: f32, n: Scalar(u32)):
    i = enigma.thread_position_in_grid
    B[i] = f32(i % n)  # here


@enigma.kernel
def by_zero_or_minus_one(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    B[i] = f32((n + i) // (i - 1))  # here


@enigma.kernel
def shifted_too_far(A: f32, B: f32, n: Scalar(i32)):
    i = enigma.thread_position_in_grid
    B[i] = f32(u32(1) << (i + u32(n)))  # here


@enigma.func
def third(X, i):
    return X[3 * i]  # here


@enigma.kernel
def in_helper(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[i] = third(A, i)


@enigma.kernel
def asserts(A: f32, B: f32, n: Scalar(i32)):
    i = i32(enigma.thread_position_in_grid)
    enigma.assert_(i != n, "{} is {}", i, n)  # here
    B[i] = A[i]


@enigma.kernel
def matrix_beyond(A: f32, B: f32, n: Scalar(u32)):
    m = enigma.simdgroup_matrix_load(A, 8, offset=n)  # here
    enigma.simdgroup_matrix_store(m, B, 8)


@enigma.kernel
def written_where_all_read(A: f32, B: f32):
    tile = enigma.threadgroup_alloc(f32, 32)
    lane = enigma.thread_index_in_simdgroup()
    group = enigma.simdgroup_index_in_threadgroup()
    if group == 0:
        tile[lane] = A[lane]
    enigma.barrier()
    x = tile[lane]  # there
    y = tile[lane]
    if group == enigma.simdgroups_per_threadgroup() - 1:
        tile[lane] = x  # here
    B[lane + 32 * group] = y


# Kernel, kind, memory, element and its size, and thread; what a launch is given besides.
FAULTS = [
    (read_beyond, "out_of_bounds", "A", 64, 64, 61),
    (write_beyond, "out_of_bounds", "B", 64, 64, 32),
    (before_the_start, "out_of_bounds", "A", -5, 64, 0),
    (far_away, "out_of_bounds", "B", 0x7FFFFF00, 64, 0),
    (beyond_tile, "out_of_bounds", "tile", 32, 32, 32),
    (beyond_registers, "out_of_bounds", "mine", 4, 4, 0, 4),
    (beyond_registers, "out_of_bounds", "mine", -1, 4, 0, -1),
    (beyond_table, "out_of_bounds", "weights", 3, 3, 48),
    (beyond_table_of_vectors, "out_of_bounds", "rows", 2, 2, 32),
    (beyond_other_elements, "out_of_bounds", "A", 128, 128, 63),
    (never_written, "uninitialized", "tile", 50, 64, 50),
    (other_elements_never_written, "uninitialized", "tile", 101, 128, 50),
    (registers_never_written, "uninitialized", "mine", 2, 4, 0, 2),
    (registers_half_written, "uninitialized", "mine", 3, 4, 0, 3),
    (no_barrier, "race", "tile", 32, 64, 32),
    (no_barrier_before_other_elements, "race", "tile", 32, 64, 32),
    (no_second_barrier, "race", "tile", 31, 64, 32),
    (wrong_flags, "race", "B", 63, 64, 0),
    (no_simd_barrier, "race", "tile", 1, 64, 0),
    (all_write_one, "race", "B", 0, 64, 1),
    (some_at_barrier, "divergent_barrier", None, None, None, 50),
    (loops_of_different_length, "divergent_barrier", None, None, None, 0),
    (gone_before_barrier, "divergent_barrier", None, None, None, 40),
    (some_at_simd_barrier, "divergent_barrier", None, None, None, 1),
    (by_zero, "division_by_zero", None, None, None, 7, 7),
    (modulo_zero, "division_by_zero", None, None, None, 0, 0),
    (by_zero_or_minus_one, "division_by_zero", None, None, None, 1, -(2**31)),
    (shifted_too_far, "shift_out_of_range", None, None, None, 30, 2),
    (in_helper, "out_of_bounds", "A", 66, 64, 22),
    (asserts, "assertion", None, None, None, 9, 9),
    (matrix_beyond, "out_of_bounds", "A", 64, 64, 28, 8),
]


def fault_of(kernel, *arguments, **options):
    with pytest.raises(KernelFault) as raised:
        kernel.launch(*arguments, check=True, **options)
    return raised.value


def is_marked(side, mark):
    return mark in side.location.source_line.partition("#")[2].split()


@pytest.mark.parametrize(
    "case", FAULTS, ids=lambda case: f"{case[0].name}{''.join(map(str, case[6:]))}"
)
def test_faults(case):
    kernel, kind, variable, index, size, thread, *more = case
    given = (floats(64), floats(64, 0), *more)
    found = fault_of(kernel, *given, threads=64, block=64)
    assert (found.kind, found.variable, found.index, found.size) == (kind, variable, index, size)
    assert found.thread == (thread, 0, 0)
    assert found.threadgroup == (0, 0, 0)
    assert found.file == __file__
    assert is_marked(found, "here"), found
    assert found.line == found.location.line
    assert found.source_line == found.location.source_line
    assert f":{found.line}: enigma_kernel_{kernel.name}: " in str(found)
    if kind == "race":
        assert is_marked(found.other, "there"), found
        assert found.other.threadgroup == (0, 0, 0)
        assert found.other.thread != found.thread
    # Two launches say the same.
    assert str(fault_of(kernel, floats(64), floats(64, 0), *more, threads=64, block=64)) == str(
        found
    )


@pytest.mark.needs_positions
def test_both_sides_of_a_race():
    found = fault_of(no_barrier, floats(64), floats(64, 0), threads=64, block=64)
    here = found.location
    assert found.other == FaultSide(
        enigma.locations.SourceLocation(here.filename, here.line + 1, 12),
        "reads",
        (31, 0, 0),
        (0, 0, 0),
    )
    assert f"reads it too, in line {here.line + 1}: `B[i] = tile[63 - i]" in found.summary


def test_a_race_between_threadgroups():
    found = fault_of(groups_share, floats(64), floats(32, 0), grid=2, block=32)
    assert (found.kind, found.variable, found.index) == ("race", "B", 0)
    assert (found.thread, found.threadgroup) == ((32, 0, 0), (1, 0, 0))
    assert (found.other.thread, found.other.threadgroup) == ((0, 0, 0), (0, 0, 0))
    assert "second kernel" in found.help
    found = fault_of(group_reads_next, floats(64), floats(64, 0), grid=2, block=32)
    assert (found.kind, found.threadgroup) == ("race", (1, 0, 0))
    assert is_marked(found.other, "there")
    assert is_marked(found, "here")


def test_a_write_where_several_simd_groups_read():
    found = fault_of(written_where_all_read, floats(32), floats(128), threads=128, block=128)
    assert (found.kind, found.variable, found.index) == ("race", "tile", 0)
    assert found.thread == (96, 0, 0)
    assert is_marked(found, "here")
    assert is_marked(found.other, "there")


def test_what_was_read_before_is_looked_at_anew():
    @enigma.kernel
    def kernel(A: f32, B: f32, n: Scalar(u32)):
        tile = enigma.threadgroup_alloc(f32, 32)
        lane = enigma.thread_index_in_simdgroup()
        place = enigma.threadgroup_position_in_grid.x
        group = enigma.simdgroup_index_in_threadgroup()
        for k in enigma.range(0, 3):
            if group == k and place < n:
                tile[lane] = A[lane] + k
            enigma.barrier()
            x = tile[lane]
            x += tile[lane]
            enigma.barrier()
            B[enigma.thread_position_in_grid] = x

    b = floats(256, 0)
    kernel.launch(floats(32), b, 2, grid=2, block=128, check=True)
    assert (b == np.tile(2 * (floats(32) + 2), 8)).all()
    found = fault_of(kernel, floats(32), b, 1, grid=2, block=128)
    assert (found.kind, found.variable, found.thread) == ("uninitialized", "tile", (128, 0, 0))


def test_a_plain_store_beside_atomic_updates():
    found = fault_of(plain_beside_atomic, floats(1), np.zeros(1, np.uint32), threads=64)
    assert (found.kind, found.variable, found.index) == ("race", "B", 0)
    assert found.other.thread == (3, 0, 0)
    assert is_marked(found.other, "there")


def test_the_text_of_an_assertion():
    found = fault_of(asserts, floats(64), floats(64), 9, threads=64)
    assert found.summary == (
        "enigma_kernel_asserts: assertion: thread (9, 0, 0) of threadgroup (0, 0, 0): "
        f"test_checked.py:{found.line}: assertion failed: 9 is 9"
    )


@enigma.kernel
def in_the_plane(A: f32, B: f32):
    x = enigma.thread_position_in_grid.x
    y = enigma.thread_position_in_grid.y
    B[9 * y + x] = A[9 * y + x]


def test_positions_in_a_ragged_grid_of_two_dimensions():
    found = fault_of(in_the_plane, floats(57), floats(63, 0), threads=(9, 7), block=(4, 4))
    assert (found.kind, found.index) == ("out_of_bounds", 57)
    assert (found.thread, found.threadgroup) == ((3, 6, 0), (0, 1, 0))


def test_a_store_out_of_bounds_is_not_done():
    memory = floats(128, -1)
    found = fault_of(write_beyond, floats(64), memory[:64], threads=64)
    assert found.kind == "out_of_bounds"
    assert (memory[64:] == -1).all()
    # What was before the fault is there.
    assert memory[0] == -1 or memory[0] == 0


def test_other_threadgroups_before_the_fault_are_done():
    b = floats(96, -1)
    fault_of(read_beyond, floats(96), b, threads=96, block=32)
    assert (b[:64] == np.arange(3, 67)).all()
    assert (b[64:] == -1).all()


@enigma.kernel
def saxpy(X: f32, Y: f32, a: Scalar(f32)):
    i = enigma.thread_position_in_grid
    Y[i] = a * X[i] + Y[i]


def test_arrays_that_overlap():
    memory = floats(65)
    saxpy.launch(memory[:64], memory[:64], 1.0, threads=64, check=True)
    assert (memory[:64] == 2 * np.arange(64)).all()
    found = fault_of(saxpy, memory[:64], memory[1:], 1.0, threads=64)
    # A SIMD group reads all of its elements before it writes one: thread 0 writes what thread 1
    # has read as an element of X.
    assert (found.kind, found.variable, found.index) == ("race", "Y", 0)
    assert (found.thread, found.other.thread) == ((0, 0, 0), (1, 0, 0))
    assert found.other.access == "reads"


def test_empty_arrays():
    found = fault_of(saxpy, floats(0), floats(0), 1.0, threads=1)
    assert (found.kind, found.index, found.size) == ("out_of_bounds", 0, 0)


@enigma.kernel
def transposed(A, B):
    i, j = enigma.thread_position_in_grid.x, enigma.thread_position_in_grid.y
    B[i, j] = A[j, i]


@enigma.jit
def transpose(A, B):
    transposed(A, B).launch(grid=A.shape, block=1)


@enigma.jit
def twice(A, B, C):
    transposed(A, B).launch(grid=B.shape, block=1)
    transposed(B, C).launch(grid=C.shape, block=1)


def test_jit_functions_and_programs():
    a, b, c = floats(12).reshape(3, 4), np.zeros((4, 3), np.float32), np.zeros((3, 4), np.float32)
    twice(a, b, c, check=True)
    assert (b == a.T).all()
    assert (c == a).all()
    with pytest.raises(KernelFault, match="out of bounds") as raised:
        transpose(a, c, check=True)
    assert raised.value.variable in ("A", "C", "B")


def test_compiled_kernels_of_another_process():
    compiled = enigma.compile(read_beyond, emit_only=True)
    for other in (
        enigma.CompiledKernel.from_json(compiled.to_json()),
        pickle.loads(pickle.dumps(compiled)),
    ):
        found = fault_of(other, floats(64), floats(64), threads=64)
        assert is_marked(found, "here")


def test_faults_are_pickled():
    found = fault_of(no_barrier, floats(64), floats(64, 0), threads=64, block=64)
    copy = pickle.loads(pickle.dumps(found))
    assert str(copy) == str(found)
    assert copy.other == found.other
    assert isinstance(copy, enigma.EnigmaError)


def test_the_threadgroup_array_of_a_launch():
    @enigma.kernel
    def turned(A, B, tile: enigma.Threadgroup(f32)):
        i = enigma.thread_position_in_threadgroup
        tile[i] = A[i]
        enigma.barrier()
        B[i] = tile[63 - i]

    @enigma.jit
    def run(A, B):
        turned(A, B).launch(grid=1, block=64, threadgroup_memory={"tile": 48})

    with pytest.raises(KernelFault) as raised:
        run(floats(64), floats(64, 0), check=True)
    assert (raised.value.variable, raised.value.index, raised.value.size) == ("tile", 48, 48)


def test_a_quotient_that_is_too_large():
    """A least number `// -1` is itself, as in NumPy; only the operation itself has no quotient."""

    @enigma.kernel
    def divide(B: i32, n: Scalar(i32), by: Scalar(i32)):
        i = i32(enigma.thread_position_in_grid)
        B[2 * i] = (n + i) // by
        B[2 * i + 1] = (n + i) % by

    found = np.ones(4, np.int32)
    divide.launch(found, -(2**31), -1, threads=2, check=True)
    assert found.tolist() == [-(2**31), 0, 2**31 - 1, 0]

    from enigma._jit import Program

    for operation in ("divsi", "remsi"):
        program = Program(
            f"""
            enigma.kernel @divide(
                %B: memref<?xi32, #enigma.address_space<device>>
                  {{enigma.index = 0 : i32, enigma.name = "B", enigma.dtype = si32}},
                %n: i32 {{enigma.index = 1 : i32, enigma.dtype = si32}},
                %by: i32 {{enigma.index = 2 : i32, enigma.dtype = si32}}) {{
              %t = enigma.thread_position_in_grid x : i32
              %i = arith.index_castui %t : i32 to index
              %x = arith.subi %n, %t : i32
              %q = arith.{operation} %x, %by : i32
              memref.store %q, %B[%i] : memref<?xi32, #enigma.address_space<device>>
              enigma.return
            }}
            """.encode(),
            [],
        )
        b = np.zeros(4, np.int32)

        def run(n, by, program=program, b=b):
            given = [b.ctypes.data, np.int32(n).tobytes(), np.int32(by).tobytes()]
            return program.check(given, [b.nbytes, 4, 4], (4, 1, 1), (4, 1, 1), [])

        assert run(-(2**31) + 3, -2) is None
        assert run(-(2**31) + 4, -1) is None
        fault = run(-(2**31) + 2, -1)
        assert (fault["kind"], fault["value"]) == ("division_overflow", -(2**31))
        assert fault["thread"] == (2, 0, 0)


def test_vectors_that_are_misaligned():
    from enigma._jit import Program

    def program(alignment):
        return Program(
            f"""
            enigma.kernel @vectors(
                %A: memref<?xf32, #enigma.address_space<device>>
                  {{enigma.index = 0 : i32, enigma.name = "A"}},
                %B: memref<?xf32, #enigma.address_space<device>>
                  {{enigma.index = 1 : i32, enigma.name = "B"}},
                %n: i32 {{enigma.index = 2 : i32, enigma.dtype = si32}}) {{
              %t = enigma.thread_position_in_grid x : i32
              %c4 = arith.constant 4 : i32
              %s = arith.muli %t, %c4 : i32
              %u = arith.addi %s, %n : i32
              %i = arith.index_cast %s : i32 to index
              %j = arith.index_cast %u : i32 to index
              %x = vector.load %A[%j] {alignment}
                : memref<?xf32, #enigma.address_space<device>>, vector<4xf32>
              vector.store %x, %B[%i] {{alignment = 16 : i64}}
                : memref<?xf32, #enigma.address_space<device>>, vector<4xf32>
              enigma.return
            }}
            """.encode(),
            [],
        )

    def run(by, alignment, count=40):
        a, b = floats(count), floats(32, 0)
        given = [a.ctypes.data, b.ctypes.data, np.int32(by).tobytes()]
        sizes = [a.nbytes, b.nbytes, 4]
        fault = program(alignment).check(given, sizes, (8, 1, 1), (8, 1, 1), [])
        if fault is None:
            assert (b == a[by : by + 32]).all()
        return fault

    aligned = "{alignment = 16 : i64}"
    assert run(4, aligned) is None
    fault = run(2, aligned)
    assert (fault["kind"], fault["value"], fault["alignment"]) == ("misaligned", 2, 16)
    assert run(2, "") is None
    fault = run(6, "", count=37)
    assert (fault["kind"], fault["value"], fault["thread"]) == ("out_of_bounds", 37, (7, 0, 0))


def test_memory_seen_as_other_elements():
    @enigma.kernel
    def kernel(A: f32, B: u32):
        i = enigma.thread_position_in_grid
        layout = enigma.Layout(64)
        tile = enigma.threadgroup_alloc(u32, 64)
        mine = enigma.register_tensor(2, u32, fill=None)
        shorts = enigma.recast_tensor(
            enigma.make_tensor(mine, enigma.Layout(2)), enigma.vec(enigma.u16, 2)
        )
        tile[63 - i] = enigma.recast_tensor(enigma.make_tensor(A, layout), u32)[i]
        enigma.barrier()
        bytes = enigma.recast_tensor(enigma.make_tensor(tile, layout), enigma.u8)
        mine[i % 2] = u32(0)
        for k in range(4):
            mine[i % 2] |= bytes[4 * (63 - i) + k].to(u32) << 8 * k
        enigma.barrier()
        out = enigma.recast_tensor(enigma.make_tensor(B, layout), enigma.vec(enigma.u16, 2))
        out[i] = shorts[i % 2]

    a, b = floats(256), np.zeros(256, np.uint32)
    kernel.launch(a, b, threads=64, block=64, check=True)
    assert (b[:64] == a[:64].view(np.uint32)).all()


def test_another_device_is_refused(monkeypatch):
    from enigma.runtime import device as devices

    class Other(devices.Device):
        kind = "other"
        name = "other"
        seconds = 0.0

        def load(self, kernel, constants):
            raise AssertionError("it does not check")

        def synchronize(self):
            pass

    monkeypatch.setitem(devices._KINDS, "other", devices.Kind("other", Other))
    with pytest.raises(InvalidLaunch, match=r"check=True runs on the CPU device.*'other'"):
        saxpy.launch(floats(4), floats(4), 1.0, threads=4, device="other", check=True)
    # Where nobody asks for a device, it is the CPU.
    monkeypatch.setenv("ENIGMA_DEVICE", "other")
    saxpy.launch(floats(4), floats(4), 1.0, threads=4, check=True)


# ---- Kernels that are right, and mutants of them ------------------------------------------

RIGHT = """
import enigma
from enigma import Scalar, f32, i32, u32


@enigma.kernel
def reverse(A: f32, B: f32, n: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    t = enigma.thread_position_in_threadgroup
    first = i - t
    count = enigma.min(n - first, u32(64))
    if i < n:
        tile[t] = A[i]
    enigma.barrier()
    if i < n:
        B[i] = tile[count - 1 - t]


@enigma.kernel
def total(A: f32, B: f32, n: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    t = enigma.thread_position_in_threadgroup
    tile[t] = enigma.load_if(A, i, i < n)
    enigma.barrier()
    step = u32(32)
    while step > 0:
        if t < step:
            tile[t] = tile[t] + tile[t + step]
        enigma.barrier()
        step = step // 2
    if t == 0:
        B[enigma.threadgroup_position_in_grid] = tile[0]


@enigma.kernel
def smooth(A: f32, B: f32, n: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 66)
    i = enigma.thread_position_in_grid
    t = enigma.thread_position_in_threadgroup
    tile[t + 1] = enigma.load_if(A, i, i < n)
    if t == 0:
        tile[0] = enigma.load_if(A, i - 1, i > 0)
    if t == 63:
        tile[65] = enigma.load_if(A, i + 1, i + 1 < n)
    enigma.barrier()
    if i < n:
        B[i] = tile[t] + tile[t + 1] + tile[t + 2]


@enigma.kernel
def neighbours(A: f32, B: f32, n: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 64)
    i = enigma.thread_position_in_grid
    t = enigma.thread_position_in_threadgroup
    tile[t] = enigma.load_if(A, i, i < n)
    enigma.simd_barrier()
    other = tile[t ^ 1]
    enigma.simd_barrier()
    tile[t] = other
    if i < n:
        B[i] = tile[t]


@enigma.kernel
def roles(A: f32, B: f32, n: Scalar(u32)):
    tile = enigma.threadgroup_alloc(f32, 128)
    t = enigma.thread_position_in_threadgroup
    g = enigma.threadgroup_position_in_grid
    producer = t // 32
    for k in range(4):
        if t // 32 == producer:
            for j in range(2):
                at = 64 * g + 32 * j + t % 32
                tile[(k % 2) * 64 + 32 * j + t % 32] = enigma.load_if(A, at, at < n) + f32(k)
        enigma.barrier()
        i = 64 * g + t
        if i < n:
            B[i] = B[i] + tile[(k % 2) * 64 + 63 - t]
        enigma.barrier()
"""
# The threads write disjoint elements where `producer` is the second SIMD group.
RIGHT = RIGHT.replace("producer = t // 32", "producer = u32(1)")

# Kernel, what is replaced (in the first place where it is), and the kinds that are found.
BOUNDS, RACE, UNWRITTEN = "out_of_bounds", "race", "uninitialized"
MUTANTS = [
    ("reverse", "    enigma.barrier()\n", "", {RACE}),
    ("reverse", "count - 1 - t", "count - t", {BOUNDS, UNWRITTEN}),
    ("reverse", "A[i]", "A[i + 1]", {BOUNDS}),
    ("reverse", "    if i < n:\n        tile[t] = A[i]", "    tile[t] = A[i]", {BOUNDS}),
    ("reverse", "    if i < n:\n        B[i]", "    if i <= n:\n        B[i]", {BOUNDS}),
    ("reverse", "(f32, 64)", "(f32, 63)", {BOUNDS}),
    ("reverse", "tile[t] = A[i]", "tile[t // 2] = A[i]", {RACE}),
    ("reverse", "B[i] =", "B[i // 2] =", {RACE}),
    ("reverse", "B[i] =", "B[t] =", {RACE}),
    ("total", "    enigma.barrier()\n", "", {RACE}),
    ("total", "        enigma.barrier()\n", "", {RACE}),
    ("total", "if t < step", "if t <= step", {BOUNDS}),
    ("total", "        if t < step:\n    ", "        if True:\n    ", {RACE, BOUNDS}),
    ("total", "u32(32)", "u32(64)", {BOUNDS}),
    ("total", "if t == 0:", "if t <= 1:", {RACE}),
    ("total", "if t == 0:", "if True:", {RACE}),
    ("total", "enigma.threadgroup_position_in_grid]", "0]", {RACE}),
    ("total", "enigma.load_if(A, i, i < n)", "A[i]", {BOUNDS}),
    (
        "total",
        "        enigma.barrier()",
        "        if t < 32:\n            enigma.barrier()",
        {"divergent_barrier"},
    ),
    # By (step - 2) no step is divided by 0: the steps are 32, 1 and 0.
    ("total", "step = step // 2", "step = step // (step - 1)", {"division_by_zero"}),
    ("smooth", "    enigma.barrier()\n", "", {RACE}),
    # Thread 1 or 62 in place of thread 0 or 63 writes a wrong number, and is no fault.
    ("smooth", "if t == 0:", "if t == 64:", {UNWRITTEN}),
    ("smooth", "if t == 63:", "if t == 64:", {UNWRITTEN}),
    ("smooth", "tile[65]", "tile[64]", {RACE, UNWRITTEN}),
    # A number (`tile[66]`) is refused when the kernel is compiled.
    ("smooth", "tile[65]", "tile[t + 3]", {BOUNDS}),
    ("smooth", "i + 1 < n", "i < n + 1", {BOUNDS}),
    ("smooth", "i > 0", "i >= 0", {BOUNDS}),
    ("smooth", "tile[t + 2]", "tile[t + 3]", {BOUNDS}),
    ("smooth", "    if i < n:\n        B", "    if True:\n        B", {BOUNDS}),
    ("neighbours", "    enigma.simd_barrier()\n    other", "    other", {RACE}),
    ("neighbours", "    enigma.simd_barrier()\n    tile", "    tile", {RACE}),
    ("neighbours", "t ^ 1", "t ^ 32", {RACE, UNWRITTEN}),
    ("neighbours", "simd_barrier()\n    other", "simd_barrier('mem_none')\n    other", {RACE}),
    (
        "neighbours",
        "    enigma.simd_barrier()\n    other",
        "    if t % 3 < 2:\n        enigma.simd_barrier()\n    other",
        {"divergent_barrier"},
    ),
    ("roles", "if t // 32 == producer", "if True", {RACE}),
    ("roles", "if t // 32 == producer", "if t // 32 > producer", {UNWRITTEN}),
    ("roles", "        enigma.barrier()\n", "", {RACE}),
    ("roles", "(k % 2) * 64 + 63 - t", "(1 - k % 2) * 64 + 63 - t", {UNWRITTEN}),
    ("roles", "range(2)", "range(1)", {UNWRITTEN}),
    ("roles", "range(2)", "range(3)", {RACE, BOUNDS}),
]


def load(source, folder):
    path = folder / "kernels.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("kernels", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def launch_right(module, name, n, **options):
    rng = np.random.default_rng(n)
    a = rng.integers(-50, 50, n).astype(np.float32)
    groups = -(-n // 64)
    b = np.zeros(groups if name == "total" else n, np.float32)
    # All threadgroups are full: the kernels guard their accesses.
    getattr(module, name).launch(a, b, n, grid=groups, block=64, **options)
    return a, b


NAMES = ["reverse", "total", "smooth", "neighbours", "roles"]


@pytest.mark.parametrize("name", NAMES)
def test_kernels_that_are_right(name, tmp_path):
    module = load(RIGHT, tmp_path)
    for n in (1, 31, 64, 100, 128, 191):
        a, b = launch_right(module, name, n, check=True)
        _, unchecked = launch_right(module, name, n)
        assert (b == unchecked).all()
        if name == "total":
            assert b.sum() == a.sum()


@pytest.mark.parametrize("mutant", range(len(MUTANTS)))
def test_mutants_are_found(mutant, tmp_path):
    name, old, new, kinds = MUTANTS[mutant]
    start = RIGHT.index(f"def {name}(")
    assert old in RIGHT[start:]
    source = RIGHT[:start] + RIGHT[start:].replace(old, new, 1)
    module = load(source, tmp_path)

    def launch_all():
        # Some go wrong only where the last threadgroup is not full, others only where it is.
        for n in (100, 64):
            launch_right(module, name, n, check=True)

    with pytest.raises(KernelFault) as raised:
        launch_all()
    assert raised.value.kind in kinds, raised.value


@pytest.mark.parametrize("seed", range(12))
def test_random_launches(seed):
    """Grids of all shapes, ragged ones too: right where the array is as large, else a fault."""
    rng = np.random.default_rng(seed)
    grid = tuple(int(x) for x in rng.integers(1, (70, 12, 4)))
    block = tuple(int(x) for x in rng.integers(1, (33, 5, 4)))

    @enigma.kernel
    def fill(B: f32, w: Scalar(u32), h: Scalar(u32)):
        p = enigma.thread_position_in_grid
        B[(p.z * h + p.y) * w + p.x] = f32(p.x + 100 * p.y + 10000 * p.z)

    w, h, d = grid
    size = w * h * d
    b = floats(size, -1)
    fill.launch(b, w, h, threads=grid, block=block, check=True)
    z, y, x = np.mgrid[:d, :h, :w]
    assert (b == (x + 100 * y + 10000 * z).reshape(-1)).all()
    if size > 1:
        found = fault_of(fill, floats(size - 1), w, h, threads=grid, block=block)
        assert (found.kind, found.index) == ("out_of_bounds", size - 1)
        assert found.thread == (w - 1, h - 1, d - 1)


@pytest.mark.parametrize("flags", ["mem_device|mem_threadgroup", "mem_threadgroup"])
def test_fences_order_threadgroups(flags):
    """The last threadgroup reads what all have left, behind fences and an atomic counter.

    Fences order threadgroups, and no threads of one: its own part is behind a barrier.
    """

    @enigma.kernel
    def last_adds(A: f32, P: f32, count: u32, B: f32, groups: Scalar(u32)):
        flag = enigma.threadgroup_alloc(u32, 1)
        t = enigma.thread_position_in_threadgroup
        g = enigma.threadgroup_position_in_grid
        s = enigma.simd_sum(A[32 * g + t])
        if t == 0:
            P[g] = s
            enigma.atomic_thread_fence("mem_device", "seq_cst", "device")
            flag[0] = enigma.atomic_fetch_add(count, 0, 1)
        enigma.barrier(flags)
        if flag[0] == groups - 1:
            enigma.atomic_thread_fence("mem_device", "seq_cst", "device")
            if t < groups:
                B[t] = P[t]

    a, p, count, b = floats(128), floats(4, 0), np.zeros(1, np.uint32), floats(4, 0)
    given = (a, p, count, b, 4)
    if flags == "mem_threadgroup":
        found = fault_of(last_adds, *given, grid=4, block=32)
        assert (found.kind, found.variable, found.index) == ("race", "P", 3)
        assert found.other.threadgroup == found.threadgroup == (3, 0, 0)
        return
    last_adds.launch(*given, grid=4, block=32, check=True)
    assert (b == a.reshape(4, 32).sum(1)).all()


def test_a_faulty_launch_leaves_nothing_behind(tmp_path):
    """The process goes on: other launches are right, in other threads too."""
    code = """
import threading
import numpy as np
import enigma
from enigma import f32

@enigma.kernel
def wild(A: f32, B: f32):
    i = enigma.thread_position_in_grid
    B[i * 0x7fffff] = A[i * 0xffffff]

def run():
    for _ in range(20):
        try:
            wild.launch(np.ones(64, np.float32), np.ones(64, np.float32), threads=640, check=True)
        except enigma.KernelFault as fault:
            found.append(str(fault))

found = []
threads = [threading.Thread(target=run) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 80 and len(set(found)) == 1, found
"""
    script = tmp_path / "wild.py"
    script.write_text(code)
    finished = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
