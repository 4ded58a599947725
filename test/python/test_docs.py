# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The documentation's snippets run, and print what the page says they print.

The ``python`` blocks of a page are one program. Where a block of another language
follows one at once, it is what the block prints.
"""

import contextlib
import io
import itertools
import linecache
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL)


def snippets(text):
    """For each python block: its line, its code, and what it has to print or None."""
    blocks = list(BLOCK.finditer(text))
    for block, following in itertools.zip_longest(blocks, blocks[1:]):
        if block["language"] != "python":
            continue
        expected = None
        if following and following["language"] in ("metal", "text"):
            between = text[block.end() : following.start()]
            if not between.strip():
                expected = following["body"]
        yield text.count("\n", 0, block.start()) + 1, block["body"], expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    # Errors and source look-ups find their lines in the page itself.
    lines = text.splitlines(keepends=True)
    monkeypatch.setitem(linecache.cache, page.name, (len(text), None, lines, page.name))
    namespace = {"__name__": "__main__"}
    for line, code, expected in snippets(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + code, page.name, "exec"), namespace)
        if expected is not None:
            assert printed.getvalue().strip() == expected.strip(), f"{page.name}:{line}"
