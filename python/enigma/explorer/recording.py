# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What becomes of kernels while a file runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

from enigma.compiler.compilations import Compiled
from enigma.compiler.observers import AS_TRACED, Observer
from enigma.compiler.options import Options
from enigma.compiler.summary import facts_of, placed_text
from enigma.compiler.trace import Trace
from enigma.explorer.layout_views import pictures_of
from enigma.locations import function_location
from enigma.tracing.session import Session


class Unit:
    """One compilation: a kernel or a program, in all its forms.

    Attributes
    ----------
    title : str
        What it is called on the page.
    stages : list of dict
        ``title``, ``text`` and ``origins`` after each pass, and whether it ``changed`` anything. Of
        a program, the kernels stand below each other.
    layouts : list of dict
        Its pictures.
    compiled : CompiledKernel or CompiledProgram, optional
        None where there was an error.
    """

    def __init__(self, function: Any, options: Options) -> None:
        self.title = _titled(function, options)
        self.place = (function_location(function.function).filename, _line(function.function))
        self.stages: list[dict[str, Any]] = []
        self.layouts: list[dict[str, Any]] = []
        self.compiled: Compiled | None = None
        self._at = -1

    def saw(self, session: Session, trace: Trace, step: str) -> None:
        """Add a kernel as a pass left it."""
        origins: dict[int, tuple[str, int, int]] = {}
        module = trace.module
        text = session.ir.print_with_origins(module, origins)
        if step == AS_TRACED:
            self._at = -1
            self.layouts += pictures_of(session, module)
        self._at += 1
        if self._at == len(self.stages):
            self.stages.append({"title": _pass_name(step), "text": "", "origins": {}, "last": ""})
        stage = self.stages[self._at]
        before = self.stages[self._at - 1]["last"] if self._at else ""
        stage["changed"] = stage.get("changed", False) or text != before
        start = stage["text"].count("\n")
        stage["last"] = text
        stage["text"] += text if text.endswith("\n") else text + "\n"
        stage["origins"].update({start + line: origin[:2] for line, origin in origins.items()})

    def event(self) -> dict[str, Any]:
        """Give what is known, for the page."""
        compiled = self.compiled
        unit: dict[str, Any] = {
            "title": self.title,
            "place": self.place,
            "layouts": self.layouts,
            "stages": [
                {name: value for name, value in stage.items() if name != "last"}
                for stage in self.stages
            ],
        }
        if compiled is not None:
            places = compiled.source_map
            origins = {line: (places[line].filename, places[line].line) for line in places}
            unit["metal"] = {"text": compiled.metal_source, "origins": origins}
            unit["facts"] = facts_of(compiled)
            unit["remarks"] = [_remark(remark) for remark in dict.fromkeys(compiled.remarks)]
        return unit


class Recorder(Observer):
    """Keeps what is compiled.

    Parameters
    ----------
    tell : callable
        Given each unit that is complete.

    Attributes
    ----------
    units : list of Unit
        All compilations, in the order in which they began.
    functions : set of functions
        Those that were compiled or traced.
    """

    def __init__(self, tell: Callable[[Unit], None]) -> None:
        self._tell = tell
        self.units: list[Unit] = []
        self.functions: set[FunctionType] = set()
        self._own = threading.local()

    def begins(self, function: Any, options: Options) -> None:
        """Start a unit."""
        self._own.unit = None
        if hasattr(function, "function"):
            self.functions.add(function.function)
            self._own.unit = Unit(function, options)
            self.units.append(self._own.unit)

    def ran(self, session: Session, trace: Trace, step: str) -> None:
        """Add a stage to the unit of this thread."""
        self.functions.add(trace.call.kernel.function)
        self._own.unit.saw(session, trace, step)

    def ends(self, compiled: Compiled) -> None:
        """Complete the unit of this thread."""
        self._own.unit.compiled = compiled
        self._tell(self._own.unit)


def _titled(function: Any, options: Options) -> str:
    """Say what is compiled, with the options that make it another one."""
    title = options.name or function.name
    given = [f"vec_width={options.vec_width}"] if options.vec_width else []
    given += [f"{name}={value}" for name, value in options.constants.items()]
    given += ["debug"] if options.debug else []
    given += [] if options.fast_math else ["fast_math=False"]
    return f"{title} ({', '.join(given)})" if given else title


def _line(function: FunctionType) -> int:
    """Give the line of the ``def``, below the decorators."""
    return function_location(function).line


def _pass_name(step: str) -> str:
    """Give the name of a pass without what it runs on."""
    return step.removeprefix("enigma.kernel(").removesuffix(")") if "(" in step else step


def _remark(remark: str) -> dict[str, Any]:
    text, place = placed_text(remark)
    return {"text": text, "place": place}
