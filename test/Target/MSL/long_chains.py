# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chains of thousands of conditions and choices, and of many arms: they print flat."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

HEADER = """#device = #enigma.address_space<device>
enigma.kernel @chain(
    %A: memref<?xi32, #device> {enigma.name = "A", enigma.index = 0 : i32,
                             enigma.dtype = si32},
    %B: memref<?xi1, #device> {enigma.name = "B", enigma.index = 1 : i32},
    %a: i32 {enigma.name = "a", enigma.index = 2 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
"""
FOOTER = "\n  enigma.return\n}\n"


def conditions(links: int) -> list[str]:
    """The constants 0 to `links`, and whether `a` is each of them."""
    return [
        f"%n{k} = arith.constant {k} : i32\n%p{k} = arith.cmpi eq, %a, %n{k} : i32"
        for k in range(links + 1)
    ]


def operands(name: str, from_left: bool) -> Callable[[int], str]:
    """`a == 0 || a == 1 || ...`, grouped from the left or from the right."""

    def module(links: int) -> str:
        lines = conditions(links)
        order = range(1, links + 1) if from_left else range(links - 1, -1, -1)
        last = "p0" if from_left else f"p{links}"
        for k in order:
            pair = (last, f"p{k}") if from_left else (f"p{k}", last)
            lines.append(f"%c{k} = {name} %{pair[0]}, %{pair[1]} : i1")
            last = f"c{k}"
        return "\n".join([*lines, f"memref.store %{last}, %B[%i] : memref<?xi1, #device>"])

    return module


def choices(links: int) -> str:
    """`a == 0 ? 0 : a == 1 ? 1 : ...`"""
    lines = conditions(links)
    last = f"n{links}"
    for k in range(links - 1, -1, -1):
        lines.append(f"%c{k} = arith.select %p{k}, %n{k}, %{last} : i32")
        last = f"c{k}"
    return "\n".join([*lines, f"memref.store %{last}, %A[%i] : memref<?xi32, #device>"])


def arms(links: int) -> str:
    """`if (a == 0) { ... } else if (a == 1) { ... } ...`"""
    store = "memref.store %n{0}, %A[%i] : memref<?xi32, #device>"
    return "\n".join(
        [
            *conditions(links),
            *(f"scf.if %p{k} {{\n{store.format(k)}\n}} else {{" for k in range(links)),
            store.format(links),
            "}\n" * links,
        ]
    )


def scopes(depth: int) -> str:
    """`if` in `if`, each with a statement of its own."""
    store = "memref.store %n{0}, %A[%i] : memref<?xi32, #device>\n"
    opened = (f"scf.if %p{k} {{\n{store.format(k)}" for k in range(depth))
    return "\n".join([*conditions(depth), *opened, "}\n" * depth])


def run(body: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["enigma-translate", "--enigma-to-msl"],
        input=HEADER + body + FOOTER,
        capture_output=True,
        text=True,
    )


def translate(body: str) -> str:
    result = run(body)
    assert result.returncode == 0, result.stderr[:2000]
    return result.stdout


def refusal(body: str) -> str:
    """What is said of what is not translated."""
    result = run(body)
    assert result.returncode == 1, result.returncode
    return result.stderr


def depth(text: str) -> int:
    """How deep brackets nest."""
    deepest = now = 0
    for character in text:
        now += (character in "({[") - (character in ")}]")
        deepest = max(deepest, now)
    return deepest


CHAINS: dict[str, tuple[Callable[[int], str], int]] = {
    "or from the left": (operands("arith.ori", True), 5000),
    "or from the right": (operands("arith.ori", False), 5000),
    "and from the left": (operands("arith.andi", True), 5000),
    "and from the right": (operands("arith.andi", False), 5000),
    "choices": (choices, 5000),
    # The IR nests: what reads it does not take more.
    "arms": (arms, 1000),
}
REFUSED = {
    "more than 240 nested scopes": scopes(241),
    "more than 1000 regions, one inside of the other": arms(1001),
}


def main() -> None:
    """Translate all chains."""
    failures = []
    for name, (chain, links) in CHAINS.items():
        text = translate(chain(links))
        if depth(text) > 4:
            failures.append(f"{name}: {depth(text)} brackets in one another")
        if longest := [line for line in text.splitlines() if len(line) > 100]:
            failures.append(f"{name}: a line of {len(longest[0])} columns")
        if text.count("==") + text.count("!=") < links:
            failures.append(f"{name}: {text.count('==')} of {links} links")
    if translate(scopes(240)).count("if (") != 240:
        failures.append("240 scopes")
    for message, body in REFUSED.items():
        said = refusal(body)
        if message not in said or "help: " not in said:
            failures.append(f"{message}: {said[:200]}")
    for failure in failures:
        print(failure)
    print(f"{len(CHAINS)} chains, {len(REFUSED)} limits, {len(failures)} failures")


if __name__ == "__main__":
    main()
