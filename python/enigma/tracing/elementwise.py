# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators of matrices that act on each element."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from enigma.tracing.values import Value


class Elementwise(Value):
    """A matrix: a value whose operators compute it element by element, by `map`."""

    __slots__ = ()

    @abstractmethod
    def map(self, function: Callable[..., Any], *others: Any) -> Any:
        """Compute a matrix element by element."""

    def __add__(self, other: Any) -> Any:
        return self.map(operator.add, other)

    def __radd__(self, other: Any) -> Any:
        return self.map(lambda a, b: b + a, other)

    def __sub__(self, other: Any) -> Any:
        return self.map(operator.sub, other)

    def __rsub__(self, other: Any) -> Any:
        return self.map(lambda a, b: b - a, other)

    def __mul__(self, other: Any) -> Any:
        return self.map(operator.mul, other)

    def __rmul__(self, other: Any) -> Any:
        return self.map(lambda a, b: b * a, other)

    def __truediv__(self, other: Any) -> Any:
        return self.map(operator.truediv, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.map(lambda a, b: b / a, other)

    def __neg__(self) -> Any:
        return self.map(operator.neg)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.map(operator.abs)

    def to(self, dtype: Any) -> Any:
        """Convert the elements to another dtype of floats."""
        return self.map(lambda elements: elements.to(dtype))
