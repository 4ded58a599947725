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
from conformance.random_kernels.machine import (
    GIVEN_SIZE,
    Buffer,
    Dtype,
    Vectors,
    VectorType,
    evaluate,
    evaluate_program,
)
from conformance.random_kernels.numbers import FLOATS, Num, Undefined, limits, literal
from conformance.semantics.comparison import (
    EQUAL,
    WRONG,
    Outcome,
    Raised,
    Text,
    compiler,
)
from conformance.semantics.shrinking import smaller

# A kernel computes what is undefined, and says nothing.
UNDEFINED = "undefined"
# What an output holds before, so that what is not written is seen.
INITIAL = 77
ACCUMULATORS = 32
RUN_LIMIT = 10.0
# What a module says of how its kernel is launched.
_SETTINGS = (
    "THREADS, BLOCK",
    "(THREADS, BLOCK)",
    "OPTIONS",
    "CONSTANTS",
    "COUNTS",
    "TENSORS",
    "SIZES",
)


@dataclass(frozen=True)
class Program:
    """A module with a kernel, as text."""

    name: str
    text: str

    def source(self) -> str:
        """The module."""
        return self.text


@dataclass(frozen=True)
class Parameter:
    """A parameter of a kernel, as its annotation tells: ``Scalar(f32)``, ``vec(f16, 3)``.

    Attributes
    ----------
    kind
        ``"Scalar"``, ``"Threadgroup"`` or ``"constexpr"``; nothing for a buffer.
    dtype
        Of its numbers.
    vector
        What its elements are, if they are vectors.
    """

    kind: str
    dtype: str
    vector: VectorType | None = None

    @classmethod
    def of(cls, annotation: str) -> Parameter:
        """Read an annotation."""
        if annotation == "constexpr":
            return cls(annotation, "")
        found = _ANNOTATION.fullmatch(annotation)
        assert found is not None, annotation
        kind, dtype, lanes, packed = found.groups()
        return cls(
            kind or "", dtype, VectorType(dtype, int(lanes), bool(packed)) if lanes else None
        )

    @property
    def is_buffer(self) -> bool:
        """Whether it is memory of the host."""
        return not self.kind

    def array(self, values: list[Any]) -> Any:
        """Values as the host has them."""
        if self.dtype == "bf16":
            found = harness.to_bfloat(np.array(values, np.float32))
        else:
            found = np.array(values, NUMPY[self.dtype])
        return found.reshape(-1, self.vector.space) if self.vector and self.is_buffer else found

    def stand_in(self, value: Any) -> Any:
        """What the kernel is given where Python runs it."""
        if self.kind == "Threadgroup":
            # Each threadgroup has its own.
            return Dtype(self.dtype)
        if self.kind == "Scalar":
            return Num(self.dtype, value if self.vector else [value])
        if not self.is_buffer:
            return value
        return Vectors(self.vector, value) if self.vector else Buffer(self.dtype, value)


_ANNOTATION = re.compile(
    r"(?:(Scalar|Threadgroup)\()?(?:vec\()?(\w+)(?:, (\d)(, packed=True)?)?\)*"
)


@dataclass
class Plan:
    """What a kernel is launched with, as its module tells.

    Attributes
    ----------
    parameters
        By name.
    values
        The numbers of each buffer and vector; the number of a scalar.
    """

    parameters: dict[str, Parameter]
    values: dict[str, Any]
    threads: int
    block: int
    options: dict[str, Any]
    constants: dict[int, Any]
    sizes: dict[str, int]


def plan_of(program: Program) -> Plan:
    """Read how a kernel is launched, and make up its inputs."""
    names: dict[str, Any] = {}
    parameters: dict[str, Parameter] = {}
    for node in ast.parse(program.text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _SETTINGS:
            exec(ast.unparse(node), names)
        if "TENSORS" not in names and isinstance(node, ast.FunctionDef) and node.name == "kernel":
            for argument in node.args.args:
                assert argument.annotation is not None
                text = ast.unparse(argument.annotation).replace("enigma.", "")
                parameters[argument.arg] = Parameter.of(text)
    threads = names["THREADS"]
    rng = random.Random(program.name)
    # The tensors of a jit function, with the room that each has.
    tensors = names.get("TENSORS", {})
    parameters |= {name: Parameter.of(dtype) for name, (dtype, _) in tensors.items()}
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        dtype = parameter.dtype
        if parameter.kind == "Threadgroup":
            values[name] = None
        elif parameter.kind == "constexpr":
            values[name] = names["OPTIONS"]["constants"][name]
        elif parameter.kind == "Scalar":
            count = parameter.vector.lanes if parameter.vector else 1
            most = 4 if dtype in FLOATS else 9
            numbers = [literal(dtype, rng.randint(0, most)) for _ in range(count)]
            values[name] = numbers if parameter.vector else numbers[0]
        elif name == "A":
            values[name] = [rng.randint(-3, 8) for _ in range(threads + 8)]
        elif name == "B":
            values[name] = [INITIAL] * threads
        elif name.startswith("acc_"):
            values[name] = [INITIAL] * ACCUMULATORS
        elif name.startswith("out_"):
            initial = literal(dtype, dtype == "b1" or INITIAL)
            size = tensors[name][1] if name in tensors else threads * names["COUNTS"][dtype]
            values[name] = [initial] * size
        else:
            space = parameter.vector.space if parameter.vector else 1
            values[name] = [_sample(dtype, rng) for _ in range((threads + 8) * space)]
    return Plan(
        parameters,
        values,
        threads,
        names["BLOCK"],
        names["OPTIONS"],
        names.get("CONSTANTS", {}),
        names.get("SIZES", {}),
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


def reference(plan: Plan, text: str) -> dict[str, Buffer]:
    """The buffers as Python leaves them."""
    given = {name: each.stand_in(plan.values[name]) for name, each in plan.parameters.items()}
    if "TENSORS =" in text:
        evaluate_program(text, given, plan.sizes)
    else:
        evaluate(text, given, plan.threads, plan.block, plan.constants)
    return {name: thing for name, thing in given.items() if plan.parameters[name].is_buffer}


class Checking:
    """Programs that are compiled together, when the outcome of one is asked for."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self.programs = {program.name: program for program in programs}
        self._compiled: dict[str, Text | Raised] = {}
        self._outcomes: dict[str, Outcome] = {}

    def compiled(self, name: str) -> Text | Raised:
        """What compiling gave."""
        if not self._compiled:
            for each, program in self.programs.items():
                found = self._compiled[each] = compiler().compile(program)
                if isinstance(found, Text):
                    harness.declare(found)
        return self._compiled[name]

    def outcome(self, name: str) -> Outcome:
        """Compare one, the first time that its outcome is asked for."""
        if name not in self._outcomes:
            self._outcomes[name] = self._compared(name)
        return self._outcomes[name]

    def _compared(self, name: str) -> Outcome:
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
            name: each.array(plan.values[name])
            for name, each in plan.parameters.items()
            if each.is_buffer or each.vector
        }
        arguments = [
            arrays.get(name, plan.values[name])
            for name, each in plan.parameters.items()
            if each.kind in ("", "Scalar")
        ]
        declared = re.findall(r"\[\[function_constant\((\d+)\)", found.metal_source)
        shared = re.findall(r"\[\[threadgroup\((\d+)\)", found.metal_source)
        try:
            for launched in found.launches:
                kernel = launched.compiled
                assert kernel is not None
                run(
                    launched,
                    args=[
                        plan.sizes[str(each.symbol)] if each.is_symbol else arrays[each.name]
                        for each in kernel.parameters
                    ],
                    threads=kernel.grid[0] * kernel.block[0],
                    block=kernel.block[0],
                    timeout=RUN_LIMIT,
                )
            if not found.launches:
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
        for name, buffer in expected.items():
            array = arrays[name].reshape(-1)
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
    if expected is None:
        # It is nobody's.
        return True
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
