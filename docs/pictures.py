# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draw the pictures of the documentation: ``python docs/pictures.py``.

They are kept in ``docs/images``, where the pages find them; a test compares them with what this
script makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import enigma
from enigma import Layout

IMAGES = Path(__file__).resolve().parent / "images"


def draw(folder: Path) -> None:
    """Write all pictures into a folder."""
    block, copies = Layout((2, 2), (2, 1)), Layout((2, 3))
    tiler, tv = enigma.make_layout_tv(Layout((2, 4), (4, 1)), Layout((2, 2), (2, 1)))
    wide, readme = enigma.make_layout_tv(Layout((4, 32), (32, 1)), Layout((1, 4)))
    # To draw tiles as threads: from the number of a tile, and a place in it, to a coordinate.
    tiles = enigma.zipped_divide(Layout((4, 8)), (2, 4))
    shared = Layout((8, 32), (32, 1))
    pictures: dict[str, tuple[Any, dict[str, Any]]] = {
        "rows": (Layout((4, 8), (8, 1)), {}),
        "columns": (Layout((4, 8)), {}),
        "blocks": (Layout(((2, 2), (2, 4)), ((1, 4), (2, 8))), {}),
        "tiles": (enigma.select(tiles, 1, 0), {"tile": (4, 8)}),
        "blocked": (enigma.blocked_product(block, copies), {}),
        "raked": (enigma.raked_product(block, copies), {}),
        "tv": (tv, {"tile": tiler}),
        "banks": (shared, {"bits": 32}),
        # Of the tile of the README, which is 4 by 128.
        "readme": (readme, {"tile": wide, "limit": (4, 25)}),
        "swizzled-banks": (enigma.swizzle(shared, 5, 0, 5), {"bits": 32}),
    }
    folder.mkdir(exist_ok=True)
    for name, (layout, view) in pictures.items():
        layout.svg(folder / f"{name}.svg", **view)


if __name__ == "__main__":
    draw(IMAGES)
