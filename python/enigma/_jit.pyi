# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels as machine code of this CPU."""

from collections.abc import Sequence

def num_threads() -> int:
    """How many threads run threadgroups."""

class Program:
    """A kernel in flat form, compiled for each size of threadgroups when it is first launched."""

    def __init__(self, text: bytes) -> None: ...
    def launch(
        self,
        arguments: Sequence[int | bytes],
        threads: tuple[int, int, int],
        block: tuple[int, int, int],
    ) -> None:
        """Run the threads of a grid."""

    def llvm_ir(
        self, block: tuple[int, int, int], ragged: bool = False, optimized: bool = True
    ) -> str:
        """Give the LLVM IR for a size of threadgroups."""

    def assembly(self, block: tuple[int, int, int], ragged: bool = False) -> str:
        """Give the assembly for a size of threadgroups."""
