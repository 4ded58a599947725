# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ctrl-C at each call of what compilations and launches change for a while, and restore."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import enigma
from enigma._process import fork_lock
from enigma.compiler import compilations
from enigma.tracing import notices
from enigma.tracing.builder import current_builder
from enigma.tracing.launches import current_launches
from enigma.tracing.session import sessions

ROOT = Path(enigma.__file__).resolve().parent
# Those that change something for a while.
MODULES = [
    "_cache.py",
    "_collector.py",
    "_files.py",
    "_process.py",
    "compiler/compilations.py",
    "compiler/compile.py",
    "compiler/diagnostics.py",
    "compiler/flat.py",
    "compiler/stored.py",
    "compiler/trace.py",
    "runtime/cpu_device.py",
    "runtime/launching.py",
    "tracing/builder.py",
    "tracing/launches.py",
    "tracing/nodes.py",
    "tracing/notices.py",
    "tracing/rewriter/__init__.py",
    "tracing/session.py",
]


@enigma.kernel
def scale(A: enigma.f32, factor: enigma.Scalar[enigma.f32]):
    i = enigma.thread_position_in_grid
    A[i]  # it is warned of
    if A[i] > 1.0:
        A[i] *= factor


@enigma.kernel
def negate(A):
    A[enigma.thread_position_in_grid.x] = -A[enigma.thread_position_in_grid.x]


@enigma.jit
def negated(A):
    negate(A).launch(grid=A.size(), block=1)
    negate(A).launch(grid=A.size(), block=1)


def forget(function) -> None:
    compilations.forget()
    function.compilations.clear()
    function.references.clear()
    for name in ("__enigma_source__", "__enigma_rewritten__"):
        vars(function.function).pop(name, None)


def compiled():
    return enigma.compile(scale, emit_only=True).metal_source


def launched():
    array = np.arange(8, dtype=np.float32)
    scale.launch(array, 2.0, threads=8, block=4, device="cpu")
    return array.tolist()


def called():
    array = np.arange(8, dtype=np.float32)
    negated(array)
    return array.tolist()


def anew():
    for function in (scale, negate, negated):
        forget(function)
    for file in Path(os.environ["ENIGMA_CACHE_DIR"]).rglob("*.entry"):
        file.unlink()


class At:
    """Ctrl-C at the entry of a function of Python, or the return of one in C: there Python looks.

    Each place of the code in which that happens is one, however often it comes to it.
    """

    def __init__(self, place=None) -> None:
        self.places: dict[object, None] = {}
        self._place = place

    def __call__(self, frame, event, argument) -> None:
        if event not in ("call", "c_return"):
            return
        try:
            module = Path(frame.f_code.co_filename).resolve().relative_to(ROOT).as_posix()
        except ValueError:
            return
        if module in MODULES:
            place = (module, frame.f_code.co_name, frame.f_lineno, frame.f_lasti, event)
            is_first = place not in self.places
            self.places[place] = None
            if is_first and place == self._place:
                raise KeyboardInterrupt

    def __enter__(self):
        sys.setprofile(self)
        return self

    def __exit__(self, *exception) -> None:
        sys.setprofile(None)


def state():
    free = []

    def acquire() -> None:
        free.append(fork_lock.acquire(timeout=10))
        fork_lock.release()

    thread = threading.Thread(target=acquire)
    thread.start()
    thread.join()
    folder = Path(os.environ["ENIGMA_CACHE_DIR"])
    return {
        "the collector": gc.isenabled(),
        "the limit of recursion": sys.getrecursionlimit(),
        "the lock of forks": free,
        "the sessions": sessions.used,
        "the builder": current_builder(),
        "the launches": current_launches(),
        "the lists of warnings": len(notices._recorders.lists),
        "files": [file.name for file in folder.rglob(".*")],
    }


@pytest.mark.filterwarnings(
    "ignore::enigma.EnigmaWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize(
    ("run", "prepare"),
    [(compiled, anew), (launched, compilations.forget), (called, compilations.forget)],
)
def test_ctrl_c_at_each_call(run, prepare, tmp_path, monkeypatch):
    monkeypatch.setenv("ENIGMA_CACHE", "1")
    monkeypatch.setenv("ENIGMA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("enigma.compiler.stored.MOST_SMALL", 1 << 30)
    for _ in range(2):
        prepare()
        expected = run()
    prepare()
    with At() as seen:
        assert run() == expected
    before = state()
    assert before["the lock of forks"] == [True]
    stopped = 0
    for place in seen.places:
        prepare()
        try:
            with At(place):
                run()
        except KeyboardInterrupt:
            stopped += 1
        assert state() == before, place
        assert run() == expected, place
    assert stopped > 0.8 * len(seen.places)
