# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layouts as SVG, and as HTML around it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from enigma._files import checked_path, write_file
from enigma._host_calls import host_function
from enigma.pictures.colours import INK, Colour, ink_on
from enigma.pictures.grids import LIMIT, Cell, Grid, Limit, draw, label

#: All in pixels. A character of a monospaced font is 0.6 of its size wide.
_FAMILY = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_FONT, _CHARACTER, _LINE = 13, 7.9, 15
_PAD, _CELL, _GUTTER = 12, 28, 24
#: Grids stand beside each other up to this width.
_WIDEST = 1000
_FAINT, _WARNING = "#59636e", "#b3261e"


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


_INK = _hex(INK)


class Svg(str):
    """A picture as text of SVG, which a notebook shows as the picture."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # What a notebook has in the place of a picture.
        printer.text("<SVG>")

    def _repr_svg_(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return boxed(self)


def boxed(picture: str) -> str:
    """Put a picture into an element of HTML that scrolls if it is wide."""
    return f'<div style="overflow-x: auto">{picture}</div>'


class _Svg:
    """The elements of a picture, and how far they reach."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.right = 0.0
        self.bottom = 0.0

    def text(
        self,
        x: float,
        y: float,
        what: str,
        fill: str = _INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write one line from, around, or up to a point of its baseline."""
        length = _CHARACTER * len(what)
        reach = {"start": length, "middle": length / 2, "end": 0.0}[anchor]
        self.right = max(self.right, x + reach)
        self.bottom = max(self.bottom, y + 4)
        style = "" if anchor == "start" else f' text-anchor="{anchor}"'
        style += ' font-weight="bold"' if bold else ""
        style += f' fill="{fill}"' if fill != _INK else ""
        self.parts.append(f'<text x="{x:g}" y="{y:g}"{style}>{escape(what)}</text>')

    def cell(self, x: float, y: float, width: float, height: float, cell: Cell) -> None:
        self.right, self.bottom = max(self.right, x + width), max(self.bottom, y + height)
        fill, ink = _hex(cell.fill), _hex(ink_on(cell.fill))
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'
        )
        baseline = y + height / 2 + 4.5 - (len(cell.lines) - 1) * _LINE / 2
        for number, what in enumerate(cell.lines):
            if what:
                self.text(x + width / 2, baseline + number * _LINE, what, ink, "middle")

    def lines(self, segments: Iterable[tuple[float, float, float, float]], style: str) -> None:
        path = "".join(f"M{x1:g} {y1:g}L{x2:g} {y2:g}" for x1, y1, x2, y2 in segments)
        if path:
            self.parts.append(f'<path d="{path}" fill="none" {style}/>')


def _add_grid(out: _Svg, grid: Grid, outlines: bool, left: float, top: float) -> None:
    frame = grid.frame
    cells = [cell for row in grid.cells for cell in row]
    notes = [note.text for note in grid.column_notes if note]
    inside = [line for cell in cells for line in cell.lines]
    longest = max(map(len, [*inside, *notes, *map(label, frame.columns)]))
    stacked = max(len(cell.lines) for cell in cells)
    width = max(_CELL, math.ceil(_CHARACTER * longest) + 10)
    height = _CELL + (stacked - 1) * (_LINE - 5)
    if frame.name:
        out.text(left, top + _LINE - 3, frame.name)
        top += _LINE
    x0 = left + _CHARACTER * max(len(label(row)) for row in frame.rows) + 8
    y0 = top + _LINE + 5
    x1, y1 = x0 + width * len(frame.columns), y0 + height * len(frame.rows)

    for i, column in enumerate(frame.columns):
        out.text(x0 + (i + 0.5) * width, y0 - 6, label(column), _FAINT, "middle")
    for i, row in enumerate(frame.rows):
        y = y0 + i * height
        out.text(x0 - 8, y + height / 2 + 4.5, label(row), _FAINT, "end")
        for j, cell in enumerate(grid.cells[i]):
            out.cell(x0 + j * width, y, width, height, cell)

    # Thin lines between all cells; thick ones around blocks, or around what one thread owns.
    below = [(x0, y0 + i * height, x1, y0 + i * height) for i in range(len(frame.rows) + 1)]
    beside = [(x0 + j * width, y0, x0 + j * width, y1) for j in range(len(frame.columns) + 1)]
    out.lines([*below, *beside], f'stroke="{_FAINT}" stroke-width="0.5"')
    thick = [below[0], below[-1], beside[0], beside[-1]]
    groups = [[cell.group for cell in row] for row in grid.cells]
    for i, j in itertools.product(range(len(frame.rows)), range(len(frame.columns))):
        x, y = x0 + j * width, y0 + i * height
        up = groups[i - 1][j] != groups[i][j] if outlines else _opens(frame.rows, i, frame.block[0])
        if i and up:
            thick.append((x, y, x + width, y))
        across = (
            groups[i][j - 1] != groups[i][j]
            if outlines
            else _opens(frame.columns, j, frame.block[1])
        )
        if j and across:
            thick.append((x, y, x, y + height))
    out.lines(thick, f'stroke="{_INK}" stroke-width="1.6" stroke-linecap="square"')

    for i, note in enumerate(grid.row_notes):
        if note:
            fill = _WARNING if note.warns else _FAINT
            out.text(x1 + 8, y0 + (i + 0.5) * height + 4.5, note.text, fill, bold=note.warns)
    for j, note in enumerate(grid.column_notes):
        if note:
            fill = _WARNING if note.warns else _FAINT
            out.text(x0 + (j + 0.5) * width, y1 + _LINE + 2, note.text, fill, "middle", note.warns)


def _opens(shown: list[int | None], at: int, block: int) -> bool:
    """Whether a row or column is the first of an inner block."""
    number = shown[at]
    return number is not None and number % block == 0 and shown[at - 1] is not None


@host_function(name="enigma.pictures.svg")
def svg(
    layout: object,
    path: str | Path | None = None,
    *,
    tile: tuple[int, ...] | None = None,
    bits: int | None = None,
    limit: Limit = LIMIT,
) -> Svg:
    """Draw a layout as SVG.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    path : str or Path, optional
        A file to write as well; missing folders are created.
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile. Lines part what different
        threads own.
    bits : int, optional
        Show banks, for elements of so many bits.
    limit : int or (int, int)
        Of more rows or columns, leave out the middle.

    Returns
    -------
    str
        The SVG element. It has a light ground of its own, for pages of any colour.

    Raises
    ------
    EnigmaError
        As `text`; when the file cannot be written.

    Examples
    --------
    >>> picture = svg(Layout((4, 8), (8, 1)), "rows.svg")
    """
    picture = draw(layout, tile, bits, limit)
    out = _Svg()
    out.text(_PAD, _PAD + _LINE - 3, picture.title, bold=True)
    left, top = float(_PAD), float(_PAD + _LINE + 8)
    for grid in picture.grids:
        part = _Svg()
        _add_grid(part, grid, picture.outlines, left, top)
        if part.right > _WIDEST and left > _PAD:
            left, top = float(_PAD), out.bottom + _GUTTER / 2
            part = _Svg()
            _add_grid(part, grid, picture.outlines, left, top)
        out.parts += part.parts
        out.right, out.bottom = max(out.right, part.right), max(out.bottom, part.bottom)
        left = part.right + _GUTTER
    for remark in picture.remarks:
        out.text(_PAD, out.bottom + _LINE + 4, remark, _FAINT)

    width, height = math.ceil(out.right) + _PAD, math.ceil(out.bottom) + _PAD
    drawing = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{_FAMILY}" '
            f'font-size="{_FONT}" fill="{_INK}">',
            f"<title>{escape(picture.title)}</title>",
            f'<rect width="{width}" height="{height}" rx="6" fill="#fff"/>',
            *out.parts,
            "</svg>",
        ]
    )
    if path is not None:
        write_file(checked_path(path, "the path of a picture"), drawing + "\n")
    return Svg(drawing)


@host_function(name="enigma.pictures.html")
def html(
    layout: object,
    *,
    tile: tuple[int, ...] | None = None,
    bits: int | None = None,
    limit: Limit = LIMIT,
) -> str:
    """Draw a layout as HTML: the picture that `svg` makes, in a box that scrolls if it is wide.

    Parameters
    ----------
    layout : Layout or SwizzledLayout
    tile : tuple of int, optional
        Show threads: `layout` is a thread-value layout into this tile.
    bits : int, optional
        Show banks, for elements of so many bits.
    limit : int or (int, int)
        Of more rows or columns, leave out the middle.

    Returns
    -------
    str
        An HTML element.

    Raises
    ------
    EnigmaError
        As `text`.
    """
    return boxed(svg(layout, tile=tile, bits=bits, limit=limit))
