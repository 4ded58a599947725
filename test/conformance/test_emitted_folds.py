# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integers and conversions at the edges, of constants and of data in every mix.

What the compiler folds, what it simplifies beside a constant and what the kernel computes is one
number, and that of exact arithmetic.
"""

from __future__ import annotations

import itertools
import math
import operator

import numpy as np
import pytest

import enigma
from conformance import harness, reference
from conformance.emitted import FLOATS, INTEGERS, NUMPY, Kernels, dtype_of, launch
from conformance.exact import Exact
from conformance.random_kernels.numbers import Undefined, brought, limits, literal

# That a dtype decides a comparison is no mistake here.
pytestmark = pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")
KERNELS = Kernels()
LANES = 4


def edges(name):
    """Numbers at which a dtype, a width or a sign ends."""
    low, high = limits(name)
    bits = int(name[1:])
    found = {low, low + 1, -1 if low else high - 1, 0, 1, 3, bits - 1, high // 2 + 1, high}
    return sorted(found)


def shifted(function):
    return lambda r, a, b: function(a, b) if 0 <= b < r.bits else None


def divided(function):
    # The quotient of the least integer by -1 wraps.
    return lambda r, a, b: function(a, b) if b else None


# What a kernel computes, the exact number, and whether an integer that leaves a signed dtype wraps.
OPERATORS = {
    "+": (operator.add, lambda r, a, b: a + b, False),
    "-": (operator.sub, lambda r, a, b: a - b, False),
    "*": (operator.mul, lambda r, a, b: a * b, False),
    "//": (operator.floordiv, divided(operator.floordiv), True),
    "%": (operator.mod, divided(operator.mod), True),
    "&": (operator.and_, lambda r, a, b: a & b, True),
    "|": (operator.or_, lambda r, a, b: a | b, True),
    "^": (operator.xor, lambda r, a, b: a ^ b, True),
    "<<": (operator.lshift, shifted(operator.lshift), True),
    ">>": (operator.rshift, shifted(operator.rshift), True),
}
COMPARISONS = {
    symbol: (
        lambda a, b, f=function: enigma.metal_cast(f(a, b), enigma.u8).to(a.dtype),
        lambda r, a, b, f=function: int(f(a, b)),
        True,
    )
    for symbol, function in {
        "<": operator.lt,
        "<=": operator.le,
        "==": operator.eq,
        "!=": operator.ne,
    }.items()
}
NAMES = (
    *("imin", "imax", "add_sat", "sub_sat", "hadd", "rhadd", "mul_hi", "rotate", "idiv"),
    *("insert_bits", "max", "min"),
)


def _function(name):
    exact = {"max": lambda _, a, b: max(a, b), "min": lambda _, a, b: min(a, b)}.get(
        name, reference.INTEGER.get(name)
    )
    call = getattr(enigma, name)
    if name == "insert_bits":
        return lambda a, b: call(a, b, 3, 4), exact, True
    if name == "idiv":
        return call, divided(lambda a, b: exact(None, a, b)), False
    return call, exact, True


ROWS = {**OPERATORS, **COMPARISONS, **{name: _function(name) for name in NAMES}}
# Of one operand, and of three.
UNARY = {
    "negated": (operator.neg, lambda r, a, _: -a, False),
    "abs": (abs, lambda r, a, _: abs(a), False),
    "inverted": (operator.invert, lambda r, a, _: ~a, True),
    **{
        name: (
            getattr(enigma, name),
            lambda r, a, _, name=name: reference.INTEGER[name](r, a),
            True,
        )
        for name in ("popcount", "clz", "ctz", "reverse_bits")
    },
    "extract_bits": (
        lambda a: enigma.extract_bits(a, 3, 4),
        lambda r, a, _: reference.INTEGER["extract_bits"](r, a),
        True,
    ),
    "iclamp": (
        lambda a: enigma.iclamp(a, 1, 3),
        lambda r, a, _: min(max(a, 1), 3),
        True,
    ),
    "mad_sat": (
        lambda a: enigma.mad_sat(a, a, a),
        lambda r, a, _: reference.INTEGER["mad_sat"](r, a, a, a),
        True,
    ),
}


def expected(row, name, a, b):
    """The exact number, or None where there is none."""
    _, exact, wraps = row
    r = Exact(name, 0)
    value = exact(r, a, b)
    low, high = limits(name)
    if value is None or not (wraps or name[0] == "u" or low <= value <= high):
        return None
    return brought(name, int(value), "i128")


def pairs(row, name, few=False):
    """The pairs of edges that a function is defined of, and what it gives."""
    values = edges(name)
    if few:
        values = [v for v in values if v not in (1, limits(name)[0] + 1)]
    return [
        (a, b, wanted)
        for a, b in itertools.product(values, repeat=2)
        if (wanted := expected(row, name, a, b)) is not None
    ]


def singles(row, name):
    return [(a, wanted) for a in edges(name) if (wanted := expected(row, name, a, 0)) is not None]


# Both operands are constants: scalars, and the lanes of vectors.


def folded(name, lanes):
    dtype = dtype_of(name)
    found = [(f, a, b, wanted) for f in ROWS for a, b, wanted in pairs(ROWS[f], name, few=True)]
    plain = [(f, a, wanted) for f in UNARY for a, wanted in singles(UNARY[f], name)]

    @enigma.kernel
    def scalars(out: dtype):
        for k, (f, a, b, _) in enumerate(found):
            out[k] = ROWS[f][0](dtype(a), dtype(b))
        for k, (f, a, _) in enumerate(plain):
            out[len(found) + k] = UNARY[f][0](dtype(a))

    groups = [
        (f, [row[1:] for row in rows])
        for f, each in itertools.groupby(found, key=operator.itemgetter(0))
        for rows in itertools.zip_longest(*[iter(each)] * LANES)
        if None not in rows
    ]

    @enigma.kernel
    def vectors(out: dtype):
        for k, (f, rows) in enumerate(groups):
            a, b = (enigma.make_vec(*[dtype(row[side]) for row in rows]) for side in (0, 1))
            result = ROWS[f][0](a, b)
            for lane in range(LANES):
                out[LANES * k + lane] = result[lane]

    if lanes == 1:
        return scalars, [row[-1] for row in (*found, *plain)], [*found, *plain]
    wanted = [row[-1] for _, rows in groups for row in rows]
    return vectors, wanted, [(f, row) for f, rows in groups for row in rows]


FOLDED = {(name, lanes): folded(name, lanes) for name in INTEGERS for lanes in (1, LANES)}
for key, (kernel, _, _) in FOLDED.items():
    KERNELS.add(("folded", *key), kernel)


@pytest.mark.parametrize(("name", "lanes"), FOLDED)
def test_constants(name, lanes):
    _, wanted, rows = FOLDED[name, lanes]
    out = np.zeros(len(wanted), NUMPY[name])
    launch(KERNELS["folded", name, lanes], out, threads=1, block=1)
    for row, found, value in zip(rows, out.tolist(), wanted, strict=True):
        assert found == value, row


# One of them is data, or both.


def mixed(name, side):
    """For each function and each constant on a side: of all operands, one a thread."""
    dtype = dtype_of(name)
    values = edges(name)
    rows = []
    for f, row in ROWS.items():
        for number in values:
            others = [
                (other, wanted)
                for other in values
                if (
                    wanted := expected(
                        row, name, *((number, other) if side == "left" else (other, number))
                    )
                )
                is not None
            ]
            if others:
                # What is not defined is left out: the first one stands for it.
                rows.append((f, number, others + others[:1] * (len(values) - len(others))))
    count = len(values)

    @enigma.kernel
    def left(A: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        for k, (f, number, _) in enumerate(rows):
            out[k * count + i] = ROWS[f][0](dtype(number), A[k * count + i])

    @enigma.kernel
    def right(A: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        for k, (f, number, _) in enumerate(rows):
            out[k * count + i] = ROWS[f][0](A[k * count + i], number)

    return left if side == "left" else right, rows


MIXED = {(name, side): mixed(name, side) for name in INTEGERS for side in ("left", "right")}
for key, (kernel, _) in MIXED.items():
    KERNELS.add(("mixed", *key), kernel)


@pytest.mark.parametrize(("name", "side"), MIXED)
def test_a_constant_beside_data(name, side):
    _, rows = MIXED[name, side]
    data = np.array([x for _, _, others in rows for x, _ in others], NUMPY[name])
    wanted = [value for _, _, others in rows for _, value in others]
    out = np.zeros(len(wanted), NUMPY[name])
    launch(KERNELS["mixed", name, side], data, out, threads=len(edges(name)), block=1)
    keys = [(f, number) for f, number, others in rows for _ in others]
    for key, x, found, value in zip(keys, data.tolist(), out.tolist(), wanted, strict=True):
        assert found == value, (key, side, x)


def loaded(name):
    dtype = dtype_of(name)
    tables = {f: pairs(row, name) for f, row in ROWS.items()}
    plain = {f: singles(row, name) for f, row in UNARY.items()}
    count = max(map(len, tables.values()))

    @enigma.kernel
    def kernel(A: dtype, B: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        for k, f in enumerate(tables):
            out[k * count + i] = ROWS[f][0](A[k * count + i], B[k * count + i])
        for k, f in enumerate(plain, len(tables)):
            out[k * count + i] = UNARY[f][0](A[k * count + i])

    rows = [
        (f, *each[i % len(each)])
        for f, each in (
            *tables.items(),
            *((f, [(a, 0, wanted) for a, wanted in each]) for f, each in plain.items()),
        )
        for i in range(count)
    ]
    return kernel, rows, count


LOADED = {name: loaded(name) for name in INTEGERS}
for name, (kernel, _, _) in LOADED.items():
    KERNELS.add(("loaded", name), kernel)


@pytest.mark.parametrize("name", INTEGERS)
def test_data(name):
    _, rows, count = LOADED[name]
    a, b = (np.array([row[side] for row in rows], NUMPY[name]) for side in (1, 2))
    out = np.zeros(len(rows), NUMPY[name])
    launch(KERNELS["loaded", name], a, b, out, threads=count, block=1)
    for row, found in zip(rows, out.tolist(), strict=True):
        assert found == row[-1], row


# Conversions between all dtypes.

DTYPES = (*FLOATS, *INTEGERS)
REALS = [0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 127.5, 255.0, -128.0, 2049.0, 65504.0, 65519.0, 65520.0]
REALS += [1e10, -1e10, 3e38, 2.0**31, 2.0**63, math.inf, -math.inf, math.nan, 257.0, 259.0]


def numbers(name):
    """Numbers of a dtype whose conversions round, overflow or saturate."""
    if name in FLOATS:
        with np.errstate(over="ignore"):
            return [literal(name, number) for number in REALS]
    low, high = limits(name)
    wide = [2049, 2051, 65519, 65520, (1 << 24) + 1, (1 << 24) + 3, -2049, 257, 259, 128, 255, 256]
    return [*edges(name), *(number for number in wide if low <= number <= high)]


def converted(source, target, value):
    try:
        return brought(target, value, source)
    except Undefined:
        return None


def saturated(source, target, value):
    if target in FLOATS:
        if math.isnan(value):
            return value
        found = brought(target, value, source) if source != target else value
        largest = {"f32": float(np.finfo(np.float32).max), "f16": 65504.0}.get(
            target, 3.3895313892515355e38
        )
        return min(max(found, -largest), largest)
    if math.isnan(value):
        return 0
    low, high = limits(target)
    return low if value < low else high if value > high else int(value)


KINDS = {"plain": (converted, {}), "saturated": (saturated, {"saturate": True})}


def conversions(source, kind):
    function, options = KINDS[kind]
    values = numbers(source)
    tables = {
        target: [(v, w) for v in values if (w := function(source, target, v)) is not None]
        for target in DTYPES
        if target != source or kind == "saturated"
    }
    count = len(values)
    own = dtype_of(source)
    targets = list(tables)
    (a, b, c, d, e, f, g, h, i_, j, *rest) = [dtype_of(target) for target in targets]
    last = rest[0] if rest else own

    @enigma.kernel
    def kernel(
        A: own, o0: a, o1: b, o2: c, o3: d, o4: e, o5: f, o6: g, o7: h, o8: i_, o9: j, o10: last
    ):
        i = enigma.thread_position_in_grid
        for k, (out, target) in enumerate(
            zip((o0, o1, o2, o3, o4, o5, o6, o7, o8, o9, o10), targets, strict=False)
        ):
            dtype = dtype_of(target)
            for position, (value, _) in enumerate(tables[target]):
                out[position] = own(value).to(dtype, **options)
            out[count + i] = A[k * count + i].to(dtype, **options)

    return kernel, tables, count, targets


CONVERSIONS = {(source, kind): conversions(source, kind) for source in DTYPES for kind in KINDS}
for key, (kernel, _, _, _) in CONVERSIONS.items():
    KERNELS.add(("conversions", *key), kernel, fast_math=False)


def array_of(name, values):
    if name == "bf16":
        return harness.to_bfloat(np.array(values, np.float32))
    return np.array(values, NUMPY[name])


@pytest.mark.parametrize(("source", "kind"), CONVERSIONS)
def test_conversions(source, kind):
    _, tables, count, targets = CONVERSIONS[source, kind]
    data = []
    for target in targets:
        values = [v for v, _ in tables[target]]
        data += values + values[:1] * (count - len(values))
    outs = [np.zeros(2 * count, NUMPY[target]) for target in targets]
    spare = [np.zeros(1, NUMPY[source])] if len(outs) < 11 else []
    launch(
        KERNELS["conversions", source, kind],
        array_of(source, data),
        *outs,
        *spare,
        threads=count,
        block=1,
    )
    for target, out in zip(targets, outs, strict=True):
        found = harness.from_bfloat(out) if target == "bf16" else out
        for position, (value, wanted) in enumerate(tables[target]):
            for place in (position, count + position):
                what = f"{value} as {target}, {'data' if place >= count else 'constant'}"
                np.testing.assert_array_equal(found[place], wanted, what)


# What no dtype holds is refused where it is a number.


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("symbol", ["<<", ">>", "//", "%", "idiv"])
@pytest.mark.parametrize("is_typed", [False, True])
@pytest.mark.parametrize("is_constant", [False, True])
def test_undefined_operands_are_refused(name, symbol, is_typed, is_constant):
    dtype = dtype_of(name)
    bits = int(name[1:])
    function = enigma.idiv if symbol == "idiv" else OPERATORS[symbol][0]
    wrong = [bits, limits(name)[1]] if symbol in ("<<", ">>") else [0]
    if name[0] == "i" and symbol in ("<<", ">>"):
        wrong.append(-1)
    for number in wrong:

        @enigma.kernel
        def kernel(A: dtype):
            x = dtype(3) if is_constant else A[0]
            A[0] = function(x, dtype(number) if is_typed else number)  # noqa: B023

        with pytest.raises(enigma.EnigmaError, match=r"shift amount|other than zero") as caught:
            enigma.compile(kernel, emit_only=True)
        assert caught.value.location.source_line.strip().startswith("A[0] = function")
