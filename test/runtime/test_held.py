# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches that are given objects which may change in place: known again while these are alike."""

import numpy as np
import pytest
from holders import ALIKE, HOLDERS, Settings, store
from test_kept import Counting
from test_recent_launches import checked as checked

import enigma

F = np.zeros((2, 4), np.float32)


def by_an_argument(read):
    @enigma.jit
    def scaled(A, x):
        store(A, read(x)).launch(grid=1, block=1)

    return lambda device, held: scaled(F[0], held, device=device)


def by_a_name(read):
    @enigma.jit
    def scaled(A, *, x):
        store(A, read(x)).launch(grid=1, block=1)

    return lambda device, held: scaled(F[0], x=held, device=device)


def in_a_tuple(read):
    @enigma.jit
    def scaled(given):
        store(given[0], read(given[1][0])).launch(grid=1, block=1)

    return lambda device, held: scaled([F[0], (held,)], device=device)


def by_a_constant(read):
    @enigma.kernel
    def kernel(A: enigma.f32, x: enigma.constexpr):
        A[0] = A[1] * read(x)

    return lambda device, held: kernel.launch(F[0], threads=1, constants={"x": held}, device=device)


WAYS = {
    "an argument": by_an_argument,
    "a name": by_a_name,
    "a tuple": in_a_tuple,
    "a constant": by_a_constant,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    "holder", [pytest.param(one, id=name) for name, one in HOLDERS.items() if "array" not in name]
)
def test_it_is_known_until_it_changes(checked, compiled, holder, way):
    held = holder.make()
    launch = way(holder.read)
    device = Counting()
    # Arrays may be anywhere in a tuple, and this one has no end.
    is_endless = way is in_a_tuple and holder is HOLDERS["a list that holds itself"]
    for count in (1, 2):
        for _ in range(3):
            launch(device, held)
        assert len(compiled) == count
        assert len(checked) == count * (3 if is_endless else 1)
        assert len(set(device.texts[-3:])) == 1
        if count == 1:
            holder.change(held)
    assert len(set(device.texts)) == 2


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("read", "one", "other"), ALIKE.values(), ids=ALIKE)
def test_arguments_that_look_alike(read, one, other, way):
    launch = way(read)
    device = Counting()
    for held in (one, one, other, other, one, other):
        launch(device, held)
    texts = device.texts
    assert texts[0] == texts[1] == texts[4] != texts[2] == texts[3] == texts[5]


@pytest.mark.parametrize("kind", [tuple, list])
def test_tuples_and_lists_in_many_others(kind):
    launch = by_an_argument(lambda _: 2.0)
    device = Counting()
    shared, deep = kind([1.0]), kind([1.0])
    for _ in range(50):
        shared, deep = kind([shared, shared]), kind([deep])
    for held in (shared, deep):
        launch(device, held)
    assert len(device.texts) == 2
    for _ in range(2000):
        deep = kind([deep])
    with pytest.raises(enigma.EnigmaError, match="more than 100 deep") as raised:
        launch(device, deep)
    assert "test_held.py" in str(raised.value)


def test_arrays_in_tuples_and_lists(checked):
    @enigma.kernel
    def copy_kernel(A, B):
        B[0] = A[0]

    @enigma.jit
    def copied(given, last):
        copy_kernel(given[0], given[1][0]).launch(grid=1, block=1)
        copy_kernel(given[1][0], last).launch(grid=1, block=1)

    a, b, c, d = (np.full(4, x, np.float32) for x in (1, 2, 3, 4))
    copied([a, (b,)], c, device="cpu")
    count = len(checked)
    copied([d, (a,)], b, device="cpu")
    assert (d[0], a[0], b[0]) == (4, 4, 4)
    assert len(checked) == count
    # Another structure, and another shape.
    for given in ([a, [b]], (a, (b,)), [a, (np.zeros(5, np.float32),)]):
        a[0] += 1
        copied(given, c, device="cpu")
        assert given[1][0][0] == c[0] == a[0]
        assert len(checked) > count
        count = len(checked)
    with pytest.raises(enigma.EnigmaError):
        copied([a, (b,)], c.astype(np.float64), device="cpu")


def test_lists_as_extents(checked):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[enigma.thread_position_in_grid] += 1.0

    a = np.zeros(16, np.float32)
    for threads in ([4], (4,), [4]):
        kernel.launch(a, threads=threads, device="cpu")
    assert a.tolist() == [3.0] * 4 + [0.0] * 12
    assert len(checked) == 1
    kernel.launch(a, threads=[8], device="cpu")
    assert a.sum() == 20.0


def test_one_object_twice_is_no_two_that_are_alike():
    @enigma.kernel
    def store(A, x):
        A[0] = x

    @enigma.jit
    def told(A, x, y):
        store(A, 1.0 if x is y else 2.0).launch(grid=1, block=1)

    a, one, other = np.zeros(4, np.float32), Settings(), Settings()
    for x, y, expected in ((one, one, 1), (one, other, 2), (other, one, 2), (other, other, 1)):
        for _ in range(2):
            told(a, x, y, device="cpu")
            assert a[0] == expected
