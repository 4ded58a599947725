# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ctrl-C, and whatever else a handler of a signal raises, while kernels run or are compiled."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from enigma.runtime import selftest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals of POSIX")

PRELUDE = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
import enigma

@enigma.kernel
def spin(A: enigma.u32):
    i = enigma.thread_position_in_grid
    while A[i] != 1:
        A[i] = A[i] + 2

@enigma.kernel
def spin_late(A: enigma.u32):
    group = enigma.threadgroup_position_in_grid
    i = enigma.thread_position_in_grid
    while group == enigma.threadgroups_per_grid.x - 1 and A[i] != 1:
        A[i] = A[i] + 2

@enigma.kernel
def count_far(A: enigma.u32):
    i = enigma.thread_position_in_grid
    for j in enigma.range(0, 0x7fffffff):
        for k in enigma.range(0, 0x7fffffff):
            A[i] = A[i] * 3 + k * j + 1

@enigma.kernel
def count(A: enigma.u32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    for j in enigma.range(0, n):
        A[i] = A[i] * 3 + j

def zeros(n=1024):
    return np.zeros(n, np.uint32)

def counts(n=4096, m=20):
    a = zeros(n)
    count.launch(a, m, threads=n, device="cpu")
    x = 0
    for j in range(m):
        x = (x * 3 + j) % 2**32
    return bool((a == x).all())

assert counts()  # LLVM is loaded, and this is compiled
"""


@pytest.fixture
def start(tmp_path):
    """Run a script; what is left of it at the end of a test is killed."""
    processes = []

    def run(script, **environment):
        path = tmp_path / "script.py"
        path.write_text(PRELUDE + textwrap.dedent(script))
        errors = tmp_path / "errors"
        with errors.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, path],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        process.stderr = errors.open()  # never full, as a pipe that nobody reads is
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def finish(process):
    output = process.stdout.read()
    assert process.wait(timeout=120) == 0, process.stderr.read()[-3000:]
    return output


@pytest.mark.parametrize("threads", ["1", "3"])
@pytest.mark.parametrize("kernel", ["spin", "spin_late", "count_far"])
@pytest.mark.parametrize("groups", [1, 50])
def test_endless_kernels(start, kernel, threads, groups):
    script = f"""
    a = zeros({groups} * 64)
    for _ in range(2):
        try:
            print("ready", flush=True)
            {kernel}.launch(a, grid={groups}, block=64, device="cpu")
        except KeyboardInterrupt:
            print("stopped", flush=True)
    print(counts())
    """
    process = start(script, ENIGMA_THREADS=threads)
    for _ in range(2):
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(0.3)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopped\n", process.stderr.read()
        assert time.monotonic() - sent < 5
    assert finish(process) == "True\n"


def test_handlers_run_while_a_kernel_does(start):
    script = """
    class Late(Exception):
        pass

    seen = []

    def handler(number, frame):
        seen.append(number)
        if len(seen) == 3:
            raise Late

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        spin.launch(zeros(), threads=1024, device="cpu")
    except Late:
        print(len(seen))
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(counts())
    """
    assert finish(start(script)) == "3\nTrue\n"


def test_what_raises_nothing_changes_nothing(start):
    """Kernels go on where they were, and what they compute is right."""
    script = """
    seen = []

    def handler(number, frame):
        seen.append(counts(n=64))
        signal.setitimer(signal.ITIMER_REAL, 0.05)  # not before: handlers would nest

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    end = time.monotonic() + 60
    while len(seen) < 5 and time.monotonic() < end:
        assert counts(m=300)
        a = zeros(4096)
        count.launch(a, 1000000, threads=4096, device="cpu")
        assert len(set(a.tolist())) == 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(all(seen))
    """
    assert finish(start(script, ENIGMA_THREADS="2")) == "True\n"


def test_handlers_launch_in_memory_of_their_own(start):
    """The threadgroup arrays of a kernel that is interrupted keep what they hold."""
    script = """
    def rotate(words):
        @enigma.kernel
        def rotate(A: enigma.u32, n: enigma.Scalar(enigma.u32)):
            tile = enigma.threadgroup_alloc(enigma.u32, words)
            i = enigma.thread_position_in_threadgroup
            for j in enigma.range(i, words, 64):
                tile[j] = A[i]
            enigma.barrier()
            for _ in enigma.range(0, n):
                x = tile[(i + 1) % 64]
                enigma.barrier()
                tile[i] = x
                enigma.barrier()
            A[i] = tile[i]

        def run(n):
            a = np.arange(64, dtype=np.uint32) + words
            rotate.launch(a, n, threads=64, block=64, device="cpu")
            return bool((a == (np.arange(64) + n) % 64 + words).all())

        return run

    outer, small, large = rotate(512), rotate(64), rotate(4096)
    assert outer(1) and small(1) and large(1)
    seen = []

    def handler(number, frame):
        seen.append(small(5) and large(5))
        signal.setitimer(signal.ITIMER_REAL, 0.05)  # not before: handlers would nest

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    end = time.monotonic() + 60
    results = []
    while len(seen) < 5 and time.monotonic() < end:
        results.append(outer(30000001))
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(len(seen) >= 5, all(seen), all(results))
    """
    assert finish(start(script)) == "True True True\n"


@pytest.mark.parametrize("threads", ["1", "3"])
def test_stops_at_any_time(start, threads):
    script = """
    import random
    random.seed(5)

    class Stop(Exception):
        pass

    def handler(number, frame):
        raise Stop

    signal.signal(signal.SIGALRM, handler)
    stopped = 0
    for _ in range(40):
        a = zeros(4096)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.001 + 0.06 * random.random())
            count.launch(a, 3000000, grid=16, block=256, device="cpu")
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Stop:
            stopped += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(stopped > 10, counts())
    """
    assert finish(start(script, ENIGMA_THREADS=threads)) == "True True\n"


def test_launches_of_other_threads_are_left_alone(start):
    script = """
    results = []
    thread = threading.Thread(target=lambda: results.append(counts(m=100000)))
    thread.start()
    try:
        print("ready", flush=True)
        spin.launch(zeros(), threads=1024, device="cpu")
    except KeyboardInterrupt:
        print("stopped", flush=True)
    thread.join()
    print(results, counts())
    """
    process = start(script, ENIGMA_THREADS="2")
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "stopped\n", process.stderr.read()
    assert finish(process) == "[True] True\n"


@pytest.mark.parametrize("check", [False, True])
def test_what_was_told_before_is_delivered(start, check):
    script = f"""
    @enigma.kernel
    def tell(A: enigma.u32):
        i = enigma.thread_position_in_grid
        if i == 0:
            enigma.print("told {{}}", A[i])
        if A[i] == 7:
            while A[i] != 1:
                A[i] = A[i] + 2

    tell = enigma.compile(tell, debug=True, emit_only=True)
    a = zeros(32)
    tell.launch(a, threads=32, block=32, device="cpu", check={check})
    a[:] = 8
    a[0] = 7
    for number in (7, 9):
        a[:2] = number, 7
        try:
            print("ready", flush=True)
            tell.launch(a, threads=32, block=32, device="cpu", check={check})
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    process = start(script, ENIGMA_THREADS="2")
    for _ in range(2):
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopped\n", process.stderr.read()
    assert finish(process) == ""
    assert process.stderr.read().split("told ")[1:] == ["0\n", "7\n", "9\n"]


def test_who_waits_for_its_turn_is_not_stuck(start):
    script = """
    threading.Thread(
        target=lambda: spin.launch(zeros(), threads=1024, device="cpu"), daemon=True
    ).start()
    time.sleep(0.5)
    try:
        print("ready", flush=True)
        counts()
    except KeyboardInterrupt:
        print("stopped", flush=True)
    os._exit(0)
    """
    process = start(script, ENIGMA_THREADS="2")
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert finish(process) == "stopped\n"


@pytest.mark.parametrize("kernel", ["count", "spin"])
def test_the_interpreter_ends_while_other_threads_launch(start, kernel):
    """They come back from their kernels when there is no Python any more, or not at all."""
    script = f"""
    def work():
        while True:
            {"counts(1024)" if kernel == "count" else "spin.launch(zeros(64), threads=64)"}

    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.2)
    print("ends")
    """
    for _ in range(3):
        process = start(script, ENIGMA_THREADS="1", ENIGMA_DEVICE="cpu")
        assert finish(process) == "ends\n"
        assert process.stderr.read() == ""


def test_forked(start):
    """The child has a pool and a watch of its own."""
    script = """
    child = os.fork()
    try:
        signal.alarm(0 if child else 1)
        if child == 0:
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            spin.launch(zeros(), threads=1024, device="cpu")
    except KeyboardInterrupt:
        print("stopped", counts(), flush=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(status, counts())
    """
    assert finish(start(script)) == "stopped True\n0 True\n"


def test_compiles(start):
    """A compile that was interrupted leaves nothing behind."""
    script = """
    @enigma.kernel
    def long(A: enigma.f32):
        i = enigma.thread_position_in_grid
        for j in range(150):
            if A[i + j] > j:
                A[i] = enigma.sin(A[i] + j)

    expected = enigma.compile(long, emit_only=True).metal_source
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    stopped = 0
    for k in range(25):
        enigma.compiler.compilations.forget()
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.002 + 0.004 * k)
            enigma.compile(long, emit_only=True)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            stopped += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(stopped > 3, enigma.compile(long, emit_only=True).metal_source == expected, counts())
    """
    assert finish(start(script, ENIGMA_CACHE="0")) == "True True True\n"


def test_the_self_test_says_how_far_it_came():
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "enigma.runtime.selftest", "--device", "cpu"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What starts the tests in the background may ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for line in process.stdout:
        if line.startswith("ok "):
            break
    process.send_signal(signal.SIGINT)
    assert "interrupted in " in process.stdout.read()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 130


@pytest.mark.parametrize("moment", ["before", "within", "after"])
def test_the_self_test_is_interrupted_at_any_time(moment, monkeypatch, capsys):
    """Between two examples as well as in one."""
    names = selftest.names_of_examples()[:2]

    class Interrupted(selftest.Progress):
        def show(self, text):
            shown = {"before": f"2 of 2: {names[1]}", "after": ""}.get(moment)
            if text == shown and not stopped:
                stopped.append(text)
                raise KeyboardInterrupt

    def run(name, device, progress):
        if moment == "within" and name == names[1]:
            raise KeyboardInterrupt
        return selftest.Outcome(launches=1, device_seconds=[1.0])

    stopped = []
    monkeypatch.setattr(selftest, "Progress", Interrupted)
    monkeypatch.setattr(selftest, "run", run)
    assert selftest.main([*names, "--device", "cpu"]) == 130
    where = {"after": f"{names[0]}, 1 of 2"}.get(moment, f"{names[1]}, 2 of 2")
    assert capsys.readouterr().out.endswith(f"\ninterrupted in {where}\n")
