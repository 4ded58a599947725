# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Numbers that the kernel chooses between: `1 if c else 0`.

Such a choice is a number still: it takes the dtype of what it meets, each time anew, and arithmetic
on it with a Python number is done by Python. Where it meets nothing it is what its numbers are
alone, an `i32` (or `i64` or `u64`), `f32` or `b1`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

from enigma.errors import EnigmaError, NumberError
from enigma.tracing import operators as ops
from enigma.tracing.arithmetic import is_choice
from enigma.tracing.checks import check_number
from enigma.tracing.conversions import cast
from enigma.tracing.meeting import broadcast
from enigma.tracing.unsettled import Unsettled
from enigma.tracing.values import Value, constant, result, use, wrap
from enigma.types import DType, Number, b1, is_number, number_dtype

OPERATION = "a choice between numbers"
# A value that is one of more numbers has the dtype that they have alone.
MAX_FOLLOWED = 64
# How deep choices nest that are made anew.
MAX_DEPTH = 8


class Alternatives:
    """The numbers that a value is one of.

    Attributes
    ----------
    numbers : list
        All of them.
    choice : tuple or None
        How one is chosen: the condition, and what the value is where it holds and where it does
        not, each a number or another such value. None where the kernel branches for it.
    exact : bool
        Whether it may be each of them; of several choices that depend on each other it may not.
    """

    __slots__ = ("choice", "exact", "numbers")

    def __init__(
        self,
        numbers: list[Number],
        choice: tuple[Value, Any, Any] | None = None,
        exact: bool = True,
    ) -> None:
        self.numbers = numbers
        self.choice = choice
        self.exact = exact

    @property
    def open(self) -> bool:
        """Whether the choice can be made anew where the kernel is being built."""
        return (
            self.choice is not None
            and self.choice[0].scope.open
            and all(leaf.alternatives.open for leaf in self.choice[1:] if isinstance(leaf, Value))
        )

    @property
    def depth(self) -> int:
        """How many choices there are, of which each but the last leads to another one."""
        leaves = () if self.choice is None else self.choice[1:]
        nested = [leaf.alternatives.depth for leaf in leaves if isinstance(leaf, Value)]
        return 1 + int(sum(nested))

    def settle(self, value: Value, dtype: DType) -> Value:
        """Give the value that has these alternatives as one of a dtype, which has to hold them.

        If they are not exact, and it does not, the value keeps the dtype that they have alone.
        """
        if not self.exact and any(dtype.why_not(number) is not None for number in self.numbers):
            return _settled(value)
        for number in self.numbers:
            check_number(number, dtype, OPERATION)
        if self.open:
            return self._make(dtype)
        return cast(value, dtype) if value.dtype is not dtype else _settled(value)

    def _make(self, dtype: DType, function: Callable[[Number], Number] | None = None) -> Value:
        """Make the choice anew, between numbers of a dtype or what a function gives for them."""
        assert self.choice is not None
        condition, *leaves = self.choice
        builder, lanes = condition.builder, condition.lanes
        operands = [
            broadcast(leaf.alternatives._make(dtype, function), lanes, OPERATION)
            if isinstance(leaf, Value)
            else constant(builder, dtype, leaf if function is None else function(leaf), lanes)
            for leaf in leaves
        ]
        irs = (use(condition), *map(use, operands))
        return result(builder, "arith.select", dtype, lanes, irs)

    @staticmethod
    def fold(
        symbol: str, operands: tuple[object, ...], build: Callable[..., Value]
    ) -> Value | None:
        """Apply an operator to numbers, of which the kernel chooses one at least.

        Parameters
        ----------
        symbol : str
            The operator.
        operands : tuple
            What it is applied to.
        build : callable
            Builds the operation on values that have a dtype.

        Returns
        -------
        Value or None
            The number that comes out; None if an operand is no number, or Python cannot say.
        """
        function = ops.PYTHON[symbol]
        choices = [operand for operand in operands if isinstance(operand, Value)]
        numbers = [numbers_of(operand) for operand in operands]
        if any(each is None for each in numbers):
            return None
        try:
            if len(choices) == 1 and choices[0].alternatives.open:
                value: Value = choices[0].alternatives.map(
                    lambda number: function(
                        *(number if operand is choices[0] else operand for operand in operands)
                    )
                )
                return value
            results = _distinct(function(*each) for each in product(*numbers))  # type: ignore[arg-type]
        except EnigmaError:
            raise
        except (ArithmeticError, TypeError, ValueError):
            # What Python cannot do is left to the dtype that the numbers have.
            return None
        dtype = None
        if results is not None:
            dtype = number_dtype(*results, *(number for each in numbers for number in each or ()))
        if results is None or dtype is None or dtype is b1:
            return None
        settled = [
            operand.alternatives.settle(operand, dtype) if isinstance(operand, Value) else operand
            for operand in operands
        ]
        return one_of(Alternatives(results, exact=False), build(*settled))

    def map(self, function: Callable[[Number], Any]) -> Value:
        """Choose between what a function gives for the numbers."""
        if all(isinstance(function(number), bool) for number in self.numbers):
            return self._make(b1, function)
        assert self.choice is not None
        condition, *leaves = self.choice
        first, second = (
            leaf.alternatives.map(lambda number: _whole(function(number)))
            if isinstance(leaf, Value)
            else function(leaf)
            for leaf in leaves
        )
        return choose(condition, first, second)


def _whole(number: object) -> Any:
    """Give a bool as the int that it is among other numbers."""
    return int(number) if isinstance(number, bool) else number


def _settled(value: Value) -> Value:
    """Give a value that is one of some numbers as one that has its dtype for good."""
    settled = wrap(value.builder, value.ir, value.dtype, value.lanes, value.scope)
    settled.operation, settled.name = value.operation, value.name
    return settled


def numbers_of(*things: Any) -> list[Number] | None:
    """Give the numbers that things are or are one of; None if any is something else."""
    numbers: list[Number] = []
    for thing in things:
        if is_number(thing):
            numbers.append(thing)
        elif isinstance(thing, Value) and thing.alternatives is not None:
            numbers += thing.alternatives.numbers
        else:
            return None
    return numbers


def _distinct(numbers: Iterable[Any]) -> list[Number] | None:
    """Give the numbers that there are, None if they are too many to follow."""
    found: dict[Any, Number] = {}
    for number in numbers:
        if not is_number(number):
            raise TypeError(f"{number!r} is no number of a kernel")
        found.setdefault((type(number), number), number)
        if len(found) > MAX_FOLLOWED:
            return None
    return list(found.values())


def can_choose(first: Any, second: Any) -> bool:
    """Whether `choose` takes two things: numbers, or a number and a choice to be made anew."""
    if first.__class__ is Value and second.__class__ is Value:
        return False
    if is_number(first) and is_number(second):
        return True
    chosen, other = (first, second) if isinstance(first, Value) else (second, first)
    return is_choice(chosen) and is_number(other) and chosen.alternatives.depth < MAX_DEPTH


def choose(condition: Value, first: object, second: object) -> Value:
    """Build the choice between two things that `can_choose` takes.

    Raises
    ------
    NumberError
        When no dtype holds the numbers.
    """
    numbers = numbers_of(first, second)
    assert numbers is not None
    dtype = number_dtype(*numbers)
    if dtype is None:
        raise NumberError(
            operation=OPERATION,
            number=max(numbers, key=abs),
            dtype="i64" if min(numbers) < 0 else "u64",
            reason="it is too large",
        )
    alternatives = Alternatives(numbers, (condition, first, second))
    return one_of(alternatives, alternatives._make(dtype))


def one_of(alternatives: Alternatives, value: Value) -> Value:
    """Let a value be one of some numbers, unless they are bools, which have their dtype."""
    if value.dtype is not b1:
        value.unsettled = (Unsettled(),)
        value.alternatives = alternatives
    return value


def joined_numbers(value: Value, leaves: tuple[object, ...]) -> Value:
    """Let a value of control flow be a number, if it is one of numbers."""
    numbers = numbers_of(*leaves)
    distinct = None if numbers is None else _distinct(numbers)
    if distinct is None:
        return value
    exact = all(leaf.alternatives.exact for leaf in leaves if isinstance(leaf, Value))
    return one_of(Alternatives(distinct, exact=exact), value)
