# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The forms that random kernels are made of, besides functions and what `rows` documents.

Each is what `Generator.mark` is told where it is made. A test looks for every one of them, for
every row of the documentation that works everywhere, and for every function of the records.
"""

from __future__ import annotations

QUERIES = (
    "query arch",
    "query grid_size",
    "query quadgroup_index_in_threadgroup",
    "query simdgroup_index_in_threadgroup",
    "query simdgroups_per_threadgroup",
    "query thread_index_in_quadgroup",
    "query thread_index_in_simdgroup",
    "query thread_index_in_threadgroup",
    "query thread_position_in_grid",
    "query thread_position_in_grid_xyz",
    "query thread_position_in_threadgroup",
    "query threadgroup_position_in_grid",
    "query threadgroups_per_grid",
    "query threads_per_grid",
    "query threads_per_simdgroup",
    "query threads_per_threadgroup",
)
OPERATORS = (
    "operator !=",
    "operator %",
    "operator &",
    "operator *",
    "operator **",
    "operator +",
    "operator -",
    "operator /",
    "operator //",
    "operator <",
    "operator <<",
    "operator <=",
    "operator ==",
    "operator >",
    "operator >=",
    "operator >>",
    "operator ^",
    "operator |",
    "operator ~",
)
UNARY = (
    "unary +",
    "unary -",
    "unary abs",
    "unary ~",
)
AUGMENTED = (
    "augmented %=",
    "augmented &=",
    "augmented *=",
    "augmented +=",
    "augmented -=",
    "augmented //=",
    "augmented /=",
    "augmented <<=",
    "augmented >>=",
    "augmented ^=",
    "augmented swizzle",
    "augmented |=",
)
CONDITIONS = (
    "condition all",
    "condition and",
    "condition any",
    "condition bool",
    "condition chain",
    "condition in",
    "condition is",
    "condition not",
    "condition or",
)
CONTAINERS = (
    "container counter",
    "container dataclass",
    "container dict",
    "container flag",
    "container list",
    "container namedtuple",
    "container object",
    "container register",
)
CALLS = (
    "call defaults",
    "call keywords",
    "call positional",
    "call starred",
)
LOOPS = (
    "for over dict",
    "for over enigma.range, kind 0",
    "for over enigma.range, kind 1",
    "for over enigma.range, kind 2",
    "for over enigma.range, kind 3",
    "for over enigma.range, kind 4",
    "for over enigma.range, kind 5",
    "for over enigma.range, kind 6",
    "for over enigma.range, kind 7",
    "for over enumerate",
    "for over list",
    "for over range",
    "for over range_constexpr",
    "for over zip",
)
STORES = (
    "store",
    "store to a register tensor",
    "store to attribute",
    "store to item",
)
VALUES = (
    "value of and",
    "value of max",
    "value of min",
    "value of or",
    "value of sum",
)
OTHERS = (
    ".to",
    "@enigma.func",
    "a number on one path",
    "as_type",
    "assignment",
    "assignment to two names",
    "attribute",
    "barrier",
    "break",
    "choice of a number and a value",
    "closure",
    "conditional expression",
    "conditional number",
    "constexpr parameter",
    "continue",
    "counter",
    "counting",
    "dtype(number)",
    "element at a computed index",
    "element of a buffer",
    "element of a register tensor",
    "elif",
    "else",
    "else of a loop",
    "exchange of variables",
    "fmin(fmax())",
    "guard",
    "if",
    "item",
    "lambda",
    "lane by letter",
    "lane by number",
    "load_if",
    "make_float2",
    "make_float3",
    "make_float4",
    "make_vec",
    "match",
    "metal_cast",
    "nonlocal",
    "number",
    "operand by name",
    "operands of two dtypes",
    "return",
    "return of a value",
    "scalar parameter",
    "several results",
    "simd_barrier",
    "starred unpacking",
    "store_if",
    "sum of a generator expression",
    "swizzle",
    "swizzle store",
    "threadgroup_alloc",
    "variable",
    "vec_extract",
    "vector and scalar",
    "vec_width",
    "walrus",
    "where",
    "where of numbers",
    "while",
    "while True",
)
FORMS = frozenset(
    (
        *QUERIES,
        *OPERATORS,
        *UNARY,
        *AUGMENTED,
        *CONDITIONS,
        *CONTAINERS,
        *CALLS,
        *LOOPS,
        *STORES,
        *VALUES,
        *OTHERS,
    )
)
# Functions whose result depends on the order of the threads, or on how a number is rounded.
UNORDERED = frozenset(
    ("atomic_compare_exchange_weak", "atomic_exchange", "atomic_load", "atomic_store")
)
UNROUNDED = frozenset(
    ("pack_float_to_srgb_unorm4x8", "pack_half_to_srgb_unorm4x8", "refract", "dequantize_int8")
)
