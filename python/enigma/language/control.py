# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Control flow that is not a statement of Python: ranges, and the context managers."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import TracebackType
from typing import Any

from enigma.compiler.errors import OperandError, StaticValueError, resolve_dtype
from enigma.tracing.branches import TracedIf
from enigma.tracing.builder import Builder, Scope, require_builder
from enigma.tracing.locations import user_location
from enigma.tracing.loops import RangeFor
from enigma.tracing.ranges import Range
from enigma.tracing.values import Operand, Value, as_operand, constant, describe, truth, use
from enigma.types import DTypeLike, b1


def range(start: Any, stop: Any = None, step: Any = 1) -> Range:
    """Count in a loop of the kernel: ``for i in enigma.range(n)``.

    Every variable that the body assigns is carried from one iteration to the next. A Python number
    that enters the loop takes the dtype of what the body makes of it; the body may be traced more
    than once to find that out.

    Parameters
    ----------
    start, stop : traced integers or ints
        The first number (0 if only one argument is given) and the one after the last. They meet as
        the operands of an operator do: a negative `i32` is a large number beside a `u32`.
    step : traced integer or int
        The distance, of any integer dtype and either sign. A traced step of 0 makes no iteration.

    Returns
    -------
    Range
        To be iterated over in a kernel. The numbers have the dtype in which traced start and stop
        meet, at least 32 bits wide; without these that of a traced step, else `i32`, or `i64` for
        ints that need it. They are those of Python's `range`, also at the ends of the dtype.

    Raises
    ------
    OperandError
        When a bound is no integer, an int does not fit the dtype, or the step is known to be 0.
    """
    require_builder("enigma.range")
    if stop is None:
        start, stop = 0, start
    return Range(start, stop, step)


def range_constexpr(start: int, stop: int | None = None, step: int = 1) -> builtins.range:
    """Count while tracing, so that the loop unrolls.

    Parameters
    ----------
    start, stop, step : int
        As for Python's `range`.

    Returns
    -------
    range
        Python's.
    """
    bounds = (start,) if stop is None else (start, stop, step)
    for bound in bounds:
        if isinstance(bound, Operand):
            raise StaticValueError(
                use="enigma.range_constexpr",
                dtype=bound._as_value().dtype,
                remedy=(
                    "use enigma.range for a loop in the kernel, or an enigma.constexpr parameter"
                ),
            )
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise OperandError(
                operation="enigma.range_constexpr",
                operand="a bound",
                found=describe(bound),
                expected="a Python int",
                remedy="use a number or an enigma.constexpr parameter",
            )
    return builtins.range(*bounds)


def _line() -> int:
    location = user_location()
    return 0 if location is None else location.line


class Carry(Operand):
    """What a `for_range` carries: a value, or several that are indexed.

    Inside of the loop it has the values of this iteration, and what it is set to goes to the next
    one; after the loop it has the results. One value is used and set as ``carry.value``, ``carry +=
    x`` or as an operand; of several, ``carry[k]`` is read and assigned.
    """

    __slots__ = ("_single", "_values")

    def __init__(self, values: list[Any], single: bool) -> None:
        self._values = values
        self._single = single

    def _as_value(self) -> Value:
        value = as_operand(self.value, "the carry", "its value")
        assert isinstance(value, Value)
        return value

    @property
    def value(self) -> Any:
        """The value, or the tuple of values."""
        return self._values[0] if self._single else tuple(self._values)

    @value.setter
    def value(self, value: Any) -> None:
        values = [value] if self._single else list(value)
        if len(values) != len(self._values):
            raise OperandError(
                operation="the carry",
                operand="its value",
                found=f"{len(values)} values",
                expected=f"{len(self._values)}",
            )
        self._values[:] = values

    def set(self, *values: Any) -> None:
        """Set the value, or all values."""
        self.value = values[0] if self._single and len(values) == 1 else values

    def __getitem__(self, position: int) -> Any:
        return self._values[position]

    def __setitem__(self, position: int, value: Any) -> None:
        self._values[position] = value

    def __len__(self) -> int:
        return len(self._values)

    def __iadd__(self, other: Any) -> Carry:  # type: ignore[override]
        self.value = self.value + other
        return self

    def __isub__(self, other: Any) -> Carry:  # type: ignore[override]
        self.value = self.value - other
        return self

    def __imul__(self, other: Any) -> Carry:  # type: ignore[override]
        self.value = self.value * other
        return self


class for_range:  # noqa: N801
    """Loop in the kernel, as a context manager: ``with enigma.for_range(0, n) as i``.

    Variables of Python are not carried; `init` is, as ``with enigma.for_range(0, n, init=x) as (i,
    carry)``.

    Parameters
    ----------
    lo, hi : traced integers or ints
        The first number and the one after the last; none has more bits than `dtype`.
    step : traced integer or int
        The distance, as for `range`.
    dtype : DType, type or str
        Of the numbers, an integer dtype.
    init : traced value, number, or tuple or list of these, optional
        What is carried; see `Carry`. A Python number is an `i32`, `f32` or `b1`.
    """

    def __init__(
        self, lo: Any, hi: Any, step: Any = 1, dtype: DTypeLike = "int", init: Any = None
    ) -> None:
        self._builder = require_builder("enigma.for_range")
        self._range = Range(lo, hi, step, resolve_dtype(dtype))
        self._carry: Carry | None = None
        if init is not None:
            single = not isinstance(init, (tuple, list))
            self._carry = Carry([init] if single else list(init), single)
        self._line = _line()

    def __enter__(self) -> Any:
        carry = self._carry
        values = () if carry is None else (tuple(carry._values),)
        names = () if carry is None else ("carry",)
        self._loop = RangeFor(
            self._builder, self._range, names, values, "", "", self._line, rigid=True
        )
        induction = next(iter(self._loop))
        inside = self._loop.enter(values)
        if carry is None:
            return induction
        carry._values[:] = inside[0]
        return induction, carry

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            return
        carry = self._carry
        values = () if carry is None else (tuple(carry._values),)
        self._loop.leave(values)
        after = self._loop.end(values)
        if carry is not None:
            carry._values[:] = after[0]


class Branch:
    """One branch of `if_`: what is built in its `with` block runs where the condition says so."""

    def __init__(self, choice: TracedIf, first: bool) -> None:
        self._choice = choice
        self._first = first

    def __enter__(self) -> None:
        if self._first:
            self._choice.then()
        else:
            self._choice.other()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._choice.leave(())


class if_:  # noqa: N801
    """Branch in the kernel, as a context manager.

    ::

        with enigma.if_(condition) as (then, else_):
            with then:
                ...
            with else_:
                ...

    Parameters
    ----------
    cond : traced value or bool
        The condition.
    """

    def __init__(self, cond: Any) -> None:
        self._builder = require_builder("enigma.if_")
        condition = as_operand(cond, "enigma.if_", "cond")
        if not isinstance(condition, Value):
            condition = constant(self._builder, b1, bool(condition))
        self._condition = condition
        self._line = _line()

    def __enter__(self) -> tuple[Branch, Branch]:
        self._choice = TracedIf(self._builder, self._condition, (), (), self._line)
        return Branch(self._choice, True), Branch(self._choice, False)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._choice.end()


class while_:  # noqa: N801
    """Loop in the kernel while a condition holds: ``with enigma.while_(lambda: ...)``.

    Variables of Python are not carried, so the condition reads memory (`register_tensor`, a
    buffer).

    Parameters
    ----------
    cond_fn : callable
        Gives the condition; it is called once, to trace it.
    """

    def __init__(self, cond_fn: Callable[[], Any]) -> None:
        self._builder: Builder = require_builder("enigma.while_")
        if not callable(cond_fn):
            raise OperandError(
                operation="enigma.while_",
                operand="cond_fn",
                found=describe(cond_fn),
                expected="a function without parameters",
                remedy="write `with enigma.while_(lambda: i[0] < n)`",
            )
        self._cond_fn = cond_fn
        self._scope: Scope | None = None
        self._what = f"in the loop at line {_line()}"

    def __enter__(self) -> None:
        builder = self._builder
        operation = builder.op("scf.while", (), (), None, 2)
        scope = builder.push(operation.regions[0].blocks.append(), self._what)
        condition = as_operand(self._cond_fn(), "enigma.while_", "the condition")
        if not isinstance(condition, Value):
            condition = constant(builder, b1, bool(condition))
        builder.op("scf.condition", (), (use(truth(condition)),))
        builder.pop(scope)
        self._scope = builder.push(operation.regions[1].blocks.append(), self._what)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None and self._scope is not None:
            self._builder.effects += 1
            self._builder.op("scf.yield")
            self._builder.pop(self._scope)
