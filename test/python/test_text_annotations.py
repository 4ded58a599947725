# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# ruff: noqa: F722, F821, N805, UP037
"""Records and dtypes as parameters where `from __future__ import annotations` keeps the text."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import pytest

import enigma

if TYPE_CHECKING:
    import numpy as only_for_checkers

E = TypeVar("E")


class Inner(NamedTuple):
    low: enigma.Scalar(enigma.f32)
    data: enigma.u32


@dataclass(frozen=True)
class Outer(Generic[E]):
    T: enigma.constexpr
    x: E
    y: T
    inner: Inner


@enigma.kernel
def quoted(A: "T", B: T, T: enigma.constexpr):
    B[0] = A[0] + T(1)


@enigma.kernel
def record(p: Outer[enigma.u8], q: tuple[enigma.f32, R], R: enigma.constexpr):
    p.y[0] = p.T(p.x[0])
    q[1][0] = q[0][0].to(R)


@pytest.mark.parametrize("dtype", [enigma.f16, enigma.i64])
def test_a_dtype_by_the_name_of_a_parameter(dtype):
    compiled = enigma.compile(quoted, constants={"T": dtype}, emit_only=True)
    assert [parameter.dtype for parameter in compiled.parameters] == [dtype, dtype]


def test_classes_whose_annotations_are_text():
    compiled = enigma.compile(record, constants={"p_T": enigma.i16, "R": "half"}, emit_only=True)
    found = {parameter.name: str(parameter.dtype) for parameter in compiled.parameters}
    assert found == {
        "p_x": "u8",
        "p_y": "i16",
        "p_inner_low": "f32",
        "p_inner_data": "u32",
        "q_0": "f32",
        "q_1": "f16",
    }


# Where the names of annotations are found.


def local_alias():
    T = enigma.f16

    @enigma.kernel
    def kernel(A: T, n: enigma.Scalar[T], v: enigma.vec[T, 4]):
        A[0] = n

    return kernel


def variable_of_a_closure(T=enigma.f16):
    @enigma.kernel
    def kernel(A: T):
        A[0] = T(1)

    return kernel


def alias_two_functions_up():
    T = enigma.f16

    def inner():
        @enigma.kernel
        def kernel(A: T):
            A[0] = 1

        return kernel

    return inner()


def alias_of_a_class():
    class Kernels:
        T = enigma.f16

        @enigma.kernel
        def kernel(A: T):
            A[0] = 1

    return Kernels.kernel


def later_in_the_module():
    @enigma.kernel
    def kernel(A: Later):
        A[0] = 1

    return kernel


def name_of_metal_in_quotes():
    @enigma.kernel
    def kernel(A: "half", B: "float", C: "int"):
        A[0] = 1

    return kernel


def names_of_enigma():
    @enigma.kernel
    def kernel(A: f16, B: "enigma.f16"):
        A[0] = 1

    return kernel


Later = enigma.f16


@pytest.mark.parametrize(
    "make",
    [
        *(local_alias, variable_of_a_closure, alias_two_functions_up, alias_of_a_class),
        *(later_in_the_module, name_of_metal_in_quotes, names_of_enigma),
    ],
)
def test_names_that_are_found(make):
    parameters = enigma.compile(make(), emit_only=True).parameters
    assert str(parameters[0].dtype) == "f16"
    if make is name_of_metal_in_quotes:
        assert [str(each.dtype) for each in parameters] == ["f16", "f32", "i32"]


def test_each_pass_of_a_loop_has_its_own():
    kernels = []
    for T in (enigma.f16, enigma.u8):

        @enigma.kernel
        def kernel(A: T):
            A[0] = 1

        kernels.append(kernel)
    found = [enigma.compile(each, emit_only=True).parameters[0].dtype for each in kernels]
    assert found == [enigma.f16, enigma.u8]


# And where not: what is said of it.


def later_in_the_function():
    @enigma.kernel
    def kernel(A: enigma.f32, x: T):
        A[0] = 1

    T = enigma.f32
    assert T
    return kernel


def out_of_a_function_that_has_ended():
    def make(T):
        def inner():
            @enigma.kernel
            def kernel(A: enigma.f32, x: T):
                A[0] = 1

            return kernel

        return inner

    return make(enigma.f32)()


def nowhere():
    @enigma.kernel
    def kernel(A: enigma.f32, x: Missing):
        A[0] = 1

    return kernel


def for_checkers_alone():
    @enigma.kernel
    def kernel(A: enigma.f32, x: only_for_checkers.ndarray):
        A[0] = 1

    return kernel


def threadgroup_of_nothing():
    @enigma.kernel
    def kernel(A: enigma.f32, x: enigma.Threadgroup[Missing]):
        A[0] = 1

    return kernel


def dtype_of_numpy():
    @enigma.kernel
    def kernel(A: enigma.f32, x: enigma.float32):
        A[0] = 1

    return kernel


def wrong_call():
    @enigma.kernel
    def kernel(A: enigma.f32, x: enigma.vec(enigma.f32, 7)):
        A[0] = 1

    return kernel


def unfinished():
    @enigma.kernel
    def kernel(A: enigma.f32, x: "enigma.f32["):
        A[0] = 1

    return kernel


def no_dtype():
    @enigma.kernel
    def kernel(A: enigma.f32, x: list):
        A[0] = 1

    return kernel


PLACES = "before the kernel, in its module or in the function that defines it"
UNRESOLVED = {
    later_in_the_function: ("'T'", "name 'T' is not defined", f"define or import T {PLACES}"),
    out_of_a_function_that_has_ended: ("'T'", "name 'T' is not", f"define or import T {PLACES}"),
    nowhere: ("'Missing'", "name 'Missing' is not defined", f"define or import Missing {PLACES}"),
    for_checkers_alone: (
        "'only_for_checkers.ndarray'",
        "name 'only_for_checkers' is not defined",
        "what stands under `if TYPE_CHECKING:` is not there when it runs",
    ),
    threadgroup_of_nothing: (
        "'enigma.Threadgroup[Missing]'",
        "name 'Missing' is not defined",
        f"define or import Missing {PLACES}",
    ),
    dtype_of_numpy: (
        "'enigma.float32'",
        "enigma has no attribute 'float32'",
        "did you mean enigma.f32?",
    ),
    wrong_call: (
        "'enigma.vec(enigma.f32, 7)'",
        "the lanes of enigma.vec must be 2, 3 or 4, not 7",
        "keep longer rows as several vectors",
    ),
    unfinished: ("'enigma.f32['", "was never closed", "the dtypes are f32, "),
    no_dtype: ("list", "list is no dtype", "annotate a buffer with the dtype of its elements"),
}


@pytest.mark.parametrize("make", UNRESOLVED, ids=lambda make: make.__name__)
def test_names_that_are_not_found(make):
    text, reason, remedy = UNRESOLVED[make]
    kernel = make()
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True)
    summary, advice = caught.value.summary, caught.value.help
    assert summary.startswith(f"parameter 'x' of kernel kernel: {text} is no dtype")
    assert reason in summary
    assert remedy in advice
    assert caught.value.location.line == kernel.function.__code__.co_firstlineno
    assert str(caught.value).count("help: ") == 1


@enigma.kernel
def copied(a, b):
    b.store(a.load())


@enigma.jit
def of_a_later_layout(a: later_layout, b: enigma.Layout(8), n: int = 0):
    copied(a, b).launch(grid=1, block=1)


@enigma.jit
def of_no_layout(a: missing_layout, b):
    copied(a, b).launch(grid=1, block=1)


@enigma.jit
def of_a_type_for_checkers(a: only_for_checkers.ndarray, b: enigma.Tensor):
    copied(a, b).launch(grid=1, block=1)


@enigma.jit
def of_a_misspelt_layout(a: enigma.Layuot(8), b):
    copied(a, b).launch(grid=1, block=1)


later_layout = enigma.Layout(8)
TENSORS = [enigma.Tensor(name, i, "float", enigma.Layout(8)) for i, name in enumerate("AB")]


def test_layouts_of_a_jit_function_are_found():
    assert of_a_later_layout.layouts == {"a": enigma.Layout(8), "b": enigma.Layout(8)}
    of_a_later_layout(array("f", [1] * 8), written := array("f", [0] * 8))
    assert list(written) == [1] * 8
    enigma.compile(of_a_later_layout, *TENSORS, emit_only=True)


@pytest.mark.parametrize(
    ("function", "name"),
    [(of_no_layout, "missing_layout"), (of_a_type_for_checkers, "only_for_checkers")],
)
def test_annotations_of_a_jit_function_that_are_not_found(function, name):
    for use in (
        lambda: enigma.compile(function, *TENSORS, emit_only=True),
        lambda: function(array("f", [1] * 8), array("f", [0] * 8)),
    ):
        with pytest.raises(enigma.EnigmaError) as caught:
            use()
        summary, advice = caught.value.summary, caught.value.help
        assert summary.startswith(f"parameter 'a' of jit function {function.name}: '{name}")
        assert f"cannot be evaluated: name '{name}' is not defined" in summary
        assert advice.startswith(
            f"define or import {name} before the jit function, in its module or in the function "
        )
        assert caught.value.location.line == function.function.__code__.co_firstlineno


def test_a_misspelt_annotation_of_a_jit_function():
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(of_a_misspelt_layout, *TENSORS, emit_only=True)
    assert "'enigma.Layuot(8)' cannot be evaluated: enigma has no" in caught.value.summary
    assert caught.value.help == "did you mean enigma.Layout?"
    assert str(caught.value).count("help: ") == 1


def test_a_field_whose_name_is_not_found():
    T = enigma.f32

    class Local(NamedTuple):
        low: T

    @enigma.kernel
    def kernel(p: Local):
        p.low[0] = 1

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, emit_only=True)
    assert "it has the field 'low', and 'T' is no dtype: name 'T' is not" in caught.value.summary
    assert "define or import T in the module of Local" in caught.value.help
