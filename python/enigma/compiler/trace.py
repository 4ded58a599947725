# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running the function of a kernel once to record its operations."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

from enigma._layout import Dyn
from enigma._process import call_with_room
from enigma.errors import EnigmaError, InvalidKernel, RaisedInKernel
from enigma.language.constants import declared_constants
from enigma.limits import METAL
from enigma.locations import SourceLocation, function_location, traceback_location
from enigma.tensors.arguments import Call
from enigma.tensors.symbols import Symbols
from enigma.tracing.buffers import Buffer
from enigma.tracing.builder import Builder, Scope, tracing
from enigma.tracing.counts import counted
from enigma.tracing.decided import Notice
from enigma.tracing.functions import bind
from enigma.tracing.intervals import Interval, maximum
from enigma.tracing.launches import Extent
from enigma.tracing.names import shown_name
from enigma.tracing.parameters import FunctionConstant, Parameter
from enigma.tracing.records import Record
from enigma.tracing.refusals import explained
from enigma.tracing.rewritten import Runtime
from enigma.tracing.session import Session
from enigma.tracing.values import Value, wrap
from enigma.types import DType

if TYPE_CHECKING:
    from enigma import _mlir as ir

# What an extent of a tensor can be.
EXTENT = Interval(1, 2**31 - 1)


class Trace(NamedTuple):
    """The IR of one kernel as traced.

    Attributes
    ----------
    module : ir.Operation
        The module that holds the kernel.
    kernel : ir.Operation
        The kernel.
    call : Call
        What was traced.
    parameters : tuple of Parameter
        Those that the kernel has.
    function_constants : tuple of FunctionConstant
        Those that it declares.
    may_do_nothing : bool
        Whether the author knows already if it stores nothing: there is nothing in it, or a
        warning was given.
    """

    module: ir.Operation
    kernel: ir.Operation
    call: Call
    parameters: tuple[Parameter, ...]
    function_constants: tuple[FunctionConstant, ...] = ()
    may_do_nothing: bool = False


def trace_kernel(session: Session, name: str, call: Call, target: str) -> Trace:
    """Trace a kernel.

    Parameters
    ----------
    session : Session
        The context to build in.
    name : str
        The symbol of the kernel.
    call : Call
        The kernel and its arguments.
    target : str
        The `enigma.target` of its module.
    """
    kernel, parameters = call.kernel, call.parameters
    function = kernel.function
    rewritten = kernel.rewritten()
    for parameter in parameters:
        line = rewritten.assigned.get(parameter.name)
        if line is None or not parameter.is_scalar or parameter.is_symbol:
            continue
        if parameter.name in kernel.python_signature.parameters:
            raise InvalidKernel(
                f"{parameter.name!r} is a parameter passed by value, and cannot be assigned",
                location=SourceLocation(function.__code__.co_filename, line),
                remedy="assign to a variable of another name",
            )
    builder = Builder(session, kernel.name)
    builder.threadgroup_bytes = sum(parameter.nbytes or 0 for parameter in parameters)
    module, operation, block_arguments = _make_kernel(builder, name, call, target)
    may_do_nothing = tracing(builder, _trace_function, operation, block_arguments, call)
    if call.drops_unused:
        parameters = _drop_unused(builder, operation, call)
    constants = declared_constants(builder)
    builder.release()
    return Trace(module, operation, call, parameters, constants, may_do_nothing)


def _trace_function(
    builder: Builder, operation: ir.Operation, block_arguments: list[ir.Value], call: Call
) -> bool:
    """Run the function of a kernel; give whether the author knows if it does nothing."""
    kernel = call.kernel
    function = kernel.function
    builder.runtime = Runtime(builder)
    builder.symbols = Symbols(builder)
    values = {
        parameter.name: _argument(builder, parameter, argument)
        for parameter, argument in zip(call.parameters, block_arguments, strict=True)
    }
    for tensor in call.tensors:
        buffer = values[tensor.name]
        assert isinstance(buffer, Buffer)
        builder.tensors[tensor] = buffer

    def value(part: object) -> Any:
        return values[part.name] if isinstance(part, Parameter) else part

    def given(argument: object) -> Any:
        return argument.filled(value) if isinstance(argument, Record) else value(argument)

    args = [given(argument) for argument in call.args]
    kwargs = {name: given(argument) for name, argument in call.kwargs.items()}
    bound = bind(builder, kernel)
    builder.active.append(function)
    builder.root = sys._getframe()
    try:
        returned = call_with_room(bound, args, kwargs)
    except EnigmaError:
        raise
    except Exception as error:
        better = explained(error)
        if better is None and builder.scope is not builder.entry:
            better = RaisedInKernel(
                what=_shown(error),
                where=builder.scope.what,
                location=traceback_location(error),
            )
            better.__cause__ = error
        if better is None:
            raise
        raise better.with_traceback(error.__traceback__) from better.__cause__
    if returned is not None:
        raise InvalidKernel(
            f"kernel {kernel.name} returns a value; a kernel has no result",
            location=function_location(function),
            remedy="store results into a buffer",
        )
    is_empty = builder.entry.block.is_empty
    builder.op("enigma.return").location = operation.location
    _note_rebound(builder, operation, call, block_arguments)
    is_warned_of = builder.notices.give(operation)
    return is_empty or is_warned_of


def _note_rebound(
    builder: Builder, kernel: ir.Operation, call: Call, entry: list[ir.Value]
) -> None:
    """Warn of buffers that nothing is done with, since their names were given to something else."""
    if call.drops_unused:
        return  # their names are those of tensors, which the function does not see
    assigned = call.kernel.rewritten().assigned
    for parameter, argument in zip(call.parameters, entry, strict=True):
        name = parameter.name
        if name not in assigned or argument.is_used:
            continue
        place = SourceLocation(call.kernel.function.__code__.co_filename, assigned[name])
        notice = Notice(
            place,
            f"{name!r} names something else from here on, and nothing is stored into the buffer",
            f"store into it, as in `{name}[i] = ...`, or give the value another name",
        )
        builder.notices.add(notice, kernel)


def _shown(error: Exception) -> str:
    try:
        return f"{type(error).__name__} ({error})"
    except EnigmaError:
        # It says something about a traced value, which has no text.
        return type(error).__name__


def _drop_unused(builder: Builder, kernel: ir.Operation, call: Call) -> tuple[Parameter, ...]:
    """Take the arguments that have no use from a kernel, and give the parameters that stay."""
    entry = kernel.body
    used = [argument.is_used for argument in entry.arguments]
    for index in reversed(range(len(used))):
        if not used[index]:
            entry.erase_argument(index)
    types, descriptions = _described(call.parameters)
    kept = [list(compress(column, used)) for column in (types, descriptions)]
    for name, attribute in _interface(builder.session, *kept).items():
        kernel.set_attribute(name, attribute)
    return tuple(compress(call.parameters, used))


def _described(parameters: Sequence[Parameter]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the types and the attributes of the arguments of a kernel, as text."""
    if not parameters:
        return (), ()
    types, descriptions = zip(*[parameter._described for parameter in parameters], strict=True)
    return types, descriptions


def _interface(
    session: Session, types: Sequence[str], descriptions: Sequence[str]
) -> dict[str, ir.Attribute]:
    """Give the attributes that say what arguments a kernel has."""
    return {
        "function_type": session.attribute(f"({', '.join(types)}) -> ()"),
        "arg_attrs": session.attribute(f"[{', '.join(descriptions)}]"),
    }


def _make_kernel(
    builder: Builder, name: str, call: Call, target: str
) -> tuple[ir.Operation, ir.Operation, list[ir.Value]]:
    session = builder.session
    types, descriptions = _described(call.parameters)
    attributes = {"sym_name": session.string(name), **_interface(session, types, descriptions)}
    grid = call.grid
    launch = {"block": call.block, "grid": grid}
    if grid is not None and any(isinstance(extent, Dyn) for extent in grid):
        launch = {"block": call.block, "grid_limit": _limit(grid, call.parameters)}
    for key, extent in launch.items():
        if extent is not None:
            attributes[key] = session.attribute(f"array<i64: {', '.join(map(str, extent))}>")
    module, operation, entry, arguments = session.operations.create_kernel(
        call.kernel.function.__code__,
        session.attribute(target),
        attributes,
        [session.type(text) for text in types],
        [shown_name(parameter.name) for parameter in call.parameters],
    )
    builder.entry = builder.scope = Scope(
        None, entry, builder.ir.InsertionPoint(entry), f"in kernel {builder.name}"
    )
    return module, operation, arguments


def _limit(grid: Extent, parameters: Sequence[Parameter]) -> Extent:
    """Give the most threadgroups that a launch with symbolic sizes has."""
    return _limit_for(
        grid, tuple([(p.name, p.dtype.scalar, p.is_extent) for p in parameters if p.is_symbol])
    )


@functools.lru_cache(maxsize=256)
def _limit_for(grid: Extent, sizes: tuple[tuple[str, DType, bool], ...]) -> Extent:
    """Give what `_limit` does for symbols: their names, dtypes, and whether they are extents."""
    symbols = {
        name: EXTENT if is_extent else Interval(dtype.minimum, dtype.maximum)
        for name, dtype, is_extent in sizes
    }
    x, y, z = (min(max(maximum(extent, symbols), 1), METAL.threadgroups) for extent in grid)
    return x, y, z


def _argument(builder: Builder, parameter: Parameter, ir: ir.Value) -> Buffer | Value:
    if not parameter.is_scalar:
        return Buffer(
            builder,
            ir,
            parameter.dtype,
            parameter.address_space,
            parameter.size,
            parameter.name,
            builder.entry,
        )
    value = wrap(builder, ir, parameter.dtype.scalar, parameter.dtype.lanes)
    value.name = parameter.name
    if parameter.is_extent:
        counted(value, EXTENT.low, EXTENT.high)
    else:
        counted(value)
    if parameter.is_symbol:
        builder.symbols.declare(parameter.name, value)
    return value
