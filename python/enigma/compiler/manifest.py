# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `enigma.compile_many` made: a folder of files, with a manifest in JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from enigma._files import checked_path
from enigma._host_calls import host_class
from enigma._process import import_late
from enigma.compiler.kernel import CompiledKernel
from enigma.compiler.program import CompiledProgram
from enigma.errors import InvalidJson, VariantsFailed

#: The name of the file.
FILE_NAME = "manifest.json"
#: The number of its form: it is another one where a reader could misunderstand.
VERSION = 1
#: The form as a JSON Schema.
SCHEMA_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "manifest.schema.json")


class Variant(NamedTuple):
    """An entry of a manifest.

    Attributes
    ----------
    name : str
        Its name.
    entry : dict
        What the manifest says of it.
    folder : str
        Of the files.
    """

    name: str
    entry: dict[str, Any]
    folder: str

    @property
    def is_compiled(self) -> bool:
        """Whether there are files of it."""
        return bool(self.entry["status"] == "compiled")

    @property
    def error(self) -> str:
        """What went wrong, as compilers say it; "" if nothing did."""
        known = self.entry.get("error")
        if known is None:
            return ""
        place = f"{known['file']}:{known['line']}: " if known["file"] else ""
        remedy = f"\n  help: {known['help']}" if known["help"] else ""
        return f"{place}{known['type']}: {known['message']}{remedy}"

    def path(self, kind: str) -> str:
        """Give the path of a file: of its ``"metal"``, ``"json"`` or ``"metallib"``."""
        return os.path.join(self.folder, self.entry["files"][kind]["path"])

    def load(self) -> CompiledKernel | CompiledProgram:
        """Read what was compiled."""
        with open(self.path("json"), encoding="utf-8") as file:
            text = file.read()
        form = CompiledProgram if self.entry["form"] == "program" else CompiledKernel
        return form.from_json(text)


@host_class
class Manifest:
    """The kernels in a folder, by their names: a read-only mapping.

    Parameters
    ----------
    path : str
        The manifest, or the folder that it is in.

    Raises
    ------
    InvalidJson
        When that is no manifest.
    InvalidOption
        When it is no path.
    OSError
        When it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        path = checked_path(path, "the manifest")
        if os.path.isdir(path):
            path = os.path.join(path, FILE_NAME)
        self.path = path
        self.folder = os.path.dirname(path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            known = import_late("json").loads(text)
            is_one = known["form"] == "manifest" and known["enigma"] == VERSION
            entries = known["variants"]
        except (ValueError, KeyError, TypeError):
            is_one = False
        if not is_one:
            raise InvalidJson(
                form="manifest",
                found=f"something else in {path}",
                remedy="name the folder that enigma.compile_many wrote",
            )
        self._variants = {
            entry["name"]: Variant(entry["name"], entry, self.folder) for entry in entries
        }

    def __repr__(self) -> str:
        return f"<manifest of {len(self)} kernels, {len(self.failed)} failed: {self.path}>"

    def __len__(self) -> int:
        return len(self._variants)

    def __iter__(self) -> Iterator[str]:
        return iter(self._variants)

    def __contains__(self, name: object) -> bool:
        return name in self._variants

    def __getitem__(self, name: str) -> Variant:
        return self._variants[name]

    @property
    def compiled(self) -> tuple[Variant, ...]:
        """Those that there are files of."""
        return tuple(each for each in self._variants.values() if each.is_compiled)

    @property
    def failed(self) -> tuple[Variant, ...]:
        """The others."""
        return tuple(each for each in self._variants.values() if not each.is_compiled)

    def check(self) -> None:
        """Raise, if one failed.

        Raises
        ------
        VariantsFailed
            With what is wrong with each of them.
        """
        failed = self.failed
        if failed:
            raise VariantsFailed(
                count=len(failed),
                total=len(self),
                errors="\n".join(f"{each.name}: {each.error}" for each in failed),
                location=None,
            )
