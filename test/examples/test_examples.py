# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every example computes what NumPy does, and runs as a program."""

import pathlib
import subprocess
import sys

import pytest

import demo

FOLDER = pathlib.Path(demo.__file__).parent
NAMES = sorted({path.stem for path in FOLDER.glob("*.py")} - {"demo", "launch"})
LAUNCHES = list(demo.launches_of(NAMES))


@pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.title)
def test_launch(launch):
    demo.check(launch)


@pytest.mark.parametrize("name", NAMES)
def test_program(name):
    output = subprocess.check_output([sys.executable, FOLDER / f"{name}.py"], text=True)
    assert "kernel void enigma_kernel_" in output


def test_the_demo_shows_examples():
    assert set(demo.SHOWN) <= set(NAMES)
