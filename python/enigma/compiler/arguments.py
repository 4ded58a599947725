# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a jit function is given: the tensors, and the symbolic integers in layouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enigma.compiler.errors import InvalidOption, ResourceLimitError, UnexpectedArguments
from enigma.layout import Dyn, Layout, SwizzledLayout
from enigma.tensor import Tensor
from enigma.tracing.parameters import MAX_BUFFERS, Parameter
from enigma.tracing.views import View
from enigma.types import i32, u32


def find_tensors(args: tuple[Any, ...]) -> list[Tensor]:
    """Find the tensors among arguments, in the order of Metal's argument table."""
    found: dict[int, Tensor] = {}
    names: dict[str, Tensor] = {}
    stack = list(args)
    while stack:
        argument = stack.pop()
        if isinstance(argument, (tuple, list)):
            stack += argument
        elif isinstance(argument, dict):
            stack += argument.values()
        elif isinstance(argument, Tensor):
            argument = argument.root
            other = found.setdefault(argument.buffer_index, argument)
            namesake = names.setdefault(argument.name, argument)
            if namesake is not argument:
                raise UnexpectedArguments(
                    f"two tensors have the name {argument.name!r}, with the buffer_index "
                    f"{argument.buffer_index} and {namesake.buffer_index}",
                    remedy="the kernel names its parameters as the tensors: give each one its own",
                )
            if other is not argument:
                raise UnexpectedArguments(
                    f"tensors {other.name!r} and {argument.name!r} have the same buffer_index "
                    f"{argument.buffer_index}",
                    remedy="number the tensors from 0",
                )
    return [found[index] for index in sorted(found)]


def _names(tree: Any, symbols: dict[str, Dyn]) -> None:
    """Collect the symbols in whatever a kernel is given."""
    if isinstance(tree, (tuple, list, dict)):
        for part in tree.values() if isinstance(tree, dict) else tree:
            _names(part, symbols)
    elif isinstance(tree, Dyn):
        found = tree.symbols
        if not found:
            raise InvalidOption(
                option="a leaf of a layout in a kernel",
                expected='a named integer, enigma.dyn("n")',
                found=tree,
                remedy="a kernel takes it as a parameter of that name",
            )
        for symbol in found:
            known = symbols.setdefault(str(symbol), symbol)
            if known.div != symbol.div:
                raise InvalidOption(
                    option=f"the divisor of the symbolic integer {symbol.name}",
                    expected=f"one number ({known.div} elsewhere)",
                    found=symbol.div,
                    remedy=f"make it once, and use it everywhere: {symbol.name} = {known!r}",
                )
    elif isinstance(tree, View):
        _names(tree.layout, symbols)
    elif isinstance(tree, (Layout, SwizzledLayout)):
        _names(tree.shape, symbols)
        _names(tree.stride, symbols)
        if isinstance(tree, SwizzledLayout):
            _names(tree.offset, symbols)


def symbol_parameters(tensors: Sequence[Tensor], arguments: tuple[Any, ...]) -> list[Parameter]:
    """Give the scalar parameters for the symbols in layouts, at the places that are free.

    Parameters
    ----------
    tensors : sequence of Tensor
        The tensors that the kernel takes.
    arguments : tuple
        Everything that a jit function was given and gave to the kernel.

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
    for tensor in tensors:
        _names(tensor.shape, extents)
        _names(tensor, symbols)
    _names(arguments, symbols)
    taken = {tensor.buffer_index: tensor for tensor in tensors}
    free = iter([index for index in range(MAX_BUFFERS) if index not in taken])
    parameters = []
    for name, symbol in symbols.items():
        if not name.isidentifier() or any(tensor.name == name for tensor in tensors):
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
                f"Metal has {MAX_BUFFERS} places for them",
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
