# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a target has to say for itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, TypeVar

from enigma.compiler.artifact import Artifact
from enigma.compiler.options import Options
from enigma.compiler.source_map import SourceMap
from enigma.compiler.trace import Trace
from enigma.errors import InvalidVecWidth
from enigma.limits import Limits
from enigma.tracing.session import Session

A = TypeVar("A", bound=Artifact)


class Emitted(NamedTuple):
    """A text in the language of a target.

    Attributes
    ----------
    text : str
        The text.
    version : str
        The least version of the language that it needs.
    source_map : SourceMap
        Where its lines come from.
    """

    text: str
    version: str
    source_map: SourceMap


class Target(ABC):
    """What a kernel is compiled for.

    Attributes
    ----------
    name : str
        By which `enigma.compile` knows it.
    limits : Limits
        Of its devices, as the attribute has them.
    emission : str
        What `emit` does, for messages.
    """

    name: ClassVar[str]
    limits: ClassVar[Limits]
    emission: ClassVar[str]

    def check(self, options: Options) -> None:
        """Refuse options that the target cannot follow.

        Raises
        ------
        InvalidVecWidth
            When vectors in memory have not so many lanes.
        """
        width = options.vec_width
        if type(width) is not int or (width != 0 and width not in self.limits.widths):
            *most, last = map(str, ("0 (scalar)", *self.limits.widths))
            expected = f"{', '.join(most)} or {last}" if most else last
            raise InvalidVecWidth(found=width, expected=expected)

    @abstractmethod
    def attribute(self, options: Options) -> str:
        """Give what it is in the IR: the `enigma.target` of a module."""

    @abstractmethod
    def warn(self, session: Session, trace: Trace, options: Options) -> None:
        """Report, as warnings of MLIR, what of a clean kernel means nothing with these options."""

    @abstractmethod
    def pipeline(self, options: Options) -> str:
        """Give the pipeline from a clean kernel to the form that `emit` takes."""

    @abstractmethod
    def emit(self, session: Session, trace: Trace) -> Emitted:
        """Give the text of the kernels of a module in the language of the target."""

    @abstractmethod
    def build(self, compiled: A, options: Options) -> A:
        """Write and build what the options ask for, and give an artifact that knows of it."""
