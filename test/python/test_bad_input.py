# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What goes wrong is said clearly: where, what was found, and what to do."""

import linecache

import numpy as np
import pytest

import enigma
from refusals import check_said

HERE = __file__


def error_of(build, kind=enigma.EnigmaError, **options):
    """Compile what `build` gives, and return the error; it names a line of this file."""
    with pytest.raises(kind) as caught:
        enigma.compile(build(), **options)
    assert isinstance(caught.value, enigma.EnigmaError)
    return caught.value


def check(error, line_text, *parts):
    """The error points at the line of this file that contains `line_text`, and says `parts`."""
    assert error.location is not None
    assert error.location.filename == HERE
    assert line_text in linecache.getline(HERE, error.location.line)
    text = str(error)
    assert text.startswith(f"{HERE}:{error.location.line}: ")
    assert linecache.getline(HERE, error.location.line).strip() in text
    check_said(error, *parts)


# Signatures.


def test_missing_annotation():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, n):
            A[0] = 0

        return kernel

    check(error_of(build, TypeError), "@enigma.kernel", "'n'", "no annotation", "enigma.Scalar")


@pytest.mark.parametrize("dtype", ["flaot", "double", 3, None, int, np.float32])
def test_unknown_dtype(dtype):
    def build():
        @enigma.kernel
        def kernel(A: dtype):
            A[0] = 0

        return kernel

    error = error_of(build, TypeError)
    check(error, "@enigma.kernel", "is no dtype", "f32, f16, bf16")
    if dtype == "flaot":
        assert "did you mean 'float'?" in str(error)
    if dtype == "double":
        assert "no 8-byte float" in str(error)


def test_unknown_dtype_of_a_scalar():
    with pytest.raises(enigma.EnigmaError, match="is no dtype"):
        enigma.Scalar("quux")


def test_variadic_parameter():
    def build():
        @enigma.kernel
        def kernel(*buffers: enigma.f32):
            pass

        return kernel

    check(error_of(build), "@enigma.kernel", "*buffers")


def test_default_of_a_buffer():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32 = 1):
            A[0] = 0

        return kernel

    check(error_of(build), "@enigma.kernel", "default")


def test_more_than_31_buffers():
    names = [f"A{i}" for i in range(32)]

    def kernel(A):
        A[0] = 0

    kernel.__annotations__ = {"A": enigma.f32}
    source = f"def many({', '.join(f'{n}: f32' for n in names)}):\n    pass\n"
    scope = {"f32": enigma.f32}
    exec(source, scope)
    with pytest.raises(enigma.EnigmaError, match="32 buffers and scalars; Metal has 31"):
        enigma.compile(enigma.kernel(scope["many"]))


# Functions.


def test_lambda():
    with pytest.raises(enigma.EnigmaError, match="lambda"):
        enigma.compile(enigma.kernel(lambda: None))


def test_no_source():
    scope = {}
    exec("def kernel(): pass", scope)
    with pytest.raises(enigma.EnigmaError, match="source of kernel cannot be found"):
        enigma.compile(enigma.kernel(scope["kernel"]))


def endless(x):
    return endless(x) + 1.0


def twice(inner):
    @enigma.func
    def outer(x):
        return inner(x) * 2.0

    return outer


def calls_in_one_another(count):
    function = twice(enigma.exp)
    for _ in range(count):
        function = twice(function)
    return function


@pytest.mark.parametrize("function", [endless, calls_in_one_another(2000)], ids=["func", "funcs"])
def test_calls_are_nested_too_deeply(function):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = function(A[1])

    with pytest.raises(enigma.EnigmaError, match="nested deeper than Python allows") as caught:
        enigma.compile(kernel)
    assert caught.value.location.filename == __file__
    assert "inner(x)" in str(caught.value) or "endless(x)" in str(caught.value)
    assert "as a loop" in caught.value.help


@pytest.mark.parametrize("thing", [3, None, "kernel", print, lambda: None, enigma.f32])
def test_not_a_kernel(thing):
    with pytest.raises(TypeError, match=r"expects a function decorated with @enigma\.kernel"):
        enigma.compile(thing)


def test_a_helper_is_no_kernel():
    @enigma.func
    def helper(x):
        return x

    with pytest.raises(TypeError, match=r"the @enigma\.func helper"):
        enigma.compile(helper)


@pytest.mark.parametrize("width", [1, 3, 8, -1, True, "4", None, 4.0])
def test_vec_width(width):
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = 0

    with pytest.raises(ValueError, match="vec_width must be 0"):
        enigma.compile(kernel, vec_width=width)


def test_generator():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            yield A[0]

        return kernel

    check(error_of(build), "@enigma.kernel", "generator")


def test_kernel_that_returns_a_value():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            return A[0]

        return kernel

    check(error_of(build), "@enigma.kernel", "returns a value")


def test_constants():
    @enigma.kernel
    def kernel(A: enigma.f32, n: enigma.constexpr):
        A[n] = 0

    with pytest.raises(enigma.EnigmaError, match="'n' of kernel has no value"):
        enigma.compile(kernel)
    with pytest.raises(enigma.EnigmaError, match="names no compile-time parameter"):
        enigma.compile(kernel, constants={"m": 3})


# Operands.


class Thing:
    pass


@pytest.mark.parametrize(
    "operand",
    ["text", [1.0], None, np.ones(3), Thing(), (1,), {}, 1j],
    ids=lambda x: type(x).__name__,
)
def test_operand_that_is_no_number(operand):
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A[1] * operand

        return kernel

    error = error_of(build, TypeError)
    check(error, "A[1] * operand", "`*`", "the right operand", "expected a traced value")


@pytest.mark.parametrize(
    "operand", ["text", [1.0], None, np.ones(3)], ids=lambda x: type(x).__name__
)
def test_left_operand_that_is_no_number(operand):
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = operand + A[1]

        return kernel

    check(error_of(build, TypeError), "operand + A[1]", "`+`", "the left operand")


def test_buffer_as_operand():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A + 1

        return kernel

    check(error_of(build, TypeError), "A + 1", "a buffer of f32", "A[i]")


def test_buffer_as_right_operand():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A[1] + A

        return kernel

    check(error_of(build, TypeError), "A[1] + A", "index it")


@pytest.mark.parametrize(
    ("dtype", "number"),
    [
        ("u8", 256),
        ("u32", -1),
        ("i8", 128),
        ("i32", 2.5),
        ("f16", 1e6),
        ("f16", 2049),
        ("i64", 2**63),
    ],
)
def test_number_that_does_not_fit(dtype, number):
    def build():
        @enigma.kernel
        def kernel(A: dtype):
            A[0] = A[1] + number

        return kernel

    check(error_of(build, ValueError), "A[1] + number", repr(number), f"does not fit {dtype}")


def test_number_that_rounds():
    @enigma.kernel
    def kernel(A: enigma.f16):
        A[0] = A[1] + 2049.0

    assert "2048.0h" in enigma.compile(kernel).metal_source


def test_integer_division():
    def build():
        @enigma.kernel
        def kernel(A: enigma.i32):
            A[0] = A[1] / 2

        return kernel

    check(error_of(build, TypeError), "A[1] / 2", "`//`", "enigma.idiv")


@pytest.mark.parametrize("amount", [-1, 32, 1.5])
def test_shift_amount(amount):
    def build():
        @enigma.kernel
        def kernel(A: enigma.i32):
            A[0] = A[1] << amount

        return kernel

    check(error_of(build), "A[1] << amount", "0 to 31")


def test_division_by_zero():
    def build():
        @enigma.kernel
        def kernel(A: enigma.i32):
            A[0] = A[1] // 0

        return kernel

    check(error_of(build), "A[1] // 0", "zero")


def test_bitwise_operator_on_floats():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A[1] & A[2]

        return kernel

    check(error_of(build, TypeError), "A[1] & A[2]", "`&`", "as_type")


# Truth values and numbers that are not known.


def undecorated(x):
    if x > 0:
        return x
    return -x


def test_truth_value_in_an_undecorated_helper():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = undecorated(A[1])

        return kernel

    check(error_of(build, TypeError), "if x > 0:", "truth value", "@enigma.func")


def test_range_over_a_traced_value():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32)):
            for i in range(n):
                A[i] = 0

        return kernel

    check(error_of(build, TypeError), "in range(n)", "enigma.range")


@pytest.mark.needs_positions
def test_math_module():
    import math

    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = math.gamma(A[1])

        return kernel

    check(error_of(build, TypeError), "math.gamma", "gamma")


# Variables.


def test_variable_of_one_branch():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            if A[0] > 0:
                x = A[1]
            A[2] = x

        return kernel

    check(error_of(build), "A[2] = x", "'x'", "not assigned if the condition at line")


def test_variable_of_one_branch_that_is_not_read():
    @enigma.kernel
    def kernel(A: enigma.f32):
        if A[0] > 0:
            x = A[1]
            A[2] = x

    assert "if (" in enigma.compile(kernel).metal_source


def test_variable_of_two_types():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, B: enigma.i32):
            if A[0] > 0:  # noqa: SIM108
                x = A[1]
            else:
                x = B[1]
            A[2] = x

        return kernel

    check(error_of(build), "A[2] = x", "'x'", "a traced f32", "a traced i32")


def test_variable_of_a_loop_that_may_not_run():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32)):
            for i in enigma.range(n):
                x = A[i]
            A[0] = x

        return kernel

    check(error_of(build), "A[0] = x", "'x'", "may run zero times")


def test_loop_variable_after_the_loop():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            for i in enigma.range(4):
                A[i] = 0
                last = i
            A[last] = 1
            for i in enigma.range(A[0].to(enigma.i32)):
                other = i
            A[i] = 1
            A[other] = 1

        return kernel

    # The variable of a loop has its last value; another one may have none.
    check(error_of(build), "A[other] = 1", "'other'", "may run zero times")


def test_carried_variable_that_changes_its_type():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, B: enigma.i32):
            x = B[0]
            for i in enigma.range(4):
                x = x + A[i]
            A[0] = x

        return kernel

    error = error_of(build, TypeError)
    assert "'x'" in str(error)
    assert "a traced i32 before the loop and a traced f32" in str(error)
    assert error.location.filename == HERE


def test_alternatives_of_two_types():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, B: enigma.i32):
            A[0] = A[1] if B[0] > 0 else B[1]

        return kernel

    check(error_of(build, TypeError), "else B[1]", "a traced f32 and a traced i32")


def test_value_that_escapes_its_scope():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            with enigma.if_(A[0] > 0):
                kept = A[1]
            A[2] = kept

        return kernel

    check(error_of(build), "A[2] = kept", "in the `if` at line")


def test_list_that_grows_on_one_path():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            kept = []
            if A[0] > 0:
                kept.append(A[1])
            A[2] = kept[0]

        return kernel

    check(error_of(build, TypeError), "if A[0] > 0", "kept", "1 part if", "0 parts if")


def test_assigning_a_scalar_parameter():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32)):
            n = n + 1
            A[n] = 0

        return kernel

    check(error_of(build), "n = n + 1", "'n'", "cannot be assigned")


def test_assigning_an_element_of_a_scalar_parameter():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32)):
            A[0] = n[0]

        return kernel

    check(error_of(build, TypeError), "A[0] = n[0]", "one value")


# Memory.


@pytest.mark.parametrize("index", [1.0, None, slice(0, 2), (0, 1), "a"], ids=repr)
def test_index_that_is_no_integer(index):
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A[index]

        return kernel

    check(error_of(build, TypeError), "A[index]")


def test_float_index():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A[A[1]]

        return kernel

    check(error_of(build, TypeError), "A[A[1]]", "a traced f32", ".to(enigma.i32)")


def test_negative_index():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = A[-1]

        return kernel

    check(error_of(build, IndexError), "A[-1]", "-1")


@pytest.mark.parametrize(
    ("source", "target"), [("f32", "i32"), ("f32", "f16"), ("i32", "u32"), ("i32", "f32")]
)
def test_storing_a_wrong_dtype(source, target):
    def build():
        @enigma.kernel
        def kernel(A: source, B: target):
            B[0] = A[0]

        return kernel

    check(error_of(build, TypeError), "B[0] = A[0]", source, f".to(enigma.{target})")


def test_storing_a_string():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = "text"

        return kernel

    check(error_of(build, TypeError), 'A[0] = "text"', "the stored value", "a str")


def test_threadgroup_memory():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            first = enigma.threadgroup_alloc(enigma.f32, 4096)
            second = enigma.threadgroup_alloc(enigma.f32, 4097)
            A[0] = first[0] + second[0]

        return kernel

    check(error_of(build), "4097", "32772 bytes", "32768")


def test_traced_size():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32, n: enigma.Scalar(enigma.i32)):
            A[0] = enigma.threadgroup_alloc(enigma.f32, n)[0]

        return kernel

    check(error_of(build, TypeError), "threadgroup_alloc", "a Python int")


def test_barrier_flags():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            enigma.barrier("mem_everything")

        return kernel

    check(error_of(build, ValueError), "enigma.barrier", "mem_everything", "mem_threadgroup")


# Outside of kernels.


@pytest.mark.parametrize(
    "use",
    [
        lambda: enigma.sqrt(2.0),
        lambda: enigma.thread_position_in_grid + 1,
        lambda: enigma.thread_position_in_grid.y,
        lambda: enigma.thread_index_in_simdgroup(),
        lambda: enigma.arch.thread_idx(),
        lambda: enigma.barrier(),
        lambda: enigma.threadgroup_alloc(enigma.f32, 4),
        lambda: enigma.register_tensor(4),
        lambda: enigma.range(4),
        lambda: enigma.imin(1, 2),
        lambda: enigma.where(1, 2, True),
        lambda: enigma.f32(1),
        lambda: enigma.make_float4(1),
        lambda: enigma.function_constant(enigma.u32, 0),
        lambda: enigma.for_range(0, 4),
        lambda: enigma.if_(True),
        lambda: enigma.load_if(None, 0, True),
    ],
)
def test_language_outside_of_a_kernel(use):
    with pytest.raises(enigma.EnigmaError, match="only be used inside a kernel") as caught:
        use()
    assert isinstance(caught.value, TypeError)
    assert caught.value.location.filename == HERE


def test_calling_a_kernel():
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = 0

    with pytest.raises(enigma.EnigmaError, match=r"enigma\.compile\(kernel\)"):
        kernel(1)


def test_calling_a_helper_outside_of_a_kernel():
    @enigma.func
    def helper(x):
        return x

    with pytest.raises(enigma.EnigmaError, match="helper can only be used inside a kernel"):
        helper(1)


def test_value_that_outlives_its_kernel():
    leaked = []

    @enigma.kernel
    def kernel(A: enigma.f32):
        leaked.append(A[0])
        A[1] = leaked[0]

    enigma.compile(kernel)
    with pytest.raises(enigma.EnigmaError, match="used outside of it"):
        leaked[0] + 1
    with pytest.raises(enigma.EnigmaError, match="used outside of it"):
        enigma.compile(kernel)


# Functions calling functions.


@enigma.func
def recursive(n):
    return recursive(n - 1) + 1


def test_recursion():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = recursive(A[1])

        return kernel

    check(error_of(build), "recursive(n - 1)", "recursive -> recursive", "no recursion")


def test_function_with_and_without_a_result():
    @enigma.func  # noqa: RET503
    def helper(x):
        if x > 0:
            return x

    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = helper(A[1])

        return kernel

    error = error_of(build)
    assert "return value" in str(error)
    assert "None" in str(error)


def test_errors_of_the_user_pass_through():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            table = {}
            A[0] = table["missing"]

        return kernel

    with pytest.raises(KeyError, match="missing") as caught:
        enigma.compile(build())
    last = caught.traceback[-1]
    assert str(last.path) == HERE
    assert 'table["missing"]' in str(last.statement)


# Launches.


def launched(**sizes):
    @enigma.kernel
    def kernel(A):
        A[0] = 0

    @enigma.jit
    def run(A):
        kernel(A).launch(**sizes)

    return enigma.compile(run, enigma.Tensor("A", 0, "float", enigma.Layout(8)))


@pytest.mark.parametrize("grid", [0, -1, (1, 0, 1), (1, 1, 1, 1), (), 1.5, "8", None])
def test_grid(grid):
    with pytest.raises(enigma.EnigmaError, match="grid="):
        launched(grid=grid, block=1)


def test_block_of_too_many_threads():
    with pytest.raises(enigma.EnigmaError, match="1056 threads; a threadgroup has at most 1024"):
        launched(grid=1, block=(33, 32, 1))


def test_jit_that_launches_nothing():
    @enigma.jit
    def run():
        pass

    with pytest.raises(enigma.EnigmaError, match="launches nothing"):
        enigma.compile(run)


def test_jit_that_prepares_and_does_not_launch():
    @enigma.kernel
    def kernel(A):
        A[0] = 0

    @enigma.jit
    def run(A):
        kernel(A)

    with pytest.raises(enigma.EnigmaError, match="launches nothing"):
        enigma.compile(run, enigma.Tensor("A", 0, "float", enigma.Layout(8)))


def test_tensors_with_one_index():
    @enigma.jit
    def run(A, B):
        pass

    layout = enigma.Layout(8)
    with pytest.raises(enigma.EnigmaError, match="same buffer_index"):
        enigma.compile(
            run, enigma.Tensor("A", 0, "float", layout), enigma.Tensor("B", 0, "float", layout)
        )


def test_arguments_of_a_jit_function():
    @enigma.jit
    def run(A):
        pass

    with pytest.raises(enigma.EnigmaError, match="jit function run"):
        enigma.compile(run)


@pytest.mark.parametrize("index", [-1, 31, "0", True])
def test_buffer_index(index):
    with pytest.raises(enigma.EnigmaError, match="buffer_index must be"):
        enigma.Tensor("A", index, "float", enigma.Layout(8))


# Size.


def test_elif_chain_of_200():
    lines = ["import enigma", "@enigma.kernel", "def kernel(A: enigma.i32):", "    x = A[0]"]
    for i in range(200):
        lines += [f"    {'elif' if i else 'if'} x == {i}:", f"        A[1] = {i * 3 % 101}"]
    kernel = defined("\n".join(lines) + "\n")
    assert enigma.compile(kernel).metal_source.count("if (") == 200


def test_200_nested_helpers():
    @enigma.kernel
    def kernel(A: enigma.i32):
        def nest(depth):
            if A[depth] > 0:
                if depth < 199:
                    nest(depth + 1)
                else:
                    A[depth] = 0

        nest(0)

    assert enigma.compile(kernel).metal_source.count("if (") == 200


def test_10000_operations():
    lines = ["import enigma", "@enigma.kernel", "def kernel(A: enigma.f32):", "    x = A[0]"]
    lines += [f"    x = x * {i}.5 + A[{i}]" for i in range(1, 5001)]
    kernel = defined("\n".join([*lines, "    A[0] = x"]) + "\n")
    assert enigma.compile(kernel).metal_source.count("\n") > 10


def sum_of(terms):
    text = " + ".join(f"A[{i}]" for i in range(terms))
    source = f"import enigma\ndef kernel(A: enigma.f32):\n    A[0] = {text}\n"
    return enigma.kernel(defined(source))


def test_long_expression():
    assert enigma.compile(sum_of(500)).metal_source.count("A[") >= 500


def defined(source):
    """The kernel of a source that Python's traceback machinery knows."""
    name = f"<source {hash(source)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {}
    exec(compile(source, name, "exec"), scope)
    return scope["kernel"]


@pytest.mark.parametrize("name", ["float", "kernel", "half", "int", "device", "and_", "metal"])
def test_names_that_metal_reserves(name):
    source = (
        f"import enigma\n@enigma.kernel\ndef kernel({name}: enigma.f32):\n"
        f"    thread = {name}[0]\n    {name}[1] = thread * thread\n"
    )
    compiled = enigma.compile(defined(source))
    assert compiled.param_names == (name,)
    assert "kernel void enigma_kernel_kernel(" in compiled.metal_source
