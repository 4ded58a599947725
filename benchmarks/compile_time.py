# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures what a user waits for: the import, the first compile, and a compile once warm.

Every figure comes from a fresh process. A warm compile repeats everything: tracing,
passes and translation; compiled again, a kernel is the one that was kept. Run it with
``make bench`` or ``python benchmarks/compile_time.py [--repeat N]``.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import time

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
UNROLLED = (100, 1_000, 10_000)
AGAIN = 1_000
KERNELS = ("vector_add", "transpose", "mandelbrot", *(f"unrolled {n}" for n in UNROLLED))


def load(name: str):
    """The kernel of that name and the keyword arguments to compile it with."""
    import enigma

    if not name.startswith("unrolled"):
        sys.path.insert(0, str(EXAMPLES))
        return getattr(__import__(name), name), {}

    @enigma.kernel
    def unrolled(A: enigma.f32, B: enigma.f32, steps: enigma.constexpr):
        tid = enigma.thread_position_in_grid
        a = A[tid]
        x = a
        for _ in enigma.range_constexpr(steps):
            x = x * a + a
        B[tid] = x

    return unrolled, {"constants": {"steps": int(name.split()[1]) // 2}}


def measure(name: str, repeat: int) -> dict[str, float]:
    """Times of this process in milliseconds, and its peak memory in MiB."""
    start = time.perf_counter()
    import enigma
    from enigma.compiler.compilations import forget

    imported = time.perf_counter()
    kernel, options = load(name)
    loaded = time.perf_counter()
    enigma.compile(kernel, emit_only=True, **options)
    first = time.perf_counter()
    warm = []
    for _ in range(repeat):
        forget()
        begin = time.perf_counter()
        enigma.compile(kernel, emit_only=True, **options)
        warm.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    for _ in range(AGAIN):
        enigma.compile(kernel, emit_only=True, **options)
    again = (time.perf_counter() - begin) / AGAIN
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "import": (imported - start) * 1e3,
        "first": (first - loaded) * 1e3,
        "warm": statistics.median(warm) * 1e3,
        "again": again * 1e6,
        "peak": peak / (1024 if sys.platform != "darwin" else 1024**2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=200, help="warm compiles of a small kernel")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.repeat)))
        return

    titles = ("import ms", "first ms", "warm ms", "again us", "peak MiB")
    print(f"{'kernel':<16}" + "".join(f"{title:>11}" for title in titles))
    for name in KERNELS:
        operations = int(name.split()[1]) if " " in name else 0
        repeat = max(5, arguments.repeat // max(1, operations // 50))
        rows = []
        for _ in range(3):
            command = [sys.executable, __file__, "--measure", name, "--repeat", str(repeat)]
            rows.append(json.loads(subprocess.check_output(command)))
        cells = [statistics.median(row[key] for row in rows) for key in rows[0]]
        print(f"{name:<16}" + "".join(f"{cell:>11.2f}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
