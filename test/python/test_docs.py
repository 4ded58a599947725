# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The documentation's snippets run, and print what the page says they print."""

import doctest
import importlib
import pathlib
import re
import runpy

import pytest

import enigma
from enigma.compiler.artifact import Artifact
from enigma.tracing.functions import Jit, Kernel

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?P<target>[^)#\s]*)(#(?P<anchor>[^)\s]+))?\)")
HEADING = re.compile(r"^#+ (?P<title>.*)$", re.MULTILINE)


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_snippets(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outputs = runpy.run_path(str(ROOT / "docs" / "outputs.py"))
    assert page.read_text() == outputs["refreshed"](page)


@pytest.mark.parametrize("page", [p for p in PAGES if ".launch(" in p.read_text()], ids=name_of)
def test_snippets_launch_nothing_that_metal_leaves_undefined(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for kind in (Kernel, Jit, Artifact):
        monkeypatch.setattr(kind, "launch", checked(kind.launch))
    assert "```python" in runpy.run_path(str(ROOT / "docs" / "outputs.py"))["refreshed"](page)


def checked(launch):
    """A launch that is checked, unless it says itself where it runs."""

    def call(self, *arguments, **options):
        if options.get("device") is None:
            options["check"] = True
        return launch(self, *arguments, **options)

    return call


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in LINK.finditer(page.read_text()):
        if "://" in link["target"]:
            continue
        target = page.parent / link["target"] if link["target"] else page
        assert target.exists(), link[0]
        if link["anchor"]:
            # As web sites make them: lower case, hyphens, no punctuation.
            titles = [title.lower() for title in HEADING.findall(target.read_text())]
            anchors = [re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles]
            assert link["anchor"] in anchors, link[0]


def test_pictures_are_those_that_the_script_draws(tmp_path):
    runpy.run_path(str(ROOT / "docs" / "pictures.py"))["draw"](tmp_path)
    drawn = {picture.name: picture.read_text() for picture in tmp_path.iterdir()}
    images = ROOT / "docs" / "images"
    assert drawn == {picture.name: picture.read_text() for picture in images.iterdir()}
    used = {f"images/{name}" for name in drawn}
    links = [link["target"] for page in PAGES for link in LINK.finditer(page.read_text())]
    assert used == {link.removeprefix("docs/") for link in links if "images/" in link}


@pytest.mark.parametrize(
    ("module", "examples"),
    [
        ("enigma._algebra", 24),
        ("enigma.layout", 30),
        ("enigma.pictures.conflicts", 2),
        ("enigma.pictures.drawing", 1),
        ("enigma.pictures.table", 1),
    ],
)
def test_examples_of_the_reference(module, examples, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"enigma": enigma, "Layout": enigma.Layout}
    result = doctest.testmod(importlib.import_module(module), extraglobs=names)
    assert result.failed == 0
    assert result.attempted >= examples
