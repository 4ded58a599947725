# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compilations that are kept for later processes: found where nothing has changed, only there."""

from __future__ import annotations

import collections
import decimal
import enum
import functools
import importlib.util
import math
import os
import subprocess
import sys
import types
import typing
import warnings

import numpy as np
import pytest
from compile_options import OPTIONS
from holders import (
    ALIKE,
    HOLDERS,
    TAKING,
    WAYS,
    Both,
    Frozen,
    Listed,
    Number,
    Plain,
    Settings,
    Slotted,
)
from test_compilations import CHANGES, kernel_of, output, store, text

import enigma
from conformance.random_kernels.generator import kernel as random_kernel
from enigma import _cache, _layout
from enigma._arrays import describe_files
from enigma.compiler import compilations, stored
from enigma.compiler.fingerprints import Fingerprint, Unstable
from enigma.runtime import cpu_device

KEY_OF = stored.key_of


@pytest.fixture(autouse=True)
def _nothing_is_stored():
    """Other tests store nothing."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    chosen = tmp_path / "kept"
    monkeypatch.setenv("ENIGMA_CACHE", "1")
    monkeypatch.setenv("ENIGMA_CACHE_DIR", str(chosen))
    monkeypatch.setattr(stored, "_small", 0)
    compilations.forget()
    return chosen


def files(folder):
    return sorted(folder.rglob("*.entry"))


class Pair(typing.NamedTuple):
    a: float = 2.0


class Mode(enum.Enum):
    FAST = 3.0


PAIR = Pair()
TABLE = enigma.constant_array([1.0, 2.0])


@enigma.func
def helper(x, *, factor=2.0):
    y: enigma.f32 = x * factor
    return y


@enigma.kernel
def plain(A: enigma.f32, n: enigma.Scalar(enigma.u32), x: enigma.constexpr = 1.5):
    i = enigma.thread_position_in_grid
    if i < n:
        A[i] = helper(A[i]) * PAIR.a + Mode.FAST.value + x + TABLE[i % 2]


@enigma.kernel
def add_one(A):
    A[enigma.thread_position_in_grid.x, 0] += 1.0


@enigma.jit
def launched(A, B):
    add_one(A).launch(grid=(A.shape[0], 1, 1), block=1)
    add_one(B).launch(grid=4, block=1)
    add_one(A).launch(grid=(A.shape[0], 1, 1), block=1)


def tensors():
    n = enigma.dyn("n", div=2)
    return [
        enigma.Tensor("A", 0, "float", enigma.Layout((n, 8), (8, 1))),
        enigma.Tensor("B", 1, "half", enigma.swizzle(enigma.Layout((4, 8)), 1, 0, 2)),
    ]


def compile_all():
    return [
        enigma.compile(plain, emit_only=True),
        enigma.compile(plain, emit_only=True, constants={"x": 2.5}),
        enigma.compile(launched, *tensors(), emit_only=True),
    ]


def test_what_is_found_is_what_was_compiled(compiled, folder):
    first = compile_all()
    count = len(compiled)
    assert len(files(folder)) == len(first)
    compilations.forget()
    for one, other in zip(first, compile_all(), strict=True):
        assert other is not one
        assert repr(other) == repr(one)
        assert other.to_json() == one.to_json()
        assert {name: type(value) for name, value in vars(other).items()} == {
            name: type(value) for name, value in vars(one).items()
        }
    program = compile_all()[2]
    assert program.kernels[0] is program.kernels[2]
    assert len(compiled) == count
    a = np.ones(4, np.float32)
    plain.launch(a, 3, threads=4, device="cpu")
    assert a.tolist() == [9.5, 10.5, 9.5, 1.0]


def test_what_is_found_is_kept_in_memory(compiled):
    compile_all()
    compilations.forget()
    first = compile_all()
    assert list(map(id, first)) == list(map(id, compile_all()))


def test_launches_are_found(compiled):
    a, b = np.ones((2, 4, 8), np.float32)
    launched(a, b, device="cpu")
    plain.launch(a, 3, threads=4, device="cpu")
    count = len(compiled)
    compilations.forget()
    launched(a, b, device="cpu")
    plain.launch(a, 3, threads=4, device="cpu")
    assert len(compiled) == count


SCRIPT = """
import sys
sys.path[:0] = {path!r}
import test_stored
print([compiled.to_json() for compiled in test_stored.compile_all()])
print("enigma._mlir" in sys.modules)
"""


def process(seed):
    folder = os.path.dirname(__file__)
    script = SCRIPT.format(path=[folder, os.path.dirname(folder)])
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_find_what_others_compiled(folder):
    running = [process(seed) for seed in range(2)]
    outputs = [each.communicate()[0] for each in running]
    # One may find what the other has just compiled, and not load MLIR.
    told, loaded = zip(*(output.splitlines() for output in outputs), strict=True)
    assert told[0] == told[1]
    assert "True" in loaded
    assert len(files(folder)) == 3
    # MLIR is not needed for what is found.
    again = process(7).communicate()[0]
    assert again == f"{told[0]}\nFalse\n"
    assert len(files(folder)) == 3


KEYS = """
import sys
import enigma
from enigma.compiler import stored
from enigma.compiler.references import References
from enigma.tracing.functions import Decorated

for path in sys.argv[1:]:
    text = open(path).read()
    space = {"enigma": enigma, "__name__": "kernels"}
    exec(compile(text, path, "exec"), space)
    for value in list(space.values()):
        if isinstance(value, Decorated):
            print(stored.key_of(value, (), References(value)))
"""


def test_keys_are_the_same_in_each_process(tmp_path):
    paths = [tmp_path / f"{seed}.py" for seed in range(40)]
    for seed, path in enumerate(paths):
        path.write_text(random_kernel(seed).source)

    def keys(seed):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", KEYS, *map(str, paths)]
        return subprocess.check_output(command, env=environment, text=True).split()

    first = keys(0)
    assert sum(key != "None" for key in first) > 20
    for seed in range(1, 4):
        assert keys(seed) == first


@pytest.mark.parametrize(("kernel", "change"), CHANGES.values(), ids=CHANGES)
def test_changes_are_seen(monkeypatch, kernel, change):
    where, name, value = change
    before = text(kernel)
    compilations.forget()
    with monkeypatch.context() as patched:
        set_it = patched.setitem if isinstance(where, dict) else patched.setattr
        set_it(where, name, value)
        assert text(kernel) != before
    compilations.forget()
    assert text(kernel) == before


@pytest.mark.parametrize("way", ["a closure", "an argument", "a constant"])
@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_what_objects_hold_is_seen(folder, holder, way):
    held = holder.make()
    compile_it = WAYS[way](held, holder.read)
    before = compile_it().metal_source
    compilations.forget()
    assert compile_it().metal_source == before
    holder.change(held)
    compilations.forget()
    changed = compile_it().metal_source
    assert changed != before
    compilations.forget()
    assert compile_it().metal_source == changed
    assert len(files(folder)) <= 2


@pytest.mark.parametrize("taking", TAKING.values(), ids=TAKING)
@pytest.mark.parametrize(("read", "one", "other"), ALIKE.values(), ids=ALIKE)
def test_what_looks_alike(folder, read, one, other, taking):
    compile_it = taking(read)
    texts = []
    for held in (one, other, one, other):
        texts.append(compile_it(held).metal_source)
        compilations.forget()
    assert texts[0] == texts[2] != texts[1] == texts[3]


HELD = """
import sys
sys.path[:0] = {path!r}
from holders import HOLDERS, WAYS
from enigma.compiler import stored
stored.MOST_SMALL = 1000
for holder in HOLDERS.values():
    for way in ("a closure", "an argument", "a constant"):
        print(WAYS[way](holder.make(), holder.read)().metal_source)
print("enigma._mlir" in sys.modules)
"""


def test_processes_find_what_others_held(folder):
    def told(seed):
        path = os.path.dirname(__file__)
        script = HELD.format(path=[path, os.path.dirname(path)])
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        return subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)

    first = told(1)
    kept = files(folder)
    # All but sets of other than whole numbers, whose order each process has for itself.
    assert len(kept) > 2.5 * len(HOLDERS)
    assert told(2) == first
    assert files(folder) == kept


def test_options_and_arguments_are_seen(compiled, folder):
    for options in (
        {},
        *OPTIONS,
        {"constants": {"x": 1}},
        {"constants": {"x": 1.0}},
        {"constants": {"x": -0.0}},
        {"constants": {"x": 0.0}},
    ):
        count = len(files(folder))
        enigma.compile(plain, emit_only=True, **options)
        assert len(files(folder)) == count + 1


def test_what_is_as_it_was_though_it_is_another_object(compiled):
    def scaled(factor):
        return kernel_of(lambda x: x * factor)

    assert text(scaled(2.0)) == text(scaled(2.0))
    assert len(compiled) == 1
    assert text(scaled(3.0)) != text(scaled(2.0))
    assert len(compiled) == 2


def test_annotations_of_parameters_are_seen(compiled):
    def of(dtype, scalar):
        @enigma.kernel
        def kernel(A: dtype, n: enigma.Scalar(scalar)):
            A[0] = A[1]

        return kernel

    texts = {
        text(of(*dtypes))
        for dtypes in ((enigma.f32, "int"), (enigma.f16, "int"), (enigma.f32, "short"))
    }
    assert len(texts) == 3


MODULE = """
import enigma

@enigma.kernel
def kernel(A: enigma.f32):
    x: {dtype} = 0.1
    A[0] = x * A[1]
"""


FIELDS = """
import dataclasses
import sys

import enigma

Type = {dtype}


@dataclasses.dataclass
class Given:
    x: "Type"


@enigma.kernel
def kernel(A: enigma.f32, given: Given, B: "Type"):
    A[0] = enigma.f32(given.x[0]) + enigma.f32(B[0])


print(enigma.compile(kernel, emit_only=True).metal_source)
"""


def test_texts_of_fields_and_parameters_are_seen(tmp_path):
    program = tmp_path / "program.py"
    for dtype, word in (("enigma.f32", "float"), ("enigma.f16", "half"), ("enigma.i32", "int")):
        program.write_text(FIELDS.format(dtype=dtype))
        found = subprocess.check_output([sys.executable, program], text=True)
        assert f"device const {word}* given_x" in found
        assert f"device const {word}* B" in found


def test_text_is_seen_where_the_code_is_the_same(tmp_path):
    """Python's code has nothing of the annotations of local variables."""
    texts = []
    for dtype in ("enigma.f32", "enigma.f16"):
        path = tmp_path / "kernels.py"
        path.write_text(MODULE.format(dtype=dtype))
        spec = importlib.util.spec_from_file_location("kernels_of_text", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        texts.append(text(module.kernel))
    assert texts[0] != texts[1]


def test_a_new_name_is_seen():
    kernel = kernel_of(lambda x: x)
    before = text(kernel)
    compilations.forget()
    kernel.__name__ = "other"
    assert text(kernel) != before


def test_another_enigma_compiles_anew(compiled, monkeypatch):
    text(plain)
    compilations.forget()
    monkeypatch.setattr(stored, "_built_by", lambda: ("another",))
    text(plain)
    assert len(compiled) == 2


def test_what_was_read_before_an_upgrade_is_not_kept(folder, monkeypatch):
    """Nothing but the times at which files were changed tells it."""
    array = np.zeros(4, np.float32)
    for module in (stored, cpu_device):
        assert module._built_by.__wrapped__() is not None
        with monkeypatch.context() as patched:
            patched.setattr(module, "STARTED", 0)
            built_by = module._built_by.__wrapped__()
        assert built_by is None
        monkeypatch.setattr(module, "_built_by", lambda: None)
    plain.launch(array, 4, threads=4, device="cpu")
    assert array[0] != 0
    assert files(folder) == []


def test_what_an_upgrade_has_taken_away_is_no_error(folder, monkeypatch, tmp_path):
    from enigma import _jit

    monkeypatch.setattr(enigma, "__path__", [str(tmp_path / "gone")])
    monkeypatch.setattr(_jit, "__file__", str(tmp_path / "gone" / "_jit.so"))
    for module in (stored, cpu_device):
        monkeypatch.setattr(module, "_built_by", module._built_by.__wrapped__)
    array = np.zeros(4, np.float32)
    plain.launch(array, 4, threads=4, device="cpu")
    assert array[0] != 0
    assert files(folder) == []


def test_builds_differ_in_any_file(tmp_path):
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.so").write_text("1")
    (tmp_path / "b" / "__pycache__").mkdir()
    (tmp_path / "b" / "__pycache__" / "c.pyc").write_text("1")
    files = (tmp_path / "a.py", tmp_path / "b" / "c.so")
    before, changed = describe_files(str(tmp_path))
    assert changed == max(file.stat().st_ctime_ns for file in files)
    told = [part for file in files for part in (str(file), f"1 {file.stat().st_mtime_ns}")]
    assert before.decode().split("\0") == [*told, ""]
    os.utime(files[1], (1, 1))
    files_then, changed_then = describe_files(str(tmp_path))
    assert files_then != before
    # Whatever time a file says that it has.
    assert changed_then == files[1].stat().st_ctime_ns > 10**18


PROGRAM = """
import sys
import enigma

@enigma.kernel
def add_one(A: enigma.f32):
    A[enigma.thread_position_in_grid] += 1.0

enigma.compile(add_one)
made = "__enigma_rewritten__" in vars(add_one.function)
print(made, "enigma._mlir" in sys.modules, "_hashlib" in sys.modules)
"""


def test_what_is_found_needs_no_rewriting_mlir_or_openssl(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    for expected in ("True True False", "False False False"):
        told = subprocess.check_output([sys.executable, str(program)], text=True)
        assert told.split("\n")[0] == expected


def test_a_build_that_is_gone_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="no_folder"):
        describe_files(str(tmp_path / "no_folder"))


def test_builds_differ_in_the_compiler_and_in_its_python():
    # It loads MLIR, which the other tests say is not loaded.
    from enigma import _mlir

    *_, files = stored._built_by.__wrapped__()
    assert all(module.__file__.encode() in files for module in (_layout, _mlir, stored))


def test_links_that_lead_nowhere_are_no_part_of_a_build(tmp_path):
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    assert describe_files(str(tmp_path))[0].count(b"\0") == 2


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_damaged_files_are_compiled_anew(compiled, folder, damage):
    before = text(plain)
    (file,) = files(folder)
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if damage is None else damage)
    compilations.forget()
    assert text(plain) == before
    assert len(compiled) == 2
    assert file.read_bytes() == data


def test_it_can_be_switched_off(compiled, folder, monkeypatch):
    monkeypatch.setenv("ENIGMA_CACHE", "0")
    for _ in range(2):
        text(plain)
        compilations.forget()
    assert len(compiled) == 2
    assert not folder.exists()


def test_a_folder_that_cannot_be_written(compiled, folder, monkeypatch):
    text(plain)
    compilations.forget()

    def refuse(*args, **kwargs):
        raise PermissionError(13, "read-only")

    for name in ("open", "makedirs", "utime", "unlink", "replace"):
        monkeypatch.setattr(os, name, refuse)
    text(plain)
    assert len(compiled) == 1
    assert "2.5f" in enigma.compile(plain, emit_only=True, constants={"x": 2.5}).metal_source
    assert len(files(folder)) == 1


def test_warnings_are_told_again(compiled):
    kernel = kernel_of(lambda x: x + math.inf)
    for _ in range(3):
        with pytest.warns(enigma.EnigmaWarning, match="infinite") as told:
            text(kernel)
        assert len(told) == 1
        assert told[0].filename.endswith("test_stored.py")
        compilations.forget()
    assert len(compiled) == 1


def test_warnings_that_are_errors_are_raised_again(compiled):
    """What is found is kept in memory, whether its warnings are raised or not."""
    kernel = kernel_of(lambda x: x + math.inf)
    with pytest.warns(enigma.EnigmaWarning, match="infinite"):
        text(kernel)
    compilations.forget()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(enigma.EnigmaWarning, match="infinite"):
                text(kernel)
            _cache.clear()
    assert len(compiled) == 1


def test_what_is_printed_is_so_in_each_process(compiled, capsys):
    @enigma.jit
    def printing(A):
        print("compiled")
        store(A, 1.0).launch(grid=1, block=1)

    @enigma.jit
    def showing(A):
        A.layout.show()
        store(A, 1.0).launch(grid=1, block=1)

    for function in (printing, showing):
        for _ in range(2):
            text(function, output())
            assert capsys.readouterr().out
            compilations.forget()


def test_what_may_be_something_else_is_compiled_anew(compiled, folder, tmp_path):
    path = tmp_path / "number.npy"
    np.save(path, 1.0)
    text(kernel_of(lambda x: x * (hash("a") % 7)))
    text(kernel_of(lambda x: x * float(np.load(path))))
    text(kernel_of(lambda x: x * float(np.random.rand())))
    assert files(folder) == []


class Odd:
    pass


class Unseen(decimal.Decimal):
    """What its numbers are is seen by C alone."""


@pytest.mark.parametrize(
    "value",
    [
        *(Unseen(1), {1: Unseen(1)}, [Unseen(1)], np.array(["1"])),
        *(frozenset({Odd}), lambda: Odd.__init__),
    ],
)
def test_values_that_other_processes_would_not_know(value):
    def holder():
        return value

    if callable(value):
        Fingerprint().add(value)
        return
    with pytest.raises(Unstable):
        Fingerprint().add(holder)


def test_values_that_differ_have_other_fingerprints():
    n = enigma.dyn("n")
    values = [
        *(None, ..., True, False, 1, 1.0, -0.0, 0.0, 1j, "1", b"1", range(1), range(2)),
        *((), (1,), ((1,),), [1], (1, 2), (2, 1), {1: 2}, {2: 1}, frozenset({1}), {1}),
        *(enigma.f32, enigma.vec(enigma.f32, 4), enigma.vec(enigma.f32, 4, packed=True)),
        *(enigma.Scalar(enigma.f32), enigma.Threadgroup(enigma.f32), enigma.constexpr),
        *(
            n,
            n + 1,
            enigma.dyn("n", div=2),
            enigma.dyn("m"),
            enigma.Layout(4),
            enigma.Layout((2, 2)),
        ),
        *(enigma.Layout((2, 2), (2, 1)), enigma.swizzle(enigma.Layout((4, 8)), 1, 0, 2)),
        *(enigma.constant_array([1, 2]), enigma.constant_array([1, 3])),
        *(enigma.constant_array([1, 2], "short"), enigma.constant_array([[1, 2]])),
        *(enigma.thread_position_in_grid, enigma.thread_position_in_threadgroup),
        *(np.float32(1), np.float32(2), np.float64(1), np.dtype("f4"), np.dtype("f8"), np.add),
        *(np.exp, math.sqrt, math.exp, math, np, int, float, Pair, Mode, Mode.FAST, Odd),
        *(enigma.sin, enigma.cos, Pair(), Pair(1.0), slice(1), int.from_bytes, dict.fromkeys),
        *(np.array([1]), np.array([2]), np.array([[1]]), np.array([1], np.int8), np.array(1)),
        *(types.SimpleNamespace(a=1), types.SimpleNamespace(b=1), types.SimpleNamespace(a=2)),
        *(Plain(), Plain(3.0), Plain({}), Slotted(), Both(), Settings(), Settings(3.0), Frozen()),
        *(Number(1), Number(2), Listed(), Listed([1.0]), collections.Counter("a"), {1, 2}),
        *(collections.deque([1]), collections.deque([1], 2), functools.partial(Plain)),
        *(functools.partial(Plain, 1), functools.partial(Plain, factor=1), Plain().given),
    ]
    digests = []
    for value in values:
        fingerprint = Fingerprint()
        fingerprint.add(value)
        digests.append(fingerprint.digest())
    assert len(set(digests)) == len(values)


def test_few_small_ones_are_kept(folder, monkeypatch):
    monkeypatch.setattr(stored, "MOST_SMALL", 2)
    monkeypatch.setattr(stored, "LEAST_SECONDS", 1e9)
    for x in range(4):
        enigma.compile(plain, emit_only=True, constants={"x": x})
    assert len(files(folder)) == 2
    monkeypatch.setattr(stored, "LEAST_SECONDS", 0)
    enigma.compile(plain, emit_only=True, constants={"x": 4})
    assert len(files(folder)) == 3
    assert {entry.kind for entry in _cache.entries()} == {stored.KIND}
