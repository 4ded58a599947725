# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures show what the layout says, and refuse what they cannot show."""

from __future__ import annotations

import io
import itertools
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import enigma.layout as el
from enigma import pictures
from enigma.errors import EnigmaError
from enigma.layout import Layout
from enigma.pictures.colours import INK, PALETTE, WHITE, ink_on, of_group, of_rank

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
    rows = pictures.text(tv, tile=tiler).splitlines()[3:-1]
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
    assert pictures.bank_conflicts(Layout((32, 2), (32, 1))) == [32, 32]
    # The last threads are fewer.
    assert pictures.bank_conflicts(Layout(40, 32)) == [32, 8]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: Layout((1000, 1000)).svg(tile=(1000, 1000)), "at most 65536"),
        (lambda: Layout((4, 4)).svg(limit=1), "at least 2 rows"),
        (lambda: Layout((4, 4)).show(limit=(4, 0)), "at least 2 rows"),
        (lambda: Layout((el.dyn("n"), 4)).show(), "needs static"),
        (lambda: Layout((4, 4)).svg(tile=(4, 4), bits=32), "not both"),
        (lambda: Layout(4).svg(tile=(4,)), "no thread-value layout"),
        (lambda: Layout((4, 4)).svg(tile=(2, 2)), r"outside of the tile \(2,2\)"),
        (lambda: Layout((2, 2, 2)).svg(tile=(2, 4)), "it has 3 modes, not 2"),
        (lambda: Layout((el.dyn("n"), 4)).svg(tile=(2, 4)), "needs static"),
        (lambda: el.make_identity_layout((4, 4)).svg(tile=(4, 4)), "no elements of a tile"),
        (lambda: Layout(4).svg(bits=0), "at least 1 bit"),
        (lambda: Layout(2**62).svg(bits=8), "threadgroup memory 262144 bits"),
        (lambda: Layout(4).svg(bits=2**64), "at most the 1024 of all banks"),
        (lambda: pictures.bank_conflicts(Layout(4), bits=2**64), "at most the 1024 of all banks"),
        (lambda: pictures.bank_conflicts(Layout(2**40)), "threadgroup memory 262144 bits"),
        (
            lambda: pictures.bank_conflicts(Layout(4), Layout((4, 2**40), (1, 0))),
            "threadgroup memory 262144 bits",
        ),
        (lambda: Layout(4).svg(bits="8"), "bits .* an int"),
        (lambda: Layout(4).svg(bits=True), "bits .* an int"),
        (lambda: Layout(4).show(limit=8.0), "limit .* an int"),
        (lambda: Layout(4).show(limit=(8, None)), "limit .* an int"),
        (lambda: Layout(4).svg(limit=(8,)), "two in a tuple"),
        (lambda: el.make_identity_layout((4, 4)).svg(bits=8), "in no bank"),
        (lambda: pictures.bank_conflicts(Layout(64), Layout(64)), "at most 32 threads"),
        (lambda: pictures.bank_conflicts(Layout(4), Layout((4, 4))), "outside of the 4"),
        (lambda: pictures.bank_conflicts(Layout(el.dyn("n"))), "no numbers"),
        (lambda: pictures.bank_conflicts(el.make_identity_layout((4, 2))), "no numbers"),
    ],
)
def test_no_picture(draw: Any, message: str) -> None:
    with pytest.raises(EnigmaError, match=message):
        draw()


def test_what_has_no_picture_has_a_repr() -> None:
    dynamic = Layout((el.dyn("n"), 4))
    for layout in (dynamic, el.swizzle(dynamic, 2, 0, 2)):
        assert layout._repr_svg_() is None
        assert layout._repr_html_() is None


def texts_of(picture: str) -> list[str | None]:
    return [text.text for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("layout", [Layout((4, 8), (8, 1)), el.swizzle(Layout((8, 8)), 3, 0, 3)])
def test_notebooks_show_pictures(layout: Any) -> None:
    # The two methods that notebooks look for; HTML where there is no viewer of SVG.
    picture = layout._repr_svg_()
    assert texts_of(picture)[0] == str(layout)
    root = ElementTree.fromstring(layout._repr_html_())
    assert root.tag == "div"
    assert [child.tag for child in root] == [f"{SVG}svg"]
    assert picture in layout._repr_html_()


def test_notebooks_do_not_keep_large_pictures() -> None:
    for layout in (Layout((1000, 1000)), Layout((4, 4, 4, 1000))):
        assert len(layout._repr_html_()) < 300_000


def test_rank_1_is_a_row() -> None:
    assert pictures.text(Layout(4, 3)).splitlines() == [
        "4:3",
        "  | 0 1 2 3",
        "--+--------",
        "0 | 0 3 6 9",
    ]
    nested = pictures.text(Layout(((2, 2),), ((3, 6),))).splitlines()
    assert nested[1:] == pictures.text(Layout(4, 3)).splitlines()[1:]


def test_further_modes_are_grids_of_their_own() -> None:
    assert pictures.text(Layout((2, 3, 2), (3, 1, 60))).splitlines() == [
        "(2,3,2):(3,1,60)",
        "(_,_,0) |  0  1  2",
        "--------+---------",
        "      0 |  0  1  2",
        "      1 |  3  4  5",
        "(_,_,1) |  0  1  2",
        "--------+---------",
        "      0 | 60 61 62",
        "      1 | 63 64 65",
    ]
    names = [text for text in texts_of(Layout((2, 3, 2, 2)).svg()) if text and "_" in text]
    assert names == ["(_,_,0,0)", "(_,_,1,0)", "(_,_,0,1)", "(_,_,1,1)"]


def test_swizzled_offsets() -> None:
    swizzled = el.swizzle(Layout((2, 4), (4, 1)), 1, 0, 2)
    assert [row.split(" | ")[1] for row in pictures.text(swizzled).splitlines()[3:]] == [
        "0 1 2 3",
        "5 4 7 6",
    ]


def test_the_middle_of_a_large_layout_is_left_out() -> None:
    assert pictures.text(Layout((100, 100), (100, 1)), limit=(4, 5)).splitlines() == [
        "(100,100):(100,1)",
        "   |    0    1    2    …   99",
        "---+-------------------------",
        " 0 |    0    1    2    …   99",
        " 1 |  100  101  102    …  199",
        " … |    …    …    …    …    …",
        "99 | 9900 9901 9902    … 9999",
    ]
    shown = texts_of(Layout((1000, 1000)).svg())
    assert shown.count("…") == 2 + 64 + 63
    assert "999999" in shown
    assert pictures.text(Layout((2, 2, 40))).splitlines()[-1] == "and 24 more grids"
    assert texts_of(Layout((2, 2, 40)).svg())[-1] == "and 24 more grids"


@pytest.mark.parametrize(
    ("layout", "options"),
    [
        (Layout(100), {}),
        (Layout((12, 11), (100, -1)), {}),
        (Layout((2, 3, 4, 5)), {}),
        (el.make_identity_layout((3, 11, 2)), {}),
        (Layout((100, 100)), {"limit": 7}),
        (Layout((12, 40), (40, 1)), {"bits": 32}),
        (Layout((128, 2)), {"tile": (16, 16)}),
        (el.swizzle(Layout((8, 16), (16, 1)), 3, 0, 4), {"bits": 16}),
    ],
)
def test_columns_are_aligned(layout: Any, options: dict[str, Any]) -> None:
    lines = pictures.text(layout, **options).splitlines()[1:]
    bars = {line.index("|") for line in lines if "|" in line}
    bars |= {line.index("+") for line in lines if "-+-" in line}
    assert len(bars) == 1
    widths = {len(line.rsplit(" | ", line.count("|") - 1)[0]) for line in lines if "|" in line}
    assert len(widths) == 1
    # Colours take no room.
    coloured = pictures.text(layout, colour=True, **options)
    assert "\033[" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == pictures.text(layout, **options)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_in_terminal(monkeypatch: pytest.MonkeyPatch, layout: Any, **settings: str) -> str:
    for name in ("NO_COLOR", "COLORTERM", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    layout.show()
    return terminal.getvalue()


def test_colours_only_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = Layout((2, 3), (3, 1))
    layout.show()
    plain = capsys.readouterr().out
    assert "\033" not in plain
    assert "\033[30;48;2;" in shown_in_terminal(monkeypatch, layout, COLORTERM="truecolor")
    few = shown_in_terminal(monkeypatch, layout, TERM="xterm-256color")
    assert "48;2;" not in few
    assert all(16 <= int(n) < 232 for n in re.findall(r"\033\[30;48;5;(\d+)m", few))
    assert len(re.findall(r"48;5;", few)) == 6
    assert shown_in_terminal(monkeypatch, layout, COLORTERM="truecolor", NO_COLOR="1") == plain
    assert shown_in_terminal(monkeypatch, layout, TERM="dumb") == plain


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_tables_fit_into_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    layout = Layout((4, 64), (64, 1))
    shown = shown_in_terminal(monkeypatch, layout, NO_COLOR="1", COLUMNS=str(columns))
    widest = max(map(len, shown.splitlines()))
    # As wide as it may be: one more column would not fit.
    assert columns - 8 < widest <= columns
    assert shown.splitlines()[1].endswith("63")


def test_an_element_with_several_owners() -> None:
    rows = pictures.text(Layout((4, 2), (0, 1)), tile=(1, 3)).splitlines()[3:]
    assert rows[0].split("|")[1].split() == ["T0V0+3", "T0V1+3"]


def test_bank_view_counts_turns() -> None:
    rows = pictures.text(Layout((4, 4), (32, 1)), bits=32).splitlines()
    assert [row.split(" | ")[1:] for row in rows[3:7]] == [[" 0  1  2  3", "x1"]] * 4
    assert rows[8].split("|")[1].split() == ["x4"] * 4
    free = pictures.text(el.swizzle(Layout((4, 4), (32, 1)), 2, 0, 5), bits=32)
    assert set(re.findall(r"x\d+", free)) == {"x1"}
    # Wide elements take turns by nature; that is no conflict.
    wide = Layout((1, 32)).svg(bits=64)
    assert "x2" in texts_of(wide)
    assert "bold" not in wide.split("</text>", 1)[1]
    assert "bold" in Layout((32, 1), (32, 1)).svg(bits=32).split("</text>", 1)[1]


def test_banks_of_any_rank() -> None:
    # One row has no columns to be accessed.
    assert pictures.text(Layout(4, 32), bits=32).splitlines()[3:] == [
        "0 | 0 0 0 0 | x4",
        "xN: up to 32 neighbours are accessed in N turns",
    ]
    cube = pictures.text(Layout((2, 2, 2), (32, 1, 2)), bits=32).splitlines()
    assert [line for line in cube if "x" in line][:-1] == [
        "      0 |  0  1 | x1",
        "      1 |  0  1 | x1",
        "        | x2 x2",
        "      0 |  2  3 | x1",
        "      1 |  2  3 | x1",
        "        | x2 x2",
    ]


def test_tiles_of_any_rank() -> None:
    line = pictures.text(Layout((2, 2), (2, 1)), tile=(4,)).splitlines()
    assert line[3:] == ["0 | T0V0 T0V1 T1V0 T1V1", "Tt Vv: value v of thread t"]
    cube = pictures.text(Layout((4, 2), (2, 1)), tile=(2, 2, 2)).splitlines()
    assert cube[0] == "(4,2):(2,1) in (2,2,2)"
    assert cube[3:5] == ["      0 | T0V0 T1V0", "      1 | T0V1 T1V1"]
    assert cube[7:9] == ["      0 | T2V0 T3V0", "      1 | T2V1 T3V1"]


def test_swizzled_plans() -> None:
    plan = el.swizzle(Layout((4, 4), (4, 1)), 2, 0, 2)
    rows = pictures.text(plan, tile=(4, 4)).splitlines()[3:-1]
    # Element 4 + (1 ^ v) is value v of thread 1.
    assert [row.split(" | ")[1].split()[1] for row in rows] == ["T1V1", "T1V0", "T1V3", "T1V2"]


def test_lines_part_threads_and_blocks() -> None:
    def thick(picture: str) -> int:
        (style,) = re.findall(r'<path d="([^"]*)"[^>]*stroke-width="1.6"', picture)
        return style.count("M")

    # Four lines around the grid; then between the owners, or the inner blocks.
    assert thick(Layout((4, 4)).svg()) == 4
    assert thick(Layout(((2, 2), 4)).svg()) == 4 + 4
    tiler, tv = el.make_layout_tv(Layout((2, 2)), Layout((1, 2)))
    assert thick(tv.svg(tile=tiler)) == 4 + 4 + 2


@pytest.mark.parametrize(
    ("layout", "options"),
    [
        (Layout(3), {}),
        (Layout((2, 3, 40), (3, 1, 10**9)), {}),
        (Layout((128, 2)), {"tile": (16, 16)}),
        (Layout((32, 2), (1000, 1)), {"bits": 32}),
    ],
)
def test_nothing_is_cut_off(layout: Any, options: dict[str, Any]) -> None:
    root = ElementTree.fromstring(layout.svg(**options))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for text in root.iter(f"{SVG}text"):
        length = 0.6 * 13 * len(text.text or "")
        part = {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor", ""), 0.0)
        left = float(text.get("x", 0)) - part * length
        assert left >= 0
        assert left + length <= width
        assert 13 <= float(text.get("y", 0)) <= height
    for box in root.iter(f"{SVG}rect"):
        assert float(box.get("x", 0)) + float(box.get("width", 0)) <= width
        assert float(box.get("y", 0)) + float(box.get("height", 0)) <= height


# What the three kinds of colour blindness make of linear RGB: Machado, Oliveira and Fernandes, "A
# physiologically-based model for simulation of color vision deficiency", severity 1.
VISIONS = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(colours: Any) -> Any:
    x = np.asarray(colours) / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Any) -> Any:
    return np.cbrt(np.clip(rgb, 0, 1) @ np.transpose(LMS)) @ np.transpose(LAB)


def contrast_with_text(colour: Any) -> Any:
    weights = np.array([0.2126, 0.7152, 0.0722])
    one, other = (linear(each) @ weights + 0.05 for each in (colour, ink_on(colour)))
    return max(one, other) / min(one, other)


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_of_threads_can_be_told_apart(vision: str) -> None:
    colours = oklab(linear(PALETTE) @ np.transpose(VISIONS[vision]))
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(one - other) > 0.08


@pytest.mark.parametrize("vision", VISIONS)
def test_greater_offsets_are_darker(vision: str) -> None:
    shades = linear([of_rank(i / 15) for i in range(16)])
    lightness = oklab(shades @ np.transpose(VISIONS[vision]))[:, 0]
    assert (np.diff(lightness) < -0.01).all()


def test_text_is_readable_on_every_colour() -> None:
    colours = [*PALETTE, *(of_rank(i / 31) for i in range(32))]
    assert min(map(contrast_with_text, colours)) >= 4.5
    assert {ink_on(colour) for colour in PALETTE} == {INK, WHITE}


def test_neighbouring_threads_have_different_colours() -> None:
    assert len({of_group(thread) for thread in range(16)}) == len(PALETTE) == 16
    for power in range(9):
        for thread in range(1000):
            assert of_group(thread) != of_group(thread + 2**power)


@pytest.mark.parametrize("colour", PALETTE)
def test_text_is_written_in_what_is_readable(colour: Any) -> None:
    thread = next(thread for thread in range(16) if of_group(thread) == colour)
    plan = Layout((16, 1), (1, 0))
    root = ElementTree.fromstring(plan.svg(tile=(16,)))
    (text,) = (text for text in root.iter(f"{SVG}text") if text.text == f"T{thread}")
    given = text.get("fill") or root.get("fill")
    assert given == "#{:02x}{:02x}{:02x}".format(*ink_on(colour))
    ansi = pictures.text(plan, tile=(16,), colour=True)
    ink = 30 if ink_on(colour) == INK else 97
    assert "\033[{};48;2;{};{};{}mT{}V0".format(ink, *colour, thread) in ansi.replace("m ", "m")


@pytest.mark.parametrize(
    ("plan", "tile", "legend"),
    [
        (Layout((2, 2)), (4,), "Tt Vv: value v of thread t"),
        (Layout((4, 2), (0, 1)), (2,), "Tt Vv: value v of thread t, +n: n more own the element"),
        (Layout((1, 2)), (4,), "Tt Vv: value v of thread t, empty: none owns it"),
        (
            Layout((2, 2), (0, 1)),
            (2, 2),
            "Tt Vv: value v of thread t, +n: n more own the element, empty: none owns it",
        ),
    ],
)
def test_owners_have_a_legend(plan: Any, tile: Any, legend: str) -> None:
    assert pictures.text(plan, tile=tile).splitlines()[-1] == legend
    assert texts_of(plan.svg(tile=tile))[-1] == legend
