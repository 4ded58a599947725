# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a host has to know of the parameters of a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from enigma.tracing.parameters import Parameter


@dataclass(frozen=True)
class Interface:
    """A parameter, as a host gives it an argument.

    Attributes
    ----------
    name : str
        Its name in Python.
    kind : {"buffer", "scalar"}
        Whether it is an array or a number.
    dtype : str
        Of the elements of a buffer, or of a scalar: the short name, such as ``"f32"``.
    index : int
        Its place in Metal's argument table.
    access : {"read", "write", "read_write", "none"}
        What the kernel does with a buffer; a scalar is read.
    """

    name: str
    kind: str
    dtype: str
    index: int
    access: str

    @property
    def is_written(self) -> bool:
        """Whether the kernel writes the buffer."""
        return self.access in ("write", "read_write")


def interfaces(parameters: Sequence[Parameter], attributes: Any) -> tuple[Interface, ...]:
    """Give what a host has to know, from the attributes of a lowered kernel's arguments."""
    found = []
    for parameter, attribute in zip(parameters, attributes, strict=True):
        access = "read"
        if not parameter.is_scalar:
            # As it is written in the IR: `#enigma.access<read>`.
            access = str(attribute["enigma.access"]).partition("<")[2].rstrip(">")
        found.append(
            Interface(
                name=parameter.name,
                kind="scalar" if parameter.is_scalar else "buffer",
                dtype=parameter.dtype.name,
                index=parameter.index,
                access=access,
            )
        )
    return tuple(found)
