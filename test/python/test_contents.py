# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What kernels refer to that may change in place: kept as long as it holds what it held."""

import decimal
import functools
import itertools
import re
import threading
import types
import weakref

import numpy as np
import pytest
from holders import ALIKE, HOLDERS, TAKING, WAYS, Holder, Plain, Settings, as_an_argument

import enigma
from enigma.compiler import compilations
from enigma.compiler.contents import MOST_BYTES, contents_of
from enigma.compiler.references import MOST_PARTS


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_it_is_kept_until_it_changes(compiled, holder, way):
    held = holder.make()
    compile_it = way(held, holder.read)
    first = compile_it()
    assert compile_it() is first
    assert len(compiled) == 1
    holder.change(held)
    changed = compile_it()
    assert changed.metal_source != first.metal_source
    assert compile_it() is changed
    assert len(compiled) == 2
    compilations.forget()
    assert compile_it().metal_source == changed.metal_source


# What is no list, dict or object of Python alone, and may change unseen.
UNSEEN = {
    "a lock": threading.Lock(),
    "a number of C": decimal.Decimal(2),
    "a pattern": re.compile("a"),
    "an iterator": iter([1]),
    "a generator": (x for x in [1]),
    "bytes that change": bytearray(b"a"),
    "memory": memoryview(b"a"),
    "texts of NumPy": np.array(["a"]),
    "objects of NumPy": np.array([[1], None], dtype=object),
    "a long array": np.zeros(MOST_BYTES + 1, np.uint8),
    "an array of a class": np.zeros(4).view(type("Mine", (np.ndarray,), {})),
    "what threads have for themselves": threading.local(),
    "a weak reference": weakref.ref(Plain),
    "what caches": functools.lru_cache(Plain),
    "a view of a dict": types.MappingProxyType({}),
    "keys": {1: 2}.keys(),
    "a chain": itertools.chain([1]),
    "an exception": ValueError(1),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("held", UNSEEN.values(), ids=UNSEEN)
def test_what_may_change_unseen(compiled, held, way):
    compile_it = way([held], lambda x: float(len(x)))
    assert compile_it().metal_source == compile_it().metal_source
    assert len(compiled) == 2
    assert contents_of(held) is None


def test_copies_are_the_same(compiled):
    """Arguments are told by their values: one that is made anew each time is compiled once."""
    for make, read in (
        (lambda: {"a": [1.0, 2.0]}, lambda x: x["a"][1]),
        (Settings, lambda x: x.factor * x.inner[0]),
        (lambda: types.SimpleNamespace(a=2.0), lambda x: x.a),
        (lambda: np.array([1.0, 2.0]), lambda x: float(x[1])),
        (lambda: (slice([1], 2), {3}), lambda x: float(x[0].start[0])),
    ):
        compiled.clear()

        @enigma.kernel
        def kernel(A: enigma.f32, x: enigma.constexpr, read: enigma.constexpr = read):
            A[0] = A[1] * read(x)

        made = [enigma.compile(kernel, emit_only=True, constants={"x": make()}) for _ in range(3)]
        assert made[0] is made[1] is made[2]
        assert len(compiled) == 1


def test_one_object_twice_is_no_two_that_are_alike():
    def read(pair):
        pair[0][0] = 7.0
        return pair[1][0] + (1.0 if pair[0] is pair[1] else 2.0)

    def text(pair):
        return as_an_argument(pair, read)().metal_source

    once = [1.0]
    assert "8.0f" in text((once, once))
    assert "3.0f" in text(([1.0], [1.0]))
    a, b = [1.0], [1.0]
    keys = [compilations.key_of(pair).told for pair in ((a, a), (a, b), (b, a), (b, b))]
    assert keys[0] == keys[3] != keys[1] == keys[2]


@pytest.mark.parametrize("taking", TAKING.values(), ids=TAKING)
@pytest.mark.parametrize(("read", "one", "other"), ALIKE.values(), ids=ALIKE)
def test_arguments_that_look_alike(compiled, read, one, other, taking):
    compile_it = taking(read)
    made = [compile_it(held) for held in (one, other)]
    assert made[0].metal_source != made[1].metal_source
    for held, known in zip((other, one, other), (made[1], made[0], made[1]), strict=True):
        assert compile_it(held).metal_source == known.metal_source


def test_what_a_function_writes_is_written_each_time():
    """An argument that it changes is changed by each compilation."""

    def read(x):
        x.append(len(x))
        return 2.0

    compile_it = TAKING["an argument"](read)
    for _ in range(3):
        written = []
        compile_it(written)
        assert written == [0]
    seen = []
    compile_it = WAYS["a closure"](seen, read)
    for count in range(1, 4):
        compile_it()
        assert len(seen) == count


def test_objects_of_many_parts():
    held = list(range(MOST_PARTS + 1))
    compile_it = WAYS["a closure"](held, lambda x: float(x[7]))
    assert "7.0f" in compile_it().metal_source
    held[7] = 9
    assert "9.0f" in compile_it().metal_source
    assert compilations.key_of([0] * (compilations.MOST_PARTS + 1)) is None


def test_functions_and_classes_as_arguments(compiled):
    def doubled(x):
        return x * 2.0

    def tripled(x):
        return x * FACTOR

    def scaled(x, factor):
        return x * factor

    class Scaling(Plain):
        def given(self, x):
            return x * self.factor

    @enigma.kernel
    def kernel(A: enigma.f32, f: enigma.constexpr):
        A[0] = f(A[1])

    def text(f):
        return enigma.compile(kernel, emit_only=True, constants={"f": f}).metal_source

    for _ in range(2):
        assert "* 2.0f" in text(doubled)
        assert "* 3.0f" in text(tripled)
        assert "sin(" in text(enigma.sin)
        assert "* 5.0f" in text(functools.partial(scaled, factor=5.0))
        assert "* 7.0f" in text(Scaling(7.0).given)
    assert len(compiled) == 5
    doubled.__code__ = (lambda x: x * 9.0).__code__
    assert "* 9.0f" in text(doubled)


FACTOR = 3.0


def test_the_table_reads_what_it_changes():
    for name, holder in HOLDERS.items():
        held = holder.make()
        before = float(holder.read(held))
        assert before == float(holder.read(held)), name
        holder.change(held)
        assert before != float(holder.read(held)), name
    assert isinstance(HOLDERS["a list"], Holder)
