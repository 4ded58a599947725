# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Warnings about kernels: where, when, and how often."""

import linecache
import math
import operator
import subprocess
import sys
import warnings

import numpy as np
import pytest

import enigma
from enigma.compiler import compilations

HERE = __file__
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
FUNCTIONS = {
    "<": enigma.cmp_lt,
    "<=": enigma.cmp_le,
    ">": enigma.cmp_gt,
    ">=": enigma.cmp_ge,
    "==": enigma.cmp_eq,
    "!=": enigma.cmp_ne,
}
ENDS = {
    name: (dtype.minimum, dtype.maximum)
    for name in ("u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "b1")
    for dtype in [getattr(enigma, name)]
}


def warnings_of(kernel, *arguments, **options):
    """What compiling a kernel warns of, and the line and the text of each."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        enigma.compile(kernel, *arguments, emit_only=True, **options)
    assert all(each.category is enigma.EnigmaWarning for each in caught)
    assert all(each.filename == HERE for each in caught)
    return [(each.lineno, str(each.message)) for each in caught]


def line_of(function, words):
    """The line of this file that has some words, in a function."""
    with open(HERE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    first = function.function.__code__.co_firstlineno
    return next(i for i in range(first, len(lines) + 1) if words in lines[i - 1])


def decided(symbol, low, high, number):
    """What a comparison is for all numbers from low to high, None if it varies."""
    found = {COMPARISONS[symbol](x, number) for x in (low, high)}
    if low < number < high:
        found |= {COMPARISONS[symbol](number, number), COMPARISONS[symbol](number - 1, number)}
    return found.pop() if len(found) == 1 else None


def comparison(symbol, spelling, d, number):
    """A function that compares with a number, in one of the spellings that there are."""
    mirror = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(symbol, symbol)
    return {
        "operator": lambda x: COMPARISONS[symbol](x, number),
        "mirrored": lambda x: COMPARISONS[mirror](number, x),
        "function": lambda x: FUNCTIONS[symbol](x, number),
        "typed": lambda x: COMPARISONS[symbol](x, d(number)),
    }[spelling]


def guard(d, apply):
    @enigma.kernel
    def guarded(A: d, B: enigma.b1):
        i = enigma.thread_position_in_grid
        B[i] = apply(A[i])

    return guarded


@pytest.mark.parametrize("spelling", ["operator", "mirrored", "function", "typed"])
@pytest.mark.parametrize("symbol", COMPARISONS)
@pytest.mark.parametrize("name", ENDS)
def test_comparisons_that_dtypes_decide(name, symbol, spelling):
    low, high = ENDS[name]
    d = getattr(enigma, name)
    for number in {low - 1, low, low + 1, 0, high - 1, high, high + 1}:
        if spelling == "typed" and not low <= number <= high:
            continue
        guarded = guard(d, comparison(symbol, spelling, d, number))
        outcome = decided(symbol, low, high, number)
        found = warnings_of(guarded)
        if outcome is None:
            assert found == [], number
            continue
        ((_, text),) = found
        assert f"of a {name} is always {outcome}" in text, number
        assert "\n  help: " in text
        # What is asked for is what Python says.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = enigma.compile(guarded, emit_only=True).metal_source
        assert f"B[i] = {str(outcome).lower()};" in source


def test_the_warning_is_at_the_line_and_names_the_remedy():
    @enigma.kernel
    def stencil(A: enigma.u32, B: enigma.f32):
        i = enigma.thread_position_in_grid
        if A[i] - 1 >= 0:
            B[i] = 1.0

    ((line, text),) = warnings_of(stencil)
    assert line == line_of(stencil, "A[i] - 1 >= 0")
    assert "`>= 0` of a u32 is always True, as a u32 is never below 0" in text
    assert "`i >= 1` for `i - 1 >= 0`" in text
    assert ".to(enigma.i32)" in text


def test_differences_of_positions_and_extents_are_compared_without_a_warning():
    @enigma.kernel
    def stencil(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        if i - 1 >= 0 and i < n - 5 and i - n != -1:
            A[i] = A[i - 1]

    assert warnings_of(stencil) == []


def test_each_line_is_warned_of_once():
    @enigma.func
    def check(x):
        return x < 0

    @enigma.kernel
    def repeated(A: enigma.u32, B: enigma.b1):
        i = enigma.thread_position_in_grid
        # The number turns out to be a u32, so that the body is traced again.
        total = 0
        for j in enigma.range(10):
            if A[j] >= 0:
                total += A[j]
        for _ in range(3):
            B[i] = check(A[i])
        B[i] = check(total)

    found = warnings_of(repeated)
    assert len(found) == 2
    assert {line for line, _ in found} == {
        line_of(repeated, "if A[j] >= 0"),
        line_of(check, "return x < 0"),
    }


def test_what_is_traced_again_is_not_warned_of():
    @enigma.kernel
    def carried(A: enigma.i64, B: enigma.b1):
        i = enigma.thread_position_in_grid
        x = 0
        for _ in enigma.range(3):
            # An i32 while its dtype is not known.
            B[i] = x <= 2147483647
            x = x + A[i]

    assert warnings_of(carried) == []


def test_comparisons_that_values_decide_are_not_warned_of():
    @enigma.kernel
    def guarded(A: enigma.u32, B: enigma.b1, n: enigma.Scalar(enigma.i32)):
        i = enigma.thread_position_in_grid
        B[i] = (A[i] > 0) & (A[i] <= 0) & (A[i] == 0) & (n >= 0) & (A[i] >= n.to(enigma.u32))
        B[i + 1] = (i < 4294967295) & (A[i] >= enigma.i32(1))
        for j in enigma.range(i, 0, -1):
            B[j] = 1 if B[i] else 0

    assert warnings_of(guarded) == []


def test_accesses_of_the_library_are_not_warned_of():
    @enigma.kernel
    def tiles(A, B):
        i, _, _ = enigma.arch.block_idx()
        B[None, i].store(A[None, i].load())

    @enigma.jit
    def launch(A, B):
        parts = [enigma.tensor_zipped_divide(t, 4) for t in (A, B)]
        tiles(*parts).launch(grid=(enigma.size(parts[0], mode=[1]), 1, 1), block=(1, 1, 1))

    A, B = (enigma.Tensor(n, i, "float", enigma.Layout(30)) for i, n in enumerate("AB"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enigma.compile(launch, A, B, emit_only=True)


def test_filters_of_python_apply():
    @enigma.kernel
    def guarded(A: enigma.u32, B: enigma.b1):
        i = enigma.thread_position_in_grid
        B[i] = A[i] >= 0

    with warnings.catch_warnings():
        warnings.simplefilter("error", enigma.EnigmaWarning)
        with pytest.raises(enigma.EnigmaWarning, match="always True"):
            enigma.compile(guarded, emit_only=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "`>= 0`", enigma.EnigmaWarning)
        enigma.compile(guarded, emit_only=True)
    # Python's default: once for a line, however often it is compiled.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            enigma.compile(guarded, emit_only=True)
    assert len(caught) == 1


def test_the_command_line_shows_the_line(tmp_path):
    script = tmp_path / "guard.py"
    script.write_text(
        "import enigma\n"
        "@enigma.kernel\n"
        "def k(A: enigma.u32):\n"
        "    i = enigma.thread_position_in_grid\n"
        "    if A[i] < 0:\n"
        "        A[i] = 1\n"
        "enigma.compile(k, emit_only=True)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    first, remedy, source = done.stderr.splitlines()
    assert first.startswith(f"{script}:5: EnigmaWarning: `< 0` of a u32 is always False")
    assert remedy.startswith("  help: ")
    assert source == "  if A[i] < 0:"


def test_vectors_that_are_asked_for_in_vain():
    @enigma.kernel
    def scattered(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
        i = enigma.thread_position_in_grid
        A[i] = A[i] + enigma.threads_per_grid.to(enigma.f32)

    ((line, text),) = warnings_of(scattered, vec_width=4)
    assert line == line_of(scattered, "@enigma.kernel")
    assert "is not vectorized" in text
    assert "elements_per_thread" in text
    assert warnings_of(scattered) == []


# What threads do together where they part.


@enigma.kernel
def guarded_barrier(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.f32, 64)
    if i < n:
        tile[i % 64] = A[i]
        enigma.barrier()
        A[i] = tile[63 - i % 64]


@enigma.kernel
def barrier_after_return(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.f32, 64)
    if i >= n:
        return
    tile[i % 64] = A[i]
    enigma.barrier()
    A[i] = tile[63 - i % 64]


@enigma.kernel
def barrier_in_while(A: enigma.u32):
    i = enigma.thread_position_in_grid
    k = A[i]
    while k > 0:
        enigma.barrier("mem_device")
        A[i] = A[k]
        k -= 1


@enigma.kernel
def barrier_after_break(A: enigma.u32):
    i = enigma.thread_position_in_grid
    for k in enigma.range(10):
        if A[i] == k:
            break
        enigma.barrier("mem_device")
        A[k] = i


@enigma.kernel
def barrier_in_some_lanes(A: enigma.f32):
    tile = enigma.threadgroup_alloc(enigma.f32, 32)
    lane = enigma.thread_index_in_simdgroup()
    if lane < 16:
        tile[lane] = A[lane]
        enigma.simd_barrier()
        A[lane] = tile[15 - lane]


@enigma.func
def shared(tile, A, i):
    tile[i % 64] = A[i]
    enigma.barrier()
    return tile[63 - i % 64]


@enigma.kernel
def barrier_of_a_helper(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.f32, 64)
    if i < n:
        A[i] = shared(tile, A, i)


@enigma.kernel
def shuffle_in_some_lanes(A: enigma.f32):
    i = enigma.thread_position_in_grid
    x = A[i]
    if x > 0:
        A[i] = enigma.simd_shuffle_xor(x, 1)


@enigma.kernel
def matrix_of_some_lanes(A: enigma.f32):
    m = enigma.simdgroup_matrix_load(A, 8)
    if enigma.thread_index_in_simdgroup() < 16:
        enigma.simdgroup_matrix_store(m, A, 8, offset=64)


@enigma.kernel
def matrix_chosen_by_lanes(A: enigma.f32):
    m = enigma.simdgroup_matrix_load(A, 8)
    if enigma.thread_index_in_simdgroup() < 16:
        m = m + m
    enigma.simdgroup_matrix_store(m, A, 8, offset=64)


@enigma.kernel
def matrix_of_a_loop_of_lanes(A: enigma.f32):
    m = enigma.simdgroup_matrix_load(A, 8)
    for _ in enigma.range(enigma.thread_index_in_simdgroup()):
        m = m @ m
    enigma.simdgroup_matrix_store(m, A, 8, offset=64)


PARTING = {
    guarded_barrier: ("enigma.barrier()", "if i < n:", "enigma.load_if"),
    barrier_after_return: ("enigma.barrier()", "if i >= n:", "enigma.load_if"),
    barrier_in_while: ('enigma.barrier("mem_device")', "while k > 0:", "outside of the condition"),
    barrier_after_break: ('enigma.barrier("mem_device")', "", "outside of the condition"),
    barrier_in_some_lanes: ("enigma.simd_barrier()", "if lane < 16:", "enigma.store_if"),
    shuffle_in_some_lanes: ("enigma.simd_shuffle_xor", "if x > 0:", "enigma.where"),
    matrix_of_some_lanes: ("simdgroup_matrix_store", "if enigma.thread_index", "let all of them"),
}


def test_matrices_that_threads_choose_apart():
    ((_, text),) = warnings_of(matrix_chosen_by_lanes)
    assert "do not all choose the same one" in text
    line = line_of(matrix_chosen_by_lanes, "if enigma.thread_index")
    assert f"this decides it for each thread: line {line}: `if enigma.thread_index" in text
    assert "\n  help: choose by a condition that is one for all of them" in text
    # What is computed in the loop is told alone.
    ((line, text),) = warnings_of(matrix_of_a_loop_of_lanes)
    assert line == line_of(matrix_of_a_loop_of_lanes, "m @ m")
    assert "may not come to it" in text


@pytest.mark.parametrize("kernel", PARTING, ids=lambda kernel: kernel.name)
def test_what_threads_do_together_where_they_part(kernel):
    together, condition, remedy = PARTING[kernel]
    ((line, text),) = warnings_of(kernel)
    assert line == line_of(kernel, together)
    assert "may not come to it" in text
    assert "this decides it for each thread: line " in text
    if condition:
        assert f"line {line_of(kernel, condition)}: `{condition}" in text
    assert "\n  help: " in text
    assert remedy in text


def test_the_barrier_of_a_helper_is_warned_of_at_its_own_line():
    ((line, text),) = warnings_of(barrier_of_a_helper)
    assert line == line_of(shared, "enigma.barrier()")
    assert f"line {line_of(barrier_of_a_helper, 'if i < n:')}: `if i < n:`" in text


@enigma.kernel
def join_in_a_branch(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        A[i] = enigma.threadgroup_sum(A[i])


@enigma.kernel
def join_behind_a_return(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i >= n:
        return
    A[i] = enigma.threadgroup_max(A[i])


@enigma.kernel
def join_together(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    x = A[i] if i < n else 0.0
    if enigma.threadgroup_sum(x) > 0:
        enigma.barrier()
        x -= enigma.threadgroup_min(x)
    for _ in enigma.range(n):
        x += enigma.threadgroup_max(x)
    A[i] = x


@pytest.mark.parametrize("block", [None, 32, 40, 128])
@pytest.mark.parametrize(
    ("kernel", "line", "decides"),
    [
        (join_in_a_branch, "threadgroup_sum", "if i < n:"),
        (join_behind_a_return, "threadgroup_max", "if i >= n:"),
        (join_together, None, None),
    ],
)
def test_reductions_over_a_threadgroup_under_conditions(kernel, line, decides, block):
    function, arguments = kernel, ()
    if block:

        @enigma.jit
        def function(A, n):
            kernel(A, n).launch(grid=1, block=block)

        tensor = enigma.Tensor("A", 0, "float", enigma.Layout(1024))
        arguments = (tensor, 20)
    found = warnings_of(function, *arguments)
    if line is None:
        assert not found
        return
    ((number, text),) = found
    assert number == line_of(kernel, line)
    assert "this joins values of all threads of the threadgroup, and some may not come" in text
    assert f"line {line_of(kernel, decides)}: `{decides}`" in text
    assert "let enigma.where choose what threads give that have nothing to join" in text


@enigma.kernel
def together(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    group = enigma.threadgroup_position_in_grid.x
    tile = enigma.threadgroup_alloc(enigma.f32, 64)
    local = enigma.thread_index_in_threadgroup()
    if group >= n:
        return
    if group > 2 and n > 3:
        enigma.barrier()
    for k in enigma.range(n):
        tile[local % 64] = A[k]
        enigma.barrier()
    k = n
    while k > 0:
        enigma.barrier()
        k = k // 2
    if tile[0] > 1:
        enigma.barrier("mem_device")
    if enigma.simdgroup_index_in_threadgroup() == 0:
        m = enigma.simdgroup_matrix_load(A, 8)
        enigma.simd_barrier()
        square = m @ m
        enigma.simdgroup_matrix_store(square if n > 3 else m, A, 8, offset=64)
        A[local + 128] = enigma.simd_shuffle_down(A[local], 1)
    # Sums and votes count the threads that are there.
    if A[i] > 0:
        A[i] = enigma.simd_sum(A[i]) + enigma.simd_broadcast_first(A[i])
        if enigma.simd_all(A[i] > 1):
            A[i] = enigma.quad_max(A[i])


def test_what_all_threads_come_to_is_as_it_is_meant():
    assert warnings_of(together) == []


# What is computed and not stored.


def in_vain(statement):
    """A kernel with a statement between others, which is at line 6 of its file."""
    text = f"""\
import enigma
@enigma.kernel
def k(A: enigma.f32, B: enigma.f32, C: enigma.f32, U: enigma.u32):
    i = enigma.thread_position_in_grid
    x = A[i] + 1
    {statement}
    B[i] = x
"""
    namespace = {"__name__": "in_vain"}
    path = f"<in vain: {statement}>"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    exec(compile(text, path, "exec"), namespace)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        enigma.compile(namespace["k"], emit_only=True)
    assert all((each.filename, each.lineno) == (path, 6) for each in caught)
    return [str(each.message) for each in caught]


@pytest.mark.parametrize(
    ("statement", "found", "remedy"),
    [
        ("A[i] + B[i]", "the value of `A[i] + B[i]` is not used", "`C[i] = ...`"),
        ("A[i] == x", "the value of `A[i] == x` is not used", "write `A[i] = x`"),
        ("x == 1 and A[i] > 2", "the value of `x == 1 and A[i] > 2`", "leave it out"),
        ("-x", "the value of `-x`", "leave it out"),
        ("A[i]", "the value of `A[i]`", "`C[i] = ...`"),
        ("A[i], x", "the value of `(A[i], x)`", "leave it out"),
        ("enigma.barrier", "`enigma.barrier` is named", "call it: `enigma.barrier(...)`"),
        ("x", "the value of `x` is not used", "leave it out"),
        ("enigma.sqrt(x)", "the result of `enigma.sqrt(x)` is not used", "assign it"),
        ("enigma.simd_sum(x)", "the result of", "changes none of its operands"),
        ("enigma.load_if(A, i, x > 0)", "the result of", "assign it"),
        ("enigma.f16(x)", "the result of", "assign it"),
        ("if x > 0: A[i] == x", "the value of `A[i] == x`", "write `A[i] = x`"),
        ("C = A[i] + x", "'C' names something else from here on", "`C[i] = ...`"),
        ("C, y = A[i], x", "'C' names something else from here on", "`C[i] = ...`"),
        ("for C in enigma.range(3): A[C] = x", "'C' names something else", "another name"),
    ],
)
def test_values_that_nothing_uses(statement, found, remedy):
    (text,) = in_vain(statement)
    assert found in text
    assert remedy in text.partition("\n  help: ")[2]


@pytest.mark.parametrize(
    "statement",
    [
        *('"text"', "...", "pass", "(y := x)"),
        *("enigma.barrier()", "enigma.simd_barrier()", "enigma.atomic_fetch_add(U, 0, 1)"),
        *("enigma.store_if(C, i, x, x > 0)", "C[i] = x", "A = A[i]", "max(x, 1)"),
        "enigma.inline_msl('simdgroup_barrier(mem_flags::mem_none);')",
        'enigma.print("{}", x)',
        # A class may mean something by these operators.
        *("i << 1", "i | 1", "-(i >> 1)"),
    ],
)
def test_statements_that_may_do_something(statement):
    assert in_vain(statement) == []


def test_each_atomic_function_may_be_called_for_what_it_does():
    @enigma.kernel
    def counted(A: enigma.u32):
        enigma.atomic_fetch_add(A, 0, 1)
        enigma.atomic_store(A, 1, 1)
        enigma.atomic_exchange(A, 2, 1)
        enigma.atomic_compare_exchange_weak(A, 3, 1, 2)

    assert warnings_of(counted) == []


def test_the_statement_of_a_helper_is_warned_of_at_its_own_line():
    @enigma.func
    def helper(A, i):
        A[i] == 1  # noqa: B015
        return A[i]

    @enigma.kernel
    def calling(A: enigma.f32, B: enigma.f32):
        i = enigma.thread_position_in_grid
        B[i] = helper(A, i) + helper(A, i + 1)

    ((line, _),) = warnings_of(calling)
    assert line == line_of(helper, "A[i] == 1")


def test_what_is_caught_may_be_asked_in_vain():
    values = (1, 2)

    @enigma.kernel
    def asking(A: enigma.f32):
        n = 0
        try:
            values[2]
        except IndexError:
            n = 1
        A[n] = 0

    assert warnings_of(asking) == []


def test_kernels_that_store_nothing():
    @enigma.kernel
    def computing(A: enigma.f32):
        i = enigma.thread_position_in_grid
        x = A[i] * 2
        if x > 1:
            x = enigma.sqrt(x)

    @enigma.kernel
    def sharing(A: enigma.f32):
        tile = enigma.threadgroup_alloc(enigma.f32, 32)
        tile[enigma.thread_index_in_threadgroup()] = A[0]
        enigma.barrier()

    @enigma.kernel
    def printing(A: enigma.f32):
        enigma.print("{}", A[0])

    @enigma.kernel
    def loading(a, b):
        b = a.load()  # noqa: F841

    @enigma.jit
    def launching(A, B):
        loading(A, B).launch(grid=1, block=1)

    for kernel in (computing, sharing, printing):
        ((line, text),) = warnings_of(kernel)
        assert line == line_of(kernel, "@enigma.kernel")
        assert f"kernel {kernel.name} stores nothing" in text
        assert "`C[i] = x`; enigma.print and enigma.assert_ are kept with debug=True" in text
    assert warnings_of(printing, debug=True) == []
    A, B = (enigma.Tensor(n, i, "float", enigma.Layout(4)) for i, n in enumerate("AB"))
    with pytest.warns(enigma.EnigmaWarning, match="kernel loading stores nothing"):
        enigma.compile(launching, A, B, emit_only=True)


def test_variables_are_named_for_the_closure():
    T = enigma.f32

    @enigma.kernel
    def kernel(A: enigma.f32):
        T  # noqa: B018
        A[0] = 1

    assert warnings_of(kernel) == []


def test_kernels_that_are_empty_are_meant():
    @enigma.kernel
    def empty(A: enigma.f32):
        pass

    @enigma.kernel
    def foreign(A: enigma.f32):
        enigma.inline_msl("simdgroup_barrier(mem_flags::mem_none);")

    assert warnings_of(empty) == []
    assert warnings_of(foreign) == []


ABOVE = math.inf


@enigma.kernel
def infinite(A: enigma.f32, x: enigma.constexpr = 1.0):
    i = enigma.thread_position_in_grid
    if i >= 0:
        A[i] = x + ABOVE


@enigma.kernel
def infinite_part(A):
    if enigma.thread_position_in_grid.x >= 0:
        A[0] += ABOVE


@enigma.jit
def infinite_parts(A, times):
    for _ in range(times):
        infinite_part(A).launch(grid=1, block=1)


ARRAY = np.zeros(4, np.float32)
TENSOR = enigma.Tensor("A", 0, "float", enigma.Layout(4))
# What brings two warnings each time.
WAYS = {
    "compile": lambda: enigma.compile(infinite, emit_only=True),
    "compile for a constant": lambda: enigma.compile(
        infinite, emit_only=True, constants={"x": 2.0}
    ),
    "compile a jit function": lambda: enigma.compile(infinite_parts, TENSOR, 1, emit_only=True),
    "compile a program": lambda: enigma.compile(infinite_parts, TENSOR, 2, emit_only=True),
    "launch": lambda: infinite.launch(ARRAY, threads=4, device="cpu"),
    "launch for a constant": lambda: infinite.launch(
        ARRAY, threads=4, device="cpu", constants={"x": 2.0}
    ),
    "launch by name": lambda: infinite.launch(A=ARRAY, threads=4, device="cpu"),
    "launch and check": lambda: infinite.launch(ARRAY, threads=4, device="cpu", check=True),
    "launch a jit function": lambda: infinite_parts(ARRAY, 1, device="cpu"),
    "launch a program": lambda: infinite_parts(ARRAY, 2, device="cpu"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_is_kept_warns_as_what_is_compiled(way, compiled):
    """Python's filters, which may change in between, say what is shown and what is raised."""

    def shown(action, forgets):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter(action)
            times = []
            for _ in range(3):
                if forgets:
                    compilations.forget()
                way()
                times.append([(each.filename, each.lineno, str(each.message)) for each in caught])
                caught.clear()
        return times

    anew = {action: shown(action, forgets=True) for action in ("ignore", "default", "always")}
    assert [len({line for _, line, _ in each}) for each in anew["default"]] == [2, 0, 0]
    assert [len({line for _, line, _ in each}) for each in anew["always"]] == [2, 2, 2]
    compiled.clear()
    for _ in range(2):
        for action, times in anew.items():
            assert shown(action, forgets=False) == times
    ARRAY[:] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(enigma.EnigmaWarning, match="always"):
                way()
    assert compiled == []
    assert not ARRAY.any()
