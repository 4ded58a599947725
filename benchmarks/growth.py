# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures how the time of a compile grows with the kernel.

Each row is a kind of kernel in four sizes, each twice the one before. Its exponent is the slope of
log(time) over log(size) from the second to the last: 1 is linear, 2 is quadratic. Times are of the
processor, the least of some warm compiles; ``trace`` is Python's part of them. What is above 1.1 is
marked; nothing fails. ``python benchmarks/growth.py [--repeat N] [--only WORD]``.
"""

import argparse
import linecache
import math
import os
import sys
import time
from collections.abc import Callable

import enigma
from enigma.compiler.compilations import forget
from enigma.compiler.trace import trace_kernel
from enigma.layout import Layout
from enigma.tracing.functions import Kernel

GOAL = 1.1
SIZES = 4


def kernel(body: str, parameters: str = "A: enigma.f32, B: enigma.f32") -> Kernel:
    """A kernel with that body, of which the source is known."""
    lines = [
        "@enigma.kernel",
        f"def kernel({parameters}):",
        "    i = enigma.thread_position_in_grid",
    ]
    text = "\n".join([*lines, *(f"    {line}" for line in body.splitlines()), ""])
    name = f"<growth {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    variables = {"enigma": enigma, "Layout": Layout}
    exec(compile(text, name, "exec"), variables)
    return variables["kernel"]


def repeated(count: int, line: str) -> str:
    """A line so often, in which `#` is its number."""
    return "\n".join(line.replace("#", str(number)) for number in range(count))


def operations(size: int) -> Kernel:
    return kernel(f"x = A[i]\n{repeated(size, 'x = x * x + #.0')}\nB[i] = x")


def loads(size: int) -> Kernel:
    return kernel(f"x = A[i]\n{repeated(size, 'x = x + A[i + #]')}\nB[i] = x")


def loops(size: int) -> Kernel:
    return kernel(
        f"x = A[i]\n{repeated(size, 'for k in enigma.range(i): x = x * x + #.0')}\nB[i] = x"
    )


def branches(size: int) -> Kernel:
    return kernel(f"x = A[i]\n{repeated(size, 'if x > #.0: x = x * x + #.0')}\nB[i] = x")


def conditional_expressions(size: int) -> Kernel:
    return kernel(f"x = A[i]\n{repeated(size, 'x = A[i + #] if x > #.0 else x')}\nB[i] = x")


def early_returns(size: int) -> Kernel:
    body = repeated(size, "if x > #.0:\n    B[i] = #.0\n    return\nx = x * x + #.0")
    return kernel(f"x = A[i]\n{body}\nB[i] = x")


def carried_values(size: int) -> Kernel:
    start = repeated(size, "x# = A[i + #]")
    step = repeated(size, "    x# = x# * x# + 1.0")
    return kernel(f"{start}\nfor k in enigma.range(i):\n{step}\n{repeated(size, 'B[i + #] = x#')}")


def results_of_an_if(size: int) -> Kernel:
    start = repeated(size, "x# = A[i + #]")
    step = repeated(size, "    x# = x# * x# + 1.0")
    return kernel(f"{start}\nif i > 4:\n{step}\n{repeated(size, 'B[i + #] = x#')}")


def views(size: int) -> Kernel:
    body = repeated(size, "x = x + enigma.local_tile(t, (4, 8), (i, #))[1, 2]")
    head = "t = enigma.make_tensor(A, Layout((64, 4096), (4096, 1)))"
    return kernel(f"{head}\nx = A[i]\n{body}\nB[i] = x")


def divided_views(size: int) -> Kernel:
    body = repeated(size, "x = x + enigma.zipped_divide(t, (4, 8))[(1, 2), i + #]")
    head = "t = enigma.make_tensor(A, Layout((512, 512)))"
    return kernel(f"{head}\nx = A[i]\n{body}\nB[i] = x")


def modes(size: int) -> Kernel:
    ones = f"Layout((1,) * {size})"
    layout = f"enigma.select(enigma.blocked_product({ones}, {ones}), *range({size}))"
    return kernel(f"t = enigma.make_tensor(A, {layout})\nB[i] = t[i]")


def function_constants(size: int) -> Kernel:
    body = repeated(size, "x = x + enigma.function_constant(enigma.f32, #, default=1.0)")
    return kernel(f"x = A[i]\n{body}\nB[i] = x")


def fragment_elements(size: int) -> Kernel:
    return kernel(
        f"t = enigma.make_tensor(A, Layout(({size}, 64), (1, {size})))[None, i]\n"
        f"u = enigma.make_tensor(B, Layout(({size}, 64), (1, {size})))[None, i]\n"
        "x = t.load()\nu.store(x * x + x)"
    )


def register_tile(size: int) -> Kernel:
    return kernel(
        f"t = enigma.make_tensor(A, Layout(({size}, 64), (64, 1)))\n"
        f"u = enigma.make_tensor(B, Layout(({size}, 64), (64, 1)))\n"
        f"sums = enigma.make_fragment(({size},))\n"
        "for k in enigma.range(64):\n    x = t[None, k].load()\n    sums = enigma.fma(x, x, sums)\n"
        "u[None, i].store(sums)"
    )


# Of each kind, the least of its sizes: the largest is close to a limit, or takes a second.
ROWS: tuple[tuple[Callable[[int], Kernel], int], ...] = (
    (operations, 250),
    (loads, 250),
    (loops, 50),
    (branches, 50),
    (conditional_expressions, 50),
    (early_returns, 25),
    (carried_values, 100),
    (results_of_an_if, 100),
    (views, 50),
    (divided_views, 100),
    (modes, 1000),
    (function_constants, 100),
    (fragment_elements, 128),
    (register_tile, 128),
)


def measure(one: Kernel, repeat: int) -> tuple[float, float]:
    """The least times of a warm compile and of the trace in it, in milliseconds."""
    whole, traced = math.inf, math.inf
    spent = 0.0

    def timed(*arguments: object) -> object:
        nonlocal spent
        begin = time.thread_time()
        try:
            return trace_kernel(*arguments)  # type: ignore[arg-type]
        finally:
            spent = time.thread_time() - begin

    module = sys.modules["enigma.compiler.compile"]
    module.trace_kernel = timed
    try:
        for _ in range(repeat + 1):
            forget()
            begin = time.thread_time()
            enigma.compile(one, emit_only=True)
            whole, traced = min(whole, time.thread_time() - begin), min(traced, spent)
    finally:
        module.trace_kernel = trace_kernel
    return whole * 1e3, traced * 1e3


def main() -> None:
    os.environ["ENIGMA_CACHE"] = "0"  # else the disk keeps what is forgotten
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="compiles of each kernel")
    parser.add_argument("--only", default="", help="the rows with this word")
    arguments = parser.parse_args()
    heads = "".join(f"{f'{2**step}x':>9}" for step in range(SIZES))
    print(f"{'ms for':<24}{'size':>6}{heads}{'exponent':>10}{'trace':>7}{'rest':>7}")
    for make, least in ROWS:
        title = make.__name__.replace("_", " ")
        if arguments.only not in title:
            continue
        times = [measure(make(least << step), arguments.repeat) for step in range(SIZES)]
        parts = [(whole, traced, whole - traced) for whole, traced in times]
        all_of_it, trace, rest = (
            math.log2(last / first) / (SIZES - 2)
            for last, first in zip(parts[-1], parts[1], strict=True)
        )
        mark = f"  above {GOAL}" if all_of_it > GOAL else ""
        print(
            f"{title:<24}{least:>6}"
            + "".join(f"{whole:>9.2f}" for whole, _ in times)
            + f"{all_of_it:>10.2f}{trace:>7.2f}{rest:>7.2f}{mark}",
            flush=True,
        )


if __name__ == "__main__":
    main()
