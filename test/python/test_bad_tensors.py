# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What goes wrong with tensors, layouts and symbolic sizes is said with the line and a remedy.

Most cases are lambdas: what they do is done on the host, in a kernel, or in both, and the error has
to name a line of the lambda.
"""

import inspect
import linecache
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from layout_strategies import ENDLESS

import enigma
from enigma import EnigmaError, Layout, dyn
from refusals import check_said

HERE = __file__
N = dyn("n", div=4)
M = dyn("m")


def tensors():
    """Give tensors of many kinds."""
    return SimpleNamespace(
        A=enigma.Tensor("A", 0, "float", Layout((64, 32), (32, 1))),
        B=enigma.Tensor("B", 1, "float", Layout((16, 8), (8, 1))),
        I=enigma.Tensor("I", 2, "int", Layout((64, 32), (32, 1))),
        H=enigma.Tensor("H", 3, "half", Layout((16, 8), (8, 1))),
        C=enigma.Tensor("C", 4, "float", Layout((16, 8), (8, 1)), address_space="constant"),
        S=enigma.Tensor("S", 5, "float", Layout((N, 64), (64, 1))),
        W=enigma.Tensor("W", 6, "float", enigma.swizzle(Layout((8, 8), (8, 1)), 2, 0, 3)),
    )


def compile_body(body, given=None, grid=1, block=32, extra=(), **options):
    """Compile a kernel that does what `body` does with tensors."""
    given = tensors() if given is None else given

    @enigma.kernel
    def kernel(given, extra):
        body(SimpleNamespace(**dict(given)), *extra)

    @enigma.jit
    def run(given, extra):
        named = tuple((tensor.name, tensor) for tensor in given)
        kernel(named, extra).launch(grid=grid, block=block)

    return enigma.compile(run, tuple(vars(given).values()), tuple(extra), **options)


def error_of(function, *arguments, **options):
    """Call, and return the error of Enigma."""
    with pytest.raises(EnigmaError) as caught:
        function(*arguments, **options)
    return caught.value


def check(error, kind, first, last, *parts, file=HERE):
    """The error names one of some lines of a file, says `parts`, and what to do."""
    text = str(error)
    assert isinstance(error, EnigmaError)
    assert isinstance(error, kind), f"{type(error)}: {text}"
    assert error.location is not None
    assert error.location.filename == file, text
    assert first <= error.location.line <= last, text
    assert text.startswith(f"{file}:{error.location.line}: ")
    assert linecache.getline(file, error.location.line).strip() in text
    check_said(error, *parts)
    if error.help:
        assert f"\n  help: {error.help}" in text
    else:
        # What is expected says what to do.
        assert "; expected " in text or ": expected " in text or " must be " in text, text


def check_lines(error, function, kind, *parts):
    """As `check`, for an error in a line of a function."""
    code = getattr(function, "function", function).__code__
    lines = [line for _, _, line in code.co_lines() if line]
    check(error, kind, code.co_firstlineno, max(lines), *parts, file=code.co_filename)


def cases(*rows):
    """Make parameters of rows, named by the source of their lambdas."""
    named = []
    for row in rows:
        line = row[0].__code__.co_firstlineno
        named.append(pytest.param(*row[:2], row[2:], id=f"line{line}"))
    return pytest.mark.parametrize(("body", "kind", "parts"), named)


def in_kernel(body, kind, parts):
    """The body fails in a kernel as expected."""
    check_lines(error_of(compile_body, body), body, kind, *parts)


def on_host(body, kind, parts):
    """The body fails on the host as expected."""
    check_lines(error_of(body, tensors()), body, kind, *parts)


# Tilers and coordinates, on the host and in a kernel.

VIEWS = cases(
    (
        lambda t: enigma.tensor_zipped_divide(t.A, (65, 4)),
        EnigmaError,
        *(
            "tensor A",
            "tiler exceeds tensor in mode 0",
            "65 elements",
            "has 64",
            "at most as large",
        ),
    ),
    (
        lambda t: enigma.tensor_zipped_divide(t.A, (4, 33)),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor in mode 1", "33 elements", "has 32"),
    ),
    (
        lambda t: enigma.zipped_divide(t.A, (None, 33)),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor in mode 1", "33 elements", "has 32"),
    ),
    (
        lambda t: enigma.logical_divide(t.A, (65, 4)),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor in mode 0", "65", "64"),
    ),
    (
        lambda t: enigma.tiled_divide(t.A, (4, Layout(33, 2))),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor in mode 1", "33:2", "32"),
    ),
    (
        lambda t: enigma.flat_divide(t.A, 2049),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor", "2049", "2048"),
    ),
    (
        lambda t: enigma.local_tile(t.A, (65, 4), (0, 0)),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor in mode 0", "65", "64"),
    ),
    (
        lambda t: enigma.local_partition(t.A, Layout((128, 4)), 0),
        EnigmaError,
        *("tensor A", "tiler exceeds tensor in mode 0", "128", "64"),
    ),
    (
        lambda t: enigma.zipped_divide(t.A, (4, 4, 4)),
        EnigmaError,
        *("tensor A", "3 modes", "has 2", "None keeps a mode"),
    ),
    (
        lambda t: enigma.zipped_divide(t.A, (0, 4)),
        EnigmaError,
        "tensor A",
        "extent 0",
        "not positive",
    ),
    (lambda t: enigma.zipped_divide(t.A, (-4, 4)), EnigmaError, "tensor A", "extent -4"),
    (
        lambda t: enigma.zipped_divide(t.A, ()),
        EnigmaError,
        "tensor A",
        "a tuple has at least one mode",
    ),
    (lambda t: enigma.zipped_divide(t.A, (4.0, 4)), TypeError, "tensor A", "a float (4.0)"),
    (lambda t: enigma.zipped_divide(t.A, (True, 4)), TypeError, "tensor A", "a bool (True)"),
    (lambda t: enigma.zipped_divide(t.A, "44"), TypeError, "tensor A", "a str ('44')", "an extent"),
    (lambda t: enigma.zipped_divide(t.A, t.B), TypeError, "tensor A", "tensor B", "an extent"),
    (lambda t: enigma.zipped_divide(t.A, np.ones(2)), TypeError, "tensor A", "ndarray"),
    (
        lambda t: enigma.zipped_divide(None, 2),
        TypeError,
        "zipped_divide",
        "expected a Layout",
        "None",
    ),
    (lambda t: enigma.zipped_divide(t.A, 2**70), EnigmaError, "tensor A", "does not fit 64 bits"),
    (
        lambda t: enigma.tensor_zipped_divide(Layout(4), 2),
        TypeError,
        *("enigma.tensor_zipped_divide", "a Layout", "expected a tensor", "enigma.Tensor"),
    ),
    (
        lambda t: enigma.local_tile(t.A, (4, 4), (0,)),
        EnigmaError,
        *("tensor A", "tuple of 1", "tuple of 2", "one coordinate for each mode"),
    ),
    (lambda t: enigma.local_tile(t.A, (4, 4), (0, 0, 0)), EnigmaError, "tensor A", "tuple of 3"),
    (
        lambda t: enigma.local_tile(t.A, (4, 4), (16, 0)),
        IndexError,
        *("tensor A", "no tile 16 of 16", "(16, 0)", "count from 0"),
    ),
    (lambda t: enigma.local_tile(t.A, (4, 4), (0, -1)), IndexError, "tensor A", "no tile -1 of 8"),
    (lambda t: enigma.local_tile(t.A, (4, 4), (0.5, 0)), TypeError, "tensor A", "a float (0.5)"),
    (lambda t: enigma.local_tile(t.A, (4, 4), "a"), TypeError, "tensor A", "a str ('a')"),
    (
        lambda t: enigma.local_partition(t.A, Layout((4, 4)), 16),
        EnigmaError,
        *("tensor A", "thread 16", "16 threads", "count from 0"),
    ),
    (lambda t: enigma.local_partition(t.A, Layout((4, 4)), -1), EnigmaError, "thread -1"),
    (lambda t: enigma.local_partition(t.A, Layout((4, 4)), None), TypeError, "tensor A", "None"),
    (
        lambda t: enigma.local_partition(t.A, Layout((4, 4)), (0, 0)),
        TypeError,
        "tensor A",
        "a tuple",
    ),
    (lambda t: enigma.local_partition(t.A, (4, 4), 0), TypeError, "tensor A", "expected a Layout"),
    (
        lambda t: enigma.local_partition(t.A, Layout((4, 4), (8, 1)), 0),
        EnigmaError,
        *("tensor A", "16 threads", "without gaps", "make_ordered_layout"),
    ),
    (
        lambda t: enigma.composition(t.A, Layout((4, 1000), (1000, 1))),
        EnigmaError,
        *("tensor A", "no layout equals (64,32):(32,1) o (4,1000):(1000,1)", "mode by mode"),
    ),
    (
        lambda t: enigma.composition(t.A, Layout(4, -1)),
        IndexError,
        *("tensor A", "4:-1", "element -3", "base_offset"),
    ),
    (
        lambda t: enigma.zipped_divide(t.A, (4, Layout((2, 2), (-1, 2)))),
        IndexError,
        *("tensor A", "(2,2):(-1,2)", "element -1"),
    ),
    (lambda t: enigma.composition(t.A, 1.5), TypeError, "tensor A", "a float (1.5)"),
    (lambda t: enigma.composition(t.A, t.A), TypeError, "tensor A", "an extent or a Layout"),
    (
        lambda t: enigma.tensor_composition(t.A, Layout((64, 32)), (64, 16)),
        ValueError,
        *("tensor A", "(64, 32)", "(64, 16)", "take one tile first"),
    ),
    (
        lambda t: enigma.tensor_composition(t.A, (64, 32), Layout((64, 32))),
        TypeError,
        *("tv is a tuple", "expected a Layout", "tensor_composition(t, tv, tiler)"),
    ),
    (
        lambda t: enigma.tensor_composition(t.A, Layout((64, 32)), Layout((64, 32))),
        TypeError,
        *("tiler is a Layout", "the shape of the tile", "tensor_composition(t, tv, tiler)"),
    ),
    (
        lambda t: enigma.tensor_composition(t.A, Layout((64, 33)), (64, 32)),
        ValueError,
        *("(64,33):(1,64)", "element 2111", "2048 elements", "make_layout_tv"),
    ),
    (lambda t: enigma.tensor_composition(t.A, Layout(4), "x"), TypeError, "a str ('x')"),
    (lambda t: enigma.tensor_composition(Layout(4), Layout(4), 4), TypeError, "expected a tensor"),
    (lambda t: enigma.coalesce(t.A, (1, 1, 1)), EnigmaError, "tensor A", "3 modes", "has 2"),
    (lambda t: enigma.get(t.A, 2), EnigmaError, "tensor A", "no mode 2", "2 modes", "from 0"),
    (lambda t: enigma.get(t.A, -1), EnigmaError, "tensor A", "no mode -1"),
    (lambda t: enigma.get(t.A, "x"), TypeError, "tensor A", "a str ('x')"),
    (lambda t: enigma.get(t.A, N), TypeError, "tensor A", "known only when the kernel runs (n)"),
    (lambda t: enigma.select(t.A, 0, 2), EnigmaError, "tensor A", "no mode 2"),
    (lambda t: enigma.select(t.A), EnigmaError, "tensor A", "at least one mode"),
    (lambda t: enigma.take(t.A, 1, 1), EnigmaError, "tensor A", "[1, 1)", "2 modes"),
    (lambda t: enigma.group_modes(t.A, 0, 3), EnigmaError, "tensor A", "[0, 3)", "2 modes"),
    (lambda t: enigma.size(t.A, mode=[2]), EnigmaError, "no mode 2", "2 modes"),
    (lambda t: t.A.size(1.5), TypeError, "a float (1.5)"),
    (lambda t: enigma.append(t.A, Layout(4)), TypeError, "append", "expected a Layout", "A.layout"),
    (lambda t: enigma.dice(t.A, (None, 0)), TypeError, "dice", "expected a Layout", "A.layout"),
    (
        lambda t: enigma.filter(t.A),
        TypeError,
        "filter",
        "expected a Layout",
        "tensor A",
        "A.layout",
    ),
    (lambda t: enigma.complement(t.A, 64), TypeError, "expected a Layout", "tensor A"),
    (lambda t: t.A[None,], TypeError, "tensor A", "(64, 32)", "1 coordinate ", "for each mode: 2"),
    (lambda t: t.A[None, 0, 0], TypeError, "tensor A", "3 coordinates", "for each mode: 2"),
    (lambda t: t.A[(None, None), 0], TypeError, "tensor A", "2 coordinates for 64", "one integer"),
    (lambda t: t.A[64, None], IndexError, "coordinate 64", "tensor A", "extent 64", "(64, 32)"),
    (lambda t: t.A[None, 32], IndexError, "coordinate 32", "tensor A", "extent 32", "from 0"),
    (lambda t: t.A[None, -1], IndexError, "coordinate -1", "tensor A", "no wrap-around"),
    (lambda t: t.A[None, 1.5], TypeError, "tensor A", "a float (1.5)", "an integer, or None"),
    (lambda t: t.A[None, True], TypeError, "tensor A", "a bool (True)"),
    (lambda t: t.A[None, "a"], TypeError, "tensor A", "a str ('a')"),
    (lambda t: t.A[None, [0, 0]], TypeError, "tensor A", "2 coordinates for 32"),
    (lambda t: t.A[:, None], TypeError, "tensor A", "a slice", "enigma.local_tile"),
    (lambda t: t.A[..., None], TypeError, "tensor A", "an ellipsis"),
    (lambda t: t.A[None, np.float32(1)], TypeError, "tensor A", "a float32"),
    (lambda t: t.A[None, t.B], TypeError, "tensor A", "tensor B"),
    (lambda t: t.A[None, 2**80], IndexError, "tensor A", "does not fit 64 bits"),
    (lambda t: t.A[None, 10**5000], IndexError, "tensor A", "very many digits", "64 bits"),
    (lambda t: enigma.make_identity_tensor((4, 0)), EnigmaError, "extent 0", "at least 1"),
    (lambda t: enigma.make_identity_tensor("x"), TypeError, "a str ('x')"),
    (lambda t: enigma.make_identity_tensor(None), EnigmaError, "None is no"),
    (
        lambda t: enigma.make_identity_tensor((4, 4)).load(),
        AttributeError,
        *("tensor of coordinates", "no `load`", "enigma.in_bounds"),
    ),
)


@VIEWS
def test_views_in_a_kernel(body, kind, parts):
    in_kernel(body, kind, parts)


@VIEWS
def test_views_on_the_host(body, kind, parts):
    on_host(body, kind, parts)


# Tensors where values belong.

MISUSES = cases(
    (lambda t: t.A + t.B, TypeError, "tensor A", "a fragment", "A.load()", "A[i, j]"),
    (lambda t: 2 * t.A, TypeError, "tensor A", "A.load()"),
    (lambda t: -t.A, TypeError, "tensor A", "A.load()"),
    (lambda t: t.A @ t.B, TypeError, "tensor A"),
    (lambda t: t.A < 1, TypeError, "tensor A", "A.load()"),
    (lambda t: t.A == 1, TypeError, "a comparison", "tensor A", "A.load()"),
    (lambda t: t.A != 1.0, TypeError, "a comparison", "tensor A"),
    (lambda t: bool(t.A), TypeError, "a truth value", "tensor A", "A.load()"),
    (lambda t: list(t.A), TypeError, "tensor A", "iterated", "enigma.range"),
    (lambda t: len(t.A), TypeError, "tensor A", "(64, 32)", "no length", "enigma.size"),
    (lambda t: N + t.A, TypeError, "tensor A"),
    (lambda t: enigma.make_identity_tensor((4, 4)) + 1, TypeError, "index it"),
)


@MISUSES
def test_misused_tensors_in_a_kernel(body, kind, parts):
    in_kernel(body, kind, parts)


@MISUSES
def test_misused_tensors_on_the_host(body, kind, parts):
    on_host(body, kind, parts)


def test_a_tensor_is_itself():
    """Tensors are keys, and equal to themselves alone."""
    given = tensors()
    assert {given.A: 1}[given.A] == 1
    assert given.A == given.A
    assert given.A != given.B
    assert given.A is not None
    assert given.A != "A"


@cases(
    (lambda t: t.A[0, 0], TypeError, "tensor A", "only be used inside a kernel"),
    (lambda t: t.A.load(), TypeError, "Tensor.load of A", "only be used inside a kernel"),
    (lambda t: t.A.store(1), TypeError, "Tensor.store into A", "only be used inside a kernel"),
    (lambda t: t.A.__setitem__((None, 0), 1), TypeError, "only be used inside a kernel"),
    (lambda t: enigma.copy(t.A, t.B), TypeError, "enigma.copy", "only be used inside a kernel"),
    (lambda t: enigma.make_tensor(t.A, Layout(4)), TypeError, "only be used inside a kernel"),
    (lambda t: enigma.make_fragment(4), TypeError, "only be used inside a kernel"),
    (lambda t: enigma.in_bounds(t.A, 4), TypeError, "only be used inside a kernel"),
    (lambda t: enigma.make_identity_tensor(4)[0], TypeError, "only be used inside a kernel"),
)
def test_accesses_on_the_host(body, kind, parts):
    on_host(body, kind, parts)


# Accesses.


def tile(tensor, shape=(4, 4)):
    """A corner of a tensor."""
    return enigma.local_tile(tensor, shape, (0, 0))


@cases(
    (lambda t: t.A[0, 0, 0], TypeError, "tensor A", "3 coordinates", "for each mode: 2"),
    (lambda t: t.A[0,], TypeError, "tensor A", "1 coordinate "),
    (lambda t: t.A[(0, 0), 0], TypeError, "tensor A", "2 coordinates for 64"),
    (lambda t: t.A[[0], 0], TypeError, "tensor A", "1 coordinate for 64", "one integer"),
    (lambda t: t.A[64, 0], IndexError, "coordinate 64", "tensor A", "extent 64"),
    (lambda t: t.A[2048], IndexError, "coordinate 2048", "tensor A", "extent 2048"),
    (lambda t: t.A[-1], IndexError, "coordinate -1", "tensor A", "no wrap-around"),
    (lambda t: t.A[t.B[0, 0], 0], TypeError, "tensor A", "a traced f32", ".to(enigma.i32)"),
    (lambda t: t.A[t.B[0, 0], None], TypeError, "tensor A", "a traced f32", ".to(enigma.i32)"),
    (lambda t: t.A[t.I[0, 0] > 0, 0], TypeError, "tensor A", "a traced b1"),
    (lambda t: t.A[tile(t.I).load(), 0], TypeError, "tensor A", "a traced i32 fragment"),
    (lambda t: t.A[t.A, 0], TypeError, "tensor A", "an integer, or None"),
    (lambda t: enigma.local_tile(t.A, (4, 4), (t.A[0, 0], 0)), TypeError, "a traced f32"),
    (lambda t: enigma.zipped_divide(t.A, (t.A[0, 0], 4)), TypeError, "tensor A", "a traced f32"),
    (lambda t: enigma.load_if(t.A, (None, 0), True), TypeError, "tensor A", "no single element"),
    (lambda t: enigma.load_if(t.A, (64, 0), True), IndexError, "coordinate 64", "tensor A"),
    (lambda t: enigma.store_if(t.C, (0, 0), 1.0, True), TypeError, "constant", "device"),
    (lambda t: t.C.__setitem__((0, 0), 1), TypeError, "tensor C", "constant", "device"),
    (lambda t: tile(t.C).store(0), TypeError, "tensor C", "constant address space", "device"),
    (lambda t: enigma.copy(tile(t.B), tile(t.C)), TypeError, "tensor C", "constant", "device"),
    (lambda t: enigma.copy(tile(t.A), tile(t.I)), TypeError, "f32", "i32", "src.load().to("),
    (lambda t: enigma.copy(tile(t.A), tile(t.H)), TypeError, "A has elements of f32", "H of f16"),
    (
        lambda t: enigma.copy(tile(t.A), tile(t.B, (4, 2))),
        ValueError,
        *("A has the shape (4, 4)", "B (4, 2)", "views of the same shape"),
    ),
    (
        lambda t: enigma.copy(tile(t.A), 3),
        TypeError,
        "dst is an int (3)",
        "a tensor",
        "make_tensor",
    ),
    (
        lambda t: enigma.copy(tile(t.A), enigma.threadgroup_alloc("float", 16)),
        TypeError,
        *("dst", "buffer", "a tensor", "enigma.make_tensor"),
    ),
    (
        lambda t: enigma.copy(
            tile(t.I), enigma.make_tensor(enigma.register_tensor(16), Layout((4, 4)))
        ),
        TypeError,
        *("i32", "f32", "src.load().to("),
    ),
    (
        lambda t: enigma.copy(tile(t.A), enigma.make_identity_tensor((4, 4))),
        TypeError,
        *("dst is tensor of coordinates", "in memory", "make_tensor"),
    ),
    (lambda t: enigma.copy(tile(t.A), tile(t.B), 4), TypeError, "tensor A", "a count", "without"),
    (
        lambda t: enigma.copy(tile(t.A), tile(t.B), mask=4),
        TypeError,
        "an int (4)",
        "expected a bool",
    ),
    (
        lambda t: enigma.copy(tile(t.A), tile(t.B), mask=tile(t.A, (4, 2)).load() > 0),
        TypeError,
        *("a fragment of shape (4, 2)", "a fragment of shape (4, 4)"),
    ),
    (
        lambda t: tile(t.A).store(tile(t.A, (4, 2)).load()),
        TypeError,
        *("Tensor.store into A", "fragment of shape (4, 2)", "expected a fragment of shape (4, 4)"),
    ),
    (
        lambda t: tile(t.A).store(enigma.make_float4(1.0)),
        TypeError,
        *("Tensor.store into A", "a traced f32x4", "expected a fragment of shape (4, 4)"),
    ),
    (
        lambda t: tile(t.H).store(tile(t.A).load()),
        TypeError,
        *("Tensor.store into H", "f32", "f16", ".to(enigma.f16)"),
    ),
    (lambda t: tile(t.I).store(tile(t.A).load()), TypeError, "f32", "i32", ".to(enigma.i32)"),
    (lambda t: tile(t.A).store(tile(t.I).load()), TypeError, "i32", "f32", ".to(enigma.f32)"),
    (lambda t: tile(t.H).store(1e10), ValueError, "10000000000.0", "f16"),
    (lambda t: tile(t.I).store(1.5), ValueError, "Tensor.store into I", "1.5", "i32"),
    (lambda t: tile(t.A).store(tile(t.B)), TypeError, "tensor B", "A.load()"),
    (lambda t: tile(t.A).store("x"), TypeError, "Tensor.store into A", "a str ('x')"),
    (lambda t: tile(t.A).store([1.0] * 16), TypeError, "Tensor.store into A", "a list"),
    (lambda t: tile(t.A).store(np.ones((4, 4))), TypeError, "Tensor.store into A", "ndarray"),
    (lambda t: tile(t.A).store(None), TypeError, "Tensor.store into A", "None"),
    (
        lambda t: tile(t.A).store(1.0, 1.5),
        TypeError,
        "mask",
        "a float (1.5)",
        "expected a bool",
        "x != 0",
    ),
    (
        lambda t: tile(t.A).load(t.A[0, 0]),
        TypeError,
        "mask",
        "a traced f32",
        "expected a bool",
        "x != 0",
    ),
    (lambda t: tile(t.A).load(tile(t.A).load()), TypeError, "mask", "fragment", "expected a bool"),
    (
        lambda t: tile(t.A).load(enigma.make_fragment(3, "b1")),
        TypeError,
        *("Tensor.load", "fragment of shape 3", "fragment of shape (4, 4)", "same shape"),
    ),
    (lambda t: tile(t.A).load("x"), TypeError, "mask is a str ('x')"),
    (
        lambda t: tile(t.A).load(default=1.0),
        EnigmaError,
        *("the default of Tensor.load must be given with a mask, not 1.0", "enigma.in_bounds"),
    ),
    (
        lambda t: tile(t.A).load(tile(t.A).load() > 0, default="x"),
        TypeError,
        *("the default of Tensor.load", "a str ('x')"),
    ),
    (
        lambda t: tile(t.A).load(tile(t.A).load() > 0, default=enigma.make_fragment(3, "float")),
        TypeError,
        *("the default of Tensor.load", "fragment of shape 3"),
    ),
    (
        lambda t: t.A.load(),
        EnigmaError,
        *("Tensor.load of A", "2048 x f32", "8192 bytes", "4096", "enigma.local_partition"),
    ),
    (lambda t: t.A.store(0), EnigmaError, "Tensor.store into A", "8192 bytes", "4096"),
    (lambda t: enigma.copy(t.A, t.A), EnigmaError, "enigma.copy", "8192 bytes", "4096"),
    (lambda t: t.A.__setitem__(None, 0.0), EnigmaError, "Tensor.store into A", "8192 bytes"),
    (lambda t: enigma.make_fragment((64, 64)), EnigmaError, "16384 bytes", "4096", "threads"),
    (
        lambda t: t.S.load(),
        TypeError,
        *("Tensor.load of S", "(n, 64)", "n is known only when the kernel runs", "local_tile"),
    ),
    (lambda t: t.S.store(1.0), TypeError, "Tensor.store into S", "(n, 64)", "local_tile"),
    (lambda t: t.S[None, 0].load(), TypeError, "Tensor.load of S", "(n,)"),
    (lambda t: enigma.copy(t.S, t.S), TypeError, "enigma.copy", "S", "(n, 64)", "local_tile"),
    (lambda t: enigma.make_fragment((t.S.shape[0], 4)), TypeError, "n in the shape (n, 4)"),
    (lambda t: enigma.make_fragment((t.I[0, 0], 4)), TypeError, "known only when the kernel runs"),
    (lambda t: enigma.threadgroup_alloc("float", N), TypeError, "size", "(n)", "Python int"),
    (lambda t: enigma.register_tensor((4, N)), TypeError, "shape", "(n)", "Python int"),
    (lambda t: enigma.make_fragment(0), EnigmaError, "extent 0", "at least 1"),
    (lambda t: enigma.make_fragment(1.5), TypeError, "a float (1.5)"),
    (lambda t: enigma.make_fragment(None), EnigmaError, "None is no"),
    (lambda t: enigma.make_fragment(4, "flaot"), TypeError, "did you mean 'float'?"),
    (lambda t: enigma.make_fragment(4, "int", 1.5), ValueError, "1.5 does not fit i32"),
    (lambda t: enigma.make_fragment(4, "int", t.A[0, 0]), TypeError, "f32", ".to(enigma.i32)"),
    (lambda t: enigma.make_fragment(4, "float", t.A), TypeError, "tensor A", "A.load()"),
    (lambda t: enigma.barrier(N), TypeError, "mem_flags", "(n)", "mem_threadgroup"),
    (lambda t: enigma.register_tensor(2**40), EnigmaError, "1099511627776 x f32", "threads"),
)
def test_accesses(body, kind, parts):
    in_kernel(body, kind, parts)


@cases(
    (
        lambda t: enigma.make_tensor(t.A, Layout(4)),
        TypeError,
        *("enigma.make_tensor", "tensor A", "a buffer", "divided and sliced as it is"),
    ),
    (lambda t: enigma.make_tensor([1, 2], Layout(4)), TypeError, "a list", "threadgroup array"),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), Layout(17)),
        IndexError,
        *("17:1", "element 16", "has 16", "make the memory larger"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), Layout(4), 13),
        IndexError,
        *("from element 13", "element 16", "has 16"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), Layout(4), -1),
        IndexError,
        *("from element -1", "element -1"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), Layout(4, -1), 2),
        IndexError,
        *("4:-1 from element 2", "element -1"),
    ),
    (
        lambda t: enigma.make_tensor(
            enigma.threadgroup_alloc("float", 3), enigma.swizzle(Layout(3), 1, 0, 1)
        ),
        IndexError,
        *("Sw<1,0,1>", "element 3", "has 3"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), (4, 4)),
        ValueError,
        *("layout must be an enigma.Layout", "(4, 4)"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), Layout(4), 1.5),
        TypeError,
        *("the offset of enigma.make_tensor", "a float (1.5)", "an integer"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.threadgroup_alloc("float", 16), Layout(4), None),
        TypeError,
        *("the offset is None", "an integer"),
    ),
    (
        lambda t: enigma.make_tensor(
            enigma.register_tensor(16), enigma.make_identity_layout((4, 4))
        ),
        ValueError,
        *("of plain strides", "make_identity_tensor"),
    ),
    (
        lambda t: enigma.make_tensor(enigma.register_tensor(64), t.W[t.I[0, 0], None].layout),
        ValueError,
        *("offset of a swizzled layout must be a number", "slice the tensor"),
    ),
    (
        lambda t: enigma.in_bounds(t.A, (64, 32)),
        TypeError,
        *("coordinates is tensor A", "identity tensor", "enigma.make_identity_tensor"),
    ),
    (
        lambda t: enigma.in_bounds(enigma.make_identity_tensor((4, 4)), (4, 4, 4)),
        ValueError,
        *("the shape (4, 4, 4)", "(4, 4)", "one extent for each coordinate"),
    ),
    (
        lambda t: enigma.in_bounds(enigma.make_identity_tensor((4, 4)), (4, None)),
        ValueError,
        *("the shape (4, None)", "one extent for each coordinate"),
    ),
    (
        lambda t: enigma.in_bounds(enigma.make_identity_tensor((4, 4)), (4, t.A[0, 0])),
        TypeError,
        *("the shape of enigma.in_bounds", "a traced f32", ".to(enigma.i32)"),
    ),
    (
        lambda t: enigma.in_bounds(enigma.make_identity_tensor(t.S.shape), t.S.shape),
        TypeError,
        *("in_bounds", "tensor of coordinates", "(n, 64)"),
    ),
    (
        lambda t: enigma.in_bounds(enigma.make_identity_tensor((100, 100)), (4, 4)),
        EnigmaError,
        *("10000 elements", "registers", "threads"),
    ),
    (
        lambda t: enigma.make_identity_tensor((4, 4)).__setitem__((0, 0), 1),
        TypeError,
        *("coordinates", "cannot be assigned"),
    ),
)
def test_making_tensors(body, kind, parts):
    in_kernel(body, kind, parts)


@cases(
    (
        lambda t: tile(t.A).load() + tile(t.A, (4, 2)).load(),
        TypeError,
        *("`+`", "fragment of shape (4, 4)", "fragment of shape (4, 2)", "same shape"),
    ),
    (lambda t: tile(t.A).load() + enigma.make_float4(1.0), TypeError, "`+`", "vector of 4 lanes"),
    (lambda t: tile(t.A).load() + t.A, TypeError, "`+`", "tensor A", "A.load()"),
    (lambda t: tile(t.A).load() & 1, TypeError, "`&`", "f32 fragment of shape (4, 4)"),
    (lambda t: tile(t.I).load() / 2, TypeError, "`/`", "`//`"),
    (
        lambda t: enigma.fma(tile(t.A).load(), 1.0, enigma.make_fragment(3)),
        TypeError,
        *("enigma.fma", "fragment of shape 3", "fragment of shape (4, 4)"),
    ),
    (
        lambda t: tile(t.A).load()[t.I[0, 0], 0],
        TypeError,
        *("a fragment", "a traced i32", "range_constexpr", "register_tensor"),
    ),
    (lambda t: tile(t.A).load()[16], IndexError, "coordinate 16", "shape (4, 4)", "from 0"),
    (lambda t: tile(t.A).load()[9, 0], IndexError, "coordinate (9, 0)", "shape (4, 4)"),
    (lambda t: tile(t.A).load()[-1, 1], IndexError, "coordinate (-1, 1)", "no wrap-around"),
    (lambda t: tile(t.A).load()[0, 0, 0], EnigmaError, "(0,0,0)", "tuple of 2"),
    (lambda t: tile(t.A).load()[1.5], TypeError, "a float (1.5)"),
    (
        lambda t: tile(t.A).load().__setitem__(0, 1),
        TypeError,
        *("fragment", "cannot be assigned", "enigma.where", "register_tensor"),
    ),
    (lambda t: tile(t.A).load().reduce("sum"), ValueError, "add, mul, min, max", "'sum'"),
    (lambda t: tile(t.A).load().reduce(["add"]), ValueError, "add, mul, min, max"),
    (lambda t: (tile(t.A).load() > 0).reduce("add"), TypeError, "b1", ".to(enigma.i32)"),
    (lambda t: bool(tile(t.A).load()), TypeError, "truth value", "fragment of shape (4, 4)"),
    (lambda t: Layout((tile(t.I).load(), 4)), TypeError, "a leaf", "fragment", "an integer"),
    (lambda t: Layout((t.A[0, 0], 4)), TypeError, "a leaf", "a traced f32", ".to(enigma.i32)"),
    (lambda t: Layout((t.A[0, 0] > 0, 4)), TypeError, "a leaf", "a traced b1"),
    (lambda t: t.A.layout(t.A[0, 0], 0), TypeError, "a traced f32", ".to(enigma.i32)"),
    (
        lambda t: enigma.composition(t.A, Layout(t.I[0, 0])),
        EnigmaError,
        *("tensor A", "needs static leaves", "mode 0 (?:1)", "enigma.dyn(name, div=...)"),
    ),
    (
        lambda t: enigma.local_partition(t.A, Layout((t.I[0, 0], 4)), 0),
        EnigmaError,
        *("tensor A", "needs static extents", "Python ints"),
    ),
)
def test_fragments_and_traced_layouts(body, kind, parts):
    in_kernel(body, kind, parts)


# Layouts and symbolic sizes on the host.


@cases(
    (lambda t: Layout((4, 4), (1,)), EnigmaError, "(4,4)", "(1)", "not congruent", "one stride"),
    (lambda t: Layout((4, 4), (1, (2, 3))), EnigmaError, "not congruent"),
    (lambda t: Layout((4, 0)), EnigmaError, "extent 0", "leaf 1", "at least 1"),
    (lambda t: Layout((-4, 4)), EnigmaError, "extent -4", "leaf 0", "at least 1"),
    (lambda t: Layout(()), EnigmaError, "at least one mode"),
    (lambda t: Layout((4.0, 4)), TypeError, "shape", "an integer", "a float (4.0)"),
    (lambda t: Layout((True, 4)), TypeError, "shape", "a bool (True)"),
    (lambda t: Layout("44"), TypeError, "shape", "a str ('44')"),
    (lambda t: Layout(None), EnigmaError, "None is no", "enigma.dyn"),
    (lambda t: Layout(4, 1.5), TypeError, "stride", "a float (1.5)"),
    (lambda t: Layout(2**70), EnigmaError, "shape", "1180591620717411303424", "64 bits", "2^62"),
    (lambda t: Layout(4, 2**62), EnigmaError, "spans more than 2^62"),
    (lambda t: Layout((2**31, 2**31, 2**31)), EnigmaError, "spans more than 2^62"),
    (lambda t: Layout(4)(1, 2), EnigmaError, "(1,2)", "one coordinate for each mode"),
    (lambda t: Layout((4, 4))((None, 0)), EnigmaError, "no single element"),
    (lambda t: Layout(4)["x"], TypeError, "mode", "a str ('x')"),
    (lambda t: Layout((N, 4)).evaluate({}), EnigmaError, "no value for n", "a number for each"),
    (lambda t: Layout((N, 4)).evaluate({"n": 1.5}), TypeError, "a float (1.5)"),
    (lambda t: enigma.make_layout_tv(Layout(4, 2), Layout(4)), EnigmaError, "without gaps"),
    (lambda t: enigma.make_layout_tv(4, 4), TypeError, "expected a Layout", "an int (4)"),
    (lambda t: enigma.complement(Layout((4, 2), (1, 1)), 16), EnigmaError, "not injective"),
    (lambda t: enigma.Swizzle("x", 0, 1), TypeError, "Swizzle: bits", "a str ('x')"),
    (lambda t: enigma.SwizzledLayout(1, 2, 3), TypeError, "expected a Swizzle", "an int (1)"),
    (lambda t: enigma.get((1, 2), "x"), TypeError, "get", "expected an int"),
    (lambda t: enigma.take((1, 2), None, 1), TypeError, "take", "expected an int"),
    (lambda t: dyn("n", div=0), EnigmaError, "a divisor is positive, not 0", "at least 1"),
    (lambda t: dyn("n", div=1.5), TypeError, "div", "a float (1.5)"),
    (lambda t: dyn("a b"), ValueError, "an identifier", "'a b'", "names a parameter"),
    (lambda t: dyn(3), ValueError, "an identifier", "not 3"),
    (lambda t: bool(N), TypeError, "a truth value", "n is known only when the kernel runs", "!= 0"),
    (lambda t: range(N), TypeError, "range()", "n is known only", "enigma.range"),
    (lambda t: int(N), TypeError, "int()", "n is known only"),
    (lambda t: float(N), TypeError, "float()", "n is known only"),
    (lambda t: [1, 2][N], TypeError, "n is known only when the kernel runs"),
    (lambda t: N == 3, TypeError, "n == 3", "only when the kernel runs", "in a kernel"),
    (lambda t: N != 3, TypeError, "n != 3", "only when the kernel runs"),
    (lambda t: N < 3, TypeError, "n < 3", "only when the kernel runs"),
    (lambda t: 3 < N, TypeError, "n > 3", "only when the kernel runs"),  # noqa: SIM300
    (lambda t: max(N, M), TypeError, "only when the kernel runs"),
    (lambda t: N / 2, TypeError, "`/`", "(n)", "`//` rounds down"),
    (lambda t: N * 1.5, TypeError, "`*` of n", "a float (1.5)", "an integer"),
    (lambda t: 1.5 * N, TypeError, "`*` of n", "the left operand", "a float (1.5)"),
    (lambda t: N + "a", TypeError, "`+` of n", "a str ('a')"),
    (lambda t: N + np.ones(2), TypeError, "+: expected", "ndarray"),
    (lambda t: N // 0, EnigmaError, "a divisor is positive, not 0"),
    (lambda t: N & 3, TypeError, "`&`", "(n)", "+ - * // %"),
    (lambda t: N.to("float"), TypeError, "conversion of n", "only be used inside a kernel"),
    (
        lambda t: enigma.Tensor("A", 0, "float", (4, 4)),
        ValueError,
        *("layout must be an enigma.Layout", "(4, 4)"),
    ),
    (lambda t: enigma.Tensor("A", 0, "float"), ValueError, "layout must be given, or shape"),
    (lambda t: enigma.Tensor("A", 0, "flaot", Layout(4)), TypeError, "did you mean 'float'?"),
    (lambda t: enigma.Tensor("A", 0, int, Layout(4)), TypeError, "did you mean enigma.i32?"),
    (lambda t: enigma.Tensor("A", 0, "float", Layout(4), 1.5), ValueError, "base_offset", "1.5"),
    (
        lambda t: enigma.Tensor("A", 0, "float", Layout(4), -1),
        IndexError,
        *("tensor A", "from element -1", "element -1", "base_offset"),
    ),
    (
        lambda t: enigma.Tensor("A", 0, "float", Layout((4, 4), (-4, 1))),
        IndexError,
        *("tensor A", "(4,4):(-4,1)", "element -12", "base_offset"),
    ),
    (lambda t: enigma.Tensor("A", 31, "float", Layout(4)), ValueError, "from 0 to 30", "not 31"),
    (lambda t: enigma.Tensor("a b", 0, "float", Layout(4)), ValueError, "an identifier", "'a b'"),
    (
        lambda t: enigma.Tensor("A", 0, "float", Layout(4), address_space="shared"),
        ValueError,
        *("address_space", "'device' or 'constant'", "'shared'"),
    ),
    (
        lambda t: enigma.Tensor("A", 0, "float", Layout(4), shape=5),
        ValueError,
        *("shape must be that of the layout (4)", "not 5"),
    ),
    (
        lambda t: enigma.Tensor("A", 0, "float", enigma.make_identity_layout((4, 4))),
        ValueError,
        *("of plain strides", "make_identity_tensor"),
    ),
    (
        lambda t: enigma.Tensor(
            "A", 0, "float", enigma.SwizzledLayout(enigma.Swizzle(2, 0, 3), N, Layout((8, 8)))
        ),
        ValueError,
        *("offset of a swizzled layout must be a number", "slice the tensor"),
    ),
)
def test_layouts_and_sizes(body, kind, parts):
    on_host(body, kind, parts)


def test_symbols_are_equal_to_themselves():
    """On the host, expressions are compared as such; f-strings show them."""
    assert dyn("n", div=4) == N
    assert N != M
    assert N + M == N + M
    assert {N: 1}[dyn("n", div=4)] == 1
    assert N not in (None, "n")
    assert f"{N // 4}" == "(n//4)"


@cases(
    (lambda t: bool(t.S.shape[0]), TypeError, "a truth value", "n is known only", "n != 0"),
    (lambda t: range(t.S.shape[0]), TypeError, "range()", "enigma.range"),
    (lambda t: int(t.S.shape[0]), TypeError, "int()", "traced integer"),
    (lambda t: t.S.shape[0] / 2, TypeError, "`/`", "`//`"),
    (lambda t: t.S.shape[0] * 1.5, ValueError, "`*`", "1.5 does not fit u32"),
    (lambda t: t.S.shape[0] + "a", TypeError, "`+`", "a str ('a')"),
    (lambda t: t.S.shape[0] in (1, 2), TypeError, "truth value"),
    (lambda t: t.A[dyn("k"), 0], EnigmaError, "integer k is no parameter", "layout of a tensor"),
    (lambda t: t.A[None, dyn("k")].load(), EnigmaError, "integer k is no parameter"),
    (lambda t: dyn("k") < 3, EnigmaError, "integer k is no parameter"),
    (lambda t: t.A[dyn(None), 0], EnigmaError, "anonymous", "give it a name"),
    (
        lambda t: enigma.Tensor("Z", 7, "float", Layout(4)).load(),
        TypeError,
        *("tensor Z", "pass the tensor to enigma.compile"),
    ),
)
def test_symbols_in_a_kernel(body, kind, parts):
    in_kernel(body, kind, parts)


def test_a_size_is_a_traced_integer():
    """Operators that the algebra does not have, and comparisons, are traced."""

    def body(t):
        n = t.S.shape[0]
        t.I[0, 0] = ((n & 3) + (n << 1)).to(enigma.i32)
        t.I[0, 1] = (n == 3).to(enigma.i32)
        t.B[0, 0] = n.to(enigma.f32) * 1.5

    source = compile_body(body).metal_source
    for part in ("n & 3", "n << 1", "n == 3", "float(n) * 1.5"):
        assert part in source, source


def test_what_only_the_host_knows_of_sizes():
    """Where the kernel cannot see that modes follow each other, it must not count them as one."""
    given = SimpleNamespace(A=enigma.Tensor("A", 0, "float", Layout((N, M), (M, 1))))

    def body(t):
        _ = enigma.coalesce(enigma.tiled_divide(t.A, (8,)))

    error = error_of(compile_body, body, given)
    check_lines(error, body, TypeError, "tensor A", "coalesce gives", "(8,?,?)", "as numbers")


# Symbols as parameters of the kernel.


def one(layout, **options):
    """Compile a kernel of one tensor that does nothing."""
    given = SimpleNamespace(A=enigma.Tensor("A", 0, "float", layout))
    return compile_body(lambda t, *extra: None, given, **options)


def compiling(*parts, kind=EnigmaError, **options):
    """The call of `enigma.compile` fails as expected."""

    def checked(function):
        error = error_of(function)
        check(error, kind, 1, 10000, *parts)

    return checked


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: one(Layout((dyn(None), 4))), ("named integer", "dyn(None)", "parameter")),
        (lambda: one(Layout(4), extra=(Layout((dyn(None), 4)),)), ("named integer", "dyn(None)")),
        (lambda: one(Layout((dyn("A"), 4))), ("an identifier that no tensor has", "'A'")),
        (
            lambda: one(Layout((dyn("k", 4), dyn("k", 8)))),
            ("divisor", "k", "4 elsewhere", "not 8", "make it once"),
        ),
        (lambda: one(Layout(4), grid=(dyn(None), 1, 1)), ("grid=", "no name", 'enigma.dyn("n")')),
        (lambda: one(Layout((N, 4)), block=N), ("block=", "n is known only when", "Python ints")),
        (lambda: one(Layout(4), grid=0), ("grid=0", "from 1 to")),
        (lambda: one(Layout(4), grid=1.5), ("grid=1.5", "no int")),
        (lambda: one(Layout(4), block=(33, 32, 1)), ("1056 threads", "at most 1024")),
    ],
    ids=lambda x: f"line{x.__code__.co_firstlineno}" if callable(x) else "",
)
def test_symbols_as_parameters(make, parts):
    compiling(*parts)(make)


def test_too_many_parameters():
    given = SimpleNamespace(
        **{f"T{i}": enigma.Tensor(f"T{i}", i, "float", Layout(4)) for i in range(30)}
    )
    error = error_of(compile_body, lambda t, extra: None, given, extra=(Layout((N, M)),))
    check(error, EnigmaError, 1, 10000, "30 tensors and 2 symbolic integers", "31 places")


def test_two_tensors_of_one_place_or_name():
    layout = Layout(4)
    given = SimpleNamespace(
        A=enigma.Tensor("A", 0, "float", layout), B=enigma.Tensor("B", 0, "float", layout)
    )
    error = error_of(compile_body, lambda t: None, given)
    check(error, TypeError, 1, 10000, "same buffer_index 0", "'A'", "'B'", "number the tensors")
    given = SimpleNamespace(
        A=enigma.Tensor("A", 0, "float", layout), B=enigma.Tensor("A", 1, "float", layout)
    )
    error = error_of(compile_body, lambda t: None, given)
    check(error, TypeError, 1, 10000, "two tensors have the name 'A'", "0 and 1")


def test_a_view_as_an_argument_stands_for_its_tensor():
    A = enigma.Tensor("A", 0, "float", Layout((8, 8)))
    given = SimpleNamespace(A=A, V=enigma.zipped_divide(A, (4, 4)))

    @enigma.kernel
    def kernel(A, V):
        V[(None, None), (0, 0)].store(A[0, 0])

    @enigma.jit
    def run(A, V):
        kernel(A, V).launch(grid=1, block=1)

    assert enigma.compile(run, given.A, given.V).param_names == ("A",)


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ({}, ("n is not given", "launch_grid(n=...)")),
        ({"n": 8}, ("m is not given", "launch_grid(m=...)")),
        ({"n": 8, "m": 2, "k": 1}, ("no symbolic integer k", "n, m")),
        ({"n": 0, "m": 2}, ("n=0", "from 1 to 2**31 - 1")),
        ({"n": -8, "m": 2}, ("n=-8", "from 1 to 2**31 - 1")),
        ({"n": 2**31, "m": 2}, ("n=2147483648", "from 1 to 2**31 - 1")),
        ({"n": 6, "m": 2}, ("n=6", "no multiple of 4", "div=4")),
        ({"n": 8.0, "m": 2}, ("n=8.0", "no int")),
        ({"n": True, "m": 2}, ("n=True", "no int")),
        ({"n": "8", "m": 2}, ("n='8'", "no int")),
        ({"n": 8, "m": 1}, ("empty", "m=1", "(n//4)")),
    ],
    ids=str,
)
def test_sizes_of_a_launch(sizes, parts):
    compiled = one(Layout((N, M)), grid=(N // 4, M - 1, 1))
    assert compiled.launch_grid(n=8, m=3) == (2, 2, 1)
    assert compiled.launch_grid(n=np.int64(8), m=3) == (2, 2, 1)
    error = error_of(compiled.launch_grid, **sizes)
    check(error, ValueError, 1, 10000, *parts)


def test_no_grid_of_its_own():
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = 0

    error = error_of(enigma.compile(kernel).launch_grid, n=3)
    check(error, ValueError, 1, 10000, "no grid of its own", "jit function")


# Control flow.


def flow_error(kernel):
    """Compile a kernel of the tensors A, B, I and S, and return the error."""
    t = tensors()

    @enigma.jit
    def run(A, B, I, S):  # noqa: E741
        kernel(A, B, I, S).launch(grid=1, block=32)

    return error_of(enigma.compile, run, t.A, t.B, t.I, t.S)


def test_different_tensors_in_two_branches():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if I[0, 0] > 0:  # noqa: SIM108
            x = A[0, None]
        else:
            x = B[0, None]
        x.store(1.0)

    parts = ("'x'", "tensor A of layout (32):(1)", "tensor B of layout (8):(1)", "coordinate")
    check_lines(flow_error(kernel), kernel, EnigmaError, *parts)


def test_different_layouts_in_two_branches():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if I[0, 0] > 0:  # noqa: SIM108
            x = Layout(4)
        else:
            x = Layout(8)
        B[x(1), 0] = 1.0

    parts = ("'x'", "Layout (4:1)", "Layout (8:1)", "coordinate")
    check_lines(flow_error(kernel), kernel, EnigmaError, *parts)


def test_equal_layouts_in_two_branches():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if I[0, 0] > 0:  # noqa: SIM108
            x = Layout(4, 2)
        else:
            x = Layout(4, 2)
        B[x(1), 0] = 1.0

    t = tensors()

    @enigma.jit
    def run(A, B, I, S):  # noqa: E741
        kernel(A, B, I, S).launch(grid=1, block=32)

    assert "B[16] = 1.0f" in enigma.compile(run, t.A, t.B, t.I, t.S).metal_source


def test_different_fragments_in_two_branches():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if I[0, 0] > 0:  # noqa: SIM108
            x = enigma.make_fragment(4)
        else:
            x = enigma.make_fragment(8)
        B[0, 0] = x[0]

    parts = ("'x'", "fragment of shape 4", "fragment of shape 8", "one type on every path")
    check_lines(flow_error(kernel), kernel, EnigmaError, *parts)


def test_tensors_as_alternatives():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        x = A if I[0, 0] > 0 else B
        x[0, 0] = 1.0

    parts = ("tensor A", "tensor B", "has to be known while the kernel is compiled")
    check_lines(flow_error(kernel), kernel, TypeError, *parts)


def test_a_view_of_a_branch_afterwards():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if I[0, 0] > 0:
            x = A[0, None]
        x.store(1.0)

    parts = ("'x'", "not assigned", "before the branch")
    check_lines(flow_error(kernel), kernel, EnigmaError, *parts)


def test_a_view_hidden_in_a_list():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        kept = []
        for i in enigma.range(4):
            kept.append(A[i, None])
        kept[0].store(1.0)

    parts = ("kept cannot be changed", "0 parts before the loop", "1 after its body")
    check_lines(flow_error(kernel), kernel, EnigmaError, *parts)


def test_a_view_that_a_loop_changes():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        x = A[0, None]
        for i in enigma.range(4):
            x = A[i, None]
        x.store(1.0)

    parts = ("'x'", "tensor A of layout (32):(1)", "carry a coordinate")
    check_lines(flow_error(kernel), kernel, TypeError, *parts)


def test_a_fragment_that_changes_its_shape_in_a_loop():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        x = enigma.make_fragment(4)
        for _ in enigma.range(4):
            x = enigma.make_fragment(8)
        B[0, 0] = x[0]

    parts = ("'x'", "fragment of shape 4 before", "fragment of shape 8 after", "one shape")
    check_lines(flow_error(kernel), kernel, TypeError, *parts)


def test_a_layout_that_a_loop_changes():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        x = Layout(4)
        for _ in enigma.range(4):
            x = Layout((enigma.size(x), 2))
        B[x(1), 0] = 1.0

    parts = ("'x'", "Layout (4:1)", "Layout ((4,2):(1,4))", "carry a coordinate")
    check_lines(flow_error(kernel), kernel, TypeError, *parts)


def test_a_fragment_as_a_condition():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if A[0, None].load() > 0:
            B[0, 0] = 1.0

    check_lines(flow_error(kernel), kernel, TypeError, "must be a scalar", "fragment", "reduce")


def test_a_tensor_as_a_condition():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if A:
            B[0, 0] = 1.0

    check_lines(flow_error(kernel), kernel, TypeError, "a truth value", "tensor A", "A.load()")


def test_a_size_as_a_condition():
    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        if S.shape[0]:
            B[0, 0] = 1.0

    check_lines(flow_error(kernel), kernel, TypeError, "a truth value", "n != 0")


def test_sizes_are_carried():
    """A size that a loop or a branch changes is a traced integer from there on."""

    @enigma.kernel
    def kernel(A, B, I, S):  # noqa: E741
        stride = S.shape[0] // 4
        while stride > 1:
            stride = stride // 2
        which = S.shape[0]
        if I[0, 0] > 0:
            which = which + 1
        B[stride, 0] = 1.0
        B[which, 0] = 2.0

    t = tensors()

    @enigma.jit
    def run(A, B, I, S):  # noqa: E741
        kernel(A, B, I, S).launch(grid=1, block=32)

    source = enigma.compile(run, t.A, t.B, t.I, t.S).metal_source
    assert "int stride = n / 4;" in source
    assert "while (stride > 1)" in source


# Between kernels.


def test_a_traced_layout_of_another_kernel():
    """Its leaves stand for values of the kernel that it was made in, and for no others."""
    kept = []

    def first(t):
        kept.append(Layout((t.I[0, 0], 4), (4, 1)))

    def second(t):
        _ = t.I[0, 1] + 1
        own = Layout((t.I[0, 0], 4), (4, 1))
        t.B[own(1, 1), 0] = 1.0
        t.B[kept[0](1, 1), 0] = 1.0
        t.B[kept[0].shape[0], 0] = 1.0

    compile_body(first)
    error = error_of(compile_body, second)
    check_lines(error, second, EnigmaError, "in another kernel", "used outside", "anew")


def test_layouts_as_arguments():
    @enigma.kernel
    def kernel(A, first, *, second):
        A[first(1), second(1)] = 1.0

    @enigma.jit
    def run(A, first, second):
        kernel(A, first, second=second).launch(grid=1, block=1)

    A = tensors().A
    source = enigma.compile(run, A, Layout(4, 2), Layout(4, 3)).metal_source
    assert "A[67] = 1.0f" in source

    @enigma.jit
    def wrong(A, first, second):
        kernel(A, first, second).launch(grid=1, block=1)

    error = error_of(enigma.compile, wrong, A, Layout(4), Layout(4))
    check(error, TypeError, 1, 10000, "kernel kernel", "positional argument")


def test_tensors_in_containers():
    """Tensors, and the symbols of their layouts, are found in lists, tuples and dicts."""

    @enigma.kernel
    def kernel(given):
        given["views"][0][0, None].store(given["S"][0, 0])

    @enigma.jit
    def run(given):
        kernel(given).launch(grid=1, block=1)

    t = tensors()
    compiled = enigma.compile(run, {"S": t.S, "views": [t.B]})
    assert compiled.param_names == ("B", "S", "n")


@pytest.mark.parametrize(
    "call",
    [
        lambda t: enigma.local_tile(t.A, (4, 4)),
        lambda t: enigma.tensor_zipped_divide(t.A),
        lambda t: enigma.tensor_composition(t.A, Layout(4)),
        lambda t: enigma.copy(t.A),
        lambda t: t.A.store(),
        lambda t: t.A.load(None, None, None),
    ],
)
def test_wrong_arity(call):
    """At the line of the user."""
    with pytest.raises(TypeError, match=r"missing|takes from|not given") as caught:
        compile_body(call)
    assert caught.value.location.filename == HERE


def test_refused_accesses_leave_no_trace():
    """A kernel that catches an error goes on with what it had."""

    def body(t):
        with enigma.for_range(0, 4) as i:
            kept = t.A[i, 0]
        with pytest.raises(EnigmaError, match="used outside"):
            enigma.store_if(t.B, (0, 0), kept, t.I[0, 0] > 0)
        t.B[0, 0] = 1.0

    source = compile_body(body).metal_source
    assert source.count("B[") == 1
    assert "if" not in source


FOUR = Layout((4, (2, 2)))
# What is done with a tensor of that layout and its buffer, given tuples without end.
TREE_USES = {
    "getitem": lambda a, tree, buffer: a[tree],
    "setitem": lambda a, tree, buffer: a.__setitem__(tree, 1.0),
    "element": lambda a, tree, buffer: a.element(tree),
    "buffer": lambda a, tree, buffer: buffer[tree],
    "load_if": lambda a, tree, buffer: enigma.load_if(a, tree, True),
    "logical_divide": lambda a, tree, buffer: enigma.logical_divide(a, tree),
    "zipped_divide": lambda a, tree, buffer: enigma.zipped_divide(a, tree),
    "tiled_divide": lambda a, tree, buffer: enigma.tiled_divide(a, tree),
    "flat_divide": lambda a, tree, buffer: enigma.flat_divide(a, tree),
    "composition": lambda a, tree, buffer: enigma.composition(a, tree),
    "slice": lambda a, tree, buffer: enigma.slice(a, tree),
    "coalesce": lambda a, tree, buffer: enigma.coalesce(a, tree),
    "get": lambda a, tree, buffer: enigma.get(a, tree),
    "select": lambda a, tree, buffer: enigma.select(a, tree),
    "take": lambda a, tree, buffer: enigma.take(a, 0, tree),
    "group_modes": lambda a, tree, buffer: enigma.group_modes(a, 0, tree),
    "local_tile": lambda a, tree, buffer: enigma.local_tile(a, tree, (0, 0)),
    "local_tile at": lambda a, tree, buffer: enigma.local_tile(a, (2, 2), tree),
    "local_partition": lambda a, tree, buffer: enigma.local_partition(a, tree, 0),
    "partition of": lambda a, tree, buffer: enigma.local_partition(a, Layout((2, 2)), tree),
    "composition of a tile": lambda a, tree, buffer: enigma.tensor_composition(a, FOUR, tree),
    "composition by": lambda a, tree, buffer: enigma.tensor_composition(a, tree, (4, 4)),
    "make_tensor": lambda a, tree, buffer: enigma.make_tensor(buffer, tree),
    "make_tensor at": lambda a, tree, buffer: enigma.make_tensor(buffer, FOUR, tree),
    "make_identity_tensor": lambda a, tree, buffer: enigma.make_identity_tensor(tree),
    "coordinate": lambda a, tree, buffer: enigma.make_identity_tensor((4, 4))[tree],
    "in_bounds": lambda a, tree, buffer: enigma.in_bounds(
        enigma.make_identity_tensor((4, 4)), tree
    ),
    "make_fragment": lambda a, tree, buffer: enigma.make_fragment(tree),
    "fragment": lambda a, tree, buffer: a.load()[tree],
    "mask": lambda a, tree, buffer: a.load(mask=tree),
    "store": lambda a, tree, buffer: a.store(tree),
    "copy": lambda a, tree, buffer: enigma.copy(a, a, mask=tree),
    "register_tensor": lambda a, tree, buffer: enigma.register_tensor(tree, enigma.f32),
    "Tensor": lambda a, tree, buffer: enigma.Tensor("x", 0, "float", shape=tree),
    "Tensor of a layout": lambda a, tree, buffer: enigma.Tensor("x", 0, "float", tree),
}


@pytest.mark.parametrize("name", TREE_USES)
def test_trees_without_end_are_refused(name):
    for tree in ENDLESS:

        @enigma.kernel
        def kernel(buffer: enigma.f32):
            TREE_USES[name](enigma.make_tensor(buffer, FOUR), tree, buffer)  # noqa: B023

        error = error_of(enigma.compile, kernel, emit_only=True)
        assert error.help or "; expected " in str(error)


PRODUCTS = """
import sys
import enigma
for name in sys.argv[1:]:
    enigma.dyn(name) * 2
x, y = enigma.dyn("x"), enigma.dyn("y")
print(enigma.Layout((x, y, 3)).stride, enigma.size(enigma.Layout((y, x))))
"""


def test_expressions_do_not_depend_on_what_ran_before():
    results = {
        subprocess.run(
            [sys.executable, "-c", PRODUCTS, *names],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ,
        ).stdout
        for names in (["x", "y"], ["y", "x"], [])
    }
    assert len(results) == 1, results


@pytest.mark.needs_positions
@pytest.mark.parametrize("extent", [64, enigma.dyn("n")])
@pytest.mark.parametrize("extents", ["shape", "stride"])
def test_a_subscript_of_the_shape_of_one_mode(extent, extents):
    @enigma.kernel
    def of_shape(A):
        if enigma.thread_position_in_grid.x < A.shape[0]:
            A[0] = 1.0

    @enigma.kernel
    def of_stride(A):
        A[0] = enigma.f32(A.stride[0])

    @enigma.jit
    def launch(A):
        (of_shape if extents == "shape" else of_stride)(A).launch(grid=1, block=32)

    tensor = enigma.Tensor("A", 0, "float", enigma.Layout(extent, enigma.dyn("s")))
    with pytest.raises(enigma.EnigmaError, match=f"\\.{extents} of what has one mode") as caught:
        enigma.compile(launch, tensor, emit_only=True)
    assert caught.value.location.filename == __file__
    assert "enigma.Layout((n,))" in caught.value.help


JIT_MISTAKES = cases(
    (lambda t: t.V.shape[0], EnigmaError, ".shape of what has one mode", "enigma.Layout((n,))"),
    (lambda t: t.V.stride[0], EnigmaError, ".stride of what has one mode"),
    (lambda t: t.A.launch(1), EnigmaError, "a tensor has no attribute 'launch'", ".layout"),
    (lambda t: enigma.local_tile(t.A), EnigmaError, "enigma.local_tile", "'tiler' and 'coord'"),
)


@pytest.mark.needs_positions
@JIT_MISTAKES
def test_mistakes_in_a_jit_function(body, kind, parts):
    @enigma.jit
    def run(*given):
        body(SimpleNamespace(**{tensor.name: tensor for tensor in given}))

    given = tensors()
    given.V = enigma.Tensor("V", 9, "float", Layout(8))
    check_lines(error_of(enigma.compile, run, *vars(given).values()), body, kind, *parts)


def test_other_errors_of_a_jit_function_pass():
    @enigma.jit
    def run(A):
        raise KeyError(A.name)

    with pytest.raises(KeyError, match="A"):
        enigma.compile(run, enigma.Tensor("A", 0, "float", Layout(4)))


def load_far(B, tensor, far):
    B[0] = tensor[far]


def store_far(B, tensor, far):
    tensor[far] = 1.0


def slice_far(B, tensor, far):
    B[0] = tensor[(*far[:-1], None)][0]


def offset_far(B, tensor, far):
    B[0] = enigma.domain_offset(far, tensor)[0]


@pytest.mark.parametrize("use", [load_far, store_far, slice_far, offset_far])
def test_thousands_of_coordinates(use):
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        ones = (1,) * 5000
        tensor = enigma.make_tensor(A, enigma.Layout(ones, tuple(range(1, 5001))))
        use(B, tensor, (enigma.thread_position_in_grid.x,) * 5000)

    with pytest.raises(enigma.EnigmaError, match="in thousands of steps") as caught:
        enigma.compile(kernel)
    assert caught.value.location.source_line in inspect.getsource(use)
    assert caught.value.help
