# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Records and dtypes as parameters of kernels that cannot be."""

# The annotations of kernels here are variables of the function that makes them.

import collections
import dataclasses
import re
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import pytest

import enigma
from enigma.errors import TruthValueError

E = TypeVar("E")


@dataclass
class HasList:
    x: list


@dataclass
class HasText:
    x: "list[int]"


@dataclass
class HasUnknown:
    x: "nothing"  # noqa: F821


@dataclass
class HasMutableDefault:
    x: enigma.f32
    m: enigma.constexpr = field(default_factory=list)


@dataclass
class HasInitVar:
    x: enigma.f32
    m: dataclasses.InitVar[int]


@dataclass(init=False)
class HasNoInit:
    x: enigma.f32


@dataclass
class Open(Generic[E]):
    x: E


class OfInt(NamedTuple):
    x: int


@dataclass
class HoldsBad:
    inner: OfInt


BAD = [
    (HasList, "HasList .* the field 'x', and list is no dtype", "annotate a field with a dtype"),
    (HasText, r"the field 'x', and list\[int\] is no dtype", "annotate a field"),
    (
        HasUnknown,
        "name 'nothing' is not defined",
        "define or import nothing in the module of HasUnknown",
    ),
    (HasMutableDefault, r"field 'm', whose default can be changed \(list\)", "or a tuple"),
    (HasInitVar, r"takes 'm', which is no field", "make it a field"),
    (HasNoInit, "no constructor that takes its fields", "init=False"),
    (Open, "the field 'x', and ~E is no dtype", r"Open\[enigma.f32\]"),
    (OfInt, "did you mean enigma.i32", "annotate a field"),
    (HoldsBad, "OfInt cannot be a parameter", "annotate a field"),
    (collections.namedtuple("Bare", "x y"), "no fields with annotations", "typing.NamedTuple"),
    (tuple, "does not say how many parts", "name each part"),
    (tuple[enigma.f32, ...], "does not say how many parts", "name each part"),
    ((enigma.f32, 3), "3 is no dtype", "annotate a field"),
]


def error_of(kernel, **options):
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True, **options)
    assert caught.value.location.filename == __file__
    return caught.value


@pytest.mark.needs_positions
@pytest.mark.parametrize(("cls", "message", "remedy"), BAD)
def test_classes_that_are_no_parameters(cls, message, remedy):
    @enigma.kernel
    def kernel(p: cls):
        p.x[0] = 1.0

    error = error_of(kernel)
    assert isinstance(error, TypeError)
    assert re.search(message, str(error))
    assert re.search(remedy, error.help)


def test_a_field_and_a_parameter_of_one_name():
    @enigma.kernel
    def kernel(p: (enigma.f32, enigma.f32), p_1: enigma.f32):
        p_1[0] = 1.0

    error = error_of(kernel)
    assert "two parameters 'p_1'" in str(error)
    assert "another name" in error.help


@enigma.kernel
def generic(A: "T", T: enigma.constexpr):  # noqa: F821
    A[0] = 1


@pytest.mark.parametrize("value", [3, "float33", None, float])
def test_a_dtype_that_is_none(value):
    error = error_of(generic, constants={"T": value})
    assert "is no dtype" in str(error)


def test_a_dtype_that_is_not_given():
    assert "compile-time parameter 'T' of generic has no value" in str(error_of(generic))


def test_an_annotation_that_cannot_be_evaluated():
    @enigma.kernel
    def kernel(A: "T.nothing", T: enigma.constexpr):  # noqa: F821
        A[0] = 1

    error = error_of(kernel, constants={"T": enigma.f32})
    assert "'T.nothing' is no dtype" in str(error)


@dataclass
class Mutable:
    a: float


def test_mutable_objects_are_not_chosen_between():
    @enigma.kernel
    def kernel(A: enigma.f32):
        i = enigma.thread_position_in_grid
        value = Mutable(A[i])
        for j in enigma.range(4):
            value = Mutable(A[j])
        A[i] = value.a

    error = error_of(kernel)
    assert "variable 'value' cannot be carried" in str(error)
    assert "@dataclass(frozen=True)" in error.help


class Pair(NamedTuple):
    a: object
    b: object


@dataclass(frozen=True, order=True)
class Ordered:
    a: object
    b: object


@enigma.func
def equal(x, y):
    return x == y


@enigma.func
def unequal(x, y):
    return x != y


@enigma.func
def less(x, y):
    return x < y


@enigma.func
def among(x, y):
    return x in (y, y)


@pytest.mark.needs_positions
@pytest.mark.parametrize("make", [lambda *parts: parts, lambda *parts: [*parts], Pair, Ordered])
@pytest.mark.parametrize("compare", [equal, unequal, less, among])
def test_records_are_compared_by_their_parts(make, compare):
    @enigma.kernel
    def kernel(A: enigma.i32):
        if compare(make(A[0], 1), make(A[1], 2)):
            A[2] = 1

    with pytest.raises(TruthValueError, match="traced b1") as caught:
        enigma.compile(kernel, emit_only=True)
    assert caught.value.location.source_line.startswith("return x ")
    assert caught.value.help.startswith("tuples, lists and dataclasses are compared")


@pytest.mark.needs_positions
def test_a_class_pattern_with_values():
    @enigma.kernel
    def kernel(A: enigma.i32):
        match Ordered(A[0], 1):
            case Ordered(a=3):
                A[1] = 1

    with pytest.raises(TruthValueError) as caught:
        enigma.compile(kernel, emit_only=True)
    assert caught.value.location.source_line == "case Ordered(a=3):"
    assert caught.value.help.endswith("write `if` and `elif`")
