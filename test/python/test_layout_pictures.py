# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures show what the layout says, and refuse what they cannot show."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import enigma.layout as el
from enigma import pictures
from enigma.compiler.errors import EnigmaError
from enigma.layout import Layout

SVG = "{http://www.w3.org/2000/svg}"


def test_table_of_offsets(capsys: pytest.CaptureFixture[str]) -> None:
    Layout((2, 3), (3, 1)).show()
    assert capsys.readouterr().out.splitlines() == [
        "(2,3):(3,1)",
        "  | 0 1 2",
        "--+------",
        "0 | 0 1 2",
        "1 | 3 4 5",
    ]


def test_table_of_threads() -> None:
    tiler, tv = el.make_layout_tv(Layout((2, 2), (2, 1)), Layout((1, 2)))
    rows = pictures.text(tv, tile=tiler).splitlines()[3:]
    assert [row.split("|")[1].split() for row in rows] == [
        ["T0V0", "T0V1", "T1V0", "T1V1"],
        ["T2V0", "T2V1", "T3V0", "T3V1"],
    ]


def test_colours_are_of_threads() -> None:
    tiler, tv = el.make_layout_tv(Layout((2, 2), (2, 1)), Layout((1, 2)))
    text = pictures.text(tv, tile=tiler, colour=True)
    cells = re.findall(r"\033\[30;48;2;([\d;]+)m *T(\d)V", text)
    assert len(cells) == 8
    assert len(set(cells)) == len({thread for _, thread in cells}) == 4


@pytest.mark.parametrize(
    "layout",
    [
        Layout((4, 8), (8, 1)),
        Layout(((2, 2), (2, 4)), ((1, 8), (-2, 16))),
        Layout(5),
        el.swizzle(Layout((8, 8), (8, 1)), 3, 0, 3),
        el.make_identity_layout((3, 4)),
    ],
)
def test_svg_shows_every_offset(layout: Any, tmp_path: Path) -> None:
    path = tmp_path / "layout.svg"
    picture = layout.svg(path)
    assert path.read_text() == picture + "\n"
    assert layout._repr_svg_() == picture
    root = ElementTree.fromstring(picture)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts[0] == str(layout)
    offsets = [str(layout(i)).replace(" ", "") for i in range(el.size(layout))]
    for offset in set(offsets):
        assert texts.count(offset) >= offsets.count(offset)
    # One rectangle a cell, and the background.
    assert len(list(root.iter(f"{SVG}rect"))) == el.size(layout) + 1


def test_banks() -> None:
    rows = pictures.text(Layout((2, 64)), bits=16).splitlines()[3:]
    first = [int(cell) for cell in rows[0].split("|")[1].split()]
    assert first == [column % 32 for column in range(64)]


def test_bank_conflicts() -> None:
    tile = Layout((32, 32), (32, 1))
    by_rows = Layout((32, 32), (32, 1))
    # Neighbours in mode 0 are 32 words apart: all in one bank.
    assert pictures.bank_conflicts(tile) == [32] * 32
    assert pictures.bank_conflicts(tile, by_rows) == [1] * 32
    for free in (el.swizzle(tile, 5, 0, 5), Layout((32, 32), (33, 1))):
        assert pictures.bank_conflicts(free) == [1] * 32
        assert pictures.bank_conflicts(free, by_rows) == [1] * 32
    assert pictures.bank_conflicts(Layout((32, 2), (0, 1))) == [1, 1]
    assert pictures.bank_conflicts(Layout(32), bits=16) == [1]
    assert pictures.bank_conflicts(Layout(32), bits=64) == [2]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: Layout((1000, 1000)).svg(), "at most 16384"),
        (lambda: Layout((el.dyn("n"), 4)).show(), "needs static"),
        (lambda: Layout((4, 4)).svg(tile=(4, 4), bits=32), "not both"),
        (lambda: Layout(4).svg(tile=(4,)), "no thread-value layout"),
        (lambda: Layout((4, 4)).svg(tile=(2, 2)), "outside of the tile"),
        (lambda: Layout(4).svg(bits=0), "at least 1 bit"),
        (lambda: el.make_identity_layout((4, 4)).svg(bits=8), "in no bank"),
        (lambda: pictures.bank_conflicts(Layout(64), Layout(64)), "at most 32 threads"),
        (lambda: pictures.bank_conflicts(Layout(4), Layout((4, 4))), "outside of the 4"),
    ],
)
def test_no_picture(draw: Any, message: str) -> None:
    with pytest.raises(EnigmaError, match=message):
        draw()


def test_what_has_no_picture_has_a_repr() -> None:
    assert Layout((1000, 1000))._repr_svg_() is None
    assert Layout((el.dyn("n"), 4))._repr_svg_() is None
