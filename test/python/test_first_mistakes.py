# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What people write first who come from Triton, CuTe DSL, CUDA, NumPy or plain Python.

Each is refused with the line, the cause and the remedy.
"""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

import enigma
from enigma import Layout
from refusals import check_refusal

N = enigma.Scalar(enigma.u32)
ARRAY = np.zeros(4, np.float32)


def plain_relu(x):
    if x < 0:
        return 0.0
    return x


@enigma.kernel
def fill(A: enigma.f32):
    A[enigma.thread_position_in_grid] = 1.0


@enigma.kernel
def fill_block(A: enigma.f32, BLOCK: enigma.constexpr):
    A[enigma.thread_position_in_grid] = BLOCK


@enigma.kernel
def scale(A: enigma.f32, n: N):
    A[enigma.thread_position_in_grid] *= n.to(enigma.f32)


@enigma.kernel
def fill_tensor(A):
    A[0] = 1.0


def undecorated(A: enigma.f32):
    A[0] = 1.0


@enigma.func
def added(x, y):
    return x + y


# Bodies of kernels with the buffers A and B of f32, W of i32, H of f16 and the number n of u32:
# what the message and the remedy say. The line that is wrong has the comment.


def triton_module(A, B, W, H, n):
    A[tl.program_id(0)] = 1.0  # here  # noqa: F821


def cuda_barrier(A, B, W, H, n):
    __syncthreads()  # here  # noqa: F821


def constant_of_a_module(A, B, W, H, n):
    A[0] = enigma.pi  # here


def a_mask_for_an_index(A, B, W, H, n):
    i = enigma.thread_position_in_grid
    A[i] = enigma.load_if(B, i < n, i)  # here


def a_mask_for_a_value(A, B, W, H, n):
    i = enigma.thread_position_in_grid
    enigma.store_if(A, i, i < n, B[i])  # here


def a_shape_for_a_size(A, B, W, H, n):
    tile = enigma.threadgroup_alloc(enigma.f32, (16, 16))  # here
    tile[0] = A[0]


def too_few_arguments(A, B, W, H, n):
    A[0] = added(B[0])  # here


def too_many_arguments(A, B, W, H, n):
    A[0] = added(B[0], 1.0, 2.0)  # here


def another_argument(A, B, W, H, n):
    A[0] = added(B[0], z=1.0)  # here


def program_id(A, B, W, H, n):
    pid = enigma.program_id(0)  # here
    A[pid] = 1.0


def arange(A, B, W, H, n):
    offsets = enigma.arange(0, 128)  # here
    A[offsets] = 1.0


def masked_load(A, B, W, H, n):
    i = enigma.thread_position_in_grid
    A[i] = enigma.load(B + i, mask=i < n)  # here


def pointers(A, B, W, H, n):
    i = enigma.thread_position_in_grid
    p = A + i  # here
    B[i] = p[0]


def thread_idx(A, B, W, H, n):
    A[enigma.threadIdx.x] = 1.0  # here


def syncthreads(A, B, W, H, n):
    enigma.syncthreads()  # here


def shared(A, B, W, H, n):
    tile = enigma.shared_memory(128, enigma.f32)  # here
    tile[0] = A[0]


def swapped_alloc(A, B, W, H, n):
    tile = enigma.threadgroup_alloc(128, enigma.f32)  # here
    tile[0] = A[0]


def swapped_registers(A, B, W, H, n):
    r = enigma.register_tensor(enigma.f32, 4)  # here
    r[0] = A[0]


def size_of_the_launch(A, B, W, H, n):
    tile = enigma.threadgroup_alloc(enigma.f32, n)  # here
    tile[0] = A[0]


def atomic_add(A, B, W, H, n):
    enigma.atomic_add(A, 0, 1.0)  # here


def atomic_of_an_element(A, B, W, H, n):
    enigma.atomic_fetch_add(A[0], 1.0)  # here


def atomic_of_halves(A, B, W, H, n):
    enigma.atomic_fetch_add(H, 0, 1.0)  # here


def relu(A, B, W, H, n):
    A[0] = enigma.relu(A[0])  # here


def helper_with_a_condition(A, B, W, H, n):
    A[0] = plain_relu(A[0])


def condition_first(A, B, W, H, n):
    A[0] = enigma.where(A[0] > 0, A[0], 0.0)  # here


def shape_of_a_buffer(A, B, W, H, n):
    if n < A.shape[0]:  # here
        A[0] = 1.0


def length_of_a_buffer(A, B, W, H, n):
    if n < len(A):  # here
        A[0] = 1.0


def two_subscripts(A, B, W, H, n):
    A[n, 0] = 1.0  # here


def slices(A, B, W, H, n):
    B[0:4] = A[0:4]  # here


def counted_from_the_end(A, B, W, H, n):
    A[-1] = 1.0  # here


def index_by_division(A, B, W, H, n):
    A[n / 2] = 1.0  # here


def python_range(A, B, W, H, n):
    for i in range(n):  # here
        A[i] = 1.0


def iteration(A, B, W, H, n):
    total = 0.0
    for x in A:  # here
        total += x
    B[0] = total


def scratch_of_numpy(A, B, W, H, n):
    scratch = np.zeros(4, np.float32)
    scratch[0] = A[0]  # here
    B[0] = float(scratch[0])


def list_by_a_traced_index(A, B, W, H, n):
    table = [1.0, 2.0, 3.0]
    A[0] = table[n % 3]  # here


def dict_by_a_traced_key(A, B, W, H, n):
    A[0] = {0: 5.0, 1: 7.0}[n]  # here


def fstring(A, B, W, H, n):
    enigma.print(f"x = {A[0]}")  # here


def assertion(A, B, W, H, n):
    assert A[0] > 0  # here


def exception(A, B, W, H, n):
    if A[0] < 0:
        raise ValueError("negative")  # here


def int_of_a_value(A, B, W, H, n):
    W[0] = int(A[0])  # here


def astype(A, B, W, H, n):
    W[0] = A[0].astype(enigma.i32)  # here


def dtype_of_numpy(A, B, W, H, n):
    W[0] = A[0].to(np.int32)  # here


def item(A, B, W, H, n):
    A[0] = A[1].item()  # here


def store_in_a_narrower_dtype(A, B, W, H, n):
    H[0] = A[0]  # here


def ampersand(A, B, W, H, n):
    if A[0] > 0 & A[0] < 1:  # here
        A[0] = 1.0


def assigned_in_a_branch(A, B, W, H, n):
    if n > 4:
        x = A[0]
    B[0] = x  # here


def other_dtype_in_a_branch(A, B, W, H, n):
    x = A[0]
    if n > 4:
        x = W[0]
    B[0] = x  # here


def product_of_buffers(A, B, W, H, n):
    A @ B  # here


def kernel_in_a_kernel(A, B, W, H, n):
    fill(A)  # here


def call_with_too_much(A, B, W, H, n):
    A[0] = enigma.exp(A[0], A[1])  # here


def scalar_as_a_buffer(A, B, W, H, n):
    n[0] = 1  # here


def gamma_of_math(A, B, W, H, n):
    A[0] = math.gamma(A[0])  # here


def sort(A, B, W, H, n):
    x, y = sorted([A[0], A[1]])  # here
    A[0], A[1] = x, y


def item_of_a_position(A, B, W, H, n):
    A[enigma.thread_position_in_grid[0]] = 1.0  # here


def unpacked_position(A, B, W, H, n):
    x, _, _ = enigma.thread_position_in_grid  # here
    A[x] = 1.0


def sum_that_begins_with_numpy(A, B, W, H, n):
    total = np.float32(0)
    for i in enigma.range(n):  # here
        total += H[i]
    A[0] = total


def numpy_in_a_choice(A, B, W, H, n):
    A[0] = np.float32(0.5) if A[1] > 0.0 else np.float32(0.25)  # here


def numpy_in_a_branch(A, B, W, H, n):
    x = np.uint16(3)
    if A[0] > 0.0:
        x = W[0]
    W[1] = x  # here


def masked_store(A, B, W, H, n):
    i = enigma.thread_position_in_grid
    A[i < n] = 0.0  # here


def masked_read(A, B, W, H, n):
    A[0] = B[A[0] > 0.0]  # here


def masked_scratch(A, B, W, H, n):
    scratch = enigma.threadgroup_alloc(enigma.f32, 4)
    scratch[A[0] > 0.0] = 1.0  # here
    A[1] = scratch[0]


def masked_lane(A, B, W, H, n):
    lanes = enigma.make_float2(A[0], A[1])
    A[0] = lanes[A[0] > 0.0]  # here


def masked_constants(A, B, W, H, n):
    A[0] = enigma.constant_array([1.0, 2.0], enigma.f32)[A[0] > 0.0]  # here


def masked_array(A, B, W, H, n):
    A[0] = ARRAY[A[0] > 0.0]  # here


def a_bool_for_an_index(A, B, W, H, n):
    A[np.bool_(True)] = 0.0  # here


KERNELS = {
    triton_module: ("name 'tl' is not defined", "the functions of enigma"),
    cuda_barrier: ("name '__syncthreads' is not defined", "write enigma.barrier()"),
    constant_of_a_module: ("no attribute 'pi'", "write math.pi"),
    a_mask_for_an_index: ("mask is a traced u32; expected a bool", "enigma.load_if(A, i, i < n)"),
    a_mask_for_a_value: ("expected a bool", "enigma.store_if(A, i, value, i < n)"),
    a_shape_for_a_size: ("size is a tuple", "as in 16 * 16"),
    too_few_arguments: ("added was not given 'y'", "call it as added(x, y)"),
    too_many_arguments: ("added takes 2 arguments by position, and was given 3", "leave them out"),
    another_argument: ("added has no option 'z'", "call it as added(x, y)"),
    item_of_a_position: ("a thread query is not subscriptable", "components are .x, .y and .z"),
    unpacked_position: ("cannot unpack", "enigma.arch.thread_idx() and its like give tuples"),
    program_id: ("no attribute 'program_id'", "write enigma.threadgroup_position_in_grid.x"),
    arange: ("no attribute 'arange'", "enigma.thread_position_in_grid"),
    masked_load: ("no attribute 'load'", "enigma.load_if"),
    pointers: ("A is a buffer of f32", "index it, as in `A[i]`"),
    thread_idx: ("no attribute 'threadIdx'", "write enigma.thread_position_in_threadgroup"),
    syncthreads: ("no attribute 'syncthreads'", "write enigma.barrier()"),
    shared: ("no attribute 'shared_memory'", "write enigma.threadgroup_alloc(dtype, n)"),
    swapped_alloc: ("size is the dtype f32", "the dtype comes first"),
    swapped_registers: ("shape is the dtype f32", "the dtype comes second"),
    size_of_the_launch: ("size is a traced u32", "known while the kernel is compiled"),
    atomic_add: ("no attribute 'atomic_add'", "write enigma.atomic_fetch_add(A, i, x)"),
    atomic_of_an_element: ("missing 1 required", "call it as enigma.atomic_fetch_add(buf, index"),
    atomic_of_halves: ("memory of f16", "accumulate in f32"),
    relu: ("no attribute 'relu'", "write enigma.max(x, 0)"),
    helper_with_a_condition: ("the truth value of a traced b1", "@enigma.func"),
    condition_first: ("condition is a float (0.0)", "the condition comes last"),
    shape_of_a_buffer: ("a buffer has no attribute 'shape'", "pass sizes as enigma.Scalar"),
    length_of_a_buffer: ("the number of elements of A", "n: enigma.Scalar(enigma.u32)"),
    two_subscripts: ("indexed by a tuple", "A[row * width + column]"),
    slices: ("indexed by a slice", "a buffer is linear"),
    counted_from_the_end: ("A is indexed by -1", "there is no wrap-around"),
    masked_store: ("A is indexed by a traced b1", "write it as an `if`"),
    masked_read: ("B is indexed by a traced b1", "convert it with .to(enigma.i32)"),
    masked_scratch: ("scratch is indexed by a traced b1", "write it as an `if`"),
    masked_lane: ("is indexed by a traced b1", "convert it with .to(enigma.i32)"),
    masked_constants: ("is indexed by a traced b1", "convert it with .to(enigma.i32)"),
    masked_array: ("is indexed by a traced b1", "convert it with .to(enigma.i32)"),
    a_bool_for_an_index: ("A is indexed by True", "write 1"),
    index_by_division: ("`/` of two integers", "use `//`"),
    python_range: ("range() needs a Python number", "use enigma.range"),
    iteration: ("A cannot be iterated over", "for i in enigma.range(n)"),
    scratch_of_numpy: ("an array of the host needs a Python number", "register_tensor"),
    list_by_a_traced_index: ("a Python index", "enigma.constant_array"),
    dict_by_a_traced_key: ("a key of a dict", "choose with `if` or enigma.where"),
    fstring: ("cannot be a part of a string", 'enigma.print("x = {}", x)'),
    assertion: ("cannot be asserted", "enigma.assert_(condition, message)"),
    exception: ("ValueError (negative) is raised in the `if`", "on values that Python knows"),
    int_of_a_value: ("int() needs a Python number", ".to(enigma.i32)"),
    astype: ("no attribute 'astype'", ".to(dtype)"),
    dtype_of_numpy: ("int32 is no dtype", "did you mean enigma.i32?"),
    item: ("no attribute 'item'", "use it as it is"),
    store_in_a_narrower_dtype: ("a traced f32, and the elements are f16", ".to(enigma.f16)"),
    ampersand: ("`&`: an operand is a float (f32)", "convert with .to(enigma.i32)"),
    assigned_in_a_branch: ("'x' cannot be read here", "assign it before the branch"),
    other_dtype_in_a_branch: ("a traced i32 if the condition", "give both one dtype"),
    sum_that_begins_with_numpy: ("a float32 before the loop", "as enigma.f32(x) does"),
    numpy_in_a_choice: ("a float32 and a float32", "as enigma.f32(x) does"),
    numpy_in_a_branch: ("an uint16 if the condition", "as enigma.u16(x) does"),
    product_of_buffers: ("A is a buffer of f32", "index it"),
    kernel_in_a_kernel: ("kernel fill is called in a kernel", "decorate a helper of kernels with"),
    call_with_too_much: ("takes 1 positional argument but 2", "call it as enigma.exp(x)"),
    scalar_as_a_buffer: ("a traced u32 is one value", "declare the parameter as a buffer"),
    gamma_of_math: ("math.gamma needs a Python number", "enigma's own functions"),
    sort: ("cannot be sorted", "min(x, y), max(x, y)"),
}


@pytest.mark.needs_positions
@pytest.mark.parametrize("body", KERNELS, ids=lambda body: body.__name__)
def test_kernels(body):
    body.__annotations__.update(A=enigma.f32, B=enigma.f32, W=enigma.i32, H=enigma.f16, n=N)
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(enigma.kernel(body), emit_only=True)
    check_refusal(caught.value, __file__, *KERNELS[body])
    marked = [line for line in inspect.getsourcelines(body)[0] if "# here" in line]
    wrong = marked[0].strip() if marked else "if x < 0:"
    assert caught.value.location.source_line == wrong


@enigma.jit
def without_a_block(A):
    fill_tensor(A).launch(grid=[1, 1, 1])


@enigma.jit
def without_a_launch(A):
    fill_tensor(A)


@enigma.jit
def stores(A):
    A[0] = A[1] + 1


@enigma.kernel
def copies(A, B):
    B.store(A.load())


@enigma.jit
def copying(A, B):
    copies(A, B).launch(grid=1, block=1)


COPYING = enigma.compile(
    copying, *(enigma.Tensor(name, i, "float", Layout(4)) for i, name in enumerate("AB"))
)

# What is done with kernels, on the host.
CALLS = {
    "launch by a subscript": (
        lambda: fill[(4,)](ARRAY),
        ("kernel fill is launched by a subscript", "write fill.launch(..., grid=threadgroups"),
    ),
    "call": (
        lambda: fill(ARRAY),
        ("kernel fill is called outside of a jit function", "fill.launch(..., threads=n)"),
    ),
    "no threads": (
        lambda: fill.launch(ARRAY),
        ("neither threads nor grid", "give threads=..., the number of threads"),
    ),
    "threads of a block": (
        lambda: fill.launch(ARRAY, grid=(2,), threads=64),
        ("both threads and grid", "grid=..., that of threadgroups"),
    ),
    "a quotient": (
        lambda: fill.launch(ARRAY, grid=4 / 2, block=2),
        ("2.0 is no int", "divide with `//`"),
    ),
    "a large block": (
        lambda: fill.launch(ARRAY, grid=1, block=4096),
        ("at most 1024", "more threadgroups of fewer threads"),
    ),
    "a constexpr by its name": (
        lambda: fill_block.launch(ARRAY, threads=4, BLOCK=4),
        ("'BLOCK' is a compile-time parameter of kernel fill_block", 'constants={"BLOCK": ...}'),
    ),
    "an array for a scalar": (
        lambda: scale.launch(ARRAY, np.array([4], np.uint32), threads=4),
        ("'n' takes a number (u32, by value), found ndarray", "give one number"),
    ),
    "a list": (
        lambda: fill.launch([1.0, 2.0], threads=2),
        ("takes an array of f32, found list", "give an array: of NumPy"),
    ),
    "doubles": (
        lambda: fill.launch(np.zeros(4), threads=4),
        ("found one of f64", "convert it before the launch"),
    ),
    "every other column": (
        lambda: fill.launch(np.zeros((4, 4), np.float32)[:, ::2], threads=4),
        ("that is contiguous", "numpy.ascontiguousarray"),
    ),
    "too few arrays": (
        lambda: scale.launch(ARRAY, threads=4),
        ("was not given 'n'", "its parameters are: A, n"),
    ),
    "warps": (
        lambda: fill.launch(ARRAY, threads=4, num_warps=4),
        ("no parameter 'num_warps'", "its parameters are: A"),
    ),
    "another device": (
        lambda: fill.launch(ARRAY, threads=4, device="cuda"),
        ("there is no device 'cuda'", "'cpu', 'metal'"),
    ),
    "compile with arrays": (
        lambda: enigma.compile(fill, ARRAY),
        ("kernel fill is compiled with arguments", "arrays to fill.launch"),
    ),
    "no decorator": (
        lambda: enigma.compile(undecorated),
        ("not the function undecorated", "decorate the function with @enigma.kernel"),
    ),
    "no block": (
        lambda: without_a_block(ARRAY),
        ("a kernel is launched without block=", "the threads of each one"),
    ),
    "no launch": (
        lambda: without_a_launch(ARRAY),
        ("without_a_launch launches nothing", "call a kernel and launch it"),
    ),
    "stores of the host": (
        lambda: stores(ARRAY),
        ("indexing of tensor A can only be used inside a kernel", "decorated with @enigma.kernel"),
    ),
    "outside of kernels": (
        lambda: enigma.barrier(),
        ("enigma.barrier can only be used inside a kernel", "@enigma.kernel"),
    ),
    "strides that do not nest": (
        lambda: Layout((4, 8), (8,)),
        ("are not congruent", "give each extent one stride"),
    ),
    "a dtype with a shape": (
        lambda: enigma.f32[:],
        ("dtype f32 cannot be subscripted", "`A: enigma.f32`"),
    ),
    "no 8-byte floats": (
        lambda: enigma.float64,
        ("no attribute 'float64'", "Metal has no 8-byte float: write enigma.f32"),
    ),
    "a fraction as a count": (
        lambda: scale.launch(ARRAY, 4.5, threads=4),
        ("found 4.5: u32 holds whole numbers only", "give a whole number, or declare"),
    ),
    "a count below 0": (
        lambda: scale.launch(ARRAY, -1, threads=4),
        ("found -1: u32 holds 0 to", "give a number that fits, or declare"),
    ),
    "other shapes": (
        lambda: COPYING.launch(ARRAY, np.zeros((2, 4), np.float32)),
        ("takes a tensor of shape 4", "call the jit function with the arrays"),
    ),
    "too many tiles": (
        lambda: enigma.zipped_divide(Layout((4, 8)), (4, 8, 2)),
        ("has 3 modes, the layout", "at most one tile for each mode"),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls(name):
    call, said = CALLS[name]
    with pytest.raises(enigma.EnigmaError) as caught:
        call()
    check_refusal(caught.value, __file__, *said)
