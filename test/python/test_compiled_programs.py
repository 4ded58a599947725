# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Jit functions that launch several kernels."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import enigma
from conformance import harness


@enigma.kernel
def scale(X, Y, factor):
    i = enigma.thread_position_in_grid.x
    Y[i] = X[i] * factor


@enigma.kernel
def add(X, Y, Z):
    i = enigma.thread_position_in_grid.x
    Z[i] = X[i] + Y[i]


def vector(name, index, size=64):
    return enigma.Tensor(name, index, "float", enigma.Layout(size))


TENSORS = [vector(name, index) for index, name in enumerate("ABC")]


@enigma.jit
def doubled_sum(A, B, C):
    """C = 2 (A + B), and B = 0.5 B on the way."""
    add(A, B, C).launch(grid=2, block=32)
    scale(B, B, 0.5).launch(grid=2, block=32)
    scale(C, C, 2.0).launch(grid=1, block=64)


def run(program, arrays):
    """Run the kernels of a program, in order."""
    for kernel in program.kernels:
        arguments = [arrays[name] for name in kernel.param_names]
        harness.run(kernel, args=arguments, grid=kernel.launch_grid(), block=kernel.block)


def test_kernels_run_in_order():
    program = enigma.compile(doubled_sum, *TENSORS)
    assert isinstance(program, enigma.CompiledProgram)
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 64)).astype(np.float32)
    arrays = {"A": a.copy(), "B": b.copy(), "C": np.zeros(64, np.float32)}
    run(program, arrays)
    np.testing.assert_array_equal(arrays["C"], 2 * (a + b))
    np.testing.assert_array_equal(arrays["B"], b / 2)
    assert [kernel.grid for kernel in program.kernels] == [(2, 1, 1), (2, 1, 1), (1, 1, 1)]


def test_one_text_holds_all():
    program = enigma.compile(doubled_sum, *TENSORS)
    names = [kernel.kernel_name for kernel in program.kernels]
    assert names == [
        "enigma_kernel_doubled_sum_add",
        "enigma_kernel_doubled_sum_scale",
        "enigma_kernel_doubled_sum_scale_2",
    ]
    assert program.name == "enigma_kernel_doubled_sum"
    for kernel in program.kernels:
        assert kernel.metal_source == program.metal_source
        assert f"kernel void {kernel.kernel_name}(" in program.metal_source
    assert program.metal_source.count("kernel void") == 3
    assert program.metal_source.count("#include <metal_stdlib>") == 1


def test_a_tensor_keeps_its_index_and_unused_ones_are_no_parameters():
    program = enigma.compile(doubled_sum, *TENSORS)
    assert [kernel.param_names for kernel in program.kernels] == [("A", "B", "C"), ("B",), ("C",)]
    for line in program.metal_source.splitlines():
        for index, name in enumerate("ABC"):
            if f" {name} [[buffer" in line:
                assert f"{name} [[buffer({index})]]" in line


def test_launches_that_differ_in_nothing_share_a_kernel():
    @enigma.jit
    def repeated(A, B):
        for _ in range(3):
            scale(A, B, 2.0).launch(grid=2, block=32)
            scale(B, A, 2.0).launch(grid=2, block=32)
        scale(A, B, 2.0).launch(grid=1, block=64)

    program = enigma.compile(repeated, *TENSORS[:2])
    kernels = program.kernels
    assert len(kernels) == 7
    assert kernels[0] is kernels[2] is kernels[4]
    assert kernels[1] is kernels[3] is kernels[5]
    assert len({kernel.kernel_name for kernel in kernels}) == 3
    arrays = {"A": np.ones(64, np.float32), "B": np.zeros(64, np.float32)}
    run(program, arrays)
    np.testing.assert_array_equal(arrays["B"], np.full(64, 128, np.float32))


def test_names_stay_apart():
    @enigma.kernel
    def step_2(A):
        A[0] = 1.0

    @enigma.kernel
    def step(A):
        A[1] = 1.0

    other = step

    @enigma.kernel
    def step(A):
        A[2] = 1.0

    @enigma.jit
    def steps(A):
        for kernel in (step_2, other, step):
            kernel(A).launch(grid=1, block=1)

    program = enigma.compile(steps, TENSORS[0], name="variant")
    assert program.name == "enigma_kernel_variant"
    names = [
        kernel.kernel_name.removeprefix("enigma_kernel_variant_") for kernel in program.kernels
    ]
    assert names == ["step_2", "step", "step_3"]
    arrays = {"A": np.zeros(64, np.float32)}
    run(program, arrays)
    np.testing.assert_array_equal(arrays["A"][:4], [1, 1, 1, 0])


def test_symbolic_sizes():
    n = enigma.dyn("n")
    tensors = [enigma.Tensor(name, i, "float", enigma.Layout((n,))) for i, name in enumerate("ABC")]

    @enigma.kernel
    def guarded(X, Y):
        i = enigma.thread_position_in_grid.x
        if i < X.shape[0]:
            Y[i] = X[i] + 1.0

    @enigma.jit
    def chain(A, B, C):
        guarded(A, B).launch(grid=-(-A.size() // 32), block=32)
        guarded(B, C).launch(grid=-(-A.shape[0] // 64), block=64)

    program = enigma.compile(chain, *tensors)
    arrays = {
        "A": np.arange(100, dtype=np.float32),
        "B": np.zeros(100, np.float32),
        "C": np.zeros(100, np.float32),
        "n": np.uint32(100),
    }
    for kernel in program.kernels:
        assert "n" in kernel.param_names
        arguments = [arrays[name] for name in kernel.param_names]
        harness.run(kernel, args=arguments, grid=kernel.launch_grid(n=100), block=kernel.block)
    np.testing.assert_array_equal(arrays["C"], arrays["A"] + 2)


@pytest.mark.needs_positions
def test_every_line_of_the_text_knows_its_kernel():
    program = enigma.compile(doubled_sum, *TENSORS)
    begins = {}
    for number, line in enumerate(program.metal_source.splitlines(), 1):
        if line.startswith("kernel void"):
            begins[number] = scale if "scale" in line else add
    assert len(begins) == 3
    ends = [*list(begins)[1:], len(program.metal_source.splitlines())]
    for (begin, kernel), end in zip(begins.items(), ends, strict=True):
        code = kernel.function.__code__
        lines = {line for _, _, line in code.co_lines() if line}
        found = [program.source_map[n] for n in range(begin, end) if n in program.source_map]
        assert found
        assert all(place.filename == __file__ and place.line in lines for place in found)
    assert all(kernel.source_map == program.source_map for kernel in program.kernels)


def test_files_of_a_program(tmp_path):
    program = enigma.compile(
        doubled_sum, *TENSORS, keep_metal_source=True, work_dir=tmp_path, emit_only=True
    )
    assert [path.name for path in tmp_path.iterdir()] == ["enigma_kernel_doubled_sum.metal"]
    assert (tmp_path / "enigma_kernel_doubled_sum.metal").read_text() == program.metal_source
    assert all(kernel.metal_path == program.metal_path for kernel in program.kernels)
    exported = program.export_metal(tmp_path / "out.metal")
    assert exported == str(tmp_path / "out.metal")
    restored = pickle.loads(pickle.dumps(program))
    assert restored.metal_source == program.metal_source
    assert [k.kernel_name for k in restored.kernels] == [k.kernel_name for k in program.kernels]


def test_dumps_hold_every_kernel(capsys):
    program = enigma.compile(doubled_sum, *TENSORS, dump_mlir=True)
    printed = capsys.readouterr().out
    for kernel in program.kernels:
        assert f"@{kernel.kernel_name}" in printed
        assert f"@{kernel.kernel_name}" in program.mlir_source
        own = kernel.mlir_source.splitlines()[1:-1]
        assert "\n".join(own) in program.mlir_source


def test_the_same_bytes_again():
    texts = {enigma.compile(doubled_sum, *TENSORS).metal_source for _ in range(3)}
    assert len(texts) == 1


def test_an_error_in_the_second_kernel_names_its_line():
    @enigma.kernel
    def wrong(A):
        A[0] = "text"

    @enigma.jit
    def launches(A):
        scale(A, A, 1.0).launch(grid=1, block=1)
        wrong(A).launch(grid=1, block=1)

    with pytest.raises(TypeError, match='A\\[0\\] = "text"'):
        enigma.compile(launches, TENSORS[0])


def test_the_wrong_arguments_of_the_second_kernel():
    @enigma.jit
    def launches(A):
        scale(A, A, 1.0).launch(grid=1, block=1)
        add(A, A).launch(grid=1, block=1)

    with pytest.raises(enigma.EnigmaError, match="kernel add: missing a required argument: 'Z'"):
        enigma.compile(launches, TENSORS[0])


def test_a_jit_function_runs_another():
    @enigma.jit
    def twice(A, B, C):
        for _ in range(2):
            doubled_sum(A, B, C)

    program = enigma.compile(twice, *TENSORS)
    assert len(program.kernels) == 6
    assert len(set(program.kernels)) == 3
    arrays = {name: np.ones(64, np.float32) for name in "ABC"}
    run(program, arrays)
    np.testing.assert_array_equal(arrays["C"], np.full(64, 3, np.float32))


def test_a_jit_function_in_a_kernel():
    @enigma.kernel
    def kernel(A: enigma.f32):
        doubled_sum(A, A, A)

    with pytest.raises(enigma.EnigmaError, match="jit function doubled_sum"):
        enigma.compile(kernel)


@enigma.jit
def grow(A, B):
    """The first kernel knows the length of A, the second that of B."""
    scale(A, A, 2.0).launch(grid=-(-A.size() // 32), block=32)
    scale(B, B, 3.0).launch(grid=-(-B.size() // 16), block=16)


def grown():
    tensors = [vector(name, i, enigma.dyn(n)) for i, (name, n) in enumerate(["Am", "Bn"])]
    return enigma.compile(grow, *tensors, emit_only=True)


def test_launch_grids_hands_each_kernel_its_sizes():
    program = grown()
    assert program.launch_grids(m=100, n=100) == ((4, 1, 1), (7, 1, 1))
    assert [list(kernel.sizes) for kernel in program.kernels] == [["m"], ["n"]]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"m": 100}, "n is not given"),
        ({"m": 100, "n": 1, "k": 2}, "has no symbolic integer k"),
        ({"m": 100, "n": 0}, "n=0 is no extent"),
    ],
)
def test_launch_grids_refuses(sizes, message):
    with pytest.raises(enigma.EnigmaError, match=message):
        grown().launch_grids(**sizes)
