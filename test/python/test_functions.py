# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The functions that are made from records: signatures, documentation, errors, the page."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import pytest

import enigma
from enigma import _functions
from enigma._features import FEATURES, FORMS

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = [feature for feature in FEATURES if feature.family != "thread"]
CALLED = [feature for feature in FUNCTIONS if feature.family not in ("atomic", "vector")]


def compiled(function, dtype=enigma.f32, result=None):
    """The MSL of a kernel that stores a function of its input."""
    element, target = dtype, result or dtype

    @enigma.kernel
    def apply(A: element, out: target):
        i = enigma.thread_position_in_grid
        out[i] = function(A[i])

    return enigma.compile(apply, emit_only=True).metal_source


def refused(function, dtype=enigma.f32, result=None, error=enigma.EnigmaError):
    with pytest.raises(error) as caught:
        compiled(function, dtype, result)
    assert caught.value.location is not None
    assert caught.value.location.filename == __file__
    return str(caught.value)


# Names and documentation.


def test_every_generated_function_is_imported_by_the_package():
    missing = [name for name in _functions.__all__ if name not in vars(enigma)]
    assert missing == [], "name them in enigma/__init__.py"


def test_all_functions_are_reachable():
    names = {feature.name for feature in FEATURES}
    assert names <= set(enigma.__all__)
    assert len(enigma.__all__) == len(set(enigma.__all__))
    assert names <= set(dir(enigma))


@pytest.mark.parametrize("feature", FUNCTIONS, ids=lambda feature: feature.name)
def test_a_signature_is_that_of_the_record(feature):
    signature = inspect.signature(getattr(enigma, feature.name))
    shown = [
        str(parameter.replace(annotation=inspect.Parameter.empty)).replace("'", '"')
        for parameter in signature.parameters.values()
    ]
    assert f"({', '.join(shown)})" == feature.signature
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(
        parameter.annotation is not inspect.Parameter.empty
        for parameter in signature.parameters.values()
    )


@pytest.mark.parametrize("feature", CALLED, ids=lambda feature: feature.name)
def test_a_docstring_says_what_there_is_to_know(feature):
    text = inspect.getdoc(getattr(enigma, feature.name))
    summary, _, rest = text.partition("\n\n")
    assert summary.endswith(".")
    assert ("Parameters\n----------\n" in rest) == (feature.signature != "()")
    gives = feature.result != "none"
    assert ("Returns\n-------\n" in rest) == gives
    assert "Raises\n------\nEnigmaError\n" in rest or feature.name == "where"
    assert all(len(line) <= 96 for line in text.splitlines())


def test_the_page_has_the_tables_of_the_records():
    script = runpy.run_path(str(ROOT / "docs" / "functions.py"))
    page = (ROOT / "docs" / "functions.md").read_text()
    assert script["refreshed"](page) == page
    families = {feature.family for feature in FEATURES}
    assert families == {found["family"] for found in script["BEGIN"].finditer(page)}


def test_the_page_of_features_has_everything():
    script = runpy.run_path(str(ROOT / "docs" / "functions.py"))
    assert (ROOT / "docs" / "features.md").read_text() == script["features"]()
    named = {operation for row in (*FEATURES, *FORMS) for operation in row.operations}
    reference = re.compile(r"\benigma\.kernel\b")
    assert any(map(reference.fullmatch, named))
    ways = [way for form in FORMS for way in form.python if way.startswith("enigma.")]
    for way in ways:
        name = way.partition("(")[0].removeprefix("enigma.")
        assert hasattr(enigma, name), way


ELEMENTWISE = [f for f in FEATURES if f.family in ("math", "integer", "comparison", "geometry")]


@pytest.mark.parametrize("feature", ELEMENTWISE, ids=lambda feature: feature.name)
def test_a_result_has_the_dtype_that_the_table_says(feature):
    function = getattr(enigma, feature.name)
    count = len(inspect.signature(function).parameters)
    dtypes = [enigma.f32, enigma.f16] if "`f32`" in feature.dtypes else []
    dtypes += [enigma.i8, enigma.i32, enigma.u32] if "`i8`" in feature.dtypes else []
    lanes = 3 if feature.family == "geometry" else 1
    for dtype in dtypes:
        found = []

        def keep(x, dtype=dtype, found=found):
            operands = [x if lanes == 1 else enigma.make_vec(x, x, x, dtype=dtype)] * count
            if feature.name == "refract":
                operands[2] = x
            found.append(function(*operands))
            return x

        compiled(keep, dtype)
        unsigned = enigma.u32 if dtype.bits == 32 else enigma.u8
        said = {"": dtype, "b1": enigma.b1, "unsigned": unsigned}[feature.result]
        assert found[0].dtype == said


# Arguments.

FIXED = [feature for feature in CALLED if "*" not in feature.signature]


@pytest.mark.parametrize("feature", FIXED, ids=lambda feature: feature.name)
def test_arguments_that_do_not_fit_name_the_signature_and_the_line(feature):
    function = getattr(enigma, feature.name)
    signature = feature.signature.replace('"', "'")
    shown = f"call it as enigma.{feature.name}{signature}"
    names = list(inspect.signature(function).parameters)
    required = [
        p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty
    ]
    assert shown in refused(lambda x: function(*[x] * (len(names) + 1)))
    assert shown in refused(lambda x: function(*[x] * len(names), unknown=x))
    if required:
        assert shown in refused(lambda x: function(*[x] * (len(required) - 1)))
        message = refused(lambda x: function(x, **{names[0]: x}))
        assert shown in message
        assert f"'{names[0]}'" in message


def test_arguments_by_name():
    text = compiled(lambda x: enigma.clamp(high=1.0, x=x, low=0.0))
    assert "clamp(A[i], 0.0f, 1.0f)" in text
    text = compiled(lambda x: enigma.simd_shuffle_and_fill_up(x, delta=1, fill=0.0))
    assert "simd_shuffle_and_fill_up(A[i], 0.0f, 1, 32)" in text.replace("u)", ")").replace(
        "u,", ","
    )


# Dtypes.

EXCHANGED = [
    feature
    for feature in FEATURES
    if feature.family in ("simd", "quad") and "`i8`" in feature.dtypes
]


def call(feature, x):
    """The function, with numbers for its other operands."""
    names = list(inspect.signature(getattr(enigma, feature.name)).parameters)
    given = {"fill": x, "lane": 1, "delta": 1, "mask": 1}
    return getattr(enigma, feature.name)(
        x, **{name: given[name] for name in names if name in given}
    )


@pytest.mark.parametrize("feature", EXCHANGED, ids=lambda feature: feature.name)
def test_values_that_threads_cannot_exchange(feature):
    for dtype in (enigma.i64, enigma.u64):
        message = refused(lambda x: call(feature, x), dtype)
        assert f"x is a traced {dtype}; expected an integer of up to 32 bits" in message
        halves = "shuffle" in feature.name or "broadcast" in feature.name
        assert ("exchange its halves" if halves else "threadgroup memory") in message
    assert f"enigma.{feature.family}_ballot" in refused(lambda x: call(feature, x > 0))
    is_bitwise = "f32" not in feature.dtypes
    message = refused(lambda x: call(feature, x), enigma.bf16)
    assert ("enigma.as_type" if is_bitwise else ".to(enigma.f32)") in message
    if is_bitwise:
        assert "enigma.as_type" in refused(lambda x: call(feature, x))


JOINED = [feature for feature in FEATURES if feature.family == "threadgroup"]


@pytest.mark.parametrize("feature", JOINED, ids=lambda feature: feature.name)
def test_values_that_a_threadgroup_cannot_join(feature):
    function = getattr(enigma, feature.name)
    for dtype in (enigma.i64, enigma.u64):
        message = refused(function, dtype)
        assert f"enigma.{feature.name}: x is a traced {dtype}" in message
        assert "expected an integer of up to 32 bits" in message
        assert f"convert it with .to(enigma.{dtype.name[0]}32) if it fits" in message
    assert f"{feature.name} joins numbers: convert it with .to(enigma.u32)" in refused(
        lambda x: function(x > 0)
    )
    is_bitwise = "f32" not in feature.dtypes
    message = refused(function, enigma.bf16)
    assert ("enigma.as_type" if is_bitwise else ".to(enigma.f32)") in message
    assert f"enigma.{feature.name}: x is " in refused(lambda x: function([x, x]))
    with pytest.raises(enigma.EnigmaError, match=f"enigma.{feature.name}.*kernel"):
        function(1.0)


def test_indices_of_threads():
    for wrong in (1.5, lambda x: x, lambda x: enigma.make_vec(1, 2).to(enigma.u32)):
        message = refused(lambda x, w=wrong: enigma.simd_shuffle(x, w(x) if callable(w) else w))
        assert "enigma.simd_shuffle: lane is a" in message
    assert "of up to 32 bits" in refused(lambda x: enigma.simd_broadcast(x, (x > 0).to(enigma.u64)))
    assert "write a number from 0 to 31" in refused(lambda x: enigma.simd_shuffle_up(x, 32))
    assert "write a number from 0 to 3" in refused(lambda x: enigma.quad_shuffle_xor(x, mask=4))
    assert "does not fit u32" in refused(lambda x: enigma.quad_broadcast(x, -1))
    for modulo in (0, 1, 3, 64):
        message = refused(lambda x, m=modulo: enigma.simd_shuffle_and_fill_down(x, x, 1, modulo=m))
        assert "power of two" in message


def test_bools_of_votes():
    assert "expected a bool" in refused(lambda x: enigma.simd_all(x))
    assert "simd_ballot(true)" in compiled(lambda x: enigma.simd_ballot(True), result=enigma.u64)


@pytest.mark.parametrize(
    ("function", "remedy"),
    [
        (enigma.simd_sum, r'or join them first, as in `enigma.simd_sum\(x.reduce\("add"\)\)`'),
        (enigma.threadgroup_max, r'`enigma.threadgroup_max\(x.reduce\("max"\)\)`'),
        (enigma.simd_broadcast_first, r"as in `\[enigma.simd_broadcast_first\(e\) for e in x\]`$"),
    ],
)
def test_fragments_are_not_exchanged(function, remedy):
    tensor = enigma.Tensor("A", 0, "float", enigma.Layout(64))

    @enigma.kernel
    def apply(A):
        part = enigma.local_tile(A, (8,), (enigma.thread_position_in_grid.x,))
        part.store(function(part.load()))

    @enigma.jit
    def run(A):
        apply(A).launch(grid=(1, 1, 1), block=(8, 1, 1))

    with pytest.raises(enigma.EnigmaError, match=f"take its elements one by one.*{remedy}"):
        enigma.compile(run, tensor, emit_only=True)


def test_fields_of_bits():
    fits = compiled(lambda x: enigma.extract_bits(x, offset=4, count=4), enigma.u8)
    assert "extract_bits(A[i], 4u, 4u)" in fits
    message = refused(lambda x: enigma.extract_bits(x, 4, 5), enigma.u8)
    assert "let offset + count be at most 8" in message
    assert "at most 32" in refused(lambda x: enigma.insert_bits(x, x, 33, 0), enigma.i32)
    assert "count is a float" in refused(lambda x: enigma.extract_bits(x, 1, 2.0), enigma.u8)


def test_rotations_keep_the_dtype():
    assert "rotate(A[i], uchar(7))" in compiled(lambda x: enigma.rotate(x, -1), enigma.u8)
    assert "uchar" in compiled(lambda x: enigma.rotate(x, x.to(enigma.i64)), enigma.u8)
    assert "y is a float" in refused(lambda x: enigma.rotate(x, 1.0), enigma.u8)


@pytest.mark.parametrize(
    "name", ["add_sat", "hadd", "mul_hi", "rotate", "reverse_bits", "abs_diff"]
)
def test_integer_functions_refuse_floats(name):
    function = getattr(enigma, name)
    arity = len(inspect.signature(function).parameters)
    message = refused(lambda x: function(*[x] * arity))
    assert "is a traced f32; expected an integer" in message


def test_a_distance_is_that_of_the_operation():
    text = compiled(lambda x: enigma.abs_diff(x, 3), enigma.i16, enigma.u16)
    assert "absdiff(A[i], short(3))" in text


# Vectors as a whole.

GEOMETRY = [feature.name for feature in FEATURES if feature.family == "geometry"]
TAKING_FLOATS = [f.name for f in FEATURES if f.name.startswith(("pack_float", "pack_half"))]


def vector(x, lanes):
    return enigma.make_vec(*[x] * lanes)


def called(name, *vectors):
    """A function of vectors, the last of which is repeated; and a lane of the result."""
    names = list(inspect.signature(getattr(enigma, name)).parameters)
    given = [*vectors, *[vectors[-1]] * len(names)][: len(names)]
    if "eta" in names:
        given[-1] = 0.5
    result = getattr(enigma, name)(*given)
    return result if result.lanes == 1 else result.x


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_takes_vectors(name):
    expected = "vector of 3 lanes" if name == "cross" else "vector of 2, 3 or 4 lanes"
    for wrong in (lambda x: x, lambda x: 1.0, lambda x: vector(x, 2).x):
        message = refused(lambda x, w=wrong: called(name, w(x)))
        assert f"enigma.{name}: " in message
        assert f"expected a {expected}" in message
        assert "enigma.make_vec" in message
    if name == "cross":
        assert "expected a vector of 3 lanes" in refused(lambda x: called(name, vector(x, 4)))
    elif name not in ("length", "length_squared", "normalize"):
        message = refused(lambda x: called(name, vector(x, 2), vector(x, 3)))
        assert "do not go together" in message
    assert "expected" in refused(lambda x: called(name, "a string"))


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_of_fragments_is_refused(name):
    @enigma.kernel
    def apply(A):
        part = enigma.local_tile(A, (3,), (enigma.thread_position_in_grid.x,))
        A[0] = called(name, part.load())

    @enigma.jit
    def run(A):
        apply(A).launch(grid=(1, 1, 1), block=(8, 1, 1))

    tensor = enigma.Tensor("A", 0, "float", enigma.Layout(24))
    with pytest.raises(enigma.EnigmaError, match=r"fragment.*expected a vector"):
        enigma.compile(run, tensor, emit_only=True)


def test_dtypes_of_geometry_meet():
    text = compiled(lambda x: enigma.dot(vector(x, 3), vector(enigma.f16(1), 3)), enigma.f16)
    assert re.search(r"dot\(half3\(.*\), half3\(1.0h\)\)", text)
    text = compiled(
        lambda x: enigma.dot(vector(x, 3), vector(enigma.f32(1.5), 3)), enigma.f16, enigma.f32
    )
    assert re.search(r"dot\(float3\(.*\), float3\(1.5f\)\)", text)
    text = compiled(lambda x: enigma.length(vector(x, 2)), enigma.i32, enigma.f32)
    assert re.search(r"length\(float2\(", text)
    text = compiled(lambda x: enigma.dot(vector(x, 2), vector(x, 2)), enigma.bf16)
    assert re.search(r"bfloat\(dot\(float2\(", text)


def test_the_ratio_of_a_refraction_is_a_scalar():
    text = compiled(lambda x: enigma.refract(vector(x, 2), vector(x, 2), x).x)
    assert "refract(" in text
    message = refused(lambda x: enigma.refract(vector(x, 2), vector(x, 2), vector(x, 2)).x)
    assert "enigma.refract: eta is a traced f32x2; expected a scalar" in message
    assert "v.x" in message


@pytest.mark.parametrize("name", TAKING_FLOATS)
def test_packing_takes_vectors_of_a_length(name):
    lanes = 2 if "2x16" in name else 4
    dtype = enigma.f16 if "half" in name else enigma.f32
    function = getattr(enigma, name)
    for wrong in (lambda x: x, lambda x: vector(x, 3), lambda x: vector(x, 6 - lanes)):
        message = refused(lambda x, w=wrong: function(w(x)), dtype, enigma.u32)
        assert f"expected a vector of {lanes} lanes" in message
    text = compiled(lambda x: function(vector(x, lanes)), dtype, enigma.u32)
    assert f"{name}({'half' if dtype is enigma.f16 else 'float'}{lanes}(" in text
    if dtype is enigma.f16:
        for other in (enigma.f32, enigma.bf16, enigma.u8):
            message = refused(lambda x: function(vector(x, lanes)), other, enigma.u32)
            assert "expected f16" in message
            assert name.replace("half", "float") in message


def test_unpacking_takes_integers_of_32_bits():
    function = enigma.unpack_snorm4x8_to_float
    assert "x is a traced f32" in refused(lambda x: function(x).x)
    assert "up to 32 bits" in refused(lambda x: function(x).x, enigma.u64, enigma.f32)
    message = refused(lambda x: function(vector(x, 2)).x, enigma.u32, enigma.f32)
    assert "the same for all lanes" in message
    assert "unpack_snorm4x8_to_float(uint(A[i]))" in compiled(
        lambda x: function(x).x, enigma.i32, enigma.f32
    )


def test_packing_of_integers_takes_what_it_packs():
    message = refused(lambda x: enigma.pack_uint8x4(x, x, x), enigma.u8, enigma.u32)
    assert "must be 4, or a vector of 4 lanes, not 3" in message
    message = refused(lambda x: enigma.pack_uint8x4(x, x, x, 1.5), enigma.u8, enigma.u32)
    assert "component 3 is a float" in message
    assert "component 0 is a traced u64" in refused(
        lambda x: enigma.pack_uint8x4(x, x, x, x), enigma.u64, enigma.u32
    )
    assert "low is a traced f32" in refused(lambda x: enigma.pack_int4x2(x, 1), result=enigma.u8)
    assert "take a lane" in refused(
        lambda x: enigma.pack_int4x2(1, vector(x, 2)), enigma.u8, enigma.u8
    )
    message = refused(lambda x: enigma.unpack_int4x2(x).x, enigma.i32, enigma.i8)
    assert "an integer of 8 bits, which has two of 4" in message
    assert "expected an i8 or a u8" in refused(lambda x: enigma.dequantize_int8(x, 1.0))
    assert "zero_point is a float" in refused(
        lambda x: enigma.dequantize_int8(x, 1.0, 0.5), enigma.i8, enigma.f32
    )
    assert "scale is a str" in refused(
        lambda x: enigma.dequantize_int8(x, "scale"), enigma.i8, enigma.f32
    )
