# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.compile`: trace, run the pipelines, translate, and build a library if possible."""

from __future__ import annotations

import inspect
import io
import os
import re
import shutil
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from enigma.compiler.arguments import find_tensors, symbol_parameters
from enigma.compiler.diagnostics import Diagnostics
from enigma.compiler.errors import (
    InvalidOption,
    InvalidVecWidth,
    NotCompilable,
    UnexpectedArguments,
    WorkDirError,
)
from enigma.compiler.kernel import CompiledKernel, write_file
from enigma.compiler.session import Session, current_session
from enigma.compiler.toolchain import build_metallib
from enigma.tracing.builder import current_builder
from enigma.tracing.functions import Func, Jit, Kernel
from enigma.tracing.launches import Launch, run_jit
from enigma.tracing.parameters import Parameter
from enigma.tracing.trace import Trace, bind_arguments, trace_kernel

_PREFIX = "enigma_kernel_"


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
    if type(vec_width) is not int or vec_width not in (0, 2, 4):
        raise InvalidVecWidth(found=vec_width)
    _check_options(fast_math, metal_std)
    if current_builder() is not None:
        raise UnexpectedArguments(
            "enigma.compile is called while a kernel is traced",
            remedy="compile it outside; a helper of kernels is decorated with @enigma.func",
        )
    session = current_session()
    if isinstance(fn, Kernel):
        if jit_args:
            raise UnexpectedArguments(
                f"kernel {fn.name} was given {len(jit_args)} arguments",
                remedy=(
                    "only a jit function takes arguments here; compile-time parameters go "
                    "into constants={...}"
                ),
            )
        trace, parameters, launch = _trace_kernel(session, fn, constants or {})
    elif isinstance(fn, Jit):
        if constants:
            raise UnexpectedArguments(
                f"jit function {fn.name} was given constants",
                remedy="pass Python values as its arguments",
            )
        trace, parameters, launch = _trace_jit(session, fn, jit_args)
    else:
        raise _not_compilable(fn)
    session.kernels += 1
    name = _PREFIX + fn.name
    if dump_ir:
        print(_text(trace))
    remarks: list[str] = []
    _run(session, trace, "enigma-clean", remarks)
    mlir_source = None
    if dump_mlir:
        mlir_source = _text(trace)
        print(mlir_source)
    _run(session, trace, f"enigma-to-flat{{vec-width={vec_width}}}", remarks)
    with Diagnostics(session, "translation to MSL") as diagnostics:
        source_map: dict[int, tuple[str, int]] = {}
        metal_source = session.extension.translate_to_msl(trace.module.operation, source_map)
    remarks += diagnostics.remarks
    attributes = trace.kernel.attributes
    per_thread = 1
    if "elements_per_thread" in attributes:
        per_thread = int(attributes["elements_per_thread"].value)
    compiled = CompiledKernel(
        kernel_name=name,
        metal_source=metal_source,
        param_names=tuple(parameter.name for parameter in parameters),
        scalar_params=tuple(parameter.name for parameter in parameters if parameter.is_scalar),
        grid=None if launch is None else launch.grid,
        block=None if launch is None else launch.block,
        elements_per_thread=per_thread,
        mlir_source=mlir_source,
        remarks=tuple(remarks),
        source_map=source_map,
        symbols=tuple(parameter for parameter in parameters if parameter.is_symbol),
    )
    if emit_only is None:
        emit_only = sys.platform != "darwin" or os.environ.get("ENIGMA_EMIT_ONLY") == "1"
    if emit_only and not keep_metal_source:
        return compiled
    return _write(compiled, work_dir, keep_metal_source, emit_only, fast_math, metal_std)


def _check_options(fast_math: bool, metal_std: str | None) -> None:
    if not isinstance(fast_math, bool):
        raise InvalidOption(option="fast_math", expected="True or False", found=fast_math)
    if metal_std is not None and not (
        isinstance(metal_std, str) and re.fullmatch(r"[a-z0-9.-]+", metal_std)
    ):
        raise InvalidOption(
            option="metal_std", expected="a language version such as 'metal3.1'", found=metal_std
        )


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


def _trace_kernel(
    session: Session, kernel: Kernel, constants: Mapping[str, Any]
) -> tuple[Trace, Sequence[Parameter], None]:
    signature = kernel.signature()
    values = signature.bind_constants(kernel.function, constants)

    def arguments(traced: list[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
        known = dict(values)
        known.update({p.name: value for p, value in zip(signature.parameters, traced, strict=True)})
        parameters = inspect.signature(kernel.function).parameters
        keywords = {n: known[n] for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
        return [known[n] for n in signature.names if n not in keywords], keywords

    trace = trace_kernel(session, _PREFIX + kernel.name, kernel, signature.parameters, arguments)
    return trace, signature.parameters, None


def _trace_jit(
    session: Session, jit: Jit, args: tuple[Any, ...]
) -> tuple[Trace, Sequence[Parameter], Launch]:
    try:
        inspect.signature(jit.function).bind(*args)
    except TypeError as error:
        raise UnexpectedArguments(
            f"jit function {jit.name}: {error}",
            remedy=f"pass its arguments: enigma.compile({jit.name}, ...)",
        ) from None
    tensors = find_tensors(args)
    launch = run_jit(jit.function, args)
    bind_arguments(launch.kernel, launch.args, launch.kwargs)
    parameters = [
        Parameter(t.name, t.element_type, t.buffer_index, False, t.address_space) for t in tensors
    ]
    parameters += symbol_parameters(tensors, (*args, *launch.args, *launch.kwargs.values()))

    def arguments(traced: list[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
        for tensor, buffer in zip(tensors, traced, strict=False):
            buffer.builder.tensors[tensor] = buffer
        return launch.args, launch.kwargs

    trace = trace_kernel(
        session, _PREFIX + jit.name, launch.kernel, parameters, arguments, launch.grid, launch.block
    )
    return trace, parameters, launch


def _run(session: Session, trace: Trace, pipeline: str, remarks: list[str]) -> None:
    with Diagnostics(session, pipeline.split("{")[0]) as diagnostics:
        session.pass_manager(pipeline).run(trace.module.operation)
    remarks += diagnostics.remarks


def _text(trace: Trace) -> str:
    """Print a module, with the names of Python's variables."""
    stream = io.StringIO()
    trace.module.operation.print(file=stream, use_name_loc_as_prefix=True)
    return stream.getvalue().rstrip("\n")


def _write(
    compiled: CompiledKernel,
    work_dir: str | os.PathLike[str] | None,
    keep: bool,
    emit_only: bool,
    fast_math: bool,
    metal_std: str | None,
) -> CompiledKernel:
    """Write the files that were asked for."""
    temporary = work_dir is None
    if work_dir is None:
        folder = tempfile.mkdtemp(prefix="enigma-")
    else:
        folder = os.path.abspath(os.fspath(work_dir))
        if os.path.exists(folder) and not os.path.isdir(folder):
            raise WorkDirError(path=folder, reason="it is a file")
    source = os.path.join(folder, f"{compiled.kernel_name}.metal")
    write_file(source, compiled.metal_source)
    changes: dict[str, Any] = {"metal_path": source}
    if not emit_only:
        library = os.path.join(folder, f"{compiled.kernel_name}.metallib")
        # A failing build leaves the MSL where the error says.
        build_metallib(source, library, fast_math, metal_std)
        with open(library, "rb") as file:
            changes.update(metallib_path=library, metallib_bytes=file.read())
        if not keep:
            os.remove(source)
            changes["metal_path"] = None
    finished = replace(compiled, **changes)
    if temporary and not keep:
        # The library lives as long as the kernel, and no longer than the process.
        weakref.finalize(finished, shutil.rmtree, folder, ignore_errors=True)
    return finished
