# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The memory of arrays of other libraries."""

class View:
    """The memory of an object with the buffer protocol, which stays while this is there."""

    def __init__(self, object: object, is_written: bool = False) -> None: ...
    @property
    def address(self) -> int:
        """Of the first element."""

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""

    @property
    def format(self) -> str:
        """What an element is, as `struct` writes it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Elements along each dimension."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from an element to the next along each dimension."""

    @property
    def is_contiguous(self) -> bool:
        """Whether elements follow one another, the last dimension fastest."""
