# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The functions that are made from records: signatures, documentation, errors, the page."""

from __future__ import annotations

import inspect
import runpy
from pathlib import Path

import pytest

import enigma
from enigma._features import FEATURES

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
    assert "Returns\n-------\n" in rest
    assert "Raises\n------\nEnigmaError\n" in rest or feature.name == "where"
    assert all(len(line) <= 96 for line in text.splitlines())


def test_the_page_has_the_tables_of_the_records():
    script = runpy.run_path(str(ROOT / "docs" / "functions.py"))
    page = (ROOT / "docs" / "functions.md").read_text()
    assert script["refreshed"](page) == page
    families = {feature.family for feature in FEATURES}
    assert families == {found["family"] for found in script["BEGIN"].finditer(page)}


# Arguments.


@pytest.mark.parametrize("feature", CALLED, ids=lambda feature: feature.name)
def test_arguments_that_do_not_fit_name_the_signature_and_the_line(feature):
    function = getattr(enigma, feature.name)
    shown = f"call it as enigma.{feature.name}{feature.signature}"
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


def test_fragments_are_not_exchanged():
    tensor = enigma.Tensor("A", 0, "float", enigma.Layout(64))

    @enigma.kernel
    def apply(A):
        part = enigma.local_tile(A, (8,), (enigma.thread_position_in_grid.x,))
        part.store(enigma.simd_sum(part.load()))

    @enigma.jit
    def run(A):
        apply(A).launch(grid=(1, 1, 1), block=(8, 1, 1))

    with pytest.raises(enigma.EnigmaError, match="take its elements one by one"):
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
