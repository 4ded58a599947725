# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches through the public API on Metal, for which a stand-in stands."""

import array
import ctypes
import gc
import mmap
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from standins import standin_of_process

import enigma
from enigma.runtime.metal_device import MetalDevice

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in answers messages as x86-64 and aarch64 call them"
)


@enigma.kernel
def saxpy(A: enigma.f32, B: enigma.f32, a: enigma.Scalar(enigma.f32), n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = a * A[i] + B[i]


@enigma.kernel
def beyond(A: enigma.f32):
    A[enigma.thread_position_in_grid + 1000000] = 1.0


@enigma.kernel
def scale(A, B, factor):
    i = enigma.thread_position_in_grid
    B[i // enigma.size(A, mode=[1]), i % enigma.size(A, mode=[1])] = (
        A[i // enigma.size(A, mode=[1]), i % enigma.size(A, mode=[1])] * factor
    )


@enigma.jit
def scaled(A, B, factor):
    scale(A, B, factor).launch(grid=enigma.ceil_div(enigma.size(A), 32), block=32)


@pytest.fixture(scope="module")
def standin(tmp_path_factory):
    return standin_of_process(tmp_path_factory)


@pytest.fixture
def metal(standin):
    """The device; nothing that Metal would not forgive has happened when it goes."""
    yield MetalDevice(standin.path, standin.path)
    standin.allow()
    assert standin.log == ""


@pytest.fixture
def pages(standin):
    """Make arrays that have their pages for themselves."""
    kept = []

    def make(values, offset=0):
        values = np.asarray(values)
        memory = mmap.mmap(-1, values.nbytes + offset)
        kept.append(memory)
        made = np.frombuffer(memory, values.dtype, values.size, offset).reshape(values.shape)
        made[...] = values
        standin.lengths[made.ctypes.data] = made.nbytes
        return made

    yield make
    standin.lengths.clear()


compiled = {}


def kernel(which, *arguments, **options):
    """Compile once in this file."""
    key = (which.name, str(arguments), str(options))
    if key not in compiled:
        compiled[key] = enigma.compile(which, *arguments, emit_only=True, **options)
    return compiled[key]


@pytest.mark.parametrize("launch", [{"threads": 100}, {"grid": 4, "block": 32}])
@pytest.mark.parametrize("offset", [0, 400, 404])
@pytest.mark.parametrize("refused", [(), ("wrap",)])
def test_launches(standin, metal, pages, launch, offset, refused):
    standin.refuse(*refused)
    a, b = pages(np.arange(100, dtype=np.float32), offset), pages(np.ones(100, np.float32), offset)
    kernel(saxpy).launch(a, b, 2.0, 100, device=metal, **launch)
    assert (b == 2 * np.arange(100) + 1).all()
    assert (a == np.arange(100)).all()
    assert metal.seconds > 0
    standin.allow()


def test_arguments_by_name(metal, pages):
    a, b = pages(np.arange(8, dtype=np.float32)), pages(np.zeros(8, np.float32))
    kernel(saxpy).launch(a, n=8, B=b, a=3.0, threads=8, device=metal)
    assert (b == 3 * np.arange(8)).all()


def test_options_reach_the_compiler(standin, metal, pages):
    a, b = pages(np.arange(8, dtype=np.float32)), pages(np.zeros(8, np.float32))
    for fast_math in (True, False):
        exact = kernel(saxpy, fast_math=fast_math)
        exact.launch(a, b, 1.0, 8, threads=8, device=metal)
        assert standin.compiled[-1][0] is fast_math
        seen = len(standin.compiled)
        exact.launch(a, b, 1.0, 8, threads=8, device=metal)
        assert len(standin.compiled) == seen


def test_vectors_need_fewer_threads(standin, metal, pages):
    @enigma.kernel
    def add(A: enigma.f32, B: enigma.f32):
        B[enigma.thread_position_in_grid] = A[enigma.thread_position_in_grid] + 1

    a, b = pages(np.arange(128, dtype=np.float32)), pages(np.zeros(128, np.float32))
    kernel(add, vec_width=4).launch(a, b, threads=128, device=metal)
    assert (b == np.arange(128) + 1).all()
    assert standin.launched[-1][1] == (32, 1, 1)


N, M = enigma.dyn("n"), enigma.dyn("m")


def tensors(shape, stride):
    return [
        enigma.Tensor(name, i, "float", enigma.Layout(shape, stride)) for i, name in enumerate("AB")
    ]


def test_jit_kernels_have_their_launch(standin, metal, pages):
    a, b = pages(np.arange(64, dtype=np.float32).reshape(8, 8)), pages(np.zeros((8, 8), np.float32))
    kernel(scaled, *tensors((8, 8), (8, 1)), 3.0).launch(a, b, device=metal)
    assert (b == 3 * a).all()
    assert standin.launched[-1][1:] == ((2, 1, 1), (32, 1, 1), False)


def test_sizes_come_from_arrays(standin, metal, pages):
    symbolic = kernel(scaled, *tensors((N, M), (M, 1)), 3.0)
    for shape in ((4, 8), (2, 16), (32, 1)):
        a = pages(np.arange(32, dtype=np.float32).reshape(shape))
        b = pages(np.zeros(shape, np.float32))
        symbolic.launch(a, b, device=metal)
        assert (b == 3 * a).all()
    with pytest.raises(enigma.EnigmaError, match=r"takes n = 4 .*found 8"):
        symbolic.launch(
            pages(np.zeros((4, 8), np.float32)), pages(np.zeros((8, 8), np.float32)), device=metal
        )


def test_faults_name_the_kernel(metal, pages):
    with pytest.raises(enigma.EnigmaError, match="enigma_kernel_beyond: OutOfBounds"):
        kernel(beyond).launch(pages(np.zeros(4, np.float32)), threads=1, device=metal)
    a, b = pages(np.arange(8, dtype=np.float32)), pages(np.zeros(8, np.float32))
    kernel(saxpy).launch(a, b, 1.0, 8, threads=8, device=metal)
    assert (b == a).all()


def test_threads_share_the_device(metal, pages):
    kernels = kernel(saxpy)
    a = pages(np.ones(4, np.float32))
    results = [pages(np.zeros(4, np.float32)) for _ in range(3)]
    kernels.launch(a, pages(np.zeros(4, np.float32)), 1.0, 4, threads=4, device=metal)

    def work(result):
        for _ in range(3):
            kernels.launch(a, result, 1.0, 4, threads=4, device=metal)

    threads = [threading.Thread(target=work, args=(result,)) for result in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((result == 3).all() for result in results)


def test_metal_libraries(metal, pages):
    from dataclasses import replace

    source = kernel(saxpy)
    library = replace(source, metallib_bytes=b"MTLB" + source.metal_source.encode())
    a, b = pages(np.arange(8, dtype=np.float32)), pages(np.zeros(8, np.float32))
    library.launch(a, b, 1.0, 8, threads=8, device=metal)
    assert (b == a).all()
    broken = replace(source, metallib_bytes=b"text")
    with pytest.raises(enigma.EnigmaError, match="cannot build enigma_kernel_saxpy: Invalid libr"):
        broken.launch(a, b, 1.0, 8, threads=8, device=metal)


def test_errors_of_the_compiler_name_lines_of_python(metal, pages):
    from dataclasses import replace

    source = kernel(saxpy)
    wrong = replace(source, metal_source=source.metal_source.replace("a * A[", "a * Z["))
    with pytest.raises(enigma.EnigmaError) as caught:
        wrong.launch(
            pages(np.zeros(4, np.float32)),
            pages(np.zeros(4, np.float32)),
            1.0,
            4,
            threads=4,
            device=metal,
        )
    assert "cannot build enigma_kernel_saxpy" in str(caught.value)


def test_refusals_of_the_device(standin, metal, pages):
    a, b = pages(np.arange(8, dtype=np.float32)), pages(np.zeros(8, np.float32))
    from dataclasses import replace

    standin.refuse("pipeline")
    with pytest.raises(enigma.EnigmaError, match="exceeds available registers"):
        replace(kernel(saxpy)).launch(a, b, 1.0, 8, threads=8, device=metal)
    standin.allow()
    standin.refuse("wrap", "buffer")
    with pytest.raises(enigma.EnigmaError, match="no buffer of 32 bytes"):
        kernel(saxpy).launch(a, b, 1.0, 8, threads=8, device=metal)
    standin.allow()
    standin.refuse("threads")
    with pytest.raises(enigma.EnigmaError, match="has at most 256 on this device"):
        replace(kernel(saxpy)).launch(a, b, 1.0, 8, threads=8, block=512, device=metal)


def test_no_device(standin):
    standin.refuse("device")
    with pytest.raises(enigma.EnigmaError, match="no metal device here: the system has no Metal"):
        MetalDevice(standin.path, standin.path)
    standin.allow()


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has Metal")
def test_no_metal():
    script = """
import enigma
assert all(device.kind != "metal" for device in enigma.devices())
try:
    enigma.device("metal")
except enigma.EnigmaError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "there is no metal device here: /" in done.stdout, done.stderr
    assert "help: enigma.devices() has those that there are" in done.stdout


def test_buffers_of_python(standin, metal, pages):
    """Whatever has the buffer protocol; the memory is that of the object."""
    a = array.array("f", range(8))
    memory = mmap.mmap(-1, 16384)
    standin.lengths[ctypes.addressof(ctypes.c_char.from_buffer(memory))] = 32
    view = memoryview(memory).cast("f")[:8]
    standin.refuse("wrap")
    kernel(saxpy).launch(a, view, 2.0, 8, threads=8, device=metal)
    assert list(view) == [2.0 * i for i in range(8)]


def test_empty_arrays(standin, metal):
    empty = np.zeros(0, np.float32)
    standin.lengths[empty.ctypes.data] = 0
    for refused in ((), ("wrap",)):
        standin.refuse(*refused)
        kernel(saxpy).launch(empty, empty, 2.0, 0, threads=1, device=metal)
    standin.allow()


class Late(Exception):
    pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="sends signals of POSIX")
def test_handlers_launch_while_a_launch_is_waited_for(standin, metal, pages):
    a = pages(np.arange(8, dtype=np.float32))
    results = [pages(np.zeros(8, np.float32)) for _ in range(2)]
    # It is built before.
    kernel(saxpy).launch(a, results[0], 0.0, 8, threads=8, device=metal)
    seen = []

    def handler(number, frame):
        standin.allow()
        kernel(saxpy).launch(a, results[1], 3.0, 8, threads=8, device=metal)
        seen.append(number)

    before = signal.signal(signal.SIGALRM, handler)
    standin.refuse("end")
    standin.then = lambda: signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        kernel(saxpy).launch(a, results[0], 2.0, 8, threads=8, device=metal)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(seen) == 1
    assert metal.running == []
    assert (results[0] == 2 * a).all()
    assert (results[1] == 3 * a).all()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="sends signals of POSIX")
def test_waits_are_interrupted(standin, metal, pages):
    """The launch goes on, and its memory is kept until it is done."""

    def handler(number, frame):
        raise Late

    a = pages(np.arange(8, dtype=np.float32))
    results = [pages(np.zeros(8, np.float32)) for _ in range(2)]
    before = signal.signal(signal.SIGALRM, handler)
    standin.refuse("end")
    try:
        for result in results:
            standin.then = lambda: signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(Late):
                kernel(saxpy).launch(a, result, 2.0, 8, threads=8, device=metal)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(metal.running) == 2
    standin.allow()
    metal.synchronize()
    assert metal.running == []
    assert all((result == 2 * a).all() for result in results)
    kernel(saxpy).launch(a, results[0], 1.0, 8, threads=8, device=metal)
    assert (results[0] == 3 * a).all()


def test_captures(standin, metal, pages, tmp_path):
    a, b = pages(np.arange(8, dtype=np.float32)), pages(np.zeros(8, np.float32))
    with metal.capture(tmp_path / "launch.gputrace"):
        kernel(saxpy).launch(a, b, 2.0, 8, threads=8, device=metal)
    assert (b == 2 * a).all()
    standin.refuse("capture")
    with pytest.raises(enigma.EnigmaError) as caught, metal.capture("launch.gputrace"):
        pass
    assert "cannot capture into launch.gputrace: " in str(caught.value)
    assert "MTL_CAPTURE_ENABLED=1" in str(caught.value)
    standin.allow()


def test_nothing_is_left(standin):
    """After the tests above, whose devices are gone."""
    gc.collect()
    assert standin.live_objects == 0
