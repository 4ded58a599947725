# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Traced values: what the variables of a kernel hold while its Python function runs.

Operators build operations at once. A value is an SSA value of the IR and a dtype, which has the
signedness.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from functools import partial
from typing import Any

from enigma._layout import Dyn, SwizzledLayout, crd2idx, flatten, product, size
from enigma._layout import Layout as _Layout
from enigma.errors import (
    DTypeMismatch,
    EnigmaError,
    IndexRangeError,
    IntegerDivision,
    InvalidOption,
    NumberError,
    OperandError,
    SubscriptError,
    UnsupportedSyntax,
    resolve_dtype,
    spelled,
)
from enigma.tracing import operators as ops
from enigma.tracing.builder import Builder, Scope, require_builder
from enigma.tracing.decided import decide
from enigma.tracing.protocol import MODULAR_POWER, ValueProtocol
from enigma.types import (
    DType,
    DTypeLike,
    Number,
    arithmetic_dtype,
    b1,
    f32,
    is_number,
    promote,
    unsigned_dtype,
)

EXPECTED = "a traced value, a number or a bool"


class Unsettled:
    """The dtype of a Python number carried around a loop, while its body is first traced.

    Attributes
    ----------
    wanted : DType or None
        The dtype of the first traced value that the number met.
    provisional : bool
        Whether it met one of another dtype than it was given, so that the body has to be traced
        again.
    """

    __slots__ = ("provisional", "wanted")

    def __init__(self) -> None:
        self.wanted: DType | None = None
        self.provisional = False

    def meet(self, given: DType, other: DType) -> None:
        """Note that the number, now a value of dtype `given`, was used with a value of `other`."""
        if self.wanted is None:
            self.wanted = other
        if given is not other:
            self.provisional = True


class Operand(ValueProtocol):
    """Base of everything that Python's operators turn into operations of the kernel."""

    __slots__ = ()

    def _as_value(self) -> Value:
        raise NotImplementedError

    def _enigma_describe(self) -> str:
        return describe(self)

    def _enigma_kind(self) -> str:
        return _type_name(self._as_value())

    def _enigma_dyn(self) -> Dyn:
        """Give the integer of the algebra that stands for this value."""
        value = self._as_value()
        symbol: Dyn = value.builder.symbols.of(value)
        return symbol

    def __add__(self, other: Any) -> Value:
        return binary(ops.ADD, self, other)

    def __radd__(self, other: Any) -> Value:
        return binary(ops.ADD, other, self)

    def __sub__(self, other: Any) -> Value:
        return binary(ops.SUB, self, other)

    def __rsub__(self, other: Any) -> Value:
        return binary(ops.SUB, other, self)

    def __mul__(self, other: Any) -> Value:
        return binary(ops.MUL, self, other)

    def __rmul__(self, other: Any) -> Value:
        return binary(ops.MUL, other, self)

    def __truediv__(self, other: Any) -> Value:
        return binary(ops.TRUEDIV, self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return binary(ops.TRUEDIV, other, self)

    def __floordiv__(self, other: Any) -> Value:
        return binary(ops.FLOORDIV, self, other)

    def __rfloordiv__(self, other: Any) -> Value:
        return binary(ops.FLOORDIV, other, self)

    def __mod__(self, other: Any) -> Value:
        return binary(ops.MOD, self, other)

    def __rmod__(self, other: Any) -> Value:
        return binary(ops.MOD, other, self)

    def __pow__(self, other: Any, modulus: Any = None) -> Value:
        if modulus is not None:
            raise self._refused("given to pow() with three arguments", MODULAR_POWER)
        return power(self, other)

    def __rpow__(self, other: Any) -> Value:
        return power(other, self)

    def __and__(self, other: Any) -> Value:
        return binary(ops.AND, self, other)

    def __rand__(self, other: Any) -> Value:
        return binary(ops.AND, other, self)

    def __or__(self, other: Any) -> Value:
        return binary(ops.OR, self, other)

    def __ror__(self, other: Any) -> Value:
        return binary(ops.OR, other, self)

    def __xor__(self, other: Any) -> Value:
        return binary(ops.XOR, self, other)

    def __rxor__(self, other: Any) -> Value:
        return binary(ops.XOR, other, self)

    def __lshift__(self, other: Any) -> Value:
        return shift(ops.SHL, self, other)

    def __rlshift__(self, other: Any) -> Value:
        return shift(ops.SHL, other, self)

    def __rshift__(self, other: Any) -> Value:
        return shift(ops.SHR, self, other)

    def __rrshift__(self, other: Any) -> Value:
        return shift(ops.SHR, other, self)

    def __matmul__(self, other: Any) -> Value:
        raise OperandError(
            operation="`@`",
            operand="left operand",
            found=describe(self),
            expected="a matrix",
            remedy="multiply with `*`; products of matrices are sums in a loop",
        )

    __rmatmul__ = __matmul__

    def __eq__(self, other: Any) -> Value:  # type: ignore[override]
        return compare_written(ops.EQ, self, other)

    def __ne__(self, other: Any) -> Value:  # type: ignore[override]
        return compare_written(ops.NE, self, other)

    def __lt__(self, other: Any) -> Value:
        return compare_written(ops.LT, self, other)

    def __le__(self, other: Any) -> Value:
        return compare_written(ops.LE, self, other)

    def __gt__(self, other: Any) -> Value:
        return compare_written(ops.GT, self, other)

    def __ge__(self, other: Any) -> Value:
        return compare_written(ops.GE, self, other)

    __hash__ = ValueProtocol.__hash__

    def __neg__(self) -> Value:
        return negate(self._as_value())

    def __pos__(self) -> Value:
        value = self._as_value()
        return cast(value, arithmetic_dtype(value.dtype))

    def __invert__(self) -> Value:
        return invert(self._as_value())

    def __abs__(self) -> Value:
        return absolute(self._as_value())

    def to(self, dtype: DTypeLike) -> Value:
        """Convert to another dtype: ``x.to(enigma.f32)``.

        Parameters
        ----------
        dtype : DType, type or str
            The dtype of the result. Float to integer truncates; anything to `b1` compares with
            zero.
        """
        return convert(self._as_value(), resolve_dtype(dtype))


class Nameable:
    """What takes the name of the variable that it is first assigned to, and is no value."""

    __slots__ = ()

    def _take_name(self, name: str) -> None:
        raise NotImplementedError


class Value(Operand):
    """A scalar whose value is known when the kernel runs.

    Attributes
    ----------
    dtype : DType
        Its dtype.
    """

    __slots__ = (
        "alternatives",
        "builder",
        "dtype",
        "index",
        "ir",
        "name",
        "operation",
        "scope",
        "unsettled",
    )

    lanes = 1

    def __init__(
        self,
        builder: Builder,
        ir: Any,
        dtype: DType,
        operation: Any = None,
        unsettled: tuple[Unsettled, ...] | None = None,
    ) -> None:
        self.builder = builder
        self.ir = ir
        self.dtype = dtype
        self.operation = operation
        self.unsettled = unsettled
        # What it chooses between, if that is numbers: see `enigma.tracing.alternatives`.
        self.alternatives: Any = None
        self.scope: Scope = builder.scope
        self.name: str | None = None
        self.index: Any = None

    def _as_value(self) -> Value:
        return self

    def _take_name(self, name: str) -> None:
        name_value(self, name)

    def __repr__(self) -> str:
        return f"<traced {_type_name(self)}{f' {self.name}' if self.name else ''}>"

    def __getitem__(self, subscript: Any) -> Value:
        raise SubscriptError(
            f"a traced {_type_name(self)} is one value and has no elements", remedy=_NOT_A_BUFFER
        )

    def __setitem__(self, subscript: Any, value: Any) -> None:
        raise SubscriptError(
            f"a traced {_type_name(self)} is one value and its elements cannot be assigned",
            remedy=_NOT_A_BUFFER,
        )

    def __iter__(self) -> Any:
        raise SubscriptError(
            f"a traced {_type_name(self)} cannot be iterated over",
            remedy="use `for i in enigma.range(n)` for a loop",
        )

    def __len__(self) -> int:
        raise SubscriptError(
            f"a traced {_type_name(self)} is one value and has no length",
            remedy="pass a length as a parameter: n: enigma.Scalar(enigma.u32)",
        )


_NOT_A_BUFFER = (
    "declare the parameter as a buffer (`x: enigma.f32`) rather than as a Scalar, or assign "
    "to a new name"
)
_LANES = {letter: lane for letters in ("xyzw", "rgba") for lane, letter in enumerate(letters)}


class Vector(Value):
    """A vector of 2, 3 or 4 lanes: ``v.x``, ``v[1]``, and swizzles such as ``v.zyx``."""

    __slots__ = ("lanes",)

    def __init__(
        self,
        builder: Builder,
        ir: Any,
        dtype: DType,
        operation: Any = None,
        unsettled: tuple[Unsettled, ...] | None = None,
        lanes: int = 2,
    ) -> None:
        super().__init__(builder, ir, dtype, operation, unsettled)
        self.lanes = lanes

    def __getattr__(self, name: str) -> Value:
        if not 1 <= len(name) <= 4 or any(letter not in _LANES for letter in name):
            raise AttributeError(
                f"a vector has lanes such as .x and swizzles such as .xy, but no attribute {name!r}"
            )
        return self._lanes_at([_LANES[letter] for letter in name], f".{name}")

    def _lanes_at(self, selected: list[int], shown: str) -> Value:
        if max(selected) >= self.lanes:
            raise IndexRangeError(
                f"{shown} is beyond the {self.lanes} lanes of a {_type_name(self)}",
                remedy=f"the last one is v[{self.lanes - 1}]",
            )
        if len(selected) == 1:
            return extract_lane(self, selected[0])
        builder = self.builder
        attributes = {"mask": builder.ir.DenseI64ArrayAttr.get(selected, builder.session.context)}
        source = use(self)
        return result(
            builder, "vector.shuffle", self.dtype, len(selected), (source, source), attributes
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _LANES:
            raise UnsupportedSyntax(
                construct=f"assignment to the lane .{name} of a vector",
                name="a kernel",
                remedy="make a new vector with enigma.make_vec",
            )
        super().__setattr__(name, value)

    def __getitem__(self, subscript: Any) -> Value:
        if isinstance(subscript, int):
            lane = subscript + self.lanes if subscript < 0 else subscript
            if 0 <= lane < self.lanes:
                return extract_lane(self, lane)
            raise IndexRangeError(
                f"lane {subscript} is beyond the {self.lanes} lanes of a {_type_name(self)}",
                remedy=f"the last one is v[{self.lanes - 1}]",
            )
        raise SubscriptError(
            f"a lane is selected by a Python int, not by {describe(subscript)}",
            remedy=(
                "lanes must be known while the kernel is compiled; keep the elements in a "
                "register_tensor instead"
            ),
        )

    def __setitem__(self, subscript: Any, value: Any) -> None:
        raise SubscriptError(
            "the lanes of a vector cannot be assigned", remedy="make a new one with enigma.make_vec"
        )

    def __iter__(self) -> Any:
        return iter([extract_lane(self, lane) for lane in range(self.lanes)])

    def __len__(self) -> int:
        return self.lanes


class FragmentLanes(int):
    """The lanes of a fragment: as many as its elements, which are arranged in a shape.

    They stand wherever the number of lanes of a scalar (1) or vector does, and equal those of a
    fragment whose elements come in the same order: those of the same modes, whatever these consist
    of, or of the same leaves, however these nest.

    Parameters
    ----------
    shape : int or nested tuple of int
        The shape.
    """

    layout: _Layout
    extents: tuple[int, ...]
    modes: tuple[int, ...]

    def __new__(cls, shape: Any) -> FragmentLanes:
        """Count the elements of the shape."""
        layout = _Layout(shape)
        lanes = super().__new__(cls, size(layout))
        lanes.layout = layout
        extents = flatten(layout).shape
        lanes.extents = extents if isinstance(extents, tuple) else (extents,)
        lanes.modes = tuple(map(size, layout))
        return lanes

    @property
    def shape(self) -> Any:
        """The shape as given."""
        return self.layout.shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FragmentLanes) and (
            self.extents == other.extents or self.modes == other.modes
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__


class Fragment(Value):
    """The elements of a view in registers: a value that never changes, like a number.

    Operators and functions act on each element; scalars meet every element. ``f[i, j]`` is an
    element, at a coordinate that is known while the kernel is compiled.

    Attributes
    ----------
    shape : int or nested tuple of int
        How the elements are arranged; the first mode runs fastest.
    """

    __slots__ = ("lanes",)

    lanes: FragmentLanes

    def __init__(
        self,
        builder: Builder,
        ir: Any,
        dtype: DType,
        operation: Any = None,
        unsettled: tuple[Unsettled, ...] | None = None,
        *,
        lanes: FragmentLanes,
    ) -> None:
        super().__init__(builder, ir, dtype, operation, unsettled)
        self.lanes = lanes

    @property
    def shape(self) -> Any:
        """The shape."""
        return self.lanes.shape

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self.lanes)

    def __getitem__(self, subscript: Any) -> Value:
        layout = self.lanes.layout
        for leaf in subscript if isinstance(subscript, tuple) else (subscript,):
            if isinstance(leaf, Operand):
                raise SubscriptError(
                    f"an element of a fragment is selected by Python ints, not by {describe(leaf)}",
                    remedy=(
                        "registers have no addresses: unroll the loop with "
                        "enigma.range_constexpr, or keep the elements in a register_tensor"
                    ),
                )
        lane = crd2idx(subscript, layout)
        if not isinstance(lane, int) or not _inside(subscript, self.shape):
            raise IndexRangeError(
                f"coordinate {subscript} is outside of a fragment of shape {self.shape}",
                remedy="coordinates count from 0, and there is no wrap-around",
            )
        return extract_lane(self, lane)

    def __setitem__(self, subscript: Any, value: Any) -> None:
        raise SubscriptError(
            "the elements of a fragment cannot be assigned",
            remedy="compute a new one, as in `f = enigma.where(f, g, mask)`, or keep the elements "
            "in a register_tensor",
        )

    def __iter__(self) -> Any:
        return iter([extract_lane(self, lane) for lane in range(self.size)])

    def __len__(self) -> int:
        return self.size

    def reduce(self, operation: str) -> Value:
        """Combine all elements of the fragment, in no particular order.

        Parameters
        ----------
        operation : {"add", "mul", "min", "max"}
            How.

        Returns
        -------
        Value
            A scalar of the same dtype.

        Raises
        ------
        EnigmaError
            When the operation is another one, or the elements are bools.
        """
        kinds = _REDUCTIONS.get(operation) if isinstance(operation, str) else None
        if kinds is None:
            raise InvalidOption(
                option="the operation of Fragment.reduce",
                expected=f"one of {', '.join(_REDUCTIONS)}",
                found=operation,
            )
        if self.dtype is b1:
            raise OperandError(
                operation="Fragment.reduce",
                operand="the fragment",
                found=describe(self),
                expected="numbers",
                remedy="convert it with .to(enigma.i32)",
            )
        kind = kinds["fiu".index(self.dtype.kind)]
        attributes = {"kind": self.builder.session.attribute(f"#vector.kind<{kind}>")}
        return result(self.builder, "vector.reduction", self.dtype, 1, (use(self),), attributes)


def _inside(position: Any, shape: Any) -> bool:
    """Whether a coordinate, which fits a shape, lies in it."""
    if isinstance(position, (tuple, list)):
        return all(map(_inside, position, shape))
    return bool(0 <= position < product(shape))


# The combining kind of a reduction for floats, signed and unsigned integers.
_REDUCTIONS = {
    "add": ("add", "add", "add"),
    "mul": ("mul", "mul", "mul"),
    "min": ("minnumf", "minsi", "minui"),
    "max": ("maxnumf", "maxsi", "maxui"),
}


def describe(thing: object) -> str:
    """Say what something is, for messages."""
    if isinstance(thing, Value):
        return f"a traced {_type_name(thing)}"
    if isinstance(thing, Operand):
        return f"a traced {_type_name(thing._as_value())}"
    if isinstance(thing, Dyn):
        return f"an integer that is known only when the kernel runs ({thing})"
    if thing is None:
        return "None"
    own = getattr(thing, "_enigma_describe", None)
    if own is not None:
        return str(own())
    if isinstance(thing, (_Layout, SwizzledLayout)):
        return f"a {type(thing).__name__} ({thing})"
    name = type(thing).__name__
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    if isinstance(thing, (str, bytes, bool, int, float)):
        text = spelled(thing)
        return f"{article} {name} ({text if len(text) <= 40 else text[:37] + '...'})"
    return f"{article} {name}"


def _type_name(value: Value) -> str:
    if isinstance(value, Fragment):
        return f"{value.dtype.name} fragment of shape {value.shape}"
    return value.dtype.name if value.lanes == 1 else f"{value.dtype.name}x{value.lanes}"


def _make(
    builder: Builder,
    ir: Any,
    dtype: DType,
    lanes: int,
    operation: Any = None,
    unsettled: tuple[Unsettled, ...] | None = None,
) -> Value:
    if lanes.__class__ is not int:
        assert isinstance(lanes, FragmentLanes)
        return Fragment(builder, ir, dtype, operation, unsettled, lanes=lanes)
    if lanes == 1:
        return Value(builder, ir, dtype, operation, unsettled)
    return Vector(builder, ir, dtype, operation, unsettled, lanes)


def use(value: Value) -> Any:
    """Give the IR value behind `value` for an operation.

    Raises
    ------
    EscapedValue
        When the scope that computed it is closed.
    """
    if not value.scope.open:
        raise value.builder.escaped(value.scope)
    return value.ir


def result(
    builder: Builder,
    name: str,
    dtype: DType,
    lanes: int,
    operands: tuple[Any, ...],
    attributes: dict[str, Any] | None = None,
    unsettled: tuple[Unsettled, ...] | None = None,
) -> Value:
    """Build an operation with one result and wrap it."""
    if dtype.kind == "i" and name in ops.EXACT_WHEN_SIGNED:
        attributes = {"overflowFlags": builder.session.attribute("#arith.overflow<nsw>")}
    operation = builder.op(name, (builder.session.value_type(dtype, lanes),), operands, attributes)
    return _make(builder, operation.result, dtype, lanes, operation, unsettled)


def constant(builder: Builder, dtype: DType, number: Number, lanes: int = 1) -> Value:
    """Wrap a Python number that is known to fit `dtype`."""
    return wrap(builder, builder.constant(dtype, number, lanes), dtype, lanes, builder.entry)


def wrap(
    builder: Builder, ir: Any, dtype: DType, lanes: int = 1, scope: Scope | None = None
) -> Value:
    """Wrap an IR value that is not the result of a new operation."""
    value = _make(builder, ir, dtype, lanes)
    if scope is not None:
        value.scope = scope
    return value


def known_number(value: Value) -> int | None:
    """Give the number that an integer scalar is, where it is a constant of the kernel."""
    owner = value.ir.owner
    if getattr(owner, "name", None) != "arith.constant" or value.lanes != 1 or value.dtype.is_float:
        return None
    number = int(owner.attributes["value"].value)
    return number if value.dtype.is_signed else number % (1 << value.dtype.bits)


def name_value(value: Value, name: str) -> None:
    """Give the operation behind a value the name of a Python variable, unless it has one."""
    if value.name is None and value.operation is not None and value.scope.open:
        operation = value.operation
        operation.location = value.builder.named_location(name, operation.location)
        value.name = name


def as_operand(thing: Any, operation: str, operand: str) -> Value | Number:
    """Give an operand as a traced value or a Python number.

    Raises
    ------
    OperandError
        When it is neither; the message names the operation and the operand.
    """
    if isinstance(thing, Operand):
        return thing._as_value()
    if isinstance(thing, (bool, int, float)):
        return thing
    if isinstance(thing, Dyn):
        symbolic: Value = require_builder(operation).symbols.value(thing)
        return symbolic
    if isinstance(thing, (numbers.Integral, numbers.Real)) or type(thing).__name__ in (
        "bool_",
        "bool",
    ):
        # NumPy's scalars: the number is what counts, not the width that it was stored in.
        return thing.item() if hasattr(thing, "item") else float(thing)
    fields: dict[str, Any] = {"operation": operation, "operand": operand, "expected": EXPECTED}
    fields["remedy"] = getattr(thing, "_enigma_operand_hint", None) or _operand_remedy(thing)
    raise OperandError(found=describe(thing), **fields)


def _operand_remedy(thing: Any) -> str:
    """Say what to do about an operand that is no value."""
    if thing is None:
        return "give it a value, or look for None with `is None`"
    if isinstance(thing, (str, bytes)):
        return "a kernel computes with numbers; text is compared with text, before it meets a value"
    if hasattr(thing, "__len__") or hasattr(thing, "__iter__"):
        return "use its elements one by one"
    return "compute with its numbers"


def as_condition(
    thing: Any, operation: str, operand: str, remedy: str = "compare it, as in `x != 0`"
) -> Value | bool:
    """Give the condition of an access or a choice.

    Raises
    ------
    OperandError
        When it is no bool: a number in its place is most often another argument.
    """
    condition = as_operand(thing, operation, operand)
    if isinstance(condition, bool) or (isinstance(condition, Value) and condition.dtype is b1):
        return condition
    raise OperandError(
        operation=operation,
        operand=operand,
        found=describe(condition),
        expected="a bool",
        remedy=remedy,
    )


def check_number(number: Number, dtype: DType, operation: str) -> Number:
    """Check that a Python number is representable in `dtype`.

    Raises
    ------
    NumberError
        When it is not.
    """
    reason = dtype.why_not(number)
    if reason is not None:
        raise NumberError(operation=operation, number=number, dtype=dtype, reason=reason)
    return number


def as_dtype(
    builder: Builder, thing: Any, dtype: DType, lanes: int, operation: str, operand: str
) -> Value:
    """Give an operand of a given dtype: a number that fits, or a value of that very dtype."""
    value = as_operand(thing, operation, operand)
    if not isinstance(value, Value):
        return constant(builder, dtype, check_number(value, dtype, operation), lanes)
    if value.unsettled is not None:
        value = settle(value, dtype)
    if value.dtype is not dtype:
        raise DTypeMismatch(
            f"{operation}: {operand} is {describe(value)}, expected {dtype}",
            remedy=f"convert it with .to({dtype})",
        )
    return broadcast(value, lanes, operation)


def settle(value: Value, dtype: DType) -> Value:
    """Use a number of the kernel with a value of `dtype`, which it takes as a Python number would.

    That is a number that a loop carries, or one of several that the kernel chooses between.
    """
    assert value.unsettled is not None
    if value.alternatives is not None:
        settled: Value = value.alternatives.settle(value, dtype)
        for number in value.unsettled:
            number.meet(value.dtype, dtype)
        return settled
    if value.dtype.kind == "f" and dtype.kind != "f":
        return value
    if value.dtype.kind == "b" or dtype.kind == "b":
        return value
    for number in value.unsettled:
        number.meet(value.dtype, dtype)
    return cast(value, dtype)


def unify(
    symbol: str, left: Any, right: Any, keep_bool: bool
) -> tuple[Value, Value, tuple[Unsettled, ...] | None]:
    """Bring two operands, of which at least one is traced, to one dtype and one number of lanes.

    Returns
    -------
    left, right : Value
        The operands in the common dtype.
    unsettled : tuple of Unsettled or None
        The carried numbers that the dtype of the result depends on.
    """
    operation = f"`{symbol}`"
    left = as_operand(left, operation, "the left operand")
    right = as_operand(right, operation, "the right operand")
    unsettled: tuple[Unsettled, ...] | None = None
    if isinstance(left, Value) and isinstance(right, Value):
        if left.unsettled is not None and right.unsettled is not None:
            unsettled = (_carried(left) or ()) + (_carried(right) or ()) or None
        elif left.unsettled is not None:
            left = settle(left, right.dtype if keep_bool else arithmetic_dtype(right.dtype))
        elif right.unsettled is not None:
            right = settle(right, left.dtype if keep_bool else arithmetic_dtype(left.dtype))
        common = promote(left.dtype, right.dtype)
        if not keep_bool:
            common = arithmetic_dtype(common)
        left, right = cast(left, common), cast(right, common)
        if left.lanes != right.lanes:
            left, right = meet_lanes(left, right, operation)
        return left, right, unsettled
    value, number = (left, right) if isinstance(left, Value) else (right, left)
    assert isinstance(value, Value)
    assert not isinstance(number, Value)
    if value.unsettled is not None:
        unsettled = _carried(value)
        if isinstance(number, float) and value.dtype.kind == "i":
            value = settle(value, f32)
    value = cast(value, value.dtype if keep_bool else arithmetic_dtype(value.dtype))
    check_number(number, value.dtype, operation)
    other = constant(value.builder, value.dtype, number, value.lanes)
    return (value, other, unsettled) if isinstance(left, Value) else (other, value, unsettled)


def _carried(value: Value) -> tuple[Unsettled, ...] | None:
    """Give what is unsettled in the result of arithmetic on a value.

    What is computed from numbers that the kernel chooses has the dtype that they have alone.
    """
    return None if value.alternatives is not None else value.unsettled


def wider(a: int, b: int) -> int:
    """Give the lanes in which lanes `a` and `b` meet, if they do: those that are not a scalar's."""
    return b if a == 1 else a


def meet_lanes(left: Value, right: Value, operation: str) -> tuple[Value, Value]:
    """Bring two values to one number of lanes."""
    lanes = wider(left.lanes, right.lanes)
    return broadcast(left, lanes, operation), broadcast(right, lanes, operation)


def broadcast(value: Value, lanes: int, operation: str) -> Value:
    """Give all lanes of a vector or a fragment the value of a scalar."""
    if value.lanes == lanes:
        return value
    if value.lanes != 1:
        raise DTypeMismatch(
            f"{operation}: a {lanes_text(value.lanes)} and a {lanes_text(lanes)} do not go "
            "together",
            remedy="operands have the same shape, or are scalars",
        )
    return result(value.builder, "vector.broadcast", value.dtype, lanes, (use(value),))


def lanes_text(lanes: int) -> str:
    """Say what has those lanes."""
    if isinstance(lanes, FragmentLanes):
        return f"fragment of shape {lanes.shape}"
    return f"vector of {lanes} lanes"


def binary(operator: ops.BinaryOperator, left: Any, right: Any) -> Value:
    """Build a binary operator."""
    unsettled = None
    if (
        left.__class__ is Value
        and right.__class__ is Value
        and left.dtype is right.dtype
        and left.dtype is not b1
        and left.unsettled is None
        and right.unsettled is None
    ):
        pass
    else:
        folded = fold_numbers(operator.symbol, (left, right), partial(binary, operator))
        if folded is not None:
            return folded
        divisor = right
        if operator is ops.TRUEDIV and _is_number(left) and _is_number(right):
            # A number is no integer for the sake of being written as one.
            left, right = (
                settle(side, f32) if isinstance(side, Value) else side for side in (left, right)
            )
        left, right, unsettled = unify(operator.symbol, left, right, operator.bool_op is not None)
        if (
            not operator.speculatable
            and divisor.__class__ is int
            and divisor == 0
            and left.dtype.kind != "f"
        ):
            raise OperandError(
                operation=f"`{operator.symbol}`",
                operand="the divisor",
                found="0",
                expected="a number other than zero",
            )
    builder: Builder = left.builder
    dtype = left.dtype
    name = operator.ops[dtype.kind]
    if name is None:
        raise _undefined(operator, left, right)
    if dtype.kind != "f" and not operator.speculatable:
        builder.effects += 1
    return result(builder, name, dtype, left.lanes, (use(left), use(right)), None, unsettled)


def _undefined(operator: ops.BinaryOperator, left: Value, right: Value) -> EnigmaError:
    if operator is ops.TRUEDIV:
        return IntegerDivision(left=left.dtype, right=right.dtype)
    if left.dtype.kind == "f":
        return OperandError(
            operation=f"`{operator.symbol}`",
            operand="an operand",
            found=f"a float ({_type_name(left)})",
            expected="integers or bools",
            remedy="convert with .to(enigma.i32), or look at the bits with enigma.as_type",
        )
    return OperandError(
        operation=f"`{operator.symbol}`",
        operand="an operand",
        found=describe(left),
        expected="floats",
        remedy="convert with .to(enigma.f32)",
    )


def fold_numbers(
    symbol: str, operands: tuple[Any, ...], build: Callable[..., Value]
) -> Value | None:
    """Apply an operator to numbers that the kernel chooses, as Python does; None for others."""
    chosen = next(
        (o for o in operands if isinstance(o, Value) and o.alternatives is not None), None
    )
    if chosen is None:
        return None
    folded: Value | None = chosen.alternatives.fold(symbol, operands, build)
    return folded


def is_choice(thing: Any) -> bool:
    """Whether something is a number that the kernel chooses, and can choose anew."""
    return (
        isinstance(thing, Value)
        and thing.alternatives is not None
        and bool(thing.alternatives.open)
    )


def _is_number(thing: Any) -> bool:
    """Whether something is a number of Python, or one of the kernel that has no dtype yet."""
    return thing.unsettled is not None if isinstance(thing, Value) else is_number(thing)


def compare(comparison: ops.Comparison, left: Any, right: Any) -> Value:
    """Build a comparison; its result is a `b1`."""
    folded = fold_numbers(comparison.symbol, (left, right), partial(compare, comparison))
    if folded is not None:
        return folded
    keep_bool = comparison is ops.EQ or comparison is ops.NE
    left, right, _ = unify(comparison.symbol, left, right, keep_bool)
    builder: Builder = left.builder
    kind = left.dtype.kind
    session = builder.session
    if kind == "f":
        name, predicate = "arith.cmpf", comparison.float_predicate
    elif kind == "i":
        name, predicate = "arith.cmpi", comparison.signed_predicate
    else:
        name, predicate = "arith.cmpi", comparison.unsigned_predicate
    attributes = {"predicate": session.attribute(f"{predicate} : i64")}
    return result(builder, name, b1, left.lanes, (use(left), use(right)), attributes)


def compare_written(comparison: ops.Comparison, left: Any, right: Any) -> Value:
    """Build a comparison that the function which calls this was asked for.

    Where its dtypes decide it, the author is warned, and a number that the dtype does not hold is
    compared as Python does.
    """
    decided = decide_written(comparison, left, right, depth=4)
    return compare(comparison, left, right) if decided is None else decided


def decide_written(
    comparison: ops.Comparison, left: Any, right: Any, depth: int = 3
) -> Value | None:
    """Warn if dtypes decide a comparison; give its value where `compare` would have none.

    The warning is for the function that is `depth` calls up from `decide`, if it is the user's.
    """
    mirrored = not isinstance(left, Operand)
    value, other = (right, left) if mirrored else (left, right)
    if not isinstance(value, Operand) or not isinstance(other, (int, Value)):
        return None
    value = value._as_value()
    known: DType | None = None
    number: int | None
    if isinstance(other, Value):
        number = None if other.dtype.is_float else known_number(other)
        known = other.dtype
    else:
        number = int(other)
    if number is None or value.dtype.is_float or value.unsettled is not None:
        return None
    always, notice = decide(comparison.symbol, value.dtype, number, mirrored, known, depth)
    if notice is not None:
        value.builder.notices.add(notice, value.builder.scope.block.owner)
    if notice is None or value.dtype.why_not(number) is None:
        return None
    assert always is not None
    return constant(value.builder, b1, always, value.lanes)


def shift(operator: ops.BinaryOperator, left: Any, right: Any) -> Value:
    """Build a shift. As in C, its dtype is that of the left operand, whatever the amount is."""
    folded = fold_numbers(operator.symbol, (left, right), partial(shift, operator))
    if folded is not None:
        return folded
    symbol = f"`{operator.symbol}`"
    left = as_operand(left, symbol, "the left operand")
    right = as_operand(right, symbol, "the shift amount")
    if is_choice(left) and isinstance(right, Value):
        left = settle(left, arithmetic_dtype(right.dtype))
    if not isinstance(left, Value):
        number, left = left, arithmetic_dtype(right.dtype)
        left = constant(right.builder, left, check_number(number, left, symbol), right.lanes)
    builder: Builder = left.builder
    left = cast(left, arithmetic_dtype(left.dtype))
    dtype = left.dtype
    unsettled = _carried(left)
    if isinstance(right, Value):
        right = cast(right, arithmetic_dtype(right.dtype))
        if dtype.kind == "f" or right.dtype.kind == "f":
            raise _undefined(operator, left if dtype.kind == "f" else right, right)
        right = cast(right, dtype)
    else:
        if dtype.kind == "f":
            raise _undefined(operator, left, left)
        if not (isinstance(right, int) and 0 <= right < dtype.bits):
            raise NumberError(
                operation=symbol,
                number=right,
                dtype=dtype,
                reason=f"a shift amount is a whole number from 0 to {dtype.bits - 1}",
                remedy="shift by less than the width",
            )
        right = constant(builder, dtype, right, left.lanes)
    left, right = meet_lanes(left, right, symbol)
    name = operator.ops[dtype.kind]
    assert name is not None
    return result(builder, name, dtype, left.lanes, (use(left), use(right)), None, unsettled)


# Powers of floats with a known whole exponent up to this one become products.
MAX_PRODUCT = 64


def power(base: Any, exponent: Any, operation: str = "`**`") -> Value:
    """Build `**`: products where the exponent is an integer, `pow` of floats elsewhere."""
    base = as_operand(base, operation, "the base")
    exponent = as_operand(exponent, operation, "the exponent")
    if isinstance(exponent, (int, float)) and abs(exponent) <= MAX_PRODUCT:
        folded = fold_numbers("**", (base, exponent), power)
        if folded is not None:
            return folded
    base_is_float = base.dtype.is_float if isinstance(base, Value) else isinstance(base, float)
    whole = _whole_number(exponent, base_is_float)
    if isinstance(base, Value) and whole is not None:
        if base_is_float and abs(whole) <= MAX_PRODUCT:
            wide = cast(base, f32) if base.dtype.bits < 32 else base
            product = _product(wide, abs(whole))
            return cast(1.0 / product if whole < 0 else product, base.dtype)
        if not base_is_float and 0 <= whole <= MAX_PRODUCT:
            return _product(cast(base, arithmetic_dtype(base.dtype)), whole)
    exponent_is_float = (
        exponent.dtype.is_float if isinstance(exponent, Value) else isinstance(exponent, float)
    )
    if base_is_float and isinstance(exponent, Value) and not exponent_is_float:
        if not isinstance(base, Value):
            base = constant(exponent.builder, f32, check_number(base, f32, operation))
        return _integer_power(base, exponent, operation)
    if base_is_float or (isinstance(exponent, Value) and exponent_is_float):
        return binary(ops.POW, base, exponent)
    raise OperandError(
        operation=operation,
        operand="the base",
        found=describe(base),
        expected=f"a float, or an integer with a Python int from 0 to {MAX_PRODUCT} as exponent",
        remedy="convert the base with .to(enigma.f32); a power of two is `1 << n`",
    )


def _whole_number(exponent: Value | Number, may_be_float: bool) -> int | None:
    """Give the int that an exponent is, if that is known."""
    if isinstance(exponent, Value):
        return known_number(exponent) if exponent.unsettled is None else None
    if isinstance(exponent, float) and not (may_be_float and exponent.is_integer()):
        return None
    return int(exponent)


def _product(base: Value, exponent: int) -> Value:
    """Multiply a number by itself, by repeated squaring."""
    if exponent == 0:
        return constant(base.builder, base.dtype, 1, base.lanes)
    product: Value | None = None
    square = base
    while True:
        if exponent & 1:
            product = square if product is None else product * square
        exponent >>= 1
        if not exponent:
            assert product is not None
            return product
        square = square * square


def _integer_power(base: Value, exponent: Value, operation: str) -> Value:
    """Build the power of a float with an integer that the kernel computes."""
    builder, dtype = base.builder, base.dtype
    unsettled = _carried(base)
    exponent = cast(exponent, arithmetic_dtype(exponent.dtype))
    base, exponent = meet_lanes(base, exponent, operation)
    lanes = base.lanes
    count = cast(exponent, unsigned_dtype(exponent.dtype))
    negative: Value | None = None
    if exponent.dtype.is_signed:
        negative = compare(ops.LT, exponent, 0)
        operands = (use(negative), use(negate(count)), use(count))
        count = result(builder, "arith.select", count.dtype, lanes, operands)
    wide = cast(base, f32) if dtype.bits < 32 else base
    factors = (use(wide), use(count))
    power = result(builder, "enigma.powi", wide.dtype, lanes, factors, None, unsettled)
    if negative is not None:
        operands = (use(negative), use(1.0 / power), use(power))
        power = result(builder, "arith.select", wide.dtype, lanes, operands, None, unsettled)
    return cast(power, dtype)


def negate(value: Value) -> Value:
    """Build unary minus."""
    folded = fold_numbers("neg", (value,), negate)
    if folded is not None:
        return folded
    value = cast(value, arithmetic_dtype(value.dtype))
    builder = value.builder
    if value.dtype.kind == "f":
        return result(
            builder, "arith.negf", value.dtype, value.lanes, (use(value),), None, _carried(value)
        )
    zero = builder.constant(value.dtype, 0, value.lanes)
    return result(
        builder, "arith.subi", value.dtype, value.lanes, (zero, use(value)), None, _carried(value)
    )


def invert(value: Value) -> Value:
    """Build `~`: all bits of an integer, or the other truth value of a bool."""
    folded = fold_numbers("~", (value,), invert)
    if folded is not None:
        return folded
    if value.dtype.kind == "f":
        raise _undefined(ops.BinaryOperator("~", None, None, None), value, value)
    builder = value.builder
    ones = builder.constant(
        value.dtype, -1 if value.dtype.kind == "i" else value.dtype.maximum, value.lanes
    )
    return result(
        builder, "arith.xori", value.dtype, value.lanes, (use(value), ones), None, _carried(value)
    )


def absolute(value: Value) -> Value:
    """Build the magnitude of a number."""
    folded = fold_numbers("abs", (value,), absolute)
    if folded is not None:
        return folded
    value = cast(value, arithmetic_dtype(value.dtype))
    name = {"f": "math.absf", "i": "math.absi"}.get(value.dtype.kind)
    if name is None:
        return value
    return result(
        value.builder, name, value.dtype, value.lanes, (use(value),), None, _carried(value)
    )


def extract_lane(vector: Vector | Fragment, lane: int) -> Value:
    """Build the selection of one lane."""
    builder = vector.builder
    attributes = {"static_position": builder.session.attribute(f"array<i64: {lane}>")}
    return result(builder, "vector.extract", vector.dtype, 1, (use(vector),), attributes)


def cast(value: Value, dtype: DType) -> Value:
    """Build the conversion of a value to another dtype."""
    source = value.dtype
    if source is dtype:
        return value
    builder = value.builder
    lanes = value.lanes
    ir = use(value)
    if dtype.kind == "b":
        attribute = {
            "predicate": builder.session.attribute("13 : i64" if source.kind == "f" else "1 : i64")
        }
        zero = builder.constant(source, 0, lanes)
        return result(
            builder,
            "arith.cmpf" if source.kind == "f" else "arith.cmpi",
            b1,
            lanes,
            (ir, zero),
            attribute,
        )
    if source.kind == "f" and dtype.kind == "f":
        if source.bits == dtype.bits:
            ir = result(builder, "arith.extf", f32, lanes, (ir,)).ir
            name = "arith.truncf"
        else:
            name = "arith.extf" if source.bits < dtype.bits else "arith.truncf"
    elif source.kind == "f":
        name = "arith.fptosi" if dtype.kind == "i" else "arith.fptoui"
    elif dtype.kind == "f":
        name = "arith.sitofp" if source.kind == "i" else "arith.uitofp"
    elif source.bits == dtype.bits:
        same = wrap(builder, ir, dtype, lanes, value.scope)
        same.operation, same.name = value.operation, value.name
        return same
    elif source.bits > dtype.bits:
        name = "arith.trunci"
    else:
        name = "arith.extsi" if source.kind == "i" else "arith.extui"
    return result(builder, name, dtype, lanes, (ir,))


def convert(value: Value, dtype: DType) -> Value:
    """Build a conversion that the author wrote: the kernel shows the sign it asks for."""
    converted = cast(value, dtype)
    if {value.dtype.kind, dtype.kind} != {"i", "u"}:
        return converted
    builder = converted.builder
    attributes = {"is_unsigned": builder.session.attribute("unit")} if dtype.kind == "u" else None
    ir = use(converted)
    return result(builder, "enigma.sign_cast", dtype, converted.lanes, (ir,), attributes)


def truth(value: Value) -> Value:
    """Give the truth value of a number as a `b1`."""
    if value.lanes != 1:
        raise DTypeMismatch(
            f"a condition must be a scalar, not {describe(value)}",
            remedy='combine its elements, as in `f.to(enigma.i32).reduce("max") != 0`, or choose '
            "element by element with enigma.where"
            if isinstance(value, Fragment)
            else "compare one lane, such as v.x > 0",
        )
    return cast(value, b1)


def logical_not(value: Value) -> Value:
    """Build `not`."""
    value = truth(value)
    builder = value.builder
    return result(builder, "arith.xori", b1, 1, (use(value), builder.constant(b1, True)))


def subscript(builder: Builder, position: Any, target: str) -> Any:
    """Give a subscript as an IR value of type `index`.

    Parameters
    ----------
    builder : Builder
        Where to build.
    position : int, traced integer or thread query
        The subscript.
    target : str
        What is indexed, for messages.
    """
    if position.__class__ is not Value:
        operand: Any
        if isinstance(position, float):
            raise SubscriptError(
                f"{target} is indexed by a float ({position!r})", remedy="use an integer"
            )
        if position is None or isinstance(position, (slice, tuple, list)) or position is Ellipsis:
            raise SubscriptError(
                f"{target} is indexed by {describe(position)}; expected one integer",
                remedy="a buffer is linear: compute the index, as in `A[row * width + column]`",
            )
        operand = as_operand(position, f"subscript of {target}", "the index")
        if not isinstance(operand, Value):
            if isinstance(operand, float):
                raise SubscriptError(
                    f"{target} is indexed by a float ({operand!r})", remedy="use an integer"
                )
            if operand < 0:
                raise IndexRangeError(
                    f"{target} is indexed by {spelled(operand)}",
                    remedy="indices of buffers count from 0; there is no wrap-around",
                )
            if operand >= 1 << 63:
                raise IndexRangeError(
                    f"{target} is indexed by {spelled(operand)}, which does not fit 64 bits",
                    remedy="no memory has so many elements",
                )
            return builder.index_constant(operand)
        position = operand
    cached = position.index
    if cached is not None and cached[0].open:
        return cached[1]
    kind = position.dtype.kind
    if kind == "f" or position.lanes != 1:
        raise SubscriptError(
            f"{target} is indexed by {describe(position)}; expected an integer",
            remedy="convert a float with .to(enigma.i32)",
        )
    name = "arith.index_cast" if kind == "i" else "arith.index_castui"
    index = builder.op(name, (builder.session.type("index"),), (use(position),)).result
    position.index = (builder.scope, index)
    return index
