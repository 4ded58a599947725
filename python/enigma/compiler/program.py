# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Several kernels that were compiled together."""

from __future__ import annotations

from dataclasses import dataclass

from enigma.compiler.artifact import Artifact
from enigma.compiler.kernel import CompiledKernel


@dataclass(frozen=True, eq=False, kw_only=True)
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
