# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conway's Game of Life on a torus: a cell a thread, a launch a generation."""

from collections.abc import Iterator

import numpy as np

import enigma
from enigma import Layout, Tensor
from launch import JitLaunch, show

BLOCK = (16, 8)


@enigma.kernel
def generation(now, then):
    position = enigma.thread_position_in_grid
    rows, columns = now.shape
    row, col = position.y, position.x
    if row >= rows or col >= columns:
        return
    neighbours = -now[row, col]
    for down in (rows - 1, 0, 1):
        for right in (columns - 1, 0, 1):
            neighbours += now[(row + down) % rows, (col + right) % columns]
    alive = neighbours == 3 or (neighbours == 2 and now[row, col] == 1)
    then[row, col] = 1 if alive else 0


@enigma.jit
def two_generations(board, scratch):
    rows, columns = board.shape
    grid = (enigma.ceil_div(columns, BLOCK[0]), enigma.ceil_div(rows, BLOCK[1]), 1)
    generation(board, scratch).launch(grid=grid, block=(*BLOCK, 1))
    generation(scratch, board).launch(grid=grid, block=(*BLOCK, 1))


def any_size() -> enigma.CompiledProgram:
    """Compile for boards of all sizes."""
    layout = Layout((enigma.dyn("rows"), enigma.dyn("columns")), (enigma.dyn("columns"), 1))
    board, scratch = Tensor("board", 0, "char", layout), Tensor("scratch", 1, "char", layout)
    return enigma.compile(two_generations, board, scratch)


def reference(board: np.ndarray) -> np.ndarray:
    """The next generation in NumPy."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    neighbours = sum(np.roll(board, shift, axis=(0, 1)) for shift in shifts)
    return ((neighbours == 3) | ((neighbours == 2) & (board == 1))).astype(board.dtype)


def launches() -> Iterator[JitLaunch]:
    """Boards that the threadgroups overhang, among them such as are all edge."""
    rng = np.random.default_rng(13)
    program = any_size()
    for rows, columns in ((1, 1), (2, 3), (8, 16), (37, 50)):
        board = rng.integers(0, 2, (rows, columns), np.int8)
        after_one = reference(board)
        yield JitLaunch(
            title=f"two generations of Life on {rows} x {columns} cells",
            kernel=program,
            arguments={
                "board": board,
                "scratch": np.zeros_like(board),
                "rows": rows,
                "columns": columns,
            },
            expected={"board": reference(after_one), "scratch": after_one},
        )


if __name__ == "__main__":
    print(any_size().metal_source)
    show(launches())
