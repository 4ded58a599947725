# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures what a user waits for: the import, the first compile, and a compile once warm.

Every figure comes from a fresh process. A warm compile repeats everything: tracing,
passes and translation; compiled again, a kernel is the one that was kept. Warm times are of the
processor. Run it with ``make bench`` or
``python benchmarks/compile_time.py [--repeat N] [--only WORD]``.
"""

# What is imported here the import of Enigma need not import: only what every Python has anyway.
import os
import sys
import time
from collections.abc import Callable

from processor import wake

UNROLLED = (100, 1_000, 10_000)
AGAIN = 1_000
EXAMPLES = (
    "transpose",
    "mandelbrot",
    "tiled_transpose",
    "tiled_add",
    "softmax",
    "tiled_gemm",
    "flash_attention",
)
KERNELS = ("vector add", *EXAMPLES, *(f"unrolled {n}" for n in UNROLLED))


def load(name: str) -> Callable[[], object]:
    """What compiles the kernel of that name. The examples import NumPy, others do not."""
    import enigma

    if name in EXAMPLES:
        return load_example(name)

    @enigma.kernel
    def vector_add(A: enigma.f32, B: enigma.f32, C: enigma.f32):
        tid = enigma.thread_position_in_grid
        C[tid] = A[tid] + B[tid]

    @enigma.kernel
    def unrolled(A: enigma.f32, B: enigma.f32, steps: enigma.constexpr):
        tid = enigma.thread_position_in_grid
        a = A[tid]
        x = a
        for _ in enigma.range_constexpr(steps):
            x = x * a + a
        B[tid] = x

    if name == "vector add":
        return lambda: enigma.compile(vector_add, emit_only=True)
    constants = {"steps": int(name.split()[1]) // 2}
    return lambda: enigma.compile(unrolled, constants=constants, emit_only=True)


def load_example(name: str) -> Callable[[], object]:
    """What compiles an example, for matrices of any size where it can."""
    import os
    import pathlib

    os.environ["ENIGMA_EMIT_ONLY"] = "1"
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))
    example = __import__(name)
    if name in ("transpose", "mandelbrot"):
        import enigma

        return lambda: enigma.compile(getattr(example, name))
    if name == "tiled_transpose":
        return lambda: example.compile_for(96, 64)
    if name == "tiled_add":
        return lambda: example.row_major()
    if name == "flash_attention":
        return lambda: example.compile_attention(64, True)
    return lambda: example.any_size()


def measure(name: str, repeat: int) -> dict[str, float]:
    """Times of this process in milliseconds, and its peak memory in MiB."""
    wake()
    start = time.perf_counter()
    import enigma  # noqa: F401

    imported = time.perf_counter()
    from enigma.compiler.compilations import forget

    compile_it = load(name)
    loaded = time.perf_counter()
    compile_it()
    first = time.perf_counter()
    warm = []
    for _ in range(repeat):
        forget()
        begin = time.process_time()
        compile_it()
        warm.append(time.process_time() - begin)
    begin = time.perf_counter()
    for _ in range(AGAIN):
        compile_it()
    again = (time.perf_counter() - begin) / AGAIN

    import resource
    import statistics

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "import": (imported - start) * 1e3,
        "first": (first - loaded) * 1e3,
        "warm": statistics.median(warm) * 1e3,
        "again": again * 1e6,
        "peak": peak / (1024 if sys.platform != "darwin" else 1024**2),
    }


def main() -> None:
    import argparse
    import json
    import statistics
    import subprocess

    os.environ["ENIGMA_CACHE"] = "0"  # else the disk keeps what is forgotten

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=200, help="warm compiles of a small kernel")
    parser.add_argument("--only", default="", help="the kernels with this word")
    arguments = parser.parse_args()

    titles = ("import ms", "first ms", "warm ms", "again us", "peak MiB")
    print(f"{'kernel':<16}" + "".join(f"{title:>11}" for title in titles))
    for name in KERNELS:
        if arguments.only not in name:
            continue
        operations = int(name.split()[1]) if name.startswith("unrolled") else 0
        repeat = max(5, arguments.repeat // max(1, operations // 50))
        rows = []
        for _ in range(3):
            command = [sys.executable, __file__, "--measure", name, str(repeat)]
            rows.append(json.loads(subprocess.check_output(command)))
        cells = [statistics.median(row[key] for row in rows) for key in rows[0]]
        print(f"{name:<16}" + "".join(f"{cell:>11.2f}" for cell in cells), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        figures = measure(sys.argv[2], int(sys.argv[3]))
        print(str(figures).replace("'", '"'))
    else:
        main()
