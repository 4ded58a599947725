# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls of functions of the host with arguments that they do not take: each names the remedy."""

from array import array

import pytest

import enigma
from enigma.spelling import closest


@enigma.kernel
def copied(A: enigma.f32, B: enigma.f32):
    i = enigma.thread_position_in_grid
    B[i] = A[i]


@enigma.kernel
def filled(A: enigma.f32, n: enigma.constexpr):
    A[0] = n


@enigma.kernel
def moved(a, b):
    b.store(a.load())


@enigma.jit
def launching(a, b):
    moved(a, b).launch(grid=1, block=1)


@enigma.jit
def misspelt(a, b):
    moved(a, b).launch(gird=1, block=1)


@enigma.jit
def of_a_device(a, b):
    moved(a, b).launch(grid=1, block=1, device="cpu")


A, B = (enigma.Tensor(name, i, "float", enigma.Layout(4)) for i, name in enumerate("AB"))
COMPILED = enigma.compile(copied, emit_only=True)
PROGRAM_ARRAYS = (array("f", [0] * 4), array("f", [0] * 4))

CALLS = [
    (lambda: enigma.compile(copied, vecwidth=4), "enigma.compile has no option 'vecwidth'",
     "did you mean 'vec_width'?"),
    (lambda: enigma.compile(launching, a=A, b=B), "enigma.compile has no option 'a'",
     "'a' is a parameter of jit function launching: give arguments by position, in the "
     "order of a, b"),
    (lambda: enigma.compile(filled, n=2), "enigma.compile has no option 'n'",
     "constants={'n': ...}"),
    (lambda: enigma.compile(filled, A=2), "enigma.compile has no option 'A'",
     "'A' is a parameter of kernel filled, whose arguments are given where it is launched: "
     "filled.launch(...)"),
    (lambda: enigma.compile_many([{"fn": filled, "n": 4}]), "enigma.CompileSpec has no option 'n'",
     "constants={'n': ...}"),
    (lambda: enigma.CompileSpec(launching, b=B), "enigma.CompileSpec has no option 'b'",
     "by position"),
    (lambda: enigma.CompileSpec(filled, threads=4), "no option 'threads'", "compiled.launch("),
    (lambda: enigma.compile(), "enigma.compile was not given 'fn'", "enigma.compile(fn, ...)"),
    (lambda: enigma.compile(copied, fn=copied), "enigma.compile was given 'fn' twice", "by name"),
    (lambda: enigma.compile(copied, threads=4), "no option 'threads'", "compiled.launch("),
    (lambda: enigma.compile("copied"), "not str 'copied'", "give it the function"),
    (lambda: enigma.compile(lambda A: None), "not a lambda", "`def`"),
    (lambda: enigma.compile(int), "not the type int", "@enigma.kernel"),
    (lambda: enigma.compile(copied.launch), "the method launch", "compile copied, without .launch"),
    (lambda: enigma.compile(COMPILED), "the compiled enigma_kernel_copied", "launch it"),
    (lambda: enigma.compile(4, copied), "not int 4", "the function first"),
    (lambda: enigma.compile_many(), "enigma.compile_many was not given 'specs'",
     "enigma.compile_many(specs, executor=None, *, work_dir="),
    (lambda: enigma.compile_many([], None, "x"), "takes 2 arguments by position, and was given 3",
     "work_dir=..."),
    (lambda: enigma.compile_many([], workdir="x"), "no option 'workdir'", "'work_dir'"),
    (lambda: enigma.compile_many([{"fn": copied, "vecwidth": 4}]),
     "enigma.CompileSpec has no option 'vecwidth'", "did you mean 'vec_width'?"),
    (lambda: enigma.CompileSpec(), "enigma.CompileSpec was not given 'fn'",
     "CompileSpec(fn, *arguments, **options)"),
    (lambda: enigma.CompileSpec(copied, work_dir="x"), "no option 'work_dir'", "compile_many("),
    (lambda: enigma.CompileSpec(copied, dump_mlir=True), "no option 'dump_mlir'", "alone"),
    (lambda: enigma.kernel(), "enigma.kernel was not given 'function'", "without parentheses"),
    (lambda: enigma.kernel(vec_width=4), "enigma.kernel has no option 'vec_width'", "alone"),
    (lambda: enigma.jit(name="x"), "enigma.jit has no option 'name'", "alone"),
    (lambda: enigma.func(copied, 3), "enigma.func takes one argument by position", "leave"),
    (lambda: enigma.benchmark(), "enigma.benchmark was not given 'compiled'", "(compiled, ...)"),
    (lambda: enigma.device(kind="cpu"), "enigma.device has no option 'kind'",
     "enigma.device(name=None)"),
    (lambda: enigma.devices(1), "enigma.devices takes no arguments by position", "leave them out"),
    (lambda: copied.launch(*PROGRAM_ARRAYS, thread=4), "no parameter 'thread'", "'threads'?"),
    (lambda: COMPILED.launch(*PROGRAM_ARRAYS, blok=4), "no parameter 'blok'", "mean 'block'?"),
    (lambda: filled.launch(PROGRAM_ARRAYS[0], n=2, threads=1),
     "'n' is a compile-time parameter of kernel filled", 'constants={"n": ...}'),
    (lambda: launching(*PROGRAM_ARRAYS, grid=2), "launching has no parameter 'grid'", "itself"),
    (lambda: launching(*PROGRAM_ARRAYS, chek=True), "no parameter 'chek'", "mean 'check'?"),
    (lambda: COMPILED(*PROGRAM_ARRAYS), "enigma_kernel_copied is called as a function", ".launch("),
    (lambda: copied.launch(*PROGRAM_ARRAYS, threads=4, constants=[1]), "constants=[1] is no", "{"),
    (lambda: COMPILED.launch(*PROGRAM_ARRAYS, threads=4, threadgroup_memory=3),
     "threadgroup_memory=3 is no mapping", 'threadgroup_memory={"name": value}'),
    (lambda: enigma.compile(misspelt, A, B), "launch of a kernel has no option 'gird'", "'grid'?"),
    (lambda: enigma.compile(of_a_device, A, B), "has no option 'device'", "launches on a device"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "found", "remedy"), CALLS, ids=[found for _, found, _ in CALLS])
def test_arguments_that_do_not_fit(call, found, remedy):
    with pytest.raises(enigma.EnigmaError) as caught:
        call()
    assert isinstance(caught.value, (TypeError, enigma.errors.InvalidLaunch))
    assert found in caught.value.summary
    assert remedy in caught.value.help
    assert caught.value.location.filename == __file__


# Words, names, and which of these is meant.
HINTS = [
    ("n", ("fn", "name"), ""),
    ("a", ("vec_width", "n", "grid"), ""),
    ("fm", ("fn", "fma"), "fma"),
    ("N", ("fn", "n"), "n"),
    ("nn", ("fn", "n"), "n"),
    ("A", ("B", "AB"), ""),
    ("Debug", ("debug",), "debug"),
    ("vecwidth", ("fn", "vec_width"), "vec_width"),
    ("vec", ("fn", "vec_width"), "vec_width"),
    ("std", ("stream", "metal_std"), "metal_std"),
    ("block_size", ("threads", "block", "stream"), "block"),
    ("BLOCK_SIZE", ("threads", "grid", "block"), ""),
    ("fast", ("no-fast-math", "debug"), "no-fast-math"),
    ("stride", ("stream", "grid"), ""),
    ("cache", ("check", "grid"), ""),
    ("shared", ("threads", "grid"), ""),
    ("num_warps", ("name", "constants"), ""),
    ("index", ("quadgroup_index_in_threadgroup",), ""),
    ("thread", ("threads", "grid"), "threads"),
    ("gird", ("grid", "block"), "grid"),
]


@pytest.mark.parametrize(("word", "names", "close"), HINTS)
def test_a_name_is_meant_only_where_it_is_like_the_word(word, names, close):
    assert closest(word, names) == close


@pytest.mark.parametrize("word", ["n", "x", "dim", "num_warps", "warp", "smem"])
def test_no_function_of_a_launch_is_hinted_at_by_chance(word):
    with pytest.raises(enigma.errors.UnexpectedArguments) as caught:
        copied.launch(*PROGRAM_ARRAYS, threads=4, **{word: 1})
    assert "did you mean" not in caught.value.help


@enigma.kernel
def of_cuda(A: enigma.f32):
    A[enigma.arch.threadIdx().x] = 1


@pytest.mark.parametrize(
    ("read", "found", "remedy"),
    [
        (lambda: COMPILED.metal_sorce, "'metal_sorce'", "did you mean .metal_source?"),
        (lambda: COMPILED.run, "'run'", ".launch("),
        (lambda: enigma.arch.thread_id, "'thread_id'", "enigma.arch.thread_idx()?"),
        (lambda: enigma.arch.warp, "'warp'", "it has thread_idx()"),
        (lambda: enigma.compile(of_cuda), "'threadIdx'", "enigma.arch.thread_idx()?"),
    ],
)
def test_attributes_that_there_are_none_of(read, found, remedy):
    with pytest.raises(AttributeError) as caught:
        read()
    assert isinstance(caught.value, enigma.EnigmaError)
    assert found in caught.value.summary
    assert remedy in caught.value.help


def test_a_subscript_launches_nothing():
    with pytest.raises(enigma.EnigmaError, match="launched by a subscript") as caught:
        COMPILED[2](*PROGRAM_ARRAYS)
    assert ".launch(" in caught.value.help


def test_what_python_asks_of_any_object_is_its_own_error():
    with pytest.raises(AttributeError) as caught:
        COMPILED.__array__()
    assert not isinstance(caught.value, enigma.EnigmaError)
    assert not hasattr(enigma.arch, "__wrapped__")


def test_an_error_of_type_in_the_function_of_the_user_is_left_alone():
    @enigma.jit
    def wrong(a, b):
        len(3)

    with pytest.raises(TypeError, match="has no len") as caught:
        enigma.compile(wrong, A, B, emit_only=True)
    assert not isinstance(caught.value, enigma.EnigmaError)
