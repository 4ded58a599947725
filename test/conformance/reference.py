# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What Metal's functions of floats give, in NumPy's double precision."""

from __future__ import annotations

import numpy as np


def assert_close(actual, expected, ulps):
    """NaN where expected is NaN, equal where it is infinite, near elsewhere."""
    wanted = expected.astype(actual.dtype)
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(actual[~finite], wanted[~finite])
    spacing = np.spacing(np.abs(wanted[finite])).astype(np.float64)
    error = np.abs(actual[finite].astype(np.float64) - wanted[finite].astype(np.float64))
    assert (error <= ulps * spacing).all(), (error / spacing).max()


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
    "sign": (np.sign, WIDE),
    "sin": (np.sin, WIDE),
    "sinh": (np.sinh, (-9.0, 9.0)),
    "sqrt": (np.sqrt, POSITIVE),
    "tan": (np.tan, UNIT),
    "tanh": (np.tanh, WIDE),
    "trunc": (np.trunc, WIDE),
}
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
    "max3": lambda x, y, z: np.maximum(x, np.maximum(y, z)),
    "min3": lambda x, y, z: np.minimum(x, np.minimum(y, z)),
    "median3": lambda x, y, z: np.median([x, y, z], axis=0),
}
