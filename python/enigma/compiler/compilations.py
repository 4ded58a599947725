# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What functions were compiled to, kept for the next time that this is asked for."""

from __future__ import annotations

import itertools
import time
import weakref
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from enigma._arrays import describe_value
from enigma._process import fork_lock
from enigma.compiler import stored
from enigma.compiler.observers import current_observer
from enigma.compiler.references import References, is_plain
from enigma.layout import Dyn, Layout, Swizzle, SwizzledLayout
from enigma.tensors.tensor import Tensor
from enigma.tracing import notices
from enigma.tracing.functions import Decorated
from enigma.types import find_element

if TYPE_CHECKING:
    from enigma.compiler.kernel import CompiledKernel
    from enigma.compiler.program import CompiledProgram

Compiled = Union["CompiledKernel", "CompiledProgram"]

#: Compilations of one function that are kept; what was not used for longest goes first.
CAPACITY = 64
#: Parts of arguments that are looked at, and how deep they are.
MOST_PARTS = 1000
MOST_DEPTH = 30
# Those of one class are equal where they are the same: not so floats, of which there are two zeros.
_EXACT: frozenset[type] = frozenset(
    {bool, int, str, bytes, type(None), Layout, SwizzledLayout, Swizzle, Dyn}
)
# What objects of other classes are.
_ATTRIBUTES: dict[type, tuple[str, ...]] = {
    Tensor: ("layout", "name", "buffer_index", "base_offset", "address_space", "element_type")
}
# The functions of which something is kept.
_functions: weakref.WeakSet[Decorated] = weakref.WeakSet()
# Numbers the uses of what is kept.
_uses = itertools.count()


class Key(NamedTuple):
    """What stands for arguments and options: the classes of all parts of them, and their values."""

    classes: tuple[type, ...]
    values: tuple[Hashable, ...]


class Grounds:
    """What a compilation was made from, and the warnings that it brought."""

    __slots__ = ("_references", "_warnings")

    def __init__(self, references: References, warnings: list[notices.Told]) -> None:
        self._references = references
        self._warnings = warnings

    def hold(self) -> bool:
        """Whether it would be made again as it is; then its warnings are told again.

        Whether one is shown or raised is up to Python's filters, each time anew.
        """
        if not self._references.hold():
            return False
        notices.tell(self._warnings)
        return True


class _Kept:
    """A compilation, as long as its grounds hold; and the number of its last use."""

    __slots__ = ("compiled", "grounds", "last_use")

    def __init__(self, compiled: Compiled, grounds: Grounds) -> None:
        self.compiled = compiled
        self.grounds = grounds
        self.last_use = next(_uses)


def compiled_once(
    function: Decorated, key: Key | None, build: Callable[[], Compiled]
) -> tuple[Compiled, Grounds | None]:
    """Give what `build` makes of a function, now or before.

    It is made again where something that the function refers to is not what it was. What a change
    could go unseen of is not kept. The warnings that it brought are told each time.

    Parameters
    ----------
    function : Decorated
        The function.
    key : Key or None
        What stands for the arguments and options; None keeps nothing.
    build : callable
        Compiles it.

    Returns
    -------
    Compiled
        What was compiled.
    Grounds or None
        As long as these hold, it would be given again; None where it is not kept.
    """
    if key is None:
        return build(), None
    known: dict[Hashable, _Kept] = function.compilations
    named = function.name, key
    found = known.get(named)
    if found is not None and found.grounds.hold():
        found.last_use = next(_uses)
        return found.compiled, found.grounds
    references = _references(function, key)
    # Who watches compilations wants to see them, not what an earlier process kept of them.
    is_watched = current_observer() is not None
    stored_key = None if is_watched else stored.key_of(function, named, references)
    entry = None if stored_key is None else stored.find(stored_key)
    if entry is None:
        start = time.perf_counter()
        with notices.Recorded() as told:
            compiled = build()
        seconds = time.perf_counter() - start
    else:
        compiled, told = entry
    grounds = None
    # What changed in the meantime may be in it or not.
    if references.is_settled and references.hold():
        if entry is None and stored_key is not None:
            stored.keep(stored_key, compiled, told, seconds)
        grounds = Grounds(references, told)
        with fork_lock:
            known[named] = _Kept(compiled, grounds)
            _functions.add(function)
            if len(known) > CAPACITY:
                del known[min(known, key=lambda each: known[each].last_use)]
    if entry is not None:
        notices.tell(told)
    return compiled, grounds


def _references(function: Decorated, key: Key) -> References:
    """Give what a function refers to when it is compiled for arguments.

    Where all that it referred to before is as it was, nothing else can have come to it.
    """
    known: dict[Hashable, References] = function.references
    classes = tuple(dict.fromkeys(key.classes))
    references = known.get(classes)
    if references is None or not references.hold():
        references = References(function, classes)
        with fork_lock:
            if len(known) >= CAPACITY:
                known.clear()
            # The others may come to refer to more unseen, and keep it all alive.
            if references.is_settled:
                known[classes] = references
            else:
                known.pop(classes, None)
    return references


def forget() -> None:
    """Keep nothing of what was compiled so far."""
    with fork_lock:
        for function in list(_functions):
            function.compilations.clear()
            function.__recent__ = None
        _functions.clear()


def key_of(value: Any) -> Key | None:
    """Give what stands for a value among the arguments.

    None if it may change unseen, or has so many parts that they cost more than a compilation.
    """
    found = describe_value(value, _EXACT, _ATTRIBUTES, _stand_in, MOST_PARTS, MOST_DEPTH)
    return None if found is None else Key(*found)


def _stand_in(value: Any) -> str | tuple[Any, ...] | None:
    """Give what stands for a value of another class: a text, or its parts; None for nothing."""
    kind = type(value)
    if kind is float:
        return repr(value)
    if kind is range or kind is slice:
        return value.start, value.stop, value.step
    # Numbers of NumPy, and not the objects of classes that are derived from theirs.
    dtype: Any = getattr(value, "dtype", None) if kind.__module__ == "numpy" else None
    if getattr(dtype, "type", None) is kind and dtype.kind in "biufc":
        return (value.tobytes(),)
    # Objects of the user's own classes may have more than their value.
    if isinstance(value, tuple):
        return tuple(value) if is_plain(value) else None
    return None if find_element(value) is None else str(value)
