# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Traced values: what the variables of a kernel hold while its Python function runs.

Operators build operations at once. A value is an SSA value of the IR and a dtype, which has the
signedness.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from enigma._layout import Dyn
from enigma.errors import IndexRangeError, MisplacedCall, SubscriptError, UnsupportedSyntax
from enigma.tracing import operators as ops
from enigma.tracing.builder import Builder, Scope
from enigma.tracing.lanes import Lanes
from enigma.tracing.operations import operations
from enigma.tracing.protocol import MODULAR_POWER, ValueProtocol
from enigma.tracing.unsettled import Unsettled
from enigma.types import DType, DTypeLike, Number, arithmetic_dtype, resolve_dtype

if TYPE_CHECKING:
    from enigma import _mlir as ir


class Operand(ValueProtocol):
    """Base of everything that Python's operators turn into operations of the kernel."""

    __slots__ = ()

    @abstractmethod
    def _as_value(self) -> Value:
        """Give the value, of which there is an SSA value from now on."""

    def _enigma_describe(self) -> str:
        return f"a traced {self._enigma_kind()}"

    def _enigma_kind(self) -> str:
        return self._as_value()._enigma_kind()

    def _enigma_dyn(self) -> Dyn:
        """Give the integer of the algebra that stands for this value."""
        value = self._as_value()
        return value.builder.symbols.of(value)

    def __add__(self, other: object) -> Value:
        return operations.binary(ops.ADD, self, other)

    def __radd__(self, other: object) -> Value:
        return operations.binary(ops.ADD, other, self)

    def __sub__(self, other: object) -> Value:
        return operations.binary(ops.SUB, self, other)

    def __rsub__(self, other: object) -> Value:
        return operations.binary(ops.SUB, other, self)

    def __mul__(self, other: object) -> Value:
        return operations.binary(ops.MUL, self, other)

    def __rmul__(self, other: object) -> Value:
        return operations.binary(ops.MUL, other, self)

    def __truediv__(self, other: object) -> Value:
        return operations.binary(ops.TRUEDIV, self, other)

    def __rtruediv__(self, other: object) -> Value:
        return operations.binary(ops.TRUEDIV, other, self)

    def __floordiv__(self, other: object) -> Value:
        return operations.binary(ops.FLOORDIV, self, other)

    def __rfloordiv__(self, other: object) -> Value:
        return operations.binary(ops.FLOORDIV, other, self)

    def __mod__(self, other: object) -> Value:
        return operations.binary(ops.MOD, self, other)

    def __rmod__(self, other: object) -> Value:
        return operations.binary(ops.MOD, other, self)

    def __pow__(self, other: object, modulus: object = None) -> Value:
        if modulus is not None:
            raise self._refused("given to pow() with three arguments", MODULAR_POWER)
        return operations.power(self, other)

    def __rpow__(self, other: object) -> Value:
        return operations.power(other, self)

    def __and__(self, other: object) -> Value:
        return operations.binary(ops.AND, self, other)

    def __rand__(self, other: object) -> Value:
        return operations.binary(ops.AND, other, self)

    def __or__(self, other: object) -> Value:
        return operations.binary(ops.OR, self, other)

    def __ror__(self, other: object) -> Value:
        return operations.binary(ops.OR, other, self)

    def __xor__(self, other: object) -> Value:
        return operations.binary(ops.XOR, self, other)

    def __rxor__(self, other: object) -> Value:
        return operations.binary(ops.XOR, other, self)

    def __lshift__(self, other: object) -> Value:
        return operations.shift(ops.SHL, self, other)

    def __rlshift__(self, other: object) -> Value:
        return operations.shift(ops.SHL, other, self)

    def __rshift__(self, other: object) -> Value:
        return operations.shift(ops.SHR, self, other)

    def __rrshift__(self, other: object) -> Value:
        return operations.shift(ops.SHR, other, self)

    def __matmul__(self, other: object) -> Value:
        return operations.matmul(self, other)

    def __rmatmul__(self, other: object) -> Value:
        return operations.matmul(other, self)

    def __eq__(self, other: object) -> Value:  # type: ignore[override]
        return operations.compare_written(ops.EQ, self, other)

    def __ne__(self, other: object) -> Value:  # type: ignore[override]
        return operations.compare_written(ops.NE, self, other)

    def __lt__(self, other: object) -> Value:
        return operations.compare_written(ops.LT, self, other)

    def __le__(self, other: object) -> Value:
        return operations.compare_written(ops.LE, self, other)

    def __gt__(self, other: object) -> Value:
        return operations.compare_written(ops.GT, self, other)

    def __ge__(self, other: object) -> Value:
        return operations.compare_written(ops.GE, self, other)

    __hash__ = ValueProtocol.__hash__

    def __neg__(self) -> Value:
        return operations.negate(self._as_value())

    def __pos__(self) -> Value:
        value = self._as_value()
        return operations.cast(value, arithmetic_dtype(value.dtype))

    def __invert__(self) -> Value:
        return operations.invert(self._as_value())

    def __abs__(self) -> Value:
        return operations.absolute(self._as_value())

    def to(self, dtype: DTypeLike, *, saturate: bool = False) -> Value:
        """Convert to another dtype: ``x.to(enigma.f32)``.

        Parameters
        ----------
        dtype : DType, type or str
            The dtype of the result. Float to integer truncates; anything to `b1` compares with
            zero.
        saturate : bool
            Whether what is beyond the ends of the dtype becomes the end, and NaN the integer 0.
            Otherwise an integer loses its upper bits, and the integer of a float that does not fit
            is undefined.
        """
        if saturate:
            return operations.saturate(self._as_value(), resolve_dtype(dtype))
        return operations.convert(self._as_value(), resolve_dtype(dtype))


class Nameable:
    """What takes the name of the variable that it is first assigned to, and is no value."""

    __slots__ = ()

    @abstractmethod
    def _take_name(self, name: str) -> None:
        """Take a name, unless it has one."""


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
        "count",
        "dtype",
        "index",
        "ir",
        "name",
        "operation",
        "scope",
        "unsettled",
    )

    lanes = 1
    # What gives one in a kernel.
    _made_by = "a dtype, as in enigma.f32(x)"

    def __init__(
        self,
        builder: Builder,
        ir: ir.Value,
        dtype: DType,
        operation: ir.Operation | None = None,
        unsettled: tuple[Unsettled, ...] | None = None,
    ) -> None:
        if builder.__class__ is not Builder:
            raise MisplacedCall(
                what=f"enigma.{type(self).__name__}",
                where="by a kernel: it is a kind of values, and makes none",
                remedy=f"a kernel has it of {self._made_by}",
            )
        self.builder = builder
        self.ir = ir
        self.dtype = dtype
        self.operation = operation
        self.unsettled = unsettled
        # What it chooses between, if that is numbers: see `enigma.tracing.alternatives`.
        self.alternatives: Any = None
        # What is known of it if it is unsigned and counts: see `enigma.tracing.counts`.
        self.count: Any = None
        self.scope: Scope = builder.scope
        self.name: str | None = None
        self.index: tuple[Scope, Any] | None = None

    # What the initializers of derived classes begin with. Python makes code fast for objects of one
    # class, so each class has its own.
    _begin = __init__

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        begin = Value._begin
        cls._begin = FunctionType(
            begin.__code__.replace(), begin.__globals__, begin.__name__, begin.__defaults__
        )
        if "__init__" not in vars(cls):
            cls.__init__ = cls._begin  # type: ignore[method-assign]

    def _as_value(self) -> Value:
        return self

    def _enigma_kind(self) -> str:
        return self.dtype.name if self.lanes == 1 else f"{self.dtype.name}x{self.lanes}"

    def _take_name(self, name: str) -> None:
        name_value(self, name)

    def __repr__(self) -> str:
        return f"<traced {self._enigma_kind()}{f' {self.name}' if self.name else ''}>"

    def __getitem__(self, subscript: object) -> Value:
        raise SubscriptError(
            f"a traced {self._enigma_kind()} is one value and has no elements", remedy=_NOT_A_BUFFER
        )

    def __setitem__(self, subscript: Any, value: object) -> None:
        raise SubscriptError(
            f"a traced {self._enigma_kind()} is one value and its elements cannot be assigned",
            remedy=_NOT_A_BUFFER,
        )

    def __iter__(self) -> Iterator[Value]:
        raise SubscriptError(
            f"a traced {self._enigma_kind()} cannot be iterated over",
            remedy="use `for i in enigma.range(n)` for a loop",
        )

    def __len__(self) -> int:
        raise SubscriptError(
            f"a traced {self._enigma_kind()} is one value and has no length",
            remedy="pass a length as a parameter: n: enigma.Scalar(enigma.u32)",
        )


_NOT_A_BUFFER = (
    "declare the parameter as a buffer (`x: enigma.f32`) rather than as a Scalar, or assign "
    "to a new name"
)

_LANES = {letter: lane for letters in ("xyzw", "rgba") for lane, letter in enumerate(letters)}


def is_swizzle(name: str) -> bool:
    """Whether an attribute names lanes of a vector, if it has so many."""
    return 1 <= len(name) <= 4 and all(letter in _LANES for letter in name)


class Vector(Value):
    """A vector of 2, 3 or 4 lanes: ``v.x``, ``v[1]``, and swizzles such as ``v.zyx``."""

    __slots__ = ("lanes",)

    _made_by = "enigma.make_vec(x, y)"

    def __init__(
        self,
        builder: Builder,
        ir: ir.Value,
        dtype: DType,
        operation: ir.Operation | None = None,
        unsettled: tuple[Unsettled, ...] | None = None,
        lanes: int = 2,
    ) -> None:
        self._begin(builder, ir, dtype, operation, unsettled)
        self.lanes = lanes

    def __getattr__(self, name: str) -> Value:
        if not is_swizzle(name):
            raise AttributeError(
                f"a vector has lanes such as .x and swizzles such as .xy, but no attribute {name!r}"
            )
        selected = lanes_of_swizzle(name, self.lanes, self._enigma_kind())
        if len(selected) == 1:
            return extract_lane(self, selected[0])
        builder = self.builder
        attributes = {"mask": builder.ir.Attribute.integers(selected, builder.session.context)}
        source = use(self)
        return result(
            builder, "vector.shuffle", self.dtype, len(selected), (source, source), attributes
        )

    def __setattr__(self, name: str, value: object) -> None:
        if is_swizzle(name):
            raise UnsupportedSyntax(
                construct=f"assignment to .{name} of a vector that is in no variable of its own",
                name="a kernel",
                remedy="a vector is a value, like a number: take it into a variable of this "
                f"function first, as in `v = ...; v.{name} = ...`",
            )
        super().__setattr__(name, value)

    def __getitem__(self, subscript: object) -> Value:
        if isinstance(subscript, int):
            lane = subscript + self.lanes if subscript < 0 else subscript
            if 0 <= lane < self.lanes:
                return extract_lane(self, lane)
            raise IndexRangeError(
                f"lane {subscript} is beyond the {self.lanes} lanes of a {self._enigma_kind()}",
                remedy=f"the last one is v[{self.lanes - 1}]",
            )
        return operations.lane(self, subscript)

    def __setitem__(self, subscript: Any, value: object) -> None:
        raise SubscriptError(
            "the lanes of a vector cannot be assigned by a subscript",
            remedy="assign to them by letters, as in `v.x = ...` and `v.zw = ...`; or make "
            "another: v = enigma.vec_insert(v, lane, x)",
        )

    def __iter__(self) -> Iterator[Value]:
        return iter([extract_lane(self, lane) for lane in range(self.lanes)])

    def __len__(self) -> int:
        return self.lanes


def lanes_of_swizzle(name: str, lanes: int, kind: str) -> list[int]:
    """Give the lanes that the letters of a swizzle name.

    Raises
    ------
    IndexRangeError
        When a vector of that kind does not have so many.
    """
    selected = [_LANES[letter] for letter in name]
    if max(selected) >= lanes:
        raise IndexRangeError(
            f".{name} is beyond the {lanes} lanes of a {kind}",
            remedy=f"the last one is v[{lanes - 1}]",
        )
    return selected


def use(value: Value) -> ir.Value:
    """Give the IR value behind `value` for an operation.

    Raises
    ------
    EscapedValue
        When the scope that computed it is closed.
    """
    if not value.scope.open:
        raise value.builder.escaped(value.scope)
    return value.ir


def _make(
    builder: Builder,
    ir: ir.Value,
    dtype: DType,
    lanes: int,
    operation: ir.Operation | None = None,
    unsettled: tuple[Unsettled, ...] | None = None,
) -> Value:
    if lanes.__class__ is not int:
        assert isinstance(lanes, Lanes)
        return lanes.make(builder, ir, dtype, operation, unsettled)
    return Vector(builder, ir, dtype, operation, unsettled, lanes)


def result(
    builder: Builder,
    name: str,
    dtype: DType,
    lanes: int,
    operands: tuple[ir.Value, ...],
    attributes: dict[str, ir.Attribute] | None = None,
    unsettled: tuple[Unsettled, ...] | None = None,
) -> Value:
    """Build an operation with one result at the insertion point, and wrap the result."""
    if dtype.kind == "i" and name in ops.EXACT_WHEN_SIGNED:
        attributes = builder.session.never_overflows
    if lanes.__class__ is int and lanes == 1:
        operation, value = builder.value(name, builder.scalars[dtype], operands, attributes)
        return Value(builder, value, dtype, operation, unsettled)
    kind = builder.session.value_type(dtype, lanes)
    operation, value = builder.value(name, kind, operands, attributes)
    return _make(builder, value, dtype, lanes, operation, unsettled)


def constant(builder: Builder, dtype: DType, number: Number, lanes: int = 1) -> Value:
    """Wrap a Python number that is known to fit `dtype`."""
    ir = builder.constant(dtype, number, lanes)
    if lanes.__class__ is int and lanes == 1:
        value = Value(builder, ir, dtype)
    else:
        value = _make(builder, ir, dtype, lanes)
    value.scope = builder.entry
    return value


def wrap(
    builder: Builder, ir: ir.Value, dtype: DType, lanes: int = 1, scope: Scope | None = None
) -> Value:
    """Wrap an IR value that is not the result of a new operation."""
    scalar = lanes.__class__ is int and lanes == 1
    value = Value(builder, ir, dtype) if scalar else _make(builder, ir, dtype, lanes)
    if scope is not None:
        value.scope = scope
    return value


def extract_lane(vector: Value, lane: int) -> Value:
    """Build the selection of one lane."""
    builder = vector.builder
    attributes = {"static_position": builder.session.attribute(f"array<i64: {lane}>")}
    return result(builder, "vector.extract", vector.dtype, 1, (use(vector),), attributes)


def known_number(value: Value) -> int | None:
    """Give the number that an integer scalar is, where it is a constant of the kernel."""
    return None if value.lanes != 1 else _known(value, value.ir)


def known_lanes(value: Value) -> list[int]:
    """Give the numbers that lanes of integers are, of those that are constants of the kernel."""
    lanes = [value.ir]
    if value.lanes > 1:
        definition = value.ir.definition
        if definition is not None and definition.name == "vector.from_elements":
            lanes = definition.operands
    numbers = [_known(value, lane) for lane in lanes]
    return [number for number in numbers if number is not None]


def _known(value: Value, ir: ir.Value) -> int | None:
    """Give the number that an integer, or every lane of integers, is; `ir` is it, or a lane."""
    dtype = value.dtype
    if dtype.kind == "f":
        return None
    number: int | None = value.builder.session.ir.constant_integer(ir)
    if number is None or dtype.kind == "i":
        return number
    return number % (1 << dtype.bits)


def name_value(value: Value, name: str) -> None:
    """Give the operation behind a value the name of a Python variable, unless it has one."""
    if value.name is None and value.operation is not None and value.scope.open:
        value.builder.name_operation(value.operation, name)
        value.name = name
