# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random control flow computes in a kernel what it computes in Python."""

import importlib.util

import numpy as np
import pytest
from programs import INPUTS, Program

import enigma
from conformance import harness
from enigma.tracing.builder import current_builder

SEEDS = range(48)


def loop(*bounds):
    """A loop of the kernel while tracing, and Python's otherwise."""
    return enigma.range(*bounds) if current_builder() is not None else range(*bounds)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The functions and their kernels, compiled together."""
    folder = tmp_path_factory.mktemp("programs")
    found = {}
    for seed in SEEDS:
        path = folder / f"program{seed}.py"
        path.write_text(Program(seed).source)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.loop = loop
        helper = enigma.func(module.program)

        @enigma.kernel
        def kernel(A: enigma.i32, B: enigma.i32):
            tid = enigma.thread_position_in_grid
            B[tid] = helper(A[tid])  # noqa: B023

        compiled = enigma.compile(kernel)
        harness.declare(compiled)
        found[seed] = (module.program, compiled)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_program(programs, seed):
    program, compiled = programs[seed]
    values = np.array(INPUTS, np.int32)
    results = np.zeros_like(values)
    harness.run(compiled, args=[values, results], threads=len(values), block=32)
    expected = [program(int(value)) for value in values]
    np.testing.assert_array_equal(results, expected)
