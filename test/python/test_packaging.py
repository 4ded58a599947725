# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The installed package stands on its own."""

import pathlib
import shutil
import subprocess
import sys

import pytest

import enigma

PACKAGE = pathlib.Path(enigma.__file__).parent
TOOLS = ("enigma-opt", "enigma-translate", "enigma-lsp-server", "enigma-reduce")
MODULE = "enigma.kernel @nothing() {\n  enigma.return\n}\n"


def libraries() -> list[pathlib.Path]:
    return [p for p in PACKAGE.rglob("*.so*") if p.is_file()]


@pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files with ldd")
def test_shared_libraries_need_nothing_outside_the_package_and_the_system():
    assert libraries()
    for library in libraries():
        listing = subprocess.check_output(["ldd", library], text=True)
        assert "not found" not in listing
        assert "libLLVM" not in listing
        assert "libMLIR." not in listing


def test_package_is_a_few_tens_of_megabytes():
    sizes = {p: p.stat().st_size for p in PACKAGE.rglob("*") if p.is_file()}
    # LLVM's code generator, which compiling does not need.
    jit = sum(size for path, size in sizes.items() if path.name.startswith("_jit."))
    assert 0 < jit < 96 * 1024**2
    assert sum(sizes.values()) - jit < 64 * 1024**2


def test_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()
    assert (PACKAGE / "_mlir.pyi").is_file()


def test_import_works_from_another_folder(tmp_path):
    command = [sys.executable, "-c", "import enigma, enigma._mlir"]
    subprocess.run(command, cwd=tmp_path, check=True)


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_describe_themselves(tool, tmp_path):
    path = shutil.which(tool, path=str(pathlib.Path(sys.executable).parent))
    assert path, f"{tool} is not installed beside {sys.executable}"
    usage = subprocess.check_output([path, "--help"], text=True, cwd=tmp_path)
    assert "USAGE" in usage


def test_opt_reads_a_kernel(tmp_path):
    path = pathlib.Path(sys.executable).parent / "enigma-opt"
    output = subprocess.check_output(
        [path, "--enigma-clean"], input=MODULE, text=True, cwd=tmp_path
    )
    assert "enigma.kernel @nothing()" in output
