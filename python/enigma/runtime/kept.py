# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions compiled for a launch, and kept for the next one with such arguments."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from enigma._arrays import Memory
from enigma.compiler.compile import compile
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import UnexpectedArguments
from enigma.layout import Layout
from enigma.runtime.array_memory import read
from enigma.runtime.references import References
from enigma.tensors.tensor import Tensor
from enigma.tracing.functions import Decorated, Jit, Kernel
from enigma.types import bf16, find_dtype, find_element

#: Compilations of one function that are kept.
CAPACITY = 64

Compiled = CompiledKernel | CompiledProgram


class _Kept:
    """The compilations of one function; those that were not used for longest go first."""

    def __init__(self) -> None:
        self.known: OrderedDict[Hashable, tuple[References, Compiled]] = OrderedDict()

    def find(self, key: Hashable) -> Compiled | None:
        """Give what was compiled, if everything that it refers to still is the same."""
        found = self.known.get(key)
        if found is None:
            return None
        references, compiled = found
        if not references.hold():
            del self.known[key]
            return None
        self.known.move_to_end(key)
        return compiled

    def keep(self, key: Hashable, references: References, compiled: Compiled) -> None:
        """Keep what was compiled, unless a change of what it refers to could go unseen."""
        if references.is_settled:
            self.known[key] = references, compiled
            if len(self.known) > CAPACITY:
                self.known.popitem(last=False)


_kept: weakref.WeakKeyDictionary[Decorated, _Kept] = weakref.WeakKeyDictionary()


def _kept_of(function: Decorated) -> _Kept:
    found = _kept.get(function)
    if found is None:
        found = _kept[function] = _Kept()
    return found


def _key(value: Any) -> Hashable | None:
    """Give what stands for a Python value among the arguments; None if it may change unseen."""
    if isinstance(value, tuple):
        keys = tuple(map(_key, value))
        return None if None in keys else (type(value), keys)
    if isinstance(value, (bool, int, float, str, bytes, type(None))):
        return type(value), repr(value)
    if isinstance(value, Layout) or find_element(value) is not None:
        # Not `str`, which leaves out what a symbol is called.
        return type(value), repr(value)
    return None


def kept_kernel(kernel: Kernel, constants: Mapping[str, Any]) -> CompiledKernel:
    """Compile a kernel, or give what was compiled before."""
    keys = [(name, _key(value)) for name, value in constants.items()]
    key = None if any(value is None for _, value in keys) else tuple(keys)
    kept = _kept_of(kernel)
    compiled = None if key is None else kept.find(key)
    if compiled is None:
        references = References(kernel.function)
        compiled = compile(kernel, constants=constants, emit_only=True)
        if key is not None:
            kept.keep(key, references, compiled)
    assert isinstance(compiled, CompiledKernel)
    return compiled


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
        self.is_known = True

    def visit(self, name: str, value: Any) -> tuple[Any, Hashable]:
        """Give what stands for an argument: a tensor for an array; and its part of the key."""
        if isinstance(value, (tuple, list)):
            parts = [self.visit(f"{name}_{i}", part) for i, part in enumerate(value)]
            items = [item for item, _ in parts]
            made = type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
            return made, (type(value), tuple(key for _, key in parts))
        if not isinstance(value, (str, bytes)) and getattr(value, "shape", None) != ():
            memory = read(value)
            if memory is not None:
                return self._tensor(name, value, memory)
        key = _key(value)
        self.is_known &= key is not None
        return value, key

    def _tensor(self, name: str, array: object, memory: Memory) -> tuple[Tensor, Hashable]:
        is_bfloat = memory.dtype == "bf16"
        dtype = bf16 if is_bfloat else find_dtype(memory.dtype)
        if dtype is None:
            raise UnexpectedArguments(
                f"{name} is an array of {memory.dtype}, which Metal has not",
                remedy="convert it before the launch, as with astype(numpy.float32)",
            )
        if min(memory.strides, default=0) < 0:
            raise UnexpectedArguments(
                f"{name} is an array with strides {memory.strides}, which steps backwards",
                remedy="give it a copy (numpy.ascontiguousarray)",
            )
        index = len(self.arrays)
        self.arrays[name] = array
        declared = self._layouts.get(name)
        if declared is not None:
            return Tensor(name, index, dtype, declared), (name, dtype.name, repr(declared))
        layout = Layout(memory.shape, memory.strides)
        return Tensor(name, index, dtype, layout), (name, dtype.name, memory.shape, memory.strides)


def kept_jit(
    jit: Jit, arguments: tuple[Any, ...], named: Mapping[str, Any]
) -> tuple[Compiled, dict[str, Any]]:
    """Give a jit function compiled for arrays, now or before, and the arrays by name."""
    try:
        bound = jit.python_signature.bind(*arguments, **named)
    except TypeError as error:
        names = ", ".join(jit.python_signature.parameters) or "none"
        raise UnexpectedArguments(
            f"jit function {jit.name}: {error}", remedy=f"its parameters are: {names}"
        ) from None
    bound.apply_defaults()
    described = _Described(jit.layouts)
    parts = [described.visit(name, value) for name, value in bound.arguments.items()]
    key = tuple(part for _, part in parts) if described.is_known else None
    kept = _kept_of(jit)
    compiled = None if key is None else kept.find(key)
    if compiled is None:
        references = References(jit.function)
        compiled = compile(jit, *(value for value, _ in parts), emit_only=True)
        if key is not None:
            kept.keep(key, references, compiled)
    kernels = compiled.kernels if isinstance(compiled, CompiledProgram) else (compiled,)
    taken = {name for kernel in kernels for name in kernel.param_names}
    arrays = {name: array for name, array in described.arrays.items() if name in taken}
    return compiled, arrays
