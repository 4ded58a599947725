# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The order of the package: floors that import only what stands below, no circles, no namesakes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[2] / "python" / "enigma"

# From the ground up; what a folder does not name stands on the floor of its module.
FLOORS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            {
                *("errors", "locations", "types", "limits", "_files", "_cache"),
                *("_bundle", "_collector", "_frozen", "_process", "_late"),
                *("spelling", "_highlight", "_host_calls"),
                *("_layout", "_algebra", "_arrays", "_metal", "_version"),
            },
            {"_operands", "layout"},
            {"pictures"},
            {"tracing", "_mlir"},
            {"tensors"},
            {"language", "_functions", "_features"},
            {"compiler"},
            {"runtime", "_jit"},
            {"explorer", "cli", "__main__"},
        ),
    )
)
# What the build makes: compiled modules, and what it generates or copies.
BUILT = (
    *("_layout", "_arrays", "_metal", "_jit"),
    *("_algebra", "_functions", "_features", "_version", "_mlir"),
)
# MLIR's modules are imported when the first kernel is compiled, LLVM when one is run.
LATE = ("enigma._mlir", "enigma._jit")
# A method of layouts draws them; it knows the module by its name alone.
BY_NAME = {("enigma.layout", "enigma.pictures")}


class Import(NamedTuple):
    """An import of a module of the package."""

    source: str
    target: str
    line: int
    #: Whether a function runs it.
    late: bool
    #: Whether only type checkers see it.
    typing: bool

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}, imports {self.target}"


def modules_of(package: Path) -> dict[str, Path]:
    """Find the modules below a folder, by name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(package: Path) -> list[Import]:
    """Read the imports of all modules below a folder, wherever in a module they stand."""
    modules = modules_of(package)
    known = set(modules) | {f"{package.name}.{name}" for name in BUILT}

    def visit(name: str, base: str, node: ast.AST, late: bool, typing: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            targets = []
            if isinstance(child, ast.Import):
                targets = [alias.name for alias in child.names]
            elif isinstance(child, ast.ImportFrom):
                origin = child.module or ""
                if child.level:
                    above = base.split(".")[: len(base.split(".")) - child.level + 1]
                    origin = ".".join([*above, *([origin] if origin else [])])
                for alias in child.names:
                    # A name is a module, or stands in one.
                    whole = f"{origin}.{alias.name}"
                    targets.append(whole if whole in known else origin)
            elif isinstance(child, ast.Call) and "import_" in ast.unparse(child.func):
                texts = [arg.value for arg in child.args if isinstance(arg, ast.Constant)]
                targets = [text for text in texts if (name, text) not in BY_NAME]
            for target in dict.fromkeys(targets):
                if target.split(".")[0] == package.name:
                    yield Import(name, target, child.lineno, late, typing)
            function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from visit(name, base, child, late or function, typing or checking)

    found: list[Import] = []
    for name, path in modules.items():
        base = name if path.stem == "__init__" else name.rpartition(".")[0]
        found += visit(name, base, ast.parse(path.read_text()), False, False)
    return found


def floor_of(module: str) -> int:
    """Give the number of the floor that a module stands on; the package itself is the roof."""
    parts = module.split(".")
    if len(parts) == 1:
        return len(FLOORS)
    for number, floor in enumerate(FLOORS):
        if parts[1] in floor:
            return number
    raise LookupError(f"{module} stands on no floor")


def upward(imports: list[Import]) -> list[str]:
    """Find imports of what stands above; for type checkers, too: a floor knows none above it."""
    return [str(each) for each in imports if floor_of(each.target) > floor_of(each.source)]


def avoidable(imports: list[Import]) -> list[str]:
    """Find imports in functions, which the order of floors makes needless."""
    return [str(each) for each in imports if each.late and not each.target.startswith(LATE)]


def circles(imports: list[Import]) -> list[list[str]]:
    """Find modules that need one another to run; types may refer to each other on one floor."""
    needs: dict[str, set[str]] = defaultdict(set)
    for each in imports:
        if not each.typing and each.source != each.target:
            needs[each.source].add(each.target)
    reached: dict[str, set[str]] = {}
    for start in list(needs):
        reached[start] = set()
        stack = [start]
        while stack:
            new = needs.get(stack.pop(), set()) - reached[start]
            reached[start] |= new
            stack += new
    found = {
        frozenset(b for b in seen if a in reached.get(b, ())) | {a}
        for a, seen in reached.items()
        if a in seen
    }
    return sorted(sorted(circle) for circle in found)


def namesakes(package: Path) -> dict[str, list[str]]:
    """Find modules, or folders of modules, that have one name."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for module in modules_of(package):
        by_name[module.rpartition(".")[2]].append(module)
    # A folder that is a command has one of these.
    by_name.pop("__main__", None)
    return {name: modules for name, modules in by_name.items() if len(modules) > 1}


def test_every_module_stands_on_a_floor() -> None:
    for module in modules_of(PACKAGE):
        floor_of(module)


def test_no_floor_imports_what_stands_above() -> None:
    assert upward(imports_of(PACKAGE)) == []


def test_no_circle_of_modules() -> None:
    assert circles(imports_of(PACKAGE)) == []


def test_no_import_hides_in_a_function() -> None:
    assert avoidable(imports_of(PACKAGE)) == []


def test_no_two_modules_have_one_name() -> None:
    assert namesakes(PACKAGE) == {}


# The checks themselves, on a made-up package.

ORDERLY = {
    "__init__": "from enigma.compiler.compile import compile",
    "errors": "class E(Exception): ...",
    "types": "from enigma.errors import E",
    "tracing/__init__": "",
    "tracing/values": "from typing import TYPE_CHECKING\n"
    "from enigma import types\n"
    "if TYPE_CHECKING:\n    from enigma.tracing.builder import Builder",
    "tracing/builder": "from .values import Value\ndef session():\n    from enigma import _mlir",
    "tensors/__init__": "",
    "tensors/tensor": "from enigma.tracing import builder, values",
    "compiler/__init__": "",
    "compiler/compile": "import enigma.tensors.tensor\nfrom enigma._layout import Layout",
}


def make(folder: Path, **changes: str) -> Path:
    """Write the orderly package, with other text in some modules."""
    package = folder / "enigma"
    for name, text in {**ORDERLY, **changes}.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return package


def test_order_is_recognized(tmp_path: Path) -> None:
    package = make(tmp_path)
    imports = imports_of(package)
    assert len(imports) == 10
    assert not upward(imports)
    assert not circles(imports)
    assert not avoidable(imports)
    assert not namesakes(package)


@pytest.mark.parametrize(
    "text",
    [
        "from enigma.compiler.compile import compile",
        "from enigma.compiler import compile",
        "import enigma.compiler",
        "from ..compiler.compile import compile",
        "from enigma import compile",
        "def late():\n    from enigma.compiler.compile import compile",
        'def late():\n    return importlib.import_module("enigma.compiler.compile")',
        "class C:\n    def late(self):\n        import enigma.compiler.compile as c",
        "try:\n    import enigma.compiler.compile\nexcept ImportError:\n    pass",
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from enigma.compiler.compile import compile",
    ],
)
def test_imports_of_what_stands_above_are_found(tmp_path: Path, text: str) -> None:
    (found,) = upward(imports_of(make(tmp_path, **{"tracing/values": text})))
    assert found.startswith("enigma.tracing.values, line ")


def test_circles_are_found(tmp_path: Path) -> None:
    package = make(
        tmp_path,
        **{
            "tracing/values": "from enigma.tracing.scopes import Scope",
            "tracing/scopes": "def late():\n    from enigma.tracing import builder",
        },
    )
    circle = ["enigma.tracing.builder", "enigma.tracing.scopes", "enigma.tracing.values"]
    assert circles(imports_of(package)) == [circle]


def test_imports_in_functions_are_found(tmp_path: Path) -> None:
    text = "def late():\n    from enigma.tracing.values import Value"
    (found,) = avoidable(imports_of(make(tmp_path, **{"tensors/tensor": text})))
    assert found == "enigma.tensors.tensor, line 2, imports enigma.tracing.values"


@pytest.mark.parametrize("other", ["tracing/tensor", "tracing/errors", "language/tracing"])
def test_namesakes_are_found(tmp_path: Path, other: str) -> None:
    assert list(namesakes(make(tmp_path, **{other: ""}))) == [other.rpartition("/")[2]]


def test_modules_without_a_floor_are_found(tmp_path: Path) -> None:
    modules = modules_of(make(tmp_path, attic=""))
    with pytest.raises(LookupError, match=r"enigma\.attic stands on no floor"):
        list(map(floor_of, modules))
