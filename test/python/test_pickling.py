# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What goes to worker processes and comes back from them: by pickle, by copy, spawned or forked."""

import copy
import dataclasses
import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

import enigma
from enigma import errors

N, M = enigma.dyn("n"), enigma.dyn("m", div=4)


COPIES = {
    **{
        f"pickle {protocol}": lambda x, protocol=protocol: pickle.loads(
            pickle.dumps(x, protocol=protocol)
        )
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    },
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
each_copy = pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)


def divided(shape, tile):
    return enigma.logical_divide(enigma.Layout(shape), tile)


# Of every operation that an expression can have.
INTEGERS = {
    "symbol": N,
    "symbol with a divisor": M,
    "sum": N + 3,
    "difference": M - N,
    "product": N * M,
    "quotient": N // 4,
    "remainder": N % 4,
    "absolute": abs(N - 3),
    "negative": -N,
    "rounded up": divided(N, 4).shape[1],
    "rounded up by hand": -(-N // 4),
    "bits": enigma.swizzle(enigma.Layout((N, 64), (64, 1)), 3, 3, 3)((1, N)),
    "shared": (N + M) * (N + M) + (N + M) // 2,
    "unicode": enigma.dyn("größe"),
}


def same(a, b):
    return type(a) is type(b) and enigma._layout.same(a, b) and str(a) == str(b)


@each_copy
@pytest.mark.parametrize("value", INTEGERS.values(), ids=INTEGERS)
def test_symbolic_integers(value, copied):
    restored = copied(value)
    assert same(restored, value)
    assert hash(restored) == hash(value)
    assert restored == value
    assert restored.div == value.div
    assert restored.name == value.name
    assert [s.div for s in restored.symbols] == [s.div for s in value.symbols]
    known = {"n": 37, "m": 12, "größe": 5}
    assert restored.evaluate(known) == value.evaluate(known)
    # It goes on as the same expression.
    assert same(restored * 2 + N, value * 2 + N)


@each_copy
def test_anonymous_integers(copied):
    for div in (1, 8):
        restored = copied(enigma.dyn(None, div=div))
        assert (restored.name, restored.div, restored.symbols) == (None, div, [])


def test_a_deep_expression_with_shared_parts():
    value = N
    for _ in range(2000):
        value = value // 2 + value
    # Its text would be of 2**2000 characters.
    assert pickle.loads(pickle.dumps(value)) == value
    assert len(pickle.dumps(value)) < 500_000


@pytest.mark.parametrize(
    "state",
    [
        (),
        5,
        (0,),
        (-4,),
        ("n",),
        ((0, 1),),
        ((0, "n", 0), (0, 1)),
        ((0, "n", 1), (1, 1)),
        ((0, "n", 1), (0, 0)),
        ((1, (0, 1), 2), (0, 1)),
        ((99, "n", 1), (0, 1)),
        ((-1, "n", 1), (0, 1)),
        ((0, "n"), (0, 1)),
        ((0, 5, 1), (0, 1)),
        ((0, "n", 2**70), (0, 1)),
        (None, (0, 1)),
    ],
    ids=repr,
)
def test_a_pickle_that_is_none(state):
    value = enigma.Dyn.__new__(enigma.Dyn) if hasattr(enigma, "Dyn") else type(N).__new__(type(N))
    with pytest.raises((ValueError, TypeError)):
        value.__setstate__(state)


LAYOUTS = {
    "static": enigma.Layout((4, (2, 3)), (6, (3, 1))),
    "dynamic": enigma.Layout((N, M), (M, 1)),
    "divided": divided((N, M), (4, 8)),
    "broadcast": enigma.Layout((N, 4), (0, 1)),
    "identity": enigma.make_identity_layout((N, 8)),
    "scaled identity": enigma.Layout((4, 4), (enigma._layout.Basis(M, (1,)), 2)),
    "swizzled": enigma.swizzle(enigma.Layout((64, 64), (64, 1)), 3, 3, 3),
    "swizzled dynamic": enigma.swizzle(enigma.Layout((N, 64), (64, 1)), 3, 3, 3),
}


@each_copy
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts(layout, copied):
    restored = copied(layout)
    assert type(restored) is type(layout)
    assert restored == layout
    assert repr(restored) == repr(layout)
    assert same(restored.shape, layout.shape)


@each_copy
def test_swizzles_and_bases(copied):
    for value in (
        enigma.Swizzle(2, 1, 3),
        enigma._layout.Basis(3, (0, 1)),
        enigma._layout.Basis(M * 2, (1,)),
    ):
        restored = copied(value)
        assert restored == value
        assert repr(restored) == repr(value)


@each_copy
def test_tensors(copied):
    tensor = enigma.Tensor("A", 3, "half", enigma.Layout((N, M), (M, 1)), base_offset=2)
    for value in (tensor, tensor[1, None], enigma.tensor_zipped_divide(tensor, (4, 8))):
        restored = copied(value)
        assert repr(restored) == repr(value)
        assert same(restored.shape, value.shape)
        assert restored.root.buffer_index == 3
        assert restored.element_type is enigma.f16
    assert repr(copied(enigma.make_identity_tensor((N, 4)))) == repr(
        enigma.make_identity_tensor((N, 4))
    )


@pytest.mark.parametrize("dtype", enigma.types.ALL_DTYPES, ids=str)
def test_dtypes(dtype):
    for copied in COPIES.values():
        assert copied(dtype) is dtype
        assert copied(enigma.Scalar(dtype)).dtype is dtype


# Kernels.


@enigma.kernel
def scale_kernel(gA, gB, factor):
    i = enigma.thread_position_in_grid.x
    if i < gA.shape[0]:
        gB[i, 0] = gA[i, 0] * factor


@enigma.jit
def scale(A, B, factor):
    n = A.shape[0]
    scale_kernel(A, B, factor).launch(grid=-(-n // 64), block=64)


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32):
    B[enigma.thread_position_in_grid] = A[enigma.thread_position_in_grid] + 1


@enigma.func
def helper(x):
    return x + 1


@enigma.kernel
def refused(A: enigma.f32):
    A[0] = "text"


def symbolic():
    tensors = [
        enigma.Tensor(name, i, "float", enigma.Layout((N, M), (M, 1)))
        for i, name in enumerate("AB")
    ]
    return scale, (*tensors, 2.0)


def values(compiled):
    return {field.name: getattr(compiled, field.name) for field in dataclasses.fields(compiled)}


def fields(compiled):
    return {
        name: value for name, value in values(compiled).items() if name not in ("grid", "symbols")
    }


def check_symbolic(restored, original):
    assert fields(restored) == fields(original)
    assert same(restored.grid[0], original.grid[0])
    assert [str(p.symbol) for p in restored.symbols] == [str(p.symbol) for p in original.symbols]
    assert [p.dtype for p in restored.symbols] == [p.dtype for p in original.symbols]
    assert restored.launch_grid(n=1000, m=8) == original.launch_grid(n=1000, m=8) == (16, 1, 1)
    with pytest.raises(enigma.EnigmaError, match="no multiple of 4"):
        restored.launch_grid(n=1000, m=7)


@each_copy
def test_compiled_kernels(copied):
    original = enigma.compile(add, vec_width=4, dump_mlir=True)
    restored = copied(original)
    assert values(restored) == values(original)
    jit, args = symbolic()
    original = enigma.compile(jit, *args)
    check_symbolic(copied(original), original)
    # What was copied compiles as the original does.
    assert enigma.compile(copied(jit), *map(copied, args)).metal_source == original.metal_source


@each_copy
def test_decorated_functions_are_their_names(copied):
    for function in (add, scale, helper):
        assert copied(function) is function


@each_copy
def test_devices_are_those_of_their_kind(copied):
    device = enigma.device("cpu")
    array = bytearray(4)
    counted.launch(array, threads=4, device=device)
    assert copied({"device": [device]}) == {"device": [device]}
    counted.launch(array, threads=4, device=copied(device))
    assert array == bytearray([2] * 4)


@enigma.kernel
def counted(A: enigma.u8):
    A[enigma.thread_position_in_grid] += 1


def test_a_local_kernel_is_refused_as_a_local_function_is():
    @enigma.kernel
    def local(A: enigma.f32):
        A[0] = 1.0

    with pytest.raises((AttributeError, pickle.PicklingError), match="local"):
        pickle.dumps(local)


def test_a_copy_of_a_kernel_does_not_own_its_library(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "k.metallib").write_bytes(b"library")
    from dataclasses import replace

    owner = replace(
        enigma.compile(add),
        metallib_path=str(tmp_path / "library" / "k.metallib"),
        metallib_bytes=b"library",
        is_temporary=True,
    )
    for copied in COPIES.values():
        restored = copied(owner)
        assert restored.metallib_bytes == b"library"
        assert restored.metallib_path is None
        kept = copied(replace(owner, is_temporary=False))
        assert kept.metallib_path == owner.metallib_path


def test_traced_integers_stay_in_their_kernel():
    found = []

    @enigma.kernel
    def kernel(A: enigma.f32):
        layout = enigma.Layout((4, 8), (enigma.thread_position_in_grid.x, 1))
        for use in (copy.copy, copy.deepcopy):
            assert same(use(layout).stride, layout.stride)
        try:
            pickle.dumps(layout)
        except enigma.EnigmaError as error:
            found.append(str(error))
        A[0] = 1.0

    enigma.compile(kernel)
    assert len(found) == 1
    assert "computed in a kernel" in found[0]
    assert "help:" in found[0]


# Processes.

METHODS = [m for m in multiprocessing.get_all_start_methods() if m != "forkserver"]


@pytest.fixture(params=METHODS)
def executor(request):
    context = multiprocessing.get_context(request.param)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


def test_kernels_come_back_from_workers(executor):
    jit, args = symbolic()
    futures = [
        executor.submit(enigma.compile, jit, *args),
        executor.submit(enigma.compile, add, vec_width=4, name="wide"),
    ]
    other, wide = (future.result(timeout=300) for future in futures)
    check_symbolic(other, enigma.compile(jit, *args))
    assert values(wide) == values(enigma.compile(add, vec_width=4, name="wide"))


def test_errors_come_back_from_workers(executor):
    future = executor.submit(enigma.compile, refused)
    with pytest.raises(enigma.EnigmaError) as caught:
        future.result(timeout=300)
    with pytest.raises(type(caught.value)) as here:
        enigma.compile(refused)
    assert str(caught.value) == str(here.value)
    assert caught.value.location == here.value.location


CLASSES = [
    cls
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, enigma.EnigmaError)
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error(cls):
    error = errors._restore(cls, "what happened", {"summary": "s", "location": None, "help": "h"})
    for copied in COPIES.values():
        restored = copied(error)
        assert type(restored) is cls
        assert str(restored) == "what happened"
        assert restored.__dict__ == error.__dict__


def test_workers_write_files(executor, tmp_path):
    futures = [
        executor.submit(
            enigma.compile, add, work_dir=tmp_path, keep_metal_source=True, emit_only=True
        )
        for _ in range(4)
    ]
    paths = {future.result(timeout=300).metal_path for future in futures}
    assert paths == {str(tmp_path / "enigma_kernel_add.metal")}
    assert os.listdir(tmp_path) == ["enigma_kernel_add.metal"]
