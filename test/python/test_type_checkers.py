# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What mypy and pyright say of programs of users: nothing, or what is wrong with them."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import enigma
from enigma.language.constants import ConstantArray
from enigma.language.queries import PositionQuery, ThreadQuery
from enigma.language.thread import Architecture
from enigma.tracing.functions import Func, Jit, Kernel
from enigma.tracing.launches import Launch

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "test" / "user_code"
PACKAGE = Path(enigma.__file__).parent


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Copy the programs, and what README shows first, to where no configuration is."""
    folder = tmp_path_factory.mktemp("user_code")
    for path in PROGRAMS.glob("*.py"):
        (folder / path.name).write_text(path.read_text())
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    (folder / "readme.py").write_text(blocks[0])
    return folder


def places(folder: Path) -> dict[str, set[int]]:
    """Give the lines of each program that are marked as wrong."""
    return {
        path.name: {
            number
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if line.endswith("# wrong")
        }
        for path in folder.glob("*.py")
    }


def by_mypy(folder: Path) -> list[tuple[str, int, str]]:
    environment = dict(os.environ)
    if PACKAGE.parent != Path(sysconfig.get_path("purelib")):
        environment["MYPYPATH"] = str(PACKAGE.parent)
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports", "silent"]
    command += ["--no-error-summary", "--hide-error-context", "--config-file", os.devnull]
    names = sorted(path.name for path in folder.glob("*.py"))
    run = subprocess.run(
        [*command, *names], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found = re.findall(r"^(\w+\.py):(\d+): error: (.*)$", run.stdout, re.M)
    return [(name, int(line), text) for name, line, text in found]


def by_pyright(folder: Path) -> list[tuple[str, int, str]]:
    settings = {
        "typeCheckingMode": "strict",
        "extraPaths": [str(PACKAGE.parent)],
        # Of the mistake itself one message is enough.
        **dict.fromkeys(
            ("reportUnknownMemberType", "reportUnknownParameterType", "reportUnusedExpression"),
            False,
        ),
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "."]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    return [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
        for each in json.loads(run.stdout)["generalDiagnostics"]
        if each["severity"] == "error"
    ]


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_user_code(checker, programs):
    pytest.importorskip({by_mypy: "mypy", by_pyright: "basedpyright"}[checker])
    found = checker(programs)
    expected = places(programs)
    assert len(expected["wrong.py"]) > 25
    assert not expected["right.py"]
    for program, lines in expected.items():
        texts = [f"{line}: {text}" for name, line, text in found if name == program]
        assert {line for name, line, _ in found if name == program} == lines, "\n".join(texts)


def test_user_code_runs():
    runpy.run_path(str(PROGRAMS / "right.py"))


def test_the_stub_is_what_the_script_writes():
    stub = runpy.run_path(str(ROOT / "python" / "stubs" / "write.py"))["stub"]
    assert (ROOT / "python" / "enigma" / "__init__.pyi").read_text() == stub()


def test_completion_offers_the_public_names():
    assert set(dir(enigma)) == {*enigma.__all__, "__version__"}
    names = {name for name in dir(enigma) if not name.startswith("_")}
    assert {"Value", "f32", "kernel", "sqrt"} <= names
    assert not {"tracing", "errors", "compiler", "builder"} & names


# What the classes of the face are when a program runs.
CLASSES = {
    "ThreadQuery": ThreadQuery,
    "PositionQuery": PositionQuery,
    "Architecture": Architecture,
    "Kernel": Kernel,
    "Jit": Jit,
    "Func": Func,
    "Launch": Launch,
    "Table": ConstantArray,
    "Atomics": enigma.Tensor,
}


def face_methods() -> list[tuple[str, ast.FunctionDef]]:
    tree = ast.parse((PACKAGE / "_face.pyi").read_text())
    return [
        (kind.name, method)
        for kind in tree.body
        if isinstance(kind, ast.ClassDef) and (kind.name in CLASSES or kind.name in dir(enigma))
        for method in kind.body
        if isinstance(method, ast.FunctionDef)
    ]


# What is no method when a program runs: swizzles, and what objects keep in slots.
LANES = {*"xyzwrgba", "__getattr__", "__setattr__"}
KEPT = ("Value", "Buffer", "RegisterTensor")


def test_the_face_tells_the_truth():
    checked = 0
    for kind, method in face_methods():
        runtime = CLASSES.get(kind) or getattr(enigma, kind)
        # A dtype is an object, and no class.
        if not isinstance(runtime, type) or (kind == "Vector" and method.name in LANES):
            continue
        what = f"{kind}.{method.name}"
        assert hasattr(runtime, method.name), what
        member = inspect.getattr_static(runtime, method.name)
        if inspect.isfunction(member) and not method.name.startswith("__"):
            own = inspect.signature(member).parameters.values()
            given = [each.name for each in own if each.kind.name[:4] != "VAR_"]
            names = [each.arg for each in (*method.args.args, *method.args.kwonlyargs)]
            # An atomic access is a function, which is lent to classes.
            first = method.name.startswith("atomic_")
            assert names[first:] == given[first:], what
            checked += 1
        else:
            is_kept = kind in KEPT or isinstance(member, property) or callable(member)
            assert is_kept, what
    assert checked > 25
