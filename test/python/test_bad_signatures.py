# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Parameters, annotations and arguments that do not fit; annotations that are text."""

from __future__ import annotations

import array

import numpy as np
import pytest

import enigma
from enigma.compiler.diagnostics import Diagnostics
from enigma.tracing.session import sessions


def error_of(compile_it, kind=enigma.EnigmaError):
    with pytest.raises(kind) as caught:
        compile_it()
    assert isinstance(caught.value, enigma.EnigmaError)
    assert caught.value.location.filename == __file__
    assert caught.value.help
    return str(caught.value)


# Annotations of this file are text, since it has `from __future__ import annotations`.


def test_local_dtype():
    dt = enigma.f16
    scalar = enigma.Scalar(enigma.u8)

    @enigma.kernel
    def kernel(A: dt, n: scalar, m: enigma.constexpr = 2):
        A[n] = m

    text = enigma.compile(kernel).metal_source
    assert "device half* A" in text
    assert "constant uchar& n" in text


def test_dtype_of_an_outer_function():
    def outer(dt):
        def inner():
            @enigma.kernel
            def kernel(A: dt):
                A[0] = 1

            return kernel

        return inner()

    assert "device uint* A" in enigma.compile(outer(enigma.u32)).metal_source


def test_dtype_of_a_class():
    class Model:
        dt = enigma.i8

        @staticmethod
        @enigma.kernel
        def kernel(A: dt):
            A[0] = 1

    assert "device char* A" in enigma.compile(Model.kernel).metal_source


def test_a_variable_is_no_name_of_a_dtype():
    half = enigma.f32

    @enigma.kernel
    def kernel(A: half):
        A[0] = 1

    assert "device float* A" in enigma.compile(kernel).metal_source


def test_text_in_text():
    @enigma.kernel
    def kernel(A: "half"):  # noqa: F821, UP037
        A[0] = 1

    assert "device half* A" in enigma.compile(kernel).metal_source


def test_unknown_name():
    @enigma.kernel
    def kernel(A: missing):  # noqa: F821
        A[0] = 1

    text = error_of(lambda: enigma.compile(kernel), TypeError)
    assert "'missing' is no dtype: name 'missing' is not defined" in text


# Dtypes of others.


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (np.float32, "f32"),
        (np.dtype("float32"), "f32"),
        (np.float16, "f16"),
        (np.int8, "i8"),
        (np.uint8, "u8"),
        (np.int16, "i16"),
        (np.uint16, "u16"),
        (np.int32, "i32"),
        (np.uint32, "u32"),
        (np.int64, "i64"),
        (np.dtype("uint64"), "u64"),
        (np.bool_, "b1"),
        ("float32", "f32"),
        ("uint8", "u8"),
        (int, "i32"),
        (float, "f32"),
        (bool, "b1"),
        (type("dtype", (), {"__repr__": lambda self: "torch.bfloat16"})(), "bf16"),
    ],
    ids=repr,
)
def test_dtype_of_a_framework(given, meant):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = A[1].to(given)

    assert f"did you mean enigma.{meant}?" in error_of(lambda: enigma.compile(kernel), TypeError)


@pytest.mark.parametrize("given", [np.float64, "double", "float64", np.dtype("f8")], ids=repr)
def test_double(given):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = A[1].to(given)

    assert "no 8-byte float" in error_of(lambda: enigma.compile(kernel), TypeError)


# Methods.


class Model:
    @enigma.kernel
    def kernel(self, A: enigma.f32):
        A[0] = self.scale

    @enigma.kernel
    def launched(self, A):
        A[0] = self.scale

    @enigma.jit
    def run(self, A):
        Model.launched(self, A).launch(grid=1, block=1)

    @enigma.jit
    def unbound(self, A):
        self.launched(A).launch(grid=1, block=1)

    scale = 3.0


def test_kernel_that_is_a_method():
    text = error_of(lambda: enigma.compile(Model.kernel), TypeError)
    assert "kernel kernel is a method: 'self' is an object of Python" in text
    assert "@staticmethod" in text


def test_self_as_an_argument():
    A = enigma.Tensor("A", 0, "float", enigma.Layout(8))
    assert "A[0] = 3.0f" in enigma.compile(Model.run, Model(), A).metal_source
    text = error_of(lambda: enigma.compile(Model().run, A), TypeError)
    assert "give it as the argument 'self'" in text
    text = error_of(lambda: enigma.compile(Model.unbound, Model(), A), TypeError)
    assert "give it as the argument 'self'" in text


# Arrays.


@pytest.mark.parametrize(
    "argument",
    [
        np.ones(8, np.float32),
        [np.ones(8)],
        {"a": (np.ones(8),)},
        array.array("f", [1.0]),
        memoryview(b"1234"),
        type("Array", (), {"__dlpack__": None})(),
    ],
    ids=lambda argument: type(argument).__name__,
)
def test_array_as_the_argument_of_a_kernel(argument):
    @enigma.kernel
    def kernel(A):
        A[0] = 0

    @enigma.jit
    def run(A):
        kernel(A).launch(grid=1, block=1)

    text = error_of(lambda: enigma.compile(run, argument), TypeError)
    assert "kernel kernel is given an array" in text
    assert "kernel(A).launch" in text
    assert "enigma.Tensor" in text


def test_scalar_of_numpy_as_the_argument_of_a_kernel():
    @enigma.kernel
    def kernel(A, x):
        A[0] = x

    @enigma.jit
    def run(A, x):
        kernel(A, x).launch(grid=1, block=1)

    A = enigma.Tensor("A", 0, "float", enigma.Layout(8))
    assert "A[0] = 2.0f" in enigma.compile(run, A, np.float64(2)).metal_source


# What MLIR says.


def test_an_error_of_mlir_has_no_ir():
    text = '"arith.constant"() {value = 1 : i64} : () -> i32'
    with (
        sessions.borrow() as session,
        pytest.raises(enigma.EnigmaError) as caught,
        Diagnostics(session, "a stage"),
    ):
        session.ir.Operation.parse(text, session.context)
    assert "'arith.constant' op" in str(caught.value)
    assert "note" not in str(caught.value)
