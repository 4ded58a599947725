# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sources that change under a running program: a kernel is what Python read, or it is refused."""

from __future__ import annotations

import importlib
import linecache
import sys

import pytest

import enigma
from enigma.errors import SourceChanged

TEXT = """\
from __future__ import annotations
import enigma

@enigma.func
def scaled(x):
    return x * 2.0

def plain(x):
    return x + 1.0

@enigma.kernel
def scale(A: enigma.f32):
    i = enigma.thread_position_in_grid
    A[i] = plain(scaled(A[i]))  # a comment
"""
STORE = "A[i] = A[i] * 2.0f + 1.0f;"


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """Give a module with the text, and what writes another one into its file."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file = tmp_path / "changing_kernels.py"
    file.write_text(TEXT)
    importlib.invalidate_caches()
    yield importlib.import_module("changing_kernels"), file.write_text
    del sys.modules["changing_kernels"]


CHANGED = {
    "a number of a helper": TEXT.replace("2.0", "5.0"),
    "a number": TEXT.replace("A[i]))", "A[i])) * 3.0"),
    "lines above": "# one more\n" + TEXT,
    "fewer lines above": TEXT.replace("def plain(x):\n    return x + 1.0\n", ""),
    "another name": TEXT.replace("def scale(", "def other("),
    "half of it": TEXT[: TEXT.index("    A[i] =")] + "    A[i] = (\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED)
def test_what_changed_is_refused_until_it_is_loaded(imported, text):
    module, write = imported
    write(text)
    with pytest.raises(SourceChanged, match="reload"):
        enigma.compile(module.scale, emit_only=True)
    write(TEXT.replace("2.0", "7.0"))
    importlib.reload(module)
    found = enigma.compile(module.scale, emit_only=True).metal_source
    assert STORE.replace("2.0f", "7.0f") in found


UNCHANGED = {
    "the same": TEXT,
    "a comment": TEXT.replace("a comment", "another comment"),
    "lines below": TEXT + "\n\ndef more():\n    pass\n",
    # It is called as Python read it.
    "a plain function": TEXT.replace("x + 1.0", "x + 4.0"),
}


@pytest.mark.parametrize("text", UNCHANGED.values(), ids=UNCHANGED)
def test_what_did_not_change_is_compiled(imported, text):
    module, write = imported
    write(text)
    assert STORE in enigma.compile(module.scale, emit_only=True).metal_source


def test_what_was_compiled_stays(imported):
    module, write = imported
    enigma.compile(module.scale, emit_only=True)
    write(CHANGED["a number"])
    found = enigma.compile(module.scale, emit_only=True, fast_math=False).metal_source
    assert STORE in found


def cell(text):
    linecache.cache["<a cell>"] = (len(text), None, text.splitlines(keepends=True), "<a cell>")
    space: dict = {}
    exec(compile(text, "<a cell>", "exec"), space)
    return space["scale"]


@pytest.mark.parametrize("text", [CHANGED["a number"], CHANGED["lines above"]])
def test_a_cell_in_the_place_of_another(text):
    first = cell(TEXT)
    second = cell(text)
    with pytest.raises(SourceChanged):
        enigma.compile(first, emit_only=True)
    assert "A[i]" in enigma.compile(second, emit_only=True).metal_source
