# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions compiled for what they are launched with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, NamedTuple

from enigma._arrays import Memory
from enigma.compiler.compilations import (
    MOST_PARTS,
    Compiled,
    Grounds,
    Key,
    compiled_once,
    key_of,
)
from enigma.compiler.compile import compile_anew
from enigma.compiler.options import Options
from enigma.compiler.program import CompiledProgram
from enigma.compiler.references import is_plain_tuple
from enigma.errors import UnexpectedArguments
from enigma.layout import Layout
from enigma.runtime.array_memory import FOR_UNREADABLE, read
from enigma.spelling import closest
from enigma.tensors.tensor import Tensor
from enigma.tracing.functions import Jit, Kernel
from enigma.tracing.launches import LAUNCH_OPTIONS
from enigma.types import bf16, find_dtype


def kept_kernel(
    kernel: Kernel, constants: Mapping[str, Any], *, debug: bool
) -> tuple[Compiled, Grounds | None]:
    """Give a kernel compiled for compile-time parameters, now or before, as `compiled_once`."""

    def find_key() -> Key | None:
        return key_of(("launch", debug, *constants.items()))

    return compiled_once(
        kernel,
        find_key,
        lambda: compile_anew(kernel, (), Options(emit_only=True, constants=constants, debug=debug)),
    )


#: How deep tuples and lists may hold one another in which arrays are looked for.
MOST_NESTED = 100


def has_parts(value: object) -> bool:
    """Whether the items of an argument are as good as arguments: a tuple or list of few parts.

    Objects that have more than their items are themselves, and so is what holds itself.
    """
    level: list[Any] = [value]
    count = 0
    for _ in range(MOST_NESTED):
        inner: list[Any] = []
        for each in level:
            if type(each) is list or is_plain_tuple(each):
                inner += each
            elif each is value:
                return False
        count += len(inner)
        if not inner or count > MOST_PARTS:
            return not inner
        level = inner
    return False


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Give what an argument is made of in the end, and what it is called."""
    if has_parts(value):
        for i, part in enumerate(value):
            yield from leaves(f"{name}_{i}", part)
    else:
        yield name, value


class _Described:
    """What a jit function is compiled for, and the arrays that its launch takes.

    Parameters
    ----------
    layouts : mapping of str to Layout
        Those that arrays have to have, by the names of the parameters.
    """

    def __init__(self, layouts: Mapping[str, Layout]) -> None:
        self._layouts = layouts
        self.arrays: dict[str, object] = {}
        # What stands for tensors, which have names, and what everything else is.
        self._tensors: list[Hashable] = []
        self._others: list[Any] = []
        self._is_known = True
        # The tuples and lists that hold what is visited, and how often one held itself.
        self._within: list[int] = []
        self._circles = 0
        # Those that were found to have no arrays, which may be in many places, by their ids.
        self._without: dict[int, Any] = {}

    def key(self, *options: Hashable) -> Key | None:
        """Give what stands for all that was visited, and options; None if that cannot be said."""
        found = key_of((*options, *self._others)) if self._is_known else None
        return found and found._replace(values=(*found.values, *self._tensors))

    def visit(self, name: str, value: Any) -> Callable[[], Any]:
        """Give what makes what stands for an argument."""
        # What an object says is its class may be another one.
        if issubclass(type(value), (tuple, list)) and id(value) not in self._without:
            if id(value) not in self._within:
                return self._sequence(name, value)
            self._circles += 1
        if not isinstance(value, (str, bytes)) and _shape(value) != ():
            try:
                memory = read(value)
            except Exception as error:
                raise UnexpectedArguments(
                    f"{name} is an object of {type(value).__name__}, whose memory it does not "
                    f"give: {error}",
                    remedy=FOR_UNREADABLE,
                ) from error
            if memory is not None:
                return self._tensor(name, value, memory)
        self._others.append(value)
        return lambda: value

    def _sequence(self, name: str, value: Any) -> Callable[[], Any]:
        """Give what makes a tuple or list: with tensors for arrays, and else it is what it is."""
        if len(self._within) == MOST_NESTED:
            raise UnexpectedArguments(
                f"tuples and lists hold one another more than {MOST_NESTED} deep in an argument",
                remedy="put what they hold into fewer of them, or into objects of a class",
            )
        count, others, circles = len(self.arrays), len(self._others), self._circles
        self._others += (type(value), len(value))
        self._within.append(id(value))
        parts = [self.visit(f"{name}_{i}", part) for i, part in enumerate(value)]
        self._within.pop()
        if len(self.arrays) == count:
            self._others[others:] = [value]
            if self._circles == circles:
                self._without[id(value)] = value
            return lambda: value
        self._is_known &= type(value) is list or is_plain_tuple(value)

        def made() -> Any:
            items = [make() for make in parts]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)

        return made

    def _tensor(self, name: str, array: object, memory: Memory) -> Callable[[], Tensor]:
        is_bfloat = memory.dtype == "bf16"
        dtype = bf16 if is_bfloat else find_dtype(memory.dtype)
        if dtype is None:
            raise UnexpectedArguments(
                f"{name} is an array of {memory.dtype}, which Metal has not",
                remedy="convert it before the launch, as with astype(numpy.float32)",
            )
        shape, strides = memory.shape, memory.strides
        if min(strides, default=0) < 0:
            raise UnexpectedArguments(
                f"{name} is an array with strides {strides}, which steps backwards",
                remedy="give it a copy (numpy.ascontiguousarray)",
            )
        index = len(self.arrays)
        self.arrays[name] = array
        declared = self._layouts.get(name)
        if declared is not None:
            self._tensors.append((name, dtype.name, repr(declared)))
            return lambda: Tensor(name, index, dtype, declared)
        self._tensors.append((name, dtype.name, shape, strides))
        return lambda: Tensor(name, index, dtype, Layout(shape, strides))


def _shape(value: Any) -> object:
    """Give the shape of an array; objects of other classes may raise what they like."""
    try:
        return value.shape
    except Exception:
        return None


class KeptJit(NamedTuple):
    """A jit function compiled for arrays.

    Attributes
    ----------
    taken : dict
        The arrays that its kernels take.
    arrays : tuple of str
        The names of all.
    positional : list of str
        The names of the arguments that were given by their places.
    """

    compiled: Compiled
    grounds: Grounds | None
    taken: dict[str, Any]
    arrays: tuple[str, ...]
    positional: list[str]


# What a jit function may be launched with besides its arguments.
_OPTIONS = [each for each in LAUNCH_OPTIONS if each not in ("threads", "grid", "block")]


def _misfit(jit: Jit, named: Mapping[str, Any], error: TypeError) -> UnexpectedArguments:
    """Say why arguments do not fit a jit function."""
    names = list(jit.python_signature.parameters)
    remedy = f"its parameters are: {', '.join(names) or 'none'}"
    unknown = [name for name in named if name not in names]
    if not unknown:
        return UnexpectedArguments(f"jit function {jit.name}: {error}", remedy=remedy)
    name = unknown[0]
    if name in LAUNCH_OPTIONS:
        remedy = "the function says itself how it is launched"
    elif close := closest(name, [*names, *_OPTIONS]):
        remedy = f"did you mean {close!r}? {remedy}"
    return UnexpectedArguments(f"jit function {jit.name} has no parameter {name!r}", remedy=remedy)


def kept_jit(
    jit: Jit, arguments: tuple[Any, ...], named: Mapping[str, Any], *, debug: bool = False
) -> KeptJit:
    """Give a jit function compiled for arrays, now or before."""
    try:
        bound = jit.python_signature.bind(*arguments, **named)
    except TypeError as error:
        raise _misfit(jit, named, error) from None
    bound.apply_defaults()
    described = _Described(jit.layouts)
    names = _positional(jit, len(bound.args))
    parts = [described.visit(name, value) for name, value in zip(names, bound.args, strict=True)]
    named_parts = {name: described.visit(name, value) for name, value in bound.kwargs.items()}

    def find_key() -> Key | None:
        return described.key("launch", debug, len(parts), *named_parts)

    compiled, grounds = compiled_once(
        jit,
        find_key,
        lambda: compile_anew(
            jit,
            tuple(make() for make in parts),
            Options(emit_only=True, debug=debug),
            {name: make() for name, make in named_parts.items()},
        ),
    )
    kernels = compiled.kernels if isinstance(compiled, CompiledProgram) else (compiled,)
    taken = {name for kernel in kernels for name in kernel.param_names}
    arrays = {name: array for name, array in described.arrays.items() if name in taken}
    return KeptJit(compiled, grounds, arrays, tuple(described.arrays), names[: len(arguments)])


def _positional(jit: Jit, count: int) -> list[str]:
    """Give the names of the first arguments; those of ``*rest`` are called as parts of a tuple."""
    names: list[str] = []
    for name, parameter in jit.python_signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            return names + [f"{name}_{i}" for i in range(count - len(names))]
        if len(names) < count:
            names.append(name)
    return names
