# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mistakes of a user that type checkers find: each line that ends in a comment `wrong`."""

import enigma


@enigma.func
def squared(x: enigma.Value) -> enigma.Value:
    return x * x


@enigma.kernel
def mistakes(
    A: enigma.f32,
    n: enigma.Scalar[enigma.u32],
    t: enigma.Threadgroup[enigma.f32],
    size: enigma.constexpr[int],
    bad: enigma.f31,  # wrong
    number: enigma.Scalar[int],  # wrong
) -> None:
    tid = enigma.thread_position_in_grid
    A[tid] = "one"  # wrong
    A["zero"] = 1  # wrong
    A[tid] = A + 1  # wrong
    A[tid] = A[tid] + "one"  # wrong
    A[tid] = A[tid].dtyp  # wrong
    A[tid] = A[tid].x  # wrong
    A[tid] = tid.w  # wrong
    A[tid] = enigma.sqrt("two")  # wrong
    A[tid] = enigma.sqrt(A)  # wrong
    A[tid] = enigma.sqrt()  # wrong
    A[tid] = enigma.squareroot(2)  # wrong
    A[tid] = squared("three")  # wrong
    A[tid] = squared(A[tid], 2)  # wrong
    A[tid] = size.bits  # wrong
    A[1.5] = 1  # wrong
    n[0] = 1  # wrong
    t[tid] = [1, 2]  # wrong
    A.atomic_fetch_add(0)  # wrong
    A.launch()  # wrong
    enigma.barrier(1)  # wrong
    A[tid].to(3)  # wrong


enigma.compile(mistakes, vec_width="four")  # wrong
enigma.compile(squared)  # wrong
mistakes.launch(block="all")  # wrong
enigma.Tensor("A", "0", enigma.f32)  # wrong
dtype: enigma.DType = "f32"  # wrong
enigma.f32.nam  # noqa: B018  # wrong
enigma.devices("cpu")  # wrong
