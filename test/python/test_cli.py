# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command `enigma`: what it prints and writes, its exit codes, and what it says of mistakes."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import enigma
from enigma import _cache
from enigma.cli.command_values import TensorValue, parse_value
from enigma.cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]

KERNELS = """\
import enigma

print("loaded")


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    tid = enigma.thread_position_in_grid
    C[tid] = A[tid] + B[tid]


@enigma.kernel
def scale(A: enigma.f32, B: enigma.f32, N: enigma.constexpr, T: enigma.constexpr = enigma.f32):
    tid = enigma.thread_position_in_grid
    B[tid] = T(A[tid] * N)


@enigma.kernel
def wrong(A: enigma.f32):
    A[0] = A[1] + "one"


@enigma.kernel
def raises(A: enigma.f32):
    table = {}
    A[0] = table["missing"]


@enigma.func
def helper(x):
    return x


def plain(x):
    return x


@enigma.kernel
def fill(A, factor):
    A[enigma.thread_position_in_grid, 0] = factor


rows = enigma.Layout((enigma.dyn("n"), 4), (4, 1))


@enigma.jit
def launch(A, factor=1.5):
    print("launched")
    fill(A, factor).launch(grid=(A.size(mode=[0]), 1, 1), block=(1, 1, 1))


@enigma.jit
def by_layout(A: rows):
    fill(A, 1).launch(grid=(A.size(mode=[0]), 1, 1), block=(1, 1, 1))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("ENIGMA_EMIT_ONLY", "1")
    (tmp_path / "kernels.py").write_text(KERNELS)
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


def enigma_command(*arguments: str, **options) -> subprocess.Popen:
    command = [sys.executable, "-m", "enigma", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    environment = {**os.environ, "PYTHONPATH": str(Path(enigma.__file__).parents[1])}
    return subprocess.Popen(command, text=True, env=environment, **pipes)


def test_compile_writes_text_and_json(folder, capsys):
    assert main(["compile", "kernels.py:add", "-o", "out/put"]) == 0
    output = capsys.readouterr()
    names = ["out/put/enigma_kernel_add.metal", "out/put/enigma_kernel_add.json"]
    assert output.out.split() == names
    assert output.err == "loaded\n"
    compiled = enigma.CompiledKernel.from_json((folder / names[1]).read_text())
    assert compiled.metal_source == (folder / names[0]).read_text()
    assert "C[tid] = A[tid] + B[tid];" in compiled.metal_source


def test_the_text_alone_goes_to_the_standard_output(folder, capsys):
    assert main(["compile", "kernels.py:launch", "--arg", "A=f16[8,4]", "-o", "-"]) == 0
    output = capsys.readouterr()
    assert output.out.startswith("// Kernel enigma_kernel_launch")
    assert "device half* A" in output.out
    assert output.err == "loaded\nlaunched\n"
    # Python may keep what it compiled of the file.
    assert {path.name for path in folder.iterdir()} - {"__pycache__"} == {"kernels.py"}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["kernels.py:add", "--emit", "json"], '"form": "kernel"'),
        (["kernels.py:add", "--emit", "mlir"], "enigma.kernel @enigma_kernel_add("),
        (["kernels.py:add", "--emit", "reproducer"], "mlir_reproducer: {"),
        (["kernels.py:add", "--name", "plus"], "kernel void enigma_kernel_plus("),
        (["kernels.py:add", "--vec-width", "4"], "float4"),
        (["kernels.py:scale", "--constant", "N=3"], "A[tid] * 3.0f"),
        (["kernels.py:scale", "--constant", "N=2.5"], "A[tid] * 2.5f"),
        (["kernels.py:scale", "--constant", "N=3", "--constant", "T=f32"], "A[tid] * 3.0f"),
        (["kernels.py:launch", "--arg", "A=f32[8,4]", "--arg", "factor=7"], "= 7.0f;"),
        (["kernels.py:launch", "--arg", "A=f32[8,4]:[1,8]"], "A[g"),
        (["kernels.py:launch", "--arg", "A=f32[n,4]"], "device float* A"),
        (["kernels.py:by_layout", "--arg", "A=u8"], "device uchar* A"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_of_compile(arguments, found, capsys):
    assert main(["compile", *arguments, "-o", "-"]) == 0
    assert found in capsys.readouterr().out


def test_a_file_with_one_kernel_need_not_name_it(folder, capsys):
    (folder / "one.py").write_text(KERNELS.partition("@enigma.kernel\ndef scale")[0])
    assert main(["compile", "one.py", "-o", "-"]) == 0
    assert "enigma_kernel_add" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5", 2.5),
        ("-1", -1),
        ("True", True),
        ("(1, 2)", (1, 2)),
        ("'a(b:c'", "a(b:c"),
        ("u16", enigma.u16),
        ("half", enigma.f16),
        ("(4,8):(8,1)", enigma.Layout((4, 8), (8, 1))),
        ("(4,(2,2)):(1,(4,8))", enigma.Layout((4, (2, 2)), (1, (4, 8)))),
        ("f32[3]", TensorValue(enigma.f32, enigma.Layout((3,), (1,)))),
        ("f32[2,3,4]", TensorValue(enigma.f32, enigma.Layout((2, 3, 4), (12, 4, 1)))),
        ("float4[2, 3]", TensorValue(enigma.vec("f32", 4), enigma.Layout((2, 3), (3, 1)))),
        ("i8[2,3]:[1,2]", TensorValue(enigma.i8, enigma.Layout((2, 3), (1, 2)))),
    ],
)
def test_values(text, value):
    found = parse_value("x", text)
    assert type(found) is type(value)
    assert found == value


# What is wrong with what was given: exit code 1, with the place where there is one.
FAILURES = {
    "an operand": (
        ["kernels.py:wrong"],
        "kernels.py:20:12: error: `+`: the right operand is a str",
        '        A[0] = A[1] + "one"\n               ^\n  help: ',
    ),
    "an exception": (
        ["kernels.py:raises"],
        "kernels.py:26:12: error: KeyError: 'missing'",
        'A[0] = table["missing"]\n',
    ),
    "no file": (["none.py:add"], "enigma: error: cannot read 'none.py': No such file", "help: "),
    "a folder": (["."], "enigma: error: cannot read '.': it is a folder", "help: "),
    "another ending": (["notes.txt"], "its name does not end in .py", "help: "),
    "no kernel": (["empty.py"], "enigma: error: empty.py has no kernel", "@enigma.kernel"),
    "several": (["kernels.py"], "has 7 kernels: add, scale, ", "name one, as in kernels.py:launch"),
    "a misspelled one": (["kernels.py:ad"], "has no kernel ad", "help: did you mean add?"),
    "another name": (["kernels.py:zzz"], "has no kernel zzz", "help: its kernels are add, scale"),
    "a helper": (["kernels.py:helper"], "a helper helper (@enigma.func)", "name a kernel that"),
    "a function": (["kernels.py:plain"], "plain, which is no kernel", "decorate it with"),
    "no syntax": (["syntax.py"], "syntax.py:2:7: error: SyntaxError: ", "def f(:\n"),
    "a file that raises": (
        ["raising.py"],
        "raising.py:2:1: error: ZeroDivisionError: division by zero",
        "1 / 0\n",
    ),
    "a file that ends": (["ending.py"], "ending.py:2:1: error: the file ends Python", "__main__"),
    "a module that is not there": (
        ["importing.py"],
        "importing.py:1:1: error: ModuleNotFoundError: No module named 'not_there'",
        "import not_there\n",
    ),
    "output that is a file": (
        ["kernels.py:add", "-o", "kernels.py"],
        "enigma: error: cannot write ",
        "kernels.py': it is a file\n  help: ",
    ),
    "output that exists": (
        ["kernels.py:add", "-o", "taken"],
        "exists, and holds something else than enigma_kernel_add",
        "help: add --force to overwrite it",
    ),
    "a version": (
        ["bfloats.py", "--metal-std", "2.4"],
        "bfloats.py:",
        "error: ",
    ),
}


@pytest.mark.needs_positions
@pytest.mark.parametrize("case", FAILURES)
def test_failures(case, folder, capsys):
    (folder / "empty.py").write_text("import enigma\n")
    (folder / "notes.txt").write_text("notes\n")
    (folder / "syntax.py").write_text("import enigma\ndef f(:\n")
    (folder / "raising.py").write_text("import enigma\n1 / 0\n")
    (folder / "ending.py").write_text("import sys\nsys.exit(3)\n")
    (folder / "importing.py").write_text("import not_there\n")
    (folder / "bfloats.py").write_text(
        "import enigma\n\n\n@enigma.kernel\ndef f(A: enigma.bf16):\n    A[0] = A[1]\n"
    )
    (folder / "taken").mkdir()
    (folder / "taken" / "enigma_kernel_add.json").write_text("mine\n")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    arguments, message, more = FAILURES[case]
    assert main(["compile", *arguments]) == 1
    errors = capsys.readouterr().err
    assert message in errors
    assert more in errors
    assert "Traceback" not in errors
    after = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    assert {path: after[path] for path in before} == before
    assert not list(folder.rglob("*.metal"))


# What is wrong with the command line: exit code 2.
MISTAKES = {
    "no command": ([], "required: COMMAND", "`enigma --help`"),
    "an unknown command": (["build"], "invalid choice: 'build'", "`enigma --help`"),
    "no file": (["compile"], "required: FILE.py", "`enigma compile --help`"),
    "an unknown option": (
        ["compile", "kernels.py:add", "--fast"],
        "unrecognized",
        "--no-fast-math?",
    ),
    "a misspelt command": (["compil", "x.py"], "no command 'compil'", "mean `enigma compile`?"),
    "a misspelt option": (
        ["compile", "kernels.py:add", "--vec-widht", "2"],
        "unrecognized arguments: --vec-widht 2",
        "did you mean --vec-width?",
    ),
    "two files": (
        ["compile", "kernels.py:add", "other.py"],
        "unrecognized arguments: other.py",
        "`enigma compile --help`",
    ),
    "a width": (["compile", "kernels.py:add", "--vec-width", "3"], "invalid choice: 3", "--help"),
    "no name": (["compile", "kernels.py:"], "'kernels.py:' names no kernel", "FILE.py:FUNCTION"),
    "no identifier": (["compile", "kernels.py:a b"], "names no kernel", "FILE.py:FUNCTION"),
    "no assignment": (["compile", "kernels.py:launch", "--arg", "A"], "NAME=VALUE", "as in --arg"),
    "twice": (
        ["compile", "kernels.py:launch", "--arg", "A=1", "--arg", "A=2"],
        "gives 'A' two values",
        "leave out one",
    ),
    "no value": (
        ["compile", "kernels.py:launch", "--arg", "A=f32[x-]"],
        "A=f32[x-] is no value",
        "a tensor as f32[256,512]",
    ),
    "no dtype": (["compile", "kernels.py:launch", "--arg", "A=f31[4]"], "is no value", "f32"),
    "no layout": (
        ["compile", "kernels.py:launch", "--arg", "A=f32[4,4]:[1]"],
        "A=f32[4,4]:[1]: ",
        "a tensor as",
    ),
    "a missing argument": (["compile", "kernels.py:launch"], "its parameter 'A'", "--arg A=VALUE"),
    "an unknown argument": (
        ["compile", "kernels.py:launch", "--arg", "Z=1"],
        "launch has no parameter 'Z'",
        "its parameters are: A, factor",
    ),
    "an argument of a kernel": (
        ["compile", "kernels.py:add", "--arg", "A=f32[4]"],
        "add is a kernel",
        "--constant",
    ),
    "a constant of a jit function": (
        ["compile", "kernels.py:launch", "--constant", "n=4"],
        "launch is a jit function",
        "--arg",
    ),
    "a missing constant": (
        ["compile", "kernels.py:scale"],
        "scale needs a value for its compile-time parameter 'N'",
        "add --constant N=VALUE",
    ),
    "an action": (["cache", "empty"], "invalid choice: 'empty'", "`enigma cache --help`"),
    "a kind": (["cache", "--kind", "none"], "no entries of the kind 'none'", "the cache is empty"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case, folder, capsys, monkeypatch):
    monkeypatch.setenv("ENIGMA_CACHE_DIR", str(folder / "cache"))
    arguments, message, more = MISTAKES[case]
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert "enigma: error: " in output.err
    assert message in output.err
    assert more in output.err
    assert output.out == ""


def test_force_overwrites(folder):
    target = folder / "enigma_kernel_add.metal"
    target.write_text("mine\n")
    assert main(["compile", "kernels.py:add"]) == 1
    assert target.read_text() == "mine\n"
    assert main(["compile", "kernels.py:add", "--force"]) == 0
    assert "enigma_kernel_add" in target.read_text()
    assert main(["compile", "kernels.py:add"]) == 0


@pytest.mark.filterwarnings("default")
def test_remarks_and_warnings(folder, capsys):
    (folder / "stays.py").write_text(
        "import enigma\n\n\n@enigma.kernel\ndef f(A: enigma.f32):\n"
        "    enigma.barrier()\n    A[enigma.thread_position_in_grid] = 1\n"
    )
    assert main(["compile", "stays.py", "--vec-width", "4"]) == 0
    errors = capsys.readouterr().err
    assert re.search(r"^stays\.py:\d+: remark: .*not vectorized", errors, re.MULTILINE)
    assert re.search(r"^stays\.py:\d+: warning: .*\n.*\n  help: ", errors, re.MULTILINE)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_reads_well(command, capsys):
    assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: enigma ")
    assert all(len(line) <= 100 for line in text.splitlines())
    if not command:
        assert all(f"{name} " in text and each.summary in text for name, each in COMMANDS.items())
    else:
        module = importlib.import_module(COMMANDS[command].module)
        assert module.__doc__.strip() in text


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"enigma {enigma.__version__}\n"


def test_devices(capsys, monkeypatch):
    monkeypatch.setenv("ENIGMA_DEVICE", "cpu")
    assert main(["devices"]) == 0
    text = capsys.readouterr().out
    assert re.match(r"cpu: .* \(default\)\n  threads of a threadgroup: 1024\n", text)
    assert main(["devices", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in found] == [each.kind for each in enigma.devices()]
    monkeypatch.setenv("ENIGMA_DEVICE", "abacus")
    assert main(["devices"]) == 1
    assert "enigma: error: there is no device 'abacus'" in capsys.readouterr().err


def test_cache(folder, capsys, monkeypatch):
    root = folder / "cache"
    monkeypatch.setenv("ENIGMA_CACHE_DIR", str(root))
    for kind, key in (("cpu", "a"), ("cpu", "b"), ("other", "a")):
        _cache.keep(kind, _cache.key_of(key), b"x" * 1000)
    assert main(["cache"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{root}\n  cpu: 2 entries, 2.0 KiB\n  other: 1 entry, ")
    assert text.endswith("3 entries, 3.0 KiB of 256.0 MiB\n")
    assert main(["cache", "--json"]) == 0
    kinds = {"cpu": {"entries": 2, "bytes": 2064}, "other": {"entries": 1, "bytes": 1032}}
    found = json.loads(capsys.readouterr().out)
    assert found == {"folder": str(root), "cleared": False, "kinds": kinds}
    assert main(["cache", "clear", "--kind", "cpu"]) == 0
    assert capsys.readouterr().out.endswith("2 entries, 2.0 KiB removed\n")
    assert [entry.kind for entry in _cache.entries()] == ["other"]
    assert main(["cache", "clear"]) == 0
    assert list(_cache.entries()) == []
    monkeypatch.setenv("ENIGMA_CACHE", "0")
    assert main(["cache"]) == 0
    assert "nothing is kept" in capsys.readouterr().out


def test_the_script_is_the_module():
    project = (ROOT / "pyproject.toml").read_text()
    module, function = re.search(r'^enigma = "(.+):(.+)"$', project, re.MULTILINE).groups()
    assert getattr(importlib.import_module(module), function) is main


def test_a_reader_that_goes_away():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        process = enigma_command("compile", "kernels.py:add", "-o", "-", stdout=pipe)
        errors = process.communicate()[1]
    assert process.returncode == 141
    assert errors == "loaded\n"


def test_interrupts(folder):
    (folder / "slow.py").write_text(
        "import sys\nprint('begun', file=sys.stderr, flush=True)\nwhile True:\n    pass\n"
    )
    process = enigma_command("compile", "slow.py")
    assert process.stderr.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "enigma: interrupted\n")
    assert process.returncode == 130
