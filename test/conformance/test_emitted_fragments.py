# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fragments: each element is what the same expression of scalars gives.

Scalars are compared with NumPy elsewhere, so a kernel computes both here, and
they are the same bits.
"""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

import itertools
import operator
import random

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    dtype_of,
    sample,
    small_sample,
)
from conformance.tensors import check, launch, leaves, memory_of, places, read, tensor, values
from enigma import Layout

KERNELS = Kernels()
SIZES = (1, 2, 3, 4, 5, 16, 64)
TOTAL = sum(SIZES)


def elements(fragment):
    return [fragment[i] for i in range(fragment.size)]


def both(function, result, *inputs, sizes=SIZES):
    """A kernel of one thread that applies a function to fragments, and to each of the elements."""
    r = dtype_of(result)
    a, b, c = (dtype_of(name) for name in (*inputs, "f32", "f32")[:3])
    arity = len(inputs)

    @enigma.kernel
    def kernel(A: a, B: b, C: c, F: r, S: r):
        start = 0
        for count in sizes:
            layout = Layout(count)
            parts = [enigma.make_tensor(m, layout, start).load() for m in (A, B, C)[:arity]]
            enigma.make_tensor(F, layout, start).store(function(*parts))
            for i, scalars in enumerate(zip(*map(elements, parts), strict=True)):
                S[start + i] = function(*scalars)
            start += count

    return kernel


def run_both(kernel, result, *arrays):
    """Run such a kernel, and compare."""
    inputs = [*arrays, np.zeros(1, np.float32), np.zeros(1, np.float32)][:3]
    fragments, scalars = (np.full(TOTAL, 77, NUMPY[result]) for _ in range(2))
    harness.run(kernel, args=[*inputs, fragments, scalars], threads=1, block=1)
    np.testing.assert_array_equal(fragments, scalars)
    return fragments


# Operators, with operands of every kind.

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}
DIVISION = {"//": operator.floordiv, "%": operator.mod}
BITS = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
SHIFTS = {"<<": operator.lshift, ">>": operator.rshift}
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
OPERATORS = ARITHMETIC | DIVISION | BITS | SHIFTS | COMPARISONS | {"/": operator.truediv}


def operands(name, rng):
    """Two arrays that every operator is defined for."""
    a = small_sample(name, TOTAL, rng)
    if name in INTEGERS:
        # Divisors, and amounts of shifts.
        b = rng.integers(1, 8, TOTAL).astype(NUMPY[name])
        a[::5] = b[::5]
    else:
        b = sample(name, TOTAL, rng)
        b[::5] = a[::5]
    return a, b


def number_for(name):
    return 2.5 if name in FLOATS else True if name == "b1" else 3


CASES = [
    *((op, name, name) for op in (*ARITHMETIC, *DIVISION, "/") for name in FLOATS),
    *((op, name, name) for op in (*ARITHMETIC, *DIVISION, *BITS, *SHIFTS) for name in INTEGERS),
    *((op, "b1", "b1") for op in (*BITS, "==", "!=")),
    *((op, name, "b1") for op in COMPARISONS for name in (*FLOATS, *INTEGERS)),
]
for op, name, result in CASES:
    function = OPERATORS[op]
    KERNELS.add((op, name), both(function, result, name, name))


@pytest.mark.parametrize(("op", "name", "result"), CASES)
def test_operators_of_fragments(op, name, result):
    a, b = operands(name, np.random.default_rng(0))
    run_both(KERNELS[op, name], result, a, b)


def mixed(function, result, name):
    """A kernel that applies an operator to fragments and to scalars and numbers, in all orders."""
    r, a = dtype_of(result), dtype_of(name)
    number = number_for(name)

    @enigma.kernel
    def kernel(A: a, B: a, s: enigma.Scalar(a), F: r, S: r):
        start = 0
        for count in (1, 3, 4, 6):
            x, y = (enigma.make_tensor(m, Layout(count), start).load() for m in (A, B))
            results = [function(x, s), function(s, y), function(x, number), function(number, y)]
            for k, fragment in enumerate(results):
                enigma.make_tensor(F, Layout(count), 4 * start + k * count).store(fragment)
                for i in range(count):
                    scalars = [(x[i], s), (s, y[i]), (x[i], number), (number, y[i])][k]
                    S[4 * start + k * count + i] = function(*scalars)
            start += count

    return kernel


MIXED = [
    *((op, name, name) for op in ("+", "-", "*", "/", "%") for name in ("f32", "f16")),
    *(
        (op, name, name)
        for op in ("+", "-", "*", "//", "%", "&", "<<", ">>")
        for name in ("i32", "u8", "i64", "u16")
    ),
    *((op, name, "b1") for op in COMPARISONS for name in ("f32", "i32", "u8")),
    *((op, "b1", "b1") for op in (*BITS, "==")),
]
for op, name, result in MIXED:
    KERNELS.add(("mixed", op, name), mixed(OPERATORS[op], result, name))


@pytest.mark.parametrize(("op", "name", "result"), MIXED)
def test_operators_of_fragments_and_scalars(op, name, result):
    a, b = operands(name, np.random.default_rng(1))
    s = np.array(number_for(name), NUMPY[name])[()]
    fragments, scalars = (np.full(4 * 14, 77, NUMPY[result]) for _ in range(2))
    kernel = KERNELS["mixed", op, name]
    harness.run(kernel, args=[a, b, s, fragments, scalars], threads=1, block=1)
    np.testing.assert_array_equal(fragments, scalars)


UNARY_OPERATORS = {
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": operator.abs,
    "invert": operator.invert,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "reverse": lambda x: 1 - x,
}
UNARIES = [
    (label, name, name)
    for label in UNARY_OPERATORS
    for name in (*FLOATS, *INTEGERS)
    if not (name in FLOATS and label == "invert")
]
UNARIES.append(("invert", "b1", "b1"))
for label, name, result in UNARIES:
    KERNELS.add((label, name), both(UNARY_OPERATORS[label], result, name))


@pytest.mark.parametrize(("label", "name", "result"), UNARIES)
def test_unary_operators(label, name, result):
    run_both(KERNELS[label, name], result, small_sample(name, TOTAL, np.random.default_rng(2)))


# Fragments of two dtypes meet as scalars do.

PROMOTIONS = [
    ("f32", "i32"),
    ("f16", "bf16"),
    ("f16", "f32"),
    ("i32", "u32"),
    ("u8", "i64"),
    ("i8", "u8"),
    ("b1", "i32"),
    ("b1", "f16"),
    ("u64", "f32"),
]
for a, b in PROMOTIONS:
    to = "f32" if {a, b} & set(FLOATS) else "i64"
    KERNELS.add(("meet", a, b), both(lambda x, y, to=to: (x + y).to(to), to, a, b))
    KERNELS.add(("less", a, b), both(operator.lt, "b1", a, b))


@pytest.mark.parametrize(("a", "b"), PROMOTIONS)
def test_dtypes_meet(a, b):
    rng = np.random.default_rng(3)
    inputs = [values(name, TOTAL, seed=seed) for seed, name in enumerate((a, b))]
    inputs[0][:4] = sample(a, 4, rng)
    to = "f32" if {a, b} & set(FLOATS) else "i64"
    run_both(KERNELS["meet", a, b], to, *inputs)
    run_both(KERNELS["less", a, b], "b1", *inputs)


KINDS = ("f32", "f16", "i32", "u8", "b1")
CASTS = [
    (a, b)
    for a, b in itertools.permutations((*FLOATS, *INTEGERS, "b1"), 2)
    if a in KINDS or b in KINDS
]
for a, b in CASTS:
    KERNELS.add(("cast", a, b), both(lambda x, b=b: x.to(b), b, a, sizes=(1, 3, 4, 5)))


@pytest.mark.parametrize(("a", "b"), CASTS)
def test_conversions(a, b):
    # Numbers that all dtypes hold, as others are undefined in Metal.
    x = sample(a, TOTAL, np.random.default_rng(4)) if b == "b1" else np.abs(values("i8", TOTAL))
    if b != "b1":
        x = harness.to_bfloat(x) if a == "bf16" else x.astype(NUMPY[a])
    run_both(KERNELS["cast", a, b], b, x)


# Functions.

UNARY = sorted({*reference.UNARY, "sinpi", "cospi", "tanpi", "erf", "erfc"} & set(dir(enigma)))
BINARY = sorted({*reference.BINARY, "pow", "powr"} & set(dir(enigma)))
TERNARY = sorted({*reference.TERNARY, "smoothstep"} & set(dir(enigma)))
PREDICATES = ["isnan", "isinf", "isfinite", "signbit", "isnormal"]
MATH = [
    *((name, 1) for name in UNARY),
    *((name, 2) for name in BINARY),
    *((name, 3) for name in TERNARY),
]
SHORT = (1, 2, 3, 4, 5, 16)
for (name, arity), dtype in itertools.product(MATH, FLOATS):
    function = getattr(enigma, name)
    KERNELS.add((name, dtype), both(function, dtype, *[dtype] * arity, sizes=SHORT))
for name in PREDICATES:
    predicate = both(getattr(enigma, name), "b1", "f32", sizes=SHORT)
    KERNELS.add((name, "f32"), predicate, fast_math=False)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("name", "arity"), MATH)
def test_functions_of_floats(name, arity, dtype):
    rng = np.random.default_rng(5)
    low, high = reference.UNARY.get(name, (None, (0.1, 0.9)))[1]
    inputs = [rng.uniform(low, high, TOTAL).astype(np.float32) for _ in range(arity)]
    if name == "clamp":
        inputs[1:] = sorted(inputs[1:], key=lambda x: x[0])
        inputs[1:] = np.minimum(*inputs[1:]), np.maximum(*inputs[1:])
    if name == "smoothstep":
        inputs[0] /= 3
        inputs[1] += 1
    stored = [harness.to_bfloat(x) if dtype == "bf16" else x.astype(NUMPY[dtype]) for x in inputs]
    run_both(KERNELS[name, dtype], dtype, *stored)


@pytest.mark.parametrize("name", PREDICATES)
def test_predicates(name):
    special = [0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 1e-40, 3e4]
    run_both(KERNELS[name, "f32"], "b1", np.resize(np.float32(special), TOTAL))


INTEGER = {
    "imin": 2,
    "imax": 2,
    "iclamp": 3,
    "idiv": 2,
    "popcount": 1,
    "clz": 1,
    "ctz": 1,
    "abs_diff": 2,
    "cmp_ult": 2,
    "cmp_uge": 2,
    "cmp_eq": 2,
}
UNSIGNED_OF = {"i32": "u32", "u8": "u8", "i64": "u64"}
for (name, arity), dtype in itertools.product(INTEGER.items(), UNSIGNED_OF):
    result = "b1" if name.startswith("cmp") else UNSIGNED_OF[dtype] if name == "abs_diff" else dtype
    KERNELS.add((name, dtype), both(getattr(enigma, name), result, *[dtype] * arity, sizes=SHORT))


@pytest.mark.parametrize("dtype", UNSIGNED_OF)
@pytest.mark.parametrize("name", INTEGER)
def test_functions_of_integers(name, dtype):
    a, b = operands(dtype, np.random.default_rng(6))
    result = "b1" if name.startswith("cmp") else UNSIGNED_OF[dtype] if name == "abs_diff" else dtype
    run_both(KERNELS[name, dtype], result, *(a, b, np.maximum(a, b))[: INTEGER[name]])


CHOICES = {
    "where": lambda x, y: enigma.where(x, y, x < y),
    "where of a number": lambda x, y: enigma.where(x, 1, y != x),
    "where of numbers": lambda x, y: enigma.where(0, 1, x < y).to(x.dtype),
    "masks": lambda x, y: enigma.where(x, y, (x < y) & ~(y == 3) | (x == 0)),
    "bool sum": lambda x, y: ((x < y).to("i32") + 1).to(x.dtype),
}
for label, name in itertools.product(CHOICES, ("f32", "f16", "i32", "u8")):
    KERNELS.add((label, name), both(CHOICES[label], name, name, name))


@pytest.mark.parametrize("name", ["f32", "f16", "i32", "u8"])
@pytest.mark.parametrize("label", CHOICES)
def test_choices(label, name):
    run_both(KERNELS[label, name], name, *operands(name, np.random.default_rng(7)))


# Reductions.

REDUCTIONS = {"add": np.sum, "mul": np.prod, "min": np.min, "max": np.max}
REDUCED = ("f32", "f16", "i32", "u8", "i8", "u64", "u32")


def reduction(name, operation):
    dtype = dtype_of(name)

    @enigma.kernel
    def kernel(A: dtype, B: dtype):
        start = 0
        for place, count in enumerate(SIZES):
            fragment = enigma.make_tensor(A, Layout(count), start).load()
            B[place] = fragment.reduce(operation)
            start += count

    return kernel


for name, operation in itertools.product(REDUCED, REDUCTIONS):
    KERNELS.add(("reduce", name, operation), reduction(name, operation))


@pytest.mark.parametrize("operation", REDUCTIONS)
@pytest.mark.parametrize("name", REDUCED)
def test_reductions(name, operation):
    a = values(name, TOTAL, seed=8)
    if operation == "mul":
        # Powers of two, whose products are exact in any order.
        a[np.abs(a.astype(np.int64)) == 3] = 1
        a[a == 0] = 1
    elif name in INTEGERS:
        a = sample(name, TOTAL, np.random.default_rng(8))
    b = np.zeros(len(SIZES), a.dtype)
    harness.run(KERNELS["reduce", name, operation], args=[a, b], threads=1, block=1)
    parts = np.split(a, np.cumsum(SIZES)[:-1])
    with np.errstate(over="ignore"):
        expected = [
            REDUCTIONS[operation](part, dtype=a.dtype)
            if operation in ("add", "mul")
            else REDUCTIONS[operation](part)
            for part in parts
        ]
    np.testing.assert_array_equal(b, expected)


# Fragments that loops and branches carry.


@enigma.kernel
def carried_by_for(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
    total = enigma.make_fragment((2, 3))
    product = enigma.make_fragment((2, 3), enigma.f32, fill=1)
    for i in enigma.range(n):
        row = enigma.make_tensor(A, Layout((2, 3)), offset=6 * i).load()
        total += row
        product = product * row
    enigma.make_tensor(B, Layout((2, 3))).store(total)
    enigma.make_tensor(B, Layout((2, 3)), 6).store(product)


@enigma.kernel
def carried_by_while(A: enigma.f32, B: enigma.f32):
    x = enigma.make_tensor(A, Layout(4)).load()
    steps = 0
    while x.reduce("max") > 1.0:
        x = x * 0.5
        steps += 1
        if steps > 5:
            break
    enigma.make_tensor(B, Layout(4)).store(x)
    B[4] = steps.to(enigma.f32)


@enigma.kernel
def carried_by_if(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.i32)):
    x = enigma.make_tensor(A, Layout(5)).load()
    y = enigma.make_fragment(5, enigma.i32, fill=n)
    if n > 10:
        x = x + y
        y = x * 2
    elif n > 5:
        y = y - x
    else:
        x = -x
    z = x if n > 7 else y
    enigma.make_tensor(B, Layout(5)).store(x)
    enigma.make_tensor(B, Layout(5), 5).store(y)
    enigma.make_tensor(B, Layout(5), 10).store(z)


@enigma.kernel
def nested_loops(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
    acc = enigma.make_fragment((3, 4))
    a = enigma.make_tensor(A, Layout((3, 4, 8), (1, 0, 3)))
    b = enigma.make_tensor(A, Layout((3, 4, 8), (0, 8, 1)), offset=24)
    for i in enigma.range(n):
        for k in enigma.range(8):
            if k != i:
                acc = enigma.fma(a[(None, None, k)].load(), b[(None, None, k)].load(), acc)
    enigma.make_tensor(B, Layout((3, 4))).store(acc)


@enigma.func
def helper(x, limit):
    if limit > 3:
        return x * 2
    return x + 1


@enigma.kernel
def through_helpers(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
    x = enigma.make_tensor(A, Layout(6)).load()
    for _ in range(2):
        x = helper(x, n)
    enigma.make_tensor(B, Layout(6)).store(x)


for kernel in (carried_by_for, carried_by_while, carried_by_if, nested_loops, through_helpers):
    KERNELS.add(kernel.__name__, kernel)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_carried_by_for(n):
    a = values("f32", 5, 6, seed=9)
    b = np.zeros(12, np.float32)
    harness.run(KERNELS["carried_by_for"], args=[a, b, n], threads=1)
    np.testing.assert_array_equal(b[:6], a[:n].sum(axis=0))
    np.testing.assert_array_equal(b[6:], a[:n].prod(axis=0))


@pytest.mark.parametrize("scale", [0.5, 7.0, 1000.0])
def test_carried_by_while(scale):
    a = np.float32([0.25, 1, 0.5, -1]) * np.float32(scale)
    b = np.zeros(5, np.float32)
    harness.run(KERNELS["carried_by_while"], args=[a, b], threads=1)
    steps = 0
    while a.max() > 1 and steps <= 5:
        a, steps = a / 2, steps + 1
    np.testing.assert_array_equal(b, [*a, steps])


@pytest.mark.parametrize("n", [0, 6, 8, 20])
def test_carried_by_if(n):
    a = values("i32", 5, seed=10)
    b = np.zeros(15, np.int32)
    harness.run(KERNELS["carried_by_if"], args=[a, b, n], threads=1)
    x, y = a, np.full(5, n)
    if n > 10:
        x = x + y
        y = x * 2
    elif n > 5:
        y = y - x
    else:
        x = -x
    np.testing.assert_array_equal(b, [*x, *y, *(x if n > 7 else y)])


@pytest.mark.parametrize("n", [0, 3])
def test_nested_loops(n):
    a = values("f32", 24 + 32, seed=11)
    b = np.zeros(12, np.float32)
    harness.run(KERNELS["nested_loops"], args=[a, b, n], threads=1)
    left, right = a[:24].reshape(8, 3).T, a[24:].reshape(4, 8).T
    expected = sum(
        (left[:, k : k + 1] @ right[k : k + 1] for i in range(n) for k in range(8) if k != i),
        np.zeros((3, 4)),
    )
    np.testing.assert_array_equal(b.reshape(4, 3).T, expected)


@pytest.mark.parametrize("n", [1, 9])
def test_through_helpers(n):
    a = values("f32", 6, seed=12)
    b = np.zeros(6, np.float32)
    harness.run(KERNELS["through_helpers"], args=[a, b, n], threads=1)
    np.testing.assert_array_equal(b, a * 4 if n > 3 else a + 2)


# Views of every kind, and memory of every kind.


def copied(layout, target, name, mask):
    """Load by one layout and store by another, with elements picked on the way."""

    @enigma.kernel
    def kernel(src, dst):
        fragment = src.load()
        if mask:
            taken = enigma.in_bounds(enigma.make_identity_tensor(src.shape), mask)
            dst.store(fragment, mask=taken)
        else:
            dst.store(fragment)

    @enigma.jit
    def copy(A, B):
        kernel(A, B).launch(grid=1, block=1)

    return copy


VIEWS = {
    "same": (Layout(7), Layout(7)),
    "matrix": (Layout((3, 4)), Layout((3, 4), (4, 1))),
    "other nesting": (Layout(((2, 2), 3), ((6, 3), 1)), Layout((2, 2, 3), (1, 2, 4))),
    "deeper nesting": (Layout((2, 2, 3)), Layout((2, (2, (3,))), (6, (3, (1,))))),
    "broadcast": (Layout((4, 4), (1, 0)), Layout((4, 4))),
    "broadcast rows": (Layout((4, 4), (0, 1)), Layout((4, 4), (4, 1))),
    "all the same": (Layout((2, 3), (0, 0)), Layout((2, 3))),
    "negative": (Layout((4, 3), (-1, 5)), Layout((4, 3), (3, -1))),
    "steps": (Layout(8, 3), Layout(8, 2)),
    "padded": (Layout((4, 5), (1, 8)), Layout((4, 5), (1, 6))),
    "large": (Layout((8, 16), (16, 1)), Layout((8, 16), (17, 1))),
    "one": (Layout(1), Layout(1)),
    "mode split": (Layout((4, 4)), Layout((4, (2, 2)), (1, (8, 4)))),
    "mode joined": (Layout(((2, 2), 4), ((1, 8), 16)), Layout((4, 4), (4, 1))),
    "modes split otherwise": (Layout((4, (2, 6))), Layout(((2, 2), (3, 4)), ((12, 24), (1, 3)))),
}


def nested(rng, shape):
    """A layout of that shape, some modes of which consist of others, without holes or overlaps."""

    def split(extent):
        divisors = [d for d in range(2, extent) if extent % d == 0]
        if not divisors or rng.random() < 0.4:
            return extent
        first = rng.choice(divisors)
        return (split(first), split(extent // first))

    modes = tuple(map(split, shape))
    order = rng.sample(range(len(leaves(modes))), len(leaves(modes)))
    flat = enigma.make_ordered_layout(leaves(modes), tuple(order))
    return Layout(modes, arranged(modes, iter(leaves(flat.stride))))


def arranged(shape, flat):
    return tuple(arranged(mode, flat) for mode in shape) if isinstance(shape, tuple) else next(flat)


RANDOM = random.Random(7)
for number in range(20):
    shape = RANDOM.choice([(4, 4), (8, 6), (2, 12), (16,), (4, 2, 6), (6, 6)])
    VIEWS[f"random {number}"] = (nested(RANDOM, shape), nested(RANDOM, shape))
MASKS = {"matrix": (2, 3), "negative": (3, 2), "same": 5, "large": (5, 9)}
for label, (source, target) in VIEWS.items():
    for name in ("f32", "u8", "b1", "f16", "i64"):
        KERNELS.add(
            ("copied", label, name),
            copied(source, target, name, None),
            tensor("A", 0, name, source),
            tensor("B", 1, name, target),
        )
        KERNELS.add(
            ("constant", label, name),
            copied(source, target, name, None),
            tensor("A", 0, name, source, address_space="constant"),
            tensor("B", 1, name, target),
        )
        if label in MASKS:
            KERNELS.add(
                ("masked", label, name),
                copied(source, target, name, MASKS[label]),
                tensor("A", 0, name, source),
                tensor("B", 1, name, target),
            )


@pytest.mark.parametrize("name", ["f32", "u8", "b1", "f16", "i64"])
@pytest.mark.parametrize("label", VIEWS)
def test_views(label, name):
    source, target = VIEWS[label]
    memory = memory_of(source, name, seed=13)
    flat = read(source, memory).ravel("F")
    for way in ("copied", "constant"):
        before = memory_of(target, name, seed=14)
        after = before.copy()
        launch(KERNELS[way, label, name], memory, after)
        check(target, before, after, flat.reshape(places(target).shape, order="F"))
    if label in MASKS:
        before = memory_of(target, name, seed=14)
        after = before.copy()
        launch(KERNELS["masked", label, name], memory, after)
        shape = places(target).shape
        bounds = MASKS[label] if isinstance(MASKS[label], tuple) else (MASKS[label],)
        inside = np.zeros(shape, bool)
        inside[tuple(map(slice, bounds))] = True
        picked = np.where(inside, flat.reshape(shape, order="F"), read(target, before))
        check(target, before, after, picked)


@enigma.kernel
def met(src, dst):
    """Fragments that nest in different ways meet in operators, functions, masks and copies."""
    f, g = src.load(), dst.load()
    dst.store(enigma.where(f + g, g * f, f < g), mask=f != 2)
    enigma.copy(src, dst, mask=g > 2)


@enigma.jit
def meet(A, B):
    met(A, B).launch(grid=1, block=1)


for label, (source, target) in VIEWS.items():
    KERNELS.add(("met", label), meet, tensor("A", 0, "i32", source), tensor("B", 1, "i32", target))


@pytest.mark.parametrize("label", [label for label in VIEWS if "broadcast" not in label])
def test_fragments_that_nest_in_different_ways_meet(label):
    source, target = VIEWS[label]
    memory = memory_of(source, "i32", values("i32", *places(source).shape, seed=21))
    before = memory_of(target, "i32", values("i32", *places(target).shape, seed=22))
    after = before.copy()
    launch(KERNELS["met", label], memory, after)
    f, g = (read(*pair).ravel("F") for pair in ((source, memory), (target, before)))
    result = np.where(f != 2, np.where(f < g, g * f, f + g), g)
    result = np.where(g > 2, f, result)
    check(target, before, after, result.reshape(places(target).shape, order="F"))


@enigma.kernel
def elements_of_fragments(A: enigma.f32, B: enigma.f32):
    f = enigma.make_tensor(A, Layout((2, (3, 2)))).load()
    k = 0
    for i in range(2):
        for j in range(6):
            B[k] = f[i, j]
            B[k + 12] = f[(i, (j % 3, j // 3))]
            B[k + 24] = f[i + 2 * j]
            k += 1
    first, *_, last = f
    B[36] = first + last
    B[37] = 1.0 * len(f) + f.size


def through_memory(name):
    """Pass fragments through registers and threadgroup memory, each read in another order."""
    dtype = dtype_of(name)

    @enigma.kernel
    def kernel(A: dtype, B: dtype):
        thread = enigma.thread_index_in_threadgroup()
        rows = Layout((4, 8), (8, 1))
        source = enigma.make_tensor(A, Layout((4, 8, 4), (8, 1, 32)))[(None, None, thread)]
        target = enigma.make_tensor(B, Layout((8, 4, 4), (4, 1, 32)))[(None, None, thread)]

        registers = enigma.register_tensor((8, 4), dtype)
        by_columns = enigma.make_tensor(registers, rows)
        by_columns.store(source.load())

        shared = enigma.threadgroup_alloc(dtype, 128)
        layout = enigma.swizzle(Layout((4, 8, 4), (8, 1, 32)), 2, 0, 3)
        mine = enigma.make_tensor(shared, layout)[(None, None, thread)]
        enigma.copy(by_columns, mine)
        enigma.barrier()
        others = enigma.make_tensor(shared, layout)[(None, None, 3 - thread)]
        enigma.copy(enigma.select(others, (1, 0)), target)

    return kernel


@enigma.kernel
def filled(A: enigma.i32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
    a = enigma.make_tensor(A, Layout((3, 4), (1, 5)), 1)
    a.fill(7)
    a[None, 1] = enigma.make_fragment(3, enigma.i32, n)
    a[(1, None)].store(n + 1)
    a[2, 3] = n + 2
    a[0] = a[2, 3] + a[1, 1]
    b = enigma.make_tensor(B, Layout(6, -1), 6)
    b.fill(n.to(enigma.f32))
    b.store(2, mask=b.load() < 0)


@enigma.kernel
def defaults(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
    """Elements that a mask leaves out, of a number, a traced one and a fragment."""
    a, b = [enigma.make_tensor(t, Layout((4, 3), (3, 1))) for t in (A, B)]
    taken = enigma.in_bounds(enigma.make_identity_tensor((4, 3)), (n, 2))
    some = a.load(mask=taken, default=-1.5)
    some = some + a.load(taken, default=n.to(enigma.f32))
    b.store(some + a.load(taken, default=a.load(n > 1, default=7.0)))


MEMORY = ("f32", "f16", "u8", "b1", "i64")
KERNELS.add("defaults", defaults)
KERNELS.add("elements_of_fragments", elements_of_fragments)
KERNELS.add("filled", filled)
for name in MEMORY:
    KERNELS.add(("memory", name), through_memory(name))


def test_elements_of_fragments():
    a = values("f32", 12, seed=15)
    b = np.zeros(38, np.float32)
    harness.run(KERNELS["elements_of_fragments"], args=[a, b], threads=1)
    by_rows = a.reshape(6, 2).T.ravel()
    np.testing.assert_array_equal(b[:36], np.tile(by_rows, 3))
    np.testing.assert_array_equal(b[36:], [a[0] + a[-1], 24])


@pytest.mark.parametrize("n", [0, 1, 3, 4])
def test_defaults_of_masked_loads(n):
    a = values("f32", 12, seed=17)
    b = np.zeros_like(a)
    harness.run(KERNELS["defaults"], args=[a, b, n], threads=1)
    row, column = np.mgrid[:4, :3]
    other = np.float32(-1.5) + np.float32(n) + (a if n > 1 else np.float32(7))
    taken = (row < n) & (column < 2)
    expected = np.where(taken.ravel(), (a + a) + a, other)
    np.testing.assert_array_equal(b, expected)


@pytest.mark.parametrize("name", MEMORY)
def test_registers_and_threadgroup_memory(name):
    a = sample(name, 128, np.random.default_rng(16))
    b = np.zeros_like(a)
    for order in ("forward", "reverse"):
        harness.run(KERNELS["memory", name], args=[a, b], grid=1, block=4, order=order)
        expected = a.reshape(4, 4, 8)[::-1].transpose(0, 2, 1)
        np.testing.assert_array_equal(b.reshape(4, 8, 4), expected)


@pytest.mark.parametrize("n", [-3, 5])
def test_fills(n):
    a, b = np.full(24, -1, np.int32), np.full(8, -1, np.float32)
    harness.run(KERNELS["filled"], args=[a, b, n], threads=1)
    expected = np.full((3, 4), 7)
    expected[:, 1] = n
    expected[1] = n + 1
    expected[2, 3] = n + 2
    expected[0, 0] = n + 2 + n + 1
    everything = np.full(24, -1)
    everything[1 + places(Layout((3, 4), (1, 5)))] = expected
    np.testing.assert_array_equal(a, everything)
    np.testing.assert_array_equal(b, [-1, *[2 if n < 0 else n] * 6, -1])
