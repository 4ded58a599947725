# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of threadgroup memory that take turns, so that loads run ahead of what uses them."""

from __future__ import annotations

from typing import Any, NoReturn

from enigma.errors import IndexRangeError, InvalidOption, OperandError, SubscriptError
from enigma.language.math import where
from enigma.language.memory import static_extent, threadgroup_alloc
from enigma.tracing.buffers import Buffer, Stretch
from enigma.tracing.builder import require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.conversions import widened
from enigma.tracing.messages import describe
from enigma.tracing.values import Nameable, Value
from enigma.types import DTypeLike, i32


class Pipeline(Nameable):
    """Arrays of threadgroup memory in a ring; `advance` makes the next one the front.

    Which one is the front may depend on how often a loop of the kernel has run.

    Attributes
    ----------
    dtype : DType
        Of the elements.
    size : int
        The number of elements of one array.
    stages : int
        The number of arrays.
    """

    __slots__ = ("_front", "_memory", "dtype", "size", "stages")
    # What control flow has to follow: the element at which the front starts.
    _enigma_holds = ("_front",)

    def __init__(self, memory: Buffer, size: int, stages: int) -> None:
        self.dtype = memory.dtype
        self.size = size
        self.stages = stages
        self._memory = memory
        self._front: list[Any] = [0]

    def __repr__(self) -> str:
        return f"<pipeline of {self.stages} stages of {self.size} x {self.dtype}>"

    def _take_name(self, name: str) -> None:
        self._memory._take_name(name)

    def __getitem__(self, position: object) -> NoReturn:
        raise SubscriptError(
            f"a pipeline is indexed by {describe(position)}, and has no elements of its own",
            remedy="index one of its stages, as in pipe.front()[i]; pipe.stage(k) gives the others",
        )

    def stage(self, k: object) -> Buffer:
        """Give an array.

        It stays the same array when the pipeline advances.

        Parameters
        ----------
        k : int or traced integer
            How far it is from the front: 0 is the front; an int less than 0 counts from the end.

        Returns
        -------
        Buffer
            To be indexed, and copied as other arrays are.

        Raises
        ------
        IndexRangeError
            When the pipeline has no such stage.
        """
        function = "Pipeline.stage"
        number = as_operand(k, function, "k")
        is_integer = (
            number.dtype.kind in "iu" and number.lanes == 1
            if isinstance(number, Value)
            else type(number) is int
        )
        if not is_integer:
            raise OperandError(
                operation=function,
                operand="k",
                found=describe(k),
                expected="an integer",
                remedy="it counts the stages from the front: 0, 1, ...",
            )
        if isinstance(number, int) and not -self.stages <= number < self.stages:
            raise IndexRangeError(
                f"a pipeline of {self.stages} stages has no stage {number}",
                remedy=f"the last one is stage({self.stages - 1}), which is back()",
            )
        distance: Any = widened(number) % self.stages * self.size
        start = self._wrapped(distance if isinstance(distance, int) else distance.to(i32))
        return Stretch(self._memory, start, self.size, f"a stage of {self._memory.name}")

    def front(self) -> Buffer:
        """Give the array in front, which is used: ``stage(0)``."""
        return self.stage(0)

    def back(self) -> Buffer:
        """Give the array at the back, which is filled: ``stage(stages - 1)``."""
        return self.stage(self.stages - 1)

    def advance(self) -> None:
        """Make the next stage the front; what was the front is the back then.

        It waits for nothing: an `enigma.barrier` stands between what threads write into a stage and
        what others read there.
        """
        require_builder("Pipeline.advance")
        self._front[0] = self._wrapped(self.size)

    def swap(self) -> None:
        """Exchange front and back: `advance` of two stages.

        Raises
        ------
        InvalidOption
            When there are more stages.
        """
        if self.stages != 2:
            raise InvalidOption(
                option="the stages of a pipeline that swaps",
                expected="2",
                found=self.stages,
                remedy="advance() makes the next stage the front",
            )
        self.advance()

    def _wrapped(self, distance: Any) -> Any:
        """Give the element at a distance of less than all elements from the front's first."""
        elements = self.size * self.stages
        start = self._front[0] + distance
        if isinstance(start, int):
            return start % elements
        if isinstance(distance, int) and distance == 0:
            return start
        return where(start, start - elements, start >= elements)


def pipeline(dtype: DTypeLike, size: int, stages: int = 2) -> Pipeline:
    """Allocate arrays that the threads of a threadgroup share, and that take turns.

    Parameters
    ----------
    dtype : DType, type or str
        Of the elements.
    size : int
        The number of elements of each array, known while compiling.
    stages : int
        The number of arrays, at least 2.

    Returns
    -------
    Pipeline
        Whose `front` is used while stages behind it are filled.

    Raises
    ------
    EnigmaError
        When there are fewer stages, or as `threadgroup_alloc`.
    """
    require_builder("enigma.pipeline")
    static_extent(size, "enigma.pipeline", "size")
    static_extent(stages, "enigma.pipeline", "stages")
    if stages < 2:
        raise InvalidOption(
            option="stages of enigma.pipeline",
            expected="at least 2",
            found=stages,
            remedy="enigma.threadgroup_alloc makes a single array",
        )
    return Pipeline(threadgroup_alloc(dtype, size * stages), size, stages)
