# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every example computes what NumPy does: as a program that launches it, and by its MSL."""

import subprocess
import sys

import numpy as np
import pytest

import demo
import enigma
from conformance import harness
from enigma.runtime.binding import binder_of
from launch import JitLaunch, difference, memory_of

LAUNCHES = list(demo.launches_of(demo.NAMES))


def steps(launch, arguments):
    """Give the kernels of a launch in their order, each with its arguments, grid and block."""
    if not isinstance(launch, JitLaunch):
        yield launch.kernel, list(arguments.values()), launch.grid, launch.block
        return
    program = isinstance(launch.kernel, enigma.CompiledProgram)
    for kernel in launch.kernel.kernels if program else [launch.kernel]:
        own = {name: a for name, a in arguments.items() if name in kernel.param_names}
        _, sizes = binder_of(kernel).bind(enigma.device("cpu"), (), own)
        grid = kernel.launch_grid(**{name: sizes[name] for name in kernel.sizes})
        yield kernel, [{**sizes, **own}[name] for name in kernel.param_names], grid, kernel.block


@pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.title)
def test_msl(launch):
    arguments = launch.fresh_arguments()
    for kernel, given, grid, block in steps(launch, arguments):
        flat = [memory_of(a) if isinstance(a, np.ndarray) else a for a in given]
        harness.run(kernel, args=flat, grid=grid, block=block)
    difference(launch, arguments)


@pytest.mark.parametrize("name", demo.NAMES)
def test_program(name):
    output = subprocess.check_output([sys.executable, demo.FOLDER / f"{name}.py"], text=True)
    assert "kernel void enigma_kernel_" in output
    shown = [line for line in output.splitlines() if line.startswith("ok  ")]
    assert len(shown) == len(list(demo.launches_of([name])))


def test_the_demo(monkeypatch, capsys):
    monkeypatch.setattr(demo, "NAMES", ["saxpy", "rope"])
    monkeypatch.setattr("sys.argv", ["demo.py"])
    demo.main()
    output = capsys.readouterr().out
    assert "kernel void enigma_kernel_vector_add" in output
    shown = [line.split()[1] for line in output.splitlines() if line.startswith("ok  ")]
    assert shown == ["saxpy:", "rope:"]
    assert f"{len(list(demo.launches_of(demo.NAMES)))} launches on " in output
