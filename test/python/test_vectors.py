# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Assignments to lanes of vectors: what is refused, and what objects do that are no vectors."""

import linecache
from types import SimpleNamespace

import pytest

import enigma
from refusals import check_said


@enigma.func
def duplicate(v):
    v.xx = v
    return v


@enigma.func
def duplicate_by_two_names(v):
    v.xr = v
    return v


@enigma.func
def beyond(v):
    v.xz = v
    return v


@enigma.func
def too_long(v):
    v.xy = enigma.make_vec(v.x, v.y, 1)
    return v


@enigma.func
def too_short(v):
    w = enigma.make_vec(v, 1, 2)
    w.xyz = v
    return v


@enigma.func
def no_scalar(v):
    v.x += v
    return v


@enigma.func
def no_letter(v):
    v.q = 1
    return v


@enigma.func
def narrower(v):
    w = enigma.make_vec(1, 2, dtype=enigma.i32)
    w.x = v.x
    return v


@enigma.func
def too_large(v):
    w = enigma.make_vec(1, 2, dtype=enigma.i8)
    w.x = 300
    return v


@enigma.func
def text(v):
    v.y = "one"
    return v


@enigma.func
def in_a_list(v):
    several = [v]
    several[0].x = 1
    return v


@enigma.func
def subscript(v):
    v[0] = 1
    return v


REFUSED = {
    duplicate: ("v.xx = v", "each of them once", "name every lane once"),
    duplicate_by_two_names: ("v.xr = v", "each of them once", "'.xr'"),
    beyond: ("v.xz = v", ".xz is beyond the 2 lanes", "v[1]"),
    too_long: ("v.xy = ", "f32x3", "a vector of 2 lanes, or a scalar"),
    too_short: ("w.xyz = v", "f32x2", "a vector of 3 lanes, or a scalar"),
    no_scalar: ("v.x += v", "f32x2", "expected a scalar"),
    no_letter: ("v.q = 1", "has no attribute 'q'", "v.zyx"),
    narrower: ("w.x = v.x", "a traced f32", ".to(enigma.i32)"),
    too_large: ("w.x = 300", "300 does not fit i8"),
    text: ('v.y = "one"', "a str ('one')"),
    in_a_list: ("several[0].x = 1", "in no variable of its own", "`v = ...; v.x = ...`"),
    subscript: ("v[0] = 1", "cannot be assigned by a subscript", "`v.x = ...`"),
}


@pytest.mark.parametrize("function", REFUSED, ids=lambda function: function.__name__)
def test_lanes_that_cannot_be_assigned(function):
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        B[0] = function(enigma.make_vec(A[0], A[1])).x

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True)
    line, *parts = REFUSED[function]
    assert line in linecache.getline(__file__, caught.value.location.line)
    check_said(caught.value, *parts)


def test_a_vector_of_another_function_is_not_assigned():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        v = enigma.make_vec(A[0], A[1])

        def change():
            v.x = 1

        change()
        B[0] = v.x

    with pytest.raises(enigma.EnigmaError, match="in no variable of its own"):
        enigma.compile(kernel, emit_only=True)


def test_attributes_of_other_objects_are_assigned_as_ever():
    @enigma.kernel
    def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32), B: enigma.f32):
        state = SimpleNamespace(x=A[0], xy=[1])
        alias = state
        for _ in enigma.range(n):
            state.x += 1
            if A[1] > 0:
                state.x = A[2]
        state.xy += [2]
        B[0] = alias.x + len(alias.xy)

    source = enigma.compile(kernel, emit_only=True).metal_source
    assert "+ 2.0f;" in source
    assert "A[2]" in source
