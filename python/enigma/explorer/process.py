# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running a file in a process of its own, which may hang, crash or print what it likes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Seconds between two looks at whether the result is still wanted.
_LOOK = 0.1
#: Seconds that a process has to say where it stands, when its time is over.
_LAST_WORDS = 2.0
#: Of what a file prints, the last part is shown.
_MOST_OUTPUT = 100_000

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+)', re.MULTILINE)
_SECTION = re.compile(r"^(?:Fatal Python error|Current thread|Thread) ?.*$", re.MULTILINE)


@dataclass
class Found:
    """What a run told, as `enigma.explorer.worker` does.

    Attributes
    ----------
    source : str or None
        The file as it was run; None where it could not be read.
    units : dict of int to dict
        Compilations by their numbers, with ``code`` for the CPU in them.
    messages : list of dict
        Errors, warnings and notes.
    files : list of str
        What the result depends on besides the file.
    output : str
        What the file printed.
    is_done : bool
        Whether the process came to its end.
    is_over : bool
        Whether there is no more to come.
    """

    source: str | None = None
    units: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    output: str = ""
    is_done: bool = False
    is_over: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether there is an error."""
        return any(message["kind"] == "error" for message in self.messages)

    def take(self, event: dict[str, Any]) -> None:
        """Add what a line tells."""
        if "unit" in event:
            self.units[event["number"]] = {**event["unit"], "code": {}}
        elif "message" in event:
            if event["message"] not in self.messages:
                self.messages.append(event["message"])
        elif "code" in event:
            self.units[event["of"]]["code"][event["code"]] = event
        else:
            self.source = event.get("source", self.source)
            self.files = event.get("files", self.files)
            self.is_done = event.get("done", self.is_done)


def run(
    path: str,
    limit: float,
    is_wanted: Callable[[], bool] = lambda: True,
    tell: Callable[[Found], None] = lambda found: None,
) -> Found | None:
    """Run a file and see what becomes of its kernels.

    Parameters
    ----------
    path : str
        Absolute.
    limit : float
        Seconds that it may take.
    is_wanted : callable
        Asked now and then; the run ends when it says no.
    tell : callable
        Given what was found so far, when that is more.

    Returns
    -------
    Found or None
        What it told until its end, with an error if that was not its own; None if it was not wanted
        any more.
    """
    reader, writer = os.pipe()
    found = Found()
    with tempfile.TemporaryFile() as printed, open(reader, "rb") as events:
        process = subprocess.Popen(
            [sys.executable, "-m", "enigma.explorer.worker", path, str(writer)],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
            # Text is all that is shown, on a Mac too.
            env={**os.environ, "ENIGMA_EMIT_ONLY": "1", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        os.close(writer)
        try:
            ended = _listen(events, found, time.monotonic() + limit, is_wanted, tell)
            if ended is None:
                return None
            if not ended:
                os.kill(process.pid, signal.SIGABRT)
            try:
                code = process.wait(timeout=_LAST_WORDS)
            except subprocess.TimeoutExpired:
                code = None
        finally:
            _end(process)
        printed.seek(max(printed.seek(0, os.SEEK_END) - _MOST_OUTPUT, 0))
        found.output = printed.read().decode(errors="replace")
    if not found.is_done:
        _explain(found, path, code if ended else None, limit)
    found.is_over = True
    return found


def _listen(
    events: Any,
    found: Found,
    deadline: float,
    is_wanted: Callable[[], bool],
    tell: Callable[[Found], None],
) -> bool | None:
    """Take what a process tells until it ends; False when its time is over, None if unwanted."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(events, selectors.EVENT_READ)
        while not found.is_done:
            if not is_wanted():
                return None
            if time.monotonic() > deadline:
                return False
            if not selector.select(_LOOK):
                continue
            part = os.read(events.fileno(), 1 << 16)
            if not part:
                break
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                found.take(json.loads(line))
            if lines and found.units:
                tell(found)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _explain(found: Found, path: str, code: int | None, limit: float) -> None:
    """Say why a process has not come to its end, and where it stood."""
    if code is None:
        text = f"still running after {limit:g} seconds, and stopped"
        remedy = "let the file do less, or give it more time: --timeout SECONDS"
    elif code < 0:
        text = f"the process crashed: {signal.Signals(-code).name}"
        remedy = "the output shows what Python knows of it"
    else:
        text, remedy = f"the process ended early, with exit code {code}", ""
    # faulthandler writes the stack, the innermost frame first.
    sections = _SECTION.split(found.output)
    frames = [
        int(frame["line"])
        for section in sections[1:]
        for frame in _FRAME.finditer(section)
        if frame["file"] == path
    ]
    place = (path, frames[0], 0) if frames else None
    found.messages.append({"kind": "error", "text": text, "help": remedy, "place": place})
