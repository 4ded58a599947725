# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integers of the algebra in a kernel.

A leaf of a layout that is known only when the kernel runs is a `Dyn`: a symbol of the host, which
is a parameter of the kernel, or one that stands for a traced value. Layouts, tuples and tilers
become operands of operations with the values of such leaves.
"""

from __future__ import annotations

import functools
import itertools
import operator
from typing import TYPE_CHECKING, Any, NoReturn

from enigma import _layout
from enigma._layout import Dyn, Layout, SwizzledLayout, dyn, install, same
from enigma.errors import (
    EnigmaError,
    EscapedValue,
    IndexRangeError,
    OperandError,
    StaticShapeError,
    spelled,
)
from enigma.tracing.builder import Builder, current_builder, require_builder
from enigma.tracing.intervals import Interval
from enigma.tracing.messages import describe
from enigma.tracing.subscripts import subscript
from enigma.tracing.values import Operand, Value, wrap
from enigma.types import i32, u32

if TYPE_CHECKING:
    from enigma import _mlir as ir


class _Index:
    """An IR value of type `index`, with the operators that expressions of the algebra need."""

    __slots__ = ("_builder", "ir")

    def __init__(self, builder: Builder, ir: ir.Value) -> None:
        self._builder = builder
        self.ir = ir

    def _binary(self, name: str, left: _Index | int, right: _Index | int) -> _Index:
        builder = self._builder
        operands = (
            left.ir if isinstance(left, _Index) else builder.index_constant(left),
            right.ir if isinstance(right, _Index) else builder.index_constant(right),
        )
        return _Index(builder, builder.value(name, builder.index_type, operands)[1])

    def __add__(self, other: _Index | int) -> _Index:
        return self._binary("arith.addi", self, other)

    def __radd__(self, other: _Index | int) -> _Index:
        return self._binary("arith.addi", other, self)

    def __sub__(self, other: _Index | int) -> _Index:
        return self._binary("arith.subi", self, other)

    def __mul__(self, other: _Index | int) -> _Index:
        return self._binary("arith.muli", self, other)

    def __rmul__(self, other: _Index | int) -> _Index:
        return self._binary("arith.muli", other, self)

    def _division(self, name: str, left: _Index | int, right: _Index | int) -> _Index:
        # The branch stays that may be there for a divisor of 0.
        if isinstance(right, _Index):
            self._builder.effects += 1
        return self._binary(name, left, right)

    def __floordiv__(self, other: _Index | int) -> _Index:
        return self._division("arith.floordivsi", self, other)

    def __rfloordiv__(self, other: _Index | int) -> _Index:
        return self._division("arith.floordivsi", other, self)

    def __mod__(self, other: _Index | int) -> _Index:
        return self._division("enigma.floormod", self, other)

    def __rmod__(self, other: _Index | int) -> _Index:
        return self._division("enigma.floormod", other, self)

    def __and__(self, other: _Index | int) -> _Index:
        return self._binary("arith.andi", self, other)

    def __xor__(self, other: _Index | int) -> _Index:
        return self._binary("arith.xori", self, other)

    def __abs__(self) -> _Index:
        negative = self._binary("arith.subi", 0, self)
        return self._binary("arith.maxsi", self, negative)


#: Begins the names of symbols that stand for traced values: no variable of Python has such a name.
_TRACED = "%"
#: Numbers the symbols that stand for traced values. No two of a process have one name, so that one
#: of another kernel is told from those of this one.
_serial = itertools.count()


def index_value(builder: Builder, index: ir.Value) -> Value:
    """Give an IR value of type `index` as a traced i32, which keeps all bits as a subscript."""
    _, ir = builder.value("arith.index_cast", builder.scalars[i32], (index,))
    value = wrap(builder, ir, i32)
    value.index = (builder.scope, index)
    return value


class Symbols(dict[str, _Index]):
    """The symbols of one trace, as operands of the expressions that they occur in."""

    def __init__(self, builder: Builder) -> None:
        super().__init__()
        self._builder = builder
        self._traced: dict[str, Value] = {}
        # The same by the symbols, as far as these were asked for.
        self._leaves: dict[Dyn, Value] = {}
        # By identity: values are not hashed in a kernel.
        self._of: dict[int, Dyn] = {}
        self._known: dict[Dyn, Value] = {}
        self._extents: set[int] = set()
        self._ranges: dict[str, Interval] = {}
        self._intervals: dict[int, Interval] = {}

    def __missing__(self, name: str) -> _Index:
        value = self._traced.get(name)
        if value is None:
            raise KeyError(name)
        return _Index(self._builder, subscript(self._builder, value, "a layout"))

    def declare(self, name: str, value: Value) -> None:
        """Let a value stand for the symbol of that name."""
        self._traced[name] = value
        if value.dtype is u32:
            self._extents.add(id(value))
            self._ranges[name] = value.count

    def interval(self, value: Value) -> Interval | None:
        """Give the integers between which an expression of extents is; None of other values."""
        return self._intervals.get(id(value))

    def is_extent(self, value: Value) -> bool:
        """Whether a value is the extent of a tensor, and so is less than 2^31."""
        return id(value) in self._extents

    def of(self, value: Value) -> Dyn:
        """Give the symbol that stands for a traced integer.

        Raises
        ------
        OperandError
            When the value is no integer.
        """
        symbol = self._of.get(id(value))
        if symbol is None:
            if value.dtype.kind not in "iu" or value.lanes != 1:
                raise OperandError(
                    operation="a layout",
                    operand="a leaf",
                    found=describe(value),
                    expected="an integer",
                    remedy="convert it with .to(enigma.i32)",
                )
            name = f"{_TRACED}{value.name or ''}{next(_serial)}"
            symbol = self._of[id(value)] = dyn(name, 1)
            self._traced[name] = self._leaves[symbol] = value
        return symbol

    def index(self, leaf: int | Dyn) -> ir.Value:
        """Give a leaf as an IR value of type `index`."""
        if not isinstance(leaf, Dyn):
            return self._builder.index_constant(leaf)
        value = self._leaves.get(leaf)
        if value is None:
            value = self._traced.get(leaf.name)  # type: ignore[arg-type]
            if value is None:
                value = self.value(leaf)
            else:
                self._leaves[leaf] = value
        # Symbols stand for integers alone: nothing is wrong with them as subscripts.
        return subscript(self._builder, value, "a layout")

    def _check(self, leaf: Dyn) -> None:
        """Check that the symbols of an expression have values here."""
        if not leaf.symbols:
            raise EnigmaError(
                "an anonymous integer, enigma.dyn(None), has no value in a kernel",
                remedy='give it a name, as in enigma.dyn("n")',
            )
        for symbol in leaf.symbols:
            name = str(symbol)
            if name in self._traced:
                continue
            if name.startswith(_TRACED):
                raise EscapedValue(where="in another kernel", remedy="make the layout anew")
            raise EnigmaError(
                f"the symbolic integer {name} is no parameter of this kernel",
                remedy="it becomes one when it is in the layout of a tensor, or in another "
                "argument of the kernel or the jit function",
            )

    def value(self, leaf: Dyn) -> Value:
        """Give a leaf as a traced value: what a symbol stands for; else an `i32`.

        Raises
        ------
        EnigmaError
            When it holds a symbol that is no parameter of the kernel.
        """
        name = leaf.name
        if name is not None and name in self._traced:
            return self._traced[name]
        self._check(leaf)
        known = self._known.get(leaf)
        if known is not None and self._builder.reaches(known.scope):
            return known
        value = self._known[leaf] = index_value(self._builder, leaf.evaluate(self).ir)
        if all(str(symbol) in self._ranges for symbol in leaf.symbols):
            interval = leaf.evaluate(self._ranges)
            if value.dtype.minimum <= interval.low and interval.high <= value.dtype.maximum:
                self._intervals[id(value)] = interval
        return value


# Operators of symbols that the algebra does not have, or has for integers only.

_OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_OF_THE_ALGEBRA = ("+", "-", "*", "//", "%")


def dyn_operator(symbol: str, left: object, right: object) -> Any:
    """Apply an operator to a symbol as in Python: in a kernel it is a traced integer.

    Raises
    ------
    StaticShapeError
        When two integers are compared on the host.
    OperandError
        When the algebra has no such operator, or not for that operand.
    """
    builder = current_builder()
    if builder is not None:
        values = [builder.symbols.value(x) if isinstance(x, Dyn) else x for x in (left, right)]
        return _OPERATORS[symbol](*values)
    if symbol in _COMPARISONS:
        raise StaticShapeError(
            f"whether {left} {symbol} {right} is known only when the kernel runs",
            remedy="compare in a kernel, where it is a traced integer; or make the tensors with "
            "Python ints",
        )
    other = right if isinstance(left, Dyn) else left
    integer = isinstance(other, Dyn) or as_int(other) is not None
    known = left if isinstance(left, Dyn) else right
    if integer:
        raise OperandError(
            operation=f"`{symbol}`",
            operand="an operand",
            found=describe(known),
            expected=f"Python ints; known at run time only, it has {' '.join(_OF_THE_ALGEBRA)}",
            remedy="`//` rounds down, and `-(-n // 4)` rounds up" if symbol == "/" else "",
        )
    raise OperandError(
        operation=f"`{symbol}` of {known}",
        operand=f"the {'right' if other is right else 'left'} operand",
        found=describe(other),
        expected="an integer",
        remedy="sizes are whole numbers; in a kernel, convert with .to(enigma.f32) first",
    )


def dyn_equality(left: Dyn, right: object, equal: bool) -> Any:
    """Compare a symbol with a number or with another one; they are not the same expression.

    On the host two expressions are equal if they are the same; whether a number is equal is not
    known there.
    """
    if isinstance(right, Dyn) and current_builder() is None:
        return not equal
    return dyn_operator("==" if equal else "!=", left, right)


def dyn_to(value: Dyn, dtype: Any) -> Value:
    """Convert a symbol in a kernel, as a traced integer.

    Raises
    ------
    OutsideKernel
        On the host.
    """
    traced: Value = require_builder(f"conversion of {value}").symbols.value(value)
    return traced.to(dtype)


def dyn_number(value: Dyn, use: str) -> NoReturn:
    """Refuse to give a symbol as a number of Python.

    Raises
    ------
    StaticShapeError
        Always.
    """
    remedies = {
        "a truth value": f"compare it in a kernel, as in `{value} != 0`",
        "a Python index or range()": "use enigma.range for a loop in the kernel",
        "float()": "in a kernel, multiply by a traced float",
    }
    raise StaticShapeError(
        f"{use} needs a number, but {value} is known only when the kernel runs",
        remedy=remedies.get(use, "it is a traced integer in a kernel"),
    )


def check_picklable(value: Dyn) -> None:
    """Check that a symbol means something elsewhere.

    Raises
    ------
    EscapedValue
        When it stands for a traced value.
    """
    if any(str(symbol).startswith(_TRACED) for symbol in value.symbols):
        raise EscapedValue(
            where="in a kernel",
            remedy="pickle layouts of Python ints and of symbols that have names",
        )


# The operators of symbols, what messages call their operands, and the class of traced values.
install(
    traced=Operand,
    describe=describe,
    dyn_operator=dyn_operator,
    dyn_equality=dyn_equality,
    dyn_to=dyn_to,
    dyn_number=dyn_number,
    check_picklable=check_picklable,
)


def shown(tree: object) -> str:
    """Spell a nested tuple for messages, with the names of symbols."""
    if isinstance(tree, (tuple, list)):
        return f"({', '.join(map(shown, tree))}{',' if len(tree) == 1 else ''})"
    return str(tree)


def as_int(thing: Any) -> int | None:
    """Give a Python or NumPy integer as an int; None if it is neither."""
    if isinstance(thing, (bool, Dyn, Operand)):
        return None
    try:
        return operator.index(thing)
    except TypeError:
        return None


def tiler_of(tiler: object, what: str) -> Any:
    """Give a tiler with symbols for the traced integers in it.

    Raises
    ------
    OperandError
        When a part is no extent, layout or None.
    """
    return _layout.tiler(tiler, what, _tile)


def _tile(tiler: object, what: str) -> int | Dyn:
    """Give what is no plain leaf of a tiler as one."""
    if isinstance(tiler, Operand):
        value = tiler._as_value()
        if value.dtype.kind in "iu" and value.lanes == 1:
            return value._enigma_dyn()
    elif (number := as_int(tiler)) is not None:
        return number
    raise OperandError(
        operation=what,
        operand="a tile",
        found=describe(tiler),
        expected="an extent or a Layout for each mode, or None for one that is not cut",
        remedy="convert it with .to(enigma.i32)" if isinstance(tiler, Operand) else "",
    )


#: A coordinate as the algebra has it; how its type spells it; what of it is known only when the
#: kernel runs; and whether it keeps a mode.
Coordinate = tuple[Any, str, tuple[Dyn, ...], bool]


def coordinate(position: object, what: str) -> Coordinate:
    """Give a coordinate with symbols for the traced integers in it.

    Parameters
    ----------
    position : nested tuple of int, None and traced integers
        The coordinate.
    what : str
        What it selects from, for messages.

    Returns
    -------
    Coordinate
        With what is needed to hand it to an operation.

    Raises
    ------
    OperandError
        When a leaf is neither an integer nor None.
    """
    found: Coordinate = _layout.coordinate(position, what, _leaf)
    return found


def _leaf(position: Any, what: str) -> int | Dyn:
    """Give what is no plain leaf of a coordinate as one."""
    if isinstance(position, Operand):
        value = position._as_value()
        if value.dtype.kind in "iu" and value.lanes == 1:
            return value.builder.symbols.of(value)
    elif (number := as_int(position)) is not None:
        if not -(2**63) <= number < 2**63:
            raise IndexRangeError(
                f"{what}: the coordinate {spelled(number)} does not fit 64 bits",
                remedy="coordinates count the elements of a tensor",
            )
        return number
    raise OperandError(
        operation=what,
        operand="a coordinate",
        found=describe(position),
        expected="an integer, or None for a whole mode",
        remedy="convert it with .to(enigma.i32)"
        if isinstance(position, Operand)
        else "write a Python int or a traced integer; a part of a mode is a tile, as of "
        "enigma.local_tile",
    )


def tuple_operand(builder: Builder, tree: object) -> ir.Value:
    """Give a nested tuple of integers as an IR value."""
    pattern, leaves = _layout.spelling(tree)
    return made_tuple(builder, tuple_type(pattern), leaves)


def tuple_type(pattern: str) -> str:
    """Spell the type of a nested tuple."""
    return f"!enigma.int_tuple<{pattern}>"


def made_tuple(builder: Builder, type: str, leaves: tuple[Dyn, ...]) -> ir.Value:
    """Give a nested tuple as an IR value: its type, and what is known only when the kernel runs."""
    if not leaves:
        return builder.static(type)
    return builder.once((type, leaves), _make_tuple, type, leaves)


def _make_tuple(builder: Builder, type: str, leaves: tuple[Dyn, ...]) -> ir.Value:
    operands = tuple(map(builder.symbols.index, leaves))
    kind = builder.session.type(type)
    return builder.value("enigma.make_int_tuple", kind, operands)[1]


def static_type(thing: object) -> str | None:
    """Give the type that describes a layout or a tiler; None if it depends on the kernel's run."""
    if isinstance(thing, (Layout, SwizzledLayout)):
        return f"!enigma.layout<{thing}>" if thing.is_static else None
    if isinstance(thing, (tuple, list)):
        text = _static_tiler(thing)
        return None if text is None else f"!enigma.tiler<{text}>"
    return None if isinstance(thing, Dyn) else tuple_type(str(thing))


def layout_operand(builder: Builder, layout: Layout | SwizzledLayout) -> ir.Value:
    """Give a layout as an IR value.

    Raises
    ------
    EnigmaError
        When it is swizzled at an offset that is known only when the kernel runs.
    """
    type = static_type(layout)
    if type is not None:
        return builder.static(type)
    if isinstance(layout, SwizzledLayout):
        if not same(layout.offset, 0):
            raise EnigmaError(
                f"{layout} starts at an offset that is known only when the kernel runs",
                remedy="slice a tensor instead of its layout",
            )
        swizzle = layout.swizzle
        attributes = {
            name: builder.session.attribute(f"{number} : i64")
            for name, number in (
                ("bits", swizzle.bits),
                ("base", swizzle.base),
                ("shift", swizzle.shift),
            )
        }
        plain = layout_operand(builder, layout.layout)
        return builder.infer("enigma.swizzle", (plain,), attributes).result
    return builder.once(layout, _make_layout, layout)


def _make_layout(builder: Builder, layout: Layout) -> ir.Value:
    shape, stride = _described(layout)
    operands = (made_tuple(builder, *shape), made_tuple(builder, *stride))
    return builder.infer("enigma.make_layout", operands).result


@functools.lru_cache(maxsize=1024)
def _described(layout: Layout) -> tuple[tuple[str, tuple[Dyn, ...]], ...]:
    """Give the types of the shape and of the stride, and what the kernel knows of each."""
    both = [_layout.spelling(tree) for tree in (layout.shape, layout.stride)]
    return tuple([(tuple_type(pattern), leaves) for pattern, leaves in both])


def tiler_operand(builder: Builder, tiler: object) -> ir.Value:
    """Give a tiler as an IR value: a layout, an extent, or a tuple of such and None."""
    type = static_type(tiler)
    if type is not None:
        return builder.static(type)
    if isinstance(tiler, (Layout, SwizzledLayout)):
        return layout_operand(builder, tiler)
    if not isinstance(tiler, (tuple, list)):
        return tuple_operand(builder, tiler)
    modes = tuple(tiler_operand(builder, mode) for mode in tiler)
    return builder.infer("enigma.make_tiler", modes).result


def _static_tiler(tiler: object) -> str | None:
    if isinstance(tiler, (tuple, list)):
        modes = [_static_tiler(mode) for mode in tiler]
        return None if None in modes else f"({','.join(map(str, modes))})"
    if isinstance(tiler, Layout):
        return str(tiler) if tiler.is_static else None
    return None if isinstance(tiler, Dyn) else str(tiler)
