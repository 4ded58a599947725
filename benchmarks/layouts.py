# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Throughput of the layout algebra from Python.

`ninja layout-benchmark` in a build tree makes the same measurement from C++.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

import enigma.layout as el
from enigma.layout import Layout


def main() -> None:
    row_major = Layout((8, 16, 4, 32), (2048, 128, 32, 1))
    selection = Layout((4, 8, 2, 16), (2, 8, 128, 512))
    tile = Layout((2, 4, 2, 8))
    dynamic = Layout((el.dyn("m"), el.dyn("n", div=128)), (el.dyn("n", div=128), 1))
    operations: dict[str, Callable[[], object]] = {
        "Layout": lambda: Layout((8, 16, 4, 32), (2048, 128, 32, 1)),
        "composition": lambda: el.composition(row_major, selection),
        "coalesce": lambda: el.coalesce(row_major),
        "complement": lambda: el.complement(tile, 4096),
        "right_inverse": lambda: el.right_inverse(row_major),
        "zipped_divide": lambda: el.zipped_divide(row_major, (4, 4, 2, 8)),
        "zipped_divide, dynamic": lambda: el.zipped_divide(dynamic, (16, 128)),
        "raked_product": lambda: el.raked_product(tile, row_major),
        "call with an index": lambda: row_major(12345),
        "call with a coordinate": lambda: row_major((1, 2, 3, 4)),
        "str": lambda: str(row_major),
        "parse": lambda: Layout.parse("(8,16,4,32):(2048,128,32,1)"),
    }
    for name, operation in operations.items():
        timer = timeit.Timer(operation)
        runs, seconds = timer.autorange()
        seconds = min([seconds, *timer.repeat(repeat=2, number=runs)])
        print(f"{name:<28}{runs / seconds:>14,.0f} / s")


if __name__ == "__main__":
    main()
