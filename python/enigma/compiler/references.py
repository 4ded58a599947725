# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a function refers to, to know whether what was compiled from it still is what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from enigma.layout import Dyn, Layout, Swizzle, SwizzledLayout
from enigma.locations import is_internal
from enigma.tracing.functions import Decorated
from enigma.tracing.tables import ConstantArray
from enigma.types import Constexpr, DType, Scalar, Threadgroup

# Values that nobody changes: they are compared.
_CONSTANTS = (
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    type(None),
    type(Ellipsis),
    range,
    DType,
    Constexpr,
    Scalar,
    Threadgroup,
    ConstantArray,
    Layout,
    SwizzledLayout,
    Swizzle,
    Dyn,
)

_MISSING: Any = object()
# How deep tuples are that are compared: they may hold one another twice.
_MOST_DEPTH = 10


def same(a: Any, b: Any) -> bool:
    """Whether two values make one kernel: `1`, `1.0` and `True` do not, nor do two zeros."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b) and repr(a) == repr(b)


class References:
    """The values that functions find in globals, closures, modules and classes.

    Attributes
    ----------
    is_settled : bool
        Whether all of them are of kinds whose changes are seen: numbers, layouts, functions. What
        an object, a list or an array holds may change unseen.

    Parameters
    ----------
    function : FunctionType
        The function; those that it calls are followed.
    """

    def __init__(self, function: FunctionType) -> None:
        self.is_settled = True
        self._found: list[tuple[Callable[[], Any], Any]] = []
        self._seen: set[int] = set()
        self._kept: list[object] = []
        self._follow(function)

    def hold(self) -> bool:
        """Whether everything still is what it was."""
        return all(same(read(), value) for read, value in self._found)

    def _follow(self, function: FunctionType) -> None:
        if id(function) in self._seen:
            return
        self._seen.add(id(function))
        self._kept.append(function)
        self._note(lambda: function.__code__)
        self._note(lambda: function.__defaults__)
        if function.__kwdefaults__:
            self.is_settled = False
        names = _names(function.__code__)
        for cell in function.__closure__ or ():
            self._note(partial(_contents, cell), names)
        # Those that are missing, too: a global may come to hide what Python has of that name.
        for name in names:
            self._note_entry(function.__globals__, name, names)

    def _note_entry(self, mapping: Mapping[str, Any], name: str, names: frozenset[str]) -> None:
        self._note(lambda: mapping.get(name, _MISSING), names)

    def _note(self, read: Callable[[], Any], names: frozenset[str] = frozenset()) -> None:
        """Keep a value with how it is read, and follow it; `names` are those that are looked up."""
        value = read()
        self._found.append((read, value))
        self._visit(value, names)

    def _visit(self, value: Any, names: frozenset[str], depth: int = 0) -> None:
        if isinstance(value, (_CONSTANTS, CodeType)):
            return
        if value is _MISSING:
            return
        if type(value) is tuple:
            if depth > _MOST_DEPTH:
                self.is_settled = False
            elif id(value) not in self._seen:
                self._seen.add(id(value))
                self._kept.append(value)
                for item in value:
                    self._visit(item, names, depth + 1)
        elif isinstance(value, BuiltinFunctionType):
            # A method of an object, or a function such as that of the time.
            owner = value.__self__
            if not (isinstance(owner, ModuleType) and _is_library(owner.__name__)):
                self.is_settled = False
        elif isinstance(value, Decorated):
            self._follow(value.function)
        elif isinstance(value, FunctionType):
            if not is_internal(value.__code__):
                self._follow(value)
        elif isinstance(value, (ModuleType, type)):
            self._members(value, names)
        elif not _is_settled(type(value)):
            self.is_settled = False

    def _members(self, owner: ModuleType | type, names: frozenset[str]) -> None:
        """Note the members of a module or class of the user's that code may name."""
        module = owner.__name__ if isinstance(owner, ModuleType) else owner.__module__
        if id(owner) in self._seen or _is_library(module):
            return
        self._seen.add(id(owner))
        self._kept.append(owner)
        for name in names:
            if hasattr(owner, name):
                self._note(partial(getattr, owner, name, _MISSING), names)


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _MISSING


def _names(code: CodeType) -> frozenset[str]:
    """Give all names that code looks up, in globals or as attributes."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names(constant)
    return frozenset(names)


def _is_settled(kind: type) -> bool:
    """Whether objects of a type stay as they are: Enigma's own, and numbers of NumPy."""
    module = kind.__module__
    own = module == "enigma" or module.startswith("enigma.")
    return (own or module in ("numpy", "numpy.dtypes")) and not hasattr(kind, "__setitem__")


def _is_library(module: str | None) -> bool:
    """Whether a module is Enigma's, or one whose members stay as they are."""
    root = str(module).partition(".")[0]
    return root in ("enigma", "builtins", "math", "operator", "functools", "itertools", "numpy")
