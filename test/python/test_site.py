# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The site of the documentation has everything, and can be built."""

import importlib.util
import os
import pathlib
import re
import runpy
import subprocess
import sys

import pytest

import enigma
import enigma.pictures

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = sorted((DOCS / "api").glob("*.md"))
# Made from records and docstrings.
GENERATED = {DOCS / "features.md", DOCS / "errors.md"}
BY_HAND = sorted({*DOCS.rglob("*.md")} - {*REFERENCE} - GENERATED)
TABLE = re.compile(r"<!-- table: \w+ -->.*?<!-- end -->", re.DOTALL)
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
DIRECTIVE = re.compile(r"^::: (?P<of>[\w.]+)\n(?P<body>(?: +.*\n)+)", re.MULTILINE)
MEMBER = re.compile(r"^ +- (?P<name>\w+)$", re.MULTILINE)


def sentences():
    """Give what people wrote, by paragraph, item and row of a table."""
    for page in BY_HAND:
        text = FENCE.sub("", TABLE.sub("", page.read_text()))
        for paragraph in re.split(r"\n\s*\n|\n(?=\s*[-*|] )|\n(?=\|)", text):
            # A list of names is no sentence.
            if len(CODE.sub("", paragraph).split()) >= 5:
                yield paragraph


def test_every_public_name_is_told_of():
    told = set()
    for sentence in sentences():
        for code in CODE.findall(sentence):
            told.update(re.findall(r"\w+", code))
    assert sorted(set(enigma.__all__) - told) == []


def test_a_name_that_no_page_has_would_be_found():
    names = {name for sentence in sentences() for name in re.findall(r"\w+", sentence)}
    assert "simd_sum" in names
    assert "no_function_of_enigma" not in names


def test_the_reference_has_every_public_name_once():
    listed = {"enigma": [], "enigma.pictures": []}
    for page in REFERENCE:
        for directive in DIRECTIVE.finditer(page.read_text()):
            listed[directive["of"]] += MEMBER.findall(directive["body"])
    assert sorted(listed["enigma"]) == sorted(enigma.__all__)
    assert sorted(listed["enigma.pictures"]) == sorted(enigma.pictures.__all__)


def test_the_page_of_errors_has_every_class():
    script = runpy.run_path(str(DOCS / "functions.py"))
    page = (DOCS / "errors.md").read_text()
    assert page == script["error_index"]()
    titles = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert {"KernelFault", "ToolchainError", "CompilationError"} < set(titles)
    assert len(titles) == len(set(titles)) == len(script["error_classes"]())


@pytest.mark.skipif(
    any(importlib.util.find_spec(each) is None for each in ("mkdocs", "mkdocstrings", "nbconvert")),
    reason="the extra `docs` is not installed: pip install '.[docs]'",
)
def test_the_site_can_be_built(tmp_path):
    reference = ROOT / "build" / "docs" / "reference" / "dialect.md"
    if not reference.exists():
        pytest.skip("the reference of the dialect is not built: ninja -C build enigma-docs")
    package = str(pathlib.Path(enigma.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": package, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert {"index.html", "operations.html", "passes.html", "errors.html"} <= pages
    assert {f"api/{page.stem}.html" for page in REFERENCE} <= pages
    for page in sorted(tmp_path.rglob("*.html")):
        text = page.read_text()
        # With the network off: what a page loads lies beside it.
        loaded = re.findall(r'<(?:script|img)[^>]*\bsrc="([^"]*)"', text)
        loaded += re.findall(r'<link[^>]*\brel="(?:stylesheet|icon|preload)"[^>]*>', text)
        assert not [each for each in loaded if "//" in each], page
        # A page of the reference that nobody can open helps nobody.
        assert page.stat().st_size < 1 << 20, page
        if page.name != "404.html":  # whose links are the server's
            targets = re.findall(r'<a [^>]*\bhref="([^"#:?]+)[^":]*"', text)
            assert [each for each in targets if not (page.parent / each).exists()] == [], page
    # What is public has its entry.
    linked = {
        name
        for page in tmp_path.glob("api/*.html")
        for name in re.findall(r'id="enigma\.(?:pictures\.)?(\w+)"', page.read_text())
    }
    assert sorted({*enigma.__all__, *enigma.pictures.__all__} - linked) == []
    notebook = (tmp_path / "notebook.html").read_text()
    assert "enigma_kernel_scale_add" in notebook
    assert notebook.count("<svg xmlns") >= 4
    operations = (tmp_path / "operations.html").read_text()
    assert '<div class="toc">' in operations
    assert "[TOC]" not in operations
