# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The version of MSL that a text needs, and the one that a kernel is compiled for."""

import copy
import pickle

import pytest

import enigma
from enigma import errors
from enigma.limits import MSL_VERSIONS


@enigma.kernel
def plain(A: enigma.f32):
    A[enigma.thread_position_in_grid] = 1.0


@enigma.kernel
def of_groups(A: enigma.f32):
    i = enigma.thread_position_in_grid
    A[i] = enigma.simd_shuffle_and_fill_up(A[i], 0.0, 1) + enigma.quad_sum(A[i])


@enigma.kernel
def of_floats(A: enigma.f32):
    enigma.atomic_fetch_add(A, 0, 1.0)  # in device memory


@enigma.kernel
def of_shared_floats(A: enigma.f32):
    shared = enigma.threadgroup_alloc(enigma.f32, 1)
    enigma.atomic_exchange(shared, 0, 1.0)
    enigma.barrier()
    A[0] = shared[0]


@enigma.kernel
def of_brain_floats(A: enigma.bf16):
    A[enigma.thread_position_in_grid] = 1.0


@enigma.kernel
def of_brain_values(A: enigma.f32):
    i = enigma.thread_position_in_grid
    A[i] = A[i].to(enigma.bf16).to(enigma.f32)  # rounded


KERNELS = {
    plain: "2.4",
    of_groups: "2.4",
    of_floats: "3.0",
    of_shared_floats: "2.4",
    of_brain_floats: "3.1",
    of_brain_values: "3.1",
}


@pytest.mark.parametrize(("kernel", "version"), KERNELS.items(), ids=lambda each: str(each)[:20])
def test_the_least_version_is_known(kernel, version):
    compiled = enigma.compile(kernel)
    assert compiled.metal_std == version
    assert pickle.loads(pickle.dumps(compiled)).metal_std == version
    assert copy.copy(compiled).metal_std == version


@pytest.mark.parametrize("chosen", MSL_VERSIONS)
@pytest.mark.parametrize(("kernel", "version"), KERNELS.items(), ids=lambda each: str(each)[:20])
def test_what_is_beyond_the_chosen_version_is_an_error(kernel, version, chosen):
    """The text is the same for every version that has all of it."""
    if chosen >= version:
        compiled = enigma.compile(kernel, metal_std=chosen)
        assert compiled.metal_source == enigma.compile(kernel).metal_source
        assert compiled.metal_std == version
        return
    with pytest.raises(errors.CompilationError) as caught:
        enigma.compile(kernel, metal_std=chosen)
    assert f"needs MSL {version}, and the kernel is compiled for MSL {chosen}" in str(caught.value)
    assert f'compile it with metal_std="{version}" or later' in str(caught.value)
    assert caught.value.location is not None
    assert caught.value.location.filename == __file__


def test_the_line_is_that_of_the_feature():
    with pytest.raises(errors.CompilationError) as caught:
        enigma.compile(of_floats, metal_std="2.4")
    assert caught.value.location.source_line.endswith("# in device memory")
    with pytest.raises(errors.CompilationError) as caught:
        enigma.compile(of_brain_values, metal_std="3.0")
    assert caught.value.location.source_line.endswith("# rounded")


def test_a_program_needs_what_one_of_its_kernels_needs():
    @enigma.kernel
    def fill(A):
        A[enigma.thread_position_in_grid] = 1

    @enigma.jit
    def both(A, B):
        fill(A).launch(grid=(1, 1, 1), block=(4, 1, 1))
        fill(B).launch(grid=(1, 1, 1), block=(4, 1, 1))

    A = enigma.Tensor("A", 0, "float", enigma.Layout(4, 1))
    B = enigma.Tensor("B", 1, "bfloat", enigma.Layout(4, 1))
    program = enigma.compile(both, A, B)
    assert program.metal_std == "3.1"
    assert {kernel.metal_std for kernel in program.kernels} == {"3.1"}
    with pytest.raises(errors.CompilationError, match=r"the type bfloat needs MSL 3\.1"):
        enigma.compile(both, A, B, metal_std="3.0")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("metal3.1", "3.1"),
        ("macos-metal2.4", "2.4"),
        ("metal4.0", "4.0"),
        ("3.1 ", "3.1"),
        (3.1, "3.1"),
        (4, "4.0"),
        ("2.3", "4.0"),
        ("", "4.0"),
        (["3.1"], "4.0"),
    ],
)
def test_another_version_is_an_error_that_names_the_right_spelling(wrong, right):
    with pytest.raises(errors.InvalidOption) as caught:
        enigma.compile(plain, metal_std=wrong)
    text = str(caught.value)
    assert 'metal_std must be "2.4", "3.0", "3.1", "3.2" or "4.0", not ' in text
    assert f'write it as metal_std="{right}"' in text
