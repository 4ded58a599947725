# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Python numbers of which the kernel has yet to find the dtype."""

from __future__ import annotations

from enigma.types import DType


class Unsettled:
    """The dtype of a Python number carried around a loop, while its body is first traced.

    Attributes
    ----------
    wanted : DType or None
        The dtype of the first traced value that the number met.
    provisional : bool
        Whether it met one of another dtype than it was given, so that the body has to be traced
        again.
    """

    __slots__ = ("provisional", "wanted")

    def __init__(self) -> None:
        self.wanted: DType | None = None
        self.provisional = False

    def meet(self, given: DType, other: DType) -> None:
        """Note that the number, now a value of dtype `given`, was used with a value of `other`."""
        if self.wanted is None:
            self.wanted = other
        if given is not other:
            self.provisional = True
