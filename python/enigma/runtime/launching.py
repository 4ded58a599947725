# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launching: of what was compiled, and of what is compiled for the arguments at hand."""

from __future__ import annotations

import numbers
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from enigma._arrays import Memory, RecentLaunches
from enigma.compiler.compilations import Compiled, Grounds, key_of
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import InvalidLaunch, ResourceLimitError, UnexpectedArguments
from enigma.limits import METAL
from enigma.runtime.binding import Argument, BoundTensor, binder_of, find_sizes, whole
from enigma.runtime.cpu_device import CpuDevice, CpuExecutable
from enigma.runtime.device import Device, Executable, Loaded, find_device
from enigma.runtime.kept import has_parts, kept_jit, kept_kernel, leaves
from enigma.runtime.torch_device import device_for
from enigma.spelling import closest
from enigma.tracing.builder import current_builder
from enigma.tracing.functions import Jit, Kernel
from enigma.tracing.launches import (
    LAUNCH_OPTIONS,
    MULTIPLY_EXTENTS,
    Extent,
    Origins,
    on_device,
)

#: Launches of different extents that are kept for a kernel.
EXTENTS = 256

# What a threadgroup has where nobody says it, by the modes of a grid.
_BLOCKS = {1: (256, 1, 1), 2: (32, 8, 1), 3: (32, 4, 2)}


class Asked(NamedTuple):
    """What a launch is asked for besides its arguments, as `CompiledKernel.launch` describes it."""

    threads: object = None
    grid: object = None
    block: object = None
    threadgroup_memory: Mapping[str, object] | None = None
    constants: Mapping[str, Any] | None = None


#: A launch that was checked: what runs it, with its arguments, and its extents.
Checked = tuple[Executable, list[Argument], tuple[Extent, Extent, bool]]


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
    names = _names(program)
    if len(arguments) > len(names):
        raise UnexpectedArguments(
            f"{program.name} takes {len(names)} arguments, and was given {len(arguments)}",
            remedy=f"its parameters are: {', '.join(names) or 'none'}",
        )
    known = dict(zip(names, arguments, strict=False))
    symbols = dict.fromkeys(name for kernel in program.kernels for name in kernel.sizes)
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
    lengths, values = dict(asked.threadgroup_memory or {}), dict(asked.constants or {})
    for what, given, names in (
        (
            "threadgroup array",
            lengths,
            [p.name for k in program.kernels for p in k.threadgroup_params],
        ),
        (
            "function constant",
            values,
            [c.name for k in program.kernels for c in k.function_constants],
        ),
    ):
        for name in given:
            if name not in names:
                raise UnexpectedArguments(
                    f"{program.name} has no {what} {name!r}",
                    remedy=f"it has: {', '.join(dict.fromkeys(names)) or 'none'}",
                )

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
    if symbols:
        find_sizes(tensors.values(), sizes)
    launches = []
    for loaded, converted, own in bound:
        loaded.binder.set_sizes(converted, sizes)
        own_sizes = of(sizes, loaded.binder.kernel.sizes) if symbols else {}
        launches.append(_checked(loaded, converted, own_sizes, own))
    return launches


def extents(
    kernel: CompiledKernel, executable: Executable, sizes: Mapping[str, int], asked: Asked
) -> tuple[Extent, Extent, bool]:
    """Give the grid and the threads of a threadgroup, and whether the grid counts threads.

    Raises
    ------
    InvalidLaunch
        When something is missing, given twice, or no positive int.
    ResourceLimitError
        When a threadgroup has too many threads.
    """
    name = kernel.kernel_name
    threads, grid, block = asked[:3]
    if kernel.grid is not None:
        for option, value in {"threads": threads, "grid": grid, "block": block}.items():
            if value is not None:
                raise InvalidLaunch(
                    f"{name} has a launch of its own, and was given {option}={value!r}",
                    remedy=f"leave {option} out: the jit function says how it is launched",
                )
        assert kernel.block is not None
        needed = {key: size for key, size in sizes.items() if key in kernel.sizes}
        chosen = kernel.launch_grid(**needed)
        check_block(kernel, executable, kernel.block)
        return chosen, kernel.block, False
    if (threads is None) == (grid is None):
        given = "neither threads nor grid" if threads is None else "both threads and grid"
        raise InvalidLaunch(
            f"{name} was given {given}",
            remedy="give threads=..., the number of threads, or grid=..., that of threadgroups",
        )
    is_threads = threads is not None
    x, y, z = _extent(name, "threads" if is_threads else "grid", threads if is_threads else grid)
    if is_threads:
        each = kernel.elements_per_thread
        if x % each and not kernel.is_guarded:
            raise InvalidLaunch(
                f"{name} was given threads={threads!r}; each of its threads has {each} elements, "
                "and no condition keeps the last one from those that are too many",
                remedy=f"launch a multiple of {each}; or put what the kernel accesses behind a "
                "condition, as `if i < n:`; or compile it without vec_width",
            )
        x = -(-x // each)
    if block is not None:
        shape = _extent(name, "block", block)
    elif kernel.block is not None:
        shape = kernel.block
    else:
        shape = _default_block((x, y, z), executable.max_threads)
    check_block(kernel, executable, shape)
    return (x, y, z), shape, is_threads


def check_block(kernel: CompiledKernel, executable: Executable, block: Extent) -> None:
    """Refuse a threadgroup that the device cannot run."""
    size = block[0] * block[1] * block[2]
    if size > executable.max_threads:
        raise ResourceLimitError(
            f"block={block} has {size} threads; a threadgroup of {kernel.kernel_name} has at most "
            f"{executable.max_threads} on this device",
            remedy="launch more threadgroups of fewer threads",
        )


def _default_block(grid: Extent, most: int) -> Extent:
    """Choose the threads of a threadgroup: a few SIMD groups, no more than there is to do."""
    modes = 3 if grid[2] > 1 else 2 if grid[1] > 1 else 1
    x, y, z = _BLOCKS[modes]
    while x * y * z > most:
        x, y, z = (x, y // 2, z) if y > 1 else (x, y, z // 2) if z > 1 else (x // 2, y, z)
    return x, min(y, grid[1]), min(z, grid[2])


def _extent(kernel: str, name: str, given: object) -> Extent:
    parts = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if not 1 <= len(parts) <= 3:
        raise InvalidLaunch(
            f"{kernel}: {name}={given!r} has {len(parts)} extents, not 1 to 3",
            remedy=MULTIPLY_EXTENTS,
        )
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, numbers.Integral):
            raise InvalidLaunch(
                f"{kernel}: {name}={given!r}: {part!r} is no int",
                remedy="divide with `//`: `-(-n // 256)` rounds up",
            )
        if not 1 <= int(part) <= METAL.threadgroups:
            raise InvalidLaunch(
                f"{kernel}: {name}={given!r}: every extent must be from 1 to {METAL.threadgroups}",
                remedy="do not launch where there is nothing to do",
            )
    x, y, z = (*(int(part) for part in parts), 1, 1)[:3]
    return x, y, z


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
    told, structure = everything, None
    lists: list[int] = []
    if isinstance(what, Jit) and any(isinstance(each, (tuple, list)) for each in everything):
        told, structure = _flat(everything, lists)
    names_of_constants: Any = constants
    if type(constants) is dict:
        told += tuple(constants.values())
        names_of_constants = tuple(constants)
    request = (
        *(id(opened), *map(_settled, (threads, grid, block))),
        None if threadgroup_memory is None else _items(threadgroup_memory),
        *(names_of_constants, structure, *named),
    )
    recent: RecentLaunches | None = what.__recent__
    if recent is not None and not check:
        found: Any = recent.find(told, request, opened)
        if found is not None:
            (_, unchanged, on, runs), key, given = found
            executables = [run[0]() for run in runs]
            # Another device may have the id of one that is gone.
            if (
                on() is opened
                and None not in executables
                and (unchanged is None or unchanged.hold((*lists, *(key.changing if key else ()))))
            ):
                for executable, (_, extent, shape, is_threads), values in zip(
                    executables, runs, given, strict=True
                ):
                    executable.launch(values, extent, shape, is_threads=is_threads)
                return
    for option, given in (("constants", constants), ("threadgroup_memory", threadgroup_memory)):
        if given is not None and not isinstance(given, Mapping):
            raise InvalidLaunch(
                f"{option}={given!r} is no mapping",
                remedy=f'write it as {option}={{"name": value}}',
            )
    asked = Asked(threads, grid, block, threadgroup_memory, constants)
    compiled, grounds = what, None
    arrays: tuple[str, ...] = ()
    own_arguments, own_named = arguments, named
    if isinstance(what, Kernel):
        rest = {} if constants is None else dict(constants)
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
    elif isinstance(what, Jit):
        kept = kept_jit(what, arguments, named, debug=check)
        compiled, grounds, own_named, arrays, names = kept
        own_arguments = ()
    # The other order asks an abstract class first, which takes long.
    if isinstance(compiled, CompiledKernel):
        launches = [kernel_launch(compiled, opened, own_arguments, own_named, asked)]
    else:
        launches = program_launches(compiled, opened, own_arguments, own_named, asked)
    # What a function refers to besides is told apart where it is compiled.
    if not check and (compiled is what or (grounds is not None and not grounds.met)):
        if not isinstance(what, Jit):
            names = _names(compiled)[: len(arguments)]
        sources = [*names, *named]
        if len(sources) == len(everything):
            if structure is not None:
                pairs = zip(sources, everything, strict=True)
                sources = [leaf for pair in pairs for leaf, _ in leaves(*pair)]
            # Constants have the name of no parameter.
            sources += [""] * (len(told) - len(sources))
            made = (None if compiled is what else compiled), grounds
            _remember(what, opened, made, told, sources, arrays, request, launches)
    for executable, values, (extent, shape, is_threads) in launches:
        run = executable.launch
        if check:
            assert isinstance(executable, CpuExecutable)
            run = executable.check
        run(values, extent, shape, is_threads=is_threads)


def _settled(extent: object) -> object:
    """Give an extent that may be compared later: a list is read as a tuple is."""
    return tuple(extent) if type(extent) is list else extent


def _flat(values: Sequence[Any], lists: list[int]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Give the `leaves` of arguments, and how these are in tuples and `lists`, by their ids."""
    flat: list[Any] = []
    structure: list[Any] = []
    for value in values:
        if has_parts(value):
            if type(value) is list:
                lists.append(id(value))
            parts, inner = _flat(value, lists)
            flat += parts
            structure.append((type(value), inner))
        else:
            flat.append(value)
            structure.append(None)
    return tuple(flat), tuple(structure)


def _items(given: Any) -> Any:
    """Give what a dict has, which may be compared later."""
    return tuple(given.items()) if type(given) is dict and given else given


def _names(compiled: CompiledKernel | CompiledProgram) -> list[str]:
    """Give the names of what a launch is given, in order."""
    kernels = compiled.kernels if isinstance(compiled, CompiledProgram) else (compiled,)
    names = {
        parameter.index: parameter.name
        for kernel in kernels
        for parameter in binder_of(kernel).given
    }
    return [names[index] for index in sorted(names)]


def _remember(
    what: Any,
    opened: Device,
    made: tuple[Compiled | None, Grounds | None],
    arguments: tuple[Any, ...],
    names: list[str],
    arrays: Iterable[str],
    request: tuple[Any, ...],
    launches: list[Checked],
) -> None:
    """Keep a launch for others that are given arrays like its own, and numbers.

    Parameters
    ----------
    what : Kernel, Jit or Artifact
        What is launched.
    opened : Device
        On which it was launched.
    made : tuple of (Compiled or None) and (Grounds or None)
        What a function was compiled to, whose kernels live as long as the launch is known; as long
        as the grounds hold, it is given again.
    arguments : tuple
        What it was given, with the names of the parameters that they are, or are parts of.
    arrays : iterable of str
        The arguments of a jit function that are arrays; it is compiled for all others.
    request : tuple
        What the launch is asked for besides.
    launches : list
        What it was found to be.
    """
    asked = key_of(request)
    if asked is None or not asked.is_frozen:
        return
    kinds = ["array" if name in arrays else "value" for name in names]
    places = []
    for executable, values, _ in launches:
        binder = binder_of(executable.kernel)
        own: list[tuple[object, ...]] = []
        for parameter, value, convert in zip(
            executable.kernel.parameters, values, binder.converters, strict=True
        ):
            if parameter.is_symbol or parameter.is_threadgroup:
                own.append((value,))
                continue
            # Only torch reads the memory of a Mac's GPU.
            is_read = not isinstance(value, Memory) or value.device != "mps"
            if parameter.name not in names or not is_read:
                return
            index = names.index(parameter.name)
            if isinstance(value, Memory):
                kinds[index] = "array"
                own.append((index, None, None))
            else:
                kinds[index] = "number"
                own.append((index, parameter.dtype.name, convert))
        places.append(own)
    for index, (kind, argument) in enumerate(zip(kinds, arguments, strict=True)):
        if kind == "value":
            key = key_of(argument)
            if key is None:
                return
            if not key.is_frozen:
                kinds[index] = "changing"
    recent = what.__recent__
    if recent is None:
        recent = RecentLaunches(key_of)
        object.__setattr__(what, "__recent__", recent)
    runs = [(weakref.ref(executable), *found) for executable, _, found in launches]
    recent.keep(arguments, kinds, request, (*made, weakref.ref(opened), runs), places)


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
    shape = kernel.block or _BLOCKS[1]
    if block is not None:
        shape = _extent(kernel.kernel_name, "block", block)
    check_block(kernel, executable, shape)
    return executable.code(form, shape, origins)


on_device.install(launch, code)
