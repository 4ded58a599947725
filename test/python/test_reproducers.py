# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tools make of what is dumped, byte for byte, the MSL that `enigma.compile` gives."""

import importlib
import re
import subprocess

import numpy as np
import pytest
from compile_options import OPTIONS

import demo
import enigma
from conformance.random_kernels.checking import Program
from conformance.random_kernels.generator import kernel as random_kernel
from conformance.random_kernels.programs import program as random_program
from conformance.semantics.comparison import Text
from conformance.semantics.comparison import _compile as compile_case
from enigma.compiler.options import Options
from enigma.compiler.targets import find_target
from enigma.errors import InvalidOption
from tools import metal_of, path_of

compiling = importlib.import_module("enigma.compiler.compile")
SEEDS = range(10)


@pytest.fixture(params=["reproducer", True], ids=["reproducer", "for people"])
def compiled(monkeypatch, request):
    """Let all compilations give their MLIR, and collect them with their pipelines."""
    found = []
    plain = compiling.compile_anew

    def reproducible(fn, arguments, options):
        options = Options(**{**vars(options), "dump_mlir": request.param})
        pipeline = find_target(options.target).pipeline(options)
        found.append((plain(fn, arguments, options), pipeline))
        return found[-1][0]

    monkeypatch.setattr(compiling, "compile_anew", reproducible)
    monkeypatch.setattr(compiling, "compiled_once", lambda fn, find_key, build: (build(), None))
    return found


def check(compiled, count):
    assert len(compiled) >= count
    for each, pipeline in compiled:
        is_reproducer = "mlir_reproducer" in each.mlir_source
        text = metal_of(each.mlir_source, None if is_reproducer else pipeline)
        assert text == each.metal_source


@pytest.mark.parametrize("name", demo.NAMES)
def test_examples(name, compiled):
    assert list(demo.launches_of([name]))
    check(compiled, 1)


@pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")
@pytest.mark.parametrize("make", [random_kernel, random_program])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_kernels(make, seed, compiled):
    found = compile_case(Program(f"{make.__name__} {seed}", make(seed).source))
    assert isinstance(found, Text)
    check(compiled, 1)


@enigma.kernel
def walk(A: enigma.f32, B: enigma.f32, count: enigma.Scalar[enigma.u32]):
    position = enigma.thread_position_in_grid
    total, größe = 0.0, A[position]
    for turn in enigma.range(count):
        total = total + größe * turn.to(enigma.f32)
        while total > 100.0:
            total = total / 2.0
        enigma.print("total {}", total)
    B[position] = total


@enigma.kernel
def scale(A: enigma.f32, B: enigma.f32):
    tid = enigma.thread_position_in_grid
    B[tid] = A[tid] * 2.0


@enigma.kernel
def doubled(A):
    tile = enigma.local_tile(A, (4,), (enigma.thread_position_in_grid.x,))
    tile.store(tile.load() * 2)


@enigma.kernel
def shifted(A):
    i = enigma.thread_position_in_grid
    A[i] = A[i] + 1.0


@enigma.jit
def both(A):
    groups = enigma.size(A) // 256
    doubled(A).launch(grid=(groups, 1, 1), block=(64, 1, 1))
    shifted(A).launch(grid=(groups, 1, 1), block=(256, 1, 1))


@pytest.mark.parametrize("options", [{}, *OPTIONS, {"vec_width": 4}], ids=str)
def test_options(options, compiled):
    newest = {"metal_std": "3.2"} if options.get("debug") else {}
    enigma.compile(walk, emit_only=True, **newest, **options)
    enigma.compile(scale, emit_only=True, **options)
    n = enigma.dyn("n", div=256)
    A = enigma.Tensor("A", 0, "float", enigma.Layout(n))
    enigma.compile(both, A, emit_only=True, **options)
    check(compiled, 3)
    text = compiled[0][0].metal_source
    assert "uint turn" in text
    assert "float gru00f6u00dfe" in text


def test_a_program_is_one_module_for_people_too(capsys):
    A = enigma.Tensor("A", 0, "float", enigma.Layout(1024))
    program = enigma.compile(both, A, emit_only=True, dump_mlir=True)
    printed = capsys.readouterr().out
    assert printed == program.mlir_source + "\n"
    assert printed.count("module attributes") == 1
    assert metal_of(printed, "enigma-to-flat") == program.metal_source


def test_the_names_of_an_edited_dump_are_left_out():
    dumped = enigma.compile(scale, emit_only=True, dump_mlir=True).mlir_source
    edited = dumped.replace(
        "    enigma.return", "    %c = arith.constant 1 : i32\n    enigma.return"
    )
    finished = subprocess.run(
        [path_of("enigma-opt"), "--enigma-to-flat"], input=edited, capture_output=True, text=True
    )
    assert finished.returncode == 0
    assert "warning: names of variables are left out" in finished.stderr


def test_what_is_clean_is_printed_where_a_later_step_fails(monkeypatch, capsys):
    def fail(*_):
        raise RuntimeError("the text cannot be made")

    monkeypatch.setattr(compiling, "_emit", fail)
    with pytest.raises(RuntimeError, match="cannot be made"):
        enigma.compile(scale, emit_only=True, dump_mlir=True)
    assert "enigma.kernel @enigma_kernel_scale(" in capsys.readouterr().out


def test_errors_of_the_tools_name_the_line_of_python():
    compiled = enigma.compile(scale, emit_only=True, dump_mlir="reproducer")
    finished = subprocess.run(
        [path_of("enigma-translate"), "--enigma-to-msl"],
        input=compiled.mlir_source,
        capture_output=True,
        text=True,
    )
    assert finished.returncode != 0
    line = scale.function.__code__.co_firstlineno + 3
    expected = (
        rf"{re.escape(__file__)}:{line}:\d+: error: 'enigma.load' op cannot .* not in flat form"
    )
    assert re.search(expected, finished.stderr)
    assert "help: lower the kernel first" in finished.stderr


@pytest.mark.parametrize("value", ["text", 1, None, np.array(["reproducer", ""])])
def test_another_value_is_refused(value):
    with pytest.raises(InvalidOption, match='True, False or "reproducer"'):
        enigma.compile(scale, dump_mlir=value)
