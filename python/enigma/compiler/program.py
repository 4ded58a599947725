# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Several kernels that were compiled together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from enigma._frozen import frozen_dataclass
from enigma._host_calls import host_class
from enigma.compiler.artifact import Artifact
from enigma.compiler.interchange import decode, encode, read, write
from enigma.compiler.kernel import CompiledKernel
from enigma.errors import InvalidLaunch
from enigma.tracing.launches import Extent

# What the kernels of a program have of it.
_SHARED = (
    "metal_source",
    "metallib_path",
    "metallib_bytes",
    "metal_path",
    "source_map",
    "is_temporary",
)


@host_class
@frozen_dataclass(frozen=True, eq=False, kw_only=True)
class CompiledProgram(Artifact):
    """The kernels that a jit function launches one after the other, in one text.

    Attributes
    ----------
    name : str
        That of the jit function, or what ``name=`` says.
    kernels : tuple of CompiledKernel
        One for each launch, in order. Launches that differ in nothing share a kernel. Each has its
        grid and block; its text and library are those of the program. A tensor has the same index
        in all of them; a kernel has parameters for those that it uses.

    Further attributes are those of `Artifact`; `remarks` are those of all kernels.
    """

    name: str
    kernels: tuple[CompiledKernel, ...]

    @property
    def file_name(self) -> str:
        """The name of the program."""
        return self.name

    def to_json(self) -> str:
        """Give everything that is known of the program as JSON, for a host that has no Enigma.

        Returns
        -------
        str
            An object of the attributes, with ``"form": "program"``. Each kernel stands once in
            ``kernels``, without what is the program's; ``launches`` has its number for each launch.
        """
        distinct = list(dict.fromkeys(self.kernels))
        state = {
            **encode(self.__getstate__()),
            "kernels": [
                {
                    name: value
                    for name, value in encode(kernel.__getstate__()).items()
                    if name not in _SHARED
                }
                for kernel in distinct
            ],
            "launches": [distinct.index(kernel) for kernel in self.kernels],
        }
        return write("program", state)

    @classmethod
    def from_json(cls, text: str | bytes) -> CompiledProgram:
        """Make a program from what `to_json` gave.

        Raises
        ------
        InvalidJson
            When the text is none.
        """

        def make(known: dict[str, Any]) -> CompiledProgram:
            program = decode(cls, known, kernels=())
            shared = {name: getattr(program, name) for name in _SHARED}
            kernels = [decode(CompiledKernel, kernel, **shared) for kernel in known["kernels"]]
            return replace(program, kernels=tuple(kernels[n] for n in known["launches"]))

        return read("program", text, make)

    def launch_grids(self, **sizes: int) -> tuple[Extent, ...]:
        """Give the threadgroups of each launch, for sizes of which a kernel may lack some.

        Parameters
        ----------
        **sizes : int
            The values of the symbols in the layouts of the tensors.

        Returns
        -------
        tuple of tuples of 3 ints
            The grids in x, y and z, in the order of ``kernels``.

        Raises
        ------
        EnigmaError
            When no kernel has one of the sizes, or `CompiledKernel.launch_grid` raises.
        """
        known = dict.fromkeys(name for kernel in self.kernels for name in kernel.sizes)
        for name in sizes:
            if name not in known:
                raise InvalidLaunch(
                    f"{self.name} has no symbolic integer {name}",
                    remedy=f"it has {', '.join(known) or 'none'}",
                )
        return tuple(
            kernel.launch_grid(**{name: sizes[name] for name in kernel.sizes if name in sizes})
            for kernel in self.kernels
        )
