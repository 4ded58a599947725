# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations that a context has when the first one is built, or when a text is parsed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import enigma
from enigma import _mlir as ir
from enigma.compiler import compilations
from enigma.tracing.session import sessions

ROOT = Path(__file__).parents[2]


@enigma.kernel
def plain(A: enigma.f32):
    A[enigma.thread_position_in_grid] += 1.0


@enigma.kernel
def quads(A: enigma.f32):
    i = enigma.thread_position_in_grid
    A[i] = enigma.quad_sum(A[i])


@enigma.kernel
def packing(A: enigma.u8, B: enigma.u32):
    i = enigma.thread_position_in_grid
    B[i] = enigma.pack_uint8x4(A[4 * i], A[4 * i + 1], A[4 * i + 2], A[4 * i + 3])


@enigma.kernel
def tiles(A: enigma.i32, B: enigma.i32, n: enigma.Scalar(enigma.i32)):
    i = enigma.thread_position_in_grid
    parts = enigma.zipped_divide(enigma.make_tensor(A, enigma.Layout((n, 4), (4, 1))), (2, 2))
    B[i] = parts[i % 4, i // 4]


def texts(monkeypatch, *kernels):
    """The texts of kernels that are compiled one after another in a new context."""
    monkeypatch.setattr(sessions, "idle", [])
    compilations.forget()
    return [enigma.compile(kernel).metal_source for kernel in kernels]


@pytest.mark.parametrize("late", [quads, packing, tiles], ids=lambda kernel: kernel.name)
def test_kernels_may_use_them_at_any_time(late, monkeypatch):
    # The passes that the first kernel was compiled with know nothing of them yet.
    assert texts(monkeypatch, plain, late) == texts(monkeypatch, late, plain)[::-1]


def test_each_is_registered_when_it_is_built():
    kernel = enigma.compile(quads, dump_mlir=True)
    module = ir.Operation.parse(kernel.mlir_source, ir.Context())
    module.verify()
    # One that is not registered is printed in quotes.
    assert "= enigma.quad_sum" in str(module)
    assert "= enigma.quad_sum" in kernel.mlir_source


def test_no_pass_makes_one():
    listed = re.search(r"ENIGMA_LATE_FAMILIES\s+([^)]+)\)", (ROOT / "CMakeLists.txt").read_text())
    families = "|".join(listed[1].split())
    sources = [
        path.read_text()
        for folder in ("Analysis", "Pipelines", "Transforms", "Utils")
        for path in (ROOT / "lib" / folder).glob("*.cpp")
    ]
    knowing = [text for text in sources if re.search(rf'"enigma/IR/({families})Ops.h"', text)]
    assert knowing
    assert not [text for text in knowing if re.search(r"::create\(|create<|NewOp<", text)]
