# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.compile`: options, result, toolchain, threads, and where source comes from."""

import gc
import os
import pathlib
import stat
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import enigma
from conformance import harness
from enigma.tracing.nodes import parse


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    tid = enigma.thread_position_in_grid
    if tid < n:
        B[tid] = A[tid] + 1


def test_result():
    compiled = enigma.compile(add)
    assert compiled.kernel_name == "enigma_kernel_add"
    assert "kernel void enigma_kernel_add(" in compiled.metal_source
    assert compiled.kernel_source == compiled.metal_source
    assert compiled.param_names == ("A", "B", "n")
    assert compiled.num_params == 3
    assert compiled.scalar_params == ("n",)
    assert compiled.grid is None
    assert compiled.block is None
    assert compiled.mlir_source is None
    assert compiled.elements_per_thread == 1


def test_vec_width():
    compiled = enigma.compile(add, vec_width=4)
    assert compiled.elements_per_thread == 4
    assert "float4" in compiled.metal_source
    a = np.arange(37, dtype=np.float32)
    b = np.zeros_like(a)
    harness.run(compiled, args=[a, b, len(a)], threads=10, block=4)
    np.testing.assert_array_equal(b, a + 1)


def test_dumps(capfd):
    enigma.compile(add)
    assert capfd.readouterr() == ("", "")
    enigma.compile(add, dump_ir=True)
    assert "enigma.kernel @enigma_kernel_add" in capfd.readouterr().out
    compiled = enigma.compile(add, dump_mlir=True)
    assert compiled.mlir_source.strip() == capfd.readouterr().out.strip()
    assert "%tid = enigma.thread_position_in_grid" in compiled.mlir_source


def test_same_bytes_whatever_ran_before():
    first = enigma.compile(add, dump_mlir=True)
    enigma.compile(add, vec_width=2)
    second = enigma.compile(add, dump_mlir=True)
    assert first.metal_source == second.metal_source
    assert first.mlir_source == second.mlir_source
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import enigma, test_compile; "
        "sys.stdout.write(enigma.compile(test_compile.add, emit_only=True).metal_source)"
    )
    output = subprocess.check_output(
        [sys.executable, "-c", code], cwd=pathlib.Path(__file__).parent, text=True
    )
    assert output == first.metal_source


def test_locations_and_names():
    compiled = enigma.compile(add, dump_mlir=True)
    assert "A[tid]" in compiled.metal_source


# Files.


def test_keep_metal_source(tmp_path):
    folder = tmp_path / "new" / "folder"
    compiled = enigma.compile(add, keep_metal_source=True, work_dir=folder, emit_only=True)
    path = folder / "enigma_kernel_add.metal"
    assert path.read_text() == compiled.metal_source
    assert compiled.metal_path == str(path)
    assert not compiled.has_metallib
    assert compiled.metallib_path is None


def test_nothing_is_written_unasked(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    enigma.compile(add, emit_only=True)
    assert list(tmp_path.iterdir()) == []


def test_export(tmp_path, monkeypatch):
    compiled = enigma.compile(add)
    path = compiled.export_metal(str(tmp_path / "a" / "b" / "k.metal"))
    assert pathlib.Path(path).read_text() == compiled.metal_source
    assert compiled.export_metal(tmp_path) == os.path.realpath(tmp_path / "enigma_kernel_add.metal")
    monkeypatch.chdir(tmp_path / "a")
    assert compiled.export_metal() == os.path.realpath("enigma_kernel_add.metal")


def test_work_dir_that_is_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("precious")
    with pytest.raises(enigma.EnigmaError, match="it is a file"):
        enigma.compile(add, keep_metal_source=True, work_dir=path)
    assert path.read_text() == "precious"


def test_work_dir_that_cannot_be_written(tmp_path):
    path = tmp_path / "file"
    path.write_text("precious")
    with pytest.raises(enigma.EnigmaError, match="cannot write into work_dir"):
        enigma.compile(add, keep_metal_source=True, work_dir=path / "below")
    with pytest.raises(enigma.EnigmaError, match="cannot write"):
        enigma.compile(add).export_metal(path / "below" / "k.metal")
    assert path.read_text() == "precious"


# The toolchain.

XCRUN = """#!/bin/sh
echo "$@" >> "{log}"
{behaviour}
while [ $# -gt 1 ]; do
  if [ "$1" = -o ]; then printf library > "$2"; fi
  shift
done
"""


@pytest.fixture
def xcrun(tmp_path, monkeypatch):
    """Put a stand-in on PATH; gives a function that says how it behaves."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "log"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    def install(behaviour=""):
        path = folder / "xcrun"
        path.write_text(XCRUN.format(log=log, behaviour=behaviour))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return log

    return install


def test_metallib(xcrun, tmp_path):
    log = xcrun()
    compiled = enigma.compile(
        add, emit_only=False, work_dir=tmp_path / "out", fast_math=False, metal_std="3.1"
    )
    assert compiled.has_metallib
    assert compiled.metallib_bytes == b"library"
    assert compiled.metallib_path == str(tmp_path / "out" / "enigma_kernel_add.metallib")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["enigma_kernel_add.metallib"]
    first, second = log.read_text().splitlines()
    assert first.startswith("-sdk macosx metal -fno-fast-math -std=metal3.1 -c ")
    assert second.startswith("-sdk macosx metallib ")


def test_temporary_folder_lives_as_long_as_the_kernel(xcrun, tmp_path):
    xcrun()
    compiled = enigma.compile(add, emit_only=False)
    path = pathlib.Path(compiled.metallib_path)
    assert path.is_absolute()
    assert path.read_bytes() == b"library"
    del compiled
    assert list((tmp_path / "scratch").iterdir()) == []


def test_failing_xcrun(xcrun, tmp_path):
    xcrun("echo 'error: no such thing' >&2; exit 7")
    with pytest.raises(enigma.ToolchainError) as caught:
        enigma.compile(add, emit_only=False)
    error = caught.value
    (kept,) = (tmp_path / "scratch").glob("*/*")
    assert kept.name == "enigma_kernel_add.metal"
    assert error.exit_code == 7
    assert error.stderr == "error: no such thing"
    for part in ("exit code: 7", "error: no such thing", "xcrun -sdk macosx metal -v", str(kept)):
        assert part in str(error)


def test_missing_xcrun(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(enigma.ToolchainError, match="xcrun cannot be run") as caught:
        enigma.compile(add, emit_only=False, work_dir=tmp_path)
    assert "xcrun -sdk macosx metal -v" in str(caught.value)
    assert (tmp_path / "enigma_kernel_add.metal").is_file()


def test_emit_only_by_environment(xcrun, monkeypatch):
    log = xcrun()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("ENIGMA_EMIT_ONLY", "1")
    assert not enigma.compile(add).has_metallib
    assert not log.exists()
    monkeypatch.delenv("ENIGMA_EMIT_ONLY")
    assert enigma.compile(add).has_metallib


@pytest.mark.parametrize("std", ["", "metal 3", 3, "; rm"])
def test_metal_std(std):
    with pytest.raises(ValueError, match="metal_std must be"):
        enigma.compile(add, metal_std=std)


# Jit functions.


@enigma.kernel
def scale_kernel(A, B, factor, offsets):
    row = enigma.thread_position_in_grid.y
    col = enigma.thread_position_in_grid.x
    rows, cols = A.shape
    if row < rows and col < cols:
        B[row, col] = A[row, col] * factor + offsets[0]


@enigma.jit
def scale(A, B, factor):
    scale_kernel(A, B, factor, (1, 2)).launch(grid=(2, 3, 1), block=(4, 2))


def test_jit():
    a_layout = enigma.Layout((5, 7), (8, 1))
    b_layout = enigma.Layout((5, 7), (1, 5))
    compiled = enigma.compile(
        scale, enigma.Tensor("A", 1, "float", a_layout), enigma.Tensor("B", 0, "f32", b_layout), 2.0
    )
    assert compiled.kernel_name == "enigma_kernel_scale"
    assert compiled.param_names == ("B", "A")
    assert compiled.grid == (2, 3, 1)
    assert compiled.block == (4, 2, 1)
    a = np.random.default_rng(0).standard_normal((5, 8), dtype=np.float32)
    b = np.zeros((7, 5), np.float32)
    harness.run(compiled, args=[b, a], grid=compiled.grid, block=compiled.block)
    np.testing.assert_array_equal(b, (a[:, :7] * np.float32(2) + np.float32(1)).T)


# Threads.


def test_threads_compile_side_by_side():
    expected = {width: enigma.compile(add, vec_width=width).metal_source for width in (0, 2, 4)}
    failures = []

    def work(width):
        try:
            for _ in range(20):
                if enigma.compile(add, vec_width=width).metal_source != expected[width]:
                    failures.append(width)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(width,)) for width in (0, 2, 4, 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# Where source comes from.


def test_notebook_cell():
    import linecache

    source = (
        "import enigma\n\n@enigma.kernel\ndef cell(A: enigma.f32):\n"
        "    if A[0] > 0:\n        A[1] = 2\n"
    )
    name = "<ipython-input-1-abc>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {}
    exec(compile(source, name, "exec"), scope)
    assert "if (" in enigma.compile(scope["cell"]).metal_source


def test_future_annotations():
    import linecache

    source = (
        "from __future__ import annotations\nimport enigma\n\n"
        "def make():\n    kind = enigma.u8\n    @enigma.kernel\n"
        "    def cell(A: kind, n: enigma.Scalar('int')):\n        kind\n        A[n] = 1\n"
        "    return cell\n"
    )
    name = "<future>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {}
    exec(compile(source, name, "exec", dont_inherit=True), scope)
    assert "device uchar* A" in enigma.compile(scope["make"]()).metal_source


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_interactive_prompt():
    import pty

    lines = [
        f"import sys; sys.path[:0] = {[str(pathlib.Path(enigma.__file__).parent.parent)]!r}",
        "import enigma",
        "@enigma.kernel",
        "def typed(A: enigma.f32):",
        "    if A[0] > 0:",
        "        A[1] = 2",
        "",
        "print('MS' + 'L', enigma.compile(typed, emit_only=True).metal_source)",
        "exit()",
    ]
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "PYTHON_BASIC_REPL": "1"}
    process = subprocess.Popen(
        [sys.executable, "-q"], stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    os.write(leader, ("\n".join(lines) + "\n").encode())
    output = b""
    try:
        while chunk := os.read(leader, 65536):
            output += chunk
    except OSError:
        pass
    process.wait(timeout=60)
    os.close(leader)
    assert b"kernel void enigma_kernel_typed" in output, output.decode()


@pytest.mark.parametrize("option", [{"metal_std": "foo"}, {"vec_width": 3}, {"constants": 5}])
def test_wrong_options_name_the_line(option):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = 1

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel, **option)
    assert caught.value.location.filename == __file__


class Yielding:
    """Lets other threads run where it is collected."""

    def __del__(self):
        time.sleep(0)


def test_threads_that_parse_while_garbage_is_collected():
    """Python counts the depth of what it parses for all threads at once."""
    text = "def kernel():\n" + "    x = a + b * (c - d[1:2])\n" * 200
    failed = []

    def work():
        for _ in range(6):
            for _ in range(3):
                garbage = Yielding()
                garbage.itself = garbage
            try:
                parse(text)
            except SystemError as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(20, 1, 1)
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*threshold)
        sys.setswitchinterval(interval)
    assert not failed
