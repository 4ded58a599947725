# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What functions were compiled to, kept for the next time that this is asked for."""

from __future__ import annotations

import itertools
import time
import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from enigma._arrays import describe_value
from enigma._process import fork_lock
from enigma.compiler import stored
from enigma.compiler.contents import contents_of, parts_of
from enigma.compiler.observers import current_observer
from enigma.compiler.references import References, is_followed, is_plain_tuple
from enigma.layout import Dyn, Layout, Swizzle, SwizzledLayout
from enigma.tensors.tensor import Tensor
from enigma.tracing import notices
from enigma.tracing.functions import Decorated
from enigma.types import DType, VectorType

if TYPE_CHECKING:
    from enigma.compiler.kernel import CompiledKernel
    from enigma.compiler.program import CompiledProgram

Compiled = Union["CompiledKernel", "CompiledProgram"]

#: Compilations of one function that are kept; what was not used for longest goes first.
CAPACITY = 64
#: Parts of arguments that are looked at, and how deep they are.
MOST_PARTS = 1000
MOST_DEPTH = 30
# Those of one class are equal where they are the same.
_EXACT: tuple[type, ...] = (int, str, bool, type(None), bytes, Layout, SwizzledLayout, Swizzle, Dyn)
# What objects of other classes are.
_ATTRIBUTES: dict[type, tuple[str, ...]] = {
    Tensor: ("layout", "name", "buffer_index", "base_offset", "address_space", "element_type")
}
# The functions of which something is kept.
_functions: weakref.WeakSet[Decorated] = weakref.WeakSet()
# Numbers the uses of what is kept.
_uses = itertools.count()


class Key(NamedTuple):
    """What stands for arguments and options.

    Attributes
    ----------
    followed : tuple
        The classes of all parts of them, and functions and other objects that are themselves.
    addresses : tuple of int
        Theirs, which are those of no other objects as long as the key is kept.
    values : tuple
        What the parts are.
    changing : tuple of int
        The addresses of the parts that may change; they are told by what they are.
    """

    followed: tuple[Any, ...]
    addresses: tuple[int, ...]
    values: tuple[Hashable, ...]
    changing: tuple[int, ...]

    @property
    def is_frozen(self) -> bool:
        """Whether these very arguments will always have this key."""
        return not self.changing

    @property
    def told(self) -> Hashable:
        """What two keys have in common only if they stand for the same."""
        return self.addresses, self.values


class Grounds:
    """What a compilation was made from, and the warnings that it brought."""

    __slots__ = ("_references", "_warnings", "met")

    def __init__(
        self, references: References, changing: Sequence[int], warnings: list[notices.Told]
    ) -> None:
        self._references = references
        #: Which parts of the arguments the function refers to.
        self.met = references.met(changing)
        self._warnings = warnings

    def hold(self, changing: Sequence[int]) -> bool:
        """Whether it would be made again as it is; then its warnings are told again.

        Whether one is shown or raised is up to Python's filters, each time anew.

        Parameters
        ----------
        changing : sequence of int
            The addresses of the parts of the arguments that may change. Whether one of them is what
            the function refers to is not in the key.
        """
        if self._references.met(changing) != self.met or not self._references.hold():
            return False
        notices.tell(self._warnings)
        return True


class _Kept:
    """A compilation, as long as its grounds hold; its key, and the number of its last use."""

    __slots__ = ("compiled", "grounds", "key", "last_use")

    def __init__(self, key: Key, compiled: Compiled, grounds: Grounds) -> None:
        self.key = key
        self.compiled = compiled
        self.grounds = grounds
        self.last_use = next(_uses)


def compiled_once(
    function: Decorated, find_key: Callable[[], Key | None], build: Callable[[], Compiled]
) -> tuple[Compiled, Grounds | None]:
    """Give what `build` makes of a function, now or before.

    It is made again where something that the function refers to is not what it was. What a change
    could go unseen of is not kept. The warnings that it brought are told each time.

    Parameters
    ----------
    function : Decorated
        The function.
    find_key : callable
        Gives what stands for the arguments and options as they are now; None keeps nothing.
    build : callable
        Compiles it.

    Returns
    -------
    Compiled
        What was compiled.
    Grounds or None
        As long as these hold, it would be given again; None where it is not kept.
    """
    key = find_key()
    if key is None:
        return build(), None
    known: dict[Hashable, _Kept] = function.compilations
    named = function.name, key.told
    found = known.get(named)
    if found is not None and found.grounds.hold(key.changing):
        found.last_use = next(_uses)
        return found.compiled, found.grounds
    references = _references(function, key)
    # Who watches compilations wants to see them, not what an earlier process kept of them.
    is_watched = current_observer() is not None
    stored_key = (
        None
        if is_watched
        else stored.key_of(function, _for_others(function, key, references), references)
    )
    entry = None if stored_key is None else stored.find(stored_key)
    if entry is None:
        start = time.perf_counter()
        compiled, told = notices.recorded(build)
        seconds = time.perf_counter() - start
    else:
        compiled, told = entry
    grounds = None
    # What changed in the meantime may be in it or not, be it an argument.
    is_unchanged = references.is_settled and references.hold()
    if is_unchanged and not key.is_frozen:
        again = find_key()
        is_unchanged = again is not None and again.told == key.told
    if is_unchanged:
        if entry is None and stored_key is not None:
            stored.keep(stored_key, compiled, told, seconds)
        grounds = Grounds(references, key.changing, told)
        with fork_lock:
            known[named] = _Kept(key, compiled, grounds)
            _functions.add(function)
            if len(known) > CAPACITY:
                del known[min(known, key=lambda each: known[each].last_use)]
    if entry is not None:
        notices.tell(told)
    return compiled, grounds


def _for_others(function: Decorated, key: Key, references: References) -> Hashable:
    """Give what stands for a function and a key in other processes."""
    met = tuple([(at, references.seen[each]) for at, each in references.met(key.changing)])
    return function.name, key.followed, key.values, met


def _references(function: Decorated, key: Key) -> References:
    """Give what a function refers to when it is compiled for arguments.

    Where all that it referred to before is as it was, nothing else can have come to it.
    """
    known: dict[Hashable, References] = function.references
    given = dict(zip(key.addresses, key.followed, strict=True))
    named = tuple(given)
    references = known.get(named)
    if references is None or not references.hold():
        references = References(function, tuple(given.values()))
        with fork_lock:
            if len(known) >= CAPACITY:
                known.clear()
            # The others may come to refer to more unseen, and keep it all alive.
            if references.is_settled:
                known[named] = references
            else:
                known.pop(named, None)
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


def _stand_in(value: Any) -> Any:
    """Give what stands for a value of another class, as `describe_value` takes it."""
    kind = type(value)
    if kind is range:
        return value.start, value.stop, value.step
    # Numbers of NumPy, and not the objects of classes that are derived from theirs.
    dtype: Any = getattr(value, "dtype", None) if kind.__module__ == "numpy" else None
    if getattr(dtype, "type", None) is kind and dtype.kind in "biufc":
        return (value.tobytes(),)
    if issubclass(kind, (DType, VectorType)):
        return str(value)
    if is_plain_tuple(value):
        return tuple(value)
    if is_followed(value):
        return value
    parts = parts_of(value)
    if parts is not None:
        return parts
    contents = contents_of(value)
    return None if contents is None else list(contents)
