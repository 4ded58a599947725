# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page, and the same as one file."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"

#: What the server sends besides the data: paths, files and their types.
FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/explorer.css": ("explorer.css", "text/css; charset=utf-8"),
    "/explorer.js": ("explorer.js", "text/javascript; charset=utf-8"),
}
#: Nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; img-src data:; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_POLICY_OF_FILE = (
    "default-src 'none'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


def file_of(path: str) -> tuple[bytes, str] | None:
    """Give what the server sends for a path, with its type; None if there is nothing."""
    if path not in FILES:
        return None
    name, kind = FILES[path]
    return (STATIC / name).read_bytes(), kind


def whole_page(data: dict[str, Any]) -> str:
    """Give the page with all that it needs in one text.

    Parameters
    ----------
    data : dict
        What `Content.of` gives.
    """
    page = (STATIC / "page.html").read_text(encoding="utf-8")
    style = (STATIC / "explorer.css").read_text(encoding="utf-8")
    script = (STATIC / "explorer.js").read_text(encoding="utf-8")
    # A text in the data must not end the element that it stands in.
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY_OF_FILE)}">'
    for link, inline in (
        ("<title>Enigma explorer</title>", f"{policy}\n<title>{escape(data['name'])}</title>"),
        ('<link rel="stylesheet" href="explorer.css">', f"<style>\n{style}</style>"),
        (
            '<script src="explorer.js" defer></script>',
            f'<script id="data" type="application/json">{text}</script>',
        ),
        ("</body>", f"<script>\n{script}</script>\n</body>"),
    ):
        before, found, after = page.partition(link)
        assert found, link
        page = before + inline + after
    return page
