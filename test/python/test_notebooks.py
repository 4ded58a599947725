# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What notebooks show."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import enigma
from enigma import Layout, Tensor

SOURCE = Path(__file__).read_text()
DOCS = Path(__file__).parents[2] / "docs"


@enigma.kernel
def negate(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n and A[i] < 1:
        B[i] = -A[i]


@enigma.kernel
def first(A, B):
    scratch = enigma.threadgroup_alloc(enigma.f32, 4)
    scratch[0] = A[0, 0]
    B[0, 0] = scratch[0]


@enigma.jit
def one(A, B):
    first(A, B).launch(grid=(2, 1, 1), block=(32, 1, 1))


@enigma.jit
def two(A, B):
    first(A, B).launch(grid=(2, 1, 1), block=(32, 1, 1))
    first(B, A).launch(grid=(1, 1, 1), block=(32, 1, 1))


def tensors() -> list[Tensor]:
    return [Tensor(name, i, "float", Layout((4, 8), (8, 1))) for i, name in enumerate("AB")]


def compiled(what: str) -> Any:
    if what == "kernel":
        with pytest.warns(enigma.EnigmaWarning):
            return enigma.compile(negate, vec_width=4, emit_only=True)
    return enigma.compile(one if what == "launch" else two, *tensors(), emit_only=True)


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        (
            "kernel",
            [
                "enigma_kernel_negate",
                "f32 buffer read",
                "u32 scalar",
                "remark",
                "is not vectorized",
            ],
        ),
        (
            "launch",
            [
                "f32 buffer read (4, 8)",
                "grid (2, 1, 1), block (32, 1, 1)",
                "16 bytes of threadgroup",
            ],
        ),
        ("program", ["two_first_2", "grid (1, 1, 1)"]),
    ],
)
def test_what_was_compiled_shows_itself(what: str, shown: list[str]) -> None:
    result = compiled(what)
    bundle = result._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]
    assert bundle["text/html"] == result._repr_html_()
    root = ElementTree.fromstring(bundle["text/html"])
    text = "".join(root.itertext())
    for part in shown:
        assert part in text
    # The code is what it is, whatever its colours.
    (code,) = root.findall("pre")
    assert "".join(code.itertext()) == result.metal_source.rstrip("\n")
    assert bundle["text/plain"].endswith(result.metal_source.rstrip("\n"))
    assert bundle["text/plain"].count("// remark: ") == len(set(result.remarks))
    if result.remarks:
        line = SOURCE[: SOURCE.index("    if i < n and")].count("\n") + 1
        start = f"// remark: {Path(__file__).name}:{line}: kernel 'enigma_kernel_negate'"
        assert bundle["text/plain"].startswith(start)
        assert "(`if i < n and A[i] < 1:`)" in text
    # It asks for nothing from elsewhere, and leaves the page around it alone.
    assert not re.search(r"https?:|<script|<style|class=", bundle["text/html"])


def test_code_in_notebooks_has_colours() -> None:
    pytest.importorskip("pygments")
    assert re.search(r'<span style="color: [^"]*">kernel</span>', compiled("launch")._repr_html_())


def test_a_picture_is_shown_and_is_a_text() -> None:
    tiler, tv = enigma.make_layout_tv(Layout((2, 4), (4, 1)), Layout((2, 2), (2, 1)))
    for picture in (tv.svg(tile=tiler), Layout((4, 4)).svg(), Layout((4, 32)).svg(bits=32)):
        assert isinstance(picture, str)
        assert type(picture._repr_svg_()) is str
        assert picture._repr_svg_() == picture
        assert ElementTree.fromstring(picture._repr_html_())[0].tag.endswith("svg")
        assert json.loads(json.dumps(picture)) == picture


def test_tensors_show_their_layouts() -> None:
    shown = tensors()[0]._repr_html_()
    assert shown is not None
    root = ElementTree.fromstring(shown)
    assert root[0].text == "<tensor A of f32, (4,8):(8,1)>"
    assert "(4,8):(8,1)" in "".join(root[1].itertext())
    n = enigma.dyn("n")
    assert Tensor("A", 0, "float", Layout((n, 4), (4, 1)))._repr_html_() is None


def shown_by(notebook: Any) -> list[list[dict[str, Any]]]:
    """Give what the cells of a notebook show: texts as they are, and what else there is."""
    return [
        [
            {
                "kinds": sorted(output.get("data", {})),
                "text": output.get("text") or output.get("data", {}).get("text/plain"),
                "name": output.get("name"),
            }
            for output in cell.get("outputs", [])
        ]
        for cell in notebook["cells"]
    ]


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_run_and_show_what_is_kept(path: Path, tmp_path: Path) -> None:
    for module in ("nbclient", "ipykernel"):
        pytest.importorskip(module, reason="needs nbclient and ipykernel: pip install '.[test]'")
    spec = importlib.util.spec_from_file_location("notebooks", DOCS / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    notebooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebooks)
    kept = json.loads(path.read_text())
    run = json.loads(json.dumps(notebooks.executed(path, tmp_path)))
    assert shown_by(run) == shown_by(kept)
    shown = [kind for outputs in shown_by(run) for output in outputs for kind in output["kinds"]]
    assert {"text/html", "text/plain", "image/svg+xml"} <= set(shown)
