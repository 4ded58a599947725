# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What was compiled, for a person: what a launch needs, the remarks, and the text."""

from __future__ import annotations

import linecache
import os
import re
from typing import TYPE_CHECKING, Any

from enigma._highlight import lines_of
from enigma._process import import_late

if TYPE_CHECKING:
    from enigma.compiler.artifact import Artifact

#: A remark with its place, as compilations give them.
_PLACED = r"(?s)(?P<file>.*?):(?P<line>\d+): (?P<text>.*)"

# Notebooks say what code looks like in their theme; the others get colours that can be read on
# light and on dark.
_COLOURS = {
    "k": "var(--jp-mirror-editor-keyword-color, #a23bb5)",
    "t": "var(--jp-mirror-editor-builtin-color, #1f7fae)",
    "s": "var(--jp-mirror-editor-string-color, #b5543c)",
    "n": "var(--jp-mirror-editor-number-color, #2f855a)",
    "c": "var(--jp-mirror-editor-comment-color, #7d8790)",
    "d": "var(--jp-mirror-editor-meta-color, #a8672a)",
    "f": "var(--jp-mirror-editor-def-color, #4a6fd0)",
}
_FAINT = "color: var(--jp-ui-font-color2, #7d8790)"
_CELL = "text-align: left; padding: 1px 14px 1px 0; vertical-align: top"
_CODE = (
    "margin: 0; padding: 8px 10px; overflow-x: auto; white-space: pre; text-align: left; "
    "border: 1px solid var(--jp-border-color2, #8888); border-radius: 6px"
)


def kernels_of(compiled: Artifact) -> list[Any]:
    """Give the kernels of a program that differ, or the kernel itself."""
    return list(dict.fromkeys(getattr(compiled, "kernels", (compiled,))))


def facts_of(compiled: Artifact) -> list[tuple[str, str]]:
    """Give what a host needs to know, as names and texts: version, launch, parameters."""
    facts = [("MSL", compiled.metal_std)]
    kernels = kernels_of(compiled)
    for kernel in kernels:
        own = []
        if kernel.grid is not None:
            own.append(f"grid {_extent(kernel.grid)}, block {_extent(kernel.block)}")
        if kernel.elements_per_thread != 1:
            own.append(f"{kernel.elements_per_thread} elements a thread")
        if kernel.threadgroup_bytes:
            own.append(f"{kernel.threadgroup_bytes} bytes of threadgroup memory")
        if own:
            facts.append((kernel.kernel_name if len(kernels) > 1 else "launch", ", ".join(own)))
        for parameter in kernel.parameters:
            words = [str(parameter.dtype), parameter.kind, parameter.access or ""]
            if parameter.shape is not None:
                words.append(_extent(parameter.shape))
            facts.append((parameter.name, " ".join(word for word in words if word)))
    return list(dict.fromkeys(facts))


def _extent(extent: Any) -> str:
    if not isinstance(extent, tuple):
        return str(extent)
    return "({}{})".format(", ".join(map(_extent, extent)), "," if len(extent) == 1 else "")


def as_text(compiled: Artifact) -> str:
    """Give a summary for a terminal: the remarks, and the text."""
    remarks = [f"// remark: {line}" for text in _remarks(compiled) for line in text.split("\n")]
    return "\n".join([*remarks, compiled.metal_source.rstrip("\n")])


def as_html(compiled: Artifact) -> str:
    """Give the same for a notebook, with what a launch needs."""
    escape = import_late("html").escape
    code = "\n".join(lines_of(compiled.metal_source.rstrip("\n"), "metal"))
    for name, colour in _COLOURS.items():
        code = code.replace(f'<span class="{name}">', f'<span style="color: {colour}">')
    rows = "".join(
        f'<tr style="background: none"><td style="{_CELL}; {_FAINT}">{escape(name)}</td>'
        f'<td style="{_CELL}"><code>{escape(text)}</code></td></tr>'
        for name, text in facts_of(compiled)
    )
    remarks = "".join(
        f'<div style="margin: 4px 0; white-space: pre-wrap"><b>remark</b> {escape(text)}</div>'
        for text in _remarks(compiled)
    )
    return (
        f"<div><div><b><code>{escape(compiled.file_name)}</code></b></div>"
        f'<table style="margin: 4px 0; border: none">{rows}</table>{remarks}'
        f'<pre style="{_CODE}"><code>{code}</code></pre></div>'
    )


def _remarks(compiled: Artifact) -> list[str]:
    """Give the remarks, each with its line: a cell of a notebook has no file that says anything."""
    shown = []
    for remark in dict.fromkeys(compiled.remarks):
        text, place = placed_text(remark)
        if place is None:
            shown.append(text)
            continue
        file, line = place
        source = linecache.getline(file, line).strip()
        name = f"{os.path.basename(file)}:{line}" if os.path.exists(file) else f"line {line}"
        shown.append(f"{name}: {text}" + (f" (`{source}`)" if source else ""))
    return shown


def placed_text(remark: str) -> tuple[str, tuple[str, int] | None]:
    """Take a remark from the place that stands in front of it."""
    placed = re.fullmatch(_PLACED, remark)
    if placed is None:
        return remark, None
    return placed["text"], (placed["file"], int(placed["line"]))
