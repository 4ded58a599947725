# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The text of what threads tell while they run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from enigma.runtime.binding import unpack

if TYPE_CHECKING:
    from enigma._jit import Message


class _Float(float):
    """A float with six significant digits, unless a format says something else."""

    def __format__(self, spec: str) -> str:
        if not math.isfinite(self):
            # As in Metal, zeros stand in front of digits alone.
            sign = spec[: len(spec) - len(spec.lstrip("+- "))]
            spec = sign + spec[len(sign) :].lstrip("0")
        return super().__format__(spec if spec[-1:].isalpha() else spec + "g")


class _Integer(int):
    """An integer whose bits are shown where a format asks for octal or hexadecimal digits."""

    bits: int

    def __format__(self, spec: str) -> str:
        return format(self.bits if spec[-1:] in ("o", "x", "X") else int(self), spec)


def _shown(bits: int, dtype: str) -> _Float | _Integer:
    number = unpack(bits, dtype)
    if isinstance(number, float):
        return _Float(number)
    shown = _Integer(number)
    shown.bits = bits
    return shown


def text_of(message: Message) -> str:
    """Give the line of a message."""
    values = map(_shown, message.values, message.dtypes)
    return message.format.format(*values)
