# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running the function of a kernel once to record its operations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from enigma._layout import Dyn
from enigma.compiler.errors import InvalidKernel, UnexpectedArguments
from enigma.compiler.session import Session
from enigma.tracing.buffers import Buffer, buffer_type_name
from enigma.tracing.builder import Builder, Scope, Tracing
from enigma.tracing.functions import Kernel, bind
from enigma.tracing.intervals import Interval, maximum
from enigma.tracing.launches import MAX_GROUPS, Extent
from enigma.tracing.locations import SourceLocation, function_location
from enigma.tracing.parameters import Parameter
from enigma.tracing.runtime import Runtime
from enigma.tracing.symbols import Symbols
from enigma.tracing.values import wrap

# What an extent of a tensor can be.
EXTENT = Interval(1, 2**31 - 1)


class Trace:
    """The IR of one kernel as traced.

    Attributes
    ----------
    module : ir.Module
        The module that holds the kernel.
    kernel : ir.Operation
        The kernel.
    """

    def __init__(self, module: Any, kernel: Any) -> None:
        self.module = module
        self.kernel = kernel


def trace_kernel(
    session: Session,
    name: str,
    kernel: Kernel,
    parameters: Sequence[Parameter],
    arguments: Callable[[list[Any]], tuple[Sequence[Any], dict[str, Any]]],
    grid: Extent | None = None,
    block: Extent | None = None,
) -> Trace:
    """Trace a kernel.

    Parameters
    ----------
    session : Session
        The context to build in.
    name : str
        The symbol of the kernel.
    kernel : Kernel
        Whose function runs.
    parameters : sequence of Parameter
        What Metal sees.
    arguments : callable
        Gets what stands for each parameter (a `Buffer` or a traced value) and gives the arguments
        of the function.
    grid, block : tuple of 3 ints, optional
        The launch, where it is known.
    """
    function = kernel.function
    rewritten = kernel.rewritten()
    for parameter in parameters:
        line = rewritten.assigned.get(parameter.name)
        if line is not None and parameter.is_scalar and not parameter.is_symbol:
            raise InvalidKernel(
                f"{parameter.name!r} is a parameter passed by value, and cannot be assigned",
                location=SourceLocation(function.__code__.co_filename, line),
                remedy="assign to a variable of another name",
            )
    builder = Builder(session, kernel.name)
    module, operation, block_arguments = _make_kernel(
        builder, name, function, parameters, grid, block
    )
    with Tracing(builder):
        builder.runtime = Runtime(builder)
        builder.symbols = Symbols(builder)
        values = [
            _argument(builder, p, ir) for p, ir in zip(parameters, block_arguments, strict=True)
        ]
        args, kwargs = arguments(values)
        bound = bind(builder, kernel)
        builder.active.append(function)
        returned = bound(*args, **kwargs)
        if returned is not None:
            raise InvalidKernel(
                f"kernel {kernel.name} returns a value; a kernel has no result",
                location=function_location(function),
                remedy="store results into a buffer",
            )
        builder.op("enigma.return").location = operation.location
        builder.notices.give(operation)
    return Trace(module, operation)


def _make_kernel(
    builder: Builder,
    name: str,
    function: FunctionType,
    parameters: Sequence[Parameter],
    grid: Extent | None,
    block: Extent | None,
) -> tuple[Any, Any, list[Any]]:
    session = builder.session
    ir = builder.ir
    code = function.__code__
    location = session.file_location(code.co_filename, code.co_firstlineno)
    module = ir.Module.create(location)
    types = []
    descriptions = []
    names = []
    for parameter in parameters:
        names.append(builder.named_location(parameter.name, location))
        about = ""
        if parameter.is_scalar:
            types.append(parameter.dtype.mlir_name)
            if not parameter.dtype.is_float:
                about = f", enigma.dtype = {parameter.dtype.element_name}"
            if parameter.is_extent:
                about += ", enigma.extent"
        else:
            types.append(buffer_type_name(parameter.dtype, parameter.address_space))
        descriptions.append(
            f'{{enigma.name = "{parameter.name}", enigma.index = {parameter.index} : i32{about}}}'
        )
    attributes = {
        "sym_name": session.string(name),
        "function_type": session.attribute(f"({', '.join(types)}) -> ()"),
        "arg_attrs": session.attribute(f"[{', '.join(descriptions)}]"),
    }
    launch = {"block": block, "grid": grid}
    if grid is not None and any(isinstance(extent, Dyn) for extent in grid):
        launch = {"block": block, "grid_limit": _limit(grid, parameters)}
    for key, extent in launch.items():
        if extent is not None:
            attributes[key] = session.attribute(f"array<i64: {', '.join(map(str, extent))}>")
    point = ir.InsertionPoint(module.body)
    operation = ir.Operation.create("enigma.kernel", (), (), attributes, None, 1, location, point)
    entry = operation.regions[0].blocks.append(
        *[session.type(text) for text in types], arg_locs=names
    )
    builder.entry = builder.scope = Scope(
        None, entry, ir.InsertionPoint(entry), f"in kernel {builder.name}"
    )
    return module, operation, list(entry.arguments)


def _limit(grid: Extent, parameters: Sequence[Parameter]) -> Extent:
    """Give the most threadgroups that a launch with symbolic sizes has."""
    symbols = {
        p.name: Interval(p.dtype.minimum, p.dtype.maximum) if not p.is_extent else EXTENT
        for p in parameters
        if p.is_symbol
    }
    x, y, z = (min(max(maximum(extent, symbols), 1), MAX_GROUPS) for extent in grid)
    return x, y, z


def _argument(builder: Builder, parameter: Parameter, ir: Any) -> Any:
    if not parameter.is_scalar:
        return Buffer(
            builder,
            ir,
            parameter.dtype,
            parameter.address_space,
            None,
            parameter.name,
            builder.entry,
        )
    value = wrap(builder, ir, parameter.dtype)
    value.name = parameter.name
    if parameter.is_symbol:
        builder.symbols.declare(parameter.name, value)
    return value


def bind_arguments(kernel: Kernel, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Check that arguments fit the parameters of a kernel that a jit function calls."""
    try:
        inspect.signature(kernel.function).bind(*args, **kwargs)
    except TypeError as error:
        names = ", ".join(inspect.signature(kernel.function).parameters)
        raise UnexpectedArguments(
            f"kernel {kernel.name}: {error}", remedy=f"its parameters are: {names or 'none'}"
        ) from None
