# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The self-test of the package: its report, its exit codes, and that it sees what is wrong."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from standins import standin_of_process

import enigma
from enigma.runtime import device, selftest
from enigma.runtime.metal_device import MetalDevice

WRONG = """
import numpy as np
import enigma
from launch import Launch

@enigma.kernel
def twice(A: enigma.f32):
    A[enigma.thread_position_in_grid] *= 2

def launches():
    kernel = enigma.compile(twice, emit_only=True)
    ones = np.ones(4, np.float32)
    for expected in (2, 3):
        yield Launch(f"twice 1 is {expected}", kernel, [ones], (1, 1, 1), (4, 1, 1),
                     {0: np.full(4, expected)})
    yield Launch("no block", kernel, [ones], (1, 1, 1), (4096, 1, 1), {0: ones})
"""
UNCOMPILED = """
import enigma

@enigma.kernel
def kernel(A: enigma.f32):
    A[0] = enigma.sqrt("two")

def launches():
    yield enigma.compile(kernel)
"""


def test_report(capsys):
    assert selftest.main(["saxpy", "rope", "--device", "cpu"]) == 0
    captured = capsys.readouterr()
    heading, outcomes, summary = captured.out.strip().split("\n\n")
    for part in (
        enigma.__version__,
        sys.version.split()[0],
        "cpu, ",
        "threads of a threadgroup 1024",
    ):
        assert part in heading
    assert [line.split()[:3] for line in outcomes.splitlines()] == [
        ["ok", "saxpy", "3"],
        ["ok", "rope", "6"],
    ]
    assert summary.startswith("2 of 2 examples passed on ")
    assert captured.err == ""


@pytest.fixture
def examples(monkeypatch, tmp_path):
    """Examples of which one computes something else, and one does not compile."""
    (tmp_path / "selftest_wrong.py").write_text(WRONG)
    (tmp_path / "selftest_uncompiled.py").write_text(UNCOMPILED)
    (tmp_path / "launch.py").write_text((selftest.EXAMPLES / "launch.py").read_text())
    monkeypatch.setattr(selftest, "EXAMPLES", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("selftest_wrong", "selftest_uncompiled"):
        sys.modules.pop(name, None)


def test_failures(examples, capsys):
    assert selftest.main(["--device", "cpu"]) == 1
    output = capsys.readouterr().out
    lines = [line.split() for line in output.splitlines() if line.startswith("FAILED")]
    assert lines == [
        ["FAILED", "selftest_uncompiled", "1", "of", "1", "launch", "failed"],
        ["FAILED", "selftest_wrong", "2", "of", "3", "launches", "failed"],
    ]
    uncompiled, wrong, no_block = (output.split(f"\n[{i}] ")[1] for i in (1, 2, 3))
    assert "selftest_uncompiled.py:6" in uncompiled
    assert "'two'" in uncompiled
    assert wrong.startswith("twice 1 is 3\nAssertionError")
    assert "kernel void enigma_kernel_twice" in wrong
    assert "has 4096 threads" in no_block
    assert output.endswith("0 of 2 examples passed on " + enigma.device("cpu").name + ".\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no_example"], "there is no example no_example\nthere are: bitonic_sort, "),
        (["--device", "none"], "there is no device 'none'\nthe kinds of devices are "),
        (["--what"], "unrecognized arguments: --what"),
    ],
)
def test_nothing_to_run(arguments, message, capsys):
    try:
        code = selftest.main(arguments)
    except SystemExit as exit:  # of argparse
        code = exit.code
    assert code == 2
    assert message in capsys.readouterr().err


def test_progress_is_for_terminals():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        progress = selftest.Progress(stream)
        progress.show("saxpy: a long title " + 100 * "x")
        progress.show("")
    assert file.getvalue() == ""
    first, _, last = terminal.getvalue().removeprefix("\r\x1b[K").partition("\r\x1b[K")
    assert first.startswith("saxpy: a long title")
    assert len(first) < 80
    assert last == ""


def test_as_a_program(tmp_path):
    """From another folder, by the package alone."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = str(Path(enigma.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "enigma.runtime.selftest", "vector_add", "--device", "cpu"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "1 of 1 examples passed" in done.stdout


def test_all_examples_are_in_the_package():
    sources = Path(__file__).parents[2] / "examples"
    names = {path.stem for path in sources.glob("*.py")} - {"demo", "launch"}
    assert set(selftest.names_of_examples()) == names


@pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in answers messages as x86-64 and aarch64 call them"
)
def test_on_the_stand_in(tmp_path_factory, monkeypatch, capsys):
    standin = standin_of_process(tmp_path_factory)
    # It knows of no array which pages are its own.
    standin.refuse("wrap")
    monkeypatch.setitem(
        device._KINDS,
        "standin",
        device.Kind("standin", lambda: MetalDevice(standin.path, standin.path)),
    )
    assert selftest.main(["saxpy", "strided", "tiled_stencil", "scan", "--device", "standin"]) == 0
    output = capsys.readouterr().out
    assert "bytes of a buffer" in output
    assert "4 of 4 examples passed on " in output
    standin.allow()
    assert standin.log == ""
