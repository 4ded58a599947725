# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the page shows, as data: texts in lines, each with the line of Python behind it."""

from __future__ import annotations

import difflib
import os
from typing import Any

from enigma._highlight import Language, lines_of
from enigma.explorer.process import Found

_CODE: dict[str, tuple[str, Language]] = {
    "llvm_ir": ("LLVM IR of the CPU", "llvm"),
    "assembly": ("Assembly of the CPU", "assembly"),
}


class Content:
    """Keeps the last good result while the file has errors.

    Parameters
    ----------
    path : str
        The file, absolute.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._good: dict[str, tuple[dict[str, Any], str]] = {}

    def of(self, found: Found) -> dict[str, Any]:
        """Give the data of a run.

        Units that the file had before are shown as they were where it has an error now, with the
        lines of Python that they come from where these are today. So they are while it runs.
        """
        source = found.source or ""
        named = _named([unit for _, unit in sorted(found.units.items())])
        new = {id: unit for id, unit in named.items() if "metal" in unit}
        failed = {id: unit for id, unit in named.items() if "metal" not in unit}
        if found.is_over and not found.has_failed:
            self._good.clear()
        sources = _Sources(self.path, source)
        units = [self._unit(id, unit, sources) for id, unit in new.items()]
        for id, (unit, text) in self._good.items():
            if id not in new:
                before = sources.as_before(_moved(text, source))
                units.append(self._unit(id, unit, before, is_stale=found.is_over))
        for id, unit in failed.items():
            if id not in self._good and unit["stages"]:
                units.append(self._unit(id, unit, sources))
        self._good.update({id: (unit, source) for id, unit in new.items()})
        messages = [_message(message, sources) for message in found.messages]
        for unit in new.values():
            for remark in unit["remarks"]:
                shown = _message({**remark, "kind": "remark", "help": ""}, sources)
                if not any(_agree(shown, message) for message in messages):
                    messages.append(shown)
        return {
            "name": os.path.basename(self.path),
            "path": self.path,
            "units": units,
            "messages": messages,
            "output": found.output,
            "sources": sources.shown(),
        }

    def _unit(
        self, id: str, unit: dict[str, Any], sources: _Sources, is_stale: bool = False
    ) -> dict[str, Any]:
        panes = []
        for number, stage in enumerate(unit["stages"]):
            title = stage["title"] if number == 0 else f"after {stage['title']}"
            pane = _pane(f"ir{number}", "Dialect", title, stage, "mlir", sources)
            # What a pass leaves alone need not be sent again.
            if not stage["changed"]:
                pane = {**pane, "lines": [], "keys": [], "same": True}
            panes.append(pane)
        if "metal" in unit:
            panes.append(_pane("metal", "Target", "MSL", unit["metal"], "metal", sources))
        for form, (title, language) in _CODE.items():
            code = unit["code"].get(form)
            if code is not None:
                text = {
                    "text": code.get("text", code.get("why", "")),
                    "origins": code.get("origins", {}),
                }
                kind: Language = language if "text" in code else "text"
                panes.append(_pane(form, "CPU device", title, text, kind, sources))
        layouts = [{**layout, "key": sources.key(layout["place"])} for layout in unit["layouts"]]
        return {
            "id": id,
            "title": unit["title"],
            "key": sources.key(unit["place"]),
            "stale": is_stale,
            "facts": unit.get("facts", []),
            "panes": panes,
            "layouts": layouts,
        }


def _named(units: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Name units so that each one is found again in the next run.

    Of those with one title, the title says what differs; those that differ in nothing are one.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for unit in units:
        group = groups.setdefault(unit["title"], [])
        if "metal" not in unit or unit["metal"] not in [other.get("metal") for other in group]:
            group.append(unit)
    named = {}
    for title, group in groups.items():
        facts = [dict(unit.get("facts", [])) for unit in group]
        for number, (unit, own) in enumerate(zip(group, facts, strict=True), 1):
            differing = [
                f"{name}: {value}"
                for name, value in own.items()
                if any(other.get(name) != value for other in facts)
            ]
            # A parameter says most in the fewest words.
            differing.sort(key=lambda fact: fact.startswith(("MSL: ", "launch: ")))
            about = ", ".join(differing[:2]) if len(group) > 1 else ""
            shown = f"{title}, {about}" if about else title if number == 1 else f"{title}, {number}"
            named[f"{title} {number}"] = {**unit, "title": shown}
    return named


class _Sources:
    """The files that lines come from."""

    def __init__(self, path: str, text: str) -> None:
        self._texts = {path: text}
        self._numbers = {path: 0}
        self._path = path
        self._moved: dict[int, int] | None = None

    def as_before(self, moved: dict[int, int]) -> _Sources:
        """Give these files, asked for lines that the main one had before a change."""
        other = _Sources.__new__(_Sources)
        other.__dict__.update(self.__dict__, _moved=moved)
        return other

    def key(self, place: Any) -> str:
        """Give what stands for a line of a file on the page; "" for none."""
        if place is None:
            return ""
        path, line = place[0], place[1]
        if path == self._path and self._moved is not None:
            line = self._moved.get(line, 0)
        if line < 1 or not self._knows(path):
            return ""
        return f"{self._numbers[path]}:{line}"

    def _knows(self, path: str) -> bool:
        if path not in self._numbers:
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
            except OSError:
                return False
            self._texts[path] = text
            self._numbers[path] = len(self._numbers)
        return True

    def shown(self) -> list[dict[str, Any]]:
        """Give all files that a line came from, the main one first."""
        return [
            {
                "name": os.path.basename(path),
                "path": path,
                "lines": _without_end(lines_of(text, "python")),
            }
            for path, text in self._texts.items()
        ]


def _pane(
    id: str,
    group: str,
    title: str,
    text: dict[str, Any],
    language: Language,
    sources: _Sources,
) -> dict[str, Any]:
    lines = _without_end(lines_of(text["text"], language))
    # JSON has made texts of the numbers of lines.
    origins = {int(line): place for line, place in text["origins"].items()}
    keys = [sources.key(origins.get(number)) for number in range(1, len(lines) + 1)]
    return {"id": id, "group": group, "title": title, "lines": lines, "keys": keys}


def _without_end(lines: list[str]) -> list[str]:
    """Leave out the line behind the last end of a line."""
    return lines[:-1] if lines[-1] == "" else lines


def _message(message: dict[str, Any], sources: _Sources) -> dict[str, Any]:
    place = message["place"]
    return {
        "kind": message["kind"],
        "text": message["text"],
        "help": message["help"],
        "key": sources.key(place),
        "place": "" if place is None else f"{os.path.basename(place[0])}:{place[1]}",
    }


def _agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two messages say the same of one line."""
    return all(one[name] == other[name] for name in ("key", "text"))


def _moved(before: str, now: str) -> dict[int, int]:
    """Give where the lines of a text are in another one, counted from 1."""
    matcher = difflib.SequenceMatcher(None, before.split("\n"), now.split("\n"), autojunk=False)
    return {
        block.a + offset + 1: block.b + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
