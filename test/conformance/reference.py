# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What Metal's functions of floats give, in NumPy's double precision."""

from __future__ import annotations

import operator

import numpy as np

from conformance.exact import Exact


def assert_close(actual, expected, ulps):
    """NaN where expected is NaN, equal where it is infinite, near elsewhere."""
    wanted = expected.astype(actual.dtype)
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(actual[~finite], wanted[~finite])
    spacing = np.spacing(np.abs(wanted[finite])).astype(np.float64)
    error = np.abs(actual[finite].astype(np.float64) - wanted[finite].astype(np.float64))
    assert (error <= ulps * spacing).all(), (error / spacing).max()


# How many units in the last place functions of `f32` may be off: what the Metal Shading Language
# Specification allows without fast math, and for `erf` and `erfc` what the formulas of Enigma keep.
# Others are rounded correctly. `f16` and `bf16` may be off by one.
ULPS = {
    **dict.fromkeys(("acos", "acosh", "asin", "asinh", "cos", "cosh", "cospi"), 4),
    **dict.fromkeys(("exp", "exp10", "exp2", "log", "log10", "log2"), 4),
    **dict.fromkeys(("sin", "sinh", "sinpi"), 4),
    **dict.fromkeys(("atan", "atanh", "tanh"), 5),
    **dict.fromkeys(("atan2", "tan", "tanpi"), 6),
    **dict.fromkeys(("pow", "powr"), 16),
    "erf": 1,
    "erfc": 6,
    # Formulas of a few operations, which the specification does not bound.
    "mix": 2,
    "smoothstep": 8,
}


def fract(x):
    largest = 1 - 2.0**-24
    return np.minimum(x - np.floor(x), largest)


def away_from_zero(x):
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


WIDE = (-30.0, 30.0)
UNIT = (-1.0, 1.0)
POSITIVE = (1e-3, 50.0)
UNARY = {
    "acos": (np.arccos, UNIT),
    "acosh": (np.arccosh, (1.0, 50.0)),
    "asin": (np.arcsin, UNIT),
    "asinh": (np.arcsinh, WIDE),
    "atan": (np.arctan, WIDE),
    "atanh": (np.arctanh, (-0.99, 0.99)),
    "ceil": (np.ceil, WIDE),
    "cos": (np.cos, WIDE),
    "cosh": (np.cosh, (-9.0, 9.0)),
    "exp": (np.exp, (-9.0, 9.0)),
    "exp10": (lambda x: 10.0**x, (-4.0, 4.0)),
    "exp2": (np.exp2, (-9.0, 9.0)),
    "fabs": (np.abs, WIDE),
    "abs": (np.abs, WIDE),
    "floor": (np.floor, WIDE),
    "fract": (fract, WIDE),
    "log": (np.log, POSITIVE),
    "log10": (np.log10, POSITIVE),
    "log2": (np.log2, POSITIVE),
    "rint": (np.rint, WIDE),
    "round": (away_from_zero, WIDE),
    "rsqrt": (lambda x: 1 / np.sqrt(x), POSITIVE),
    "saturate": (lambda x: np.clip(x, 0, 1), (-2.0, 2.0)),
    # NumPy's loses the sign of a zero.
    "sign": (lambda x: np.where(x == 0, x, np.sign(x)), WIDE),
    "sin": (np.sin, WIDE),
    "sinh": (np.sinh, (-9.0, 9.0)),
    "sqrt": (np.sqrt, POSITIVE),
    "tan": (np.tan, UNIT),
    "tanh": (np.tanh, WIDE),
    "trunc": (np.trunc, WIDE),
}
UNARY_FUNCTIONS = {name: function for name, (function, _) in UNARY.items()}
BINARY = {
    "atan2": np.arctan2,
    "copysign": np.copysign,
    "fdim": lambda x, y: np.maximum(x - y, 0),
    "fmax": np.fmax,
    "fmin": np.fmin,
    "fmod": np.fmod,
    "max": np.fmax,
    "min": np.fmin,
    "step": lambda edge, x: np.where(x < edge, 0.0, 1.0),
}
TERNARY = {
    "clamp": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "fma": lambda x, y, z: x * y + z,
    "mix": lambda x, y, a: x + (y - x) * a,
    "fmax3": lambda x, y, z: np.fmax(x, np.fmax(y, z)),
    "fmin3": lambda x, y, z: np.fmin(x, np.fmin(y, z)),
    "fmedian3": lambda x, y, z: np.median([x, y, z], axis=0),
    "max3": lambda x, y, z: np.maximum(x, np.maximum(y, z)),
    "min3": lambda x, y, z: np.minimum(x, np.minimum(y, z)),
    "median3": lambda x, y, z: np.median([x, y, z], axis=0),
}


# Functions of integers, of Python's integers and the range of the dtype, modulo 2 to the power of
# the width.


def saturated(range_: Exact, value: int) -> int:
    return min(max(value, range_.low), range_.high)


def quotient(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def field(range_: Exact, x: int, offset: int, count: int) -> int:
    bits = (x >> offset) % (1 << count)
    return bits - (1 << count) if range_.is_signed and bits >> (count - 1) else bits


def rotated(range_: Exact, x: int, amount: int) -> int:
    bits = x % (1 << range_.bits)
    return (bits << amount % range_.bits) | (bits >> range_.bits - amount % range_.bits)


INTEGER = {
    "imin": lambda _, a, b: min(a, b),
    "imax": lambda _, a, b: max(a, b),
    "iclamp": lambda _, a, low, high: min(max(a, low), high),
    "popcount": lambda r, a: (a % (1 << r.bits)).bit_count(),
    "clz": lambda r, a: r.bits - (a % (1 << r.bits)).bit_length(),
    "ctz": lambda r, a: ((a & -a).bit_length() - 1) if a else r.bits,
    "abs_diff": lambda _, a, b: abs(a - b),
    "abs_diff_unary": lambda _, a: abs(a),
    "idiv": lambda _, a, b: quotient(a, b),
    "add_sat": lambda r, a, b: saturated(r, a + b),
    "sub_sat": lambda r, a, b: saturated(r, a - b),
    "hadd": lambda _, a, b: (a + b) >> 1,
    "rhadd": lambda _, a, b: (a + b + 1) >> 1,
    "mul_hi": lambda r, a, b: (a * b) >> r.bits,
    "mad_hi": lambda r, a, b, c: ((a * b) >> r.bits) + c,
    "mad_sat": lambda r, a, b, c: saturated(r, a * b + c),
    "rotate": rotated,
    "reverse_bits": lambda r, a: int(f"{a % (1 << r.bits):0{r.bits}b}"[::-1], 2),
    "extract_bits": lambda r, a: field(r, a, 3, 4),
    "insert_bits": lambda _, a, b: (a & ~0b1111000) | (b % 16 << 3),
}

COMPARISON = {
    "cmp_eq": operator.eq,
    "cmp_ne": operator.ne,
    "cmp_lt": operator.lt,
    "cmp_le": operator.le,
    "cmp_gt": operator.gt,
    "cmp_ge": operator.ge,
}
# Of the bits of integers.
UNSIGNED_COMPARISON = {
    "cmp_ult": operator.lt,
    "cmp_ule": operator.le,
    "cmp_ugt": operator.gt,
    "cmp_uge": operator.ge,
}


# Functions over a group: of the values and the fillings of its threads, in rows of a group each.


def along(reduce):
    """Every thread gets what all threads of its group give."""
    return lambda x, fill: np.repeat(reduce(x)[:, None], x.shape[1], axis=1)


def before(scan, first):
    """Every thread gets what the threads before it give."""

    def exclusive(x, fill):
        return np.concatenate([np.full_like(x[:, :1], first), scan(x, fill)[:, :-1]], axis=1)

    return exclusive


def moved(source):
    """Every thread gets the value of another one; its own if there is none."""

    def move(x, fill):
        lanes = range(x.shape[1])
        wanted = [source(lane, x.shape[1]) for lane in lanes]
        return x[:, [want if 0 <= want < len(lanes) else lane for lane, want in enumerate(wanted)]]

    return move


def filled(by, modulo):
    """Threads of rows of `modulo` get the value of one that is `by` before, or a filling."""

    def move(x, fill):
        result = np.empty_like(x)
        for lane in range(x.shape[1]):
            row, at = divmod(lane, min(modulo, x.shape[1]))
            length = min(modulo, x.shape[1])
            values = x if 0 <= at - by < length else fill
            result[:, lane] = values[:, row * length + (at - by) % length]
        return result

    return move


def cumulative(scan):
    return lambda x, fill: scan(x, axis=1, dtype=x.dtype)


GROUP = {
    "sum": along(lambda x: x.sum(axis=1, dtype=x.dtype)),
    "product": along(lambda x: x.prod(axis=1, dtype=x.dtype)),
    "min": along(lambda x: x.min(axis=1)),
    "max": along(lambda x: x.max(axis=1)),
    "and": along(lambda x: np.bitwise_and.reduce(x, axis=1)),
    "or": along(lambda x: np.bitwise_or.reduce(x, axis=1)),
    "xor": along(lambda x: np.bitwise_xor.reduce(x, axis=1)),
    "prefix_inclusive_sum": cumulative(np.cumsum),
    "prefix_inclusive_product": cumulative(np.cumprod),
    "prefix_exclusive_sum": before(cumulative(np.cumsum), 0),
    "prefix_exclusive_product": before(cumulative(np.cumprod), 1),
    "shuffle": moved(lambda lane, width: lane * 3 % width),
    "shuffle_up": moved(lambda lane, width: lane - 2),
    "shuffle_down": moved(lambda lane, width: lane + 3),
    "shuffle_xor": moved(lambda lane, width: lane ^ 1),
    "shuffle_rotate_up": moved(lambda lane, width: (lane - 3) % width),
    "shuffle_rotate_down": moved(lambda lane, width: (lane + 1) % width),
    "shuffle_and_fill_up": filled(1, 2),
    "shuffle_and_fill_down": filled(-3, 32),
    "broadcast": moved(lambda lane, width: 2),
    "broadcast_first": moved(lambda lane, width: 0),
}
# Those of them that a threadgroup has too.
REDUCTIONS = ("sum", "product", "min", "max", "and", "or", "xor")
# What the functions above are called with, besides the value.
GROUP_OPERANDS = {
    "shuffle": lambda lane, fill, width: (lane * 3 % width,),
    "shuffle_up": lambda lane, fill, width: (2,),
    "shuffle_down": lambda lane, fill, width: (3,),
    "shuffle_xor": lambda lane, fill, width: (1,),
    "shuffle_rotate_up": lambda lane, fill, width: (3,),
    "shuffle_rotate_down": lambda lane, fill, width: (1,),
    "shuffle_and_fill_up": lambda lane, fill, width: (fill, 1, 2),
    "shuffle_and_fill_down": lambda lane, fill, width: (fill, 3),
    "broadcast": lambda lane, fill, width: (2,),
}
# Functions of bools, and of nothing, of the bools of the active threads and their indices.
VOTES = {
    "ballot": lambda votes: sum(1 << lane for lane, vote in votes.items() if vote),
    "all": lambda votes: all(votes.values()),
    "any": lambda votes: any(votes.values()),
}
PRESENCE = {
    "is_first": lambda lane, votes: lane == min(votes),
    "active_threads_mask": lambda lane, votes: sum(1 << lane for lane in votes),
}


# Geometry, of rows that are vectors; and how large the terms of a result are, to which its error is
# relative.


def dot(x, y):
    return (x * y).sum(axis=-1)


def length(x):
    return np.sqrt(dot(x, x))


def refraction(incident, normal, eta):
    cosine = dot(normal, incident)[:, None]
    eta = eta[:, None]
    k = 1 - eta**2 * (1 - cosine**2)
    bent = eta * incident - (eta * cosine + np.sqrt(np.maximum(k, 0))) * normal
    return np.where(k < 0, 0.0, bent)


GEOMETRY = {
    "dot": (dot, lambda x, y: dot(np.abs(x), np.abs(y))),
    "length": (length, length),
    "length_squared": (lambda x: dot(x, x), lambda x: dot(x, x)),
    "distance": (lambda x, y: length(x - y), lambda x, y: length(x) + length(y)),
    "distance_squared": (lambda x, y: dot(x - y, x - y), lambda x, y: 4 * (dot(x, x) + dot(y, y))),
    "cross": (np.cross, lambda x, y: (length(x) * length(y))[:, None]),
    "normalize": (lambda x: x / length(x)[:, None], lambda x: 1.0),
    "reflect": (lambda i, n: i - 2 * dot(n, i)[:, None] * n, lambda i, n: 3 * length(i)[:, None]),
    "faceforward": (
        lambda n, i, ref: np.where(dot(ref, i)[:, None] < 0, n, -n),
        lambda n, i, ref: 0.0,
    ),
    "refract": (refraction, lambda i, n, eta: 4.0),
}


# Packing: of rows of numbers in single precision, which is what MSL computes in, from the lowest
# bits on.


def linear(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def srgb(linear):
    return np.where(linear < 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def whole(values, widths, is_signed):
    """The integers that stand for normalized numbers."""
    scale = np.array([2 ** (width - is_signed) - 1 for width in widths], np.float32)
    bounded = np.clip(np.nan_to_num(values, nan=0.0), -1.0 if is_signed else 0.0, 1.0)
    return np.rint(bounded.astype(np.float32) * scale).astype(np.int64)


def joined(fields, widths):
    """Integers of these widths as the bits of one."""
    starts = np.cumsum((0, *widths[:-1]))
    return sum(
        (fields[:, k] % (1 << w)) << s for k, (w, s) in enumerate(zip(widths, starts, strict=True))
    )


def taken(packed, widths, is_signed):
    """The integers of these widths in one."""
    starts = np.cumsum((0, *widths[:-1]))
    fields = np.stack(
        [packed >> s & (1 << w) - 1 for w, s in zip(widths, starts, strict=True)], axis=1
    )
    limits = np.array([1 << w for w in widths])
    return np.where(is_signed & (fields >= limits // 2), fields - limits, fields)


# The widths of the fields, and whether they are signed.
PACKED = {
    "snorm4x8": ((8, 8, 8, 8), True),
    "unorm4x8": ((8, 8, 8, 8), False),
    "srgb_unorm4x8": ((8, 8, 8, 8), False),
    "snorm2x16": ((16, 16), True),
    "unorm2x16": ((16, 16), False),
    "unorm10a2": ((10, 10, 10, 2), False),
}


def packed_fields(name, values):
    """The integers that `pack_float_to_<name>` joins."""
    widths, is_signed = PACKED[name]
    if name.startswith("srgb"):
        bounded = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0)
        values = np.concatenate([srgb(bounded[:, :3]), bounded[:, 3:]], axis=1)
    return whole(values, widths, is_signed)


def unpacked(name, packed):
    """The numbers that `unpack_<name>_to_float` gives."""
    widths, is_signed = PACKED[name]
    scale = np.array([2 ** (width - is_signed) - 1 for width in widths])
    numbers = np.maximum(taken(packed, widths, is_signed) / scale, -1.0)
    if name.startswith("srgb"):
        numbers = np.concatenate([linear(numbers[:, :3]), numbers[:, 3:]], axis=1)
    return numbers
