# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.compile`: make options, trace, run the pipelines; the target emits and builds."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

from enigma.compiler.arguments import jit_call, kernel_call
from enigma.compiler.diagnostics import Diagnostics
from enigma.errors import NotCompilable, UnexpectedArguments
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.naming import kernel_name
from enigma.compiler.notices import warn
from enigma.compiler.options import Options
from enigma.compiler.session import Session, sessions
from enigma.compiler.targets import find_target
from enigma.compiler.targets.base import Target
from enigma.tracing.builder import current_builder
from enigma.tracing.functions import Func, Jit, Kernel
from enigma.tracing.launches import Launch
from enigma.locations import function_location
from enigma.tracing.trace import Call, Trace, trace_kernel


def compile(
    fn: Any,
    *jit_args: Any,
    vec_width: int = 0,
    dump_ir: bool = False,
    dump_mlir: bool = False,
    keep_metal_source: bool = False,
    work_dir: str | os.PathLike[str] | None = None,
    emit_only: bool | None = None,
    constants: Mapping[str, Any] | None = None,
    fast_math: bool = True,
    metal_std: str | None = None,
    name: str | None = None,
    target: str = "metal",
) -> CompiledKernel:
    """Compile a kernel.

    Parameters
    ----------
    fn : Kernel or Jit
        A function decorated with `enigma.kernel` or `enigma.jit`.
    *jit_args
        The arguments of a jit function: tensors, layouts, Python values.
    vec_width : {0, 2, 4}
        Elements that a thread owns, with vector loads and stores where contiguity and alignment
        permit; 0 leaves the kernel as it is written.
    dump_ir : bool
        Print the IR as traced.
    dump_mlir : bool
        Print the clean IR, and keep it in `CompiledKernel.mlir_source`.
    keep_metal_source : bool
        Write ``<kernel_name>.metal`` into `work_dir`.
    work_dir : str or path, optional
        The folder for files, created if need be; by default a fresh temporary one.
    emit_only : bool, optional
        True stops at MSL, False builds a Metal library with ``xcrun``. By default a library is
        built on macOS unless the environment has ``ENIGMA_EMIT_ONLY=1``.
    constants : mapping, optional
        Values of the compile-time parameters (annotated with `enigma.constexpr`) of a kernel.
    fast_math : bool
        Whether Metal's compiler may assume that there is neither infinity nor NaN.
    metal_std : str, optional
        The language version for Metal's compiler, such as ``"metal3.1"``.
    name : str, optional
        The name of the kernel, for variants that live side by side; by default that of `fn`.
    target : {"metal"}
        What the kernel is compiled for.

    Returns
    -------
    CompiledKernel
        The MSL and what is known about the kernel.

    Raises
    ------
    TypeError
        When `fn` is no kernel, or an operand in it has a type that its operation does not take.
    ValueError
        When an option has a value that it cannot have.
    EnigmaError
        When the kernel cannot be compiled; every error of Enigma is one.
    ToolchainError
        When ``xcrun`` is missing or fails.
    """
    options = Options(
        vec_width=vec_width,
        dump_ir=dump_ir,
        dump_mlir=dump_mlir,
        keep_metal_source=keep_metal_source,
        work_dir=work_dir,
        emit_only=emit_only,
        constants={} if constants is None else constants,
        fast_math=fast_math,
        metal_std=metal_std,
        name=name,
        target=target,
    )
    chosen = find_target(options.target)
    if current_builder() is not None:
        raise UnexpectedArguments(
            "enigma.compile is called while a kernel is traced",
            remedy="compile it outside; a helper of kernels is decorated with @enigma.func",
        )
    call = _call(fn, jit_args, options.constants)
    symbol = kernel_name(fn.name if options.name is None else options.name)
    return chosen.build(_compile(symbol, call, chosen, options), options)


def _compile(symbol: str, call: Call, target: Target, options: Options) -> CompiledKernel:
    """Trace a kernel, run the pipelines, and emit."""
    remarks: list[str] = []
    mlir_source = None
    with sessions.borrow() as session:
        trace = trace_kernel(session, symbol, call)
        if options.dump_ir:
            print(_text(trace))
        _run(session, trace, "enigma-clean", remarks)
        if options.dump_mlir:
            mlir_source = _text(trace)
            print(mlir_source)
        _run(session, trace, target.pipeline(options), remarks)
        with Diagnostics(session, target.emission) as diagnostics:
            text, source_map = target.emit(session, trace)
        session.spent += len(text)
        remarks += diagnostics.remarks
        attributes = trace.kernel.attributes
        per_thread = 1
        if "elements_per_thread" in attributes:
            per_thread = int(attributes["elements_per_thread"].value)
    if options.vec_width and per_thread == 1 and call.grid is None:
        _warn_of_scalar(call.kernel, remarks)
    parameters = call.parameters
    return CompiledKernel(
        kernel_name=symbol,
        metal_source=text,
        param_names=tuple(parameter.name for parameter in parameters),
        scalar_params=tuple(parameter.name for parameter in parameters if parameter.is_scalar),
        grid=call.grid,
        block=call.block,
        elements_per_thread=per_thread,
        mlir_source=mlir_source,
        remarks=tuple(remarks),
        symbols=tuple(parameter for parameter in parameters if parameter.is_symbol),
        source_map=source_map,
    )


def _call(fn: Any, jit_args: tuple[Any, ...], constants: Mapping[str, Any]) -> Call:
    """Give what is traced of a function, given what fits its kind."""
    if isinstance(fn, Kernel):
        if jit_args:
            raise UnexpectedArguments(
                f"kernel {fn.name} was given {len(jit_args)} arguments",
                remedy=(
                    "only a jit function takes arguments here; compile-time parameters go "
                    "into constants={...}"
                ),
            )
        return kernel_call(fn, constants)
    if isinstance(fn, Jit):
        if constants:
            raise UnexpectedArguments(
                f"jit function {fn.name} was given constants",
                remedy="pass Python values as its arguments",
            )
        return jit_call(fn, jit_args)
    raise _not_compilable(fn)


def _not_compilable(fn: Any) -> NotCompilable:
    if isinstance(fn, Func):
        return NotCompilable(
            found=f"the @enigma.func {fn.name}", remedy="call it from a kernel and compile that"
        )
    if isinstance(fn, Launch):
        return NotCompilable(
            found=f"a launch of {fn.kernel.name}",
            remedy="launch it in a function decorated with @enigma.jit",
        )
    name = getattr(fn, "__name__", None)
    kind = type(fn).__name__
    return NotCompilable(found=f"the {kind} {name}" if name else f"{kind} {fn!r}")


def _warn_of_scalar(kernel: Kernel, remarks: list[str]) -> None:
    """Warn that a kernel needs more threads than the vectors that were asked for would."""
    for remark in remarks:
        warn(
            function_location(kernel.function),
            remark,
            "launch one thread for each element, as `elements_per_thread` of the compiled kernel "
            "says, or compile it without vec_width",
        )


def _run(session: Session, trace: Trace, pipeline: str, remarks: list[str]) -> None:
    with Diagnostics(session, pipeline.split("{")[0]) as diagnostics:
        session.pass_manager(pipeline).run(trace.module.operation)
    remarks += diagnostics.remarks


def _text(trace: Trace) -> str:
    """Print a module, with the names of Python's variables."""
    stream = io.StringIO()
    trace.module.operation.print(file=stream, use_name_loc_as_prefix=True)
    return stream.getvalue().rstrip("\n")
