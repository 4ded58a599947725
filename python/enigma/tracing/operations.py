# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The operators of traced values, whoever builds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from enigma.tracing import operators as ops
from enigma.types import DType

if TYPE_CHECKING:
    from enigma.tracing.values import Value


class Operations:
    """What the operators of traced values build; whoever builds it says so here."""

    __slots__ = (
        "absolute",
        "binary",
        "cast",
        "compare_written",
        "convert",
        "integer_power",
        "invert",
        "lane",
        "matmul",
        "negate",
        "power",
        "saturate",
        "shift",
    )

    binary: Callable[[ops.BinaryOperator, object, object], Value]
    shift: Callable[[ops.BinaryOperator, object, object], Value]
    power: Callable[[object, object], Value]
    compare_written: Callable[[ops.Comparison, object, object], Value]
    matmul: Callable[[object, object], Value]
    negate: Callable[[Value], Value]
    invert: Callable[[Value], Value]
    absolute: Callable[[Value], Value]
    lane: Callable[[Value, object], Value]
    cast: Callable[[Value, DType], Value]
    convert: Callable[[Value, DType], Value]
    saturate: Callable[[Value, DType], Value]
    integer_power: Callable[[Value, Value], Value]


operations = Operations()
