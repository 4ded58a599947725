# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where the lines of a generated text come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from enigma.locations import SourceLocation


class SourceMap(Mapping[int, SourceLocation]):
    """A mapping from the lines of a text, counted from 1, to the places they come from.

    It does not change. Lines that no line of Python stands behind, such as a closing brace, are
    not in it.

    Parameters
    ----------
    places : dict of int to tuple
        The file, line and column of each line of the text; they are made locations when asked for.
    """

    __slots__ = ("_places",)

    def __init__(self, places: dict[int, tuple[str, int, int]]) -> None:
        self._places = places

    def __getitem__(self, line: int) -> SourceLocation:
        return SourceLocation(*self._places[line])

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return f"<SourceMap of {len(self)} lines>"
