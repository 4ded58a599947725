# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Parts of fragments, fragments like others, and shifted tensors, from Python to numbers."""

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Kernels
from conformance.tensors import values
from enigma import Layout, Tensor

KERNELS = Kernels()
DTYPES = ("f32", "f16", "i32", "u8")
# Slices of a fragment of shape (4, (2, 3)), and the same of an array indexed [i, j, k].
PARTS = {
    "a row": ((2, None), np.s_[2, :, :]),
    "a column": ((None, 5), np.s_[:, 1, 2]),
    "half of a mode": ((None, (1, None)), np.s_[:, 1, :]),
    "one of a nested mode": ((3, (None, 2)), np.s_[3, :, 2]),
    "all": ((None, None), np.s_[:, :, :]),
}


@enigma.kernel
def part_kernel(A, B, coord):
    part = A.load()[coord]
    for i in range(enigma.size(part.shape)):
        B[i] = part[i]


@enigma.jit
def part(A, B, coord):
    part_kernel(A, B, coord).launch(grid=1, block=1)


def whole(name, index, dtype):
    return Tensor(name, index, dtype, Layout((4, (2, 3)), (6, (1, 2))))


for name in DTYPES:
    for what, (coord, _) in PARTS.items():
        tensors = whole("A", 0, name), Tensor("B", 1, name, Layout(24))
        KERNELS.add((what, name), part, *tensors, coord)


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("what", PARTS)
def test_parts_of_fragments(what, name):
    a = values(name, 4, 3, 2)
    # In memory j lies innermost; in a fragment mode 0 runs fastest.
    expected = a.transpose(0, 2, 1)[PARTS[what][1]].ravel(order="F")
    b = np.full(24, 77, NUMPY[name])
    harness.run(KERNELS[what, name], args=[a.ravel(), b], grid=1, block=1)
    np.testing.assert_array_equal(b[: expected.size], expected)
    assert (b[expected.size :] == 77).all()


@enigma.kernel
def like_kernel(A, B, Z):
    a = A.load()
    ones = enigma.full_like(a, 1)
    Z.store(enigma.zeros_like(Z))
    B.store(a + ones + enigma.make_fragment_like(B, fill=2) + enigma.zeros_like(A))


@enigma.jit
def like(A, B, Z):
    like_kernel(A, B, Z).launch(grid=1, block=1)


@enigma.kernel
def converted_kernel(A, B):
    B.store(enigma.full_like(A, 2.5, "float") + enigma.make_fragment_like(A, enigma.f32))


@enigma.jit
def converted(A, B):
    converted_kernel(A, B).launch(grid=1, block=1)


for name in DTYPES:
    KERNELS.add(("like", name), like, *(whole(t, i, name) for i, t in enumerate("ABZ")))
    KERNELS.add(("converted", name), converted, whole("A", 0, name), whole("B", 1, "f32"))


@pytest.mark.parametrize("name", DTYPES)
def test_fragments_like_others(name):
    a = values(name, 24)
    b, z = np.full(24, 77, NUMPY[name]), np.full(24, 77, NUMPY[name])
    harness.run(KERNELS["like", name], args=[a, b, z], grid=1, block=1)
    np.testing.assert_array_equal(b, a + np.array(3, NUMPY[name]))
    assert not z.any()


@pytest.mark.parametrize("name", DTYPES)
def test_fragments_of_another_dtype(name):
    b = np.zeros(24, np.float32)
    harness.run(KERNELS["converted", name], args=[values(name, 24), b], grid=1, block=1)
    assert (b == 2.5).all()


@enigma.kernel
def shifted_kernel(A, B, start):
    i = enigma.thread_position_in_grid
    row, column = start
    shifted = enigma.domain_offset((i + row, column), A)
    again = enigma.domain_offset((1, 0), shifted)
    B[i, 0] = shifted[0, 0]
    B[i, 1] = again[0, 1]
    enigma.local_tile(B, (1, 4), (i, 1)).store(enigma.local_tile(shifted, (1, 4), (0, 1)).load())


@enigma.jit
def shifted(A, B, start):
    shifted_kernel(A, B, start).launch(grid=1, block=4)


LAYOUTS = {
    "rows": Layout((16, 24), (24, 1)),
    "columns": Layout((16, 24)),
    "padded": Layout((16, 24), (29, 1)),
    "nested": Layout(((4, 4), 24), ((24, 96), 1)),
}
for what, layout in LAYOUTS.items():
    KERNELS.add(
        ("shifted", what),
        shifted,
        Tensor("A", 0, "float", layout, base_offset=3),
        Tensor("B", 1, "float", Layout((4, 8), (8, 1))),
        (2, 5),
    )


@pytest.mark.parametrize("what", LAYOUTS)
def test_shifted_tensors(what):
    layout = LAYOUTS[what]
    memory = np.arange(3 + enigma.cosize(layout), dtype=np.float32)
    b = np.zeros((4, 8), np.float32)
    harness.run(KERNELS["shifted", what], args=[memory, b.reshape(-1)], grid=1, block=4)
    at = np.array([[layout(i, j) + 3 for j in range(24)] for i in range(16)])
    for i in range(4):
        # A nested mode counts its elements with the inner one fastest, and so does the shift.
        assert b[i, 0] == at[i + 2, 5]
        assert b[i, 1] == at[i + 2, 5] + layout(1, 0) + layout(0, 1)
        np.testing.assert_array_equal(b[i, 4:], at[i + 2, 5] + np.array(at[0, 4:8]) - 3)


@enigma.kernel
def bounded_kernel(A, B, where, bound):
    tid = enigma.thread_position_in_grid
    if enigma.elem_less(where[tid], bound):
        B[tid] = A[tid] * 2


@enigma.jit
def bounded(A, B, bound):
    bounded_kernel(A, B, enigma.make_identity_tensor((8, 4)), bound).launch(
        grid=enigma.ceil_div(enigma.size(A), 32), block=32
    )


KERNELS.add(
    "bounded",
    bounded,
    *(Tensor(name, i, "float", Layout((8, 4), (4, 1))) for i, name in enumerate("AB")),
    (5, enigma.dyn("n")),
)


def test_coordinates_are_compared():
    a = np.arange(32, dtype=np.float32).reshape(8, 4)
    b = np.full((8, 4), -1, np.float32)
    harness.run(KERNELS["bounded"], args=[a.reshape(-1), b.reshape(-1), 3], grid=1, block=32)
    expected = np.full((8, 4), -1, np.float32)
    expected[:5, :3] = 2 * a[:5, :3]
    np.testing.assert_array_equal(b, expected)
