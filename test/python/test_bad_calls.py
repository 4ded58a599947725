# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every function that a kernel may call, given what does not fit: in the place of each argument.

A call is made while a kernel is traced, by plain Python that catches what it raises. It is either
valid, and then the kernel compiles with it, or an error of Enigma that names the function, the line
and a remedy.
"""

from __future__ import annotations

import inspect
import linecache
import re

import numpy as np
import pytest

import enigma
from enigma._features import FEATURES

HERE = __file__
LANES = 3


class Given:
    """What a kernel has at hand, by name."""

    def __init__(self, buffers):
        self.buffers = buffers
        i = self.i = enigma.thread_position_in_grid()
        self.values = {name: buffer[i] for name, buffer in buffers.items()}
        self.f32 = self.values["f32"]
        self.u32 = self.values["u32"]
        self.vector = enigma.make_vec(*[self.f32] * LANES)

    def wrong(self):
        """Objects of every kind, each of which is wrong for most arguments."""
        yield from {
            "a string": "text",
            "bytes": b"text",
            "None": None,
            "a list": [1.0, 2.0],
            "an empty list": [],
            "a tuple": (1, 2),
            "a dict": {"x": 1},
            "a set": {1},
            "an array": np.zeros(3),
            "a complex number": 1j,
            "an object": object(),
            "a type": int,
            "a function": len,
            "a module": np,
            "a dtype": enigma.f16,
            "a class of dtypes": enigma.Float32,
            "a layout": enigma.Layout((4, 2)),
            "a tensor": enigma.Tensor("T", 9, "float", enigma.Layout(8)),
            "a query": enigma.thread_position_in_grid,
            "NaN": float("nan"),
            "infinity": float("inf"),
            "a large number": 10**30,
            "a negative number": -1,
            "a fraction": 0.5,
            "a bool": True,
            "nothing": ...,
            "NumPy's number": np.float64(1.5),
            "a buffer": self.buffers["f32"],
            "registers": enigma.register_tensor(4),
            "a matrix": enigma.make_filled_simdgroup_matrix(1.0),
            "a comparison": self.f32 > 0,
            "vectors of bools": self.vector > 0,
            "a short vector": enigma.make_vec(self.f32, self.f32),
            "a long vector": enigma.make_vec(*[self.u32] * 4),
            **{f"a traced {name}": value for name, value in self.values.items()},
        }.items()


# What each parameter is given where another one is looked at.
FITTING = {
    "buf": lambda g: g.buffers["u32"],
    "index": lambda g: g.i,
    "order": lambda g: "relaxed",
    "dtype": lambda g: enigma.i32,
    "condition": lambda g: g.f32 > 0,
    "lane": lambda g: 1,
    "delta": lambda g: 1,
    "mask": lambda g: 1,
    "modulo": lambda g: 4,
    "offset": lambda g: 0,
    "count": lambda g: 4,
    "eta": lambda g: 0.5,
}
BOOLS = ("simd_ballot", "simd_all", "simd_any", "quad_ballot", "quad_all", "quad_any")


def fitting(feature, name, given):
    """An argument that the function takes."""
    if feature.name in BOOLS:
        return given.f32 > 0
    if feature.name in ("vec_extract", "vec_insert") and name == "vector":
        return given.vector
    if name in FITTING:
        return FITTING[name](given)
    if feature.name.startswith("unpack_") or feature.name.startswith("dequantize"):
        return given.values["i8" if "int" in feature.name else "u32"] if name == "x" else 1
    if feature.name.startswith(("pack_float", "pack_half")):
        x = given.values["f16" if "half" in feature.name else "f32"]
        return enigma.make_vec(*[x] * (2 if "2x16" in feature.name else 4))
    if feature.family == "packing":
        return given.values["u8"]
    if feature.family == "geometry":
        return given.vector
    if feature.family == "atomic" or "f32" not in feature.dtypes:
        return given.u32
    return given.f32


def arguments(feature, given):
    """The names of the parameters, with arguments that fit."""
    parameters = inspect.signature(getattr(enigma, feature.name)).parameters.values()
    return {
        p.name: fitting(feature, p.name, given)
        for p in parameters
        if p.kind is not p.VAR_POSITIONAL and p.kind is not p.VAR_KEYWORD
    }


# What messages name for another reason: the query that was given, and who knows of tensors.
ABOUT = ("thread_position_in_grid", "compile")


def check(name, call, what):
    """Make a call; give what is wrong with how it fails, None where nothing is."""
    try:
        call()
    except enigma.EnigmaError as error:
        text = str(error)
        if error.location is None or error.location.filename != HERE:
            return f"{what}: no line of this file in {text}"
        if not error.help:
            return f"{what}: no remedy in {text}"
        named = re.findall(r"enigma\.(\w+)", error.summary)
        wrong = [n for n in named if n in enigma.__all__ and n not in ABOUT and not is_type(n)]
        if wrong and name not in named:
            return f"{what}: names {wrong} in {text}"
        return None
    except Exception as error:
        return f"{what}: {type(error).__name__}: {error}"
    return None


def is_type(name):
    """Whether a name of the package is a dtype or a class, and no function."""
    return isinstance(getattr(enigma, name), (type, enigma.DType))


DTYPES = ("f32", "f16", "bf16", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "b1")


def faults(probe, given):
    return [fault for fault in probe(given) if fault]


def faults_of(probe):
    """What `probe` says that is wrong, in a kernel that has buffers of all dtypes."""
    found = []

    @enigma.kernel
    def kernel(
        f32: enigma.f32,
        f16: enigma.f16,
        bf16: enigma.bf16,
        i8: enigma.i8,
        u8: enigma.u8,
        i16: enigma.i16,
        u16: enigma.u16,
        i32: enigma.i32,
        u32: enigma.u32,
        i64: enigma.i64,
        u64: enigma.u64,
        b1: enigma.b1,
    ):
        buffers = (f32, f16, bf16, i8, u8, i16, u16, i32, u32, i64, u64, b1)
        found.extend(faults(probe, Given(dict(zip(DTYPES, buffers, strict=True)))))

    # What was accepted has to be valid.
    enigma.compile(kernel, emit_only=True, fast_math=False)
    return found


FUNCTIONS = [feature for feature in FEATURES if feature.family != "thread"]


@pytest.mark.parametrize("feature", FUNCTIONS, ids=lambda feature: feature.name)
def test_functions_of_records(feature):
    function = getattr(enigma, feature.name)

    def probe(given):
        right = arguments(feature, given)
        yield check(feature.name, lambda: function(**right), "what fits") if right else None
        for name in right:
            for kind, thing in given.wrong():
                yield check(
                    feature.name,
                    lambda n=name, t=thing: function(**{**right, n: t}),
                    f"{name}: {kind}",
                )

    assert faults_of(probe) == []


# Functions that are written by hand, each with arguments that fit.


def matrix():
    return enigma.make_filled_simdgroup_matrix(1.0)


HAND_WRITTEN = {
    "assert_": lambda g: {"condition": g.f32 > 0, "message": "no"},
    "barrier": lambda g: {"mem_flags": "mem_device"},
    "inline_msl": lambda g: {"result": "float", "pure": False, "header": "", "x": g.f32},
    "load_if": lambda g: {"buf": g.buffers["f32"], "index": g.i, "mask": g.f32 > 0, "default": 0},
    "make_diagonal_simdgroup_matrix": lambda g: {"value": 1.0, "elem": "float"},
    "make_filled_simdgroup_matrix": lambda g: {"value": 1.0, "elem": "float"},
    "pipeline": lambda g: {"dtype": "float", "size": 4, "stages": 2},
    "print": lambda g: {"sep": " "},
    "register_tensor": lambda g: {"shape": 4, "dtype": "float", "fill": 0},
    "simd_barrier": lambda g: {"mem_flags": "mem_device"},
    "simdgroup_matrix_load": lambda g: {
        "buf": g.buffers["f32"],
        "elements_per_row": 8,
        "elem": "float",
        "rows": 8,
        "cols": 8,
        "offset": 0,
        "origin": (0, 0),
        "transpose": False,
    },
    "simdgroup_matrix_store": lambda g: {
        "matrix": matrix(),
        "buf": g.buffers["f32"],
        "elements_per_row": 8,
        "offset": 0,
        "origin": (0, 0),
        "transpose": False,
    },
    "simdgroup_multiply": lambda g: {"a": matrix(), "b": matrix()},
    "simdgroup_multiply_accumulate": lambda g: {"a": matrix(), "b": matrix(), "c": matrix()},
    "store_if": lambda g: {
        "buf": g.buffers["f32"],
        "index": g.i,
        "value": g.f32,
        "mask": g.f32 > 0,
    },
    "threadgroup_alloc": lambda g: {"dtype": "float", "size": 4},
}


def called(name, arguments):
    """Call a function by name, with what it takes by position."""
    if name == "inline_msl":
        return enigma.inline_msl("{x}", **arguments)
    if name == "print":
        return enigma.print(1, 2, **arguments)
    return getattr(enigma, name)(**arguments)


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_functions_that_are_written_by_hand(name):
    def probe(given):
        right = HAND_WRITTEN[name](given)
        yield check(name, lambda: called(name, right), "what fits")
        for parameter in right:
            for kind, thing in given.wrong():
                yield check(
                    name,
                    lambda p=parameter, t=thing: called(name, {**right, p: t}),
                    f"{parameter}: {kind}",
                )

    assert faults_of(probe) == []


# Lanes.


@pytest.mark.parametrize("letters", ["w", "xw", "q", "xyzx_", "xg", "a", "rgba", "X", "xyzxy"])
def test_swizzles_that_do_not_exist(letters):
    @enigma.kernel
    def kernel(A: enigma.f32):
        v = enigma.make_vec(A[0], A[1], A[2])
        A[3] = getattr(v, letters)

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True, fast_math=False)
    assert caught.value.location.filename == HERE
    assert caught.value.help or "lanes such as .x" in str(caught.value)


@pytest.mark.parametrize("letters", ["xx", "xyx", "w", "zw"])
def test_swizzles_that_cannot_be_assigned(letters):
    namespace = {"enigma": enigma}
    text = (
        "def kernel(A: enigma.f32):\n"
        "    v = enigma.make_vec(A[0], A[1], A[2])\n"
        f"    v.{letters} = 1.0\n"
        "    A[3] = v.x\n"
    )
    name = f"<assigned {letters}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), namespace)
    with pytest.raises(enigma.EnigmaError, match=f"<assigned {letters}>:3: ") as caught:
        enigma.compile(enigma.kernel(namespace["kernel"]), emit_only=True, fast_math=False)
    assert caught.value.help


def test_a_jit_function_that_takes_an_argument_by_name_alone_is_told_what_helps():
    @enigma.kernel
    def fill(A: enigma.f32):
        A[0] = 1.0

    def launches(a, n):
        fill(a).launch(grid=n, block=1)

    @enigma.jit
    def named(a, *, n):
        launches(a, n)

    @enigma.jit
    def placed(a, n):
        launches(a, n)

    @enigma.jit
    def defaulted(a, *, n=1):
        launches(a, n)

    a = enigma.Tensor("A", 0, "float", enigma.Layout(4))
    with pytest.raises(enigma.EnigmaError, match="give 'n' a default or take it by position"):
        enigma.compile(named, a, emit_only=True)
    assert enigma.compile(placed, a, 1, emit_only=True).metal_source
    assert enigma.compile(defaulted, a, emit_only=True).metal_source
