# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every function of the language is run by the conformance tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import (
    reference,
    test_emitted_linear_algebra,
    test_emitted_math,
    test_emitted_memory,
)
from enigma._features import FEATURES

GROUPS = (*reference.GROUP, *reference.VOTES, *reference.PRESENCE)
# Those that `test_emitted_packing` tests one by one.
INTEGER_PACKING = (
    "pack_uint8x4",
    "unpack_uint8x4",
    "pack_int4x2",
    "unpack_int4x2",
    "dequantize_int8",
)
# The tables that say what functions give, by families.
TABLES = {
    "math": [
        *test_emitted_math.UNARY,
        *test_emitted_math.BINARY,
        *test_emitted_math.TERNARY,
        *test_emitted_math.POSITIVE,
        *test_emitted_math.PREDICATES,
        "where",
    ],
    "integer": reference.INTEGER,
    "comparison": test_emitted_math.COMPARISONS,
    "simd": [f"simd_{name}" for name in GROUPS],
    "quad": [f"quad_{name}" for name in GROUPS],
    "threadgroup": [f"threadgroup_{name}" for name in reference.REDUCTIONS],
    "thread": test_emitted_memory.QUERIES,
    "geometry": reference.GEOMETRY,
    "matrix": [
        *test_emitted_linear_algebra.MAKERS.values(),
        "make_matrix",
        "matmul",
        "transpose",
        "determinant",
    ],
    "packing": [
        *[f"pack_{type}_to_{name}" for name in reference.PACKED for type in ("float", "half")],
        *[f"unpack_{name}_to_{type}" for name in reference.PACKED for type in ("float", "half")],
        *INTEGER_PACKING,
    ],
}
SOURCES = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_has_a_reference(feature):
    table = TABLES.get(feature.family)
    if table is not None:
        assert feature.name in table, f"enigma.{feature.name} has no row in a reference"
    else:
        is_fetch = feature.name.startswith("atomic_fetch_")
        name = "atomic_fetch_{kind}" if is_fetch else f"enigma.{feature.name}("
        assert name in SOURCES, f"no conformance test calls enigma.{feature.name}"
