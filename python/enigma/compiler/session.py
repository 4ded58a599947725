# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is kept between compilations: an MLIR context, types, locations, pass managers.

Each Python thread has a session of its own, so threads compile side by side without sharing a
context or its diagnostics. MLIR's modules are imported when the first session starts, which keeps
``import enigma`` cheap.
"""

from __future__ import annotations

import threading
from types import CodeType
from typing import Any

from enigma.compiler.errors import CompilationError
from enigma.tracing.locations import CodePositions, is_internal
from enigma.types import DType

# Locations and attributes stay in their context for good. A process that compiles new kernels
# without end gets a
# fresh context after this many, so that its memory is bounded.
KERNELS_PER_CONTEXT = 4096


class LocationTable:
    """Locations of the instructions of one code object, made as they are needed."""

    __slots__ = ("_cache", "_context", "_file", "_ir", "positions")

    def __init__(self, ir: Any, context: Any, code: CodeType) -> None:
        self._ir = ir
        self._context = context
        self._file = code.co_filename
        self._cache: dict[int, Any] = {}
        # It also keeps the code object alive, and with it the id under which the session finds
        # this table.
        self.positions = CodePositions(code)

    def at(self, instruction: int) -> Any:
        """Give the location of the instruction at byte offset `instruction`."""
        location = self._cache.get(instruction)
        if location is None:
            line, column = self.positions[instruction]
            location = self._ir.Location.file(self._file, line, column, context=self._context)
            self._cache[instruction] = location
        return location


class Session:
    """An MLIR context with everything of it that can be reused.

    Attributes
    ----------
    ir : module
        MLIR's ``ir`` module.
    context : ir.Context
        The context.
    tables : dict
        Location tables by the id of a code object; None marks code of Enigma's own.
    kernels : int
        How many kernels were compiled here.
    """

    def __init__(self) -> None:
        from enigma._mlir import ir
        from enigma._mlir._mlir_libs import _enigma
        from enigma._mlir.passmanager import PassManager

        self.ir: Any = ir
        self.extension: Any = _enigma
        self._pass_manager_class: Any = PassManager
        self.context: Any = ir.Context()
        registry = ir.DialectRegistry()
        _enigma.register_dialects(registry)
        self.context.append_dialect_registry(registry)
        self.context.load_all_available_dialects()
        self.tables: dict[int, LocationTable | None] = {}
        self.internal_code: list[CodeType] = []
        self.unknown_location: Any = ir.Location.unknown(self.context)
        self.kernels = 0
        self._types: dict[str, Any] = {}
        self._attributes: dict[str, Any] = {}
        self._value_types: dict[tuple[DType, int], Any] = {}
        self._pass_managers: dict[str, Any] = {}
        self._strings: dict[str, Any] = {}
        self._named: dict[tuple[str, Any], Any] = {}

    def type(self, text: str) -> Any:
        """Parse a type, once."""
        result = self._types.get(text)
        if result is None:
            try:
                result = self._types[text] = self.ir.Type.parse(text, self.context)
            except self.ir.MLIRError as error:
                raise CompilationError(f"the IR has no type {text}") from error
        return result

    def attribute(self, text: str) -> Any:
        """Parse an attribute, once."""
        result = self._attributes.get(text)
        if result is None:
            result = self._attributes[text] = self.ir.Attribute.parse(text, self.context)
        return result

    def string(self, text: str) -> Any:
        """Give a string attribute."""
        result = self._strings.get(text)
        if result is None:
            result = self._strings[text] = self.ir.StringAttr.get(text, self.context)
        return result

    def value_type(self, dtype: DType, lanes: int = 1) -> Any:
        """Give the type of a value: signless, a vector if it has several lanes."""
        key = (dtype, lanes)
        result = self._value_types.get(key)
        if result is None:
            name = dtype.mlir_name if lanes == 1 else f"vector<{lanes}x{dtype.mlir_name}>"
            result = self._value_types[key] = self.type(name)
        return result

    def file_location(self, filename: str, line: int) -> Any:
        """Give the location of a line."""
        return self.ir.Location.file(filename, line, 1, self.context)

    def pass_manager(self, pipeline: str) -> Any:
        """Give the pass manager of a pipeline, which is parsed once."""
        result = self._pass_managers.get(pipeline)
        if result is None:
            result = self._pass_manager_class.parse(f"builtin.module({pipeline})", self.context)
            self._pass_managers[pipeline] = result
        return result

    def table(self, code: CodeType) -> LocationTable | None:
        """Make the location table of a code object that `tables` does not have yet."""
        table = None
        if is_internal(code):
            self.internal_code.append(code)
        else:
            table = LocationTable(self.ir, self.context, code)
        self.tables[id(code)] = table
        return table


class _Sessions(threading.local):
    session: Session | None = None


_sessions = _Sessions()


def current_session() -> Session:
    """Give the session of this thread, and start it if need be."""
    session = _sessions.session
    if session is None or session.kernels >= KERNELS_PER_CONTEXT:
        session = _sessions.session = Session()
    return session
