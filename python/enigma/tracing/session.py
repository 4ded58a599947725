# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is kept between compilations: an MLIR context, types, locations, pipelines.

A compilation has a session for itself, so threads compile side by side without sharing a context or
its diagnostics. Afterwards the next one takes it, in whatever thread. MLIR's modules are imported
when the first session starts, which keeps ``import enigma`` cheap.
"""

from __future__ import annotations

import functools
import os
import time
import weakref
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from enigma._collector import without_collector
from enigma._layout import Layout, SwizzledLayout
from enigma._process import fork_lock, import_late
from enigma.errors import CompilationError, UnsupportedUse
from enigma.tracing.kinds import COMPARISONS, MISSING
from enigma.tracing.lanes import Lanes
from enigma.tracing.names import shown_name
from enigma.types import ALL_DTYPES, DType

if TYPE_CHECKING:
    from enigma import _mlir as ir
    from enigma.tracing.kinds import Names

# Locations, attributes and types stay in their context for good, so a context is given up when what
# was compiled in it adds up to this: in bytes of Python's code and of MSL, but for its indentation.
# It then holds some 20 times as much.
CAPACITY = 1 << 19
# What a compilation counts besides, and what one counts that fails and so tells no size.
COMPILATION = CAPACITY >> 10
FAILURE = CAPACITY >> 6
# Compilations that run side by side, and the seconds that one waits for the end of another.
MAX_SESSIONS = 4
PATIENCE = 1.0
# How often it looks, in seconds.
_LOOK = 1e-3


class Written(Protocol):
    """What is made of a module of a session and kept, and so has to be written elsewhere."""

    def written(self) -> bytes:
        """Write it, and let go of the module."""


class Session:
    """An MLIR context with everything of it that can be reused.

    Attributes
    ----------
    ir : module
        ``enigma._mlir``: MLIR's IR, and Enigma's passes and translation.
    context : ir.Context
        The context.
    listeners : list of callable
        The last one is told what MLIR reports.
    operations : OperationBuilder
        What builds operations where the user's code stands.
    contents : Contents
        What compares the contents of objects of Python.
    scalars : dict
        The types of scalars, by dtype.
    derived : dict
        What operations of views were found to give, as `enigma.tensors.views` keeps it.
    verifies_passes : bool
        Whether the IR is verified after each pass, as ``ENIGMA_VERIFY_PASSES=1`` asks for; else
        only what was traced is.
    """

    def __init__(self) -> None:
        # The collector would find nothing of a module to be garbage.
        made: Any = without_collector(import_late, "enigma._mlir")
        self.ir: ModuleType = made
        self.point_after: Callable[[ir.Operation], ir.InsertionPoint] = made.InsertionPoint.after
        self.context: ir.Context = made.Context()
        self.listeners = _listeners(self.context)
        self.operations: ir.OperationBuilder = made.OperationBuilder(self.context)
        self.contents: ir.Contents = made.Contents(COMPARISONS, MISSING)
        # The names in code objects, by the identity of these.
        self.code_names: dict[int, tuple[CodeType, Names]] = {}
        self._spent = 0
        self.verifies_passes = os.environ.get("ENIGMA_VERIFY_PASSES") == "1"
        self._types: dict[str, ir.Type] = {}
        self._attributes: dict[str, ir.Attribute] = {}
        self._kept: dict[ir.Type, ir.Type] = {}
        self._layouts: dict[ir.Type, Layout | SwizzledLayout] = {}
        # By what derived a view and the type of what it is a view of: its type, and the attributes
        # of the operation.
        self.derived: dict[tuple[object, int], tuple[ir.Type, dict[str, ir.Attribute] | None]] = {}
        self._value_types: dict[tuple[DType, int], ir.Type] = {}
        self.scalars: dict[DType, ir.Type] = {
            dtype: self.type(dtype.mlir_name) for dtype in ALL_DTYPES
        }
        self._pipelines: dict[str, ir.Pipeline] = {}
        self._strings: dict[str, ir.Attribute] = {}
        self._names: dict[tuple[str, ...], dict[str, ir.Attribute] | None] = {}
        self._texts: dict[ir.Attribute, str] = {}
        self._unwritten: list[weakref.ref[Written]] = []

    def type(self, text: str) -> ir.Type:
        """Parse a type, once."""
        result = self._types.get(text)
        if result is None:
            try:
                result = self._types[text] = self.ir.Type.parse(text, self.context)
            except self.ir.MLIRError as error:
                raise CompilationError(f"the IR has no type {text}") from error
        return result

    def attribute(self, text: str) -> ir.Attribute:
        """Parse an attribute, once."""
        result = self._attributes.get(text)
        if result is None:
            result = self._attributes[text] = self.ir.Attribute.parse(text, self.context)
        return result

    def string(self, text: str) -> ir.Attribute:
        """Give a string attribute.

        Raises
        ------
        UnsupportedUse
            When it has half of a character, which UTF-8 has no bytes for.
        """
        result = self._strings.get(text)
        if result is None:
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise UnsupportedUse(
                    found=f"the surrogate {text[error.start]!a}",
                    role="in a text of a kernel",
                    remedy="leave it out: it is half of a character",
                ) from None
            result = self._strings[text] = self.ir.Attribute.string(text, self.context)
        return result

    def names(self, names: Sequence[str]) -> dict[str, ir.Attribute] | None:
        """Give the attribute that names the results of an operation; None if none has a name."""
        key = tuple(names)
        if key not in self._names:
            strings = [self.string(shown_name(name)) for name in names]
            named = {"enigma.names": self.ir.Attribute.array(strings, self.context)}
            self._names[key] = named if any(names) else None
        return self._names[key]

    @functools.cached_property
    def never_overflows(self) -> dict[str, ir.Attribute]:
        """The attribute of arithmetic on signed integers, whose overflow is undefined."""
        return {"overflowFlags": self.attribute("#arith.overflow<nsw>")}

    @functools.cached_property
    def unsigned_comparison(self) -> dict[str, ir.Attribute]:
        """The attribute of loops that compare unsigned numbers."""
        return {"unsignedCmp": self.ir.Attribute.unit(self.context)}

    def kept(self, type: ir.Type) -> ir.Type:
        """Give a type as the same object each time."""
        return self._kept.setdefault(type, type)

    def layout_of(self, type: ir.Type) -> Layout | SwizzledLayout:
        """Give the layout of the type of a layout or a tensor; its sizes may be unknown."""
        layout = self._layouts.get(type)
        if layout is None:
            text = self.ir.layout_of(type)
            parse = SwizzledLayout.parse if text.startswith("Sw") else Layout.parse
            layout = self._layouts[type] = parse(text)
        return layout

    def value_type(self, dtype: DType, lanes: int = 1) -> ir.Type:
        """Give the type of a value: signless, a vector if it has several lanes."""
        key = (dtype, lanes)
        result = self._value_types.get(key)
        if result is None:
            if isinstance(lanes, Lanes):
                name = lanes.type_name(dtype)
            else:
                name = dtype.mlir_name if lanes == 1 else f"vector<{lanes}x{dtype.mlir_name}>"
            result = self._value_types[key] = self.type(name)
        return result

    def pipeline(self, passes: str) -> ir.Pipeline:
        """Give the pipeline of passes on a module, which are parsed once."""
        result = self._pipelines.get(passes)
        if result is None:
            result = self._pipelines[passes] = self.ir.Pipeline(
                f"builtin.module({passes})", self.context, self.verifies_passes
            )
        return result

    def text(self, attribute: ir.Attribute) -> str:
        """Give the text of an attribute, which is printed once."""
        result = self._texts.get(attribute)
        if result is None:
            result = self._texts[attribute] = str(attribute)
        return result

    def write_later(self, kernel: Written) -> None:
        """Have a kernel written before anything else is compiled here, if it is alive then."""
        self._unwritten.append(weakref.ref(kernel))

    def write_out(self) -> None:
        """Write what waits for that: nothing outside refers to the context any more then."""
        while self._unwritten:
            kernel = self._unwritten[-1]()
            if kernel is not None:
                kernel.written()
            # Ctrl-C may have come before.
            self._unwritten.pop()

    def spend(self, size: int) -> None:
        """Note that something of that size was compiled, in the bytes that `CAPACITY` counts."""
        self._spent += size

    @property
    def spent(self) -> int:
        """How much of `CAPACITY` is spent."""
        in_code: int = self.operations.code_bytes
        return self._spent + in_code


def _listeners(context: ir.Context) -> list[Callable[[ir.Diagnostic], None]]:
    """Give a list of which the last one is told what MLIR reports; MLIR prints it if it is empty.

    To attach a handler for each stage of a compilation would take longer. It is held where Python's
    collector does not look, so it must hold neither the session nor the context.
    """
    listeners: list[Callable[[ir.Diagnostic], None]] = []

    def handle(diagnostic: ir.Diagnostic) -> bool:
        if not listeners:
            return False
        listeners[-1](diagnostic)
        return True

    context.attach_diagnostic_handler(handle)
    return listeners


class Sessions:
    """The sessions of this process.

    Attributes
    ----------
    idle : list of Session
        Those that wait for the next compilation.
    """

    def __init__(self) -> None:
        self.idle: list[Session] = []
        # Those that are borrowed. What Ctrl-C ends before it is given back is over when it is gone.
        self._loans: list[weakref.ref[Loan]] = []
        if hasattr(os, "register_at_fork"):
            # The threads that borrowed sessions are not in the child of a fork.
            os.register_at_fork(after_in_child=self._loans.clear)

    @property
    def used(self) -> int:
        """How many are borrowed."""
        return sum(loan() is not None for loan in self._loans)

    def borrow(self) -> Loan:
        """Have a session for one compilation; the block adds the size of its result to `spent`.

        Where many threads compile, they wait for one another, so that there are few contexts.
        """
        return Loan(self)

    def take(self, loan: Loan) -> Session | None:
        """Take a session out of those that wait, once there are few enough; None if none does."""
        # Python runs one thread at a time, so waiting costs nothing; but the code of a kernel may
        # be what waits for this thread.
        end = time.monotonic() + PATIENCE
        while True:
            # A condition of `threading` may be left locked where Ctrl-C comes.
            with fork_lock:
                if self.used < MAX_SESSIONS or time.monotonic() >= end:
                    self._loans.append(weakref.ref(loan))
                    return self.idle.pop() if self.idle else None
            time.sleep(_LOOK)

    def give_back(self, loan: Loan, session: Session | None) -> None:
        """Let the next compilation have a session; None if the one that was taken did not start."""
        with fork_lock:
            self._loans[:] = [each for each in self._loans if each() not in (None, loan)]
            if session and session.spent < CAPACITY and len(self.idle) < MAX_SESSIONS:
                self.idle.append(session)
            elif session:
                session.write_out()


class Loan:
    """A session for a `with` block."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._session: Session | None = None

    def __enter__(self) -> Session:
        self._session = self._sessions.take(self)
        try:
            if self._session is None:
                self._session = Session()
            # Ctrl-C may have left some.
            self._session.listeners.clear()
            self._session.write_out()
            self._session.spend(FAILURE)
        except BaseException:
            self._sessions.give_back(self, self._session)
            raise
        return self._session

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        assert self._session is not None
        if error is None:
            self._session.spend(COMPILATION - FAILURE)
        self._sessions.give_back(self, self._session)


sessions = Sessions()
