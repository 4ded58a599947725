# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# ruff: noqa: F821, UP037
"""Records and dtypes as parameters where `from __future__ import annotations` keeps the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import pytest

import enigma

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
