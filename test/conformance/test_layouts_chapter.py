# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels of the page on tensors compute what it says, for layouts that it does not show."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import enigma
from conformance import harness
from enigma import Layout

CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "tensors.md"

Array = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the snippets of the page define; they come from a file, as kernels have to."""
    text = CHAPTER.read_text()
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    folder = tmp_path_factory.mktemp("chapter")
    program = folder / "chapter.py"
    program.write_text(code)
    namespace: dict[str, Any] = {"__name__": "chapter"}
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.chdir(folder)
        exec(compile(code, str(program), "exec"), namespace)
    return namespace


def rows(m: int, n: int, pitch: int = 0) -> Layout:
    return Layout((m, n), (pitch or n, 1))


def columns(m: int, n: int) -> Layout:
    return Layout((m, n))


def stored(values: Array, layout: Layout) -> Array:
    """The memory of a tensor with these elements; what the layout does not reach is NaN."""
    memory = np.full(enigma.cosize(layout), np.nan, np.float32)
    memory[offsets(layout)] = values
    return memory


def offsets(layout: Layout) -> Any:
    table = [layout(i) for i in range(enigma.size(layout))]
    return np.reshape(table, [enigma.size(mode) for mode in layout], order="F")


def launch(
    fn: Any, *tensors: tuple[Array, Layout], further: tuple[Any, ...] = (), **sizes: int
) -> list[Array]:
    """Compile a jit function and run it; what each tensor holds afterwards."""
    arguments = [
        enigma.Tensor(name, i, "float", layout)
        for i, (name, (_, layout)) in enumerate(zip("ABC", tensors, strict=False))
    ]
    compiled = enigma.compile(fn, *arguments, *further)
    fixed = [layout.evaluate(sizes) for _, layout in tensors]
    memories = [stored(values, layout) for (values, _), layout in zip(tensors, fixed, strict=True)]
    scalars = [np.uint32(sizes[name]) for name in compiled.scalar_params]
    harness.run(
        compiled.metal_source,
        compiled.kernel_name,
        [*memories, *scalars],
        grid=compiled.launch_grid(**sizes),
        block=compiled.block,
    )
    for memory, layout in zip(memories, fixed, strict=True):
        between = np.setdiff1d(np.arange(len(memory)), offsets(layout))
        assert np.isnan(memory[between]).all(), "written between the elements"
    return [memory[offsets(layout)] for memory, layout in zip(memories, fixed, strict=True)]


def some(*shape: int) -> Array:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def none(*shape: int) -> Array:
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    "layouts",
    [
        (rows(16, 256), rows(16, 256), rows(16, 256)),
        (rows(13, 250), columns(13, 250), rows(13, 250, pitch=257)),
        (columns(6, 129), rows(6, 129, pitch=132), columns(6, 129)),
    ],
    ids=["rows", "mixed", "ragged"],
)
def test_add(chapter: dict[str, Any], layouts: tuple[Layout, Layout, Layout]) -> None:
    shape = layouts[0].shape
    a, b = some(*shape), some(*shape)[::-1]
    la, lb, lc = layouts
    *_, c = launch(chapter["add"], (a, la), (b, lb), (none(*shape), lc))
    np.testing.assert_array_equal(c, a + b)


def test_normalize(chapter: dict[str, Any]) -> None:
    a = some(128, 4)
    _, b = launch(chapter["normalize"], (a, rows(128, 4)), (none(128, 4), rows(128, 4)))
    wanted = a / np.sqrt((a * a).sum(1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(b, wanted, rtol=1e-5)


@pytest.mark.parametrize("order", [rows, columns])
def test_matmul(chapter: dict[str, Any], order: Any) -> None:
    a, b = some(64, 24), some(24, 32)
    *_, c = launch(
        chapter["matmul"],
        (a, order(64, 24)),
        (b, order(24, 32)),
        (none(64, 32), order(64, 32)),
    )
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("count", [512, 1000, 1023])
def test_scale(chapter: dict[str, Any], count: int) -> None:
    _, b = launch(chapter["scale"], (some(count), Layout(count)), (none(count), Layout(count)))
    np.testing.assert_array_equal(b, 2 * some(count))


@pytest.mark.parametrize("count", [4, 512, 1000])
def test_scale_for_all_sizes(chapter: dict[str, Any], count: int) -> None:
    layout = Layout(enigma.dyn("n", div=4))
    _, b = launch(chapter["scale"], (some(count), layout), (none(count), layout), n=count)
    np.testing.assert_array_equal(b, 2 * some(count))


def test_lower(chapter: dict[str, Any]) -> None:
    _, b = launch(chapter["lower"], (some(64, 64), rows(64, 64)), (none(64, 64), rows(64, 64)))
    np.testing.assert_array_equal(b, np.tril(some(64, 64)))


def test_corner(chapter: dict[str, Any]) -> None:
    a = some(16, 16)
    for shape in [(5, 16), (16, 16), (9, 3)]:
        memory = (a, rows(16, 16)), (none(16, 16), rows(16, 16))
        _, b = launch(chapter["corner"], *memory, further=(shape,))
        wanted = none(16, 16)
        wanted[: shape[0], : shape[1]] = a[: shape[0], : shape[1]]
        np.testing.assert_array_equal(b, wanted)


@pytest.mark.parametrize("shape", [(64, 96), (33, 70), (100, 45)])
def test_transpose(chapter: dict[str, Any], shape: tuple[int, int]) -> None:
    m, n = shape
    _, b = launch(chapter["transpose"], (some(m, n), rows(m, n)), (none(n, m), rows(n, m)))
    np.testing.assert_array_equal(b, some(m, n).T)
