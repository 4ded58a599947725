# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches on the CPU device in odd circumstances."""

import gc
import os
import pathlib
import subprocess
import sys
import textwrap
import threading
import weakref

import numpy as np
import pytest

import enigma


@enigma.kernel
def saxpy(A: enigma.f32, B: enigma.f32, a: enigma.Scalar(enigma.f32), n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = a * A[i] + B[i]


@enigma.kernel
def sums(A: enigma.u32, B: enigma.u32):
    """Each thread gets the sum over its SIMD group."""
    i = enigma.thread_position_in_grid
    B[i] = enigma.simd_sum(A[i])


def test_empty_arrays():
    empty = np.zeros(0, np.float32)
    saxpy.launch(empty, empty, 2.0, 0, threads=1, device="cpu")
    with pytest.raises(enigma.EnigmaError, match="every extent must be from 1"):
        saxpy.launch(empty, empty, 2.0, 0, threads=0, device="cpu")


def mapped():
    """Ranges of memory of this process, where the system tells."""
    maps = pathlib.Path("/proc/self/maps")
    return len(maps.read_text().splitlines()) if maps.exists() else 0


@pytest.mark.parametrize("way", ["compiled", "function", "program"])
def test_kernels_that_go_leave_nothing(way):
    def launched(number):
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[enigma.thread_position_in_grid] = float(number)

        @enigma.kernel
        def store(A):
            A[enigma.thread_position_in_grid.x] = float(number)

        @enigma.jit
        def program(A):
            for size in (4, 2):
                store(A).launch(grid=1, block=size)

        a = np.zeros(4, np.float32)
        what = {"compiled": enigma.compile(kernel, emit_only=True), "function": kernel}
        if way == "program":
            program(a, device="cpu")
            gone = [weakref.ref(program)]
        else:
            what[way].launch(a, threads=4, device="cpu")
            gone = [weakref.ref(what[way])]
        assert (a == number).all()
        return gone

    for number in range(3):
        launched(number)
    gc.collect()
    before, loaded = mapped(), len(enigma.device("cpu")._loaded)
    gone = [ref for number in range(30) for ref in launched(number)]
    gc.collect()
    assert [ref() for ref in gone] == [None] * 30
    assert len(enigma.device("cpu")._loaded) == loaded
    assert mapped() < before + 30


def test_arrays_that_share_memory():
    """As in NumPy: a thread sees what others have written, or what was there."""
    a = np.arange(8, dtype=np.float32)
    saxpy.launch(a, a, 2.0, 8, threads=8, device="cpu")
    assert (a == 3 * np.arange(8)).all()
    a = np.arange(16, dtype=np.float32)
    saxpy.launch(a[8:], a[:8], 1.0, 8, threads=8, device="cpu")
    assert (a[:8] == np.arange(8) + np.arange(8, 16)).all()


def large_arrays(elements):
    @enigma.kernel
    def kernel(A: enigma.u32):
        i = enigma.thread_position_in_threadgroup
        one = enigma.register_tensor(elements, enigma.u32, fill=None)
        other = enigma.register_tensor(elements, enigma.u32, fill=None)
        for j in enigma.range(0, elements):
            one[j] = i + j
            other[elements - 1 - j] = i * j
        enigma.barrier()
        total = enigma.u32(0)
        for j in enigma.range(0, elements):
            total += one[j] ^ other[j]
        A[enigma.thread_position_in_grid] = total

    return kernel


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("elements", "block", "threads"), [(300, 96, 200), (65536, 64, 80)])
def test_arrays_of_threads_larger_than_a_stack(elements, block, threads, check):
    found = np.zeros(threads, np.uint32)
    kernel = large_arrays(elements)
    kernel.launch(found, threads=threads, block=block, device="cpu", check=check)
    i, j = np.arange(block, dtype=np.uint32)[:, None], np.arange(elements, dtype=np.uint32)
    expected = ((i + j) ^ (i * j[::-1])).sum(axis=1, dtype=np.uint32)
    assert (found == np.resize(expected, threads)).all()


@pytest.mark.parametrize("block", [1, 31, 33, 48, 1024])
@pytest.mark.parametrize("threads", [1, 45, 1000])
def test_blocks_of_any_size(block, threads):
    """SIMD groups begin with the threadgroup; the last one of it may have fewer threads."""
    a = np.arange(threads, dtype=np.uint32)
    b = np.zeros_like(a)
    sums.launch(a, b, threads=threads, block=block, device="cpu")
    expected = np.zeros_like(a)
    for start in range(0, threads, block):
        end = min(start + block, threads)
        for first in range(start, end, 32):
            last = min(first + 32, end)
            expected[first:last] = a[first:last].sum()
    assert (b == expected).all()


@pytest.mark.parametrize("block", [1025, (32, 33), 2**31])
def test_blocks_over_the_limit(block):
    a = np.zeros(4, np.uint32)
    with pytest.raises(enigma.EnigmaError, match="has at most 1024 on this device"):
        sums.launch(a, a, threads=4, block=block, device="cpu")


def test_threads_launch_one_kernel():
    """It is compiled and launched by all of them at once."""

    @enigma.kernel
    def add_one(A: enigma.f32):
        A[enigma.thread_position_in_grid] += 1

    arrays = [np.zeros(1000, np.float32) for _ in range(4)]
    start = threading.Barrier(len(arrays))

    def work(array):
        start.wait()
        for _ in range(20):
            add_one.launch(array, threads=1000, device="cpu")

    threads = [threading.Thread(target=work, args=(array,)) for array in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((array == 20).all() for array in arrays)


SCRIPT = """
import os, sys
import numpy as np
import enigma

@enigma.kernel
def add_one(A: enigma.f32):
    A[enigma.thread_position_in_grid] += 1

def check():
    a = np.zeros(1000, np.float32)
    add_one.launch(a, threads=1000, device="cpu")
    return bool((a == 1).all())
"""


def run(tmp_path, script, **options):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + textwrap.dedent(script))
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="this system has no os.fork, which the test calls"
)
def test_forks_after_use(tmp_path):
    script = """
    assert check()
    children = [os.fork() or os._exit(0 if check() else 1) for _ in range(3)]
    print([os.waitpid(child, 0)[1] for child in children], check())
    """
    assert run(tmp_path, script) == "[0, 0, 0] True\n"


@pytest.mark.skipif(sys.platform != "linux", reason="nothing can be made in /proc")
def test_nothing_can_be_written(tmp_path):
    """Neither a cache nor a temporary file, nor in the folder where it runs."""
    nowhere = "/proc"
    names = ("HOME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "ENIGMA_CACHE_DIR")
    environment = {**os.environ, **dict.fromkeys(names, nowhere)}
    environment["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, sys.path))
    assert run(tmp_path, "print(check())", cwd=nowhere, env=environment) == "True\n"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_system_has_no_room_for_more_threads(tmp_path):
    script = """
    import resource
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + (200 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    print(check(), len(os.listdir("/proc/self/task")) < 100)
    """
    environment = {**os.environ, "ENIGMA_THREADS": "2000"}
    assert run(tmp_path, script, env=environment) == "True True\n"


def in_elements(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    B[i] = A[i] + 1.0


def below(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = A[i] + 1.0


def returns(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i >= n:
        return
    B[i] = A[i] + 1.0


def masked(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    enigma.store_if(B, i, enigma.load_if(A, i, i < n) + 1.0, i < n)


def within(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i + 1 > 0 and n - i > 0:
        B[i] = A[i] + 1.0


@pytest.mark.parametrize("width", [2, 4])
@pytest.mark.parametrize("function", [in_elements, below, returns, masked, within])
def test_elements_that_vectors_do_not_divide(function, width):
    """No thread has an element that the launch has not."""
    kernel = enigma.kernel(function)
    compiled = enigma.compile(kernel, vec_width=width, emit_only=True)
    assert compiled.elements_per_thread == width
    assert compiled.is_guarded is (function is not in_elements)
    assert enigma.CompiledKernel.from_json(compiled.to_json()).is_guarded is compiled.is_guarded
    for n in range(1, 14):
        a, b = np.arange(16, dtype=np.float32), np.zeros(16, np.float32)
        if n % width and not compiled.is_guarded:
            with pytest.raises(enigma.EnigmaError, match=f"threads={n};") as caught:
                compiled.launch(a, b, n, threads=n, device="cpu")
            assert f"a multiple of {width}" in str(caught.value)
            continue
        compiled.launch(a, b, n, threads=n, device="cpu")
        np.testing.assert_array_equal(b, np.where(a < n, a + 1, 0))
