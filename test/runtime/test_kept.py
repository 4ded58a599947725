# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions that are launched: compiled for their arguments, once as long as nothing changes."""

import functools
import itertools
import math
import runpy
import time
import types

import numpy as np
import pytest
from test_arguments import Recorder

import enigma
from enigma.compiler import compilations

FACTOR = 2.0
config = types.ModuleType("config")
config.SHIFT = 1
TABLE = [1.0, 2.0]


class Settings:
    offset = 1.0


class Holder:
    value = 3.0


HELD = Holder()


@enigma.func
def scaled_by(x):
    return x * FACTOR


@enigma.func
def seven_times(x):
    return x * 7.0


def shifted(x):
    return x + config.SHIFT


@enigma.kernel
def of_globals(A: enigma.f32, B: enigma.f32):
    i = enigma.thread_position_in_grid
    B[i] = shifted(scaled_by(A[i])) + Settings.offset


@enigma.kernel
def of_a_list(A: enigma.f32):
    A[0] = TABLE[1]


@enigma.kernel
def of_an_object(A: enigma.f32):
    A[0] = HELD.value


@enigma.kernel
def of_a_constant(A: enigma.f32, x: enigma.constexpr = 1.0):
    A[0] = x


@enigma.kernel
def of_math(A: enigma.f32):
    A[0] = math.pi + float(np.float32(2))


class Counting(Recorder):
    """Keeps the texts of what is launched."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def load(self, kernel, constants):
        loaded = super().load(kernel, constants)
        device = self

        class Noted(type(loaded)):
            def launch(self, *arguments, **options):
                device.texts.append(kernel.metal_source)
                super().launch(*arguments, **options)

        return Noted(kernel, self.launches)


F = np.zeros(4, np.float32)


def launched(kernel, *arrays, **options):
    device = Counting()
    kernel.launch(*arrays, threads=4, device=device, **options)
    return device.texts[0]


def test_kernels_are_kept(compiled):
    for _ in range(3):
        assert "* 2.0f" in launched(of_globals, F, F)
    assert len(compiled) <= 1
    before = len(compiled)
    for _ in range(3):
        launched(of_math, F)
    assert len(compiled) == before + 1


CHANGES = {
    "a number": (globals(), "FACTOR", 4.0, "* 4.0f"),
    "a helper": (globals(), "scaled_by", seven_times, "* 7.0f"),
    "a function": (globals(), "shifted", lambda x: x + 9, "+ 9.0f"),
    "a module's number": (vars(config), "SHIFT", 5, "+ 5.0f"),
}


@pytest.mark.parametrize(("where", "name", "value", "text"), CHANGES.values(), ids=CHANGES)
def test_changes_are_seen(monkeypatch, where, name, value, text):
    assert text not in launched(of_globals, F, F)
    with monkeypatch.context() as patched:
        patched.setitem(where, name, value)
        assert text in launched(of_globals, F, F)
    assert text not in launched(of_globals, F, F)


def test_changes_of_classes_are_seen(monkeypatch):
    assert "1.0f" in launched(of_globals, F, F)
    monkeypatch.setattr(Settings, "offset", 8.0)
    assert "8.0f" in launched(of_globals, F, F)


def test_what_may_change_unseen_is_not_kept(monkeypatch):
    assert "2.0f" in launched(of_a_list, F)
    TABLE[1] = 6.0
    assert "6.0f" in launched(of_a_list, F)
    TABLE[1] = 2.0
    assert "3.0f" in launched(of_an_object, F)
    monkeypatch.setattr(HELD, "value", 5.0)
    assert "5.0f" in launched(of_an_object, F)


class Counter:
    value = 0.0

    def next(self):
        self.value += 1.0
        return self.value


UNSEEN = {
    "a method": Counter().next,
    "a partial": functools.partial(Counter().next),
    "an iterator": functools.partial(next, itertools.count(1.0)),
    "an iterator's method": itertools.count(1.0).__next__,
    "a generator": (x for x in itertools.count(1.0)).__next__,
    "random numbers": np.random.default_rng(3).random,
    "the time": lambda: float(time.perf_counter_ns() % 2**24),
}


@pytest.mark.parametrize("function", UNSEEN.values(), ids=UNSEEN)
def test_functions_that_are_not_the_same_twice(function):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = function()

    assert launched(kernel, F) != launched(kernel, F)


def test_a_set_that_changes():
    members = {1}

    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = 5.0 if 2 in members else 6.0

    assert "6.0f" in launched(kernel, F)
    members.add(2)
    assert "5.0f" in launched(kernel, F)


def test_a_global_that_hides_a_builtin(monkeypatch):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = max(3.0, 4.0)

    assert "4.0f" in launched(kernel, F)
    monkeypatch.setitem(globals(), "max", min)
    assert "3.0f" in launched(kernel, F)


def test_a_closure_of_deep_tuples():
    deep, shared = (1.0,), (2.0,)
    for _ in range(5000):
        deep = (deep,)
    for _ in range(60):
        shared = (shared, shared)

    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = float(len(deep) + len(shared))

    assert "3.0f" in launched(kernel, F)
    assert "3.0f" in launched(kernel, F)


def test_closures_are_followed():
    factor = 2.0

    @enigma.kernel
    def scale(A: enigma.f32):
        A[0] = A[0] * factor

    assert "2.0f" in launched(scale, F)
    factor = 3.0
    assert "3.0f" in launched(scale, F)


def test_changed_code_is_seen():
    @enigma.kernel
    def first(A: enigma.f32):
        A[0] = 1.0

    @enigma.kernel
    def second(A: enigma.f32):
        A[0] = 2.0

    assert "1.0f" in launched(first, F)
    assert "2.0f" in launched(second, F)


def test_constants(compiled):
    texts = [
        launched(of_a_constant, F, constants=constants)
        for constants in (None, {"x": 1}, {"x": 1.0}, {"x": True}, {"x": 2.0}, {"x": 2.0})
    ]
    assert ["1.0f" in text for text in texts[:4]] == [True] * 4
    assert "2.0f" in texts[4]
    assert len(compiled) == 5


def test_few_are_kept(monkeypatch, compiled):
    monkeypatch.setattr(compilations, "CAPACITY", 3)
    compilations.forget()
    for x in (0, 1, 2, 3, 1, 2, 3, 0, 1):
        launched(of_a_constant, F, constants={"x": float(x)})
    # The two that were not used for longest were made again.
    assert len(compiled) == 6


@enigma.kernel
def scale(A, B, factor):
    i = enigma.thread_position_in_grid.x
    j = enigma.thread_position_in_grid.y
    B[i, j] = A[i, j] * factor


@enigma.jit
def scaled(A, B, factor=2.0):
    rows, columns = A.shape
    scale(A, B, factor).launch(grid=(rows, columns, 1), block=1)


@enigma.jit
def of_pairs(pair, factor):
    scale(*pair, factor).launch(grid=pair[0].shape, block=1)


def test_jit_functions_take_arrays(compiled):
    device = Counting()
    a, b = np.zeros((2, 4), np.float32), np.zeros((2, 4), np.float32)
    scaled(a, b, device=device)
    scaled(a, b, 2.0, device=device)
    scaled.launch(B=b, A=a, device=device)
    assert len(compiled) == 1
    (values, grid, block, _), *_ = device.launches
    assert [memory.address for memory in values] == [a.ctypes.data, b.ctypes.data]
    assert (grid, block) == ((2, 4, 1), (1, 1, 1))
    scaled(a, b, 3.0, device=device)
    scaled(a.T, b.T, device=device)
    scaled(a.astype(np.float16), b, device=device)
    assert len(compiled) == 4
    assert ["half" in text for text in device.texts] == [False] * 5 + [True]
    of_pairs((a, b), 2.0, device=device)
    assert [memory.address for memory in device.launches[-1][0]] == [a.ctypes.data, b.ctypes.data]


ROWS, COLUMNS = enigma.dyn("rows"), enigma.dyn("columns", div=2)


@enigma.jit
def of_any_size(A: enigma.Layout((ROWS, COLUMNS), (COLUMNS, 1)), B, factor=2.0):
    scale(A, B, factor).launch(grid=(*A.shape, 1), block=1)


@enigma.jit
def of_any_sizes(
    A: enigma.Layout((ROWS, COLUMNS), (COLUMNS, 1)),
    B: enigma.Layout((ROWS, COLUMNS), (enigma.dyn("pitch"), 1)),
    factor=2.0,
):
    scale(A, B, factor).launch(grid=(*A.shape, 1), block=1)


def test_declared_layouts(compiled):
    """With symbols, one compilation serves all sizes; each launch finds them in its arrays."""
    device = Counting()
    for shape in ((2, 4), (3, 6), (1, 2)):
        a, b = np.zeros(shape, np.float32), np.zeros((shape[0], 10), np.float32)[:, : shape[1]]
        of_any_sizes(a, b, device=device)
        assert device.launches[-1][1] == (*shape, 1)
    assert len(compiled) == 1
    of_any_sizes(a.astype(np.float16), b, device=device)
    of_any_sizes(a, b, 3.0, device=device)
    assert len(compiled) == 3
    # What declares none is compiled for what it is.
    for shape in ((2, 4), (3, 6)):
        of_any_size(np.zeros(shape, np.float32), np.zeros(shape, np.float32), device=device)
    assert len(compiled) == 5


@enigma.jit
def of_a_layout(A, layout):
    scale(A, A, 2.0).launch(grid=(*layout.shape, 1), block=1)


def test_layouts_with_other_symbols_are_others(compiled):
    device = Counting()
    a = np.zeros((2, 4), np.float32)
    for name in ("n", "m"):
        with pytest.raises(enigma.EnigmaError, match=rf"has the size {name}"):
            of_a_layout(a, enigma.Layout((2, enigma.dyn(name)), (4, 1)), device=device)
    assert len(compiled) == 2


def test_declared_layouts_that_are_text(tmp_path):
    """As `from __future__ import annotations` leaves them, with variables of a function."""
    path = tmp_path / "text_layouts.py"
    path.write_text("""
from __future__ import annotations
import enigma

@enigma.kernel
def one(A):
    A[enigma.thread_position_in_grid] = 1.0

def made(name):
    n = enigma.dyn(name)
    @enigma.jit
    def ones(A: enigma.Layout(n, 1), B: int = 0):
        one(A).launch(grid=A.shape, block=1)
    @enigma.jit
    def unresolved(A: enigma.Layout(n, 1), B: unknown = None):
        one(A).launch(grid=A.shape, block=1)
    return ones, unresolved
""")
    ones, unresolved = runpy.run_path(str(path))["made"]("length")
    assert ones.layouts == {"A": enigma.Layout(enigma.dyn("length"), 1)}
    # What a name means that is not found is not guessed: it may be a layout.
    with pytest.raises(enigma.EnigmaError, match="parameter 'B' of jit function unresolved"):
        unresolved(np.zeros(4, np.float32), device="cpu")


def test_declared_layouts_compute():
    for shape in ((2, 4), (5, 6)):
        a = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
        b = np.zeros((shape[0], 8), np.float32)
        of_any_sizes(a, b[:, : shape[1]], 3.0, device="cpu")
        assert (b[:, : shape[1]] == 3 * a).all()
        assert not b[:, shape[1] :].any()


def test_arrays_that_have_not_the_declared_layout():
    a, b = np.zeros((4, 6), np.float32), np.zeros((4, 6), np.float32)
    for call, message in (
        (lambda: of_any_sizes(a.T, b), "'A' takes columns = 4 as its stride 0"),
        (lambda: of_any_sizes(a, b[:2]), "'B' takes rows = 4 as its extent 0 (extent 0 of A is 4)"),
        (lambda: of_any_sizes(a[0], b), "'A' takes a tensor of shape (rows, "),
        (lambda: of_any_sizes(a[:, ::2], b), "and stride ("),
        (lambda: of_any_sizes(np.zeros((4, 5), np.float32), b[:, :5]), "'columns' takes a mult"),
        (lambda: of_any_sizes(a[::-1], b), "A is an array with strides (-6, 1), which steps back"),
    ):
        with pytest.raises(enigma.EnigmaError) as caught:
            call()
        assert message in str(caught.value)


@enigma.kernel
def times_and_plus(A, B, factor, offset):
    i = enigma.thread_position_in_grid
    B[i] = A[i] * factor + offset


@enigma.jit
def keyword_only(A, B, factor=2, *, offset=1):
    times_and_plus(A, B, factor, offset).launch(grid=A.shape[0], block=1)


@enigma.jit
def any_number(B, *rest, offset=0):
    for part in rest:
        times_and_plus(part, B, len(rest), offset).launch(grid=B.shape[0], block=1)


@enigma.jit
def by_names(A, B, **numbers):
    times_and_plus(A, B, numbers["factor"], numbers.get("offset", 0)).launch(
        grid=A.shape[0], block=1
    )


@enigma.jit
def all_kinds(B, *factors, A, **numbers):
    times_and_plus(A, B, sum(factors), numbers["offset"]).launch(grid=A.shape[0], block=1)


@pytest.mark.parametrize(
    ("call", "factor", "offset"),
    [
        (lambda a, b: keyword_only(a, b), 2, 1),
        (lambda a, b: keyword_only(a, b, offset=5), 2, 5),
        (lambda a, b: keyword_only(a, b, 3, offset=5), 3, 5),
        (lambda a, b: keyword_only(B=b, A=a, offset=7, factor=4), 4, 7),
        (lambda a, b: any_number(b, a), 1, 0),
        (lambda a, b: any_number(b, np.ones((4, 2), np.float32)[:, 0], a, offset=3), 2, 3),
        (lambda a, b: any_number(b, a * 2, a * 3, a), 3, 0),
        (lambda a, b: by_names(a, b, factor=3), 3, 0),
        (lambda a, b: by_names(a, b, offset=2, factor=6), 6, 2),
        (lambda a, b: all_kinds(b, 1, 2, 4, A=a, offset=9), 7, 9),
        (lambda a, b: all_kinds(b, A=a, offset=1), 0, 1),
    ],
)
def test_parameters_of_each_kind_of_python(call, factor, offset):
    for scale in (1, 2, 3):
        a, b = np.arange(4, dtype=np.float32) * scale, np.zeros(4, np.float32)
        call(a, b)
        assert np.array_equal(b, a * factor + offset)


def test_bad_launches_of_functions():
    a = np.zeros((2, 4), np.float32)
    for call, message in (
        (lambda: scaled(a), "missing a required argument: 'B'"),
        (lambda: scaled(a, a, 1, 2), "too many positional arguments"),
        (lambda: scaled(a, a, x=1), "got an unexpected keyword argument 'x'"),
        (lambda: scaled(a[::-1], a), "A is an array with strides (-4, 1), which steps backwards"),
        (lambda: scaled(a.astype(float), a), "A is an array of f64, which Metal has not"),
        (lambda: of_globals.launch(a[0], threads=1, device=Recorder()), "was not given 'B'"),
        (lambda: of_globals(a, a), "call it in a function decorated with @enigma.jit"),
        (lambda: of_a_constant.launch(a[0], threads=1, constants={"y": 1}), "no compile-time"),
    ):
        with pytest.raises(enigma.EnigmaError) as caught:
            call()
        assert message in str(caught.value)
    frozen = np.zeros((2, 4), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(enigma.EnigmaError, match=r"parameter 'B' .* read-only"):
        scaled(a, frozen, device=Recorder())


def test_launches_of_the_host_inside_a_jit_function():
    @enigma.jit
    def wrong(A):
        of_a_list.launch(A, threads=1)

    with pytest.raises(enigma.EnigmaError, match=r"kernel of_a_list"):
        enigma.compile(wrong, enigma.Tensor("A", 0, "float", enigma.Layout(4)), emit_only=True)
