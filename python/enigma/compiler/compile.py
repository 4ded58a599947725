# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.compile`: make options, trace, run the pipelines; the target emits and builds."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from enigma._collector import without_collector
from enigma._host_calls import host_function
from enigma.compiler.artifact import artifact_of
from enigma.compiler.compilations import Compiled, Key, compiled_once, key_of
from enigma.compiler.diagnostics import Diagnostics
from enigma.compiler.dumps import Dump, mlir_text
from enigma.compiler.flat import FlatKernel
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.naming import kernel_name
from enigma.compiler.observers import AS_TRACED, current_observer, passes_of
from enigma.compiler.options import Options
from enigma.compiler.program import CompiledProgram
from enigma.compiler.targets import find_target
from enigma.compiler.targets.base import Emitted, Target
from enigma.compiler.trace import Trace, trace_kernel
from enigma.errors import NotCompilable, UnexpectedArguments, spelled
from enigma.locations import function_location
from enigma.tensors.arguments import Call, jit_calls, kernel_call
from enigma.tracing.builder import current_builder
from enigma.tracing.functions import Func, Jit, Kernel
from enigma.tracing.launches import Launch
from enigma.tracing.notices import warn
from enigma.tracing.parameters import FunctionConstant, Parameter
from enigma.tracing.session import Session, sessions

# What those may look for here who want to run it.
_OF_LAUNCHES = {
    option: f"{option}= is said where the kernel is launched: compiled.launch(..., {option}=...), "
    "or in the jit function that launches it"
    for option in ("threads", "grid", "block", "device", "stream", "check", "threadgroup_memory")
}


def advise_on(option: str, args: Sequence[object]) -> str:
    """Say what to do about an option that `compile` does not have; "" for what is usual.

    It may be the name of a parameter of what is compiled, the first of `args`.
    """
    fn = args[0] if args else None
    if isinstance(fn, Jit) and option in fn.python_signature.parameters:
        return (
            f"{option!r} is a parameter of jit function {fn.name}: give arguments by position, in "
            f"the order of {', '.join(fn.python_signature.parameters)}"
        )
    if isinstance(fn, Kernel) and option in fn.python_signature.parameters:
        if option in fn.signature().constants:
            return f"a compile-time parameter is given as constants={{{option!r}: ...}}"
        return (
            f"{option!r} is a parameter of kernel {fn.name}, whose arguments are given where it is "
            f"launched: {fn.name}.launch(...)"
        )
    return _OF_LAUNCHES.get(option, "")


@host_function(advise_on)
def compile(
    fn: Any,
    *jit_args: Any,
    vec_width: int = 0,
    dump_ir: bool = False,
    dump_mlir: bool | Literal["reproducer"] = False,
    keep_metal_source: bool = False,
    work_dir: str | os.PathLike[str] | None = None,
    emit_only: bool | None = None,
    constants: Mapping[str, Any] | None = None,
    fast_math: bool = True,
    debug: bool = False,
    metal_std: str | None = None,
    name: str | None = None,
    target: str = "metal",
    index_bits: int = 32,
) -> CompiledKernel | CompiledProgram:
    """Compile a kernel, or those that a jit function launches.

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
    dump_mlir : bool or "reproducer"
        Print the clean IR, and keep it in `mlir_source`; ``enigma-opt --enigma-to-flat`` and
        ``enigma-translate`` make the same MSL of it. A reproducer also holds the lines of Python
        and the pipeline that the options choose, for ``enigma-opt --run-reproducer``.
    keep_metal_source : bool
        Write ``<file_name>.metal`` into `work_dir`.
    work_dir : str or path, optional
        The folder for files, created if need be; by default a fresh temporary one.
    emit_only : bool, optional
        True stops at MSL, False builds a Metal library with ``xcrun``. By default a library is
        built on macOS unless the environment has ``ENIGMA_EMIT_ONLY=1``.
    constants : mapping, optional
        Values of the compile-time parameters (annotated with `enigma.constexpr`) of a kernel.
    fast_math : bool
        Whether Metal's compiler may assume that there is neither infinity nor NaN.
    debug : bool
        Whether `enigma.print` and `enigma.assert_` write into the log of the device, which needs
        Metal 3.2. Without it nothing of them is left.
    metal_std : {"2.4", "3.0", "3.1", "3.2", "4.0"}, optional
        The version of MSL that the text is for: what a later one brought is an error. By default it
        is what the kernel needs, and Metal's compiler takes the one that it takes by default.
    name : str, optional
        The name of the kernel, for variants that live side by side; by default that of `fn`. The
        kernels of a program have their own names behind it.
    target : {"metal"}
        What the kernel is compiled for.
    index_bits : {32, 64}
        The bits of subscripts in tensors whose sizes are known at run time only. With 32, such a
        tensor spans at most 2^31 elements, which launches check.

    Returns
    -------
    CompiledKernel or CompiledProgram
        The MSL and what is known about the kernel; a program if a jit function launches several.

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
        constants=constants,
        fast_math=fast_math,
        debug=debug,
        metal_std=metal_std,
        name=name,
        target=target,
        index_bits=index_bits,
    )
    if current_builder() is not None:
        raise UnexpectedArguments(
            "enigma.compile is called while a kernel is traced",
            remedy="compile it outside; a helper of kernels is decorated with @enigma.func",
        )
    if isinstance(fn, (Kernel, Jit)) and options.only_gives:

        def find_key() -> Key | None:
            return key_of((options.key, jit_args))

        return compiled_once(fn, find_key, lambda: compile_anew(fn, jit_args, options))[0]
    return compile_anew(fn, jit_args, options)


def compile_anew(
    fn: Any,
    jit_args: tuple[Any, ...],
    options: Options,
    named: Mapping[str, Any] = MappingProxyType({}),
) -> Compiled:
    """Compile as `compile` does, whatever was compiled before; `named` are `jit_args`, too."""
    chosen = find_target(options.target)
    chosen.check(options)
    observer = current_observer()
    if observer is not None:
        observer.begins(fn, options)
    calls = _calls(fn, jit_args, named, options.constants)
    name = fn.name if options.name is None else options.name
    with sessions.borrow() as session:
        # It would look again and again at what a compilation makes and needs to its end.
        compiled = without_collector(_compile_calls, session, name, calls, chosen, options)
        session.spend(compiled.source_map.last * _LINE)
    if observer is not None:
        observer.ends(compiled)
    return chosen.build(compiled, options)


# What a session keeps for a line of text, in bytes, however far the line is indented.
_LINE = 40

# How a kernel uses a buffer, by the IR's word for it; what it never names is not written.
_ACCESS = {
    "#enigma.access<none>": "read",
    "#enigma.access<read>": "read",
    "#enigma.access<write>": "write",
    "#enigma.access<read_write>": "read_write",
}


class _Lowered(NamedTuple):
    """A kernel that is ready to be emitted."""

    trace: Trace
    remarks: list[str]
    threadgroup_bytes: int
    flat: FlatKernel


def _compile_calls(
    session: Session, name: str, calls: list[Call], target: Target, options: Options
) -> Compiled:
    if len(calls) == 1:
        return _compile_kernel(session, name, calls[0], target, options)
    return _compile_program(session, name, calls, target, options)


def _compile_kernel(
    session: Session, name: str, call: Call, target: Target, options: Options
) -> CompiledKernel:
    symbol = kernel_name(name)
    trace = trace_kernel(session, symbol, call, target.attribute(options))
    with Dump(session, target, options) as dump:
        lowered = _lower(session, trace, target, options, dump)
        emitted = _emit(session, lowered.trace, target, lowered.remarks)
    return _kernel(session, symbol, lowered, emitted, options, dump)


def _compile_program(
    session: Session, name: str, calls: list[Call], target: Target, options: Options
) -> CompiledProgram:
    """Compile the kernels of several launches, each one that differs once, into one text."""
    distinct: dict[object, _Lowered] = {}
    symbols: list[str] = []
    launched = []
    with Dump(session, target, options) as dump:
        for call in calls:
            trace = trace_kernel(session, kernel_name(name), call, target.attribute(options))
            key = (str(trace.kernel), str(call.grid), call.block)
            if key not in distinct:
                symbols.append(_unique(kernel_name(f"{name}_{call.kernel.name}"), symbols))
                trace.kernel.set_attribute("sym_name", session.string(symbols[-1]))
                distinct[key] = _lower(session, trace, target, options, dump)
            launched.append(list(distinct).index(key))
        whole, *others = distinct.values()
        for lowered in distinct.values() if others else ():
            lowered.flat.written()
        for other in others:
            whole.trace.module.body.append(other.trace.kernel)
        remarks = [remark for lowered in distinct.values() for remark in lowered.remarks]
        emitted = _emit(session, whole.trace, target, remarks)
    kernels = [
        _kernel(session, symbol, lowered, emitted, options, dump)
        for symbol, lowered in zip(symbols, distinct.values(), strict=True)
    ]
    return CompiledProgram(
        name=kernel_name(name),
        kernels=tuple(kernels[index] for index in launched),
        metal_source=emitted.text,
        metal_std=emitted.version,
        mlir_source=dump.source(),
        remarks=tuple(remarks),
        source_map=emitted.source_map,
    )


def _unique(symbol: str, taken: list[str]) -> str:
    names = itertools.chain([symbol], (f"{symbol}_{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _lower(
    session: Session, trace: Trace, target: Target, options: Options, dump: Dump
) -> _Lowered:
    """Run the pipelines."""
    remarks: list[str] = []
    if options.dump_ir:
        print(mlir_text(trace.module))
    with Diagnostics(session, "tracing"):
        # All that its module has besides is what it is compiled for.
        trace.kernel.verify()
    observer = current_observer()
    if observer is not None:
        observer.ran(session, trace, AS_TRACED)
    _run(session, trace, f"enigma-clean{{strip-debug={str(not options.debug).lower()}}}", remarks)
    with Diagnostics(session, "warnings"):
        target.warn(session, trace, options)
    dump.add(trace)
    _run(session, trace, target.pipeline(options), remarks)
    threadgroup_bytes = session.ir.threadgroup_bytes(trace.kernel)
    return _Lowered(trace, remarks, threadgroup_bytes, FlatKernel(session, trace.module))


def _emit(session: Session, trace: Trace, target: Target, remarks: list[str]) -> Emitted:
    with Diagnostics(session, target.emission) as diagnostics:
        emitted = target.emit(session, trace)
    remarks += diagnostics.remarks
    return emitted


def _kernel(
    session: Session, symbol: str, lowered: _Lowered, emitted: Emitted, options: Options, dump: Dump
) -> CompiledKernel:
    """Give what is known of a kernel whose text is there."""
    call, parameters = lowered.trace.call, lowered.trace.parameters
    kernel = lowered.trace.kernel
    owned = kernel.get_attribute("elements_per_thread")
    per_thread = 1 if owned is None else int(owned.value)
    if options.vec_width and per_thread == 1 and call.grid is None:
        _warn_of_scalar(call.kernel, lowered.remarks)
    about = kernel.get_attribute("arg_attrs")
    assert about is not None
    described = tuple(
        [
            _as_lowered(session, parameter, attribute)
            for parameter, attribute in zip(parameters, about.value, strict=True)
        ]
    )
    if not lowered.trace.may_do_nothing:
        _warn_of_no_store(lowered.trace, described)
    return artifact_of(
        CompiledKernel,
        kernel_name=symbol,
        metal_source=emitted.text,
        metal_std=emitted.version,
        parameters=described,
        grid=call.grid,
        block=call.block,
        elements_per_thread=per_thread,
        is_guarded=kernel.get_attribute("enigma.guarded") is not None,
        mlir_source=dump.sources.get(symbol),
        remarks=tuple(lowered.remarks),
        threadgroup_bytes=lowered.threadgroup_bytes,
        flat_ir=lowered.flat,  # see FlatForm
        fast_math=options.fast_math,
        source_map=emitted.source_map,
        function_constants=_used_constants(lowered.trace),
    )


def _as_lowered(session: Session, parameter: Parameter, described: Any) -> Parameter:
    """Say how a lowered kernel uses a buffer, as the attributes of its argument do."""
    if parameter.is_scalar or parameter.is_threadgroup:
        return parameter
    attributes = described.value
    access = _ACCESS[session.text(attributes["enigma.access"])]
    limit = attributes.get("enigma.max_elements")
    return parameter._used(access, None if limit is None else limit.value)


def _used_constants(trace: Trace) -> tuple[FunctionConstant, ...]:
    """Give the function constants that a kernel still has."""
    if not trace.function_constants:
        return ()
    # They stand at the top of the kernel.
    used = {
        index.value
        for operation in trace.kernel.body.operations
        if operation.name == "enigma.function_constant"
        and (index := operation.get_attribute("index")) is not None
    }
    return tuple(constant for constant in trace.function_constants if constant.index in used)


def _calls(
    fn: object,
    jit_args: tuple[object, ...],
    named: Mapping[str, object],
    constants: Mapping[str, object],
) -> list[Call]:
    """Give what is traced of a function, given what fits its kind."""
    if isinstance(fn, Kernel):
        if jit_args:
            raise UnexpectedArguments(
                f"kernel {fn.name} is compiled with arguments",
                remedy=(
                    "compile-time parameters go into constants={...}, and arrays to "
                    f"{fn.name}.launch; only a jit function takes arguments here"
                ),
            )
        return [kernel_call(fn, constants)]
    if isinstance(fn, Jit):
        if constants:
            raise UnexpectedArguments(
                f"jit function {fn.name} was given constants",
                remedy="pass Python values as its arguments",
            )
        return jit_calls(fn, jit_args, named)
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
    found = f"the {kind} {name}" if name else f"{kind} {spelled(fn)}"
    if isinstance(fn, (CompiledKernel, CompiledProgram)):
        return NotCompilable(
            found=f"the compiled {fn.file_name}", remedy="it is compiled: launch it, or export it"
        )
    if name == "<lambda>":
        return NotCompilable(
            found="a lambda", remedy="write a function with `def`, below @enigma.kernel"
        )
    if isinstance(getattr(fn, "__self__", None), (Kernel, Jit)):
        own = fn.__self__.name
        return NotCompilable(found=found, remedy=f"compile {own}, without .{name}")
    if isinstance(fn, str):
        return NotCompilable(found=found, remedy="give it the function, and not its name")
    if not callable(fn):
        return NotCompilable(
            found=found, remedy="give it the function first: enigma.compile(kernel, ...)"
        )
    return NotCompilable(found=found)


# How the remark reads that says why a kernel is left as it is.
_NOT_VECTORIZED = "is not vectorized"


def _warn_of_scalar(kernel: Kernel, remarks: list[str]) -> None:
    """Warn that a kernel needs more threads than the vectors that were asked for would."""
    for remark in remarks:
        if _NOT_VECTORIZED not in remark:
            continue
        warn(
            function_location(kernel.function),
            remark,
            "launch one thread for each element, as `elements_per_thread` of the compiled kernel "
            "says, or compile it without vec_width",
        )


# What a kernel without a buffer to write does nevertheless.
_ACTING = ("enigma.print", "enigma.assert", "enigma.inline_msl")


def _warn_of_no_store(trace: Trace, parameters: tuple[Parameter, ...]) -> None:
    """Warn that nothing is left of what a kernel computes."""
    if any("write" in (parameter.access or "") for parameter in parameters):
        return
    if any(operation.name in _ACTING for operation in _inside(trace.kernel)):
        return
    kernel = trace.call.kernel
    warn(
        function_location(kernel.function),
        f"kernel {kernel.name} stores nothing: what it computes is lost",
        "store results into a buffer, as in `C[i] = x`; enigma.print and enigma.assert_ are kept "
        "with debug=True",
    )


def _inside(operation: Any) -> Iterator[Any]:
    """Give the operations in one, and in these."""
    stack = [operation]
    while stack:
        for region in stack.pop().regions:
            inner = [each for block in region for each in block.operations]
            yield from inner
            stack += inner


def _run(session: Session, trace: Trace, pipeline: str, remarks: list[str]) -> None:
    module = trace.module
    observer = current_observer()
    with Diagnostics(session, pipeline.split("{")[0]) as diagnostics:
        if observer is None:
            session.pipeline(pipeline).run(module)
        else:
            for step in passes_of(str(session.pipeline(pipeline))):
                session.pipeline(step).run(module)
                observer.ran(session, trace, step)
    remarks += diagnostics.remarks
