# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where the lines of a generated text come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from enigma.locations import SourceLocation

#: A file, a line and a column.
Place = tuple[str, int, int]


class SourceMap(Mapping[int, SourceLocation]):
    """A mapping from the lines of a text, counted from 1, to the places they come from.

    It does not change. Lines that no line of Python stands behind, such as a closing brace, are
    not in it.

    Parameters
    ----------
    places : dict of int to tuple, or list of tuple
        The file, line and column of each line of the text, in a list None where there is none; they
        are made locations when asked for.
    """

    __slots__ = ("_places",)

    def __init__(self, places: dict[int, Place] | list[Place | None]) -> None:
        self._places = places

    @property
    def last(self) -> int:
        """The last line that has a place; 0 if none has."""
        places = self._places
        return len(places) if isinstance(places, list) else max(places, default=0)

    def _by_line(self) -> dict[int, Place]:
        """Give the places by their lines: what is not asked for stays a list."""
        places = self._places
        if isinstance(places, list):
            numbered = enumerate(places, 1)
            places = {line: place for line, place in numbered if place is not None}
            self._places = places
        return places

    def __getitem__(self, line: int) -> SourceLocation:
        return SourceLocation(*self._by_line()[line])

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_line())

    def __len__(self) -> int:
        return len(self._by_line())

    def __repr__(self) -> str:
        return f"<SourceMap of {len(self)} lines>"
