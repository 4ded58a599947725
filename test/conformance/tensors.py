# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory of tensors in conformance tests.

An array of values is indexed by the flat coordinates of a layout, which says
where each of them lies. Between and around them lie guards, which a kernel
must not change.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

import enigma
from conformance import harness
from conformance.emitted import NUMPY, Array, sample
from enigma import CompiledKernel, Layout

# Elements before and after those of a tensor.
MARGIN = 8


def leaves(tree: Any) -> tuple[Any, ...]:
    """The leaves of a nested tuple."""
    return sum(map(leaves, tree), ()) if isinstance(tree, tuple) else (tree,)


def places(layout: Layout) -> npt.NDArray[np.int64]:
    """The offsets of a layout, indexed by the leaves of the coordinate."""
    total = np.zeros((), np.int64)
    for extent, stride in zip(leaves(layout.shape), leaves(layout.stride), strict=True):
        total = np.add.outer(total, np.arange(extent) * stride)
    return total


def start_of(layout: Layout) -> int:
    """The offset to add to those of a layout, so that none is negative."""
    return MARGIN - int(places(layout).min())


def memory_of(layout: Layout, name: str, values: Array | None = None, seed: int = 0) -> Array:
    """A buffer of guards, with values where the layout has its elements."""
    where = places(layout) + start_of(layout)
    memory = sample(name, int(where.max()) + 1 + MARGIN, np.random.default_rng(seed))
    if values is not None:
        memory[where] = values
    return memory


def read(layout: Layout, memory: Array) -> Array:
    """The values that lie where the layout has its elements."""
    return memory[places(layout) + start_of(layout)]


def check(layout: Layout, before: Array, after: Array, expected: Array) -> None:
    """Compare a buffer after a launch: the elements, and that all else is as before."""
    np.testing.assert_array_equal(read(layout, after), expected)
    guards = np.ones(before.shape, bool)
    guards[places(layout) + start_of(layout)] = False
    np.testing.assert_array_equal(after[guards], before[guards], "written outside of the tensor")


def tensor(name: str, index: int, dtype: str, layout: Layout, **options: Any) -> enigma.Tensor:
    """The tensor in a buffer that `memory_of` makes; symbolic strides are taken as positive."""
    start = start_of(layout) if layout.is_static else MARGIN
    return enigma.Tensor(name, index, dtype, layout, base_offset=start, **options)


def values(name: str, *shape: int, seed: int = 0) -> Array:
    """Small numbers of a dtype, whose sums and products are exact."""
    numbers = np.random.default_rng(seed).integers(-3, 4, shape)
    if name == "bf16":
        return harness.to_bfloat(numbers)
    if name.startswith("u"):
        numbers = np.abs(numbers)
    return numbers.astype(NUMPY[name])


def launch(
    kernel: CompiledKernel, *args: Any, sizes: Mapping[str, int] | None = None, **options: Any
) -> None:
    """Run what a jit function launches, with values for its symbols."""
    sizes = sizes or {}
    scalars = [sizes[name] for name in kernel.scalar_params]
    harness.run(
        kernel,
        args=[*args, *scalars],
        grid=kernel.launch_grid(**sizes),
        block=kernel.block,
        **options,
    )
