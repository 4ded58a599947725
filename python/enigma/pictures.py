# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of layouts: tables for a terminal, SVG for a notebook or a file.

A layout is drawn as a grid with mode 0 downwards and the other modes to the right. Three views:

- offsets: each cell shows the offset of its coordinate;
- threads: of a thread-value layout and the shape of its tile, each cell of the tile shows who owns
  it;
- banks: each cell shows the bank of threadgroup memory that its element is in.
"""

from __future__ import annotations

import colorsys
import os
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from enigma.compiler.errors import EnigmaError
from enigma.layout import Basis, Layout, SwizzledLayout, crd2idx, rank, size

#: Threadgroup memory: so many banks, each so wide, serve one word at a time.
BANKS = 32
BANK_BITS = 32

#: A larger grid is no picture that anyone reads.
_MAX_CELLS = 1 << 14
_CELL_WIDTH, _CELL_HEIGHT, _MARGIN = 44, 28, 36


class _Cell(NamedTuple):
    text: str
    #: What the colour stands for: equal groups have equal colours.
    group: int


class _Grid(NamedTuple):
    title: str
    rows: list[list[_Cell]]
    #: How many groups there are to tell apart.
    groups: int


def _extents(layout: Layout | SwizzledLayout) -> tuple[int, int]:
    """The rows and columns of the grid."""
    if not layout.is_static:
        raise EnigmaError(f"a picture of {layout} needs static extents and strides")
    if size(layout) > _MAX_CELLS:
        raise EnigmaError(
            f"{layout} has {size(layout)} elements; a picture shows at most {_MAX_CELLS}"
        )
    if rank(layout) == 1:
        return 1, size(layout)
    rows = size(layout, mode=[0])
    return rows, size(layout) // rows


def _values(layout: Layout | SwizzledLayout) -> tuple[int, int, list[list[Any]]]:
    rows, columns = _extents(layout)
    values = [[layout(row + rows * column) for column in range(columns)] for row in range(rows)]
    return rows, columns, values


def _offsets(layout: Layout | SwizzledLayout) -> _Grid:
    _, columns, values = _values(layout)
    plain = not any(isinstance(value, tuple) for row in values for value in row)

    def cell(row: int, column: int, value: Any) -> _Cell:
        text = str(value).replace(" ", "")
        # Offsets shade from the first to the last; coordinates are all different anyway.
        return _Cell(text, value if plain else row * columns + column)

    rows = [[cell(r, c, v) for c, v in enumerate(line)] for r, line in enumerate(values)]
    low = min(c.group for line in rows for c in line)
    rows = [[_Cell(c.text, c.group - low) for c in line] for line in rows]
    return _Grid(str(layout), rows, 1 + max(c.group for line in rows for c in line))


def _threads(tv: Layout | SwizzledLayout, tile: tuple[int, ...]) -> _Grid:
    if rank(tv) != 2:
        raise EnigmaError(f"{tv} is no thread-value layout: it has {rank(tv)} modes, not 2")
    shape = Layout(tile)
    rows, columns = _extents(shape)
    owners: list[list[_Cell | None]] = [[None] * columns for _ in range(rows)]
    threads, values = size(tv, mode=[0]), size(tv, mode=[1])
    if threads * values > _MAX_CELLS:
        raise EnigmaError(
            f"{tv} has {threads * values} elements; a picture shows at most {_MAX_CELLS}"
        )
    for thread in range(threads):
        for value in range(values):
            index = crd2idx((thread, value), tv)
            if not 0 <= index < rows * columns:
                raise EnigmaError(
                    f"value {value} of thread {thread} is element {index} in {tv}, "
                    f"outside of the tile {tile}"
                )
            owners[index % rows][index // rows] = _Cell(f"T{thread}V{value}", thread)
    empty = _Cell("", -1)
    grid = [[cell or empty for cell in line] for line in owners]
    return _Grid(f"{tv} in {shape.shape}", grid, threads)


def _banks(layout: Layout | SwizzledLayout, bits: int) -> _Grid:
    if bits < 1:
        raise EnigmaError(f"an element has at least 1 bit, not {bits}")
    _, _, values = _values(layout)

    def cell(offset: Any) -> _Cell:
        bank = offset * bits // BANK_BITS % BANKS
        return _Cell(str(bank), bank)

    grid = [[cell(offset) for offset in line] for line in values]
    return _Grid(f"banks of {layout}, {bits} bits each", grid, BANKS)


def _grid(layout: Any, tile: tuple[int, ...] | None, bits: int | None) -> _Grid:
    if tile is not None and bits is not None:
        raise EnigmaError("a picture shows threads (tile=) or banks (bits=), not both")
    if tile is not None:
        return _threads(layout, tile)
    if bits is not None:
        if any(isinstance(step, Basis) for step in _flat(layout.stride)):
            raise EnigmaError(f"the offsets of {layout} are coordinates, which are in no bank")
        return _banks(layout, bits)
    return _offsets(layout)


def _flat(x: Any) -> Iterator[Any]:
    if isinstance(x, tuple):
        for mode in x:
            yield from _flat(mode)
    else:
        yield x


def _colour(group: int, groups: int) -> tuple[int, int, int]:
    """A light colour; neighbours differ in hue where there are few groups."""
    hue = group / max(groups, 1)
    red, green, blue = colorsys.hls_to_rgb(hue * 0.92, 0.82 if group % 2 else 0.74, 0.70)
    return round(255 * red), round(255 * green), round(255 * blue)


# --- Terminal -------------------------------------------------------------------------------------


def text(
    layout: Any,
    *,
    tile: tuple[int, ...] | None = None,
    bits: int | None = None,
    colour: bool = False,
) -> str:
    """Draw a layout as a table of text.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile.
    bits : int, optional
        Show banks, for elements of so many bits.
    colour : bool
        With ANSI colours.

    Returns
    -------
    str
        The layout, then one line for each row.

    Raises
    ------
    EnigmaError
        If the layout is too large, or not static.
    """
    grid = _grid(layout, tile, bits)
    width = max(len(cell.text) for line in grid.rows for cell in line)
    width = max(width, len(str(len(grid.rows[0]) - 1)))
    margin = len(str(len(grid.rows) - 1))
    header = " ".join(f"{column:>{width}}" for column in range(len(grid.rows[0])))
    lines = [grid.title, f"{'':{margin}} | {header}", "-" * (margin + 1) + "+" + "-" * len(header)]
    lines[-1] += "-"
    for number, row in enumerate(grid.rows):
        cells = []
        for cell in row:
            shown = f"{cell.text:>{width}}"
            if colour and cell.group >= 0:
                red, green, blue = _colour(cell.group, grid.groups)
                shown = f"\033[30;48;2;{red};{green};{blue}m{shown}\033[0m"
            cells.append(shown)
        lines.append(f"{number:>{margin}} | " + " ".join(cells))
    return "\n".join(lines)


def show(layout: Any, *, tile: tuple[int, ...] | None = None, bits: int | None = None) -> None:
    """Print a layout as a table, in colours if the output is a terminal.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile.
    bits : int, optional
        Show banks, for elements of so many bits.

    Raises
    ------
    EnigmaError
        If the layout is too large, or not static.
    """
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(text(layout, tile=tile, bits=bits, colour=colour))


# --- SVG ------------------------------------------------------------------------------------------


def svg(
    layout: Any,
    path: str | Path | None = None,
    *,
    tile: tuple[int, ...] | None = None,
    bits: int | None = None,
) -> str:
    """Draw a layout as SVG.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    path : str or Path, optional
        A file to write as well; its folder must exist.
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile.
    bits : int, optional
        Show banks, for elements of so many bits.

    Returns
    -------
    str
        The SVG element.

    Raises
    ------
    EnigmaError
        If the layout is too large, or not static.
    """
    grid = _grid(layout, tile, bits)
    rows, columns = len(grid.rows), len(grid.rows[0])
    longest = max(len(cell.text) for line in grid.rows for cell in line)
    cell_width = max(_CELL_WIDTH, 9 * longest + 12)
    width = max(_MARGIN + columns * cell_width, _MARGIN + 8 * len(grid.title)) + 12
    height = 2 * _MARGIN + rows * _CELL_HEIGHT + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="monospace" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{_MARGIN}" y="20" font-weight="bold">{escape(grid.title)}</text>',
    ]

    def label(x: float, y: float, what: str, colour: str) -> str:
        return (
            f'<text x="{x:g}" y="{y:g}" text-anchor="middle" fill="{colour}">{escape(what)}</text>'
        )

    top = 2 * _MARGIN
    for column in range(columns):
        x = _MARGIN + (column + 0.5) * cell_width
        parts.append(label(x, top - 8, str(column), "#666"))
    for number, row in enumerate(grid.rows):
        y = top + number * _CELL_HEIGHT
        baseline = y + _CELL_HEIGHT / 2 + 4.5
        parts.append(label(_MARGIN / 2, baseline, str(number), "#666"))
        for column, cell in enumerate(row):
            x = _MARGIN + column * cell_width
            fill = "#fff"
            if cell.group >= 0:
                fill = "#{:02x}{:02x}{:02x}".format(*_colour(cell.group, grid.groups))
            parts.append(
                f'<rect x="{x}" y="{y}" width="{cell_width}" height="{_CELL_HEIGHT}" '
                f'fill="{fill}" stroke="#555"/>'
            )
            parts.append(label(x + cell_width / 2, baseline, cell.text, "#000"))
    parts.append("</svg>")
    picture = "\n".join(parts)
    if path is not None:
        Path(path).write_text(picture + "\n", encoding="utf-8")
    return picture


# --- Banks ----------------------------------------------------------------------------------------


def bank_conflicts(
    layout: Layout | SwizzledLayout, access: Layout | None = None, bits: int = 32
) -> list[int]:
    """Count how often threadgroup memory is accessed in turn for one access of a SIMD group.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
        Of the threadgroup array, in elements.
    access : Layout, optional
        From ``(thread, step)`` to a 1-D coordinate of `layout`; of at most 32 threads. By default,
        32 threads access neighbouring coordinates in each step.
    bits : int
        Of an element.

    Returns
    -------
    list of int
        For each step, the most words of 4 bytes that any of the 32 banks must serve: 1 is free of
        conflicts. Threads that access one word share it.

    Raises
    ------
    EnigmaError
        If the access has more than 32 threads, or goes beyond the layout.
    """
    if access is None:
        threads = min(BANKS, size(layout))
        access = Layout((threads, size(layout) // threads))
    if rank(access) != 2 or size(access, mode=[0]) > BANKS:
        raise EnigmaError(
            f"the access {access} is no layout of at most {BANKS} threads and their steps"
        )
    ways = []
    for step in range(size(access, mode=[1])):
        words: dict[int, set[int]] = {}
        for thread in range(size(access, mode=[0])):
            index = access((thread, step))
            if not 0 <= index < size(layout):
                raise EnigmaError(
                    f"thread {thread} accesses coordinate {index} in step {step}, outside of the "
                    f"{size(layout)} of {layout}"
                )
            first = layout(index) * bits
            for word in range(first // BANK_BITS, (first + bits - 1) // BANK_BITS + 1):
                words.setdefault(word % BANKS, set()).add(word)
        ways.append(max(map(len, words.values())))
    return ways
