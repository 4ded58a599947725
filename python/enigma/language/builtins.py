# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What stands for functions of Python in a kernel, where these meet traced values.

They mean what Python's mean; of values that Python knows they are Python's.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import Any

from enigma._layout import Dyn
from enigma.errors import UnsupportedUse
from enigma.language.math import where
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.conversions import truth
from enigma.tracing.counts import describe_extreme
from enigma.tracing.functions import Func, bind
from enigma.tracing.messages import describe
from enigma.tracing.protocol import MODULAR_POWER
from enigma.tracing.refusals import all_of, any_of, replaces
from enigma.tracing.values import Operand, Value

# What min and max take by name.
_OPTIONS = {"key", "default"}


@replaces(builtins.bool)
def to_bool(*arguments: object) -> Any:
    """Give the truth value of a number: a `b1` of a traced one."""
    if len(arguments) == 1 and isinstance(arguments[0], (Operand, Dyn)):
        value = as_operand(arguments[0], "bool()", "the operand")
        assert isinstance(value, Value)
        return truth(value)
    return bool(*arguments)


class _End:
    """What `next` gives at the end."""


def _first_that_decides(itself: Any, values: Any, wanted: bool) -> Any:
    """Give whether one of the values is `wanted`; each is computed if none before it is."""
    value = next(values, _End)
    if value is _End:
        return not wanted
    if wanted:
        return bool(value) or itself(itself, values, wanted)
    return bool(value) and itself(itself, values, wanted)


_decides = Func(_first_that_decides)


def _decided(values: Iterable[object], wanted: bool) -> Any:
    if not isinstance(values, (list, tuple, Operand)):
        function = bind(require_builder("any() or all()"), _decides)
        return function(function, iter(values), wanted)
    tests = []
    for value in values:
        known = to_bool(value)
        if isinstance(known, Value):
            tests.append(known)
        elif known is wanted:
            return wanted
    return any_of(tests) if wanted else all_of(tests)


@replaces(builtins.any)
def any(values: Iterable[object]) -> Any:
    """Give whether one of the values is true."""
    return _decided(values, True)


@replaces(builtins.all)
def all(values: Iterable[object]) -> Any:
    """Give whether all of the values are true."""
    return _decided(values, False)


def _extreme(function: Callable[..., Any], arguments: tuple[Any, ...], options: Any) -> Any:
    """Give the first value that no other one is beyond, as Python does."""
    if not arguments or (len(arguments) > 1 and "default" in options) or set(options) - _OPTIONS:
        return function(*arguments, **options)
    values = list(arguments[0]) if len(arguments) == 1 else list(arguments)
    if not values:
        return function(values, **options)
    key = options.get("key")
    keys = values if key is None else [key(value) for value in values]
    best, best_key = values[0], keys[0]
    for value, its_key in zip(values[1:], keys[1:], strict=True):
        beyond = its_key < best_key if function is builtins.min else its_key > best_key
        if not isinstance(beyond, Operand):
            best, best_key = (value, its_key) if beyond else (best, best_key)
            continue
        chosen = where(best, value, beyond)
        if key is None and isinstance(chosen, Value):
            describe_extreme((best, chosen), (value, chosen), chosen, function is builtins.max)
        best = chosen
        best_key = best if key is None else where(best_key, its_key, beyond)
    return best


@replaces(builtins.min)
def min(*arguments: object, **options: object) -> Any:
    """Give the smallest of several values, the first of them if none is smaller."""
    return _extreme(builtins.min, arguments, options)


@replaces(builtins.max)
def max(*arguments: object, **options: object) -> Any:
    """Give the largest of several values, the first of them if none is larger."""
    return _extreme(builtins.max, arguments, options)


@replaces(builtins.pow)
def pow(base: Any, exp: Any, mod: Any = None) -> Any:
    """Give a power; refuse to reduce one of traced values by a modulus."""
    if mod is None:
        return builtins.pow(base, exp)
    for thing in (base, exp, mod):
        if isinstance(thing, (Operand, Dyn)):
            raise UnsupportedUse(
                found=describe(thing),
                role="given to pow() with three arguments",
                remedy=MODULAR_POWER,
            )
    return builtins.pow(base, exp, mod)


@replaces(builtins.sorted)
def sorted(values: Iterable[Any], **options: Any) -> list[Any]:
    """Sort what Python knows; refuse traced values, whose order it does not."""
    things = list(values)
    key = options.pop("key", None)
    keys = things if key is None else [key(thing) for thing in things]
    for thing in keys[1:]:
        if isinstance(thing, (Operand, Dyn)):
            raise UnsupportedUse(
                found=describe(thing),
                role="sorted while the kernel is compiled",
                remedy="exchange two values where they are out of order, as in "
                "`x, y = min(x, y), max(x, y)`",
            )
    order = builtins.sorted(range(len(things)), key=keys.__getitem__, **options)
    return [things[index] for index in order]
