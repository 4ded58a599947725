# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chains of conditions that are long print flat."""

import linecache

import pytest

import enigma


def kernel_of(body):
    """A kernel with these lines, which has its source as a cell of a notebook has."""
    name = f"<long {abs(hash(body))}>"
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = (
        "@enigma.kernel\ndef kernel(A: enigma.i32, B: enigma.i32):\n"
        f"    i = enigma.thread_position_in_grid\n{lines}"
    )
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    variables = {"enigma": enigma}
    exec(compile(source, name, "exec", dont_inherit=True), variables)
    return variables["kernel"]


def chain(links):
    arms = "".join(f"elif A[i] == {k}:\n    B[i] = {k + 1}\n" for k in range(links))
    return f"if A[i] < 0:\n    B[i] = 0\n{arms}else:\n    B[i] = -1\n"


BODIES = {
    "elif": chain(600),
    "or": "B[i] = 1 if " + " or ".join(f"A[i] == {2 * k}" for k in range(600)) + " else 0",
    "and": "B[i] = 1 if " + " and ".join(f"A[i] != {2 * k}" for k in range(600)) + " else 0",
    "ternary": "B[i] = " + " ".join(f"{k} if A[i] == {k} else" for k in range(300)) + " -1",
}


@pytest.mark.parametrize("name", BODIES)
def test_chains_are_flat(name):
    text = enigma.compile(kernel_of(BODIES[name])).metal_source
    depth = deepest = 0
    for character in text:
        depth += (character in "({") - (character in ")}")
        deepest = max(deepest, depth)
    assert deepest < 12


def test_a_chain_that_is_too_long():
    with pytest.raises(enigma.EnigmaError, match="more than 1000 regions") as caught:
        enigma.compile(kernel_of(chain(1500)))
    assert caught.value.location is not None
