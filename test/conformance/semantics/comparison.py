# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels as text, run by Python itself and by the harness, to be compared.

    outcome = Comparison([Case("sum", "B[i] = A[i] + A[i + 1]")]).outcome("sum")

A case is the body of a kernel with the buffers `A` and `B` and the thread's number `i`. Python runs
it once a thread, with lists as buffers; Enigma compiles it and the harness runs what it emits. What
comes out is one of `EQUAL`, `REFUSED` and `WRONG`; only the first two are ever right, and a
refusal counts only with its line and a remedy.
"""

from __future__ import annotations

import atexit
import builtins
import functools
import linecache
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import CodeType
from typing import Any, Protocol

import numpy as np

import enigma
from conformance import harness
from conformance.emitted import NUMPY

PACKAGE = Path(enigma.__file__).parent
TEST = Path(__file__).resolve().parents[2]

EQUAL = "equal"
REFUSED = "refused"
EITHER = "equal or refused"
WRONG = "wrong"

THREADS = 20
BLOCK = 8
# Every path of the cases is taken by some thread; those beyond the threads are for `A[i + 1]`.
INPUTS = random.Random(3).choices(range(-3, 9), k=THREADS + 8)
# Seconds after which the compiler does not start, or waits for something that does not come.
START_LIMIT = 120.0
WAIT_LIMIT = 300.0
# Those of the processor, after which a compilation hangs and a kernel is endless.
COMPILE_LIMIT = 20.0
RUN_LIMIT = 5.0
# What `B` holds before, so that what is not written is seen.
INITIAL = 77


@dataclass(frozen=True)
class Case:
    """A kernel, and what must become of it.

    Attributes
    ----------
    name
        Unique.
    body
        The statements of the kernel, after ``i = enigma.thread_position_in_grid``.
    verdict
        `EQUAL`, `REFUSED` or `EITHER`.
    prelude
        What stands before the kernel in its module.
    plain
        The body in plain Python, where the kernel uses a construct that only Enigma has.
    result
        The dtype of `B`.
    names
        What the message of a refusal has to contain.
    """

    name: str
    body: str
    verdict: str = EQUAL
    prelude: str = ""
    plain: str | None = None
    result: str = "i32"
    names: str = ""

    def source(self, body: str | None = None) -> str:
        """The module."""
        statements = textwrap.indent(block(self.body if body is None else body), "    ")
        return (
            f"{block(self.prelude)}\n\n@enigma.kernel\n"
            f"def kernel(A: enigma.i32, B: enigma.{self.result}):\n"
            f"    i = enigma.thread_position_in_grid\n{statements}\n"
        )


class Source(Protocol):
    """What is compiled: a module with a `kernel`, and the `OPTIONS` and `ARGUMENTS` for it."""

    @property
    def name(self) -> str: ...

    def source(self) -> str: ...


def block(text: str) -> str:
    """Statements that are indented in a text of their own."""
    return textwrap.dedent(text.rstrip()).lstrip("\n")


@dataclass(frozen=True)
class Outcome:
    """What became of a case: `EQUAL`, `REFUSED` or `WRONG`, and the details."""

    kind: str
    details: str = ""


class BadCase(BaseException):
    """A case does what no case may do."""


class Memory(list[Any]):
    """A buffer: it has no negative positions."""

    def __getitem__(self, position: Any) -> Any:
        self._check(position)
        return super().__getitem__(position)

    def __setitem__(self, position: Any, value: Any) -> None:
        self._check(position)
        super().__setitem__(position, value)

    def _check(self, position: Any) -> None:
        if not 0 <= position < len(self):
            raise BadCase(f"the case accesses position {position} of {len(self)}")


def _same(function: Any) -> Any:
    return function


class Plain:
    """What `enigma` is to the reference."""

    kernel = func = staticmethod(_same)
    range = range_constexpr = builtins.range
    abs = builtins.abs
    imin, imax = builtins.min, builtins.max

    def __init__(self, thread: int) -> None:
        self.thread_position_in_grid = thread

    def __getattr__(self, name: str) -> Any:
        if name in NUMPY:
            return name
        raise AttributeError(f"the reference has no enigma.{name}")

    @staticmethod
    def where(false_value: Any, true_value: Any, condition: Any) -> Any:
        return true_value if condition else false_value


def _namespace(code: CodeType, module: str, stand_in: Any) -> dict[str, Any]:
    names = {"__name__": module, "enigma": stand_in}
    exec(code, names)
    return names


def reference(case: Case) -> tuple[list[Any], list[Exception]]:
    """Run a case in Python: `B` afterwards, and the exceptions of the threads that raise one."""
    name = f"<plain {case.name}>"
    code = compile(case.source(case.plain), name, "exec", dont_inherit=True)
    inputs, results = Memory(INPUTS), Memory([INITIAL] * THREADS)
    raised = []
    for thread in range(THREADS):
        # A thread has everything for itself, globals and defaults of parameters among it.
        kernel = _namespace(code, "reference", Plain(thread))["kernel"]
        try:
            kernel(inputs, results)
        except Exception as error:
            raised.append(error)
    return [int(x) if isinstance(x, bool) else x for x in results], raised


class Comparison:
    """Cases that are compiled together, when the outcome of one is asked for."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.cases: dict[str, Case] = {}
        for case in cases:
            assert case.name not in self.cases, case.name
            self.cases[case.name] = case
        self._compiled: dict[str, Text | Raised] = {}
        self._results: dict[tuple[str, str], Any] = {}

    def outcome(self, name: str) -> Outcome:
        """Compare one case."""
        case = self.cases[name]
        expected, raised = reference(case)
        compiled = self._all()[name]
        if isinstance(compiled, Raised):
            return _refusal(case, compiled, raised)
        if raised:
            return Outcome(
                WRONG, f"Python raises {raised[0]!r}, but this compiles:\n{compiled.metal_source}"
            )
        found = self._run(case, compiled)
        if isinstance(found, Exception):
            return Outcome(WRONG, f"{found!r} in\n{compiled.metal_source}")
        if found != expected:
            return Outcome(
                WRONG,
                f"A          {INPUTS}\nPython     {expected}\nthe kernel {found}\n"
                f"{compiled.metal_source}",
            )
        return Outcome(EQUAL)

    def check(self, name: str) -> Outcome:
        """Fail unless the outcome of a case is what it must be."""
        case, outcome = self.cases[name], self.outcome(name)
        if outcome.kind not in (REFUSED, EQUAL):
            problem = "the kernel is not what Python makes of it"
        elif outcome.kind == REFUSED and case.verdict == EQUAL:
            problem = "this must work, and is refused"
        elif outcome.kind == EQUAL and case.verdict == REFUSED:
            problem = "this must be refused"
        elif outcome.kind == REFUSED and case.names not in outcome.details:
            problem = f"the refusal does not name {case.names!r}"
        else:
            return outcome
        raise AssertionError(f"{problem}:\n{case.source()}\n{outcome.details}")

    def _all(self) -> dict[str, Text | Raised]:
        if not self._compiled:
            for name, case in self.cases.items():
                found = self._compiled[name] = compiler().compile(case)
                if isinstance(found, Text):
                    harness.declare(found)
        return self._compiled

    def _run(self, case: Case, compiled: Text) -> Any:
        # Many cases come to the same text.
        key = compiled.metal_source, case.result
        if key not in self._results:
            inputs = np.array(INPUTS, np.int32)
            results = np.full(THREADS, INITIAL, NUMPY[case.result])
            try:
                harness.run(
                    compiled,
                    args=[inputs, results],
                    threads=THREADS,
                    block=BLOCK,
                    timeout=RUN_LIMIT,
                )
            except (harness.KernelError, harness.CompileError) as error:
                self._results[key] = error
            else:
                self._results[key] = results.tolist()
        return self._results[key]


def _refusal(case: Case, error: Raised, raised: list[Exception]) -> Outcome:
    """Judge what compiling raised, given what Python raises in the threads."""
    text = error.text
    if not error.own:
        if len(raised) == THREADS and {(type(e).__name__, str(e)) for e in raised} == {
            (error.kind, text)
        }:
            # The kernel's own exception, whatever the thread.
            return Outcome(REFUSED, text)
        return Outcome(WRONG, f"{error.kind}:\n{error.details}")
    problems = []
    if error.internal:
        problems.append(f"there is a fault behind it: {error.internal}")
    if error.line == 0:
        problems.append("it names no line of the kernel")
    if not error.help:
        problems.append("it names no remedy")
    if "__enigma" in text:
        problems.append("it shows names of the rewriter")
    if "see current operation" in text:
        problems.append("it shows IR")
    if problems:
        return Outcome(WRONG, f"a refusal, but {', '.join(problems)}:\n{text}")
    return Outcome(REFUSED, text)


# Compiling, in a process of its own: what crashes or hangs there is a failure of one case.


@dataclass(frozen=True)
class Text:
    """What a kernel was compiled to."""

    kernel_name: str
    metal_source: str
    elements_per_thread: int = 1
    compiled: enigma.CompiledKernel | None = None
    # Of a jit function: the kernels that it launches, in order.
    launches: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Raised:
    """What compiling a kernel raised.

    Attributes
    ----------
    kind
        The name of the class.
    own
        Whether it is one of Enigma's.
    line
        The line of the case that it names, or 0.
    internal
        An exception of Enigma's own code that is behind it, which is a fault of Enigma.
    """

    kind: str
    text: str
    own: bool = False
    line: int = 0
    help: str = ""
    details: str = ""
    internal: str = ""


class Compiler:
    """A process that compiles cases, and is started again when one has ended it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        # A file, for a pipe that nobody reads would stop the process when it is full.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115

    def compile(self, case: Source) -> Text | Raised:
        """Compile a case."""
        if self._connection is None:
            self._start()
        assert self._connection is not None
        self._connection.send(case)
        try:
            if self._connection.poll(WAIT_LIMIT):
                found: Text | Raised = self._connection.recv()
                return found
        except (EOFError, ConnectionError):
            assert self._process is not None
            ended, said = self._process.wait(), self.stop()
            if ended == -signal.SIGPROF:
                return Raised("hang", f"compiling takes more than {COMPILE_LIMIT} s")
            return Raised("crash", "compiling ends the process", details=said)
        self.stop()
        return Raised("hang", f"compiling waits for more than {WAIT_LIMIT} s")

    def _start(self) -> None:
        here, there = Pipe()
        self._connection = here
        paths = [str(TEST), *sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(there.fileno())],
            pass_fds=[there.fileno()],
            # Nothing comes from what earlier runs of the tests compiled.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "ENIGMA_CACHE": "0"},
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        there.close()
        # Starting takes long where many tests start at once.
        if not here.poll(START_LIMIT):
            raise TimeoutError(f"the compiler does not start: {self.stop()}")
        here.recv()

    def stop(self) -> str:
        """End the process, and give what it said."""
        if self._process is None or self._connection is None:
            return ""
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._process = self._connection = None
        self._said.seek(0)
        said = self._said.read().decode(errors="replace")
        self._said.seek(0)
        self._said.truncate()
        return said[-2000:]


@functools.cache
def compiler() -> Compiler:
    """The process that compiles."""
    process = Compiler()
    atexit.register(process.stop)
    return process


_SERVER = "import sys; from conformance.semantics.comparison import serve; serve(int(sys.argv[1]))"


def serve(descriptor: int) -> None:
    """Compile the cases that come over a connection, until it is closed."""
    connection = Connection(descriptor)
    # Much is only imported when it is needed.
    _compile(Case("first", "B[i] = A[i]"))
    connection.send("ready")
    while True:
        try:
            case = connection.recv()
        except EOFError:
            return
        # The signal ends the process.
        signal.setitimer(signal.ITIMER_PROF, COMPILE_LIMIT)
        found = _compile(case)
        signal.setitimer(signal.ITIMER_PROF, 0)
        connection.send(found)


def _compile(case: Source) -> Text | Raised:
    source, name = case.source(), f"<case {case.name}>"
    # As for a cell of a notebook: the text is all there is.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    code = compile(source, name, "exec", dont_inherit=True)
    try:
        names = _namespace(code, "case", enigma)
        kernel = names["kernel"]
        options = names.get("OPTIONS", {})
        compiled = enigma.compile(kernel, *names.get("ARGUMENTS", ()), emit_only=True, **options)
    except enigma.EnigmaError as error:
        location = error.location
        line = 0
        if location is not None and location.filename == name and location.source_line:
            line = location.line
        kind, found = type(error).__name__, _internal(error)
        return Raised(kind, str(error), True, line, error.help, internal=found)
    except Exception as error:
        shown = "".join(traceback.format_exception(error)[-8:])
        return Raised(type(error).__name__, str(error), details=shown)
    if isinstance(compiled, enigma.CompiledProgram):
        return Text(
            compiled.name, compiled.metal_source, launches=tuple(map(_text, compiled.kernels))
        )
    return _text(compiled)


def _text(compiled: enigma.CompiledKernel) -> Text:
    return Text(compiled.kernel_name, compiled.metal_source, compiled.elements_per_thread, compiled)


def _internal(error: BaseException) -> str:
    """What Enigma's own code raised without meaning to, behind an error."""
    behind = error.__cause__ or error.__context__
    if behind is None:
        return ""
    *_, last = traceback.extract_tb(behind.__traceback__)
    ours = isinstance(behind, enigma.EnigmaError)
    if isinstance(behind, _FAULTS) and not ours and Path(last.filename).is_relative_to(PACKAGE):
        return f"{behind!r} at {last.filename}:{last.lineno}"
    return _internal(behind)


_FAULTS = (AssertionError, LookupError, NameError, RecursionError, UnboundLocalError, ValueError)
