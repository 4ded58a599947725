# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Defaults of function constants, and tables of numbers that kernels bring along."""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

import pickle
import time
from types import SimpleNamespace

import numpy as np
import pytest

import enigma
from conformance import harness
from conformance.emitted import (
    FLOATS,
    INTEGERS,
    NUMPY,
    Kernels,
    dtype_of,
    launch,
    sample,
    values_of,
)
from enigma import Scalar, f32, i32, u32

KERNELS = Kernels()
DTYPES = (*FLOATS, *INTEGERS, "b1")


def refused(function, error=enigma.EnigmaError):
    """Compile a kernel with a wrong line, and give the text of the error."""

    @enigma.kernel
    def kernel(A: f32, at: u32):
        function(A, at)

    with pytest.raises(error) as caught:
        enigma.compile(kernel)
    assert "test_emitted_constants.py:" in str(caught.value)
    assert caught.value.help
    # Without the line of the source, which has what is looked for.
    return f"{caught.value.summary}; {caught.value.help}"


# Function constants.

DEFAULTS = {"b1": True, "f32": -1.5, "f16": 0.25, "bf16": 3.0}


def constant_with_default(name):
    dtype = dtype_of(name)

    @enigma.kernel
    def kernel(out: dtype, flags: i32):
        size = enigma.function_constant(dtype, 7, default=DEFAULTS.get(name, 100))
        i = enigma.thread_position_in_grid
        out[i] = size
        if size != 0:
            flags[i] = 1

    return kernel


for name in DTYPES:
    KERNELS.add(("default", name), constant_with_default(name))


@pytest.mark.parametrize("name", DTYPES)
def test_defaults(name):
    kernel = KERNELS["default", name]
    default = DEFAULTS.get(name, 100)
    (declared,) = kernel.function_constants
    assert declared == enigma.FunctionConstant("size", 7, dtype_of(name), default)
    type_name = dtype_of(name).metal_name
    text = kernel.metal_source
    assert f"constant {type_name} size_ [[function_constant(7)]];\n" in text
    assert f"constant {type_name} size = is_function_constant_defined(size_) ? size_ : " in text
    given = sample(name, 4, np.random.default_rng(10))
    zero = np.zeros(1, NUMPY[name])[0]
    for value in (None, *given, zero):
        out, flags = np.zeros(3, NUMPY[name]), np.zeros(3, np.int32)
        expected = default if value is None else values_of(name, np.array([value]))[0]
        # The harness takes bf16 as a number.
        constants = {} if value is None else {7: float(expected) if name == "bf16" else value}
        launch(kernel, out, flags, threads=3, constants=constants)
        np.testing.assert_array_equal(values_of(name, out), np.full(3, expected))
        assert flags.tolist() == [int(expected != 0)] * 3


EXTREMES = [
    ("i8", -128),
    ("u8", 255),
    ("i32", -(2**31)),
    ("u32", 2**32 - 1),
    ("i64", -(2**63)),
    ("u64", 2**64 - 1),
    ("f32", float("inf")),
    ("f32", float("nan")),
    ("f32", -0.0),
    ("f16", 65504),
    ("f16", float("-inf")),
    ("bf16", -0.0),
    ("b1", False),
]


def extreme_default(name, value):
    dtype = dtype_of(name)

    @enigma.kernel
    def kernel(out: dtype):
        out[0] = enigma.function_constant(dtype, 0, default=value)

    return kernel


for case in EXTREMES:
    # Of what fast math does without there are warnings.
    KERNELS.add(("extreme", str(case)), extreme_default(*case), fast_math=False)


@pytest.mark.parametrize("case", EXTREMES, ids=str)
def test_extreme_defaults(case):
    name, value = case
    out = np.zeros(1, NUMPY[name])
    launch(KERNELS["extreme", str(case)], out, threads=1, constants={})
    if name == "bf16":
        expected = harness.to_bfloat(np.float32([value]))
    else:
        expected = np.array([value], NUMPY[name])
    assert out.tobytes() == expected.tobytes()


def test_what_a_host_learns_of_function_constants():
    @enigma.kernel
    def kernel(A: f32):
        scale = enigma.function_constant(f32, 9, default=0.1)
        unused = enigma.function_constant(u32, 1)  # noqa: F841
        A[0] = scale * enigma.function_constant(f32, 2)

    compiled = enigma.compile(kernel)
    assert [(c.name, c.index, c.dtype) for c in compiled.function_constants] == [
        ("function_constant_2", 2, f32),
        ("scale", 9, f32),
    ]
    assert compiled.function_constants[0].default is None
    # As the dtype rounds it.
    assert compiled.function_constants[1].default == float(np.float32(0.1))
    for again in (
        pickle.loads(pickle.dumps(compiled)),
        enigma.CompiledKernel.from_json(compiled.to_json()),
    ):
        assert again.function_constants == compiled.function_constants
    assert "unused" not in compiled.metal_source


def test_defaults_that_do_not_fit():
    def with_default(dtype, default):
        return refused(
            lambda A, at: A.__setitem__(0, enigma.function_constant(dtype, 0, default).to(f32))
        )

    assert "256 does not fit u8" in with_default(enigma.u8, 256)
    assert "-1 does not fit u8" in with_default(enigma.u8, -1)
    assert "is a str" in with_default(enigma.u8, "many")
    assert "the largest f16 is 65504" in with_default(enigma.f16, 1e6)

    @enigma.kernel
    def traced(A: i32):
        A[0] = enigma.function_constant(i32, 0, default=A[1])

    with pytest.raises(enigma.EnigmaError, match="write a number"):
        enigma.compile(traced)


def test_two_that_differ_are_refused_with_both_lines():
    def refusal(kernel):
        with pytest.raises(enigma.EnigmaError) as caught:
            enigma.compile(kernel)
        first = kernel.function.__code__.co_firstlineno + 2
        assert f"test_emitted_constants.py:{first + 1}: " in str(caught.value)
        assert f"test_emitted_constants.py:{first}" in caught.value.summary
        return str(caught.value)

    @enigma.kernel
    def other_dtype(A: i32):
        low = enigma.function_constant(i32, 4)
        high = enigma.function_constant(u32, 4)
        A[0] = low + high.to(i32)

    assert "is a i32 already, and now a u32" in refusal(other_dtype)

    @enigma.kernel
    def other_default(A: i32):
        low = enigma.function_constant(i32, 4, default=1)
        high = enigma.function_constant(i32, 4, default=2)
        A[0] = low + high

    assert "another one than that of low" in refusal(other_default)

    @enigma.kernel
    def one_line(A: i32):
        for default in (1, 2):
            A[default] = enigma.function_constant(i32, 4, default=default)

    with pytest.raises(enigma.EnigmaError, match="must be 1, as it was before, not 2"):
        enigma.compile(one_line)


@enigma.kernel
def first_of_two(A):
    A[0] = enigma.function_constant(i32, 3, default=5)


@enigma.kernel
def second_of_two(A):
    tile = A[0]
    A[1] = tile + enigma.function_constant(i32, 3, default=5)


@enigma.jit
def two_kernels(A):
    first_of_two(A).launch(grid=1, block=1)
    second_of_two(A).launch(grid=1, block=1)


def test_function_constants_of_a_program():
    program = enigma.compile(two_kernels, enigma.Tensor("A", 0, "int", shape=2), emit_only=True)
    assert program.metal_source.count("[[function_constant(3)]]") == 1
    a = np.zeros(2, np.int32)
    for kernel in program.kernels:
        harness.run(kernel, args=[a], grid=1, constants={3: 7})
        assert [constant.index for constant in kernel.function_constants] == [3]
    assert a.tolist() == [7, 14]


# Tables.

ROWS = np.arange(12).reshape(3, 4)


def numbers(name):
    """Elements of a dtype with its extremes: as an array, and the bytes that loads must give."""
    if name in FLOATS:
        values = [0.0, -0.0, np.inf, -np.inf, np.nan, 0.1, -2.5, 3.0]
        tiny = {"f32": [1e-45, 3.4e38], "f16": [6e-8, 65504.0], "bf16": [1e-40, 3.3e38]}[name]
        values = np.array([*values, *tiny], np.float32)
        return harness.to_bfloat(values) if name == "bf16" else values.astype(NUMPY[name])
    return sample(name, 10, np.random.default_rng(3))


def table_kernel(name):
    dtype = dtype_of(name)
    values = numbers(name)
    if name == "bf16":
        values = harness.from_bfloat(values)
    weights = enigma.constant_array(values.reshape(2, 5).tolist(), dtype)

    @enigma.kernel
    def kernel(out: dtype, at: u32):
        i = enigma.thread_position_in_grid
        k = at[i]
        out[i] = weights[k // 5, k % 5]

    return kernel


def captured_kernel(name):
    dtype = dtype_of(name)
    weights = numbers(name)

    @enigma.kernel
    def kernel(out: dtype, at: u32):
        i = enigma.thread_position_in_grid
        out[i] = weights[at[i]]

    return kernel


for name in DTYPES:
    KERNELS.add(("table", name), table_kernel(name), fast_math=False)
    if name != "bf16":
        KERNELS.add(("captured", name), captured_kernel(name), fast_math=False)
        KERNELS.add(("captured", name, 4), captured_kernel(name), vec_width=4, fast_math=False)


@pytest.mark.parametrize("key", list(k for k in KERNELS._make if k[0] in ("table", "captured")))
def test_tables_of_every_dtype(key):
    kernel, values = KERNELS[key], numbers(key[1])
    assert f"constant {dtype_of(key[1]).metal_name} weights[10] = {{" in kernel.metal_source
    at = np.uint32([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 5, 5])
    out = np.zeros(12, values.dtype)
    launch(kernel, out, at, threads=12)
    assert out.tobytes() == values[at].tobytes()


COEFFICIENTS = enigma.constant_array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], f32)


@enigma.kernel
def selections(out: f32, at: u32):
    i, j = at[0], at[1]
    # An element, a row, a column, a part, an element by its number; all numbers give a number.
    out[0] = COEFFICIENTS[i, j]
    row = COEFFICIENTS[i]
    out[1] = row[j]
    out[2] = COEFFICIENTS[:, 1][i]
    out[3] = COEFFICIENTS[1:, ::2][i, j]
    out[4] = COEFFICIENTS[-1, j]
    out[5] = COEFFICIENTS[..., j][i]
    out[6] = row[-1]
    assert COEFFICIENTS[1, -1] == 8
    assert COEFFICIENTS[1][2] == 7
    assert COEFFICIENTS.shape == (3, 4)
    assert len(COEFFICIENTS) == 3
    assert COEFFICIENTS.size == 12
    total = 0
    for line in COEFFICIENTS:
        total = total + line[j]
    out[7] = total
    narrow = at[2].to(enigma.i8)
    out[8] = WIDE[narrow, narrow]
    out[9] = enigma.load_if(COEFFICIENTS, (i, j), i < 9, default=-1)
    out[10] = enigma.load_if(COEFFICIENTS, (i + 100, j), i > 9, default=-1)
    out[11] = enigma.where(COEFFICIENTS[i, 0], COEFFICIENTS[0, j], i < j)


WIDE = np.arange(100 * 100, dtype=np.float32).reshape(100, 100)
KERNELS.add("selections", selections)


def test_selections():
    w = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
    out = np.zeros(12, np.float32)
    launch(KERNELS["selections"], out, np.uint32([1, 1, 99]), threads=1)
    expected = [w[1, 1], w[1, 1], w[1, 1], w[1:, ::2][1, 1], w[-1, 1], w[1, 1], w[1, -1]]
    expected += [w[:, 1].sum(), WIDE[99, 99], w[1, 1], -1, w[1, 0]]
    np.testing.assert_array_equal(out, expected)
    text = KERNELS["selections"].metal_source
    # One table for all that is read of it.
    assert text.count("constant float COEFFICIENTS[12]") == 1
    assert text.count("constant float ") == 2


TABLES = SimpleNamespace(weights=ROWS.astype(np.float32), inner={"more": ROWS.astype(np.int16)})


@enigma.func
def helper(table, i):
    return table[i]


def reached_kernel():
    local = [ROWS.astype(np.uint8), ROWS.astype(np.float16)]

    @enigma.kernel
    def reached(out: f32, at: u32, given: enigma.constexpr):
        i = at[0]
        out[0] = TABLES.weights[i, 1]
        out[1] = TABLES.inner["more"][2, i]
        out[2] = local[0][i][2]
        out[3] = local[1][i, i]
        out[4] = given[i]
        out[5] = helper(given, i)
        if i > 0:
            out[6] = given[i] + TABLES.weights[i - 1, i]
        for k in enigma.range(4):
            out[7] = out[7] + TABLES.weights[i, k]
        picked = given[i] if i < 2 else given[i - 1]
        out[8] = picked

    return reached


KERNELS.add(
    "reached", reached_kernel(), constants={"given": np.array([10.0, 20.0, 30.0], np.float32)}
)


def test_arrays_that_are_reached():
    kernel = KERNELS["reached"]
    out = np.zeros(9, np.float32)
    launch(kernel, out, np.uint32([1]), threads=1)
    expected = [5, 9, 6, 5, 20, 20, 20 + 1, 4 + 5 + 6 + 7, 20]
    np.testing.assert_array_equal(out, expected)
    for declaration in (
        "float weights[12]",
        "short inner[12]",
        "uchar local[12]",
        "float given[3]",
    ):
        assert f"constant {declaration} = {{" in kernel.metal_source
    assert kernel.metal_source.count("= {\n") == 5


def test_a_table_made_in_a_kernel():
    @enigma.kernel
    def kernel(out: i32):
        i = enigma.thread_position_in_grid
        squares = enigma.constant_array([k * k for k in range(5)])
        out[i] = squares[i]

    compiled = enigma.compile(kernel, emit_only=True)
    assert "constant int squares[5] = {\n    0, 1, 4, 9, 16,\n};" in compiled.metal_source
    out = np.zeros(5, np.int32)
    launch(compiled, out, threads=5)
    assert out.tolist() == [0, 1, 4, 9, 16]


def test_a_subscript_that_turns_out_to_be_a_number():
    @enigma.kernel
    def kernel(out: i32):
        squares = enigma.constant_array([1, 4, 9])
        two = enigma.thread_position_in_grid * 0 + 2
        out[0] = squares[two]

    text = enigma.compile(kernel, emit_only=True).metal_source
    assert "out[0] = 9;" in text
    assert "squares" not in text


def test_equal_tables_are_one():
    first = np.float32([1, 2, 3])
    second = enigma.constant_array([1.0, 2.0, 3.0])
    bits = enigma.constant_array([1, 2, 3])

    @enigma.kernel
    def kernel(out: f32, at: u32):
        i = at[0]
        out[0] = first[i] + second[i] + bits[i]

    text = enigma.compile(kernel, emit_only=True).metal_source
    assert text.count("= {\n") == 2
    assert "second" not in text

    @enigma.kernel
    def one(A):
        A[A[0].to(u32)] = first[A[0].to(u32)]

    @enigma.kernel
    def other(A):
        A[A[0].to(u32) + 1] = second[A[0].to(u32)]

    @enigma.jit
    def program(A):
        one(A).launch(grid=1, block=1)
        other(A).launch(grid=1, block=1)

    compiled = enigma.compile(program, enigma.Tensor("A", 0, "float", shape=9), emit_only=True)
    assert compiled.metal_source.count("= {\n") == 1
    a = np.float32([2, 0, 0, 0, 0, 0, 0, 0, 0])
    harness.run(compiled.kernels[0], args=[a], grid=1)
    harness.run(compiled.kernels[1], args=[a], grid=1)
    assert a.tolist() == [2, 0, 3, 3, 0, 0, 0, 0, 0]


def test_an_array_that_changes():
    weights = np.float32([1, 2])
    made = enigma.constant_array(weights)

    @enigma.kernel
    def kernel(out: f32, at: u32):
        out[0] = weights[at[0]]
        out[1] = made[at[0]]

    def result(compiled):
        out = np.zeros(2, np.float32)
        launch(compiled, out, np.uint32([1]), threads=1)
        return out.tolist()

    before = enigma.compile(kernel, emit_only=True)
    weights[1] = 7
    after = enigma.compile(kernel, emit_only=True)
    assert result(before) == [2, 2]
    assert result(after) == [7, 2]

    @enigma.kernel
    def changing(out: f32, at: u32):
        own = weights.copy()
        out[0] = own[at[0]]
        own[1] = 9
        out[1] = own[at[0]]

    assert result(enigma.compile(changing, emit_only=True)) == [7, 9]


@enigma.kernel
def through_a_layout(out: f32):
    i = enigma.thread_position_in_grid
    columns = enigma.make_tensor(COEFFICIENTS, enigma.Layout((3, 4), (4, 1)))
    second = enigma.make_tensor(COEFFICIENTS[1], enigma.Layout(4, 1))
    out[i] = columns[i % 3, i // 3] + 100 * second[i % 4]
    tile = enigma.threadgroup_alloc(f32, 12)
    enigma.copy(COEFFICIENTS, tile, 12)
    out[12 + i] = tile[i]
    if i == 0:
        fragment = columns[1, None].load()
        out[24] = fragment[0] + fragment[3]


KERNELS.add("layout", through_a_layout)


def test_a_table_through_a_layout():
    w = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
    out = np.zeros(25, np.float32)
    launch(KERNELS["layout"], out, threads=12)
    expected = [w[i % 3, i // 3] + 100 * w[1, i % 4] for i in range(12)]
    np.testing.assert_array_equal(out, [*expected, *w.ravel(), w[1, 0] + w[1, 3]])


BIASES = np.arange(64, dtype=np.float32) / 7


@enigma.kernel
def add_biases(A: f32, B: f32, n: Scalar(u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = A[i] + BIASES[i]


for width in (0, 2, 4):
    KERNELS.add(("biases", width), add_biases, vec_width=width)


@pytest.mark.parametrize("width", [0, 2, 4])
def test_vectors_of_tables(width):
    kernel = KERNELS["biases", width]
    if width:
        assert f"alignas({4 * width}) constant float BIASES[64]" in kernel.metal_source
        assert f"*(constant float{width}*)(BIASES + base)" in kernel.metal_source
    a, b = np.random.default_rng(1).standard_normal((2, 61), np.float32)
    launch(kernel, a, b, 61, threads=64)
    np.testing.assert_array_equal(b, a + BIASES[:61])


ELEMENTS = [
    (name, lanes, packed)
    for name in (*FLOATS, *INTEGERS)
    for lanes in (2, 3, 4)
    for packed in (False, True)
]


def vector_numbers(name, lanes):
    values = np.arange(6 * lanes).reshape(2, 3, lanes) % 50
    return values / 4 if name in FLOATS else values


def vector_table(name, lanes, packed):
    element = enigma.vec(dtype_of(name), lanes, packed)
    own = dtype_of(name)
    rows = enigma.constant_array(vector_numbers(name, lanes).tolist(), element)

    @enigma.kernel
    def kernel(out: element, at: u32, lane: own):
        i = enigma.thread_position_in_grid
        row = rows[at[i] // 3]
        out[i] = row[at[i] % 3]
        lane[2 * i] = rows[at[i] // 3, 1].y
        lane[2 * i + 1] = (rows[1, 0] + rows[at[i] // 3, 2]).x

    return kernel


for element in ELEMENTS:
    KERNELS.add(("vectors", *element), vector_table(*element))


@pytest.mark.parametrize(("name", "lanes", "packed"), ELEMENTS)
def test_tables_of_vectors(name, lanes, packed):
    kernel, values = KERNELS["vectors", name, lanes, packed], vector_numbers(name, lanes)
    element = enigma.vec(dtype_of(name), lanes, packed)
    assert f"(constant {element.metal_name}*)rows)[" in kernel.metal_source
    at = np.uint32([5, 4, 3, 2, 1, 0, 2, 5])
    space = element.nbytes // element.scalar.nbytes
    out, lane = np.zeros((8, space), NUMPY[name]), np.zeros((8, 2), NUMPY[name])
    launch(kernel, out, at, lane, threads=8)
    flat = values.reshape(6, lanes)
    np.testing.assert_array_equal(values_of(name, out)[:, :lanes], flat[at])
    expected = np.stack([values[at // 3, 1, 1], values[1, 0, 0] + values[at // 3, 2, 0]], axis=1)
    np.testing.assert_array_equal(values_of(name, lane), expected)


def test_tables_of_vectors_outside_of_kernels():
    table = enigma.constant_array(np.arange(12, dtype=np.float32).reshape(4, 3), "float3")
    assert table.dtype is enigma.vec(f32, 3)
    assert table.shape == (4,)
    assert table[-1] == (9.0, 10.0, 11.0)
    assert list(pickle.loads(pickle.dumps(table[::2]))) == [table[0], table[2]]
    assert list(enigma.constant_array(table)) == list(table)
    packed = enigma.constant_array(table[1:], enigma.vec(i32, 3, packed=True))
    assert list(packed) == [(3, 4, 5), (6, 7, 8), (9, 10, 11)]
    assert enigma.constant_array(table, f32).shape == (4, 3)
    for values in ([1, 2, 3], [[1, 2], [3, 4]]):
        with pytest.raises(enigma.EnigmaError, match="the 3 lanes"):
            enigma.constant_array(values, "float3")


def test_large_tables_compile_in_no_time():
    large = np.random.default_rng(1).standard_normal(100_000).astype(np.float32)

    @enigma.kernel
    def kernel(A: f32, at: u32):
        i = enigma.thread_position_in_grid
        A[i] = large[at[i]] + large[99_999 - at[i]]

    enigma.compile(kernel, emit_only=True)
    start = time.process_time()
    compiled = enigma.compile(kernel, emit_only=True)
    assert time.process_time() - start < 10
    assert compiled.metal_source.count("constant float large[100000]") == 1
    a, at = np.zeros(3, np.float32), np.uint32([0, 50_000, 99_999])
    launch(compiled, a, at, threads=3)
    np.testing.assert_array_equal(a, large[at] + large[99_999 - at])


def test_writes_are_refused():
    local = np.float32([1, 2])
    table = enigma.constant_array([1, 2, 3])

    def store(A, at):
        table[at[0]] = 1

    assert "cannot be written" in refused(store)
    with pytest.raises(enigma.EnigmaError, match="cannot be written"):
        table[0] = 1

    @enigma.kernel
    def to_an_array(at: u32):
        local[at[0]] = 1

    with pytest.raises(enigma.EnigmaError, match=r"enigma\.constant_array, a buffer"):
        enigma.compile(to_an_array)

    def atomic(A, at):
        enigma.atomic_fetch_add(table, at[0], 1)

    assert "i32 in constant memory" in refused(atomic)

    def masked(A, at):
        enigma.store_if(table, at[0], 1, A[0] > 0)

    assert "cannot be written" in refused(masked)


def test_subscripts_that_are_refused():
    table = enigma.constant_array([[1, 2, 3], [4, 5, 6]])
    cases = [
        ("subscript 2 is outside of an extent of 2", lambda i: table[2, i]),
        ("subscript -4 is outside of an extent of 3", lambda i: table[i, -4]),
        ("2 dimensions, and is given 3 subscripts", lambda i: table[i, i, i]),
        ("indexed by a float", lambda i: table[i, 0.5]),
        ("indexed by a traced f32", lambda i: table[i.to(f32), 0]),
        ("indexed by None", lambda i: table[None, i]),
        ("indexed by a list", lambda i: table[[0, 1], i]),
        ("indexed by a str", lambda i: table["a", i]),
        ("a slice of", lambda i: table[i, 0:i]),
        ("has no elements", lambda i: table[i, 3:]),
        ("2 dimensions, and is accessed at", lambda i: enigma.load_if(table, i, i < 3)),
        ("enigma.atomic_load", lambda i: enigma.atomic_load(table, (i, 0))),
        ("not consecutive", lambda i: enigma.make_tensor(table[:, 1], enigma.Layout(2))),
        ("reaches to element 3", lambda i: enigma.make_tensor(table[0], enigma.Layout(4))),
        ("constant array", lambda i: table + i),
        ("constant array", lambda i: 1 if table else 2),
    ]
    for expected, function in cases:
        assert expected in refused(lambda A, at, function=function: function(at[0])), expected
    outside = [lambda: table[2, 0], lambda: table[0, 1, 2], lambda: table[0.5]]
    for function in outside:
        with pytest.raises(enigma.EnigmaError, match="the constant array"):
            function()


@pytest.mark.parametrize(
    ("values", "message", "remedy"),
    [
        (np.zeros(3), "no elements of float64", "astype(np.float32), or enigma.constant_array"),
        (np.zeros(3, complex), "no elements of complex128", "real and of the imaginary"),
        (np.zeros(3, object), "no elements of object", "astype(np.float32)"),
        (np.zeros(3, ">f4"), "another order", "newbyteorder"),
        (np.zeros(3, "datetime64[s]"), "no elements of datetime64", "astype"),
        (np.zeros(3, [("a", "f4")]), "no elements of", "astype"),
        (np.zeros((2, 0), np.float32), "has no elements", "at least one"),
        (np.zeros(1 << 21, np.uint8), "2097152 elements are more than", "as a buffer"),
    ],
)
def test_arrays_that_are_refused(values, message, remedy):
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.constant_array(values)
    assert message in str(caught.value)
    assert remedy in caught.value.help

    @enigma.kernel
    def kernel(A: f32, at: u32):
        A[0] = values[at[0]]

    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(kernel)
    assert message in str(caught.value)
    assert "A[0] = values[at[0]]" in str(caught.value)
    assert "the array values" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "dtype", "message"),
    [
        ([], None, "has no elements"),
        ([[], []], None, "has no elements"),
        (3, None, "a number"),
        ("text", None, "a str"),
        ([1, "a"], None, "a str"),
        ([[1, 2], [3]], None, "different lengths (1, 2)"),
        ([[1, 2], 3], None, "different lengths (0, 2)"),
        ([1, [2]], None, "a list"),
        ([1, 2.5], i32, "2.5 does not fit i32"),
        ([300], enigma.u8, "300 does not fit u8"),
        ([-1, 2**64 - 1], None, "no integer dtype holds both"),
        ([2**64], None, "no integer dtype holds both"),
        ([1e39], f32, "1e+39 does not fit f32"),
        (np.float64([1e39]), f32, "does not fit f32"),
        (np.zeros(2, complex), f32, "no elements of complex128"),
        ([1], "doble", "doble"),
    ],
)
def test_values_that_are_refused(values, dtype, message):
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.constant_array(values, dtype)
    assert message in str(caught.value)


def test_dtypes_of_tables():
    def dtype(values):
        return enigma.constant_array(values).dtype

    assert dtype([True, False]) is enigma.b1
    assert dtype([1, 2]) is i32
    assert dtype([1, 2**31]) is enigma.i64
    assert dtype([1, 2**63]) is enigma.u64
    assert dtype([1, 2.5]) is f32
    assert dtype(np.arange(3)) is enigma.i64
    assert dtype(range(3)) is i32
    assert dtype([np.float32(1), np.int8(3)]) is f32
    table = enigma.constant_array(np.float64([0.1, np.nan]), f32)
    assert table[0] == float(np.float32(0.1))
    assert np.isnan(table[1])
    assert enigma.constant_array(table, enigma.f16).dtype is enigma.f16
    assert [list(row) for row in enigma.constant_array(ROWS[:, ::2], i32)] == ROWS[:, ::2].tolist()
    again = pickle.loads(pickle.dumps(COEFFICIENTS[1:, ::2]))
    assert [list(row) for row in again] == [[5, 7], [9, 11]]
