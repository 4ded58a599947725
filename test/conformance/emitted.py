# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels in Python whose MSL the conformance tests run.

A test module registers all of its kernels when it is imported; the first of its
tests compiles them, so that the MSL of all of them goes to clang together.
"""

# The annotations of kernels here are variables of the function that makes them,
# which a postponed evaluation would not find.

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import numpy.typing as npt

import enigma
from conformance import harness

# The NumPy dtype of each of Enigma's; a bf16 is its 16 bits.
NUMPY: dict[str, type[np.generic]] = {
    "f32": np.float32,
    "f16": np.float16,
    "bf16": np.uint16,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "u64": np.uint64,
    "b1": np.bool_,
}
FLOATS = ("f32", "f16", "bf16")
INTEGERS = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64")

Array = npt.NDArray[Any]


def dtype_of(name: str) -> Any:
    """`enigma.f32` for `f32`."""
    return getattr(enigma, name)


class Kernels:
    """The kernels of a test module, compiled together when one is needed."""

    def __init__(self) -> None:
        self._make: dict[Hashable, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {}
        self._compiled: dict[Hashable, enigma.CompiledKernel | Exception] = {}

    def add(self, key: Hashable, kernel: Any, *args: Any, **options: Any) -> None:
        """Register `kernel`, to be compiled for `args` with `options`, under `key`."""
        self._make[key] = (kernel, args, options)

    def __getitem__(self, key: Hashable) -> enigma.CompiledKernel:
        """The compiled kernel; raises what compiling it raised."""
        if not self._compiled:
            for each, (kernel, args, options) in self._make.items():
                try:
                    compiled = enigma.compile(kernel, *args, emit_only=True, **options)
                except Exception as error:
                    self._compiled[each] = error
                    continue
                self._compiled[each] = compiled
                harness.declare(compiled)
        found = self._compiled[key]
        if isinstance(found, Exception):
            raise found
        return found


def launch(
    kernel: enigma.CompiledKernel, *args: Any, threads: int, block: int = 32, **options: Any
) -> None:
    """Run a kernel of one thread for each of `threads` elements."""
    each = kernel.elements_per_thread
    assert each == 1 or threads % each == 0 or "n" in kernel.param_names
    harness.run(kernel, args=args, threads=-(-threads // each), block=block, **options)


def sample(name: str, count: int, rng: np.random.Generator) -> Array:
    """Values of a dtype: floats of moderate size, integers of all sizes."""
    if name == "bf16":
        return harness.to_bfloat(4 * rng.standard_normal(count))
    dtype = NUMPY[name]
    if name in FLOATS:
        return (4 * rng.standard_normal(count)).astype(dtype)
    if name == "b1":
        return rng.integers(0, 2, count).astype(dtype)
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, count, dtype, endpoint=True)
    values[:4] = [info.min, info.max, 0, 1]
    return values


def small_sample(name: str, count: int, rng: np.random.Generator) -> Array:
    """`sample`, of values whose cubes signed integers hold, as they must not overflow."""
    values = sample(name, count, rng)
    if name in INTEGERS and name[0] == "i":
        limit = int(np.iinfo(values.dtype).max ** (1 / 3)) - 1
        values = rng.integers(-limit, limit, count, values.dtype, endpoint=True)
        values[:4] = [-limit, limit, 0, 1]
    return values


def values_of(name: str, array: Array) -> Array:
    """The numbers in an array of a dtype: the floats of bf16's bits."""
    return harness.from_bfloat(array) if name == "bf16" else array


def rounded(name: str, values: Array) -> Array:
    """`values`, rounded to a dtype, as `values_of` gives them."""
    with np.errstate(all="ignore"):
        if name == "bf16":
            return harness.from_bfloat(harness.to_bfloat(values))
        return np.asarray(values).astype(NUMPY[name])


def empty(name: str, count: int) -> Array:
    """An array of a dtype, to be written."""
    return np.zeros(count, NUMPY[name])


Function = Callable[..., Any]


def elementwise(function: Function, result: str, *inputs: str) -> Any:
    """A kernel that stores `function` of the elements of one to three inputs."""
    r = dtype_of(result)
    a, b, c = (dtype_of(name) for name in (*inputs, "f32", "f32")[:3])
    if len(inputs) == 1:

        @enigma.kernel
        def apply_one(A: a, out: r):
            i = enigma.thread_position_in_grid
            out[i] = function(A[i])

        return apply_one
    if len(inputs) == 2:

        @enigma.kernel
        def apply_two(A: a, B: b, out: r):
            i = enigma.thread_position_in_grid
            out[i] = function(A[i], B[i])

        return apply_two

    @enigma.kernel
    def apply_three(A: a, B: b, C: c, out: r):
        i = enigma.thread_position_in_grid
        out[i] = function(A[i], B[i], C[i])

    return apply_three
