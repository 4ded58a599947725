# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Containers that contain themselves, are deep, or hold the same part many times, as arguments."""

import pytest

import enigma
from enigma.tracing.loops import RangeFor

N = enigma.dyn("n")


def itself():
    found = []
    found.append(found)
    return found


def itself_in_a_dict():
    found = {}
    found["again"] = (found,)
    return found


def deep():
    found = []
    for _ in range(100_000):
        found = [found]
    return found


def shared():
    found = (1, 2)
    for _ in range(60):
        found = (found, found)
    return found


CONTAINERS = [itself, itself_in_a_dict, deep, shared]
each_container = pytest.mark.parametrize("make", CONTAINERS)


def tensor(size=N):
    return enigma.Tensor("A", 0, "float", enigma.Layout(size))


@enigma.kernel
def ignore(A, x):
    A[enigma.thread_position_in_grid] = 1.0


@enigma.kernel
def branch(A, x):
    i = enigma.thread_position_in_grid
    if A[i] > 1.0:
        A[i] = 2.0


@enigma.jit
def launch(kernel, A, x):
    kernel(A, x).launch(grid=1, block=32)


@each_container
@pytest.mark.parametrize("kernel", [ignore, branch])
def test_a_container_that_a_kernel_does_not_look_into(make, kernel):
    compiled = enigma.compile(launch, kernel, tensor(), make())
    assert compiled.param_names == ("A", "n")


@each_container
def test_symbols_beside_a_container(make):
    compiled = enigma.compile(launch, ignore, tensor(4), [make(), (N, {"m": enigma.dyn("m")})])
    assert compiled.param_names == ("A", "n", "m")


@each_container
def test_tensors_are_found_in_order(make):
    second = enigma.Tensor("B", 1, "float", enigma.Layout(4))
    compiled = enigma.compile(launch, ignore, tensor(4), [make(), second])
    assert compiled.param_names == ("A", "B")


USES = {
    "subscript": lambda A, x: A[x],
    "local_tile": lambda A, x: enigma.local_tile(A, x, (0,)),
    "local_tile at": lambda A, x: enigma.local_tile(A, (2,), x),
    "zipped_divide": lambda A, x: enigma.tensor_zipped_divide(A, x),
    "composition": lambda A, x: enigma.tensor_composition(A, enigma.Layout(4), x),
    "layout": lambda A, x: enigma.Layout(x),
    "identity": lambda A, x: enigma.make_identity_tensor(x),
    "shape": lambda A, x: enigma.Tensor("B", 1, "float", shape=x),
}


@pytest.mark.parametrize("make", [itself, deep])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_what_looks_into_a_container_refuses_it(make, use):
    container = make()
    with pytest.raises(enigma.EnigmaError, match="nested more than 64 deep"):
        use(tensor(4), container)

    @enigma.kernel
    def kernel(A, x):
        use(A, x)

    with pytest.raises(enigma.EnigmaError, match="nested more than 64 deep"):
        enigma.compile(launch, kernel, tensor(4), container)
    # Whatever holds it is no better.
    with pytest.raises(enigma.EnigmaError, match="nested more than 64 deep"):
        use(tensor(4), (container,))


def test_a_body_that_hands_its_lists_to_a_call_is_traced_once(monkeypatch):
    """As enigma.gemm is handed the sums of matrices."""
    bodies = []
    begin = RangeFor._begin
    monkeypatch.setattr(RangeFor, "_begin", lambda loop: bodies.append(loop) or begin(loop))

    def accumulate(sums, x):
        for row in sums:
            row[:] = [element + x for element in row]

    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        sums = [[0.0, 1.0], [2.0, 3.0]]
        for i in enigma.range(8):
            accumulate(sums, A[i])
        B[0] = sums[0][0] + sums[1][1]

    enigma.compile(kernel, emit_only=True)
    assert len(bodies) == 1
