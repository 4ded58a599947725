# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of layouts: tables for a terminal, SVG for a notebook or a file.

A layout is drawn as a grid with mode 0 downwards and mode 1 to the right; a layout of one mode is
one row, and further modes give one grid for each of their coordinates. Three views:

- offsets: each cell shows the offset of its coordinate, darker where it is greater;
- threads (``tile=``): of a thread-value layout and the shape of its tile, each cell of the tile
  shows who owns it;
- banks (``bits=``): each cell shows the bank of threadgroup memory that its element begins in. At
  the end of each row and column stands in how many turns a SIMD group accesses it.

Of a grid with more rows or columns than `limit`, the middle is left out. Colours keep their
differences for colour-blind readers, and nothing is said by colour alone.
"""

from enigma.pictures.conflicts import bank_conflicts
from enigma.pictures.drawing import html, svg
from enigma.pictures.table import show, text

__all__ = ["bank_conflicts", "html", "show", "svg", "text"]
