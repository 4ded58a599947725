# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The modules that an import brings, kept in one file: they are as Python would import them."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import enigma

PACKAGE = Path(enigma.__file__).parent

# Which files of the package are opened by an import of it.
OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, given: event == "open" and opened.append(str(given[0])))
import enigma
count = len([path for path in opened if path.endswith((".py", ".pyc")) and "enigma" in path])
"""


class Copy:
    """A package of links to the real one, with compiled code of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "enigma"
        self.package.mkdir()
        for entry in PACKAGE.iterdir():
            if entry.name != "__pycache__":
                (self.package / entry.name).symlink_to(entry.resolve())

    def own(self, name: str) -> Path:
        """Give a module that may be changed: it is a copy."""
        path = self.package / name
        text = path.read_text()
        path.unlink()
        path.write_text(text)
        return path

    @property
    def bundles(self) -> list[Path]:
        return sorted((self.folder / "cache").rglob("enigma.__init__.*.pyc"))

    def run(self, program: str, *arguments: str, fails: bool = False, **environment: str) -> str:
        clean = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        cache = str(self.folder / "cache")
        ran = subprocess.run(
            [sys.executable, *arguments, *(("-c", program) if program else ())],
            env={**clean, "PYTHONPATH": str(self.folder), "PYTHONPYCACHEPREFIX": cache}
            | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode != 0) == fails, ran.stderr
        return ran.stderr if fails else ran.stdout

    def opened(self, then: str = "count", **environment: str) -> str:
        return self.run(f"{OPENED}\nprint({then})", **environment).strip()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    folder = tmp_path / "first"
    folder.mkdir()
    return Copy(folder)


# The package itself and what comes before the bundle.
FEW, MANY = 10, 100


def test_modules_are_kept_in_one_file(copy: Copy) -> None:
    assert int(copy.opened()) > MANY
    assert len(copy.bundles) == 1
    assert int(copy.opened()) < FEW
    # What optimizes has code of its own.
    assert copy.run("import enigma; print(enigma.__doc__)", "-OO") == "None\n"
    assert len(copy.bundles) == 2
    assert copy.run("import enigma; print(enigma.errors.__doc__)", "-OO") == "None\n"
    assert int(copy.opened()) < FEW


@pytest.mark.parametrize("change", ["longer", "as long", "as old", "as long, in the same second"])
def test_a_changed_source_is_seen(copy: Copy, change: str) -> None:
    path = copy.own("spelling.py")
    path.write_text(path.read_text() + "\nANSWER = 41\n")
    ask = "enigma.spelling.ANSWER, count"
    assert copy.opened(ask).split()[0] == "41"
    assert int(copy.opened(ask).split()[1]) < FEW
    before = path.stat()
    expected = "42" if "as long" in change else "1042"
    path.write_text(path.read_text().replace("41", expected))
    if change == "as old":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif "second" in change:
        # The other end of it.
        second, rest = divmod(before.st_mtime_ns, 10**9)
        os.utime(path, ns=(before.st_atime_ns, second * 10**9 + (10**9 - rest) % 10**9))
    assert copy.opened(ask).split()[0] == expected
    answer, count = copy.opened(ask).split()
    assert (answer, int(count) < FEW) == (expected, True)


def test_an_archive_keeps_seconds_only(copy: Copy) -> None:
    path = copy.own("spelling.py")
    second = path.stat().st_mtime_ns // 10**9 * 10**9
    os.utime(path, ns=(second, second + 5))
    copy.opened()
    # Each is compared with the last one that was another.
    for time, is_as_it_was in (
        *((second, True), (second + 6, False), (second - 10**9, False)),
        *((second - 10**9 + 7, True), (second + 7, False)),
    ):
        os.utime(path, ns=(time, time))
        opened = copy.opened("[path for path in opened if 'spelling' in path]")
        assert (opened == "[]") == is_as_it_was, time - second


def test_a_module_that_is_gone_is_not_imported(copy: Copy) -> None:
    copy.opened()
    (copy.package / "spelling.py").unlink()
    assert "No module named 'enigma.spelling'" in copy.run("import enigma", fails=True)


def damaged(bundle: Path) -> dict[str, bytes]:
    data = bundle.read_bytes()
    (form, version, origin), kept = marshal.loads(data)
    return {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "zeros": bytes(len(data)),
        "text": b"import enigma\n",
        "other value": marshal.dumps(None),
        "other Python": marshal.dumps(((form, "3.0", origin), kept)),
        "other form": marshal.dumps(((form + 1, version, origin), {name: 1 for name in kept})),
        "other parts": marshal.dumps((1, 2, 3)),
    }


def test_a_damaged_file_is_written_again(copy: Copy) -> None:
    copy.opened()
    (bundle,) = copy.bundles
    for name, data in damaged(bundle).items():
        bundle.write_bytes(data)
        assert int(copy.opened()) > MANY, name
        assert int(copy.opened()) < FEW, name


def test_where_nothing_can_be_written(copy: Copy) -> None:
    assert int(copy.opened(PYTHONDONTWRITEBYTECODE="1")) > MANY
    assert not copy.bundles
    (copy.folder / "cache").write_text("a file")
    assert int(copy.opened()) > MANY
    (copy.folder / "cache").unlink()
    copy.opened()
    # What is there is read.
    assert int(copy.opened(PYTHONDONTWRITEBYTECODE="1")) < FEW


def test_a_package_that_moves(copy: Copy, tmp_path: Path) -> None:
    copy.opened(PYTHONPYCACHEPREFIX="")
    moved = tmp_path / "second"
    copy.folder.rename(moved)
    where = "enigma.errors.EnigmaError.__init__.__code__.co_filename"
    copy.folder, copy.package = moved, moved / "enigma"
    assert copy.opened(where, PYTHONPYCACHEPREFIX="") == str(moved / "enigma" / "errors.py")


LOOKED_AT = """
import json, sys
import enigma
found = {}
for name, module in sys.modules.items():
    if name.startswith("enigma."):
        spec = module.__spec__
        found[name] = [
            module.__name__, module.__file__, module.__package__,
            getattr(module, "__cached__", None), getattr(module, "__path__", None),
            spec.name, spec.origin, spec.cached, spec.parent, spec.has_location,
            spec.submodule_search_locations, module.__doc__,
            spec.loader is module.__loader__, spec.loader.is_package(name),
            spec.loader.path, spec.loader.name,
        ]
assert not any("enigma" in type(finder).__module__ for finder in sys.meta_path)
print(json.dumps(found))
"""


# Whoever has put another finder into the place of Python's has its modules found by that.
WITHOUT = """
import sys
from importlib.machinery import PathFinder
sys.meta_path[sys.meta_path.index(PathFinder)] = PathFinder()
"""


def test_modules_are_as_python_imports_them(copy: Copy) -> None:
    plain = json.loads(copy.run(WITHOUT + LOOKED_AT))
    assert not copy.bundles
    first = json.loads(copy.run(LOOKED_AT))
    kept = json.loads(copy.run(LOOKED_AT))
    assert len(plain) > MANY
    assert first == plain
    assert kept == plain


USES = """
import importlib, importlib.resources, inspect, pickle, sys, traceback
import enigma, enigma.spelling
assert inspect.getsource(enigma.spelling).startswith("# SPDX")
assert inspect.getsource(enigma.errors.EnigmaError).startswith("class EnigmaError")
assert importlib.resources.files("enigma.tracing").joinpath("__init__.py").is_file()
before = enigma.spelling.nearest_attribute
assert importlib.reload(enigma.spelling).nearest_attribute is not before
assert pickle.loads(pickle.dumps(enigma.f32)) is enigma.f32
code = enigma.spelling.__loader__.get_code("enigma.spelling")
assert code.co_filename == enigma.spelling.__file__
"""


def test_what_programs_ask_modules_for(copy: Copy) -> None:
    for _ in range(2):
        copy.run(USES)
    copy.run("", "-m", "enigma.spelling")


FRONT = """
import sys
names = []
class Front:
    def find_spec(self, name, path=None, target=None):
        names.append(name)
sys.meta_path.insert(0, Front())
import enigma
print(len([name for name in names if name.startswith("enigma.")]))
"""

HOOK = """
import sys
from importlib.machinery import FileFinder, SourceFileLoader, all_suffixes
from importlib.machinery import ExtensionFileLoader, EXTENSION_SUFFIXES
names = []
class Loader(SourceFileLoader):
    def exec_module(self, module):
        names.append(module.__name__)
        super().exec_module(module)
hook = FileFinder.path_hook((ExtensionFileLoader, EXTENSION_SUFFIXES), (Loader, [".py"]))
sys.path_hooks.insert(0, hook)
sys.path_importer_cache.clear()
import enigma
print(len([name for name in names if name.startswith("enigma.")]))
"""


def test_who_looks_at_imports_sees_each(copy: Copy) -> None:
    for _ in range(2):
        assert int(copy.run(FRONT)) > MANY
        assert int(copy.run(HOOK)) > MANY
        copy.opened()


def test_an_import_that_fails_leaves_nothing(copy: Copy) -> None:
    path = copy.own("limits.py")
    text = path.read_text()
    path.write_text(text + "\nraise RuntimeError('no')\n")
    program = """
import sys
try:
    import enigma
except RuntimeError:
    print(len(sys.meta_path), [f for f in sys.meta_path if "enigma" in type(f).__module__])
"""
    count = copy.run("import sys; print(len(sys.meta_path))").strip()
    assert copy.run(program) == f"{count} []\n"
    assert not copy.bundles
    path.write_text(text)
    assert int(copy.opened()) > MANY


def test_processes_at_once(copy: Copy) -> None:
    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(lambda _: int(copy.opened()), range(12)))
    assert max(counts) > MANY
    assert int(copy.opened()) < FEW
    assert not list((copy.folder / "cache").rglob(".enigma-*"))
