# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel is called in MSL, and in the files that hold it."""

import itertools
import os
import re

import pytest

import enigma
from conformance import harness
from enigma.compiler.naming import PREFIX, kernel_name


def make(name=None):
    @enigma.kernel
    def store(A: enigma.i32):
        A[enigma.thread_position_in_grid] = 7

    if name is not None:
        store.__name__ = name
    return store


NAMES = {
    "add": "add",
    "_private": "_private",
    "größe": "gr_u00f6__u00df_e",
    "add-f32<4>": "add_u002d_f32_u003c_4_u003e_",
    "<lambda>": "_u003c_lambda_u003e_",
    "for": "for",
    "kernel": "kernel",
    "float4": "float4",
    "main": "main",
    "": "",
    "3d": "3d",
    "a.b": "a_u002e_b",
    "two\nlines */": "two_u000a_lines_u0020__u002a__u002f_",
    "\U0001f600": "_u1f600_",
    "\ud800": "_ud800_",
    "a\0b": "a_u0000_b",
    "gr_u00f6_e": "gr_u005f_u00f6_e",
    "mul_udead": "mul_udead",
    "n" * 5000: "n" * 5000,
}


def function_of(text):
    """The name of the kernel function in MSL."""
    (name,) = re.findall(r"^kernel void (\w*)\(", text, re.MULTILINE | re.ASCII)
    return name


@pytest.mark.parametrize(("name", "spelled"), NAMES.items(), ids=[ascii(n)[:20] for n in NAMES])
def test_spelling(name, spelled):
    for compiled in (enigma.compile(make(name)), enigma.compile(make(), name=name)):
        assert compiled.kernel_name == f"enigma_kernel_{spelled}"
        assert function_of(compiled.metal_source) == compiled.kernel_name
        assert f"// Kernel {compiled.kernel_name}, generated" in compiled.metal_source


@pytest.mark.parametrize("name", [n for n in NAMES if len(n) < 100], ids=ascii)
def test_the_text_is_valid(name):
    import numpy as np

    a = np.zeros(4, np.int32)
    harness.run(enigma.compile(make(), name=name), args=[a], threads=4)
    assert a.tolist() == [7] * 4


def test_two_names_never_have_one_spelling():
    parts = ["_", "u0", "05f", "u005f", "ö", "-", "a", "u1f600", "00", "\U0001f600", "A"]
    names = {"".join(part) for n in range(5) for part in itertools.product(parts, repeat=n)}
    spelled = {kernel_name(name) for name in names}
    assert len(spelled) == len(names)
    assert all(re.fullmatch(rf"{PREFIX}\w*", name, re.ASCII) for name in spelled)


def test_lambda_of_a_jit_function():
    @enigma.kernel
    def fill(A):
        A[enigma.thread_position_in_grid] = 1.0

    launcher = enigma.jit(lambda A: fill(A).launch(grid=1, block=32))
    tensor = enigma.Tensor("A", 0, "float", enigma.Layout(32))
    compiled = enigma.compile(launcher, tensor)
    assert compiled.kernel_name == "enigma_kernel__u003c_lambda_u003e_"
    assert function_of(compiled.metal_source) == compiled.kernel_name
    assert enigma.compile(launcher, tensor, name="fill").kernel_name == "enigma_kernel_fill"


@pytest.mark.parametrize("name", [3, b"add", ["add"]])
def test_name_that_is_no_str(name):
    with pytest.raises(ValueError, match="name must be a str"):
        enigma.compile(make(), name=name)


def test_renaming_renames_the_function():
    kernel = make()
    kernel.__name__ = "renamed"
    assert kernel.name == kernel.function.__name__ == kernel.__name__ == "renamed"
    assert type(kernel).__name__ == "Kernel"


# Files.


def test_export_keeps_the_files_of_other_kernels(tmp_path):
    scalar = enigma.compile(make())
    wide = enigma.compile(make(), vec_width=4)
    assert scalar.kernel_name == wide.kernel_name
    assert scalar.metal_source != wide.metal_source
    path = scalar.export_metal(tmp_path)
    # The same text is no conflict.
    assert scalar.export_metal(tmp_path) == path
    assert enigma.compile(make()).export_metal(f"{tmp_path}{os.sep}") == path
    for target in (tmp_path, f"{tmp_path}{os.sep}"):
        with pytest.raises(enigma.EnigmaError, match="name=") as caught:
            wide.export_metal(target)
        assert isinstance(caught.value, FileExistsError)
        assert path in str(caught.value)
    with open(path) as file:
        assert file.read() == scalar.metal_source
    # What the user names is what the user wants.
    assert wide.export_metal(path) == path
    with open(path) as file:
        assert file.read() == wide.metal_source
    named = enigma.compile(make(), vec_width=4, name="store_4").export_metal(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["enigma_kernel_store.metal", os.path.basename(named)]


def test_export_into_the_current_folder_keeps_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "enigma_kernel_store.metal").write_text("precious")
    with pytest.raises(enigma.EnigmaError, match="name="):
        enigma.compile(make()).export_metal()
    assert (tmp_path / "enigma_kernel_store.metal").read_text() == "precious"


def test_files_of_long_names(tmp_path):
    names = ["n" * 5000, "n" * 4999 + "m", "n" * 201]
    paths = {enigma.compile(make(), name=name).export_metal(tmp_path) for name in names}
    assert len(paths) == len(names)
    kept = enigma.compile(make(), name="n" * 5000, keep_metal_source=True, work_dir=tmp_path)
    assert kept.metal_path in paths
