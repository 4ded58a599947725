# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elements that are vectors, and memory seen as other elements: types, and what is refused."""

import copy
import pickle

import pytest

import enigma
from enigma import EnigmaError, Layout
from refusals import check_refusal


def test_types_are_found_by_names_and_are_the_same():
    four = enigma.vec(enigma.f32, 4)
    packed = enigma.vec("ushort", 3, packed=True)
    assert four is enigma.vec("f32", 4)
    assert four is not enigma.vec(enigma.f32, 4, packed=True)
    assert (four.metal_name, packed.metal_name) == ("float4", "packed_ushort3")
    assert (four.nbytes, enigma.vec("half", 3).nbytes, packed.nbytes) == (16, 8, 6)
    assert pickle.loads(pickle.dumps(packed)) is packed
    assert copy.deepcopy(four) is four
    assert enigma.Scalar("float4") == enigma.Scalar(four)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: enigma.vec(enigma.b1, 4), "keep them as u8"),
        (lambda: enigma.vec(enigma.f32, 5), "2, 3 or 4"),
        (lambda: enigma.vec(enigma.f32, True), "2, 3 or 4"),
        (lambda: enigma.vec(enigma.f32, 3, packed=1), "a bool"),
        (lambda: enigma.vec("float4", 2), "a vector's type, whose lanes are enigma.f32"),
        (lambda: enigma.Scalar("packed_float3"), "enigma.vec(enigma.f32, 3)"),
        (lambda: enigma.Tensor("A", 0, "bool4", Layout(4)), "keep them as u8"),
        (lambda: enigma.Tensor("A", 0, "float5", Layout(4)), "is no dtype"),
        (lambda: enigma.Tensor("A", 0, "float4x3", Layout(4)), "let the elements be 'float3'"),
        (lambda: enigma.Tensor("A", 0, "float64", Layout(4)), "no 8-byte float"),
    ],
)
def test_types_that_there_are_not(make, message):
    with pytest.raises(EnigmaError) as error:
        make()
    assert message in str(error.value)


FOUR = enigma.vec(enigma.f32, 4)
FLOAT4, PACKED3 = "float4", "packed_float3"


def tensor(memory, count=8):
    return enigma.make_tensor(memory, Layout(count))


# What is done with A, a buffer of float4, S, one of float, and H, one of half.
REFUSED = {
    "three lanes": (lambda A, S, H, i: A.__setitem__(i, A[i].xyz), "a vector of 4 lanes"),
    "a wider vector": (
        lambda A, S, H, i: A.__setitem__(i, A[i].to(enigma.i32).to(enigma.f32).wzyx.xy),
        "a vector of 4 lanes",
    ),
    "integers": (lambda A, S, H, i: A.__setitem__(i, A[i].to(enigma.i32)), ".to(enigma.f32)"),
    "a vector in a scalar": (lambda A, S, H, i: S.__setitem__(i, A[i]), "store the lanes"),
    "load": (lambda A, S, H, i: tensor(A).load(), "enigma.recast_tensor(t, enigma.f32)"),
    "store": (
        lambda A, S, H, i: tensor(A).store(enigma.make_fragment(8)),
        "elements that are scalars",
    ),
    "copy": (
        lambda A, S, H, i: enigma.copy(A, A, 4, coalesced_width=2),
        "coalesced_width",
    ),
    "copy of others": (lambda A, S, H, i: enigma.copy(A, S, 4), "f32x4"),
    "atomics": (lambda A, S, H, i: enigma.atomic_fetch_add(A, i, 1), "scalars"),
    "matrices": (lambda A, S, H, i: enigma.simdgroup_matrix_load(A, 8), "scalars"),
    "async copies": (
        lambda A, S, H, i: enigma.async_copy_1d_d2t(
            enigma.threadgroup_alloc("float4", 8), 0, A, 0, 8
        ),
        "scalars",
    ),
    "fragments": (lambda A, S, H, i: enigma.make_fragment(4, "float4"), "lanes are enigma.f32"),
    "fragments like it": (
        lambda A, S, H, i: enigma.zeros_like(enigma.register_tensor(4, "float4")),
        "lanes are enigma.f32",
    ),
    "function constants": (
        lambda A, S, H, i: enigma.function_constant("float4", 0),
        "lanes are enigma.f32",
    ),
    "tables": (
        lambda A, S, H, i: enigma.constant_array([[1, 2, 3]], "float4"),
        "the 4 lanes",
    ),
    "accumulators": (
        lambda A, S, H, i: enigma.simdgroup_matrix_store(
            enigma.make_filled_simdgroup_matrix(0), A, 8
        ),
        "scalars",
    ),
    "updates": (lambda A, S, H, i: enigma.atomic_update(A, i, lambda v: v), "scalars"),
    "conversions": (lambda A, S, H, i: S[i].to("float4"), "lanes are enigma.f32"),
    "components": (lambda A, S, H, i: FOUR(S[i], 1), "4 (or one for all lanes)"),
    "lanes beyond": (lambda A, S, H, i: enigma.vec_insert(A[i], 4, 1), "lane 4 is beyond"),
    "float lanes": (lambda A, S, H, i: enigma.vec_extract(A[i], S[i]), "an integer"),
    "float subscripts": (lambda A, S, H, i: A[i][S[i]], "expected an integer"),
    "assigned subscripts": (lambda A, S, H, i: A[i].__setitem__(0, 1), "enigma.vec_insert"),
    "inserted vectors": (lambda A, S, H, i: enigma.vec_insert(A[i], 0, A[i]), "one f32"),
    "recast of a buffer": (lambda A, S, H, i: enigma.recast_tensor(S, "uint"), "make_tensor"),
    "recast of a value": (lambda A, S, H, i: enigma.recast_tensor(S[i], "uint"), "as_type"),
    "bits of lanes": (
        lambda A, S, H, i: enigma.as_type(A[i].xy, enigma.u64),
        "a lane of a traced f32x2 has 32 bits, u64 has 64",
    ),
    "bits of lanes together": (
        lambda A, S, H, i: enigma.as_type(A[i].xy, enigma.u64),
        "become one number by `<<` and `|`",
    ),
    "recast to bools": (lambda A, S, H, i: enigma.recast_tensor(tensor(S), "bool"), "x != 0"),
    "recast of registers": (
        lambda A, S, H, i: enigma.recast_tensor(enigma.register_tensor(8), "uint"),
        "make_tensor",
    ),
    "parts of wider elements": (
        lambda A, S, H, i: enigma.recast_tensor(tensor(H, 7), enigma.f32),
        "recast_layout of 7:1",
    ),
    "strides that cut": (
        lambda A, S, H, i: enigma.recast_tensor(
            enigma.make_tensor(H, Layout((2, 4), (1, 3))), enigma.f32
        ),
        "stride",
    ),
    "tiles that overhang": (
        lambda A, S, H, i: enigma.recast_tensor(enigma.local_tile(tensor(S, 10), 4, 2), enigma.u32),
        "recast the whole tensor",
    ),
    "a threadgroup array": (
        lambda A, S, H, i: enigma.recast_tensor(
            tensor(enigma.threadgroup_alloc(enigma.f16, 9), 8), enigma.f32
        ),
        "9 x f16",
    ),
    "a place between": (
        lambda A, S, H, i: enigma.recast_tensor(
            enigma.make_tensor(H, Layout(8), i), enigma.f32
        ).store(0),
        "multiple of 2",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    use, message = REFUSED[name]

    @enigma.kernel
    def kernel(A: FLOAT4, S: enigma.f32, H: enigma.f16):
        use(A, S, H, enigma.thread_position_in_grid)

    with pytest.raises(EnigmaError) as error:
        enigma.compile(kernel, emit_only=True)
    check_refusal(error.value, __file__, message)


def test_declared_vectors_have_as_many_lanes():
    @enigma.kernel
    def kernel(A: FLOAT4):
        v: FOUR = A[0].xy
        A[0] = v

    with pytest.raises(EnigmaError, match="declared as f32x4, is assigned a traced f32x2") as error:
        enigma.compile(kernel, emit_only=True)
    assert "take 4 lanes" in str(error.value)


def of_duplicates(A, S, i):
    A[i].xx = A[i].xy


def of_lanes_beyond(A, S, i):
    A[i].xyw = 1


def of_too_many(A, S, i):
    A[i].xy = A[i]


def of_integers(A, S, i):
    A[i].x = S[i].to(enigma.i32)


def of_scalars(A, S, i):
    S[i].x = 1


def of_augmented_scalars(A, S, i):
    S[i].x += 1


def of_several(A, S, i):
    A[i].x = A[i].y = 1


def of_lists(A, S, i):
    vectors = [A[i]]
    vectors[0].x = 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (of_duplicates, "each of them once"),
        (of_lanes_beyond, "beyond the 3 lanes"),
        (of_too_many, "a vector of 2 lanes"),
        (of_integers, ".to(enigma.f32)"),
        (of_scalars, "enigma.vec(enigma.f32, 4)"),
        (of_augmented_scalars, "enigma.vec(enigma.f32, 4)"),
        (of_several, "in no variable of its own"),
        (of_lists, "in no variable of its own"),
    ],
)
def test_assignments_that_are_refused(function, message):
    helper = enigma.func(function)

    @enigma.kernel
    def kernel(A: PACKED3, S: enigma.f32):
        helper(A, S, enigma.thread_position_in_grid)

    with pytest.raises(EnigmaError) as error:
        enigma.compile(kernel, emit_only=True)
    assert message in str(error.value), str(error.value)
    assert "test_elements.py:" in str(error.value)


def test_constant_memory_is_not_written():
    @enigma.kernel
    def kernel(C):
        C[0].x = 1

    @enigma.jit
    def program(C):
        kernel(C).launch(grid=1, block=1)

    constants = enigma.Tensor("C", 0, FOUR, Layout(4), address_space="constant")
    with pytest.raises(EnigmaError, match="cannot be written"):
        enigma.compile(program, constants, emit_only=True)


def test_attributes_of_objects_in_lists_are_assigned_as_ever():
    class Point:
        x = 0

    points = [Point(), Point()]

    @enigma.kernel
    def kernel(A: enigma.f32):
        points[1].x = 2
        points[1].x += 3
        A[0] = points[1].x + points[0].x

    text = enigma.compile(kernel, emit_only=True).metal_source
    assert "A[0] = 5.0f;" in text
    assert points[1].x == 5


def test_vectors_are_not_vectorized_again():
    @enigma.kernel
    def kernel(A: FLOAT4):
        i = enigma.thread_position_in_grid
        A[i] = A[i] * 2

    with pytest.warns(enigma.EnigmaWarning, match="vectors already"):
        compiled = enigma.compile(kernel, vec_width=4, emit_only=True)
    assert compiled.elements_per_thread == 1
