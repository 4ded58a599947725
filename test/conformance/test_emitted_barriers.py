# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Barriers with every set of memory flags, and fences."""

import itertools

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import Kernels

FLAGS = ("mem_device", "mem_threadgroup", "mem_texture", "mem_threadgroup_imageblock")
SETS = [chosen for count in range(1, 5) for chosen in itertools.combinations(FLAGS, count)] + [
    ("mem_none",)
]
BARRIERS = {"barrier": "threadgroup_barrier", "simd_barrier": "simdgroup_barrier"}
FENCES = [
    (order, scope)
    for order in ("relaxed", "seq_cst")
    for scope in ("thread", "simdgroup", "threadgroup", "device")
]
KERNELS = Kernels()


def waiting(function, flags):
    wait = getattr(enigma, function)

    @enigma.kernel
    def kernel(A: enigma.u32, B: enigma.u32):
        tile = enigma.threadgroup_alloc(enigma.u32, 32)
        i = enigma.thread_index_in_threadgroup()
        tile[i] = A[i]
        wait(flags)
        enigma.barrier()
        B[i] = tile[31 - i]

    return kernel


for name in BARRIERS:
    for flags in SETS:
        KERNELS.add((name, flags), waiting(name, "|".join(flags)))


@pytest.mark.parametrize("flags", SETS, ids="|".join)
@pytest.mark.parametrize("name", BARRIERS)
def test_every_set_of_flags(name, flags):
    kernel = KERNELS[name, flags]
    joined = " | ".join(f"mem_flags::{flag}" for flag in flags)
    # Long lines are broken.
    assert f"{BARRIERS[name]}({joined});" in " ".join(kernel.metal_source.split())
    a, b = np.arange(32, dtype=np.uint32), np.zeros(32, np.uint32)
    harness.run(kernel, args=[a, b], grid=1, block=32)
    np.testing.assert_array_equal(b, a[::-1])


def fencing(order, scope):
    @enigma.kernel
    def kernel(A: enigma.u32, B: enigma.u32):
        i = enigma.thread_position_in_grid
        A[i + 1] = 5
        enigma.atomic_thread_fence("mem_device|mem_threadgroup", order=order, scope=scope)
        enigma.atomic_fetch_add(B, 0, 1)

    return kernel


for case in FENCES:
    KERNELS.add(case, fencing(*case))


@pytest.mark.parametrize("case", FENCES, ids=str)
def test_fences_stay_where_they_are(case):
    kernel, (order, scope) = KERNELS[case], case
    store, fence, add = (
        kernel.metal_source.index(text)
        for text in (
            "A[i + 1] = 5;",
            "atomic_thread_fence(mem_flags::mem_device | mem_flags::mem_threadgroup,",
            "atomic_fetch_add_explicit",
        )
    )
    assert store < fence < add
    assert f"memory_order_{order}" in kernel.metal_source[fence:add]
    assert f"thread_scope_{scope}" in kernel.metal_source[fence:add]
    a, b = np.zeros(5, np.uint32), np.zeros(1, np.uint32)
    harness.run(kernel, args=[a, b], threads=4, block=4)
    assert (a.tolist(), b[0]) == ([0, 5, 5, 5, 5], 4)


def test_names_as_metal_has_them():
    @enigma.kernel
    def kernel(A: enigma.u32):
        A[0] = 1
        enigma.atomic_thread_fence(
            ("mem_flags::mem_device",), "memory_order_seq_cst", "thread_scope_threadgroup"
        )
        A[0] = A[1]

    text = enigma.compile(kernel, emit_only=True).metal_source
    fence = "atomic_thread_fence(mem_flags::mem_device, memory_order_seq_cst,"
    assert fence in text
    assert "thread_scope_threadgroup);" in text


def refused(function):
    @enigma.kernel
    def kernel(A: enigma.u32):
        A[0] = 1
        function()

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel)
    assert "test_emitted_barriers.py:" in str(caught.value)
    # Without the line of the source, which has what is looked for.
    return f"{caught.value.summary}; {caught.value.help}"


@pytest.mark.parametrize("name", ["barrier", "simd_barrier", "atomic_thread_fence"])
def test_flags_that_are_refused(name):
    function = getattr(enigma, name)
    unknown = refused(lambda: function("mem_treadgroup"))
    assert f"mem_flags of enigma.{name} must be one of mem_none, mem_device," in unknown
    assert "did you mean 'mem_threadgroup'?" in unknown
    assert "did you mean 'mem_device'?" in refused(lambda: function(["mem_none", "device"]))
    assert "did you mean" not in refused(lambda: function("x"))
    assert "they are text" in refused(lambda: function(3))
    assert "they are text" in refused(lambda: function([3]))


def test_orders_and_scopes_that_are_refused():
    fence = enigma.atomic_thread_fence
    for order in ("acquire", "release", "acq_rel"):
        error = refused(lambda order=order: fence("mem_device", order))
        assert f"must be one of relaxed, seq_cst, not '{order}'" in error
        assert "'seq_cst', which orders in both directions" in error
    assert "did you mean 'seq_cst'?" in refused(lambda: fence("mem_device", "seqcst"))
    assert "must be one of relaxed" in refused(lambda: fence("mem_device", 3))
    scope = refused(lambda: fence("mem_device", scope="thredgroup"))
    assert "did you mean 'threadgroup'?" in scope
    with pytest.raises(enigma.EnigmaError, match="kernel"):
        fence("mem_device")


def test_registers_without_a_filling():
    @enigma.kernel
    def kernel(A: enigma.f32):
        values = enigma.register_tensor((2, 2), enigma.f32, fill=None)
        large = enigma.register_tensor(100, enigma.f32, fill=None)
        i = enigma.thread_position_in_grid
        for k in range(4):
            values[k] = A[4 * i + k]
        large[i] = 7.0
        A[4 * i] = values[1, 1] + large[i]
        A[4 * i + 1] = values[i % 4]

    compiled = enigma.compile(kernel, emit_only=True)
    text = compiled.metal_source
    assert "float values[4];" in text
    assert "float large[100];" in text
    # What the kernel writes, and nothing else.
    assert "for (" not in text
    assert text.count("values[") == 1 + 4 + 2
    assert text.count("large[") == 1 + 1 + 1
    a = np.arange(8, dtype=np.float32)
    harness.run(compiled, args=[a], threads=2, block=2)
    assert a.tolist() == [10, 0, 2, 3, 14, 5, 6, 7]
