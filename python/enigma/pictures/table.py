# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layouts as tables of text."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from typing import Any, Literal

from enigma._host_calls import host_function
from enigma.pictures.colours import INK, ink_on, of_256
from enigma.pictures.grids import LIMIT, Cell, Grid, Limit, draw, label


def _painted(text: str, cell: Cell, colour: bool | Literal["256"]) -> str:
    if not colour or cell.group is None:
        return text
    ink = 30 if ink_on(cell.fill) == INK else 97
    if colour == "256":
        return f"\033[{ink};48;5;{of_256(cell.fill)}m{text}\033[0m"
    return "\033[{};48;2;{};{};{}m{}\033[0m".format(ink, *cell.fill, text)


def _names_of_rows(grid: Grid) -> list[str]:
    return [grid.frame.name, *map(label, grid.frame.rows)]


def _columns(grid: Grid) -> list[str]:
    """All that stands in columns, which are equally wide."""
    notes = [note.text for note in grid.column_notes if note]
    cells = ["".join(cell.lines) for row in grid.cells for cell in row]
    return [*map(label, grid.frame.columns), *cells, *notes]


def text(
    layout: object,
    *,
    tile: tuple[int, ...] | None = None,
    bits: int | None = None,
    limit: Limit = LIMIT,
    colour: bool | Literal["256"] = False,
) -> str:
    """Draw a layout as a table of text.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile.
    bits : int, optional
        Show banks, for elements of so many bits.
    limit : int or (int, int)
        Of more rows or columns, leave out the middle.
    colour : bool or "256"
        With ANSI colours: any, or of the 256 that all terminals know.

    Returns
    -------
    str
        The layout, then one line for each row. ``T0V1+2`` is an element that two more own.

    Raises
    ------
    EnigmaError
        If the layout is not static, a view does not fit it, or a thread-value layout has more than
        65536 elements.

    Examples
    --------
    >>> print(text(Layout((2, 3), (3, 1))))
    (2,3):(3,1)
      | 0 1 2
    --+------
    0 | 0 1 2
    1 | 3 4 5
    """
    picture = draw(layout, tile, bits, limit)
    margin = max(len(name) for grid in picture.grids for name in _names_of_rows(grid))
    width = max(len(what) for grid in picture.grids for what in _columns(grid))
    lines = [picture.title]
    for grid in picture.grids:
        frame = grid.frame
        header = " ".join(f"{label(column):>{width}}" for column in frame.columns)
        rule = "-" * (margin + 1) + "+" + "-" * (len(header) + 1)
        lines += [f"{frame.name:>{margin}} | {header}", rule]
        for number, row, note in itertools.zip_longest(frame.rows, grid.cells, grid.row_notes):
            cells = (_painted(f"{''.join(cell.lines):>{width}}", cell, colour) for cell in row)
            end = f" | {note.text}" if note else ""
            lines.append(f"{label(number):>{margin}} | " + " ".join(cells) + end)
        if grid.column_notes:
            feet = (f"{note.text if note else '':>{width}}" for note in grid.column_notes)
            lines += [rule, f"{'':{margin}} | {' '.join(feet)}"]
    return "\n".join([*lines, *picture.remarks])


@host_function(name="enigma.pictures.show")
def show(
    layout: object,
    *,
    tile: tuple[int, ...] | None = None,
    bits: int | None = None,
    limit: Limit | None = None,
) -> None:
    """Print a layout as a table, in colours if the output is a terminal.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile.
    bits : int, optional
        Show banks, for elements of so many bits.
    limit : int or (int, int), optional
        Of more rows or columns, leave out the middle. By default 64 rows, and the columns that fit
        into the terminal.

    Raises
    ------
    EnigmaError
        As `text`.
    """
    terminal = sys.stdout.isatty()
    colour: bool | Literal["256"] = False
    if terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb":
        colour = True if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256"
    if limit is None:
        limit = _fitting(layout, tile, bits) if terminal else LIMIT
    print(text(layout, tile=tile, bits=bits, limit=limit, colour=colour))


def _fitting(layout: Any, tile: Any, bits: int | None) -> Limit:
    """As many columns as the terminal has room for."""
    room = shutil.get_terminal_size().columns
    columns = LIMIT
    while columns > 2:
        table = text(layout, tile=tile, bits=bits, limit=(LIMIT, columns)).splitlines()
        widest = max(len(line) for line in table if " | " in line)
        if widest <= room:
            break
        columns = max(2, columns * room // widest)
    return LIMIT, columns
