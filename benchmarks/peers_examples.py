# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Examples that compute what kernels of `peers.py` do, of which the compiler does more: by layouts.

Their subscripts come of layouts, most are for matrices of any size, and a thread has several
elements.
"""

import pathlib
import sys
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))

import enigma
import flash_attention
import softmax
import tiled_add
import tiled_gemm
import tiled_transpose
from peers_enigma import anew

KERNELS: dict[str, Callable[[], str]] = {
    "vector add": anew(tiled_add.row_major),
    "tiled GEMM": anew(tiled_gemm.any_size),
    "softmax": anew(softmax.any_size),
    "transpose": anew(tiled_transpose.compile_for, enigma.dyn("m"), enigma.dyn("n")),
    "transpose of 512 x 256": anew(tiled_transpose.compile_for, 512, 256),
    "attention": anew(flash_attention.compile_attention, 64, False),
}
