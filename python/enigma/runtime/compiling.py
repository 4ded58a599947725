# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions that are launched from the host: compiled when they are needed, and kept."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from enigma._arrays import View
from enigma.compiler.compile import compile
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import InvalidArray, UnexpectedArguments
from enigma.layout import Layout
from enigma.runtime.arrays import dtype_of
from enigma.runtime.launching import launch, launch_bound
from enigma.tensors.tensor import Tensor
from enigma.tracing.functions import Jit, Kernel

_kernels: WeakKeyDictionary[Kernel, dict[Hashable, CompiledKernel]] = WeakKeyDictionary()
_programs: WeakKeyDictionary[Jit, dict[Hashable, CompiledProgram | CompiledKernel]] = (
    WeakKeyDictionary()
)


def _key(value: object) -> Hashable:
    """Tell values from others; one that cannot be hashed is known by its text."""
    try:
        hash(value)
    except TypeError:
        return type(value), repr(value)
    return type(value), value


def launch_kernel(kernel: Kernel, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Compile and run a kernel, as `Kernel.launch` says."""
    constants = options.pop("constants", None) or {}
    known = _kernels.setdefault(kernel, {})
    key = tuple((name, _key(value)) for name, value in sorted(constants.items()))
    compiled = known.get(key)
    if compiled is None:
        compiled = known[key] = compile(kernel, constants=constants, emit_only=True)
    launch(compiled, arguments, options)


def launch_jit(function: Jit, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Compile a jit function for arrays, and run its kernels on them."""
    device = named.pop("device", None)
    try:
        bound = function.python_signature.bind(*arguments, **named)
    except TypeError as error:
        raise UnexpectedArguments(
            f"{function.name}{function.python_signature}: {error}",
            remedy="give an argument for each parameter",
        ) from None
    bound.apply_defaults()
    arrays: dict[str, object] = {}
    tensors: dict[str, Tensor] = {}
    key: list[Hashable] = []
    given: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        view = _view(value)
        if view is None:
            given[name] = value
            key.append((name, _key(value)))
            continue
        arrays[name] = value
        dtype = dtype_of(function.name, name, view)
        given[name] = tensors[name] = _tensor(function.name, name, len(tensors), dtype, view)
        key.append((name, dtype, view.shape, view.strides))
    known = _programs.setdefault(function, {})
    compiled = known.get(tuple(key))
    if compiled is None:
        for name, tensor in tensors.items():
            given[name] = tensor
        bound.arguments.update(given)
        compiled = compile(function, *bound.args, emit_only=True)
        known[tuple(key)] = compiled
    for kernel in compiled.kernels if isinstance(compiled, CompiledProgram) else (compiled,):
        launch_bound(
            kernel, [arrays[name] for name in kernel.param_names], device=device, strided=True
        )


def _view(value: object) -> View | None:
    """Look at the memory of an array; what is none has no dimensions."""
    if isinstance(value, (str, bytes, bytearray)):
        return None
    try:
        view = View(value)
    except (TypeError, BufferError, ValueError):
        return None
    return view if view.shape else None


def _tensor(function: str, name: str, index: int, dtype: str, view: View) -> Tensor:
    """Describe an array to the compiler."""
    strides = []
    for extent, stride in zip(view.shape, view.strides, strict=True):
        if stride % view.itemsize or stride < 0 or extent == 0:
            raise InvalidArray(
                kernel=function,
                parameter=name,
                problem=f"has shape {view.shape} and strides {view.strides} in bytes",
                remedy=(
                    "a tensor has elements, and strides that are not negative and whole numbers of "
                    f"elements ({view.itemsize} bytes); give a copy"
                ),
            )
        strides.append(stride // view.itemsize)
    shape: Any = view.shape if len(view.shape) != 1 else view.shape[0]
    return Tensor(
        name, index, dtype, Layout(shape, tuple(strides) if len(strides) != 1 else strides[0])
    )
