# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Messages, assertions, and text of Metal's own."""

# The annotations of kernels here are variables of the function that makes them, which a postponed
# evaluation would not find.

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Kernels, dtype_of, empty, sample, values_of

THREADS = 8
KERNELS = Kernels()
DTYPES = ("f32", "f16", "bf16", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "b1")


def run(key, *args, threads=THREADS, **options):
    """The texts that a kernel writes, and their levels."""
    messages = harness.run(KERNELS[key], args=args, threads=threads, block=threads, **options)
    return [message.text for message in messages], {message.level for message in messages}


# Every dtype, with and without a format.


def shows(dtype):
    element = dtype_of(dtype)

    @enigma.kernel
    def show(A: element):
        i = enigma.thread_position_in_grid
        enigma.print("A =", A[i], i)

    return show


FORMATS = {
    "f": ("", ":.3f", ":+9.2e", ":<12.4g", ":012.1f", ": G", ":E"),
    "i": ("", ":d", ":5", ":<7", ":+d", ": d", ":08d", ":+9", ":>+22"),
    "u": ("", ":x", ":#X", ":o", ":20", ":#012x", ":+d", ": d", ":<+7", ":< 22", ":+022"),
    "b": ("", ":3", ":<3"),
}


def specs_of(dtype):
    """The formats of a dtype: C has no sign for the one integer that no signed one holds."""
    element = dtype_of(dtype)
    more = (":+9", ":> 22") if element.kind == "u" and dtype != "u64" else ()
    return FORMATS[element.kind] + more


def formats(dtype):
    element = dtype_of(dtype)
    text = "|".join(f"{{{spec}}}" for spec in specs_of(dtype))
    count = len(specs_of(dtype))

    @enigma.kernel
    def show(A: element):
        x = A[enigma.thread_position_in_grid]
        enigma.print(text, *[x] * count)

    return show


def shows_bits(dtype):
    element = dtype_of(dtype)

    @enigma.kernel
    def show(A: element):
        enigma.print("{:x}", A[enigma.thread_position_in_grid])

    return show


for name in DTYPES:
    KERNELS.add(("shows", name), shows(name), debug=True)
    KERNELS.add(("formats", name), formats(name), debug=True)
    if name[0] == "i":
        KERNELS.add(("bits", name), shows_bits(name), debug=True)


def python_number(dtype, value):
    kind = dtype_of(dtype).kind
    return float(value) if kind == "f" else int(value)


@pytest.mark.parametrize("dtype", DTYPES)
def test_values_of_every_dtype(dtype):
    values = sample(dtype, THREADS, np.random.default_rng(1))
    found, levels = run(("shows", dtype), values)
    assert levels == {"info"}
    numbers = [python_number(dtype, value) for value in values_of(dtype, values)]
    spec = "%g" if dtype_of(dtype).is_float else "%d"
    assert found == [f"A = {spec % number} {i}" for i, number in enumerate(numbers)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_formats_are_those_of_python(dtype):
    values = sample(dtype, THREADS, np.random.default_rng(2))
    kind = dtype_of(dtype).kind
    found, _ = run(("formats", dtype), values)
    for line, value in zip(found, values_of(dtype, values), strict=True):
        number = python_number(dtype, value)
        for spec, part in zip(specs_of(dtype), line.split("|"), strict=True):
            assert part == format(number, spec[1:] or ("g" if kind == "f" else "d"))


@enigma.kernel
def padded(A: enigma.f32):
    enigma.print("{0:08.1f}|{0:+07}|{0: 09e}|{0:<6}|{0:>6F}", A[enigma.thread_position_in_grid])


KERNELS.add("padded", padded, debug=True)


def test_what_is_not_finite_has_no_zeros_in_front():
    found, _ = run("padded", np.array([np.inf, -np.inf, np.nan], np.float32), threads=3)
    assert found == [
        "     inf|   +inf|      inf|inf   |   INF",
        "    -inf|   -inf|     -inf|-inf  |  -INF",
        "     nan|   +nan|      nan|nan   |   NAN",
    ]


@pytest.mark.parametrize("dtype", ["i8", "i16", "i32", "i64"])
def test_hexadecimal_numbers_are_the_bits(dtype):
    values = sample(dtype, THREADS, np.random.default_rng(3))
    found, _ = run(("bits", dtype), values)
    unsigned = values.view(NUMPY[dtype.replace("i", "u")])
    assert found == [f"{value:x}" for value in unsigned]


# What a call may be given.


@enigma.kernel
def given(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    v = enigma.make_float2(A[0], A[1])
    enigma.print()
    enigma.print("v", v, v > 1, sep="::")
    enigma.print("{1} of {0:.1f}", v, (A[2], [n, "text"], (1,)))
    enigma.print(1, 2.5, None, enigma.f32, enigma.Layout((4, 2)), n)
    enigma.print('100% "quoted" \\n ??= é {{}} \t{}', n)
    enigma.print("100% \\'é1\n", n)


KERNELS.add("given", given, debug=True)


def test_what_is_given():
    a = np.array([1.5, 0.5, 3], np.float32)
    found, _ = run("given", a, np.uint32(7), threads=1)
    assert found == [
        "",
        "v::(1.5, 0.5)::(1, 0)",
        "(3, [7, text], (1,)) of (1.5, 0.5)",
        f"1 2.5 None {enigma.f32} {enigma.Layout((4, 2))} 7",
        '100% "quoted" \\n ??= é {} \t7',
        "100% \\'é1\n 7",
    ]


def fragment_kernel():
    @enigma.kernel
    def body(gA):
        enigma.print("{:.1f}", gA.load())

    @enigma.jit
    def show(A):
        body(A).launch(grid=(1, 1, 1), block=(1, 1, 1))

    return show


KERNELS.add(
    "fragment",
    fragment_kernel(),
    enigma.Tensor("A", 0, "float", enigma.Layout((3, 2), (2, 1))),
    debug=True,
)


def test_fragments_are_written_element_by_element():
    found, _ = run("fragment", np.arange(6, dtype=np.float32), threads=1)
    assert found == ["(0.0, 2.0, 4.0, 1.0, 3.0, 5.0)"]


# Where a message stands.


@enigma.kernel
def placed(A: enigma.i32, n: enigma.Scalar(enigma.i32)):
    i = enigma.thread_position_in_grid
    x = A[i]
    A[i] = 0
    if x > 2:
        enigma.print("{} is much", x)
        for k in enigma.range(n):
            if k == 1:
                continue
            enigma.print(" ", k, x * k)
    elif x < 0:
        return
    A[i] = x + 1
    enigma.print("end", A[i], sep=" ")


def placed_in_python(values, n):
    lines = []
    for x in values:
        if x > 2:
            lines += [f"{x} is much", *(f"  {k} {x * k}" for k in range(n) if k != 1)]
        elif x < 0:
            continue
        lines.append(f"end {x + 1}")
    return lines


KERNELS.add("placed", placed, debug=True)
KERNELS.add("placed, quiet", placed)


def test_messages_stand_where_they_are_written():
    values = np.array([5, -1, 0, 3, 2, -7, 9, 1], np.int32)
    found, _ = run("placed", values.copy(), np.int32(3))
    assert found == placed_in_python(values.tolist(), 3)
    quiet = values.copy()
    assert run("placed, quiet", quiet, np.int32(3)) == ([], set())
    np.testing.assert_array_equal(quiet, np.where(values < 0, 0, values + 1))


# Kernels of vectors.


@enigma.kernel
def scaled(A: enigma.f32):
    i = enigma.thread_position_in_grid
    y = A[i] * 2
    enigma.print("{} {}", i, y)
    A[i] = y


KERNELS.add("scaled", scaled, vec_width=4)
with pytest.warns(enigma.EnigmaWarning, match="'enigma.print' is more than"):
    SCALAR = enigma.compile(scaled, vec_width=4, debug=True, emit_only=True)


def test_a_kernel_that_tells_of_each_element_stays_scalar():
    assert KERNELS["scaled"].elements_per_thread == 4
    assert SCALAR.elements_per_thread == 1
    a = np.arange(8, dtype=np.float32)
    found = harness.run(SCALAR, args=[a], threads=8, block=8)
    assert [text for _, text in found] == [f"{i} {2 * i:g}" for i in range(8)]


# Assertions.


@enigma.kernel
def checked(A: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    enigma.assert_(i < n, "{} of {} is outside", i, n)
    enigma.assert_(A[i] >= 0)
    enigma.assert_(enigma.simd_sum(A[i]) > 100, "the sum is", enigma.simd_sum(A[i]))
    A[i] += 1


KERNELS.add("checked", checked, debug=True)
KERNELS.add("checked, quiet", checked)


def line_of(text):
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


def test_assertions_tell_where_and_go_on():
    a = np.arange(-1, THREADS - 1, dtype=np.float32)
    before = a.copy()
    found, levels = run("checked", a, np.uint32(THREADS - 1))
    assert levels == {"fault"}
    name = "test_emitted_debug.py"
    outside, negative, total = map(
        line_of, ("is outside", "assert_(A[i] >= 0)", "assert_(enigma.simd_sum")
    )
    assert sorted(found) == sorted(
        [
            f"{name}:{outside}: assertion failed: 7 of 7 is outside",
            f"{name}:{negative}: assertion failed: enigma.assert_(A[i] >= 0)",
            *[f"{name}:{total}: assertion failed: the sum is {before.sum():g}"] * THREADS,
        ]
    )
    np.testing.assert_array_equal(a, before + 1)
    a = before.copy()
    assert run("checked, quiet", a, np.uint32(0)) == ([], set())
    np.testing.assert_array_equal(a, before + 1)


# Text of Metal's own.


HEADER = """
// Several kernels share it.
struct Pair { float first, second; };

template <typename T>
inline T scaled(T value, T factor) {
    return value * factor;
}
"""


@enigma.kernel
def expressions(A: enigma.f32, B: enigma.i32, out: enigma.f32, k: enigma.u8):
    i = enigma.thread_position_in_grid
    x, y, first = A[i], B[i], A[i] - 1
    twice = enigma.inline_msl("scaled({x}, 2.0f)", enigma.f32, pure=True, header=HEADER, x=first)
    pair = enigma.inline_msl(
        "float2(Pair{{{a}, {b}}}.second, {a})", result="float2", header=HEADER, a=x, b=twice
    )
    # The operand is computed in its own type, and the result converted to that of the text.
    shifted = enigma.inline_msl("{y} >> 1 & {mask}", result=enigma.u8, y=y - 1, mask=255, pure=True)
    out[i] = pair.x + pair.y * shifted
    k[i] = shifted


@enigma.kernel
def statements(A: enigma.f32, out: enigma.f32):
    i = enigma.thread_position_in_threadgroup
    tile = enigma.threadgroup_alloc(enigma.f32, THREADS)
    mine = enigma.register_tensor(2, enigma.f32)
    x = A[i]
    enigma.inline_msl("{A}[{i}] = -{x}", A=A, i=i, x=x)
    enigma.inline_msl(
        """
        // The kernel's own `x` and `i` are other names.
        for (int i = 0; i < 2; ++i) {{
            float x = {x} + i;  // 0 or 1
            {mine}[i] = x;
        }}
        {tile}[{i}] = {mine}[0] * {mine}[1];
        """,
        mine=mine,
        tile=tile,
        x=x,
        i=i,
    )
    enigma.barrier()
    out[i] = tile[(i + 1) % THREADS] + mine[1] + A[i]


@enigma.kernel
def counted(A: enigma.u32):
    # It has an effect each time, whether its result is used or not.
    enigma.inline_msl("{A}[0]++", result=enigma.u32, A=A)
    enigma.inline_msl("{A}[0]++", result=enigma.u32, A=A)
    for _ in enigma.range(3):
        n = enigma.inline_msl("{A}[0]++", result=enigma.u32, A=A)
        A[1] = n


KERNELS.add("expressions", expressions)
KERNELS.add("statements", statements)
KERNELS.add("counted", counted)


def test_expressions():
    rng = np.random.default_rng(4)
    a = rng.integers(-50, 50, THREADS).astype(np.float32)
    b = rng.integers(-500, 500, THREADS).astype(np.int32)
    out, k = empty("f32", THREADS), empty("u8", THREADS)
    run("expressions", a, b, out, k)
    shifted = ((b - 1) >> 1 & 255).astype(np.uint8)
    np.testing.assert_array_equal(k, shifted)
    np.testing.assert_array_equal(out, 2 * (a - 1) + a * shifted)


@pytest.mark.parametrize("order", ["forward", "reverse"])
def test_statements(order):
    a = np.arange(THREADS, dtype=np.float32)
    out = empty("f32", THREADS)
    run("statements", a, out, order=order)
    x = np.arange(THREADS, dtype=np.float32)
    np.testing.assert_array_equal(a, -x)
    np.testing.assert_array_equal(out, np.roll(x * (x + 1), -1) + (x + 1) - x)


def test_text_is_neither_moved_nor_merged_nor_left_out():
    a = np.zeros(2, np.uint32)
    run("counted", a, threads=1)
    assert a.tolist() == [5, 4]


def tensor_kernel():
    @enigma.kernel
    def body(gA, gB):
        i = enigma.thread_position_in_grid
        enigma.inline_msl("{B}[{i}] = {A}[{i}] + 1.0f", A=gA, B=gB, i=i)

    @enigma.jit
    def show(A, B):
        body(A, B).launch(grid=(1, 1, 1), block=(THREADS, 1, 1))

    return show


KERNELS.add(
    "tensors",
    tensor_kernel(),
    enigma.Tensor("A", 0, "float", enigma.Layout(8), base_offset=2),
    enigma.Tensor("B", 1, "float", enigma.Layout(8)),
)


def test_tensors_are_pointers_to_where_they_begin():
    a, b = np.arange(10, dtype=np.float32), empty("f32", 8)
    run("tensors", a, b)
    np.testing.assert_array_equal(b, a[2:] + 1)


# The model of the log.


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('os_log_default.log_info("%d", 1u)', "%d of a message is given a uint and not a int"),
        ('os_log_default.log_info("%lu", 1u)', "is given a uint and not a ulong"),
        ('os_log_default.log_info("%f", 1)', "is given a int and not a float"),
        ('os_log_default.log_info("%d")', "too few arguments"),
        ('os_log_default.log_info("x", 1)', "too many arguments"),
        ('os_log_default.log_info("%s", 1)', "has no conversion %s"),
    ],
)
def test_wrong_arguments_of_a_message_are_faults(call, words):
    source = (
        "#include <metal_stdlib>\n#include <metal_logging>\nusing namespace metal;\n"
        f"kernel void say(uint i [[thread_position_in_grid]]) {{ {call}; }}\n"
    )
    with pytest.raises(harness.KernelCrash, match=words):
        harness.run(source, "say", threads=1)


def test_messages_need_their_header():
    source = (
        "#include <metal_stdlib>\nusing namespace metal;\n"
        'kernel void say(uint i [[thread_position_in_grid]]) { os_log_default.log("x"); }\n'
    )
    with pytest.raises(harness.CompileError, match="needs #include <metal_logging>"):
        harness.run(source, "say", threads=1)


def test_a_half_is_no_argument_of_a_message():
    source = (
        "#include <metal_stdlib>\n#include <metal_logging>\nusing namespace metal;\n"
        "kernel void say(uint i [[thread_position_in_grid]]) "
        '{ os_log_default.log("%f", half(1)); }\n'
    )
    with pytest.raises(harness.CompileError):
        harness.run(source, "say", threads=1)
