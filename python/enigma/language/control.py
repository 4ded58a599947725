# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Control flow that is not a statement of Python: ranges, and the context managers."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import TracebackType
from typing import Any

from enigma.errors import ObjectChanged, OperandError, StaticValueError, UnsupportedSyntax
from enigma.locations import user_location
from enigma.tracing.branches import TracedIf
from enigma.tracing.builder import Builder, Scope, require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.conversions import truth
from enigma.tracing.loops import RangeFor
from enigma.tracing.messages import describe
from enigma.tracing.objects import Objects
from enigma.tracing.ranges import Range
from enigma.tracing.regions import Structured
from enigma.tracing.values import Operand, Value, constant, use
from enigma.types import DTypeLike, b1, resolve_dtype


def range(start: object, stop: object = None, step: object = 1) -> Range:
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
    # What control flow around it has to follow.
    _enigma_holds = ("_values",)

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
                remedy="it carries as many values as `init` has",
            )
        self._values[:] = values

    def set(self, *values: object) -> None:
        """Set the value, or all values."""
        self.value = values[0] if self._single and len(values) == 1 else values

    def __getitem__(self, position: int) -> Any:
        return self._values[position]

    def __setitem__(self, position: int, value: Any) -> None:
        self._values[position] = value

    def __len__(self) -> int:
        return len(self._values)

    def __iadd__(self, other: object) -> Carry:  # type: ignore[override]
        self.value = self.value + other
        return self

    def __isub__(self, other: object) -> Carry:  # type: ignore[override]
        self.value = self.value - other
        return self

    def __imul__(self, other: object) -> Carry:  # type: ignore[override]
        self.value = self.value * other
        return self


class for_range(Structured):  # noqa: N801
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

    construct = "enigma.for_range"
    repeats = True

    def __init__(
        self, lo: Any, hi: Any, step: object = 1, dtype: DTypeLike = "int", init: Any = None
    ) -> None:
        self._builder = require_builder("enigma.for_range")
        self._range = Range(lo, hi, step, resolve_dtype(dtype))
        self._loop: RangeFor | None = None
        self._carry: Carry | None = None
        if init is not None:
            single = not isinstance(init, (tuple, list))
            self._carry = Carry([init] if single else list(init), single)
        self._line = _line()

    def __enter__(self) -> Any:
        self._enter_once(self._loop)
        self._watch()
        carry = self._carry
        values = () if carry is None else (tuple(carry._values),)
        names = () if carry is None else ("carry",)
        loop = self._loop = RangeFor(
            self._builder, self._range, names, values, line=self._line, rigid=True
        )
        induction = next(iter(loop))
        inside = loop.enter(values)
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
        assert self._loop is not None
        self._check()
        carry = self._carry
        values = () if carry is None else (tuple(carry._values),)
        self._loop.leave(values)
        after = self._loop.end(values)
        if carry is not None:
            carry._values[:] = after[0]


class Branch(Structured):
    """One branch of `if_`: what is built in its `with` block runs where the condition says so."""

    construct = "enigma.if_"

    def __init__(self, owner: if_, first: bool) -> None:
        self._owner = owner
        self._first = first
        self._entered: bool | None = None

    def __enter__(self) -> None:
        self._enter_once(self._entered)
        self._entered = True
        self._watch()
        self._owner._begin(self._first)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._check()
            self._owner._choice.leave(())


class if_(Structured):  # noqa: N801
    """Branch in the kernel, as a context manager.

    ::

        with enigma.if_(condition):
            ...

        with enigma.if_(condition) as (then, else_):
            with then:
                ...
            with else_:
                ...

    Variables of Python are not carried. With branches, all code stands in one of them.

    Parameters
    ----------
    cond : traced value or bool
        The condition.
    """

    construct = "enigma.if_"

    def __init__(self, cond: object) -> None:
        self._builder = require_builder("enigma.if_")
        condition = as_operand(cond, "enigma.if_", "cond")
        if not isinstance(condition, Value):
            condition = constant(self._builder, b1, bool(condition))
        self._condition = condition
        self._line = _line()
        self._entered: bool | None = None
        self._has_branches = False

    def __enter__(self) -> tuple[Branch, Branch]:
        self._enter_once(self._entered)
        self._entered = True
        self._watch()
        self._scope = self._builder.scope
        self._choice = TracedIf(self._builder, self._condition, (), (), self._line)
        # Until a branch is entered, this is the only one.
        self._choice.then()
        self._between = self._builder.scope
        return Branch(self, True), Branch(self, False)

    def _begin(self, first: bool) -> None:
        """Begin one of the branches."""
        builder = self._builder
        if not self._has_branches:
            self._has_branches = True
            if not self._choice.take_back():
                raise self._outside()
            self._between.refusal = self._outside
        self._check_outside()
        builder.scope = self._scope
        (self._choice.then if first else self._choice.other)()
        builder.scope.enclosing = self._between

    def _outside(self) -> UnsupportedSyntax:
        return UnsupportedSyntax(
            construct="code outside of the branches",
            name="`with enigma.if_(...) as (then, else_)`",
            remedy="move it into `with then:` or `with else_:`, or before the `with` statement",
        )

    def _check_outside(self) -> None:
        if self._choice.objects.changes():
            raise self._outside()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            return
        if self._has_branches:
            self._check_outside()
            self._builder.scope = self._scope
        else:
            self._check()
            self._choice.leave(())
        self._choice.end()


class while_(Structured):  # noqa: N801
    """Loop in the kernel while a condition holds: ``with enigma.while_(lambda: ...)``.

    Variables of Python are not carried, so the condition reads memory (`register_tensor`, a
    buffer).

    Parameters
    ----------
    cond_fn : callable
        Gives the condition; it is called once, to trace it.

    Raises
    ------
    StaticValueError
        When the condition reads nothing that the body can change.
    """

    construct = "enigma.while_"
    repeats = True

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
        self._enter_once(self._scope)
        self._watch()
        builder = self._builder
        self._objects = Objects(builder)
        operation = builder.op("scf.while", (), (), None, 2)
        scope, _ = builder.push_block(operation, 0, self._what)
        condition = as_operand(self._cond_fn(), self.construct, "the condition")
        changes = all(
            op.name.partition(".")[0] in ("arith", "math", "vector")
            for op in scope.block.operations
        )
        if not isinstance(condition, Value) or changes:
            raise StaticValueError(
                use="the condition of enigma.while_",
                dtype=describe(condition).removeprefix("a traced "),
                remedy=(
                    "let it read memory that the body changes, as in `lambda: i[0] < n` with "
                    "`i = enigma.register_tensor(1, enigma.i32)`, or write a plain `while`, which "
                    "carries variables"
                ),
            )
        builder.op("scf.condition", (), (use(truth(condition)),))
        builder.pop(scope)
        self._scope, _ = builder.push_block(operation, 1, self._what)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None or self._scope is None:
            return
        self._check()
        for change in self._objects.changes():
            raise ObjectChanged(
                name=change.box.name(),
                reason=f"{self._what}, and `with {self.construct}` carries no objects of Python",
                remedy="use a plain `while` statement",
            )
        self._builder.effects += 1
        self._builder.op("scf.yield")
        self._builder.pop(self._scope)
