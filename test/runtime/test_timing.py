# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measuring kernels, by a device whose clock is known."""

import itertools

import numpy as np
import pytest
from test_arguments import ADD, ROWS, Recorder

import enigma

F = np.zeros(1024, np.float32)


class Clock(Recorder):
    """A device on which the n-th launch takes the n-th of some times."""

    name = "Clock"

    def __init__(self, *times):
        super().__init__()
        self.times = list(itertools.accumulate(times, initial=0.0))

    @property
    def seconds(self):
        return self.times[min(len(self.launches), len(self.times) - 1)]


def test_figures():
    device = Clock(9.0, 9.0, 0.004, 0.001, 0.002, 0.003, 0.005)
    timing = enigma.benchmark(
        ADD, F, F, 8, 1, threads=8, device=device, launches=5, operations=6_000_000
    )
    assert len(device.launches) == 7
    assert timing.seconds == pytest.approx((0.004, 0.001, 0.002, 0.003, 0.005))
    assert timing.median == pytest.approx(0.003)
    assert timing.minimum == pytest.approx(0.001)
    assert timing.quantile(0) == pytest.approx(0.001)
    assert timing.quantile(0.5) == timing.median
    assert timing.quantile(0.25) == pytest.approx(0.002)
    assert timing.quantile(1) == pytest.approx(0.005)
    assert timing.bytes == 2 * F.nbytes
    assert timing.bytes_per_second == pytest.approx(2 * F.nbytes / 0.003)
    assert timing.operations_per_second == pytest.approx(2e9)
    assert all(seconds > 0 for seconds in timing.host_seconds)
    assert str(timing) == (
        "3 ms on Clock (median of 5, fastest 1 ms, 90 % within 4.6 ms), 2.73 MB/s, 2 Gop/s"
    )


def test_bytes_of_what_is_read_and_written():
    @enigma.kernel
    def both(A: enigma.f32, B: enigma.f16, C: enigma.u8):
        i = enigma.thread_position_in_grid
        A[i] = A[i] + B[i]
        C[i] = 1

    kernel = enigma.compile(both, emit_only=True)
    arrays = np.zeros(10, np.float32), np.zeros(10, np.float16), np.zeros(10, np.uint8)
    timing = enigma.benchmark(kernel, *arrays, threads=10, device=Clock(1, 1, 1), launches=1)
    assert timing.bytes == 2 * 40 + 20 + 10
    timing = enigma.benchmark(
        kernel, *arrays, threads=10, device=Clock(1, 1, 1), launches=1, bytes=7
    )
    assert timing.bytes == 7


def test_for_a_time():
    timing = enigma.benchmark(
        ROWS, *[np.zeros((8, 4), np.float32)] * 2, seconds=0.01, device=Clock(1.0)
    )
    assert len(timing.seconds) > 5


def test_programs_have_no_bytes_of_their_own():
    program = enigma.CompiledProgram(name="p", kernels=(ROWS,), metal_source=ROWS.metal_source)
    timing = enigma.benchmark(
        program, *[np.zeros((8, 4), np.float32)] * 2, device=Clock(1, 1, 2), launches=1
    )
    assert timing.bytes is None
    assert timing.bytes_per_second is timing.operations_per_second is None
    assert str(timing) == "2 s on Clock (median of 1, fastest 2 s, 90 % within 2 s)"


def test_wrong_options():
    for options, message in (
        (dict(launches=0), "launches must be an int of at least 1"),
        (dict(launches=2.5), "launches must be an int of at least 1"),
        (dict(launches=True), "launches must be an int of at least 1"),
    ):
        with pytest.raises(enigma.EnigmaError, match=message):
            enigma.benchmark(ADD, F, F, 8, 1, threads=8, device=Clock(1), **options)
    with pytest.raises(enigma.EnigmaError, match="was given neither threads nor grid"):
        enigma.benchmark(ADD, F, F, 8, 1, device=Clock(1))
    timing = enigma.Timing((1.0,), (1.0,), "Clock")
    for fraction in (-0.1, 1.1):
        with pytest.raises(enigma.EnigmaError, match="a number from 0 to 1"):
            timing.quantile(fraction)
