# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launching: of what was compiled, and of what is compiled for the arguments at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from enigma.compiler.compilations import Grounds
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import InvalidLaunch, UnexpectedArguments
from enigma.runtime.binding import Argument, BoundTensor, binder_of, find_sizes, whole
from enigma.runtime.cpu_device import CpuDevice, CpuExecutable
from enigma.runtime.device import Device, Loaded, find_device
from enigma.runtime.extents import BLOCKS, Asked, check_block, extent, extents
from enigma.runtime.kept import kept_jit, kept_kernel
from enigma.runtime.repeats import Checked, Request
from enigma.runtime.torch_device import device_for
from enigma.spelling import closest
from enigma.tracing.builder import current_builder
from enigma.tracing.functions import Jit, Kernel
from enigma.tracing.launches import LAUNCH_OPTIONS, Origins, on_device

#: Launches of different extents that are kept for a kernel.
EXTENTS = 256


def kernel_launch(
    kernel: CompiledKernel,
    opened: Device,
    arguments: Sequence[object],
    named: Mapping[str, object],
    asked: Asked,
) -> Checked:
    """Check the launch of a kernel."""
    loaded = opened.loaded(kernel)
    values, sizes = loaded.binder.bind(opened, arguments, named, asked.threadgroup_memory)
    return _checked(loaded, values, sizes, asked)


def _checked(
    loaded: Loaded, values: list[Argument], sizes: Mapping[str, int], asked: Asked
) -> Checked:
    """Check the launch of a kernel whose arguments are known."""
    threads, grid, block, _, constants = asked
    binder = loaded.binder
    kernel = binder.kernel
    has_constants = constants or kernel.function_constants
    executable = loaded.executable(binder.constants(constants) if has_constants else ())
    if grid is None and block is None and (threads is None or type(threads) is int):
        key = (threads, *sorted(sizes.items())) if sizes else threads
        known = loaded.extents.get(key)
        if known is None:
            known = extents(kernel, executable, sizes, asked)
            if len(loaded.extents) < EXTENTS:
                loaded.extents[key] = known
    else:
        known = extents(kernel, executable, sizes, asked)
    return executable, values, known


def program_launches(
    program: CompiledProgram,
    opened: Device,
    arguments: Sequence[object],
    named: Mapping[str, object],
    asked: Asked,
) -> list[Checked]:
    """Check the launches of a program: each kernel gets what it has of the arguments.

    A size that one kernel needs may be in the arrays of another one.
    """
    known, sizes = _by_name(program, arguments, named)
    lengths, values = dict(asked.threadgroup_memory or {}), dict(asked.constants or {})
    arrays = (p.name for kernel in program.kernels for p in kernel.threadgroup_params)
    _refuse_unknown(program, "threadgroup array", lengths, arrays)
    constants = (c.name for kernel in program.kernels for c in kernel.function_constants)
    _refuse_unknown(program, "function constant", values, constants)

    def of(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
        return {name: given[name] for name in names if name in given}

    bound = []
    tensors: dict[str, BoundTensor] = {}
    for kernel in program.kernels:
        loaded = opened.loaded(kernel)
        binder = loaded.binder
        own = asked._replace(
            threadgroup_memory=of(
                lengths, (p.name for p in kernel.threadgroup_params if p.size is None)
            ),
            constants=of(values, (constant.name for constant in kernel.function_constants)),
        )
        given = of(known, (parameter.name for parameter in binder.given))
        converted, _ = binder.convert(opened, (), given, own.threadgroup_memory)
        tensors.update((tensor.parameter.name, tensor) for tensor in binder.tensors(converted))
        bound.append((loaded, converted, own))
    symbols = _symbols(program)
    if symbols:
        find_sizes(tensors.values(), sizes)
    launches = []
    for loaded, converted, own in bound:
        loaded.binder.set_sizes(converted, sizes)
        own_sizes = of(sizes, loaded.binder.kernel.sizes) if symbols else {}
        launches.append(_checked(loaded, converted, own_sizes, own))
    return launches


def _symbols(program: CompiledProgram) -> dict[str, None]:
    """Give the names of the sizes that the kernels of a program take."""
    return dict.fromkeys(name for kernel in program.kernels for name in kernel.sizes)


def _by_name(
    program: CompiledProgram, arguments: Sequence[object], named: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, int]]:
    """Give the arguments of a program, and the sizes among them, by their names."""
    names = _names(program)
    if len(arguments) > len(names):
        raise UnexpectedArguments(
            f"{program.name} takes {len(names)} arguments, and was given {len(arguments)}",
            remedy=f"its parameters are: {', '.join(names) or 'none'}",
        )
    known = dict(zip(names, arguments, strict=False))
    symbols = _symbols(program)
    sizes: dict[str, int] = {}
    for name, value in named.items():
        if name in known or name not in {*names, *symbols}:
            problem = "was given twice" if name in known else "is no parameter of it"
            takes = f"its parameters are: {', '.join([*names, *symbols]) or 'none'}"
            close = "" if name in known else closest(name, [*names, *symbols, *LAUNCH_OPTIONS])
            raise UnexpectedArguments(
                f"{program.name}: {name!r} {problem}",
                remedy=f"did you mean {close!r}? {takes}" if close else takes,
            )
        if name in symbols:
            sizes[name] = whole(program.name, name, value)
        else:
            known[name] = value
    return known, sizes


def _refuse_unknown(
    program: CompiledProgram, what: str, given: Iterable[str], names: Iterable[str]
) -> None:
    """Refuse a name that no kernel of a program has."""
    known = dict.fromkeys(names)
    for name in given:
        if name not in known:
            raise UnexpectedArguments(
                f"{program.name} has no {what} {name!r}",
                remedy=f"it has: {', '.join(known) or 'none'}",
            )


def _checking_device(asked: str | Device | None) -> Device:
    """Give the device that can check a launch: the CPU, unless another one is asked for."""
    opened = find_device(asked or CpuDevice.kind)
    if not isinstance(opened, CpuDevice):
        raise InvalidLaunch(
            f"check=True runs on the CPU device, and the launch is for {opened.kind!r}",
            remedy='leave device out, or say device="cpu"',
        )
    return opened


def launch(
    what: Any,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    *,
    threads: object = None,
    grid: object = None,
    block: object = None,
    threadgroup_memory: Mapping[str, object] | None = None,
    constants: Mapping[str, Any] | None = None,
    device: str | Device | None = None,
    stream: object = None,
    check: bool = False,
) -> None:
    """Launch a function, compiled for its arguments, or what `enigma.compile` gave.

    `CompiledKernel.launch` says what the arguments are.
    """
    if current_builder() is not None:
        raise InvalidLaunch(
            "a kernel is launched on a device while another one is traced",
            remedy="launch it on the host, before the other one is compiled or after",
        )
    everything = (*arguments, *named.values()) if named else arguments
    opened = _checking_device(device) if check else device_for(device, everything)
    if stream is not None:
        opened.check_stream(stream)
    asked = Asked(threads, grid, block, threadgroup_memory, constants)
    request = Request(what, everything, named, opened, asked)
    if not check and request.repeat():
        return
    for option, given in (("constants", constants), ("threadgroup_memory", threadgroup_memory)):
        if given is not None and not isinstance(given, Mapping):
            raise InvalidLaunch(
                f"{option}={given!r} is no mapping",
                remedy=f'write it as {option}={{"name": value}}',
            )
    compiled, grounds, taken, arrays, names, asked = _prepare(what, arguments, named, asked, check)
    given_places = () if isinstance(what, Jit) else arguments
    # The other order asks an abstract class first, which takes long.
    if isinstance(compiled, CompiledKernel):
        launches = [kernel_launch(compiled, opened, given_places, taken, asked)]
    else:
        launches = program_launches(compiled, opened, given_places, taken, asked)
    if check:
        for executable, values, (extent, shape, is_threads) in launches:
            assert isinstance(executable, CpuExecutable)
            executable.check(values, extent, shape, is_threads=is_threads)
        return
    # What a function refers to besides is told apart where it is compiled.
    if compiled is what:
        request.keep((*names, *named), None, None, arrays, launches)
    elif grounds is not None and not grounds.met:
        request.keep((*names, *named), compiled, grounds, arrays, launches)
    for executable, values, (extent, shape, is_threads) in launches:
        executable.launch(values, extent, shape, is_threads=is_threads)


class _Prepared(NamedTuple):
    """What a launch runs.

    Attributes
    ----------
    compiled : CompiledKernel or CompiledProgram
        The kernels.
    grounds : Grounds or None
        What a function was compiled from, if it is kept.
    named : mapping of str to object
        The arguments that are given by their names.
    arrays : sequence of str
        The arguments of a jit function that are arrays; it is compiled for all others.
    names : sequence of str
        The parameters that the arguments are which have no names.
    asked : Asked
        What the launch is asked for besides.
    """

    compiled: Any
    grounds: Grounds | None
    named: Mapping[str, Any]
    arrays: Sequence[str]
    names: Sequence[str]
    asked: Asked


def _prepare(
    what: Any, arguments: tuple[Any, ...], named: dict[str, Any], asked: Asked, check: bool
) -> _Prepared:
    """Compile a function for what it is launched with, or give what was compiled."""
    if isinstance(what, Jit):
        compiled, grounds, taken, arrays, names = kept_jit(what, arguments, named, debug=check)
        return _Prepared(compiled, grounds, taken, arrays, names, asked)
    compiled, grounds = what, None
    if isinstance(what, Kernel):
        rest = dict(asked.constants or {})
        constexprs = what.signature().constants
        for name in named:
            if name in constexprs:
                raise UnexpectedArguments(
                    f"{name!r} is a compile-time parameter of kernel {what.name}",
                    remedy=f'give it as constants={{"{name}": ...}}',
                )
        own = {name: rest.pop(name) for name in constexprs if name in rest}
        compiled, grounds = kept_kernel(what, own, debug=check)
        asked = asked._replace(constants=rest)
    names = _names(compiled)[: len(arguments)]
    return _Prepared(compiled, grounds, named, (), names, asked)


def _names(compiled: CompiledKernel | CompiledProgram) -> list[str]:
    """Give the names of what a launch is given, in order."""
    kernels = compiled.kernels if isinstance(compiled, CompiledProgram) else (compiled,)
    names = {
        parameter.index: parameter.name
        for kernel in kernels
        for parameter in binder_of(kernel).given
    }
    return [names[index] for index in sorted(names)]


def code(
    kernel: CompiledKernel,
    form: str,
    *,
    block: object = None,
    constants: Mapping[str, Any] | None = None,
    origins: Origins | None = None,
) -> str:
    """Give the code of a kernel for the CPU, as `CompiledKernel.llvm_ir` describes it.

    Its lines, counted from 1, get the places that they come from in `origins`.
    """
    values = binder_of(kernel).constants(constants)
    executable = find_device("cpu").loaded(kernel).executable(values)
    assert isinstance(executable, CpuExecutable)
    shape = kernel.block or BLOCKS[1]
    if block is not None:
        shape = extent(kernel.kernel_name, "block", block)
    check_block(kernel, executable, shape)
    return executable.code(form, shape, origins)


on_device.install(launch, code)
