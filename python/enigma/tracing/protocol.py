# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What Python, NumPy and others ask of any object, and what traced objects answer.

Some of it has a meaning in a kernel. The rest would be said wrongly, or without a line and a
remedy, or pass in silence, by what Python has for every object.
"""

from __future__ import annotations

import ast
import math
import numbers
import sys
from abc import abstractmethod
from collections.abc import Callable
from types import FrameType
from typing import Any

from enigma.errors import OperandError, StaticValueError, TruthValueError, UnsupportedUse
from enigma.locations import user_frame
from enigma.tracing.builder import current_builder
from enigma.tracing.classes import is_any_of
from enigma.tracing.running import callee, is_rewritten, running_syntax
from enigma.types import DType, ElementType, equivalent_dtype

# What is written in a kernel instead of functions of the host, where it is no function of Enigma of
# the same name.
_INSTEAD = {
    "absolute": "abs(x)",
    "arccos": "enigma.acos",
    "arccosh": "enigma.acosh",
    "arcsin": "enigma.asin",
    "arcsinh": "enigma.asinh",
    "arctan": "enigma.atan",
    "arctan2": "enigma.atan2",
    "arctanh": "enigma.atanh",
    "bitwise_count": "enigma.popcount",
    "clip": "enigma.clamp, or enigma.iclamp for integers",
    "comb": "a table in a buffer",
    "conjugate": "the value itself",
    "cbrt": "`x ** (1 / 3)`",
    "deg2rad": "`x * (math.pi / 180)`",
    "degrees": "`x * (180 / math.pi)`",
    "dist": "enigma.distance of vectors",
    "expm1": "`enigma.exp(x) - 1`",
    "fabs": "abs(x)",
    "factorial": "a table in a buffer",
    "fix": "enigma.trunc",
    "float_power": "`x ** y`",
    "frexp": "enigma.as_type, which shows the bits",
    "fsum": "sum()",
    "gamma": "a table in a buffer, or a series",
    "gcd": "`a, b = b, a % b` in a loop",
    "heaviside": "enigma.step",
    "hypot": "`enigma.sqrt(x * x + y * y)`",
    "interp": "enigma.mix",
    "isclose": "`abs(x - y) <= tolerance`",
    "isnat": "enigma.isnan",
    "isqrt": "`enigma.sqrt(x.to(enigma.f32)).to(enigma.i32)`",
    "lcm": "`a, b = b, a % b` in a loop, for the divisor",
    "ldexp": "`x * enigma.exp2(n)`",
    "lgamma": "a table in a buffer, or a series",
    "log1p": "`enigma.log(1 + x)`",
    "logaddexp": "`enigma.fmax(x, y) + enigma.log(1 + enigma.exp(-abs(x - y)))`",
    "logaddexp2": "`enigma.fmax(x, y) + enigma.log2(1 + enigma.exp2(-abs(x - y)))`",
    "logical_and": "`x and y`",
    "logical_not": "`not x`",
    "logical_or": "`x or y`",
    "logical_xor": "`x.to(enigma.b1) != y.to(enigma.b1)`",
    "matmul": "enigma.matmul of matrices, or sums in a loop",
    "matvec": "sums in a loop",
    "maximum": "enigma.fmax, or enigma.imax for integers",
    "minimum": "enigma.fmin, or enigma.imin for integers",
    "modf": "enigma.trunc and enigma.fract",
    "nextafter": "enigma.as_type, to count in the bits",
    "norm": "enigma.length of a vector",
    "perm": "a table in a buffer",
    "rad2deg": "`x * (180 / math.pi)`",
    "radians": "`x * (math.pi / 180)`",
    "reciprocal": "`1 / x`",
    "remainder": "`x % y`, or `x - y * enigma.rint(x / y)` for the nearest multiple",
    "spacing": "enigma.as_type, which shows the bits",
    "square": "`x * x`",
    "true_divide": "`/`",
    "ulp": "enigma.as_type, which shows the bits",
    "vecdot": "enigma.dot of vectors",
    "vecmat": "sums in a loop",
    "where": "enigma.where(false_value, true_value, condition)",
}
COUNTING = (
    "enigma.range stands alone in a `for` statement: `for i in enigma.range(n):`, or downwards as "
    "in enigma.range(n - 1, -1, -1); a count beside it is a variable that the body changes"
)
NO_TEXT = (
    'it has no text while the kernel is compiled; enigma.print("x = {}", x) writes it when the '
    "kernel runs, and repr(x) shows what it is"
)
MODULAR_POWER = (
    "write `x ** y % m`, where the power fits the dtype, or reduce each product in a loop"
)


def instead_of(name: str) -> str:
    """Say what a kernel has in place of a function of the host."""
    own = getattr(sys.modules["enigma"], name, None)
    is_own = getattr(own, "__module__", "") in (
        "enigma._functions",
        "enigma.language.math",
        "enigma.language.integer",
    )
    instead = _INSTEAD.get(name, f"enigma.{name}" if is_own else "")
    return (
        "functions of the host run while the kernel is compiled: use operators and enigma's own "
        f"functions{instead and f', here {instead}'}"
    )


def _running() -> tuple[FrameType | None, list[ast.AST]]:
    frame = user_frame()
    return frame, [] if frame is None else running_syntax(frame, frame.f_lasti)


# Truth values.

_ASKS: dict[Callable[..., Any], str] = {
    sorted: "exchange the values where they are out of order, with enigma.fmin and enigma.fmax "
    "(enigma.imin and enigma.imax for integers)",
    filter: "take each one in a loop, with an `if`",
}
_IN_PYTHON = (
    "Python's own code asks for it here, while the kernel is compiled: let `if`, `and`, `or`, "
    "`not` and comparisons stand in the kernel itself, or choose with enigma.where"
)
_IN_A_COMPREHENSION = (
    "which elements a list has is decided while the kernel is compiled: take each one in a loop, "
    "with an `if`, or choose with enigma.where"
)
_IN_A_COMPARISON = (
    "tuples, lists and dataclasses are compared while the kernel is compiled: compare their parts, "
    "as in `a[0] == b[0] and a[1] == b[1]`"
)
_IN_A_PATTERN = (
    "patterns of this kind are compared while the kernel is compiled: write `if` and `elif`"
)


def _truth_remedy() -> str | None:
    """Say how to do without a truth value of Python; None in a function that is not rewritten."""
    frame, syntax = _running()
    for node in syntax:
        if isinstance(node, ast.comprehension):
            return _IN_A_COMPREHENSION
        if isinstance(node, ast.match_case):
            return _IN_A_PATTERN
        if isinstance(node, ast.stmt):
            break
        if frame is not None:
            asks = callee(node, frame)
            for function, remedy in _ASKS.items():
                if asks is function:
                    return remedy
    builder = current_builder()
    rewritten = frame is not None and builder is not None and is_rewritten(frame.f_code, builder)
    if not rewritten:
        return None
    # What compares traced values themselves asks for nothing.
    compares = any(isinstance(node, ast.Compare) for node in syntax[:1])
    return _IN_A_COMPARISON if compares else _IN_PYTHON


# NumPy.

# The operators that NumPy's scalars and arrays turn into functions: from the left, from the right.
_UFUNCS = {
    "add": ("__add__", "__radd__"),
    "subtract": ("__sub__", "__rsub__"),
    "multiply": ("__mul__", "__rmul__"),
    "divide": ("__truediv__", "__rtruediv__"),
    "true_divide": ("__truediv__", "__rtruediv__"),
    "floor_divide": ("__floordiv__", "__rfloordiv__"),
    "remainder": ("__mod__", "__rmod__"),
    "divmod": ("__divmod__", "__rdivmod__"),
    "power": ("__pow__", "__rpow__"),
    "matmul": ("__matmul__", "__rmatmul__"),
    "bitwise_and": ("__and__", "__rand__"),
    "bitwise_or": ("__or__", "__ror__"),
    "bitwise_xor": ("__xor__", "__rxor__"),
    "left_shift": ("__lshift__", "__rlshift__"),
    "right_shift": ("__rshift__", "__rrshift__"),
    "equal": ("__eq__", "__eq__"),
    "not_equal": ("__ne__", "__ne__"),
    "less": ("__lt__", "__gt__"),
    "less_equal": ("__le__", "__ge__"),
    "greater": ("__gt__", "__lt__"),
    "greater_equal": ("__ge__", "__le__"),
}


#: What functions of Python and NumPy are for traced values, by their names: "round", "math.floor",
#: "np.exp". The language says it.
STAND_INS: dict[str, Callable[..., Any]] = {}


# Methods of ufuncs that are a function of NumPy, or of Python, of another name.
_METHODS_INSTEAD = {("add", "reduce"): "sum", ("multiply", "reduce"): "prod"}
_METHODS_INSTEAD |= {("maximum", "reduce"): "max", ("minimum", "reduce"): "min"}
_WITHOUT_OPTIONS = (
    "give it the operands alone: a result is a value, to be assigned or stored, and enigma.where "
    "chooses lanes"
)


def _with_options(name: str, options: Any) -> str:
    """Say what a function of NumPy was called with that it does not take here."""
    named = ", ".join(f"{option}=" for option in options)
    return f"given to np.{name} with {named or 'other arguments than it takes here'}"


class HostProtocol:
    """What all traced objects answer to Python and NumPy."""

    __slots__ = ()

    # Of no metaclass that would see to it: that of `abc` makes `isinstance` slow.
    @abstractmethod
    def _enigma_describe(self) -> str:
        """Say what this is, for messages."""

    def _refused(self, role: str, remedy: str) -> UnsupportedUse:
        return UnsupportedUse(found=self._enigma_describe(), role=role, remedy=remedy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: object) -> Any:
        # Operators of NumPy's scalars come here.
        operator = _UFUNCS.get(ufunc.__name__)
        if method != "__call__":
            instead = _METHODS_INSTEAD.get((ufunc.__name__, method), ufunc.__name__)
            raise self._refused(f"given to np.{ufunc.__name__}.{method}", instead_of(instead))
        if options:
            raise self._refused(_with_options(ufunc.__name__, options), _WITHOUT_OPTIONS)
        if operator is None or len(inputs) != 2:
            return self._stand_in(ufunc.__name__, inputs, options)
        # Before it compares, NumPy makes an array without dimensions of a scalar.
        left, right = (
            x if isinstance(x, HostProtocol) or getattr(x, "shape", None) != () else x[()]
            for x in inputs
        )
        method = operator[0] if isinstance(left, HostProtocol) else operator[1]
        operate = getattr(left if isinstance(left, HostProtocol) else right, method, None)
        if operate is None:
            raise self._refused(f"given to np.{ufunc.__name__}", instead_of(ufunc.__name__))
        return operate(right if isinstance(left, HostProtocol) else left)

    def __array_function__(self, function: Any, types: object, args: Any, kwargs: Any) -> Any:
        return self._stand_in(function.__name__, args, kwargs)

    def _stand_in(self, name: str, arguments: Any, options: Any) -> Any:
        """Call what a function of NumPy is for traced values."""
        raise self._refused(f"given to np.{name}", instead_of(name))

    def __array__(self, *args: object, **kwargs: object) -> Any:
        frame, syntax = _running()
        if syntax and isinstance(syntax[0], ast.Subscript):
            raise self._refused(
                "a subscript of an array of the host",
                "what is known only when the kernel runs selects from memory of the kernel: make "
                "the array an enigma.constant_array, a buffer, or an enigma.Tensor",
            )
        function = callee(syntax[0], frame) if syntax and frame is not None else None
        dtype = equivalent_dtype(function)
        raise self._refused(
            "converted to an array or scalar of NumPy",
            f"convert with .to(enigma.{dtype})"
            if dtype
            else "functions of the host run while the kernel is compiled; keep traced values in "
            "tuples or lists, and convert with .to(dtype)",
        )

    def __index__(self) -> int:
        raise self._refused("an index of Python", "use an element of it, or a number")

    def __setitem__(self, position: Any, value: object) -> None:
        raise self._refused(
            "assigned an element", "assign to an element of a buffer, or a variable"
        )

    def __delitem__(self, position: object) -> None:
        raise self._refused("asked to delete an element", "its elements stay: assign another one")

    def __contains__(self, item: object) -> bool:
        raise self._refused(
            "searched by `in`", "go over its elements in a loop, and compare with `==`"
        )


class ValueProtocol(HostProtocol):
    """What values answer: they are known only when the kernel runs."""

    __slots__ = ()

    @abstractmethod
    def _enigma_kind(self) -> str:
        """Give the dtype and the lanes, for messages."""

    def _stand_in(self, name: str, arguments: Any, options: Any) -> Any:
        function = STAND_INS.get(f"np.{name}")
        if function is None:
            return super()._stand_in(name, arguments, options)
        try:
            return function(*arguments, **options)
        except TypeError as error:
            traceback = error.__traceback__
            if traceback is None or traceback.tb_next is not None:
                raise
        # It does not take so many arguments, or none of such a name.
        raise self._refused(_with_options(name, options), _WITHOUT_OPTIONS)

    # Where no kernel is being traced, `thread_position_in_grid` is an object as any other.

    def __str__(self) -> str:
        if current_builder() is None:
            return repr(self)
        raise self._refused("a part of a string", NO_TEXT)

    def __format__(self, spec: str) -> str:
        return str(self)

    def __hash__(self) -> int:
        if current_builder() is None:
            return object.__hash__(self)
        raise self._refused(
            "a key of a dict, an element of a set or hashed",
            "dicts and sets are searched while the kernel is compiled: compare with `==`, choose "
            "with `if` or enigma.where, or keep the table in a buffer",
        )

    def __contains__(self, item: object) -> bool:
        raise self._refused("searched by `in`", "compare with `==`")

    def __reduce_ex__(self, protocol: object) -> Any:
        raise self._refused("pickled", "it belongs to the kernel that is being compiled")

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self

    def __divmod__(self, other: object) -> tuple[Any, Any]:
        value: Any = self
        return value // other, value % other

    def __rdivmod__(self, other: object) -> tuple[Any, Any]:
        value: Any = self
        return other // value, other % value

    def __bool__(self) -> bool:
        remedy = _truth_remedy()
        kind = self._enigma_kind()
        raise (
            TruthValueError(dtype=kind)
            if remedy is None
            else TruthValueError(dtype=kind, remedy=remedy)
        )

    def _static(self, use: str, remedy: str) -> StaticValueError:
        return StaticValueError(use=use, dtype=self._enigma_kind(), remedy=remedy)

    def _number(self, use: str, remedy: str) -> StaticValueError:
        """Make the error for a number of Python that something asked for, maybe `math`."""
        frame, syntax = _running()
        function = callee(syntax[0], frame) if syntax and frame is not None else None
        name = getattr(function, "__name__", "")
        if name and getattr(math, name, None) is function:
            return self._static(f"math.{name}", instead_of(name))
        return self._static(use, remedy)

    def __index__(self) -> int:
        raise self._number(
            "a Python index or range()",
            "use enigma.range for a loop in the kernel, keep what is selected from in a buffer, a "
            "register_tensor or an enigma.constant_array, or make the value a enigma.constexpr "
            "parameter",
        )

    def __int__(self) -> int:
        raise self._number("int()", "convert with .to(enigma.i32)")

    def __float__(self) -> float:
        raise self._number(
            "float(), a function of the math module or an array of the host",
            "use .to(enigma.f32) or enigma's own functions; what a thread keeps for itself is in "
            "variables, lists or a register_tensor",
        )

    def __complex__(self) -> complex:
        raise self._number("complex()", "Metal has no complex numbers")

    def __round__(self, digits: object = None) -> Any:
        return STAND_INS["round"](self, digits)

    def __trunc__(self) -> Any:
        return STAND_INS["math.trunc"](self)

    def __floor__(self) -> Any:
        return STAND_INS["math.floor"](self)

    def __ceil__(self) -> Any:
        return STAND_INS["math.ceil"](self)


class MemoryProtocol(HostProtocol):
    """What memory answers: its elements are values, and it is none."""

    __slots__ = ()

    name: str
    dtype: ElementType
    _kind: str

    def _enigma_describe(self) -> str:
        return f"{self._kind} {self.name} of {self.dtype}"

    def _misused(self, operation: str) -> OperandError:
        return OperandError(
            operation=operation,
            operand=self.name,
            found=f"a {self._kind} of {self.dtype}",
            expected="a traced value, a number or a bool",
            remedy=f"index it, as in `{self.name}[i]`",
        )

    def __bool__(self) -> bool:
        raise self._misused("a condition")

    def _operator(self, *others: object) -> Any:
        raise self._misused("an operator")

    __neg__ = __pos__ = __invert__ = __abs__ = _operator
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operator
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _operator
    __divmod__ = __rdivmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _operator
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _operator
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _operator
    __lt__ = __le__ = __gt__ = __ge__ = _operator

    def __eq__(self, other: object) -> bool:
        """Tell whether the other one is this very memory; elements are compared once read."""
        if is_any_of(other, (ValueProtocol, numbers.Number)):
            raise self._misused("a comparison")
        return self is other

    __hash__ = object.__hash__

    def __reduce_ex__(self, protocol: object) -> Any:
        raise self._refused("pickled", "it belongs to the kernel that is being compiled")

    def __copy__(self) -> Any:
        raise self._refused("copied as an object", "copy its elements, as with enigma.copy")

    def __deepcopy__(self, memo: object) -> Any:
        return self.__copy__()


class RangeProtocol(HostProtocol):
    """What a loop of the kernel answers: Python cannot run it, nor look into it."""

    __slots__ = ()

    dtype: DType

    def __iter__(self) -> Any:
        frame = user_frame()
        builder = current_builder()
        raise StaticValueError(
            use="iteration in Python",
            dtype=f"range of {self.dtype}",
            remedy=COUNTING
            if frame is not None and builder is not None and is_rewritten(frame.f_code, builder)
            else "decorate the function that contains this loop with @enigma.func or "
            "@enigma.kernel",
        )

    def __bool__(self) -> bool:
        raise self._refused("a condition", "compare its bounds")

    def __len__(self) -> int:
        raise self._refused("asked for its length", "compute it from the bounds")

    def __contains__(self, item: object) -> bool:
        raise self._refused("searched by `in`", "compare with the bounds: `lo <= x and x < hi`")
