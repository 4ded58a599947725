# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a picture shows: grids of cells, whatever they are drawn with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from enigma.errors import EnigmaError, InvalidOption
from enigma.layout import Layout, SwizzledLayout, crd2idx, depth, idx2crd, rank, size
from enigma.pictures.colours import Colour, of_group, of_rank
from enigma.pictures.conflicts import (
    BANK_BITS,
    BANKS,
    SIMD,
    check_bits,
    check_size,
    steps_along_coordinates,
    turns,
)

#: How many rows and columns to show; one number for both.
Limit = int | tuple[int, int]
#: More rows or columns, or grids, are no picture that anyone reads.
LIMIT = 64
_GRIDS = 16
#: The owners of a tile are all looked up, however few are shown.
_MAX_OWNERS = 1 << 16


class Cell(NamedTuple):
    """What is shown of one element."""

    #: In SVG, lines below each other.
    lines: tuple[str, ...]
    #: Cells of one group belong together; None where there is nothing to show.
    group: int | None
    fill: Colour


#: Where the middle is left out.
_GAP = Cell(("\N{HORIZONTAL ELLIPSIS}",), None, (255, 255, 255))
_NOTHING = Cell(("",), None, (255, 255, 255))


class Note(NamedTuple):
    """What stands at the end of a row or column."""

    text: str
    warns: bool


class Frame(NamedTuple):
    """The coordinates that one grid shows."""

    #: The coordinates in the modes beyond the second.
    outer: tuple[int, ...]
    rank: int
    extents: tuple[int, int]
    #: The numbers of the rows and columns that are shown, with None where some are left out.
    rows: list[int | None]
    columns: list[int | None]
    #: The extents of the inner blocks that nested modes make.
    block: tuple[int, int]

    def at(self, row: int, column: int) -> Any:
        """Give the coordinate that a cell stands for."""
        return column if self.rank == 1 else (row, column, *self.outer)

    @property
    def name(self) -> str:
        """What tells the grid from others."""
        return "({})".format(",".join(["_", "_", *map(str, self.outer)])) if self.outer else ""


class Grid(NamedTuple):
    """The cells of the first two modes, with what stands around them."""

    frame: Frame
    cells: list[list[Cell]]
    #: One for each row and each column, or none at all.
    row_notes: Sequence[Note | None] = ()
    column_notes: Sequence[Note | None] = ()


class Picture(NamedTuple):
    """All that is to be drawn."""

    title: str
    grids: list[Grid]
    #: How many further grids there are.
    left_out: int = 0
    #: Whether lines are to stand between cells of different groups.
    outlines: bool = False
    #: What the notes say.
    legend: str = ""

    @property
    def remarks(self) -> list[str]:
        """What stands below it all."""
        more = f"and {self.left_out} more grids" if self.left_out else ""
        return [remark for remark in (more, self.legend) if remark]


def _shown(extent: int, limit: int) -> list[int | None]:
    """The numbers to show, with None in the place of those left out."""
    if extent <= limit:
        return list(range(extent))
    end = max(1, (limit - 1) // 4)
    return [*range(limit - 1 - end), None, *range(extent - end, extent)]


def _innermost(mode: Any) -> int:
    return _innermost(mode[0]) if isinstance(mode, tuple) else int(mode)


_STATIC = "give its integers numbers: layout.evaluate({...})"
_NUMBERS = "show a layout whose strides are numbers"


def _frames(layout: Layout | SwizzledLayout, limit: Limit) -> tuple[list[Frame], int]:
    """What the grids show, and how many grids are left out."""
    if not layout.is_static:
        raise EnigmaError(f"a picture of {layout} needs static extents and strides", remedy=_STATIC)
    most_rows, most_columns = limit if isinstance(limit, tuple) else (limit, limit)
    if min(most_rows, most_columns) < 2:
        raise EnigmaError(
            f"a picture shows at least 2 rows and columns, not {limit}",
            remedy="give a larger limit",
        )
    modes = rank(layout)
    extents = [size(layout, mode=[mode]) for mode in range(modes)]
    blocks = [_innermost(mode) for mode in layout.shape] if depth(layout) else extents
    if modes == 1:
        extents, blocks = [1, *extents], [1, *blocks]
    outer = Layout(tuple(extents[2:])) if modes > 2 else Layout(1)
    frames = [
        Frame(
            outer=idx2crd(number, outer) if modes > 2 else (),
            rank=modes,
            extents=(extents[0], extents[1]),
            rows=_shown(extents[0], most_rows),
            columns=_shown(extents[1], most_columns),
            block=(blocks[0], blocks[1]),
        )
        for number in range(min(size(outer), _GRIDS))
    ]
    return frames, size(outer) - len(frames)


def _cells(frame: Frame, cell: Callable[[Any], Cell]) -> list[list[Cell]]:
    """The cells of all coordinates that a frame shows."""
    return [
        [
            _GAP if row is None or column is None else cell(frame.at(row, column))
            for column in frame.columns
        ]
        for row in frame.rows
    ]


def _offsets(layout: Layout | SwizzledLayout, limit: Limit) -> Picture:
    frames, left_out = _frames(layout, limit)

    def place(offset: object) -> int:
        """A number to shade by, also for an offset that is a coordinate."""
        return sum(map(int, _leaves(offset)))

    places = [
        place(layout(frame.at(row, column)))
        for frame in frames
        for row, column in itertools.product(frame.rows, frame.columns)
        if row is not None and column is not None
    ]
    low, span = min(places), max(max(places) - min(places), 1)

    def cell(coord: object) -> Cell:
        offset = layout(coord)
        shade = of_rank((place(offset) - low) / span)
        return Cell((_compact(offset),), place(offset), shade)

    grids = [Grid(frame, _cells(frame, cell)) for frame in frames]
    return Picture(str(layout), grids, left_out)


def _threads(tv: Layout | SwizzledLayout, tile: object, limit: Limit) -> Picture:
    if rank(tv) != 2:
        raise EnigmaError(
            f"{tv} is no thread-value layout: it has {rank(tv)} modes, not 2",
            remedy="its modes are threads and values; leave out tile= for the picture of a layout",
        )
    if not tv.is_static:
        raise EnigmaError(f"a picture of {tv} needs static extents and strides", remedy=_STATIC)
    if steps_along_coordinates(tv):
        raise EnigmaError(
            f"the offsets of {tv} are coordinates, which are no elements of a tile", remedy=_NUMBERS
        )
    shape = Layout(tile)
    frames, left_out = _frames(shape, limit)
    threads, values = size(tv, mode=[0]), size(tv, mode=[1])
    if threads * values > _MAX_OWNERS:
        raise EnigmaError(
            f"{tv} has {threads * values} elements; a picture shows at most {_MAX_OWNERS}",
            remedy="show a smaller tile",
        )
    owners: dict[int, list[tuple[int, int]]] = {}
    for thread in range(threads):
        for value in range(values):
            index = crd2idx((thread, value), tv)
            if not 0 <= index < size(shape):
                raise EnigmaError(
                    f"value {value} of thread {thread} is element {index} in {tv}, "
                    f"outside of the tile {_compact(tile)}",
                    remedy="give the tile that the layout was made for",
                )
            owners.setdefault(index, []).append((thread, value))

    def cell(coord: object) -> Cell:
        own = owners.get(shape(coord))
        if own is None:
            return _NOTHING
        thread, value = own[0]
        more = f"+{len(own) - 1}" if len(own) > 1 else ""
        return Cell((f"T{thread}", f"V{value}{more}"), thread, of_group(thread))

    grids = [Grid(frame, _cells(frame, cell)) for frame in frames]
    legend = "Tt Vv: value v of thread t"
    if any(len(own) > 1 for own in owners.values()):
        legend += ", +n: n more own the element"
    if len(owners) < size(shape):
        legend += ", empty: none owns it"
    title = f"{tv} in {_compact(tile)}"
    return Picture(title, grids, left_out, outlines=True, legend=legend)


def _banks(layout: Layout | SwizzledLayout, bits: int, limit: Limit) -> Picture:
    check_bits(bits)
    if steps_along_coordinates(layout):
        raise EnigmaError(
            f"the offsets of {layout} are coordinates, which are in no bank", remedy=_NUMBERS
        )
    check_size(layout)
    frames, left_out = _frames(layout, limit)

    def cell(coord: object) -> Cell:
        bank = layout(coord) * bits // BANK_BITS % BANKS
        return Cell((str(bank),), bank, of_rank(bank / (BANKS - 1)))

    def note(line: list[Any]) -> Note:
        offsets = [layout(coord) for coord in line]
        groups = [offsets[first : first + SIMD] for first in range(0, len(offsets), SIMD)]
        most = max(turns(group, bits) for group in groups)
        return Note(f"x{most}", most > -(-bits // BANK_BITS))

    def drawn(frame: Frame) -> Grid:
        rows, columns = (range(extent) for extent in frame.extents)
        by_row = [
            None if r is None else note([frame.at(r, c) for c in columns]) for r in frame.rows
        ]
        by_column = [
            None if c is None else note([frame.at(r, c) for r in rows]) for c in frame.columns
        ]
        return Grid(frame, _cells(frame, cell), by_row, by_column if frame.rank > 1 else ())

    legend = f"xN: up to {SIMD} neighbours are accessed in N turns"
    title = f"banks of {layout}, {bits} bits each"
    return Picture(title, [drawn(frame) for frame in frames], left_out, legend=legend)


def _compact(x: object) -> str:
    return str(x).replace(" ", "")


def _leaves(x: object) -> Iterable[Any]:
    if isinstance(x, tuple):
        for mode in x:
            yield from _leaves(mode)
    else:
        yield x


# What the numbers are that a picture is given.
_ARE = {
    "bits": "it is the width of an element, such as 32",
    "limit": "it is how many rows and columns are shown at most",
}


def _limits(limit: object) -> list[tuple[str, Any]]:
    """The numbers of a limit, each with the name of the option."""
    numbers = limit if isinstance(limit, tuple) else (limit, limit)
    if len(numbers) != 2:
        raise InvalidOption(
            option="limit",
            expected="an int, or two in a tuple",
            found=limit,
            remedy=_ARE["limit"],
        )
    return [("limit", number) for number in numbers]


def draw(layout: Any, tile: object, bits: int | None, limit: Limit) -> Picture:
    """Choose what to show: offsets, threads or banks."""
    for name, number in (("bits", 1 if bits is None else bits), *_limits(limit)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise InvalidOption(option=name, expected="an int", found=number, remedy=_ARE[name])
    if tile is not None and bits is not None:
        raise EnigmaError(
            "a picture shows threads (tile=) or banks (bits=), not both",
            remedy="leave one of them out",
        )
    if tile is not None:
        return _threads(layout, tile, limit)
    if bits is not None:
        return _banks(layout, bits, limit)
    return _offsets(layout, limit)


def label(number: int | None) -> str:
    """Give what stands beside a row or column."""
    return _GAP.lines[0] if number is None else str(number)
