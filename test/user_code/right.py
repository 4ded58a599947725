# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program of a user that type checkers have nothing to say about."""

from typing import Annotated, Any, Literal

import numpy as np

import enigma


@enigma.func
def squared(x: enigma.Value) -> enigma.Value:
    return x * x


@enigma.func
def total(memory: enigma.Buffer[Any], count: int) -> enigma.Value:
    found: enigma.Value = enigma.f32(0)
    for i in enigma.range_constexpr(count):
        found = found + memory[i]
    return found


@enigma.kernel
def elementwise(
    A: enigma.f32,
    B: enigma.Float32,
    n: enigma.Scalar[enigma.u32],
    size: enigma.constexpr[int],
    dtype: enigma.constexpr = enigma.f32,
    width: enigma.constexpr[int] = 4,
) -> None:
    tid = enigma.thread_position_in_grid
    if tid < n and tid.y < 1:
        a: enigma.Value = A[tid]
        B[tid] = enigma.sqrt(squared(a)) + 2 * a - a / width
        B[tid + 1] = (-a).to(dtype) ** 2
        B[n - 1] = enigma.where(0.0, a, a > 1)
        B[0] = enigma.max(a, size) + enigma.f32(n % 4)
    for i in enigma.range(0, n, 2):
        A[i] += abs(A[i])
        A.atomic_fetch_add(i, 1.0)
    total(A, size)


@enigma.kernel
def vectors(
    A: enigma.vec[enigma.f32, Literal[4]],
    B: enigma.vec[enigma.f16, Literal[3], Literal[True]],
    C: Annotated[enigma.Buffer[enigma.Vector], enigma.vec(enigma.f32, 2)],
    t: enigma.Threadgroup[enigma.f32],
    color: Annotated[enigma.Vector, enigma.Scalar(enigma.vec(enigma.f32, 4))],
) -> None:
    tid = enigma.thread_position_in_threadgroup.x
    v = A[tid] * 2 + color
    w = enigma.sin(v)
    t[tid] = v.x + w.y + v[2] + enigma.dot(v, w)
    v.zw = w.xy
    v.x = 1
    A[tid] = 3 * v.wzyx
    C[tid] = v.xy
    B[tid] = enigma.make_vec(1, 2, 3, dtype="half")
    enigma.barrier()
    x, y, _ = enigma.arch.thread_idx()
    with enigma.if_(x < y) as (then, otherwise):
        with then:
            t[x] = enigma.simd_sum(t[y])
        with otherwise:
            t[x] = enigma.load_if(t, y, x < 3)


@enigma.kernel
def tiles(A: enigma.Tensor, B: enigma.Tensor, tv: enigma.Layout, tiler: Any) -> None:
    group = enigma.threadgroup_position_in_grid.x
    tid = enigma.thread_position_in_threadgroup.x
    a, b = (
        enigma.tensor_composition(
            enigma.tensor_zipped_divide(t, tiler)[(None, None), group], tv, tiler
        )[tid, None]
        for t in (A, B)
    )
    loaded = a.load()
    b.store(enigma.exp(loaded) + 1)
    B[0, tid] = loaded[0] + loaded.reduce("add")


rows = enigma.Layout((256, 512), (512, 1))


@enigma.jit
def tiled(A: Annotated[enigma.Tensor, rows], B: enigma.Tensor) -> None:
    threads, values = enigma.Layout((4, 32), (32, 1)), enigma.Layout((1, 4))
    tiler, tv = enigma.make_layout_tv(threads, values)
    tiles(A, B, tv, tiler).launch(grid=(A.size() // 512, 1, 1), block=128)


def dtype_names(dtypes: list[enigma.DType]) -> list[str]:
    return [dtype.name for dtype in dtypes if dtype is not enigma.b1 and dtype.is_float]


def widest(a: enigma.DType, b: enigma.DType = enigma.f16) -> enigma.DType:
    return a if a.bits > b.bits or a == enigma.f32 else b


compiled = enigma.compile(elementwise, constants={"size": 4}, vec_width=0, emit_only=True)
source: str = compiled.metal_source
written = [f"{each.name}: {each.dtype}" for each in compiled.parameters]
array = np.ones(16, dtype=np.float32)
elementwise.launch(array, array.copy(), 8, threads=8, constants={"size": 4}, device="cpu")
A = enigma.Tensor("A", 0, enigma.f32, rows)
enigma.compile(tiled, A, enigma.Tensor("B", 1, "float", rows), emit_only=True)
dtype_names([enigma.f32, enigma.b1, widest(enigma.i32)])
