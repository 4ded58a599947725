# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write into the pages what their snippets print: ``python docs/outputs.py``.

The ``python`` blocks of a page are one program. Where a block of ``metal`` or ``text`` follows one
at once, it is what the block prints. A test compares the pages with what this script makes.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import linecache
import os
import re
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL)


def refreshed(page: Path) -> str:
    """Run a page, and give its text with what it printed."""
    text = page.read_text()
    # Errors and source look-ups find their lines in the page itself.
    linecache.cache[page.name] = (len(text), None, text.splitlines(keepends=True), page.name)
    namespace = {"__name__": "__main__"}
    pieces, position = [], 0
    blocks = list(BLOCK.finditer(text))
    for block, following in itertools.zip_longest(blocks, blocks[1:]):
        if block["language"] != "python":
            continue
        line = text.count("\n", 0, block.start()) + 1
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + block["body"], page.name, "exec"), namespace)
        if (
            following
            and following["language"] in ("metal", "text")
            and not text[block.end() : following.start()].strip()
        ):
            pieces += [
                text[position : following.start("body")],
                textwrap.dedent(printed.getvalue()).strip(),
                "\n",
            ]
            position = following.end("body")
    return "".join([*pieces, text[position:]])


if __name__ == "__main__":
    # Snippets write files where they run.
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for each in PAGES:
            each.write_text(refreshed(each))
        os.chdir(ROOT)
