# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""An extent that is known when the kernel runs is the number that a known one is."""

from __future__ import annotations

import numpy as np
import pytest

import enigma
from conformance import harness

SIZE = 8
USES = {
    "i < n": lambda i, n: enigma.where(0, 1, i < n),
    "n > i": lambda i, n: enigma.where(0, 1, n > i),
    "(i - n) // 3": lambda i, n: (i - n) // 3,
    "(n + i) // 2": lambda i, n: (n + i) // 2,
    "i % n": lambda i, n: i % n,
    "(n - i).to(f32)": lambda i, n: (n - i).to(enigma.f32).to(enigma.i32),
    "(i * n).to(i64)": lambda i, n: (i * n).to(enigma.i64).to(enigma.i32),
    "i16 // n": lambda i, n: (i.to(enigma.i16) // n).to(enigma.i32),
    "min(i, n)": lambda i, n: smaller(i, n),
    "imin(i, n)": lambda i, n: enigma.imin(i, n),
    "imax(n, i)": lambda i, n: enigma.imax(n, i),
    "clamp": lambda i, n: enigma.iclamp(i, -n, n),
    "range(i, n)": lambda i, n: trips(i, n),
    "range(n, i, -1)": lambda i, n: trips(n, -i, -1),
}


@enigma.func
def smaller(a, b):
    return min(a, b)


@enigma.func
def trips(*bounds):
    count = 0
    for _ in enigma.range(*bounds):
        count += 1
    return count


@enigma.kernel
def use_kernel(A, B):
    lane = enigma.thread_position_in_grid.x.to(enigma.i32)
    for k, use in enumerate(USES.values()):
        B[lane * len(USES) + k] = use(lane - 12, A.size())


@enigma.jit
def use(A, B):
    use_kernel(A, B).launch(grid=1, block=24)


def outputs(size):
    """What all uses give, by thread, for a tensor A of SIZE elements."""
    tensors = [
        enigma.Tensor("A", 0, "float", enigma.Layout(size)),
        enigma.Tensor("B", 1, "int", enigma.Layout(24 * len(USES))),
    ]
    kernel = enigma.compile(use, *tensors, emit_only=True)
    out = np.zeros((24, len(USES)), np.int32)
    arguments = {"A": np.zeros(SIZE, np.float32), "B": out, "n": SIZE}
    harness.run(kernel, args=[arguments[name] for name in kernel.param_names], grid=1, block=24)
    return out


@pytest.fixture(scope="module")
def both():
    return outputs(SIZE), outputs(enigma.dyn("n"))


@pytest.mark.parametrize("name", USES)
def test_an_extent_beside_a_negative_number(both, name):
    column = list(USES).index(name)
    known, symbolic = (out[:, column] for out in both)
    np.testing.assert_array_equal(symbolic, known)


# Divisions by extents that the host gives, and which may be 0: (view of A, use of it at i).
DIVIDING = {
    "a 1-D coordinate": (
        lambda A, n: enigma.make_tensor(A, enigma.Layout((n, 4), (2, 1))),
        lambda view, i, n: view[i],
    ),
    "an element of tiles": (
        lambda A, n: enigma.zipped_divide(
            enigma.make_tensor(A, enigma.Layout((6, 4), (4, 1))), (n, 2)
        ),
        lambda view, i, n: view[i],
    ),
    "a tile": (
        lambda A, n: enigma.make_tensor(A, enigma.Layout((6, 4), (4, 1))),
        lambda view, i, n: enigma.local_tile(view, (n, 2), (0, 1))[i % 2],
    ),
    "the number of tiles": (
        lambda A, n: enigma.zipped_divide(enigma.make_tensor(A, enigma.Layout((6, 4))), (n, 2)),
        lambda view, i, n: enigma.size(view, mode=[1]),
    ),
    "a coordinate": (
        lambda A, n: A,
        lambda view, i, n: enigma.idx2crd(i, (n, 4))[1],
    ),
}


@enigma.func
def in_branch(view, use, i, n):
    found = -1
    if n > 0:
        found = use(view, i, n) + use(view, i, n) * 10
    return found


@enigma.func
def in_two_branches(view, use, i, n):
    found = -1
    if n > 0:
        found = use(view, i, n)
    if n > 1:
        found += use(view, i, n) * 10
    return found


@enigma.func
def in_loop(view, use, i, n):
    found = -1
    for k in enigma.range(n):
        found = use(view, i, n) + k
    return found


@enigma.func
def in_condition(view, use, i, n):
    return 1 if n > 0 and use(view, i, n) > 2 else -1


@enigma.func
def in_choice(view, use, i, n):
    return use(view, i, n).to(enigma.i32) if n > 0 else enigma.i32(-1)


@enigma.func
def after_return(view, use, i, n):
    if n <= 0:
        return -1
    return use(view, i, n) + use(view, i, n) * 10


PLACES = (in_branch, in_two_branches, in_loop, in_condition, in_choice, after_return)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("name", DIVIDING)
@pytest.mark.parametrize("is_outside", [False, True])
def test_guarded_extent_of_zero(name, place, is_outside):
    view_of, use = DIVIDING[name]

    @enigma.func
    def made(A, i, n):
        if is_outside:
            return place(view_of(A, n), use, i, n)
        return place(A, lambda A, i, n: use(view_of(A, n), i, n), i, n)

    @enigma.kernel
    def dynamic(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.i32)):
        i = enigma.thread_position_in_grid
        # What positions are made of stands before the branch.
        B[i] = 0
        B[i] = made(A, i, n).to(enigma.i32)

    @enigma.kernel
    def known(A: enigma.i32, B: enigma.i32):
        i = enigma.thread_position_in_grid
        B[i] = made(A, i, enigma.i32(3)).to(enigma.i32)

    def run(kernel, *scalars):
        out = np.zeros(6, np.int32)
        compiled = enigma.compile(kernel, emit_only=True)
        harness.run(compiled, args=[np.arange(64, dtype=np.int32), out, *scalars], threads=6)
        return out.tolist()

    assert run(dynamic, 0) == [-1] * 6
    assert run(dynamic, 3) == run(known)
