# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Run a file of the user, and tell what becomes of its kernels: a process of its own.

    python -m enigma.explorer.worker FILE DESCRIPTOR

What is found goes to the descriptor as lines of JSON; `enigma.explorer.process` reads them.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import traceback
import types
import warnings
from pathlib import Path
from typing import Any, TextIO

from enigma.cli.reports import warning_parts
from enigma.compiler.compilations import Compiled
from enigma.compiler.compile import compile as compile_kernel
from enigma.compiler.observers import observed
from enigma.compiler.summary import kernels_of, placed_text
from enigma.errors import EnigmaError, EnigmaWarning, MissingAnnotation, UnexpectedArguments
from enigma.explorer.recording import Recorder, Unit
from enigma.locations import SourceLocation, traceback_location
from enigma.tracing.functions import Jit, Kernel
from enigma.tracing.launches import Origins, on_device

# Where files are that nobody edits.
_OTHERS = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]))
#: The forms of the code for the CPU.
CPU_FORMS = ("llvm_ir", "assembly")


class Worker:
    """Runs a file.

    Parameters
    ----------
    path : str
        Absolute.
    events : text file
        Where to tell.
    """

    def __init__(self, path: str, events: TextIO) -> None:
        self.path = path
        self._events = events
        self._lock = threading.Lock()
        self._recorder = Recorder(self._tell_unit)

    def run(self) -> None:
        """Run the file as a program, and compile the kernels that it leaves alone."""
        warnings.simplefilter("always", EnigmaWarning)
        warnings.showwarning = self._warned
        with open(self.path, encoding="utf-8") as file:
            source = file.read()
        self._tell(source=source)
        module = types.ModuleType("__main__")
        module.__file__ = self.path
        sys.modules["__main__"] = module
        sys.argv = [self.path]
        sys.path[0] = os.path.dirname(self.path)
        with observed(self._recorder):
            try:
                exec(compile(source, self.path, "exec"), module.__dict__)
            except SystemExit as error:
                if error.code not in (None, 0):
                    self._tell_message("error", f"the file exits with {error.code!r}", None)
            except BaseException as error:
                self._failed(error)
            self._compile_rest(list(vars(module).values()))
        for unit in self._recorder.units:
            if unit.compiled is None:
                self._tell_unit(unit)
        self._tell(files=self._files())
        self._tell_code()
        self._tell(done=True)

    def _compile_rest(self, values: list[Any]) -> None:
        """Compile what nothing in the file compiles, where its annotations say all."""
        for value in dict.fromkeys(v for v in values if isinstance(v, (Kernel, Jit))):
            code = value.function.__code__
            if code.co_filename != self.path or value.function in self._recorder.functions:
                continue
            place = SourceLocation(self.path, code.co_firstlineno)
            if isinstance(value, Jit):
                remedy = f"add enigma.compile({value.name}, ...) with its arguments to the file"
                self._tell_message("note", f"{value.name} is not compiled here", place, remedy)
                continue
            before = len(self._recorder.units)
            try:
                compile_kernel(value, emit_only=True)
            except (MissingAnnotation, UnexpectedArguments) as error:
                del self._recorder.units[before:]
                text = f"{value.name} is not compiled here: {error.summary}"
                remedy = "let the file compile or launch it, with what it needs"
                self._tell_message("note", text, place, remedy)
            except Exception as error:
                self._failed(error)

    def _tell_unit(self, unit: Unit) -> None:
        """Tell of a unit, by its number."""
        self._tell(unit=unit.event(), number=self._recorder.units.index(unit))

    def _tell_code(self) -> None:
        """Tell the code for the CPU, which takes longest."""
        for number, unit in enumerate(self._recorder.units):
            if unit.compiled is None:
                continue
            for form in CPU_FORMS:
                try:
                    text, origins = _code(unit.compiled, form)
                    self._tell(code=form, of=number, text=text, origins=origins)
                except EnigmaError as error:
                    self._tell(code=form, of=number, why=error.summary)

    def _files(self) -> list[str]:
        """Give the files that the result depends on: modules that are not installed."""
        files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        return sorted(
            file for file in files if file and file.endswith(".py") and not file.startswith(_OTHERS)
        )

    def _failed(self, error: BaseException) -> None:
        """Tell of an error, where a person looks for it, and as Python would print it."""
        trace = error.__traceback__
        traceback.print_exception(type(error), error, trace.tb_next if trace else None)
        place: SourceLocation | None
        if isinstance(error, SyntaxError):
            place = SourceLocation(
                error.filename or self.path, error.lineno or 1, error.offset or 0
            )
            self._tell_message("error", f"{type(error).__name__}: {error.msg}", place)
        elif isinstance(error, EnigmaError):
            place = error.location or traceback_location(error)
            self._tell_message("error", error.summary, place, error.help)
        else:
            text = "".join(traceback.format_exception_only(type(error), error)).strip()
            self._tell_message("error", text, traceback_location(error))

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Tell of a warning."""
        text, remedy = warning_parts(message, category, EnigmaWarning)
        # What a remark warns of is where the remark is.
        text, place = placed_text(text)
        self._tell_message("warning", text, SourceLocation(*(place or (filename, lineno))), remedy)

    def _tell_message(
        self, kind: str, text: str, place: SourceLocation | None, remedy: str = ""
    ) -> None:
        where = None if place is None else (place.filename, place.line, place.column)
        self._tell(message={"kind": kind, "text": text, "help": remedy, "place": where})

    def _tell(self, **event: Any) -> None:
        with self._lock:
            self._events.write(json.dumps(event) + "\n")
            self._events.flush()


def _code(compiled: Compiled, form: str) -> tuple[str, dict[int, tuple[str, int]]]:
    """Give the code of all kernels below each other, and where its lines come from."""
    text = ""
    origins: dict[int, tuple[str, int]] = {}
    for kernel in kernels_of(compiled):
        own: Origins = {}
        code = on_device.print_code(kernel, form, origins=own)
        text += "\n" if text else ""
        start = text.count("\n")
        origins.update({start + line: place[:2] for line, place in own.items()})
        text += code
    return text, origins


def main(path: str, descriptor: str) -> None:
    """Run a file."""
    # A crash, or the parent's patience at its end, leaves the line that it came at.
    faulthandler.enable()
    with os.fdopen(int(descriptor), "w", encoding="utf-8") as events:
        Worker(path, events).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
