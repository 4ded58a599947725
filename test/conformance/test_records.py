# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dtypes, tuples, named tuples and dataclasses as parameters of kernels and as values in them."""

# The annotations of kernels here are variables of the function that makes them.

import dataclasses
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pytest

import enigma
from conformance.emitted import NUMPY, Kernels, dtype_of, launch

KERNELS = Kernels()
THREADS = 32
E = TypeVar("E")

# Dtypes.


@enigma.kernel
def scaled(A: "T", out: "R", n: "enigma.Scalar(T)", T: enigma.constexpr, R: enigma.constexpr):
    i = enigma.thread_position_in_grid
    shared = enigma.threadgroup_alloc(T, THREADS)
    shared[i] = A[i] * n + T(1)
    enigma.barrier()
    if T.is_float:
        out[i] = shared[i].to(R)
    elif enigma.u8 == R or T.bits > 32:
        out[i] = (shared[i] * T(2)).to(R)
    else:
        out[i] = shared[i].to(R)


DTYPES = [("f32", "f16"), ("f16", "f32"), ("i32", "i64"), ("u8", "u8"), ("i64", "i32")]
for names in DTYPES:
    T, R = map(dtype_of, names)
    KERNELS.add(names, scaled, constants={"T": T, "R": R.metal_name})


@pytest.mark.parametrize("names", DTYPES)
def test_buffers_scalars_and_memory_of_a_dtype_that_is_a_parameter(names):
    T, R = (NUMPY[name] for name in names)
    A, out = np.arange(THREADS).astype(T), np.zeros(THREADS, R)
    launch(KERNELS[names], A, out, T(2), threads=THREADS)
    doubled = 2 if names in (("u8", "u8"), ("i64", "i32")) else 1
    assert np.array_equal(out, ((A * T(2) + T(1)) * T(doubled)).astype(R))


# Parameters that are records.


class Norm(NamedTuple):
    eps: enigma.Scalar(enigma.f32)
    bias: enigma.f16


@dataclass(frozen=True)
class Base:
    x: enigma.f32
    n: enigma.Scalar(enigma.u32)


@dataclass(frozen=True)
class Params(Base):
    norm: Norm
    tile: enigma.constexpr = 4
    limit: "enigma.Scalar(enigma.f32)" = 1.0
    unrolled: enigma.constexpr = dataclasses.field(default=True, kw_only=True)

    @property
    def last(self):
        return self.n - 1

    @enigma.func
    def clamped(self, value):
        if value > self.limit:
            return self.limit
        return value


@dataclass
class Pair(Generic[E]):
    data: E
    count: enigma.Scalar(enigma.i32)


@dataclass
class Counted(Pair[enigma.i8]):
    more: enigma.u8


@enigma.kernel
def of_records(p: Params, pair: (enigma.f32, enigma.Scalar(enigma.i32)), out: enigma.f32):
    i = enigma.thread_position_in_grid
    if i < p.last:
        total = p.norm.eps
        for k in range(p.tile) if p.unrolled else enigma.range(p.tile):
            total += p.x[i * p.tile + k]
        values, m = pair
        out[i] = p.clamped(total) + p.norm.bias[i] + values[i] * m.to(enigma.f32)


@enigma.kernel
def of_generics(
    a: Pair[enigma.f16], c: Counted, b: Pair["T"], t: tuple[enigma.u8, "T"], T: enigma.constexpr
):
    i = enigma.thread_position_in_grid
    a.data[i] = a.count.to(enigma.f16)
    c.data[i] = c.more[i].to(enigma.i8)
    b.data[i] = t[1][i] * T(3) + t[0][i].to(T)


for tile, unrolled in ((1, True), (4, True), (3, False)):
    constants = {"p_tile": tile, "p_unrolled": unrolled}
    KERNELS.add(("records", tile), of_records, constants=constants)
KERNELS.add("defaults", of_records)
KERNELS.add("generics", of_generics, constants={"T": enigma.i64})


@pytest.mark.parametrize("tile", [1, 3, 4])
def test_fields_of_records_are_parameters(tile):
    rng = np.random.default_rng(tile)
    kernel = KERNELS["records", tile]
    assert kernel.param_names == (
        *("p_x", "p_n", "p_norm_eps", "p_norm_bias", "p_limit", "pair_0", "pair_1", "out"),
    )
    x = rng.integers(0, 4, 4 * THREADS).astype(np.float32)
    bias, values = np.arange(THREADS).astype(np.float16), np.arange(THREADS).astype(np.float32)
    out = np.zeros(THREADS, np.float32)
    arguments = (x, np.uint32(20), np.float32(0.5), bias, np.float32(5.0), values, np.int32(-2))
    launch(kernel, *arguments, out, threads=THREADS)
    totals = 0.5 + x[: THREADS * tile].reshape(THREADS, tile).sum(axis=1)
    expected = np.minimum(totals, 5.0) + bias - 2 * values
    assert np.array_equal(out, np.where(np.arange(THREADS) < 19, expected, 0))


def test_defaults_of_compile_time_fields():
    assert KERNELS["defaults"].metal_source == KERNELS["records", 4].metal_source


def test_generic_records():
    a, b, c = np.zeros(32, np.float16), np.zeros(32, np.int64), np.zeros(32, np.int8)
    more, t0 = np.arange(32, dtype=np.uint8), np.arange(32, dtype=np.uint8)
    t1 = np.arange(32, dtype=np.int64) << 33
    one = np.int32(7)
    launch(KERNELS["generics"], a, one, c, one, more, b, one, t0, t1, threads=32)
    assert (a == 7).all()
    assert np.array_equal(c, more.astype(np.int8))
    assert np.array_equal(b, t1 * 3 + t0)


# Records in jit functions.


@dataclass(frozen=True)
class Problem:
    A: Any
    B: Any
    scale: float = 2.0


@enigma.kernel
def problem_kernel(p, extra):
    i = enigma.thread_position_in_grid.x
    if i < p.A.size():
        p.B[i] = p.A[i] * p.scale + extra[0].scale


@enigma.jit
def solve(p, extra):
    problem_kernel(p, extra).launch(grid=4, block=8)


def problem():
    layout = enigma.Layout(enigma.dyn("n"))
    return Problem(enigma.Tensor("A", 0, "float", layout), enigma.Tensor("B", 1, "float", layout))


KERNELS.add("jit", solve, problem(), [Problem(None, None, 3.0)])


def test_records_of_tensors_in_jit_functions():
    kernel = KERNELS["jit"]
    assert kernel.param_names == ("A", "B", "n")
    A, B = np.arange(20, dtype=np.float32), np.zeros(20, np.float32)
    launch(kernel, A, B, np.uint32(20), threads=32, block=8)
    assert np.array_equal(B, 2 * A + 3)


# Values in kernels.


@dataclass(frozen=True)
class Frozen:
    a: Any
    b: Any = 1.0

    @property
    def total(self):
        return self.a * 2 + self.b

    def __add__(self, other):
        return Frozen(self.a + other.a, self.b + other.b)


@dataclass(frozen=True, slots=True)
class Slotted:
    a: Any
    b: Any

    @property
    def total(self):
        return self.a * 2 + self.b


class Named(NamedTuple):
    a: Any
    b: Any = 1.0

    @property
    def total(self):
        return self.a * 2 + self.b


VALUES = (Frozen, Slotted, Named)


def changed(value, **fields):
    if isinstance(value, tuple):
        return value._replace(**fields)
    return dataclasses.replace(value, **fields)


def carried(cls, x, rows, make):
    value = cls(x, 0.0)
    for j in rows:
        value = cls(value.a + j, value.b + 1.0)
    return value.total


def replaced(cls, x, rows, make):
    value = cls(x, 0.0)
    for j in rows:
        value = changed(value, b=value.b + j)
    return value.total


def joined(cls, x, rows, make):
    if x > 3.0:
        value = cls(x, 1.0)
    elif x > 1.0:
        value = cls(0.0, x)
    else:
        value = cls(5.0, 5.0)
    other = cls(1.0, 2.0) if x > 2.0 else value
    return value.total + other.total * 16.0


def ended(cls, x, rows, make):
    value = cls(0.0, x)
    for j in rows:
        if value.b > 6.0:
            break
        value = cls(value.a + 1.0, value.b + j)
    return value.total


def nested(cls, x, rows, make):
    value = cls(cls(x, 0.0), (1.0, [x]))
    for j in rows:
        value = cls(changed(value.a, b=value.a.b + j), (value.b[0] + 1.0, [j + x]))
    return value.a.total + value.b[0] * 4.0 + value.b[1][0] * 64.0


def made(cls, x):
    if x > 2.0:
        return cls(x, 2.0)
    return cls(0.0, x)


def returned(cls, x, rows, make):
    value = make(cls, x)
    while value.b < 9.0:
        value = changed(value, b=value.b + 2.0)
    return value.total


PROGRAMS = (carried, replaced, joined, ended, nested, returned)


def as_kernel(program, cls):
    helper, make = enigma.func(program), enigma.func(made)

    @enigma.kernel
    def run(A: enigma.f32, out: enigma.f32):
        i = enigma.thread_position_in_grid
        out[i] = helper(cls, A[i], enigma.range(4), make)

    return run


for program in PROGRAMS:
    for cls in VALUES:
        KERNELS.add((program, cls), as_kernel(program, cls))


@pytest.mark.parametrize("cls", VALUES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_values_in_kernels(program, cls):
    A, out = np.arange(8, dtype=np.float32), np.zeros(8, np.float32)
    launch(KERNELS[program, cls], A, out, threads=8, block=8)
    assert out.tolist() == [program(cls, float(x), range(4), made) for x in A]


@dataclass
class Counter:
    count: Any = 0.0
    most: Any = dataclasses.field(default_factory=lambda: [0.0, 0.0])

    @enigma.func
    def see(self, value):
        self.count += 1.0
        if value > self.most[0]:
            self.most[0] = value


@enigma.kernel
def counted(A: enigma.f32, out: enigma.f32):
    i = enigma.thread_position_in_grid
    counter = Counter()
    for j in enigma.range(4):
        if A[j] > A[i]:
            counter.see(A[j])
    out[i] = counter.count + 16.0 * counter.most[0]


KERNELS.add("counted", counted)


def test_objects_that_change_in_kernels():
    A, out = np.array([3, 1, 7, 5], np.float32), np.zeros(4, np.float32)
    launch(KERNELS["counted"], A, out, threads=4, block=4)
    above = [A[x < A] for x in A]
    assert out.tolist() == [len(x) + 16 * max(x, default=0) for x in above]
