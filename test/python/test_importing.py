# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What an import of Enigma brings, and what comes when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def run(program, **environment):
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


LATE = """
import sys
import enigma

from enigma import _late

modules = set(_late.MODULES.values())
assert modules.isdisjoint(sys.modules), modules & set(sys.modules)
assert not [name for name in sys.modules if name.startswith("enigma.runtime.")]
for name, module in _late.MODULES.items():
    assert name not in vars(enigma), name
    assert getattr(enigma, name) is getattr(sys.modules[module], name), name
    assert name in vars(enigma), name
"""


def test_modules_of_late_names_are_imported_with_them():
    run(LATE)


DECORATED = """
import sys
import enigma

def plain(A: enigma.f32):
    enigma.gemm

assert "enigma.language.mma" not in sys.modules
enigma.{decorator}(plain)
assert "enigma.language.mma" in sys.modules
assert "enigma.language.pipelines" not in sys.modules
"""


@pytest.mark.parametrize("decorator", ["kernel", "func", "jit"])
def test_functions_bring_what_they_name(decorator):
    run(DECORATED.format(decorator=decorator))


def test_a_star_imports_every_name():
    run("from enigma import *\nimport enigma\nassert set(enigma.__all__) <= set(globals())")


LAUNCH = """
import sys
import numpy
import enigma

@enigma.kernel
def double(A: enigma.f32):
    A[enigma.thread_position_in_grid] *= 2.0

a = numpy.ones(4, numpy.float32)
{what}.launch(a, threads=4{device})
print(a.sum())
"""


@pytest.mark.parametrize("what", ["double", "enigma.compile(double, emit_only=True)"])
@pytest.mark.parametrize("device", ["", ', device="cpu"', ', device=enigma.device("cpu")'])
def test_a_launch_finds_its_device(tmp_path, what, device):
    path = tmp_path / "launch.py"
    path.write_text(LAUNCH.format(what=what, device=device))
    ran = subprocess.run(
        [sys.executable, str(path)],
        env={**os.environ, "ENIGMA_DEVICE": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "8.0\n", ran.stderr


COLLECTOR = """
import gc
kept = [[] for _ in range(1000)]
{before}
import enigma
print(gc.isenabled(), gc.get_freeze_count() >= 1000, len(gc.get_objects(generation=0)) < 2000)
"""


@pytest.mark.parametrize(
    ("before", "is_enabled", "is_frozen"),
    [("", True, False), ("gc.disable()", False, False), ("gc.freeze()", True, True)],
)
def test_the_collector_is_as_before(before, is_enabled, is_frozen):
    enabled, frozen, few = run(COLLECTOR.format(before=before)).split()
    assert enabled == str(is_enabled)
    assert frozen == str(is_frozen)
    if not is_frozen:
        # It does not look at all of the package after the import.
        assert few == "True"


STORED = """
import sys
import enigma
from enigma.compiler import stored

stored._small = 0
if {asked}:
    [getattr(enigma, name) for name in enigma.__all__]

@enigma.kernel
def copied(A: enigma.f32, B: enigma.f32):
    layout = enigma.make_layout((8, 4))
    a, b = enigma.make_tensor(A, layout), enigma.make_tensor(B, layout)
    enigma.copy(enigma.local_tile(a, (2, 4), (enigma.thread_position_in_grid, 0)),
                enigma.local_tile(b, (2, 4), (enigma.thread_position_in_grid, 0)))

enigma.compile(copied, emit_only=True)
print("enigma._mlir" in sys.modules)
"""


@pytest.mark.parametrize("asked", [False, True])
def test_compilations_are_found_whatever_was_imported(tmp_path, asked):
    path, kept = tmp_path / "kernels.py", {"ENIGMA_CACHE": "1", "ENIGMA_CACHE_DIR": str(tmp_path)}

    def loads_mlir(asked):
        path.write_text(STORED.format(asked=repr(asked).ljust(5)))
        return run(f"import runpy; runpy.run_path({str(path)!r})", **kept)

    assert loads_mlir(asked) == "True\n"
    assert loads_mlir(not asked) == "False\n"
