# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures the memory of a process that compiles without end.

Each row is a fresh process that compiles different kernels of one sort, and shows the memory that
it holds (resident set, in MiB) along the way: after the first kernel, and after each sixth part of
the kernels. ``python benchmarks/memory.py [--kernels N]``; of long kernels a tenth of them.
"""

import argparse
import gc
import json
import linecache
import pathlib
import resource
import subprocess
import sys
import threading
import time

POINTS = 6
THREADS = 200
LONG = 50


def resident() -> float:
    """The resident set of this process in MiB; its peak where the system tells nothing else."""
    gc.collect()
    statm = pathlib.Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def new_function(number: int, lines: int, last: str = "x"):
    """A kernel whose code nobody has seen, of that many lines."""
    name = f"<kernel {number}>"
    body = "".join(f"    x = x * {number}.{line} + A[tid + {line}]\n" for line in range(lines))
    text = (
        "@enigma.kernel\n"
        f"def kernel{number}(A: enigma.f32, B: enigma.f32):\n"
        "    tid = enigma.thread_position_in_grid\n"
        f"    x = A[tid]\n{body}    B[tid] = {last}\n"
    )
    import enigma

    variables = {"enigma": enigma}
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    exec(compile(text, name, "exec"), variables)
    return variables[f"kernel{number}"], name


def compile_new(number: int, lines: int = 1, last: str = "x") -> None:
    import enigma

    kernel, name = new_function(number, lines, last)
    try:
        enigma.compile(kernel, emit_only=True)
    except enigma.EnigmaError:
        if last == "x":
            raise
    finally:
        del linecache.cache[name]


def sorts():
    """What is compiled, by its name: a function of the kernel's number."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))
    import enigma
    import tiled_add

    @enigma.kernel
    def scale(A: enigma.f32, B: enigma.f32, factor: enigma.constexpr):
        tid = enigma.thread_position_in_grid
        B[tid] = A[tid] * factor

    def tiled(number: int) -> None:
        layout = enigma.Layout((256, 512 + 4 * number), (512 + 4 * number, 1))
        tensors = [enigma.Tensor(name, i, "float", layout) for i, name in enumerate("ABC")]
        enigma.compile(tiled_add.tiled_add, *tensors, emit_only=True)

    return {
        "new functions": compile_new,
        f"new functions of {LONG} lines": lambda number: compile_new(number, LONG),
        "new constants": lambda number: enigma.compile(
            scale, constants={"factor": float(number)}, emit_only=True
        ),
        "new shapes of tiled_add": tiled,
        "refused functions": lambda number: compile_new(number, 1, "'text'"),
        f"new functions in {THREADS} threads": compile_new,
    }


def count(name: str, kernels: int) -> int:
    """How many kernels of a sort are compiled."""
    return kernels // 10 if f"{LONG} lines" in name else kernels


def measure(name: str, kernels: int) -> list[float]:
    """The memory of this process after each part of the kernels."""
    one = sorts()[name]
    part = count(name, kernels) // POINTS
    one(0)
    points = [resident()]
    for point in range(POINTS):
        numbers = range(1 + point * part, 1 + (point + 1) * part)
        if "threads" in name:
            # All of them live until the last one is done.
            done = threading.Barrier(THREADS)

            def work(thread: int, numbers: range = numbers, done: threading.Barrier = done) -> None:
                for number in numbers[thread::THREADS]:
                    one(number)
                done.wait()

            threads = [threading.Thread(target=work, args=(i,)) for i in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        else:
            for number in numbers:
                one(number)
        points.append(resident())
    return points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=int, default=20_000, help="kernels of each sort")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.kernels)))
        return

    parts = "".join(f"{f'{point}/{POINTS}':>8}" for point in range(POINTS + 1))
    print(f"{'MiB after':<32}{'kernels':>8}{parts}{'s':>8}")
    for name in sorts():
        start = time.perf_counter()
        command = [sys.executable, __file__, "--kernels", str(arguments.kernels), "--measure", name]
        points = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        seconds = time.perf_counter() - start
        print(
            f"{name:<32}{count(name, arguments.kernels):>8}"
            + "".join(f"{point:>8.1f}" for point in points)
            + f"{seconds:>8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
