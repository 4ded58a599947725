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
    yields : bool
        Whether that is only the one in which the condition of a loop handed the number on to the
        body: a float that it meets there comes before.
    provisional : bool
        Whether it met one of another dtype than it was given, so that the body has to be traced
        again.
    """

    __slots__ = ("provisional", "wanted", "yields")

    def __init__(self) -> None:
        self.wanted: DType | None = None
        self.yields = False
        self.provisional = False

    def meet(self, given: DType, other: DType) -> None:
        """Note that the number, now a value of dtype `given`, was used with a value of `other`."""
        if self.wanted is None or (self.yields and other.kind == "f"):
            self.wanted, self.yields = other, False
        if given is not other:
            self.provisional = True

    def hand_on(self, dtype: DType) -> None:
        """Note that the number goes on, as one of `dtype`."""
        if self.wanted is None:
            self.wanted, self.yields = dtype, True
