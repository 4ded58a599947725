# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators, conversions, vectors, memory and control flow compute what NumPy does."""

import operator

import numpy as np
import pytest

import enigma
from conformance import harness
from enigma.types import promote

DTYPES = {
    "i8": np.int8,
    "u8": np.uint8,
    "i16": np.int16,
    "u16": np.uint16,
    "i32": np.int32,
    "u32": np.uint32,
    "i64": np.int64,
    "u64": np.uint64,
    "f16": np.float16,
    "f32": np.float32,
}
INTEGERS = [name for name in DTYPES if name[0] != "f"]


def run(kernel, *arrays, threads=None, **options):
    """Compile and run a kernel over the elements of its first array."""
    harness.run(
        enigma.compile(kernel, **options),
        args=list(arrays),
        threads=threads or len(arrays[0]),
        block=8,
    )
    return arrays[-1]


def samples(dtype, count=24):
    rng = np.random.default_rng(7)
    kind = DTYPES[dtype]
    if dtype[0] == "f":
        return rng.integers(-40, 40, count).astype(kind) / kind(4)
    info = np.iinfo(kind)
    values = rng.integers(max(info.min, -100), min(info.max, 100), count).astype(kind)
    values[:2] = info.min, info.max
    return values


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul])
def test_arithmetic(dtype, op):
    @enigma.kernel
    def kernel(A: dtype, B: dtype, C: dtype):
        tid = enigma.thread_position_in_grid
        C[tid] = op(A[tid], B[tid])

    a, b = samples(dtype), samples(dtype)[::-1].copy()
    if dtype[0] == "i":
        # A signed integer must not overflow.
        info = np.iinfo(a.dtype)
        exact = [op(int(x), int(y)) for x, y in zip(a, b, strict=True)]
        b[[not info.min <= value <= info.max for value in exact]] = 0
    with np.errstate(over="ignore"):
        expected = op(a, b)
    np.testing.assert_array_equal(run(kernel, a, b, np.zeros_like(a)), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", [operator.floordiv, operator.mod])
@pytest.mark.parametrize("divisor", [1, 3, 4, -3, -8])
def test_floored_division(dtype, op, divisor):
    if dtype[0] == "u" and divisor < 0:
        divisor = -divisor

    @enigma.kernel
    def kernel(A: dtype, B: dtype, C: dtype):
        tid = enigma.thread_position_in_grid
        C[tid] = op(A[tid], B[tid]) - op(A[tid], divisor)

    @enigma.kernel
    def constant(A: dtype, C: dtype):
        tid = enigma.thread_position_in_grid
        C[tid] = op(A[tid], divisor)

    a = samples(dtype)
    b = np.full_like(a, divisor)
    np.testing.assert_array_equal(run(kernel, a, b, np.ones_like(a)), np.zeros_like(a))
    np.testing.assert_array_equal(run(constant, a, np.ones_like(a)), op(a, b))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_bits(dtype):
    @enigma.kernel
    def kernel(A: dtype, B: dtype, C: dtype):
        tid = enigma.thread_position_in_grid
        C[tid] = ((A[tid] & B[tid]) | (A[tid] ^ 3)) ^ ~(B[tid] << 2) ^ (A[tid] >> 1)

    a, b = samples(dtype), samples(dtype)[::-1].copy()
    expected = ((a & b) | (a ^ 3)) ^ ~(b << 2) ^ (a >> 1)
    np.testing.assert_array_equal(run(kernel, a, b, np.zeros_like(a)), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_comparisons(dtype):
    @enigma.kernel
    def kernel(A: dtype, B: dtype, C: enigma.i32):
        tid = enigma.thread_position_in_grid
        a = A[tid]
        b = B[tid]
        bits = (a < b) + (a <= b) * 2 + (a > b) * 4
        C[tid] = bits + (a >= b) * 8 + (a == b) * 16 + (a != b) * 32

    a, b = samples(dtype), samples(dtype)[::-1].copy()
    b[4] = a[4]
    tests = [a < b, a <= b, a > b, a >= b, a == b, a != b]
    expected = sum(test.astype(np.int32) << bit for bit, test in enumerate(tests))
    np.testing.assert_array_equal(run(kernel, a, b, np.zeros(len(a), np.int32)), expected)


@pytest.mark.parametrize("source", DTYPES)
def test_conversions(source):
    targets = [name for name in DTYPES if name != source]
    a = np.abs(samples(source)[2:]) if source[0] != "u" else samples(source)[2:]
    compiled = {}
    for target in targets:

        @enigma.kernel
        def kernel(A: source, B: target):
            tid = enigma.thread_position_in_grid
            B[tid] = A[tid].to(target)  # noqa: B023

        compiled[target] = enigma.compile(kernel)
        harness.declare(compiled[target])
    for target in targets:
        b = np.zeros(len(a), DTYPES[target])
        harness.run(compiled[target], args=[a, b], threads=len(a), block=8)
        np.testing.assert_array_equal(b, a.astype(DTYPES[target]))


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        ("i8", "i16", "i16"),
        ("i32", "u32", "u32"),
        ("u32", "i64", "i64"),
        ("u8", "i32", "i32"),
        ("i64", "f16", "f16"),
        ("f16", "f32", "f32"),
        ("f16", "bf16", "f32"),
        ("b1", "u8", "u8"),
    ],
)
def test_usual_arithmetic_conversions(left, right, common):
    a, b = (enigma.types.find_dtype(name) for name in (left, right))
    assert promote(a, b).name == common
    assert promote(b, a).name == common


def test_numbers_take_the_dtype_of_the_other_operand():
    @enigma.kernel
    def kernel(A: enigma.f16, B: enigma.f16):
        tid = enigma.thread_position_in_grid
        B[tid] = 1 + A[tid] * 0.5 - True

    a = samples("f16")
    assert "float" not in enigma.compile(kernel).metal_source
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a)), a * np.float16(0.5))


def test_unary_operators():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32):
        tid = enigma.thread_position_in_grid
        B[tid] = -A[tid] + abs(A[tid]) * 2 + (+A[tid]) - ~A[tid]

    a = samples("i32")[2:]
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a)), -a + abs(a) * 2 + a - ~a)


def test_powers():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, C: enigma.i32):
        tid = enigma.thread_position_in_grid
        B[tid] = A[tid] ** 2 + 2.0 ** A[tid]
        C[tid] = C[tid] ** 3

    a = np.arange(1, 9, dtype=np.float32)
    c = np.arange(-4, 4, dtype=np.int32)
    b = np.zeros_like(a)
    cubes = c**3
    run(kernel, a, b, c)
    np.testing.assert_allclose(b, a**2 + 2**a, rtol=1e-6)
    np.testing.assert_array_equal(c, cubes)


def test_bits_as_another_dtype():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.u32):
        tid = enigma.thread_position_in_grid
        B[tid] = enigma.as_type(A[tid], "uint")

    a = samples("f32")
    np.testing.assert_array_equal(run(kernel, a, np.zeros(len(a), np.uint32)), a.view(np.uint32))


def test_vectors():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        tid = enigma.thread_position_in_grid
        v = enigma.make_float4(A[tid], 1, 2.5, A[tid] * 2)
        w = v.wzyx * 2 + v
        u = enigma.make_vec(w.xy, w[3])
        B[tid * 4] = w.x
        B[tid * 4 + 1] = u.y
        B[tid * 4 + 2] = enigma.vec_extract(u, 2)
        B[tid * 4 + 3] = enigma.sqrt(abs(w)).z

    a = samples("f32")
    b = np.zeros((len(a), 4), np.float32)
    run(kernel, a, b)
    v = np.stack([a, np.full_like(a, 1), np.full_like(a, 2.5), a * 2], axis=1)
    w = v[:, ::-1] * 2 + v
    expected = np.stack([w[:, 0], w[:, 1], w[:, 3], np.sqrt(abs(w[:, 2]))], axis=1)
    np.testing.assert_allclose(b, expected, rtol=1e-6)


MATH = {
    "sqrt": np.sqrt, "exp": np.exp, "exp2": np.exp2, "log": np.log, "log2": np.log2,
    "log10": np.log10, "sin": np.sin, "cos": np.cos, "tan": np.tan, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "ceil": np.ceil,
    "floor": np.floor, "trunc": np.trunc, "sign": np.sign, "abs": np.abs,
    "rsqrt": lambda x: 1 / np.sqrt(x), "fract": lambda x: x - np.floor(x),
    "exp10": lambda x: 10**x, "sinpi": lambda x: np.sin(np.pi * x),
    "cospi": lambda x: np.cos(np.pi * x), "saturate": lambda x: np.clip(x, 0, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", MATH)
def test_math(name):
    function = getattr(enigma, name)

    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        tid = enigma.thread_position_in_grid
        B[tid] = function(A[tid])

    a = np.linspace(0.1, 3, 16, dtype=np.float32)
    expected = MATH[name](a.astype(np.float64))
    np.testing.assert_allclose(run(kernel, a, np.zeros_like(a)), expected, rtol=2e-5, atol=2e-6)


def test_predicates_and_choices():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        tid = enigma.thread_position_in_grid
        x = A[tid]
        y = enigma.where(x, 0.0, enigma.isnan(x) | enigma.isinf(x))
        B[tid] = (
            enigma.where(y, -1, enigma.signbit(y)) + enigma.clamp(y, -1, 2) + enigma.mix(y, 2, 0.5)
        )

    a = np.array([np.nan, np.inf, -np.inf, 1.5, -3, 9, 0, 2], np.float32)
    y = np.where(np.isfinite(a), a, 0)
    expected = np.where(y < 0, -1, y) + np.clip(y, -1, 2) + (y + (2 - y) * 0.5)
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a), fast_math=False), expected)


def test_integer_functions():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32, C: enigma.i32):
        tid = enigma.thread_position_in_grid
        a = A[tid]
        b = B[tid]
        x = enigma.imin(a, b) * 3 + enigma.imax(a, 7) + enigma.iclamp(b, -5, 5)
        C[tid] = x + enigma.idiv(a, 4) + enigma.abs_diff(a, b).to("int") + enigma.cmp_ult(a, b)

    a, b = samples("i32")[2:], samples("i32")[2:][::-1].copy()
    less = a.view(np.uint32) < b.view(np.uint32)
    expected = np.minimum(a, b) * 3 + np.maximum(a, 7) + np.clip(b, -5, 5)
    expected += np.trunc(a / 4).astype(np.int32) + abs(a - b) + less
    np.testing.assert_array_equal(run(kernel, a, b, np.zeros_like(a)), expected)


def test_short_circuit_does_not_load():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.u32)):
        tid = enigma.thread_position_in_grid
        hit = tid < n and A[tid] > 0
        B[tid] = (1 if hit else 0) + (A[tid] if tid < n else 10)

    a = samples("i32", 7)[2:]
    b = np.zeros(16, np.int32)
    harness.run(enigma.compile(kernel), args=[a, b, 5], threads=16, block=8)
    expected = np.full(16, 10)
    expected[:5] = a + (a > 0).astype(np.int32)
    np.testing.assert_array_equal(b, expected)


def test_predicated_accesses():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
        tid = enigma.thread_position_in_grid
        x = enigma.load_if(A, tid, tid < n, default=-1)
        enigma.store_if(B, tid, x * 2, tid < n)

    a = samples("f32", 5)
    b = np.zeros_like(a)
    harness.run(enigma.compile(kernel), args=[a, b, 5], threads=16, block=8)
    np.testing.assert_array_equal(b, a * 2)


def test_threadgroup_memory():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32):
        tile = enigma.threadgroup_alloc("float", 8)
        lane = enigma.thread_position_in_threadgroup
        tid = enigma.thread_position_in_grid
        tile[lane] = A[tid]
        enigma.barrier()
        B[tid] = tile[7 - lane]

    a = samples("f32")
    expected = a.reshape(-1, 8)[:, ::-1].ravel()
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a)), expected)


def test_registers():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32):
        tid = enigma.thread_position_in_grid
        acc = enigma.register_tensor((3, 2), "int", fill=5)
        big = enigma.register_tensor(100, "int", fill=A[tid])
        for i in enigma.range(3):
            acc[i, 1] += i * A[tid]
        B[tid] = acc[2, 1] + acc[1, 1] + acc[0, 0] + big[99]

    a = samples("i32")[2:]
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a)), 15 + 4 * a)


def test_numbers_that_a_loop_carries():
    @enigma.kernel
    def kernel(A: enigma.f16, B: enigma.f16, C: enigma.i64):
        tid = enigma.thread_position_in_grid
        total = 0
        largest = -1000
        count = 0
        i = 0
        while i < 4:
            x = A[tid * 4 + i]
            total += x
            largest = x if x > largest else largest
            count += C[tid]
            i += 1
        B[tid] = total + largest
        C[tid] = count

    a = samples("f16").reshape(-1, 4)
    b = np.zeros(len(a), np.float16)
    c = np.arange(len(a), dtype=np.int64)
    harness.run(enigma.compile(kernel), args=[a, b, c], threads=len(a), block=8)
    np.testing.assert_array_equal(b, a.sum(axis=1) + a.max(axis=1))
    np.testing.assert_array_equal(c, 4 * np.arange(len(a)))


def test_lists_that_a_loop_carries():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
        tid = enigma.thread_position_in_grid
        sums = [0.0, 0.0]
        state = {"last": (0.0, 1.0)}
        for i in enigma.range(n):
            for k in range(2):
                sums[k] += A[i * 2 + k]
            state["last"] = (state["last"][1], A[i])
        B[tid * 4] = sums[0]
        B[tid * 4 + 1] = sums[1]
        B[tid * 4 + 2] = state["last"][0]
        B[tid * 4 + 3] = state["last"][1]

    a = samples("f32", 12)
    b = np.zeros(4, np.float32)
    harness.run(enigma.compile(kernel), args=[a, b, 6], threads=1)
    np.testing.assert_array_equal(b, [a[::2].sum(), a[1::2].sum(), a[4], a[5]])


def test_context_managers():
    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32)):
        tid = enigma.thread_position_in_grid
        with enigma.for_range(0, n, init=A[tid]) as (i, carry):
            carry += A[tid] * i.to("float")
        with enigma.for_range(0, 4, 2, init=(0, 1.0)) as (i, pair):
            pair[0] = pair[0] + i
            pair[1] = pair[1] * 2
        steps = enigma.register_tensor(1, "int")
        with enigma.while_(lambda: steps[0] < 3):
            steps[0] += 1
        with enigma.if_(A[tid] > 0) as (then, else_):
            with then:
                B[tid] = carry + pair[1]
            with else_:
                B[tid] = -carry + pair[0] + steps[0]

    a = samples("f32")
    b = np.zeros_like(a)
    harness.run(enigma.compile(kernel), args=[a, b, 3], threads=len(a), block=8)
    np.testing.assert_array_equal(b, np.where(a > 0, a * 4 + 4, -a * 4 + 2 + 3))


def test_python_while_tracing():
    @enigma.func
    def polynomial(x, coefficients, scale=1.0):
        result = coefficients[0]
        for c in coefficients[1:]:
            result = result * x + c
        return result * scale

    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.f32, degree: enigma.constexpr = 3):
        tid = enigma.thread_position_in_grid
        names = {f"c{i}": float(i) for i in range(degree + 1)}
        assert degree < 9, "static"
        values = [names[f"c{i}"] for i in range(degree + 1) if i != 1 or degree > 0]
        x = A[tid]
        B[tid] = polynomial(x, values) + (y := x * 2) * y if degree else x

    a = samples("f32")
    expected = ((0 * a + 1) * a + 2) * a + 3 + (a * 2) ** 2
    np.testing.assert_allclose(run(kernel, a, np.zeros_like(a)), expected, rtol=1e-6)
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a), constants={"degree": 0}), a)


def test_thread_queries():
    @enigma.kernel
    def kernel(A: enigma.u32):
        x, y, z = enigma.arch.thread_idx()
        width, height, _ = enigma.arch.block_dim()
        group = enigma.arch.block_idx()
        pos = enigma.thread_position_in_grid
        size = enigma.grid_size
        linear = (pos("z") * size.y + pos.y) * size.x + pos
        A[linear] = x + y * width + z * width * height + 100 * group[0] + 1000 * group[1]

    a = np.zeros((2, 6, 8), np.uint32)
    harness.run(enigma.compile(kernel), args=[a], grid=(2, 2, 1), block=(4, 3, 2))
    z, y, x = np.indices(a.shape)
    expected = x % 4 + y % 3 * 4 + z * 12 + 100 * (x // 4) + 1000 * (y // 3)
    np.testing.assert_array_equal(a, expected)


def test_function_constants():
    @enigma.kernel
    def kernel(A: enigma.i32):
        scale = enigma.function_constant(enigma.i32, 3)
        tid = enigma.thread_position_in_grid
        A[tid] = A[tid] * scale

    compiled = enigma.compile(kernel)
    assert "constant int scale [[function_constant(3)]];" in compiled.metal_source
    a = np.arange(8, dtype=np.int32)
    harness.run(compiled, args=[a], threads=8, constants={3: 5})
    np.testing.assert_array_equal(a, np.arange(8) * 5)


def test_condition_that_binds_a_variable():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32):
        steps = 0
        position = enigma.thread_position_in_grid.to("int")
        while (position := A[position]) != 0 and steps < 9:
            steps += position
        B[enigma.thread_position_in_grid] = steps * 100 + position

    a = np.array([0, 3, 1, 2, 5, 0, 2, 4], np.int32)
    expected = []
    for start in range(len(a)):
        steps, position = 0, start
        while (position := int(a[position])) != 0 and steps < 9:
            steps += position
        expected.append(steps * 100 + position)
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a)), expected)


def test_condition_that_binds_a_new_variable():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32):
        steps = enigma.thread_position_in_grid.to("int")
        while (x := A[steps]) > 0:
            steps += x
        B[enigma.thread_position_in_grid] = steps * 100 + x

    a = np.array([1, 2, 1, -3, 2, 1, -1, -8], np.int32)
    expected = [3 * 100 - 3, 3 * 100 - 3, 3 * 100 - 3, 3 * 100 - 3, 6 * 100 - 1, 6 * 100 - 1]
    expected += [6 * 100 - 1, 7 * 100 - 8]
    np.testing.assert_array_equal(run(kernel, a, np.zeros_like(a)), expected)


def test_early_exits_of_a_kernel():
    @enigma.kernel
    def kernel(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.i32)):
        tid = enigma.thread_position_in_grid
        for i in enigma.range(n):
            if A[i] == tid:
                return
            if A[i] > tid + 3:
                break
        else:
            B[tid] = 3
        B[tid] += 1

    a = np.array([0, 1, 2, 9, 4], np.int32)
    b = np.zeros(8, np.int32)
    harness.run(enigma.compile(kernel), args=[a, b, len(a)], threads=8, block=8)
    np.testing.assert_array_equal(b, [0, 0, 0, 1, 1, 1, 4, 4])
