# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Many kernels into a folder: over executors, in any order, with failures in the manifest."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import pty
import random
import subprocess
import sys
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import enigma
from enigma.compiler.loading import FunctionName
from enigma.compiler.manifest import SCHEMA_PATH

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "examples" / "ahead_of_time" / "build.py"


@enigma.kernel
def scaled(A: enigma.f32, B: enigma.f32, factor: enigma.constexpr):
    tid = enigma.thread_position_in_grid
    B[tid] = A[tid] * factor


@enigma.kernel
def wrong(A: enigma.f32):
    A[0] = A[1] + "one"


@enigma.kernel
def raising(A: enigma.f32):
    A[0] = {}["missing"]


@enigma.kernel
def fill(A, value):
    A[enigma.thread_position_in_grid, 0] = value


@enigma.jit
def filled(A, value, dtype):
    assert A.element_type is dtype
    fill(A, value).launch(grid=A.size(mode=[0]), block=1)


@enigma.jit
def twice(A):
    fill(A, 1).launch(grid=A.size(mode=[0]), block=1)
    fill(A, 2).launch(grid=A.size(mode=[0]), block=1)


@enigma.kernel
def ending(A: enigma.f32):
    os._exit(3)


@pytest.fixture(autouse=True)
def only_text(monkeypatch):
    monkeypatch.setenv("ENIGMA_EMIT_ONLY", "1")


def tensor() -> enigma.Tensor:
    return enigma.Tensor("A", 0, "float", enigma.Layout((enigma.dyn("n"), 4), (4, 1)))


def variants() -> list[enigma.CompileSpec]:
    return [
        *(
            enigma.CompileSpec(scaled, name=f"scaled_{n}", constants={"factor": n}, vec_width=4)
            for n in range(6)
        ),
        enigma.CompileSpec(filled, tensor(), 2.5, enigma.f32),
        enigma.CompileSpec(twice, tensor()),
        enigma.CompileSpec(wrong),
        enigma.CompileSpec(raising),
        enigma.CompileSpec(scaled, name="unbound"),
    ]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    return enigma.compile_many(variants(), work_dir=folder)


def processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


@contextmanager
def dask():
    distributed = pytest.importorskip("distributed", reason="needs Dask: pip install distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


@pytest.mark.parametrize("make", [None, lambda: ThreadPoolExecutor(3), processes, dask])
def test_the_same_bytes_whatever_the_order(make, expected, tmp_path):
    specs = variants()
    random.Random(7).shuffle(specs)
    if make is None:
        enigma.compile_many(specs, work_dir=tmp_path)
    else:
        with make() as executor:
            enigma.compile_many(specs, executor, work_dir=tmp_path)
    assert content(tmp_path) == content(Path(expected.folder))


def test_the_manifest_has_its_schema(expected):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(SCHEMA_PATH).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    known = json.loads(Path(expected.path).read_text())
    assert list(validator.iter_errors(known)) == []
    for change in ({"form": "kernel"}, {"variants": [{}]}, {"more": 1}, {"enigma": 2}):
        assert list(validator.iter_errors({**known, **change}))
    broken = json.loads(Path(expected.path).read_text())
    del broken["variants"][0]["status"]
    assert list(validator.iter_errors(broken))


def test_what_the_manifest_says(expected):
    assert list(expected) == sorted(expected)
    assert [each.name for each in expected.failed] == ["raising", "unbound", "wrong"]
    assert len(expected.compiled) == 8
    entry = expected["filled"].entry
    layout = "(?,4):(4,1)"
    assert entry["arguments"] == [{"tensor": "A", "dtype": "f32", "layout": layout}, 2.5, "f32"]
    assert expected["scaled_3"].entry["options"] == {"constants": {"factor": 3}, "vec_width": 4}
    compiled = expected["scaled_3"].load()
    assert compiled.metal_source == Path(expected["scaled_3"].path("metal")).read_text()
    assert (
        compiled.metal_source
        == enigma.compile(
            scaled, name="scaled_3", constants={"factor": 3}, vec_width=4
        ).metal_source
    )
    assert isinstance(expected["twice"].load(), enigma.CompiledProgram)


def test_errors_have_file_and_line(expected):
    for name, kind, text in (
        ("wrong", "OperandError", "the right operand is a str"),
        ("raising", "KeyError", "'missing'"),
        ("unbound", "UnexpectedArguments", "'factor' of scaled has no value"),
    ):
        error = expected[name].entry["error"]
        assert error["type"] == kind
        assert text in error["message"]
        assert error["file"] == __file__
        source = Path(__file__).read_text().splitlines()[error["line"] - 1]
        assert {"wrong": "one", "raising": "missing", "unbound": "@enigma.kernel"}[name] in source
        assert expected[name].error.startswith(f"{__file__}:{error['line']}: {kind}: ")
    with pytest.raises(enigma.EnigmaError, match=r"3 of 11 kernels were not compiled\nraising: "):
        expected.check()


def test_a_worker_that_ends_loses_no_other_variant(tmp_path):
    with processes() as executor:
        specs = [enigma.CompileSpec(scaled, name="first", constants={"factor": 1})]
        enigma.compile_many(specs, executor, work_dir=tmp_path)
        manifest = enigma.compile_many([*specs, ending], executor, work_dir=tmp_path)
    assert manifest["ending"].entry["error"]["type"] == "BrokenProcessPool"
    assert set(manifest) == {"first", "ending"}


def test_functions_that_no_other_process_finds(tmp_path):
    @enigma.kernel
    def inner(A: enigma.f32):
        A[0] = 1

    with processes() as executor:
        manifest = enigma.compile_many([inner], executor, work_dir=tmp_path)
    error = manifest["inner"].entry["error"]
    assert error["type"] == "UnreachableFunction"
    assert "inner is defined inside of another one" in error["message"]
    assert "leave the executor out" in error["help"]
    assert enigma.compile_many([inner], work_dir=tmp_path)["inner"].is_compiled


def test_specs_are_passed_on_without_looking_up_the_function(tmp_path, monkeypatch):
    sent = pickle.dumps(enigma.CompileSpec(scaled, name="passed_on", constants={"factor": 2}))
    with monkeypatch.context() as patch:
        # A scheduler has no module of the user.
        patch.setattr(FunctionName, "find", None)
        sent = pickle.dumps(pickle.loads(sent))
    spec = pickle.loads(sent)
    assert spec.fn is scaled
    assert enigma.compile_many([spec], work_dir=tmp_path)["passed_on"].is_compiled


def test_threads_that_want_one_script_run_it_once(tmp_path, monkeypatch):
    script = tmp_path / "slow.py"
    script.write_text(
        "import threading, time\n"
        "threading.runs = getattr(threading, 'runs', 0) + 1\n"
        "time.sleep(0.1)\n"
        "def kernel(): ...\n"
    )
    monkeypatch.setattr(threading, "runs", 0, raising=False)
    wanted = FunctionName("__main__", str(script), "kernel")
    with ThreadPoolExecutor(4) as executor:
        found = [each.result() for each in [executor.submit(wanted.find) for _ in range(4)]]
    del sys.modules["_enigma_script_slow"]
    assert threading.runs == 1
    assert len(set(found)) == 1


def test_files_of_others_are_kept(tmp_path):
    mine = tmp_path / "enigma_kernel_scaled_0.metal"
    mine.write_text("mine\n")
    specs = variants()[:2]
    manifest = enigma.compile_many(specs, work_dir=tmp_path)
    assert manifest["scaled_0"].entry["error"]["type"] == "FileConflict"
    assert manifest["scaled_1"].is_compiled
    assert mine.read_text() == "mine\n"
    # What the manifest names is its own.
    changed = enigma.CompileSpec(scaled, name="scaled_1", constants={"factor": 9})
    again = enigma.compile_many([changed], work_dir=tmp_path)
    assert "9.0f" in again["scaled_1"].load().metal_source


class Interrupted:
    """An executor whose second task is interrupted."""

    def __init__(self):
        self.futures = []

    def submit(self, function, *arguments):
        future = Future()
        self.futures.append(future)
        if len(self.futures) == 2:
            future.set_exception(KeyboardInterrupt())
        return future


def test_an_interrupt_cancels_the_rest(tmp_path):
    executor = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        enigma.compile_many(variants()[:4], executor, work_dir=tmp_path)
    assert [each.cancelled() for each in executor.futures] == [True, False, True, True]
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        (lambda: [scaled, scaled], "names of variants must be different, not 'scaled'"),
        (lambda: [{"fn": scaled, "name": "a"}, {"fn": wrong, "name": "A"}], "('a', 'A')"),
        (lambda: ["scaled"], "what enigma.compile_many is given must be specs, not 'scaled'"),
        (lambda: [{"vec_width": 4}], "must be specs"),
        (lambda: [{"fn": print}], "enigma.compile expects a function decorated"),
        (lambda: [{"fn": scaled, "work_dir": "x"}], "has no option 'work_dir'"),
        (lambda: scaled, "what enigma.compile_many is given must be a list of specs, not"),
        (lambda: {"fn": scaled}, "must be a list of specs, not {'fn': "),
        (lambda: 3, "must be a list of specs, not 3"),
    ],
)
def test_wrong_specs(specs, message, tmp_path):
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile_many(specs(), work_dir=tmp_path)
    assert message in str(caught.value)
    assert "help: " in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_wrong_executor_and_folder(tmp_path):
    with pytest.raises(enigma.EnigmaError, match=r"executor must be an executor, not 4"):
        enigma.compile_many([scaled], 4)
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"it is a file"):
        enigma.compile_many([scaled], work_dir=tmp_path / "file")
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(enigma.EnigmaError, match=r"something else in "):
        enigma.Manifest(tmp_path)


@pytest.mark.parametrize("options", [[], ["--dask"]], ids=["processes", "dask"])
def test_the_example(options, tmp_path):
    if options:
        pytest.importorskip("distributed", reason="needs Dask: pip install distributed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path[1:]))}
    command = [sys.executable, str(PROGRAM), str(tmp_path), *options]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    manifest = enigma.Manifest(tmp_path)
    assert not manifest.failed
    assert len(manifest) > 10
    assert "kernel void" in manifest.compiled[0].load().metal_source


def test_progress_is_for_terminals(tmp_path, capfd):
    enigma.compile_many(variants()[:2], work_dir=tmp_path)
    assert capfd.readouterr() == ("", "")
    terminal, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            enigma.compile_many([*variants()[:2], wrong], work_dir=tmp_path)
        shown = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert "1/3 compiled: scaled_0" in shown
    assert "3/3 compiled, 1 failed: wrong" in shown
