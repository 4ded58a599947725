# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an editor or a prompt offers after a dot: what a user may call, and nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import enigma
from json_rpc import decoded, encoded

PACKAGE = Path(enigma.__file__).parents[1]
# Of this environment first.
FOLDERS = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", "")))
SERVER = shutil.which("basedpyright-langserver", path=FOLDERS) or shutil.which(
    "pyright-langserver", path=FOLDERS
)
# Notebooks ask for these.
SHOWN = re.compile(r"_repr_\w+_")

PROGRAM = """\
import enigma
from enigma import Layout


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32):
    tid = enigma.thread_position_in_grid
    x = A[tid]
    v = enigma.make_float4(x, x, x, x)
    r = enigma.register_tensor((4,), enigma.f32)
    m = x > 1
    {}


tensor = enigma.Tensor("A", 0, "float", Layout((4, 8), (8, 1)))
compiled = enigma.compile(add)
{}
"""
ATOMICS = {
    *("atomic_compare_exchange_weak", "atomic_exchange", "atomic_fetch_add", "atomic_fetch_and"),
    *("atomic_fetch_max", "atomic_fetch_min", "atomic_fetch_or", "atomic_fetch_sub"),
    *("atomic_fetch_xor", "atomic_load", "atomic_max", "atomic_min", "atomic_store"),
    "atomic_update",
}
COMPILED = {name for name in dir(enigma.CompiledKernel) if not name.startswith("_")} | {
    field.name for field in dataclasses.fields(enigma.CompiledKernel)
}
#: What is written before the dot, and all that is offered after it.
VALUES = {
    "A": {"name", "size"} | ATOMICS,
    "x": {"dtype", "to"},
    "m": {"dtype", "to"},
    "tid": {"dtype", "to", "x", "y", "z"},
    "v": {"dtype", "to", *"xyzwrgba"},
    "r": {"name", "shape", "dtype", "size"} | ATOMICS,
}
OBJECTS = {
    "enigma": {*enigma.__all__},
    "add": {"name", "launch"},
    "Layout((4, 2))": {
        *("cosize", "depth", "evaluate", "is_static", "parse", "rank", "shape", "show", "size"),
        *("stride", "svg"),
    },
    "compiled": COMPILED,
    "tensor": {
        *("address_space", "base_offset", "buffer_index", "derive", "dtype", "element_type"),
        *("fill", "layout", "load", "name", "overhangs", "shape", "size", "store", "stride"),
        *ATOMICS,
    },
}
WORDS = [*VALUES, *OBJECTS]


def program(word: str) -> tuple[str, int, int]:
    """Give a program in which a word is completed, with the line and the column of its end."""
    inner, outer = (f"{word}.", "") if word in VALUES else ("pass", f"{word}.")
    text = PROGRAM.format(inner, outer)
    place = text.index(f"{word}.\n") + len(word) + 1
    before = text[:place]
    return text, before.count("\n"), len(before) - before.rfind("\n") - 1


def checked(word: str, offered: set[str]) -> None:
    names = {name for name in offered if not name.startswith("__")}
    shown = {name for name in names if SHOWN.fullmatch(name)}
    assert names - shown == {**VALUES, **OBJECTS}[word]


class Server:
    """A language server, spoken to over its pipes."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [str(SERVER), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._last = 0
        self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": "user"}],
                "capabilities": {},
            },
        )
        self.tell("initialized", {})

    def tell(self, method: str, parameters: Any, **more: Any) -> None:
        self._write({"method": method, "params": parameters, **more})

    def ask(self, method: str, parameters: Any) -> Any:
        self._last += 1
        self.tell(method, parameters, id=self._last)
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                self._write({"id": message["id"], "result": None})
            elif message.get("id") == self._last:
                return message["result"]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _write(self, message: dict[str, Any]) -> None:
        self._process.stdin.write(encoded(**message))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        message = decoded(self._process.stdout)
        assert message is not None, "the language server has ended"
        return message


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if SERVER is None:
        pytest.skip("needs basedpyright or pyright: pip install basedpyright")
    folder = tmp_path_factory.mktemp("completion")
    (folder / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(PACKAGE)]}))
    running = Server(folder)
    yield folder, running
    running.close()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("exp", "Give e to the power of x."),
        ("simd_sum", "Give the sum over the threads of a SIMD group."),
        ("barrier", "Wait until all threads of the threadgroup arrive"),
        ("compile", "Compile a kernel"),
    ],
)
def test_documentation_is_shown(word, said, server):
    folder, running = server
    uri = (folder / f"hover_{word}.py").as_uri()
    text = f"import enigma\n\nenigma.{word}\n"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    running.tell("textDocument/didOpen", {"textDocument": document})
    position = {"line": 2, "character": 8}
    found = running.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
    assert said in found["contents"]["value"]


@pytest.mark.parametrize("word", WORDS)
def test_pyright(word, server):
    folder, running = server
    text, line, column = program(word)
    uri = (folder / f"word_{WORDS.index(word)}.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    running.tell("textDocument/didOpen", {"textDocument": document})
    position = {"line": line, "character": column}
    found = running.ask(
        "textDocument/completion", {"textDocument": {"uri": uri}, "position": position}
    )
    checked(word, {item["label"] for item in found["items"]})


# To jedi, what a comparison gives is Python's own bool.
@pytest.mark.parametrize("word", [word for word in WORDS if word != "m"])
def test_jedi(word):
    jedi = pytest.importorskip("jedi", reason="needs jedi: pip install jedi")
    text, line, column = program(word)
    # An environment of its own would be looked for, with another Enigma or none.
    environment = jedi.InterpreterEnvironment()
    project = jedi.Project(PACKAGE, sys_path=[str(PACKAGE)], smart_sys_path=True)
    script = jedi.Script(text, environment=environment, project=project)
    offered = {each.name for each in script.complete(line + 1, column)}
    if word == "enigma":
        # It reads files alone, and offers the parts of any package and whatever stands in its file.
        parts = {path.stem for path in Path(enigma.__file__).parent.iterdir()}
        offered -= {name for name in offered if name in parts or name.startswith("_")}
    checked(word, offered)


def test_jedi_at_a_prompt():
    """What IPython and notebooks offer: there it asks the module itself."""
    jedi = pytest.importorskip("jedi", reason="needs jedi: pip install jedi")
    offered = {each.name for each in jedi.Interpreter("enigma.", [{"enigma": enigma}]).complete()}
    checked("enigma", offered)


@pytest.mark.parametrize("word", OBJECTS)
def test_a_prompt(word, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format("pass", ""))
    namespace = runpy.run_path(str(path))
    checked(word, set(dir(eval(word, namespace))) - {"_abc_impl"})
