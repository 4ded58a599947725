# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The result of a compilation."""

from __future__ import annotations

import numbers
import os
from dataclasses import dataclass, field
from typing import Any

from enigma._files import checked_path, file_stem, holds_something_else, write_file
from enigma._layout import Dyn
from enigma.compiler.source_map import SourceMap
from enigma.errors import FileConflict, InvalidLaunch
from enigma.tracing.launches import Extent
from enigma.tracing.parameters import Parameter


@dataclass(frozen=True, eq=False)
class CompiledKernel:
    """A kernel as MSL, and as a Metal library where one was built.

    Attributes
    ----------
    kernel_name : str
        The name of the kernel function in the MSL: ``enigma_kernel_<function name>``, with the code
        points of characters that MSL has not in names, as in ``_u00f6_``.
    metal_source : str
        The MSL.
    param_names : tuple of str
        The parameters in the order of Metal's argument table.
    scalar_params : tuple of str
        Those of them that are passed by value.
    grid, block : tuple of 3 ints, or None
        Threadgroups, and threads of a threadgroup, of a jit function's launch. Where the grid
        depends on symbolic sizes, these integers stand in it: `launch_grid` gives numbers.
    elements_per_thread : int
        The consecutive elements that one thread owns: a launch needs that many fewer threads in x.
    mlir_source : str or None
        The MLIR of the kernel, if `dump_mlir` was set.
    metallib_path : str or None
        Absolute path of the Metal library, if one was built.
    metallib_bytes : bytes or None
        Its contents.
    metal_path : str or None
        Absolute path of the MSL file, if one was kept.
    remarks : tuple of str
        What the passes remarked, such as why a kernel stays scalar.
    symbols : tuple of Parameter
        The parameters that are symbolic integers of the layouts of tensors.
    source_map : SourceMap
        The lines of the MSL, counted from 1, with the line of Python that each comes from, an
        `enigma.locations.SourceLocation`: a read-only mapping. Where a line was put together from
        several, it is that of the statement; a line that stands for nothing in Python, such as a
        closing brace, is not in it.
    is_temporary : bool
        Whether the folder of the library is removed when this object is gone. A copy, or what
        comes from a pickle, has the library's bytes and no path then.
    """

    kernel_name: str
    metal_source: str
    param_names: tuple[str, ...]
    scalar_params: tuple[str, ...] = ()
    grid: Extent | None = None
    block: Extent | None = None
    elements_per_thread: int = 1
    mlir_source: str | None = None
    metallib_path: str | None = None
    metallib_bytes: bytes | None = field(default=None, repr=False)
    metal_path: str | None = None
    remarks: tuple[str, ...] = ()
    symbols: tuple[Parameter, ...] = ()
    source_map: SourceMap = field(default_factory=lambda: SourceMap({}), repr=False)
    is_temporary: bool = field(default=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if self.is_temporary:
            state.update(is_temporary=False, metallib_path=None)
        return state

    @property
    def num_params(self) -> int:
        """The number of parameters."""
        return len(self.param_names)

    @property
    def kernel_source(self) -> str:
        """The MSL, as `metal_source`."""
        return self.metal_source

    @property
    def has_metallib(self) -> bool:
        """Whether a Metal library was built."""
        return self.metallib_bytes is not None

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
        symbols = {str(parameter.symbol): parameter.symbol for parameter in self.symbols}
        extents = {parameter.name for parameter in self.symbols if parameter.is_extent}
        for extent in self.grid:
            if isinstance(extent, Dyn):
                symbols.update({str(symbol): symbol for symbol in extent.symbols})
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
        x, y, z = groups
        return x, y, z

    def export_metal(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write the MSL to a file.

        Parameters
        ----------
        path : str or path, optional
            The file, or an existing folder (or a path that ends in a separator) for
            ``<kernel_name>.metal`` in it; by default that name in the current folder. Missing
            folders are created. A file that is named is overwritten; in a folder, the file of
            another kernel is not.

        Returns
        -------
        str
            The resolved path.

        Raises
        ------
        WorkDirError
            When the file cannot be written, or holds the text of another kernel.
        ValueError
            When `path` is no path.
        """
        name = f"{file_stem(self.kernel_name)}.metal"
        given = "." if path is None else path
        target = checked_path(given, "the path of an export")
        into_folder = os.fspath(given).endswith(("/", os.sep)) or os.path.isdir(target)
        if into_folder:
            target = os.path.join(target, name)
        target = os.path.realpath(target)
        if into_folder and holds_something_else(target, self.metal_source):
            raise FileConflict(path=target, name=self.kernel_name)
        write_file(target, self.metal_source)
        return target
