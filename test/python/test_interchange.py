# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a compiled kernel tells a host, as attributes and as JSON."""

import dataclasses
import json
import pickle

import pytest

import enigma
from enigma.compiler import interchange

N, M = enigma.dyn("n"), enigma.dyn("m", div=4)
DTYPES = ("f32", "f16", "bf16", "b1", *(f"{s}{b}" for s in "iu" for b in (8, 16, 32, 64)))


@enigma.kernel
def mixed(
    A: enigma.f32,
    B: enigma.f16,
    C: enigma.u8,
    D: enigma.i64,
    s: enigma.Scalar(enigma.i16),
    unused: enigma.f32,
):
    i = enigma.thread_position_in_grid
    shared = enigma.threadgroup_alloc(enigma.f32, 48)
    small = enigma.threadgroup_alloc(enigma.u8, 3)
    shared[i] = A[i]
    small[0] = enigma.u8(1)
    B[i] = shared[i].to(enigma.f16)
    C[i] = C[i] + small[0] + s.to(enigma.u8)
    D[i] = 1


@enigma.kernel
def scale(A, B, factor):
    i = enigma.thread_position_in_grid
    B[i, 0] = A[i, 0] * factor


@enigma.jit
def scaled(A, B, factor):
    scale(A, B, factor).launch(grid=enigma.ceil_div(enigma.size(A), 256), block=256)


@enigma.jit
def twice(A, B, factor):
    scale(A, B, factor).launch(grid=enigma.ceil_div(enigma.size(A), 256), block=256)
    scale(A, B, factor + 1).launch(grid=1, block=32)
    scale(A, B, factor).launch(grid=enigma.ceil_div(enigma.size(A), 256), block=256)


def tensors(*shape):
    stride = (shape[1], 1)
    return [enigma.Tensor(n, i, "float", enigma.Layout(shape, stride)) for i, n in enumerate("AB")]


def typed(dtype):
    @enigma.kernel
    def moved(A: dtype, B: dtype, s: enigma.Scalar(dtype)):
        i = enigma.thread_position_in_grid
        B[i] = A[i] if i > 0 else s

    return enigma.compile(moved, emit_only=True)


COMPILED = {
    "mixed": lambda: enigma.compile(mixed, emit_only=True, fast_math=False),
    "vectorized": lambda: typed_width(),
    "static": lambda: enigma.compile(scaled, *tensors(64, 32), 2.0, emit_only=True),
    "symbolic": lambda: enigma.compile(scaled, *tensors(N, M), 2.0, emit_only=True, dump_mlir=True),
    "unicode": lambda: enigma.compile(mixed, emit_only=True, name="größe"),
    **{dtype: lambda dtype=dtype: typed(getattr(enigma, dtype)) for dtype in DTYPES},
}


def typed_width():
    @enigma.kernel
    def add(A: enigma.f32, B: enigma.f32):
        B[enigma.thread_position_in_grid] = A[enigma.thread_position_in_grid] + 1

    return enigma.compile(add, vec_width=4, emit_only=True)


def test_parameters():
    compiled = enigma.compile(mixed, emit_only=True, fast_math=False)
    shown = [(p.name, p.kind, p.dtype, p.index, p.access) for p in compiled.parameters]
    assert shown == [
        ("A", "buffer", enigma.f32, 0, "read"),
        ("B", "buffer", enigma.f16, 1, "write"),
        ("C", "buffer", enigma.u8, 2, "read_write"),
        ("D", "buffer", enigma.i64, 3, "write"),
        ("s", "scalar", enigma.i16, 4, None),
        ("unused", "buffer", enigma.f32, 5, "read"),
    ]
    assert compiled.threadgroup_bytes == 48 * 4 + 3
    assert compiled.fast_math is False
    assert enigma.compile(mixed, emit_only=True).fast_math is True
    assert (compiled.grid, compiled.block) == (None, None)
    assert all(p.shape is None and p.stride is None for p in compiled.parameters)
    assert typed_width().elements_per_thread == 4


def test_parameters_of_tensors():
    A, B = enigma.compile(scaled, *tensors(64, 32), 2.0, emit_only=True).parameters
    assert (A.shape, A.stride, A.access) == ((64, 32), (32, 1), "read")
    assert (B.shape, B.stride, B.access) == ((64, 32), (32, 1), "write")
    symbolic = enigma.compile(scaled, *tensors(N, M), 2.0, emit_only=True)
    assert [(p.name, p.kind, p.dtype.name) for p in symbolic.parameters][2:] == [
        ("n", "scalar", "u32"),
        ("m", "scalar", "u32"),
    ]
    assert str(symbolic.parameters[0].shape) == str((N, M))


def values(compiled):
    return {field.name: getattr(compiled, field.name) for field in dataclasses.fields(compiled)}


def fields(compiled):
    """What can be compared: symbolic integers as their text."""
    return {
        name: str(value) if name in ("grid", "parameters") else value
        for name, value in values(compiled).items()
    }


@pytest.mark.parametrize("make", COMPILED.values(), ids=COMPILED)
def test_kernels_come_back(make):
    compiled = make()
    text = compiled.to_json()
    restored = enigma.CompiledKernel.from_json(text)
    assert fields(restored) == fields(compiled)
    assert restored.to_json() == text
    assert enigma.CompiledKernel.from_json(text.encode()).to_json() == text
    assert fields(pickle.loads(pickle.dumps(restored))) == fields(compiled)
    sizes = dict(n=1000, m=8)
    if compiled.grid is not None and compiled.symbols:
        assert restored.launch_grid(**sizes) == compiled.launch_grid(**sizes)


def test_what_a_host_reads():
    compiled = enigma.compile(scaled, *tensors(N, M), 2.0, emit_only=True)
    known = json.loads(compiled.to_json())
    assert known["form"] == "kernel"
    assert known["kernel_name"] == "enigma_kernel_scaled"
    assert f"kernel void {known['kernel_name']}(" in known["metal_source"]
    assert known["block"] == [256, 1, 1]
    x = known["grid"][0]["expression"]
    assert eval(x, {"n": 1000, "m": 8}) == compiled.launch_grid(n=1000, m=8)[0]
    A, _, n, _ = known["parameters"]
    assert (A["name"], A["kind"], A["dtype"], A["index"]) == ("A", "buffer", "f32", 0)
    assert [extent["expression"] for extent in A["shape"]] == ["n", "m"]
    assert (n["kind"], n["dtype"], n["index"]) == ("scalar", "u32", 2)


def test_programs_come_back():
    program = enigma.compile(twice, *tensors(N, M), 2.0, emit_only=True)
    text = program.to_json()
    restored = enigma.CompiledProgram.from_json(text)
    assert restored.to_json() == text
    assert [k.kernel_name for k in restored.kernels] == [k.kernel_name for k in program.kernels]
    assert restored.kernels[0] is restored.kernels[2]
    assert restored.metal_source == program.metal_source == restored.kernels[1].metal_source
    assert restored.launch_grids(n=1000, m=8) == program.launch_grids(n=1000, m=8)
    assert text.count("#include <metal_stdlib>") == 1


def test_libraries_come_back():
    from dataclasses import replace

    compiled = replace(typed_width(), metallib_bytes=bytes(range(256)))
    assert enigma.CompiledKernel.from_json(compiled.to_json()).metallib_bytes == bytes(range(256))


KERNEL = enigma.CompiledKernel.from_json
PROGRAM = enigma.CompiledProgram.from_json


def changed(**changes):
    known = {**json.loads(typed_width().to_json()), **changes}
    return json.dumps({name: value for name, value in known.items() if value is not None})


BAD = {
    "no text": (KERNEL, lambda: None, "found NoneType None"),
    "a dict": (KERNEL, dict, "found dict {}"),
    "no JSON": (KERNEL, lambda: "kernel void f()", "found no JSON"),
    "nothing": (KERNEL, lambda: "", "found no JSON"),
    "half": (KERNEL, lambda: typed_width().to_json()[:-20], "found no JSON"),
    "bytes of no text": (KERNEL, lambda: b"\xff\xfe\x00", "found no JSON"),
    "nested without end": (KERNEL, lambda: "[" * 100_000, "found no JSON"),
    "a list": (KERNEL, lambda: "[]", "found other JSON"),
    "another object": (KERNEL, lambda: '{"a": 1}', "found other JSON"),
    "a kernel for a program": (PROGRAM, lambda: typed_width().to_json(), "found that of a kernel"),
    "a program for a kernel": (
        KERNEL,
        lambda: enigma.compile(twice, *tensors(8, 4), 2.0, emit_only=True).to_json(),
        "found that of a program",
    ),
    "a later version": (KERNEL, lambda: changed(enigma=2), "found version 2 of it, where 1 is"),
    "no version": (KERNEL, lambda: changed(enigma=None), "found version None"),
    "no name": (KERNEL, lambda: changed(kernel_name=None), "found a damaged one"),
    "no parameters": (KERNEL, lambda: changed(parameters=None), "found a damaged one"),
    "parameters of no kind": (KERNEL, lambda: changed(parameters=[{}]), "found a damaged one"),
    "a dtype that is none": (
        KERNEL,
        lambda: changed(parameters=[{"kind": "buffer", "name": "A", "dtype": "x", "index": 0}]),
        "found a damaged one",
    ),
    "a grid of no terms": (KERNEL, lambda: changed(grid=[{}, 1, 1]), "found a damaged one"),
    "a grid of other terms": (
        KERNEL,
        lambda: changed(grid=[{"terms": "[[9, 9]]"}, 1, 1]),
        "found a damaged one",
    ),
    "a library of no bytes": (KERNEL, lambda: changed(metallib_bytes="%"), "found a damaged one"),
    "lines of no number": (KERNEL, lambda: changed(source_map={"x": []}), "found a damaged one"),
}


@pytest.mark.parametrize(("read", "text", "message"), BAD.values(), ids=BAD)
def test_bad_json(read, text, message):
    with pytest.raises(enigma.EnigmaError) as caught:
        read(text())
    assert message in str(caught.value)
    assert "help: " in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_fields_of_later_versions_are_not_looked_at():
    assert KERNEL(changed(further=[1])).kernel_name == "enigma_kernel_add"


def test_every_field_has_a_form():
    """A field of a new type would come back as something else."""
    compiled = enigma.compile(scaled, *tensors(N, M), 2.0, emit_only=True)
    decoded = interchange.decode(enigma.CompiledKernel, json.loads(compiled.to_json()))
    for name, value in values(compiled).items():
        assert type(getattr(decoded, name)) is type(value), name
