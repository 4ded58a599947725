# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The arguments of a kernel: what Metal gives it, and what is known while it is compiled."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from enigma.errors import EnigmaError, InvalidOption, ResourceLimitError, UnexpectedArguments
from enigma.layout import Dyn, Layout, SwizzledLayout
from enigma.limits import METAL
from enigma.tensors.tensor import Tensor
from enigma.tensors.views import View
from enigma.tracing.functions import Jit, Kernel
from enigma.tracing.launches import Extent, Launch, run_jit
from enigma.tracing.parameters import Parameter, takes_object, threadgroup_parameter
from enigma.tracing.refusals import explained
from enigma.tracing.trees import leaves
from enigma.types import ElementType, i32, u32


class Call(NamedTuple):
    """What is traced: a kernel with its arguments, and its launch where that is known.

    Attributes
    ----------
    kernel : Kernel
        Whose function runs.
    parameters : tuple of Parameter
        What Metal sees.
    args : tuple
        The positional arguments of the function; a `Parameter` stands for what Metal gives.
    kwargs : dict
        The other arguments.
    tensors : tuple of Tensor
        Those that the arguments consist of; the parameters of their names are their buffers.
    grid, block : tuple of 3 ints, optional
        Threadgroups, and threads of a threadgroup.
    drops_unused : bool
        Whether the kernel has those parameters alone that it uses.
    """

    kernel: Kernel
    parameters: tuple[Parameter, ...]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = MappingProxyType({})
    tensors: tuple[Tensor, ...] = ()
    grid: Extent | None = None
    block: Extent | None = None
    drops_unused: bool = False


def kernel_call(kernel: Kernel, constants: Mapping[str, object]) -> Call:
    """Give what is traced of a kernel: its annotations say what Metal gives it.

    Raises
    ------
    EnigmaError
        When an annotation is missing or wrong, or the constants are not those of the kernel.
    """
    signature = kernel.signature()
    parameters, known = signature.bind(constants)
    keywords = signature.keywords
    return Call(
        kernel,
        parameters,
        tuple(known[name] for name in signature.names if name not in keywords),
        {name: known[name] for name in signature.names if name in keywords},
    )


def jit_calls(jit: Jit, args: tuple[Any, ...], named: Mapping[str, Any]) -> list[Call]:
    """Run a jit function, and give what is traced of each kernel that it launches, in order.

    Raises
    ------
    EnigmaError
        When the arguments fit neither the function nor a kernel, or it launches nothing.
    """
    remedy = f"pass its arguments: enigma.compile({jit.name}, ...)"
    for each in jit.python_signature.parameters.values():
        # Names are options of `enigma.compile`.
        if each.kind is each.KEYWORD_ONLY and each.default is each.empty and each.name not in named:
            remedy = (
                f"give {each.name!r} a default or take it by position, before the *: "
                "enigma.compile, unlike a launch, passes none by name"
            )
            break
    _check_arguments("jit function", jit, args, named, remedy)
    # Annotations that cannot be evaluated are refused, whoever describes the arrays.
    _ = jit.layouts
    given: list[Any] = [*args, *named.values()]
    tensors = find_tensors(given)
    try:
        launches = run_jit(jit.function, args, named)
    except EnigmaError:
        raise
    except Exception as error:
        better = explained(error)
        if better is None:
            raise
        raise better.with_traceback(error.__traceback__) from None
    for launch in launches:
        signature = _given_signature(launch.kernel)
        _check_arguments(
            "kernel",
            launch.kernel,
            launch.args,
            launch.kwargs,
            f"its parameters are: {', '.join(signature.parameters) or 'none'}",
            signature,
        )
        given += [*launch.args, *launch.kwargs.values()]
    declared = _declared(
        tuple(
            [(t.name, t.element_type, t.buffer_index, t.address_space, t.layout) for t in tensors]
        ),
        _symbolic(given),
    )
    calls = []
    for launch in launches:
        arrays = _threadgroup_arrays(launch, declared)
        args, kwargs = _with_arrays(launch, arrays)
        calls.append(
            Call(
                launch.kernel,
                (*declared, *arrays) if arrays else declared,
                args,
                kwargs,
                tuple(tensors),
                launch.grid,
                launch.block,
                drops_unused=len(launches) > 1,
            )
        )
    return calls


def _given_signature(kernel: Kernel) -> inspect.Signature:
    """Give the signature of a kernel in a jit function: of its parameters that are given."""
    signature = kernel.python_signature
    arrays = kernel.threadgroup_arrays
    if not arrays:
        return signature
    return signature.replace(
        parameters=[p for name, p in signature.parameters.items() if name not in arrays]
    )


def _threadgroup_arrays(launch: Launch, declared: Sequence[Parameter]) -> list[Parameter]:
    """Give the parameters for the threadgroup arrays of a launch."""
    arrays = [
        threadgroup_parameter(name, dtype, index, launch.threadgroup_memory[name])
        for index, (name, dtype) in enumerate(launch.kernel.threadgroup_arrays.items())
    ]
    taken = {parameter.name for parameter in declared}
    for array in arrays:
        if array.name in taken:
            raise UnexpectedArguments(
                f"the threadgroup array {array.name!r} of kernel {launch.kernel.name} has the name "
                "of a tensor or of a symbolic integer",
                remedy="the kernel names its parameters as these: give each one its own",
            )
    total = sum(array.nbytes or 0 for array in arrays)
    if total > METAL.threadgroup_bytes:
        raise ResourceLimitError(
            f"the threadgroup arrays of kernel {launch.kernel.name} take {total} bytes as they are "
            f"launched; Metal grants {METAL.threadgroup_bytes}",
            remedy="use smaller tiles or a narrower dtype",
        )
    return arrays


def _with_arrays(
    launch: Launch, arrays: Sequence[Parameter]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give the arguments of the function of a kernel, with its threadgroup arrays among them."""
    if not arrays:
        return launch.args, launch.kwargs
    bound = _given_signature(launch.kernel).bind(*launch.args, **launch.kwargs)
    bound.apply_defaults()
    whole = launch.kernel.python_signature
    values = {**bound.arguments, **{array.name: array for array in arrays}}
    every = inspect.BoundArguments(
        whole, OrderedDict((name, values[name]) for name in whole.parameters)
    )
    return every.args, every.kwargs


def _check_arguments(
    what: str,
    decorated: Jit | Kernel,
    args: tuple[object, ...],
    kwargs: Mapping[str, Any],
    remedy: str,
    signature: inspect.Signature | None = None,
) -> None:
    """Check that arguments fit the parameters of a function."""
    whole = decorated.python_signature
    if (signature is None or signature is whole) and not kwargs and len(args) in decorated.arities:
        return
    try:
        (signature or whole).bind(*args, **kwargs)
    except TypeError as error:
        unbound = takes_object(decorated.function)
        if unbound is not None:
            remedy = f"a {what} is not bound to an object: give it as the argument {unbound!r}"
        raise UnexpectedArguments(f"{what} {decorated.name}: {error}", remedy=remedy) from None


def find_tensors(args: Sequence[object]) -> list[Tensor]:
    """Find the tensors among arguments, in the order of Metal's argument table."""
    found: dict[int, Tensor] = {}
    names: dict[str, Tensor] = {}
    for argument in leaves(args):
        # An abstract class asks for the hash of any other class, which need not have one.
        if id(Tensor) in map(id, type(argument).__mro__):
            argument = argument.root
            other = found.setdefault(argument.buffer_index, argument)
            namesake = names.setdefault(argument.name, argument)
            if namesake is not argument:
                raise UnexpectedArguments(
                    f"two tensors have the name {argument.name!r}, with the buffer_index "
                    f"{namesake.buffer_index} and {argument.buffer_index}",
                    remedy="the kernel names its parameters as the tensors: give each one its own",
                )
            if other is not argument:
                raise UnexpectedArguments(
                    f"tensors {other.name!r} and {argument.name!r} have the same buffer_index "
                    f"{argument.buffer_index}",
                    remedy="number the tensors from 0",
                )
    return [found[index] for index in sorted(found)]


def _symbolic(tree: object) -> tuple[Layout | SwizzledLayout | Dyn, ...]:
    """Give the layouts and integers with symbols in whatever a kernel is given."""
    found: list[Layout | SwizzledLayout | Dyn] = []
    for leaf in leaves(tree):
        if isinstance(leaf, Dyn):
            found.append(leaf)
            continue
        layout = leaf if isinstance(leaf, (Layout, SwizzledLayout)) else None
        if layout is None and isinstance(leaf, View):
            layout = leaf.layout
        if layout is not None and not layout.is_static:
            found.append(layout)
    return tuple(found)


#: A tensor that a kernel takes: its name, elements, place, address space and layout.
_Taken = tuple[str, ElementType, int, str, Layout | SwizzledLayout]


@functools.lru_cache(maxsize=256)
def _declared(
    tensors: tuple[_Taken, ...], symbolic: tuple[Layout | SwizzledLayout | Dyn, ...]
) -> tuple[Parameter, ...]:
    """Give the parameters of a kernel for its tensors, and for all symbols in its arguments."""
    buffers = [
        Parameter(
            name, element, index, address_space=space, shape=layout.shape, stride=layout.stride
        )
        for name, element, index, space, layout in tensors
    ]
    return (*buffers, *_symbol_parameters(tensors, symbolic))


def _symbols_of(layout: Layout | SwizzledLayout) -> list[Dyn]:
    """Give the symbols of a layout, each one once."""
    offset = layout.offset if isinstance(layout, SwizzledLayout) else ()
    return _symbols_of_all((layout.shape, layout.stride, offset))


def _symbols_of_shape(layout: Layout | SwizzledLayout) -> list[Dyn]:
    """Give the symbols of the extents of a layout, each one once."""
    return _symbols_of_all(layout.shape)


def _symbols_of_all(tree: object) -> list[Dyn]:
    found = [_symbols_in(part) for part in leaves(tree) if isinstance(part, Dyn)]
    return list(dict.fromkeys(itertools.chain(*found)))


def _symbols_in(leaf: Dyn) -> list[Dyn]:
    """Give the symbols of an expression."""
    found = leaf.symbols
    if not found:
        raise InvalidOption(
            option="a leaf of a layout in a kernel",
            expected='a named integer, enigma.dyn("n")',
            found=leaf,
            remedy="a kernel takes it as a parameter of that name",
        )
    return found


def _add_symbols(found: list[Dyn], symbols: dict[str, Dyn]) -> None:
    """Add symbols to those that are known."""
    for symbol in found:
        known = symbols.setdefault(str(symbol), symbol)
        if known.div != symbol.div:
            raise InvalidOption(
                option=f"the divisor of the symbolic integer {symbol.name}",
                expected=f"one number ({known.div} elsewhere)",
                found=symbol.div,
                remedy=f"make it once, and use it everywhere: {symbol.name} = {known!r}",
            )


def _symbol_parameters(
    tensors: tuple[_Taken, ...], symbolic: tuple[Layout | SwizzledLayout | Dyn, ...]
) -> list[Parameter]:
    """Give the scalar parameters for the symbols in layouts, at the places that are free.

    Parameters
    ----------
    tensors : tuple
        The tensors that the kernel takes.
    symbolic : tuple
        What has symbols of all that a jit function was given and gave to the kernel.

    Returns
    -------
    list of Parameter
        A `u32` for each symbol that is an extent of a tensor (from 1 to 2^31 - 1), an `i32` for
        others.

    Raises
    ------
    EnigmaError
        When a symbol has no name, or that of a tensor, or there are too many.
    """
    extents: dict[str, Dyn] = {}
    symbols: dict[str, Dyn] = {}
    for *_, layout in tensors:
        if not layout.is_static:
            _add_symbols(_symbols_of_shape(layout), extents)
            _add_symbols(_symbols_of(layout), symbols)
    for each in symbolic:
        _add_symbols(_symbols_in(each) if isinstance(each, Dyn) else _symbols_of(each), symbols)
    names = {name for name, *_ in tensors}
    taken = {index for _, _, index, *_ in tensors}
    free = (index for index in range(METAL.arguments) if index not in taken)
    parameters = []
    for name, symbol in symbols.items():
        if not name.isidentifier() or name in names:
            raise InvalidOption(
                option="the name of a symbolic integer",
                expected="an identifier that no tensor has",
                found=name,
                remedy="it is a parameter of the kernel, as the tensors are",
            )
        index = next(free, None)
        if index is None:
            raise ResourceLimitError(
                f"the kernel has {len(tensors)} tensors and {len(symbols)} symbolic integers; "
                f"Metal has {METAL.arguments} places for them",
                remedy="make some of the extents and strides numbers",
            )
        is_extent = name in extents
        parameters.append(
            Parameter(
                name,
                u32 if is_extent else i32,
                index,
                is_scalar=True,
                symbol=symbol,
                is_extent=is_extent,
            )
        )
    return parameters
