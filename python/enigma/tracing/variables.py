# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Python variables across the control flow of a kernel.

A variable may hold a traced value, a number, or a tuple, list or dict of such; those become values
of the IR leaf by leaf. Anything else is an object of Python that control flow can pass by but not
choose between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from enigma._layout import Dyn, Layout, SwizzledLayout, same
from enigma.tracing.alternatives import numbers_of
from enigma.tracing.values import Operand, Unsettled, Value, describe
from enigma.types import DType, b1, f32, i32, is_number, number_dtype, promote


class Unassigned:
    """What a variable holds where it has no value, or not a single one; reading it is an error.

    Attributes
    ----------
    reason : str
        Why there is no value.
    remedy : str or None
        What to do, if it is another thing than usual.
    """

    __slots__ = ("reason", "remedy")

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        self.reason = reason
        self.remedy = remedy


UNASSIGNED = Unassigned("it has not been assigned")
# The result of a function on a path that has not returned yet: whatever the other path has will do.
ANYTHING = Unassigned("the function has not returned")


class Snapshot:
    """The value of a variable at one point, with the contents of the containers in it."""

    __slots__ = ("leaves", "structure", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.leaves: list[Any] = []
        self.structure = _flatten(value, self.leaves)

    def restore(self) -> Any:
        """Give back the value, with lists and dicts refilled as they were."""
        if self.structure is None:
            return self.value
        return self.rebuild(iter(self.leaves), in_place=True)

    def rebuild(self, leaves: Iterator[Any], in_place: bool) -> Any:
        """Make the value anew from other leaves; `in_place` keeps the identity of containers."""
        return _rebuild(self.value, self.structure, leaves, in_place)


def _flatten(value: Any, leaves: list[Any]) -> Any:
    """Collect the leaves of a value and describe its structure; None is the structure of a leaf."""
    kind = value.__class__
    if kind is Value:
        leaves.append(value)
        return None
    if kind is dict:
        return (
            dict,
            tuple(value),
            [_flatten(child, leaves) for child in value.values()],
            list(value.values()),
        )
    if kind is list or kind is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")):
        return (kind, len(value), [_flatten(child, leaves) for child in value], list(value))
    leaves.append(value._as_value() if isinstance(value, Operand) else value)
    return None


def same_structure(a: Any, b: Any) -> bool:
    """Whether two structures agree."""
    if a is None or b is None:
        return a is b
    if a[0] is not b[0] or a[1] != b[1]:
        return False
    return all(same_structure(x, y) for x, y in zip(a[2], b[2], strict=False))


def _rebuild(value: Any, structure: Any, leaves: Iterator[Any], in_place: bool) -> Any:
    if structure is None:
        return next(leaves)
    kind, keys, children, originals = structure
    rebuilt = [_rebuild(v, s, leaves, in_place) for v, s in zip(originals, children, strict=False)]
    if kind is list:
        if in_place:
            value[:] = rebuilt
            return value
        return rebuilt
    if kind is dict:
        if in_place:
            value.clear()
            value.update(zip(keys, rebuilt, strict=False))
            return value
        return dict(zip(keys, rebuilt, strict=False))
    return tuple(rebuilt) if kind is tuple else kind(*rebuilt)


class Join:
    """One value of the IR that is one of two leaves.

    Attributes
    ----------
    leaves : tuple
        The two leaves: values, numbers, symbols, or `ANYTHING`.
    dtype, lanes
        What the result is.
    unsettled : tuple of Unsettled or None
        Carried numbers that the dtype depends on.
    """

    __slots__ = ("dtype", "lanes", "leaves", "unsettled")

    def __init__(
        self,
        a: Any,
        b: Any,
        dtype: DType,
        lanes: int = 1,
        unsettled: tuple[Unsettled, ...] | None = None,
    ) -> None:
        self.leaves = (a, b)
        self.dtype = dtype
        self.lanes = lanes
        self.unsettled = unsettled


def join_leaves(a: Any, b: Any, where: tuple[str, str]) -> Any:
    """Bring two leaves together: one of them, a `Join`, or an `Unassigned` that says why not."""
    if a is b:
        return a
    if a is ANYTHING or b is ANYTHING:
        other = b if a is ANYTHING else a
        return (
            Join(a, b, other.dtype, other.lanes, other.unsettled)
            if isinstance(other, Value)
            else other
        )
    if isinstance(a, Unassigned) or isinstance(b, Unassigned):
        return _join_unassigned(a, b, where)
    numbers = numbers_of(a, b)
    if numbers is not None:
        if is_number(a) and type(a) is type(b) and repr(a) == repr(b):
            return a
        dtype = number_dtype(*numbers)
        return (
            Unassigned("it is a number that fits no dtype") if dtype is None else Join(a, b, dtype)
        )
    if isinstance(a, Value) and isinstance(b, Value):
        return _join_values(a, b, where)
    if isinstance(a, Value) and is_number(b):
        return _join_number(a, b, a, b, where)
    if isinstance(b, Value) and is_number(a):
        return _join_number(a, b, b, a, where)
    if type(a) is type(b) and isinstance(a, _COMPARABLE) and a == b:
        return a
    if isinstance(a, Dyn) or isinstance(b, Dyn):
        return _join_symbols(a, b, where)
    return _differ(a, b, where)


#: Objects that are the same wherever they are equal.
_COMPARABLE = (str, bytes, type(None), DType, Layout, SwizzledLayout)


def _differ(a: Any, b: Any, where: tuple[str, str]) -> Unassigned:
    return Unassigned(
        f"it is {describe(a)} {where[0]}, and {describe(b)} {where[1]}",
        no_choice(a, b) or _name_cast(a, b),
    )


def _name_cast(a: Any, b: Any) -> str | None:
    """Say which conversion lets two values or numbers go together, if one does."""
    dtypes = [
        thing.dtype
        if isinstance(thing, Value)
        else number_dtype(thing)
        if is_number(thing)
        else None
        for thing in (a, b)
    ]
    if dtypes[0] is None or dtypes[1] is None or dtypes[0] is dtypes[1]:
        return None
    return f"give both one dtype, as with .to(enigma.{promote(dtypes[0], dtypes[1])})"


def no_choice(*things: Any) -> str | None:
    """Say what to do instead of choosing between things in the kernel; None for values."""
    if any(hasattr(thing, "layout") or isinstance(thing, _LAYOUTS) for thing in things):
        return (
            "which tensor or layout a variable holds has to be known while the kernel is compiled: "
            "choose or carry a coordinate, and make the view where it is used"
        )
    return None


_LAYOUTS = (Layout, SwizzledLayout)


def is_integer(thing: Any) -> bool:
    """Whether a leaf is a symbol, an int or a traced integer."""
    if isinstance(thing, Value):
        return thing.dtype.kind in "iu" and thing.lanes == 1
    return isinstance(thing, Dyn) or (isinstance(thing, int) and not isinstance(thing, bool))


def _join_symbols(a: Any, b: Any, where: tuple[str, str]) -> Any:
    """Bring symbols together with integers: they take the dtype of traced ones."""
    if isinstance(a, Dyn) and isinstance(b, Dyn) and same(a, b):
        return a
    if not is_integer(a) or not is_integer(b):
        return _differ(a, b, where)
    value = a if isinstance(a, Value) else b
    if isinstance(value, Value):
        return Join(a, b, value.dtype, 1, value.unsettled)
    if any(isinstance(x, int) and i32.why_not(x) is not None for x in (a, b)):
        return _differ(a, b, where)
    return Join(a, b, i32)


def _join_unassigned(a: Any, b: Any, where: tuple[str, str]) -> Unassigned:
    if isinstance(a, Unassigned) and isinstance(b, Unassigned):
        return a if a is not UNASSIGNED else b
    missing, place = (a, where[0]) if isinstance(a, Unassigned) else (b, where[1])
    return missing if missing is not UNASSIGNED else Unassigned(f"it is not assigned {place}")


def _join_values(a: Value, b: Value, where: tuple[str, str]) -> Any:
    if a.lanes != b.lanes:
        return _differ(a, b, where)
    if a.unsettled is not None and b.unsettled is not None:
        return Join(a, b, promote(a.dtype, b.dtype), a.lanes, a.unsettled + b.unsettled)
    if a.dtype is b.dtype:
        return Join(a, b, a.dtype, a.lanes)
    if a.unsettled is not None and _may_become(a.dtype, b.dtype):
        return Join(a, b, b.dtype, a.lanes)
    if b.unsettled is not None and _may_become(b.dtype, a.dtype):
        return Join(a, b, a.dtype, a.lanes)
    return _differ(a, b, where)


def _may_become(number: DType, dtype: DType) -> bool:
    """Whether a carried number that was given the dtype `number` may take another one."""
    return dtype.kind == "f" or (number.kind in "iu" and dtype.kind in "iu")


def _join_number(a: Any, b: Any, value: Value, number: Any, where: tuple[str, str]) -> Any:
    if value.unsettled is not None and isinstance(number, float) and value.dtype.kind == "i":
        return Join(a, b, f32, value.lanes, value.unsettled)
    if isinstance(number, bool) != (value.dtype is b1) or value.dtype.why_not(number) is not None:
        return _differ(a, b, where)
    return Join(a, b, value.dtype, value.lanes, value.unsettled)


def join_variable(
    a: Snapshot, b: Snapshot, where: tuple[str, str]
) -> tuple[list[Any], Callable[[Iterator[Any]], Any]]:
    """Bring the values of one variable on two paths together.

    Returns
    -------
    leaves : list
        The joined leaves, some of them `Join`.
    rebuild : callable
        Makes the value of the variable from the final leaves.
    """
    if a.value is ANYTHING and b.structure is not None:
        a_leaves, b_leaves, shape = [ANYTHING] * len(b.leaves), b.leaves, b
    elif b.value is ANYTHING and a.structure is not None:
        a_leaves, b_leaves, shape = a.leaves, [ANYTHING] * len(a.leaves), a
    elif same_structure(a.structure, b.structure):
        a_leaves, b_leaves, shape = a.leaves, b.leaves, a
    else:
        if isinstance(a.value, Unassigned) or isinstance(b.value, Unassigned):
            reason = _join_unassigned(a.value, b.value, where)
        else:
            reason = Unassigned(f"it has different structures {where[0]} and {where[1]}")
        return [], lambda leaves: reason
    joined = [join_leaves(x, y, where) for x, y in zip(a_leaves, b_leaves, strict=False)]
    if shape.structure is not None:
        missing = next(
            (leaf for leaf in joined if isinstance(leaf, Unassigned) and leaf is not ANYTHING), None
        )
        if missing is not None:
            return [], lambda leaves: missing
    in_place = a.value is b.value
    return joined, lambda leaves: shape.rebuild(leaves, in_place)
