# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A compiled kernel."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from enigma._frozen import frozen_dataclass
from enigma._host_calls import host_class
from enigma._layout import Dyn
from enigma.compiler.artifact import Artifact
from enigma.compiler.flat import FlatForm
from enigma.compiler.interchange import decode, encode, read, write
from enigma.errors import InvalidLaunch
from enigma.layout import Layout, cosize
from enigma.tracing.launches import Extent, on_device
from enigma.tracing.parameters import FunctionConstant, Parameter


@host_class
@frozen_dataclass(frozen=True, eq=False, kw_only=True)
class CompiledKernel(Artifact):
    """A kernel as MSL, and as a Metal library where one was built.

    Attributes
    ----------
    kernel_name : str
        The name of the kernel function in the MSL: ``enigma_kernel_<function name>``, with the code
        points of characters that MSL has not in names, as in ``_u00f6_``.
    parameters : tuple of Parameter
        What the host gives, in the order of Metal's argument table; behind them the threadgroup
        arrays whose lengths the launch chooses, which have a table of their own. Of a jit
        function's launch, these have their `size` in elements and their `nbytes`, a multiple of
        16.
    grid, block : tuple of 3 ints, or None
        Threadgroups, and threads of a threadgroup, of a jit function's launch. Where the grid
        depends on symbolic sizes, these integers stand in it: `launch_grid` gives numbers.
    elements_per_thread : int
        The consecutive elements that one thread owns: a launch needs that many fewer threads in x.
    is_guarded : bool
        Whether a kernel whose threads own several elements may be launched for any number of them,
        since conditions keep all accesses to elements below a bound; else it has to be a multiple.
    threadgroup_bytes : int
        The threadgroup memory that the kernel declares; arguments whose length the launch chooses
        come on top.
    function_constants : tuple of FunctionConstant
        The function constants that its text has, by their indices.
    flat_ir : bytes
        The kernel in flat form as MLIR bytecode, which devices other than Metal's are built from;
        ``enigma-opt`` reads it.
    fast_math : bool
        Whether it was compiled for Metal's fast math: a host sets its compiler so.

    Further attributes are those of `Artifact`.
    """

    kernel_name: str
    parameters: tuple[Parameter, ...]
    grid: Extent | None = None
    block: Extent | None = None
    elements_per_thread: int = 1
    is_guarded: bool = False
    threadgroup_bytes: int = 0
    function_constants: tuple[FunctionConstant, ...] = ()
    fast_math: bool = True
    flat_ir: bytes = field(default=b"", repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "flat_ir": self.flat_ir}

    @property
    def file_name(self) -> str:
        """The name of the kernel."""
        return self.kernel_name

    @property
    def param_names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def scalar_params(self) -> tuple[str, ...]:
        """The names of the parameters that are passed by value."""
        return tuple(parameter.name for parameter in self.parameters if parameter.is_scalar)

    @property
    def threadgroup_params(self) -> tuple[Parameter, ...]:
        """The parameters that are threadgroup arrays, whose lengths the launch chooses."""
        return tuple(parameter for parameter in self.parameters if parameter.is_threadgroup)

    @property
    def num_params(self) -> int:
        """The number of parameters."""
        return len(self.parameters)

    @property
    def symbols(self) -> tuple[Parameter, ...]:
        """The parameters that are symbolic integers of the layouts of tensors."""
        return tuple(parameter for parameter in self.parameters if parameter.is_symbol)

    def to_json(self) -> str:
        """Give everything that is known of the kernel as JSON, for a host that has no Enigma.

        Returns
        -------
        str
            An object of the attributes, with ``"form": "kernel"``; `docs/compiling.md` describes
            it. `from_json` makes the kernel from it again.
        """
        return write("kernel", encode(self.__getstate__()))

    @classmethod
    def from_json(cls, text: str | bytes) -> CompiledKernel:
        """Make a kernel from what `to_json` gave.

        Raises
        ------
        InvalidJson
            When the text is none.
        """
        return read("kernel", text, lambda known: decode(cls, known))

    def llvm_ir(
        self,
        block: int | Sequence[int] | None = None,
        *,
        constants: Mapping[str, Any] | None = None,
    ) -> str:
        """Give the optimized LLVM IR that the CPU device runs.

        Parameters
        ----------
        block : int or sequence of up to 3 ints, optional
            Threads of a threadgroup, for which the code is made; by default those of the kernel, or
            256.
        constants : mapping, optional
            Values of the function constants, by their names.

        Returns
        -------
        str
            A module with one function, which runs a range of full threadgroups.

        Raises
        ------
        EnigmaError
            When the CPU cannot run the kernel, or an argument is wrong.
        """
        return on_device.print_code(self, "llvm_ir", block=block, constants=constants)

    def assembly(
        self,
        block: int | Sequence[int] | None = None,
        *,
        constants: Mapping[str, Any] | None = None,
    ) -> str:
        """Give the assembly that the CPU device runs; arguments are as for `llvm_ir`."""
        return on_device.print_code(self, "assembly", block=block, constants=constants)

    @property
    def sizes(self) -> dict[str, Dyn | None]:
        """What `launch_grid` takes: the symbols of the layouts and of the grid, by their names."""
        found = {str(parameter.symbol): parameter.symbol for parameter in self.symbols}
        for extent in self.grid or ():
            if isinstance(extent, Dyn):
                found.update({str(symbol): symbol for symbol in extent.symbols})
        return found

    def launch_grid(self, **sizes: int) -> Extent:
        """Give the threadgroups of a launch for the sizes that it has.

        Parameters
        ----------
        **sizes : int
            The values of the symbols in the layouts of the tensors.

        Returns
        -------
        tuple of 3 ints
            In x, y and z.

        Raises
        ------
        EnigmaError
            When the launch is not known, a size is missing, unknown, no int or no multiple of what
            is known to divide it, or the grid would be empty.
        """
        if self.grid is None:
            raise InvalidLaunch(
                f"{self.kernel_name} has no grid of its own",
                remedy="only a jit function launches a kernel; choose the grid where you launch",
            )
        symbols = self.sizes
        extents = {parameter.name for parameter in self.symbols if parameter.is_extent}
        shown = f"the grid of {self.kernel_name} is ({', '.join(map(str, self.grid))})"
        for name, size in sizes.items():
            if name not in symbols:
                raise InvalidLaunch(
                    f"{self.kernel_name} has no symbolic integer {name}",
                    remedy=f"it has {', '.join(symbols) or 'none'}",
                )
            if isinstance(size, bool) or not isinstance(size, numbers.Integral):
                raise InvalidLaunch(
                    f"{name}={size!r} is no int", remedy=f"{shown}; sizes are whole numbers"
                )
            if name in extents and not 0 < size < 2**31:
                raise InvalidLaunch(
                    f"{name}={size} is no extent of a tensor",
                    remedy="an extent is from 1 to 2**31 - 1",
                )
            divisor = 1 if symbols[name] is None else symbols[name].div
            if int(size) % divisor:
                raise InvalidLaunch(
                    f"{name}={size} is no multiple of {divisor}",
                    remedy=f"the kernel was compiled for {symbols[name]!r}",
                )
        groups = []
        for extent in self.grid:
            if isinstance(extent, Dyn):
                missing = [str(symbol) for symbol in extent.symbols if str(symbol) not in sizes]
                if missing:
                    raise InvalidLaunch(
                        f"{shown}, and {missing[0]} is not given",
                        remedy=f"give it: launch_grid({missing[0]}=...)",
                    )
                extent = extent.evaluate({name: int(size) for name, size in sizes.items()})
            if extent < 1:
                given = ", ".join(f"{name}={size}" for name, size in sizes.items())
                raise InvalidLaunch(
                    f"{shown}, which is empty for {given}",
                    remedy="give positive sizes, and do not launch where there is nothing to do",
                )
            groups.append(extent)
        _check_spans(self, sizes)
        x, y, z = groups
        return x, y, z


# A kernel may be given as what it is written from; the field keeps its default.
CompiledKernel.flat_ir = FlatForm()  # type: ignore[assignment]


def _check_spans(kernel: CompiledKernel, sizes: Mapping[str, int]) -> None:
    """Check that no tensor has more elements than the kernel's subscripts reach."""
    for parameter in kernel.parameters:
        if parameter.max_elements is None or parameter.shape is None:
            continue
        span = cosize(Layout(parameter.shape, parameter.stride))
        if isinstance(span, Dyn) and all(str(symbol) in sizes for symbol in span.symbols):
            span = span.evaluate({name: int(size) for name, size in sizes.items()})
            if span > parameter.max_elements:
                raise InvalidLaunch(
                    f"{parameter.name} spans {span} elements, and {kernel.kernel_name} reaches "
                    f"{parameter.max_elements} of them",
                    remedy="compile it with index_bits=64",
                )
