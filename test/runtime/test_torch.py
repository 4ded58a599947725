# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Launches on tensors of torch on a Mac's GPU, with a stand-in for torch.

It has what `enigma.runtime` uses of torch, and checks what torch does; kernels run in the
conformance harness. Real torch has not run them.
"""

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import enigma
from conformance import harness, msl_text
from enigma.runtime import torch_device

DTYPES = {
    name: np.dtype(kind)
    for name, kind in {
        "float32": "f4",
        "float16": "f2",
        "bfloat16": "u2",
        "float64": "f8",
        "bool": "?",
        **{f"int{bits}": f"i{bits // 8}" for bits in (8, 16, 32, 64)},
        **{f"uint{bits}": f"u{bits // 8}" for bits in (8, 16, 32, 64)},
    }.items()
}


class Tensor:
    """A tensor, on the CPU or on the GPU."""

    def __init__(self, values, device="mps", dtype=None, **options):
        self.values = np.asarray(values)
        self.device = types.SimpleNamespace(type=device)
        names = [name for name, known in DTYPES.items() if known == self.values.dtype]
        # bfloats are bits of theirs.
        self.dtype = f"torch.{dtype or names[-1]}"
        self.requires_grad = options.get("requires_grad", False)
        self.layout = options.get("layout", "torch.strided")
        self.bytes = self.values.nbytes

    shape = property(lambda self: self.values.shape)

    def stride(self):
        return tuple(step // self.values.itemsize for step in self.values.strides)

    def numel(self):
        return self.values.size

    def element_size(self):
        return self.values.itemsize

    def data_ptr(self):
        return 0x5000 if self.bytes else 0

    def untyped_storage(self):
        return types.SimpleNamespace(nbytes=lambda: self.bytes)

    def __dlpack__(self, **options):
        if self.device.type != "cpu":
            raise BufferError("this tensor is on a GPU")
        return self.values.__dlpack__(**options)


class Kernel:
    """What `getattr` of a compiled library gives."""

    max_threads_per_threadgroup = 512

    def __init__(self, torch, source, name):
        self.torch, self.source, self.name = torch, source, name
        (self.kernel,) = (k for k in msl_text.read(source).kernels if k.name == name)

    def __call__(self, *arguments, threads=None, group_size=None, arg_casts=None):
        assert all(type(extent) is int for extent in (*threads, *group_size))
        assert len(threads) == len(group_size)
        if self.torch.fault:
            raise RuntimeError("command buffer exited with error status")
        given = {}
        for index, argument in enumerate(arguments):
            cast = (arg_casts or {}).get(index)
            if isinstance(argument, Tensor):
                assert argument.device.type == "mps"
                given[index] = argument.values
            elif type(argument) is float and cast is None:
                given[index] = np.array([argument], np.float32)
            elif type(argument) is int:
                # As pybind11 takes it.
                assert -(2**63) <= argument < 2**63
                wide = np.array([argument], np.int64)
                given[index] = wide if cast is None else wide.astype({"int32": np.int32}[cast])
            else:
                raise TypeError("Unsupported argument type")
        self.torch.stream.append((self.name, tuple(threads), tuple(group_size)))
        values = []
        for parameter in self.kernel.buffers:
            argument = given[parameter.index]
            if not parameter.is_pointer:
                scalar, _ = msl_text.scalar_of(parameter.element)
                argument = argument.view(np.dtype(msl_text.SCALAR_DTYPES[scalar]))[0]
            values.append(argument)
        harness.run(self.source, self.name, values, threads=threads, block=group_size)


class Library:
    def __init__(self, torch, source):
        self.torch, self.source = torch, source

    def __getattr__(self, name):
        return Kernel(self.torch, self.source, name)


@pytest.fixture
def torch(monkeypatch):
    module = types.ModuleType("torch")
    module.Tensor = Tensor
    module.stream, module.fault, module.refusal, module.waits = [], False, None, 0

    def compile_shader(source):
        if module.refusal:
            raise SyntaxError(module.refusal)
        harness.compile_only(source)
        return Library(module, source)

    def synchronize():
        module.waits += 1

    module.mps = types.SimpleNamespace(compile_shader=compile_shader, synchronize=synchronize)
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setattr(torch_device, "_DEVICE", torch_device.Kind("mps", torch_device.TorchDevice))
    return module


@enigma.kernel
def saxpy(A: enigma.f32, B: enigma.f32, a: enigma.Scalar(enigma.f32), n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = a * A[i] + B[i]


@enigma.kernel
def add_scalar(A: "T", x: "enigma.Scalar(T)", T: enigma.constexpr):  # noqa: F821
    A[enigma.thread_position_in_grid] = x


@enigma.kernel
def negate(A, B):
    i, j = enigma.thread_position_in_grid.x, enigma.thread_position_in_grid.y
    B[i, j] = -A[i, j]


@enigma.jit
def negated(A, B):
    negate(A, B).launch(grid=(*A.shape, 1), block=1)


def ones(n=8, **options):
    return Tensor(np.ones(n, np.float32), **options)


@pytest.mark.parametrize("extent", [{"threads": 6}, {"grid": 2, "block": 4}])
def test_launches_join_the_stream(torch, extent):
    a, b = Tensor(np.arange(8, dtype=np.float32)), ones()
    saxpy.launch(a, b, 2.0, 6, **extent)
    assert (b.values == [1, 3, 5, 7, 9, 11, 1, 1]).all()
    ((name, threads, block),) = torch.stream
    assert name == "enigma_kernel_saxpy"
    assert (threads, block) == (
        ((6, 1, 1), (256, 1, 1)) if "threads" in extent else ((8, 1, 1), (4, 1, 1))
    )
    # Who reads the tensor waits: torch does.
    assert torch.waits == 0


SCALARS = {
    "f32": (-1.5, "float32"),
    "f16": (-1.5, "float16"),
    "b1": (True, "bool"),
    "i8": (-3, "int8"),
    "u8": (253, "uint8"),
    "i16": (-300, "int16"),
    "u16": (65000, "uint16"),
    "i32": (-(2**31), "int32"),
    "u32": (2**32 - 1, "uint32"),
    "i64": (-(2**63), "int64"),
    "u64": (2**64 - 1, "uint64"),
}


@pytest.mark.parametrize("dtype", SCALARS)
def test_scalars(torch, dtype):
    value, name = SCALARS[dtype]
    a = Tensor(np.zeros(4, DTYPES[name]))
    add_scalar.launch(a, value, threads=4, constants={"T": getattr(enigma, dtype)})
    assert (a.values == np.array(value, DTYPES[name])).all()


def test_bfloats(torch):
    a = Tensor(np.zeros(4, np.uint16), dtype="bfloat16")
    add_scalar.launch(a, -1.5, threads=4, constants={"T": enigma.bf16})
    assert (a.values == 0xBFC0).all()


def test_jit_functions(torch):
    a = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
    b = Tensor(np.zeros((2, 3), np.float32))
    negated(a, b)
    assert (b.values == -a.values).all()


def test_benchmark(torch):
    compiled = enigma.compile(saxpy, emit_only=True)
    timing = enigma.benchmark(compiled, ones(), ones(), 2.0, 8, threads=8, launches=3)
    assert len(timing.seconds) == 3
    assert all(seconds > 0 for seconds in timing.seconds)
    assert torch.waits >= 3
    assert timing.bytes == 8 * 4 * 3


def test_tensors_of_the_host_are_arrays(torch):
    a, b = ones(device="cpu"), ones(device="cpu")
    saxpy.launch(a, b, 2.0, 8, threads=8, device="cpu")
    assert (b.values == 3).all()
    assert torch.stream == []


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (ones(), np.ones(8, np.float32)),
            {},
            "'B' takes an array of f32 in memory of the mps device, found one in that of cpu",
        ),
        (
            (ones(), ones()),
            {"device": "cpu"},
            "in memory of the cpu device, found one in that of mps",
        ),
        ((ones(), ones(requires_grad=True)), {}, "it requires gradients"),
        ((ones(), ones(layout="torch.sparse_coo")), {}, "no dense tensor, but torch.sparse_coo"),
        ((Tensor(np.ones(8)), ones()), {}, "'A' takes an array of f32, found one of torch.float64"),
        ((Tensor(np.ones((8, 2), np.float32)[:, 0]), ones()), {}, "that is contiguous"),
        ((ones(), ones()), {"stream": 3}, "mps device has one stream"),
        ((ones(), ones()), {"block": 1024}, "has at most 512 on this device"),
    ],
)
def test_bad_tensors(torch, arguments, options, message):
    with pytest.raises(enigma.EnigmaError) as caught:
        saxpy.launch(*arguments, 2.0, 8, threads=8, **options)
    assert message in str(caught.value)
    assert torch.stream == []


def test_freed_tensors(torch):
    for device in ("mps", "cpu"):
        freed = ones(device=device)
        freed.bytes = 0
        if device == "cpu":
            freed.values = type("Null", (), {"__dlpack__": null_capsule})()
        with pytest.raises(enigma.EnigmaError, match="was freed"):
            saxpy.launch(freed, freed, 2.0, 8, threads=8)


def null_capsule(self, **options):
    """The capsule of an array of which nothing is left."""
    import ctypes

    class DLTensor(ctypes.Structure):
        _fields_ = (
            ("data", ctypes.c_void_p),
            ("device", ctypes.c_int32 * 2),
            ("rank", ctypes.c_int32),
            ("code", ctypes.c_uint8),
            ("bits", ctypes.c_uint8),
            ("lanes", ctypes.c_uint16),
            ("shape", ctypes.POINTER(ctypes.c_int64)),
            ("strides", ctypes.POINTER(ctypes.c_int64)),
            ("byte_offset", ctypes.c_uint64),
            ("context", ctypes.c_void_p),
            ("destroy", ctypes.c_void_p),
        )

    shape = (ctypes.c_int64 * 1)(8)
    tensor = DLTensor(None, (1, 0), 1, 2, 32, 1, shape, None, 0, None, None)
    KEPT.append((shape, tensor))
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = (
        ctypes.py_object,
        [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p],
    )
    return make(ctypes.addressof(tensor), b"dltensor", None)


KEPT = []


def test_the_documented_host(torch):
    """What the documentation writes for hosts without Enigma."""
    page = (Path(__file__).parents[2] / "docs" / "running.md").read_text()
    (block,) = (b for b in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "in_torch" in b)
    names = {}
    exec(block, names)

    @enigma.kernel
    def saxpy(X: enigma.f32, Y: enigma.f32, a: enigma.Scalar(enigma.f32)):
        i = enigma.thread_position_in_grid
        Y[i] = a * X[i] + Y[i]

    compiled = enigma.compile(saxpy, emit_only=True)
    x, y = ones(100), ones(100)
    names["launch_in_torch"](compiled.metal_source, compiled.kernel_name, x, y, 2.5)
    assert (y.values == 3.5).all()


def test_errors_of_torch(torch):
    torch.fault = True
    with pytest.raises(
        enigma.EnigmaError, match="torch cannot launch enigma_kernel_saxpy: command"
    ):
        saxpy.launch(ones(), ones(), 2.0, 8, threads=8)
    torch.refusal = "program_source:3: error"
    with pytest.raises(enigma.EnigmaError, match="torch cannot build enigma_kernel_saxpy: program"):
        enigma.compile(saxpy, emit_only=True).launch(ones(), ones(), 2.0, 8, threads=8)


def test_what_torch_cannot_build(torch):
    @enigma.kernel
    def scaled(A: enigma.f32):
        scale = enigma.function_constant(enigma.f32, 3)
        A[0] = A[0] * scale

    @enigma.kernel
    def shared(A: enigma.f32, scratch: enigma.Threadgroup(enigma.f32)):
        scratch[0] = A[0]

    exact = enigma.compile(saxpy, fast_math=False, emit_only=True)
    for launch, message in (
        (
            lambda: exact.launch(ones(), ones(), 2.0, 8, threads=8),
            "has fast_math=False, which torch",
        ),
        (
            lambda: shared.launch(ones(), threads=1, threadgroup_memory={"scratch": 32}),
            "whose length",
        ),
        (
            lambda: scaled.launch(ones(), threads=1, constants={"scale": 1.0}),
            "has function constants",
        ),
    ):
        with pytest.raises(enigma.EnigmaError, match=message):
            launch()
