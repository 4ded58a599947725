# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels, run by Python, by the harness and by the CPU device, to be compared."""

from __future__ import annotations

import ast
import math
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

import enigma
from conformance import cpu_device, harness
from conformance.emitted import NUMPY
from conformance.random_kernels.machine import GIVEN_SIZE, Buffer, Dtype, evaluate
from conformance.random_kernels.numbers import FLOATS, Num, Undefined, limits, literal
from conformance.semantics.comparison import EQUAL, WRONG, Outcome, Raised, Text, compiler
from conformance.semantics.shrinking import smaller

# A kernel computes what is undefined, and says nothing.
UNDEFINED = "undefined"
# What an output holds before, so that what is not written is seen.
INITIAL = 77
ACCUMULATORS = 32
RUN_LIMIT = 10.0
# What a module says of how its kernel is launched.
_SETTINGS = ("THREADS, BLOCK", "(THREADS, BLOCK)", "OPTIONS", "CONSTANTS", "COUNTS")


@dataclass(frozen=True)
class Program:
    """A module with a kernel, as text."""

    name: str
    text: str

    def source(self) -> str:
        """The module."""
        return self.text


@dataclass
class Plan:
    """What a kernel is launched with, as its module tells.

    Attributes
    ----------
    parameters
        Name and kind of each: the dtype of a buffer, ``"Scalar(f32)"``, ``"Threadgroup(f32)"`` or
        ``"constexpr"``.
    values
        The numbers of each buffer and scalar; the dtype of an array of a threadgroup.
    """

    parameters: dict[str, str]
    values: dict[str, Any]
    threads: int
    block: int
    options: dict[str, Any]
    constants: dict[int, Any]


def plan_of(program: Program) -> Plan:
    """Read how a kernel is launched, and make up its inputs."""
    names: dict[str, Any] = {}
    parameters: dict[str, str] = {}
    for node in ast.parse(program.text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _SETTINGS:
            exec(ast.unparse(node), names)
        if isinstance(node, ast.FunctionDef) and node.name == "kernel":
            for argument in node.args.args:
                assert argument.annotation is not None
                text = ast.unparse(argument.annotation).replace("enigma.", "")
                parameters[argument.arg] = text
    threads = names["THREADS"]
    rng = random.Random(program.name)
    values: dict[str, Any] = {}
    for name, kind in parameters.items():
        dtype = kind.removeprefix("Scalar(").rstrip(")")
        if kind.startswith("Threadgroup("):
            values[name] = kind.removeprefix("Threadgroup(").rstrip(")")
        elif kind == "constexpr":
            values[name] = names["OPTIONS"]["constants"][name]
        elif kind != dtype:
            values[name] = literal(dtype, rng.randint(0, 9 if dtype not in FLOATS else 4))
        elif name == "A":
            values[name] = [rng.randint(-3, 8) for _ in range(threads + 8)]
        elif name == "B":
            values[name] = [INITIAL] * threads
        elif name.startswith("acc_"):
            values[name] = [INITIAL] * ACCUMULATORS
        elif name.startswith("out_"):
            initial = literal(dtype, dtype == "b1" or INITIAL)
            values[name] = [initial] * (threads * names["COUNTS"][dtype])
        else:
            values[name] = [_sample(dtype, rng) for _ in range(threads + 8)]
    return Plan(
        parameters, values, threads, names["BLOCK"], names["OPTIONS"], names.get("CONSTANTS", {})
    )


def _sample(dtype: str, rng: random.Random) -> Any:
    if dtype in FLOATS:
        kind = rng.random()
        if kind < 0.3:
            return float(rng.randint(-8, 8))
        return literal(dtype, rng.uniform(-8, 8) if kind < 0.8 else rng.uniform(-1, 1))
    low, high = limits(dtype)
    if dtype == "b1":
        return rng.random() < 0.5
    kind = rng.random()
    if kind < 0.2:
        return rng.choice([low, high, low + 1, high - 1, high // 2, 0, 1])
    return rng.randint(max(low, -9), 9) if kind < 0.5 else rng.randint(low, high)


def _array(dtype: str, values: list[Any]) -> Any:
    if dtype == "bf16":
        return harness.to_bfloat(np.array(values, np.float32))
    return np.array(values, NUMPY[dtype])


def reference(plan: Plan, text: str) -> dict[str, Buffer]:
    """The buffers as Python leaves them."""
    arguments = {
        name: Buffer(kind, plan.values[name]) if isinstance(plan.values[name], list) else None
        for name, kind in plan.parameters.items()
    }
    given: dict[str, Any] = dict(arguments)
    for name, kind in plan.parameters.items():
        if kind == "constexpr":
            given[name] = plan.values[name]
        elif kind.startswith("Threadgroup("):
            given[name] = Dtype(plan.values[name])
        elif given[name] is None:
            dtype = kind.removeprefix("Scalar(").rstrip(")")
            given[name] = Num(dtype, [plan.values[name]])
    evaluate(text, given, plan.threads, plan.block, plan.constants)
    return {name: buffer for name, buffer in arguments.items() if buffer is not None}


class Checking:
    """Programs that are compiled together, when the outcome of one is asked for."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self.programs = {program.name: program for program in programs}
        self._compiled: dict[str, Text | Raised] = {}

    def compiled(self, name: str) -> Text | Raised:
        """What compiling gave."""
        if not self._compiled:
            for each, program in self.programs.items():
                found = self._compiled[each] = compiler().compile(program)
                if isinstance(found, Text):
                    harness.declare(found)
        return self._compiled[name]

    def outcome(self, name: str) -> Outcome:
        """Compare one."""
        program = self.programs[name]
        plan = plan_of(program)
        try:
            expected = reference(plan, program.text)
        except Undefined as error:
            return Outcome(UNDEFINED, repr(error))
        found = self.compiled(name)
        if isinstance(found, Raised):
            return Outcome(WRONG, f"{found.kind}: {found.text}\n{found.details}")
        for run in (harness.run, _run_on_cpu):
            outcome = self._outcome_of(run, found, plan, expected)
            if outcome.kind != EQUAL:
                return Outcome(outcome.kind, f"{run.__name__}: {outcome.details}")
        return Outcome(EQUAL)

    def _outcome_of(
        self, run: Callable[..., object], found: Text, plan: Plan, expected: dict[str, Buffer]
    ) -> Outcome:
        """Compare what one way of running computes."""
        arrays = {
            name: _array(kind, plan.values[name])
            for name, kind in plan.parameters.items()
            if isinstance(plan.values[name], list)
        }
        arguments = [
            arrays.get(name, plan.values[name])
            for name, kind in plan.parameters.items()
            if kind != "constexpr" and not kind.startswith("Threadgroup(")
        ]
        declared = re.findall(r"\[\[function_constant\((\d+)\)", found.metal_source)
        shared = re.findall(r"\[\[threadgroup\((\d+)\)", found.metal_source)
        try:
            run(
                found,
                args=arguments,
                threads=-(-plan.threads // found.elements_per_thread),
                block=plan.block,
                constants={k: v for k, v in plan.constants.items() if str(k) in declared},
                threadgroup_memory={int(index): GIVEN_SIZE * 8 for index in shared},
                timeout=RUN_LIMIT,
            )
        except (harness.KernelError, harness.CompileError, enigma.EnigmaError) as error:
            return Outcome(WRONG, f"{error!r}\n{found.metal_source}")
        for name, array in arrays.items():
            buffer = expected[name]
            values = harness.from_bfloat(array) if buffer.dtype == "bf16" else array
            for position, (a, b) in enumerate(zip(values.tolist(), buffer.values, strict=True)):
                if not _same(a, b, buffer.errors[position]):
                    return Outcome(
                        WRONG,
                        f"{name}[{position}] is {a!r}, and should be {b!r} "
                        f"(+- {buffer.errors[position]})\n{found.metal_source}",
                    )
        return Outcome(EQUAL)


def _same(found: Any, expected: Any, error: float) -> bool:
    if isinstance(expected, float) and math.isnan(expected):
        return math.isnan(found)
    if found == expected:
        # A zero has a sign; what is near may be either.
        return (
            bool(error)
            or not isinstance(expected, float)
            or (math.copysign(1, found) == math.copysign(1, expected))
        )
    return error > 0 and abs(found - expected) <= error


def _run_on_cpu(
    found: Text,
    *,
    args: list[Any],
    threads: int,
    block: int,
    constants: dict[int | str, Any] | None = None,
    threadgroup_memory: dict[int, int] | None = None,
    timeout: float,
) -> None:
    """Run a kernel as the harness does, which would give it up after `timeout`."""
    assert found.compiled is not None
    cpu_device.run(
        found.compiled,
        args,
        grid=None,
        block=block,
        threads=threads,
        constants=constants or {},
        threadgroup_memory=threadgroup_memory or {},
    )


def shrunk(program: Program, attempts: int = 150) -> Program:
    """Take parts out of a program for as long as it fails in the same way."""
    smallest, sign = program, _sign(program)
    progress = True
    while progress:
        progress = False
        for text in smaller(smallest.text):
            attempts -= 1
            if attempts < 0:
                return smallest
            candidate = Program(program.name, text)
            if text != smallest.text and sign and _sign(candidate) == sign:
                smallest, progress = candidate, True
                break
    return smallest


def _sign(program: Program) -> str:
    """How a program fails, without the numbers and names; nothing if it does not."""
    try:
        outcome = Checking([program]).outcome(program.name)
    except Exception:
        # What is left is no program.
        return ""
    if outcome.kind != WRONG:
        return ""
    return re.split(r"[\d'(\[]", outcome.details)[0]
