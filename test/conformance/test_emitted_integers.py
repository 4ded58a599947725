# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every operator of every integer dtype at the edges, against exact arithmetic.

The kernels run with checks for overflow: what means to wrap must not be signed in C++, and what
C++ promotes to a signed type must fit it.
"""

# The annotations of kernels here are variables of the function that makes them, which a postponed
# evaluation would not find.

import itertools
import operator

import numpy as np
import pytest

import enigma
from conformance.emitted import INTEGERS, NUMPY, Kernels, dtype_of, launch
from conformance.exact import Exact, Overflow

KERNELS = Kernels()
STEPS = 3
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
}
DIVIDES = ("//", "%")


def edges(name):
    """Numbers at which a width or a sign ends, and some between."""
    exact = Exact(name, 0)
    half = 1 << exact.bits // 2
    found = {0, 1, 2, 3, 7, exact.bits - 1, half - 1, half, exact.high - 1, exact.high}
    found |= {exact.high // 2, exact.high // 2 + 1, exact.high // 3}
    if exact.is_signed:
        found |= {-1, -2, -5, -half, exact.low, exact.low + 1}
    return sorted(found)


def number_of(op, name):
    """A number for one side of an operator."""
    exact = Exact(name, 0)
    if op in ("<<", ">>"):
        return exact.bits - 1
    if op in DIVIDES:
        return 7
    return 3 if exact.is_signed else exact.high - 2


# What is computed from an operator: with a number on either side, again and again, and where the
# bits above a narrow result would show.
FORMS = {
    "plain": lambda f, a, b, number: f(a, b),
    "number on the right": lambda f, a, b, number: f(a, number),
    "number on the left": lambda f, a, b, number: f(number, b),
    "twice": lambda f, a, b, number: f(f(a, b), b),
    "of its own": lambda f, a, b, number: f(f(a, b), f(b, a)),
    "divided": lambda f, a, b, number: f(a, b) // 3,
    "remainder": lambda f, a, b, number: f(a, b) % 5,
    "shifted": lambda f, a, b, number: f(a, b) >> 1,
    "multiplied": lambda f, a, b, number: f(a, b) * b,
    "shifted up and multiplied": lambda f, a, b, number: (f(a, b) << 3) * a,
    "negated": lambda f, a, b, number: -f(a, b),
    "inverted": lambda f, a, b, number: ~f(a, b),
    "by bits": lambda f, a, b, number: f(a, (((a + b) * b) & 15) + 1),
    "of bits": lambda f, a, b, number: f((((a - b) * a) & 15) + 1, b),
}


def defined(name, function):
    """The pairs of edges of which `function` is defined, and what it gives."""
    found = []
    for a, b in itertools.product(edges(name), repeat=2):
        try:
            found.append((a, b, function(Exact(name, a), Exact(name, b))))
        except (Overflow, ZeroDivisionError):
            continue
    return found


class Table:
    """Functions that one kernel computes, each of the pairs that it is defined of.

    Parameters
    ----------
    name : str
        The dtype of the operands.
    target : str
        That of the results.
    rows : dict
        For each function: what the kernel computes, and the exact number.
    """

    def __init__(self, name, target, rows):
        self.name, self.target = name, target
        found = {key: defined(name, exact) for key, (_, exact) in rows.items()}
        self.found = {key: pairs for key, pairs in found.items() if pairs}
        self.undefined = found.keys() - self.found.keys()
        self.count = max(map(len, self.found.values()))
        self.functions = [rows[key][0] for key in self.found]

    def kernel(self):
        dtype, result, functions, count = (
            dtype_of(self.name),
            dtype_of(self.target),
            self.functions,
            self.count,
        )

        @enigma.kernel
        def apply(A: dtype, B: dtype, out: result):
            i = enigma.thread_position_in_grid
            for k, function in enumerate(functions):
                out[k * count + i] = function(A[k * count + i], B[k * count + i])

        return apply

    def check(self, kernel):
        # Each has its part of the arrays, of one length: the first pair fills it.
        parts = [pairs + pairs[:1] * (self.count - len(pairs)) for pairs in self.found.values()]
        a, b, expected = zip(*(row for part in parts for row in part), strict=True)
        out = np.zeros(len(expected), NUMPY[self.target])
        a, b = np.array(a, NUMPY[self.name]), np.array(b, NUMPY[self.name])
        launch(kernel, a, b, out, threads=self.count)
        keys = [key for key in self.found for _ in range(self.count)]
        for key, x, y, actual, number in zip(keys, a, b, out, expected, strict=True):
            assert actual == number, f"{key}: {x}, {y}"


def form_table(op, name):
    f, number = OPERATORS[op], number_of(op, name)
    return Table(
        name,
        name,
        {
            form: (
                lambda a, b, form=form: FORMS[form](f, a, b, number),
                lambda a, b, form=form: FORMS[form](f, a, b, number).value,
            )
            for form in FORMS
        },
    )


# The same in statements.


def augmented_kernel(op, name):
    dtype, f = dtype_of(name), OPERATORS[op]

    @enigma.kernel
    def augmented(A: dtype, B: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        x = A[i]
        b = B[i]
        x = f(x, b)
        x = f(x, b)
        out[i] = x

    return augmented


def augmented_reference(op, name, a, b):
    f = OPERATORS[op]
    return f(f(a, b), b)


def loop_kernel(op, name):
    dtype, f = dtype_of(name), OPERATORS[op]

    @enigma.kernel
    def loop(A: dtype, B: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        x = A[i]
        for _ in enigma.range(STEPS):
            x = f(x, B[i])
        out[i] = x

    return loop


def loop_reference(op, name, a, b):
    for _ in range(STEPS):
        a = OPERATORS[op](a, b)
    return a


def seeded_kernel(op, name):
    """A variable that starts as a number: only the operator says what it is."""
    dtype, f, number = dtype_of(name), OPERATORS[op], number_of(op, name)

    @enigma.kernel
    def seeded(A: dtype, B: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        x = dtype(2)
        for _ in enigma.range(STEPS):
            x = f(x, number)
        out[i] = x + A[i]

    return seeded


def seeded_reference(op, name, a, b):
    x = Exact(name, 2)
    for _ in range(STEPS):
        x = OPERATORS[op](x, number_of(op, name))
    return x + a


def branch_kernel(op, name):
    dtype, f = dtype_of(name), OPERATORS[op]

    @enigma.kernel
    def branch(A: dtype, B: dtype, out: dtype):
        i = enigma.thread_position_in_grid
        a = A[i]
        b = B[i]
        x = a if a < b else f(a, b)
        if x > b:
            x = f(x, b)
        out[i] = x

    return branch


def branch_reference(op, name, a, b):
    f = OPERATORS[op]
    x = a if a < b else f(a, b)
    return f(x, b) if x > b else x


STATEMENTS = {
    "augmented": (augmented_kernel, augmented_reference),
    "loop": (loop_kernel, loop_reference),
    "seeded": (seeded_kernel, seeded_reference),
    "branch": (branch_kernel, branch_reference),
}

# What reads a result: its order, that of its bits, a float, and integers of other widths.
READERS = {
    "less": ("b1", lambda x, a: x < a, lambda x, a: x < a),
    # Bits are never negative: what wraps is computed unsigned, and they may be left so.
    "bits": (
        "b1",
        lambda x, a: a < (((x + a) * a) & 15) + 1,
        lambda x, a: a < (((x + a) * a) & 15) + 1,
    ),
    "float": ("f32", lambda x, a: x.to(enigma.f32), lambda x, a: float(np.float32(x.value))),
    **{
        name: (
            name,
            lambda x, a, name=name: x.to(dtype_of(name)),
            lambda x, a, name=name: x.to(name).value,
        )
        for name in INTEGERS
    },
}


def reader_table(reader, name):
    target, read, exact = READERS[reader]
    return Table(
        name,
        target,
        {
            op: (
                lambda a, b, f=OPERATORS[op]: read(f(a, b), a),
                lambda a, b, f=OPERATORS[op]: exact(f(a, b), a),
            )
            for op in ("+", "-", "*", "<<", "^")
        },
    )


BOTH = [*itertools.product(OPERATORS, INTEGERS)]
FORM_TABLES = {(op, name): form_table(op, name) for op, name in BOTH}
READER_TABLES = {
    (reader, name): reader_table(reader, name)
    for reader, name in itertools.product(READERS, INTEGERS)
}
for key, table in (FORM_TABLES | READER_TABLES).items():
    KERNELS.add(key, table.kernel())
for statement, (make, _) in STATEMENTS.items():
    for op, name in BOTH:
        KERNELS.add((statement, op, name), make(op, name))


@pytest.mark.parametrize(("op", "name"), BOTH)
def test_operators(op, name):
    table = FORM_TABLES[op, name]
    table.check(KERNELS[op, name])
    # What is shifted by something that was shifted itself is shifted by too much.
    assert table.undefined <= ({"of its own"} if op in ("<<", ">>") else set())


@pytest.mark.parametrize(("reader", "name"), READER_TABLES)
def test_what_reads_a_result(reader, name):
    table = READER_TABLES[reader, name]
    table.check(KERNELS[reader, name])
    assert not table.undefined


@pytest.mark.parametrize(("op", "name"), BOTH)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_statements(statement, op, name):
    found = defined(name, lambda a, b: STATEMENTS[statement][1](op, name, a, b).value)
    a, b, expected = zip(*found, strict=True)
    a, b = np.array(a, NUMPY[name]), np.array(b, NUMPY[name])
    out = np.zeros(len(found), NUMPY[name])
    launch(KERNELS[statement, op, name], a, b, out, threads=len(found))
    assert out.tolist() == list(expected)


@pytest.mark.parametrize("name", ["u8", "u16", "u32"])
@pytest.mark.parametrize("op", OPERATORS)
def test_a_variable_of_an_unsigned_dtype_is_unsigned(op, name):
    """Also where a signed one would do: no check finds bits that a shift moves out of it."""
    kind = {"u8": "uchar", "u16": "ushort", "u32": "uint"}[name]
    for statement in ("augmented", "loop", "seeded"):
        assert f" {kind} x = " in KERNELS[statement, op, name].metal_source
