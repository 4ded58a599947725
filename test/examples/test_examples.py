# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every example computes what NumPy does, and runs as a program."""

import pathlib
import subprocess
import sys

import pytest

import demo

EXAMPLES = pathlib.Path(demo.__file__).parent
LAUNCHES = list(demo.all_launches())


@pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.title)
def test_launch(launch):
    demo.check(launch)


@pytest.mark.parametrize("name", demo.EXAMPLES)
def test_program(name):
    output = subprocess.check_output([sys.executable, EXAMPLES / f"{name}.py"], text=True)
    assert "kernel void enigma_kernel_" in output


def test_demo_shows_every_example():
    names = {path.stem for path in EXAMPLES.glob("*.py")} - {"demo", "launch"}
    assert names == set(demo.EXAMPLES)
