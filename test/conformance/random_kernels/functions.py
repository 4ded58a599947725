# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The functions that random kernels call by name."""

from __future__ import annotations

from conformance import reference
from conformance.random_kernels.machine import ROUNDED

# The dtypes of what threads exchange.
EXCHANGED = ("i8", "i16", "i32", "u8", "u16", "u32", "f16", "f32")
# What NEAR functions are taken of.
DOMAINS: dict[str, tuple[float, float]] = {
    **{name: domain for name, (_, domain) in reference.UNARY.items()},
    "sinpi": (-1.0, 1.0),
    "cospi": (-0.4, 0.4),
    "tanpi": (-0.4, 0.4),
    "erf": (-4.0, 4.0),
    "erfc": (-4.0, 4.0),
}
# Functions that are not exact: only stored.
NEAR = [name for name in DOMAINS if name not in (*ROUNDED, "fabs")]
NEAR += ["atan2", "mix", "smoothstep", "pow", "powr", "**"]
GEOMETRY = [name for name in reference.GEOMETRY if name != "refract"]
# A field of sRGB may be rounded to either of two.
PACKING = [f"pack_float_to_{fields}" for fields in reference.PACKED if fields[:2] != "sr"]
PACKING += [f"pack_half_to_{fields}" for fields in reference.PACKED if fields[:2] != "sr"]
PACKING += [
    f"unpack_{fields}_to_{kind}" for fields in reference.PACKED for kind in ("float", "half")
]
PACKING += ["pack_uint8x4", "unpack_uint8x4", "pack_int4x2", "unpack_int4x2"]
ATOMIC = [f"atomic_fetch_{name}" for name in ("add", "sub", "min", "max", "and", "or", "xor")]
COLLECTIVE = [
    f"{group}_{name}"
    for group in ("simd", "quad")
    for name in (*reference.GROUP, *reference.VOTES, *reference.PRESENCE)
]
# Those of a threadgroup, which may have any number of threads.
JOINING = [f"threadgroup_{name}" for name in reference.REDUCTIONS]
COLLECTIVE += JOINING
FOCUS = [*NEAR, *GEOMETRY, *PACKING, *ATOMIC, *COLLECTIVE]
# What a kernel is about, besides: `memories` says how each is emitted.
TOPICS = (
    *("views", "matrices", "views", "group matrices", "views", "tables", "pipeline"),
    *("tiled products", "copies", "vector elements", "nothing", "function constants"),
)
# Those for which all threads of a group have to be there.
MEETING = ("group matrices", "pipeline", "copies", "vector elements", "tiled products")
